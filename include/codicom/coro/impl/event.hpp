#pragma once
#include <codicom/core/config.hpp>
#include <codicom/coro/event.hpp>
#include <codicom/coro/shield.hpp>

namespace codicom {

CODICOM_FUNCTION event::event(const executor& where) : timer_{where, clock::time_point::max()} {}
CODICOM_FUNCTION event::event(event&&) = default;
CODICOM_FUNCTION event& event::operator=(event&&) = default;
CODICOM_FUNCTION event::~event() = default;
CODICOM_FUNCTION void event::notify_one() { timer_.cancel_one(); }
CODICOM_FUNCTION void event::notify_all() { timer_.cancel(); }

CODICOM_FUNCTION task<> event::wait() {
  std::error_code ignored;
  co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  const bool throws = co_await asio::this_coro::throw_if_cancelled();
  const auto cancellation = co_await asio::this_coro::cancellation_state;
  detail::check_cancelled(throws, cancellation);
}

// Others who wait at the same time are woken with the deadline; they look at their state and wait again.
CODICOM_FUNCTION task<bool> event::wait_until(clock::time_point deadline) {
  timer_.expires_at(deadline);
  std::error_code error;
  co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, error));
  timer_.expires_at(clock::time_point::max());
  const bool throws = co_await asio::this_coro::throw_if_cancelled();
  const auto cancellation = co_await asio::this_coro::cancellation_state;
  detail::check_cancelled(throws, cancellation);
  co_return static_cast<bool>(error);
}

CODICOM_FUNCTION task<> sleep_for(duration length) {
  const auto where = co_await asio::this_coro::executor;
  timer alarm{where, deadline_in(length)};
  std::error_code ignored;
  co_await alarm.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  const bool throws = co_await asio::this_coro::throw_if_cancelled();
  const auto cancellation = co_await asio::this_coro::cancellation_state;
  detail::check_cancelled(throws, cancellation);
}

}  // namespace codicom
