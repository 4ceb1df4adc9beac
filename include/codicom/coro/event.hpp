#pragma once
#include <codicom/core/error.hpp>
#include <codicom/coro/clock.hpp>

#include <asio/redirect_error.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include <list>
#include <system_error>

namespace codicom {

/// Something that coroutines of one executor wait for. A notification with nobody waiting is not kept: look at the
/// state that it announces first, and again afterwards, in a loop.
class event {
 public:
  explicit event(const executor& where);
  event(const event&) = delete;
  event& operator=(const event&) = delete;
  /// Wakes all.
  ~event();

  /// Suspend until the next notification.
  /// @throws std::system_error with `errc::cancelled`.
  [[nodiscard]] task<> wait();
  /// The same until `deadline` at most. False when that has passed. Each wait has its own deadline.
  [[nodiscard]] task<bool> wait_until(clock::time_point deadline);

  /// Wakes who has waited longest.
  void notify_one();
  void notify_all();

 private:
  struct waiter;

  executor executor_;
  std::list<waiter*> waiting_;  // in the order in which they came
};

/// Let `length` pass.
/// @throws std::system_error with `errc::cancelled`.
[[nodiscard]] task<> sleep_for(duration length);

}  // namespace codicom

#ifndef CODICOM_SEPARATE_COMPILATION
#include <codicom/coro/impl/event.hpp>
#endif
