#pragma once
#include <codicom/coro/event.hpp>
#include <codicom/coro/result.hpp>

#include <cstddef>
#include <memory>

namespace codicom {

/// Owns coroutines that run beside each other on one executor: none outlives what awaits the scope.
///
///     co_await with_scope([&](scope& children) -> task<> {
///       children.spawn(one());
///       co_await other();
///     });                       // here both have ended
///
/// A child that throws cancels its siblings; the first exception comes out of `join`. Use from its executor only.
class scope {
 public:
  explicit scope(const executor& where);
  scope(scope&&) noexcept;
  scope& operator=(scope&&) noexcept;
  /// Children should have been joined. (Their io_context may be gone already, so nothing is cancelled here.)
  ~scope();

  /// Start a child. It begins at once if the caller is on the scope's executor.
  void spawn(task<> child);
  /// Ask every child to end (terminal cancellation).
  void cancel();
  /// Wait until every child has ended. If the waiting is cancelled, so are the children, and they are awaited still.
  /// @throws what the first failing child threw; `errc::cancelled` when the waiting was cancelled.
  [[nodiscard]] task<> join();
  /// Wait until fewer than `count` children run. @throws `errc::cancelled`
  [[nodiscard]] task<> wait_below(std::size_t count);

  /// Children that have not ended.
  [[nodiscard]] std::size_t size() const noexcept;
  [[nodiscard]] const executor& get_executor() const noexcept;

 private:
  struct state;
  std::shared_ptr<state> state_;
};

/// Run `body` (a callable `task<T>(scope&)`, kept alive meanwhile) with a scope; joined on success, error and cancel.
template <class Body>
[[nodiscard]] auto with_scope(Body body) -> decltype(body(std::declval<scope&>()));

/// How two tasks ended that ran beside each other.
template <class A, class B>
class race_result {
 public:
  result<A> first;
  result<B> second;
  int winner = 0;  ///< 1 or 2: ended first

  race_result() = default;
};

/// Run both; when one ends, by whatever way, the other is cancelled; return when both have ended. Neither result is
/// lost: an operation that completed while it was being cancelled still has its value.
/// Cancelling the race cancels both.
template <class A, class B>
[[nodiscard]] task<race_result<A, B>> race(task<A> first, task<B> second);

}  // namespace codicom

#include <codicom/coro/impl/race.hpp>
#ifndef CODICOM_SEPARATE_COMPILATION
#include <codicom/coro/impl/scope.hpp>
#endif
