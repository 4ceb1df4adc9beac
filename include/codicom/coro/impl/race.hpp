#pragma once
#include <codicom/coro/scope.hpp>
#include <codicom/coro/shield.hpp>

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
  const auto where = co_await asio::this_coro::executor;
  scope children{where};
  const auto end = [&children](std::exception_ptr error) -> task<> {
    if (error) children.cancel();
    const auto joined = co_await as_result(children.join());
    if (!error && !joined) std::rethrow_exception(joined.exception());
  };
  co_return co_await detail::finally(body(children), end);
}

}  // namespace codicom
