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
struct run_on_state {
  explicit run_on_state(const executor& own) : done{own} {}
  asio::cancellation_signal signal;
  event done;
  bool ended = false;
  std::exception_ptr error;
};

}  // namespace detail

CODICOM_FUNCTION task<> run_on(executor other, task<> work) {
  const executor own = co_await asio::this_coro::executor;
  if (own == other) {
    co_await std::move(work);
    co_return;
  }
  const auto shared = std::make_shared<detail::run_on_state>(own);
  asio::co_spawn(other, std::move(work),
                 asio::bind_cancellation_slot(shared->signal.slot(), [shared, own](std::exception_ptr error) {
                   asio::post(own, [shared, error] {
                     shared->ended = true;
                     shared->error = error;
                     shared->done.notify_all();
                   });
                 }));
  const auto done = [shared] { return shared->ended; };
  const auto wait = [shared] { return shared->done.wait(); };
  const auto stop = [shared, other] {
    asio::post(other, [shared] { shared->signal.emit(asio::cancellation_type::terminal); });
  };
  const bool cancelled = co_await detail::wait_out(done, wait, stop);
  if (shared->error) std::rethrow_exception(shared->error);
  if (cancelled) throw std::system_error{errc::cancelled};
}

}  // namespace codicom
