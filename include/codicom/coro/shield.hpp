#pragma once
#include <codicom/core/error.hpp>
#include <codicom/coro/task.hpp>

#include <asio/cancellation_state.hpp>
#include <asio/this_coro.hpp>

#include <exception>
#include <system_error>
#include <utility>

namespace codicom::detail {

[[nodiscard]] inline bool is_cancelled(const asio::cancellation_state& state) noexcept {
  return state.cancelled() != asio::cancellation_type::none;
}

// What an operation does after a wait that cancellation may have ended: an awaited function could not, since Asio throws
// its own error at the next co_await of a task.
inline void check_cancelled(bool throws, const asio::cancellation_state& state) {
  if (throws && is_cancelled(state)) throw std::system_error{errc::cancelled};
}

// Runs `inner` to its end even if the coroutine is cancelled meanwhile; true when it was. The caller suspends the
// check that Asio makes at every co_await, which would throw before this body could start:
//
//   const bool throws = co_await asio::this_coro::throw_if_cancelled();
//   co_await asio::this_coro::throw_if_cancelled(false);
//   const bool cancelled = co_await shielded(tidy_up());
//   co_await asio::this_coro::throw_if_cancelled(throws);
[[nodiscard]] inline task<bool> shielded(task<> inner) {
  co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation(), asio::disable_cancellation());
  std::exception_ptr error;
  try {
    co_await std::move(inner);
  } catch (...) {
    error = std::current_exception();
  }
  const auto state = co_await asio::this_coro::cancellation_state;
  const bool cancelled = is_cancelled(state);
  co_await asio::this_coro::reset_cancellation_state();
  if (error) std::rethrow_exception(error);
  co_return cancelled;
}

}  // namespace codicom::detail
