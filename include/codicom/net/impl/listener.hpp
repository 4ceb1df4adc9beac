#pragma once
#include <codicom/core/config.hpp>
#include <codicom/coro/event.hpp>
#include <codicom/net/detail/listener_state.hpp>
#include <codicom/net/impl/tcp.hpp>
#include <codicom/net/listener.hpp>

#include <utility>

namespace codicom {

CODICOM_FUNCTION listener::listener(std::unique_ptr<transport_acceptor> source)
    : state_{std::make_shared<state>(std::move(source))} {}
CODICOM_FUNCTION listener::listener(listener&&) noexcept = default;
CODICOM_FUNCTION listener& listener::operator=(listener&& other) noexcept {
  std::swap(state_, other.state_);
  return *this;
}
CODICOM_FUNCTION listener::~listener() {
  if (state_) state_->stop();
}

CODICOM_FUNCTION std::string listener::address() const { return state_->address; }
CODICOM_FUNCTION std::uint16_t listener::port() const noexcept { return state_->port; }
CODICOM_FUNCTION void listener::stop() { state_->stop(); }
CODICOM_FUNCTION bool listener::is_stopped() const noexcept { return state_->stopped; }

CODICOM_FUNCTION task<listener> listen(std::string address, std::uint16_t port) {
  const executor where = co_await asio::this_coro::executor;
  co_return listener{std::make_unique<detail::tcp_acceptor>(where, address, port)};
}
CODICOM_FUNCTION task<listener> listen(std::uint16_t port) { return listen(std::string{}, port); }

}  // namespace codicom
