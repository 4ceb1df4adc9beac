#pragma once
#include <codicom/coro/scope.hpp>

#include <utility>

namespace codicom {
namespace detail {

template <class T>
task<> race_leg(task<T> operation, result<T>& kept, int& winner, int number, scope& legs) {
  kept = co_await as_result(std::move(operation));
  if (winner == 0) winner = number;
  legs.cancel();
}

}  // namespace detail

template <class A, class B>
task<race_result<A, B>> race(task<A> first, task<B> second) {
  const auto where = co_await asio::this_coro::executor;
  race_result<A, B> outcome;
  scope legs{where};
  legs.spawn(detail::race_leg(std::move(first), outcome.first, outcome.winner, 1, legs));
  legs.spawn(detail::race_leg(std::move(second), outcome.second, outcome.winner, 2, legs));
  if (outcome.winner != 0) legs.cancel();  // the first one ended before the second began
  co_await legs.join();
  co_return std::move(outcome);
}

template <class Body>
auto with_scope(Body body) -> decltype(body(std::declval<scope&>())) {
  using returned = typename decltype(body(std::declval<scope&>()))::value_type;
  const auto where = co_await asio::this_coro::executor;
  scope children{where};
  // The body's exception is kept until the children have ended.
  auto outcome = co_await as_result(body(children));
  if (!outcome) children.cancel();
  const bool throws = co_await asio::this_coro::throw_if_cancelled();
  co_await asio::this_coro::throw_if_cancelled(false);
  auto joined = co_await as_result(children.join());
  co_await asio::this_coro::throw_if_cancelled(throws);
  if (!outcome) std::rethrow_exception(outcome.exception());
  if (!joined) std::rethrow_exception(joined.exception());
  if constexpr (!std::is_void_v<returned>) co_return std::move(*outcome);
}

}  // namespace codicom
