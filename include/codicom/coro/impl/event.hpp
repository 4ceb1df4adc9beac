#pragma once
#include <codicom/core/config.hpp>
#include <codicom/coro/event.hpp>
#include <codicom/coro/shield.hpp>

namespace codicom {

struct event::waiter {
  waiter(event& of, clock::time_point deadline) : line{&of.waiting_}, alarm{of.executor_, deadline} {
    at = line->insert(line->end(), this);
  }
  waiter(const waiter&) = delete;
  waiter& operator=(const waiter&) = delete;
  ~waiter() {
    if (line != nullptr) line->erase(at);
  }

  std::list<waiter*>* line;  // null: the event is gone
  timer alarm;
  std::list<waiter*>::iterator at;
};

CODICOM_FUNCTION event::event(const executor& where) : executor_{where} {}
CODICOM_FUNCTION event::~event() {
  notify_all();
  for (auto* each : waiting_) each->line = nullptr;
}

// One whose time is up, or that was cancelled, needs no waking: the next one has the notification.
CODICOM_FUNCTION void event::notify_one() {
  for (auto* each : waiting_)
    if (each->alarm.cancel() != 0) break;
}
CODICOM_FUNCTION void event::notify_all() {
  for (auto* each : waiting_) each->alarm.cancel();
}

CODICOM_FUNCTION task<> event::wait() { static_cast<void>(co_await wait_until(clock::time_point::max())); }

CODICOM_FUNCTION task<bool> event::wait_until(clock::time_point deadline) {
  waiter self{*this, deadline};
  std::error_code error;
  co_await self.alarm.async_wait(asio::redirect_error(asio::use_awaitable, error));
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
