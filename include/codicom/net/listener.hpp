#pragma once
#include <codicom/coro/task.hpp>
#include <codicom/net/transport_acceptor.hpp>

#include <cstdint>
#include <memory>
#include <string>

namespace codicom {

/// Listens for associations; what comes is handled by `serve`. Movable.
class listener {
 public:
  explicit listener(std::unique_ptr<transport_acceptor> source);
  listener(listener&&) noexcept;
  listener& operator=(listener&&) noexcept;
  ~listener();

  [[nodiscard]] std::string address() const;
  [[nodiscard]] std::uint16_t port() const noexcept;

  /// Take no further association; `serve` lets those under way come to an end (`acceptor_options::stop`) and returns.
  /// May be called from the listener's executor only; from another thread, `asio::post` it there.
  void stop();
  [[nodiscard]] bool is_stopped() const noexcept;

  struct state;
  [[nodiscard]] const std::shared_ptr<state>& shared() const noexcept { return state_; }

 private:
  std::shared_ptr<state> state_;
};

/// Listen on TCP. An empty address: all of them, IPv4 and IPv6. Port 0 picks a free one.
/// @throws std::system_error: the port is in use, the address is not ours; the message says which.
[[nodiscard]] task<listener> listen(std::string address, std::uint16_t port);
[[nodiscard]] task<listener> listen(std::uint16_t port);

}  // namespace codicom

#ifndef CODICOM_SEPARATE_COMPILATION
#include <codicom/net/impl/listener.hpp>
#endif
