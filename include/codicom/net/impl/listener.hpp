#pragma once
#include <codicom/coro/event.hpp>
#include <codicom/net/listener.hpp>
#include <codicom/net/tcp.hpp>

#include <utility>

namespace codicom {

struct listener::state {
  explicit state(std::unique_ptr<transport_acceptor> from)
      : source{std::move(from)}, address{source->local_address()}, port{source->local_port()} {}

  void stop() {
    stopped = true;
    source->close();
  }

  std::unique_ptr<transport_acceptor> source;
  std::string address;
  std::uint16_t port;
  bool stopped = false;
};

inline listener::listener(std::unique_ptr<transport_acceptor> source)
    : state_{std::make_shared<state>(std::move(source))} {}
inline listener::listener(listener&&) noexcept = default;
inline listener& listener::operator=(listener&& other) noexcept {
  std::swap(state_, other.state_);
  return *this;
}
inline listener::~listener() {
  if (state_) state_->stop();
}

inline std::string listener::address() const { return state_->address; }
inline std::uint16_t listener::port() const noexcept { return state_->port; }
inline void listener::stop() { state_->stop(); }
inline bool listener::is_stopped() const noexcept { return state_->stopped; }

inline task<listener> listen(std::string address, std::uint16_t port) {
  const executor where = co_await asio::this_coro::executor;
  co_return listener{std::make_unique<detail::tcp_acceptor>(where, address, port)};
}
inline task<listener> listen(std::uint16_t port) { return listen(std::string{}, port); }

}  // namespace codicom
