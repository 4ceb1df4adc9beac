#pragma once
#include <codicom/coro/scope.hpp>
#include <codicom/coro/shield.hpp>

#include <asio/bind_cancellation_slot.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/co_spawn.hpp>

#include <exception>
#include <list>
#include <utility>

namespace codicom {

struct scope::state {
  explicit state(const executor& where) : executor{where}, changed{where} {}

  void cancel() {
    // A child may end, and so leave the list, while it is being told.
    for (auto child = children.begin(); child != children.end();) (child++)->emit(asio::cancellation_type::terminal);
  }

  codicom::executor executor;
  event changed;
  std::list<asio::cancellation_signal> children;
  std::exception_ptr error;
};

inline scope::scope(const executor& where) : state_{std::make_shared<state>(where)} {}
inline scope::scope(scope&&) noexcept = default;
inline scope& scope::operator=(scope&& other) noexcept {
  std::swap(state_, other.state_);
  return *this;
}
inline scope::~scope() = default;

inline void scope::spawn(task<> child) {
  auto& signal = state_->children.emplace_back();
  const auto position = std::prev(state_->children.end());
  asio::co_spawn(state_->executor, std::move(child),
                 asio::bind_cancellation_slot(signal.slot(), [owner = state_, position](std::exception_ptr error) {
                   owner->children.erase(position);
                   if (error && !owner->error) {
                     owner->error = std::move(error);
                     owner->cancel();
                   }
                   owner->changed.notify_all();
                 }));
}

inline void scope::cancel() { state_->cancel(); }
inline std::size_t scope::size() const noexcept { return state_->children.size(); }
inline const executor& scope::get_executor() const noexcept { return state_->executor; }

inline task<> scope::wait_below(std::size_t count) {
  const auto own = state_;
  while (own->children.size() >= count) co_await own->changed.wait();
}

inline task<> scope::join() {
  const auto own = state_;
  const bool throws = co_await asio::this_coro::throw_if_cancelled();
  co_await asio::this_coro::throw_if_cancelled(false);
  bool cancelled = false;
  for (;;) {
    const auto state = co_await asio::this_coro::cancellation_state;
    if (!cancelled && detail::is_cancelled(state)) {
      cancelled = true;
      own->cancel();
      co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    }
    if (own->children.empty()) break;
    co_await own->changed.wait();
  }
  if (cancelled) co_await asio::this_coro::reset_cancellation_state();
  co_await asio::this_coro::throw_if_cancelled(throws);
  if (own->error) std::rethrow_exception(std::exchange(own->error, nullptr));
  if (cancelled) throw std::system_error{errc::cancelled};
}

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
