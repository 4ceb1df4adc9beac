#pragma once
#include <codicom/coro/clock.hpp>

#include <array>
#include <cstddef>
#include <functional>
#include <memory>

namespace codicom {

/// A handful of deadlines on one timer. Setting a later one costs a store: the timer is armed again only when it fires
/// too early, or for an earlier deadline.
class watchdog {
 public:
  static constexpr std::size_t max_deadlines = 8;

  /// `on_expiry(n)` is called on `where` when deadline `n` has passed, which is cleared before.
  watchdog(const executor& where, std::function<void(std::size_t)> on_expiry);
  watchdog(const watchdog&) = delete;
  watchdog& operator=(const watchdog&) = delete;
  /// Nothing is called afterwards.
  ~watchdog();

  void set(std::size_t n, clock::time_point deadline);
  void set(std::size_t n, duration after) { set(n, deadline_in(after)); }
  void clear(std::size_t n) noexcept;
  [[nodiscard]] clock::time_point at(std::size_t n) const noexcept;
  /// Clear all and let go of the timer, so that an io_context may run out of work.
  void stop();

 private:
  struct state;
  std::shared_ptr<state> state_;
};

}  // namespace codicom

#ifndef CODICOM_SEPARATE_COMPILATION
#include <codicom/coro/impl/watchdog.hpp>
#endif
