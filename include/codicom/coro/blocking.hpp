#pragma once
#include <codicom/coro/result.hpp>
#include <codicom/coro/task.hpp>

#include <atomic>
#include <concepts>
#include <functional>
#include <memory>
#include <type_traits>
#include <utility>

namespace codicom {

/// Tells a function on the blocking pool, or a handler, that nobody waits for its result any more.
class stop_token {
 public:
  /// Never stopped.
  stop_token() = default;
  [[nodiscard]] bool stop_requested() const noexcept { return flag_ && flag_->load(std::memory_order_relaxed); }

 private:
  friend class stop_source;
  explicit stop_token(std::shared_ptr<const std::atomic<bool>> flag) noexcept : flag_{std::move(flag)} {}
  std::shared_ptr<const std::atomic<bool>> flag_;
};

/// The other end of `stop_token`s.
class stop_source {
 public:
  stop_source() : flag_{std::make_shared<std::atomic<bool>>(false)} {}
  void request_stop() noexcept { flag_->store(true, std::memory_order_relaxed); }
  [[nodiscard]] bool stop_requested() const noexcept { return flag_->load(std::memory_order_relaxed); }
  [[nodiscard]] stop_token token() const noexcept { return stop_token{flag_}; }

 private:
  std::shared_ptr<std::atomic<bool>> flag_;
};

/// Call `f()` or `f(stop_token)` on a thread of the `blocking_pool` of the executor's context, and resume on the executor.
///
/// @return what `f` returns. @throws what it throws.
/// @par Cancellation: sets the token; the function is awaited still, then `errc::cancelled` is thrown.
/// @par Lifetime: `f` is kept alive; what it refers to must outlive the task.
template <class F>
[[nodiscard]] auto blocking(executor where, F f);

}  // namespace codicom

#include <codicom/coro/impl/blocking.hpp>
#ifndef CODICOM_SEPARATE_COMPILATION
#include <codicom/coro/impl/blocking_bodies.hpp>
#endif
