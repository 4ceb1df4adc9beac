#pragma once
#include <codicom/core/config.hpp>
#include <codicom/coro/event.hpp>
#include <codicom/coro/run_on.hpp>
#include <codicom/coro/shield.hpp>

#include <asio/bind_cancellation_slot.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/co_spawn.hpp>
#include <asio/post.hpp>

#include <exception>
#include <memory>
#include <utility>

namespace codicom {
namespace detail {

// `signal` belongs to the other executor, the rest to ours.
struct run_on_state : std::enable_shared_from_this<run_on_state> {
  run_on_state(const executor& own, const executor& other) : changed{own}, where{other} {}

  [[nodiscard]] bool ended() const noexcept { return done; }
  void stop() {
    asio::post(where, [self = shared_from_this()] { self->signal.emit(asio::cancellation_type::terminal); });
  }

  asio::cancellation_signal signal;
  event changed;
  executor where;  // the other one
  bool done = false;
  std::exception_ptr error;
};

}  // namespace detail

CODICOM_FUNCTION task<> run_on(executor other, task<> work) {
  const executor own = co_await asio::this_coro::executor;
  if (own == other) {
    co_await std::move(work);
    co_return;
  }
  const auto shared = std::make_shared<detail::run_on_state>(own, other);
  asio::co_spawn(other, std::move(work),
                 asio::bind_cancellation_slot(shared->signal.slot(), [shared, own](std::exception_ptr error) {
                   asio::post(own, [shared, error] {
                     shared->done = true;
                     shared->error = error;
                     shared->changed.notify_all();
                   });
                 }));
  const bool cancelled = co_await detail::wait_out(shared);
  if (shared->error) std::rethrow_exception(shared->error);
  if (cancelled) throw std::system_error{errc::cancelled};
}

}  // namespace codicom
