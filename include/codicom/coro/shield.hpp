#pragma once
#include <codicom/core/error.hpp>
#include <codicom/coro/task.hpp>

#include <asio/cancellation_state.hpp>
#include <asio/this_coro.hpp>

#include <exception>
#include <memory>
#include <optional>
#include <system_error>
#include <type_traits>
#include <utility>
#include <variant>

// What must be done even when a coroutine is cancelled: `finally` tidies up, `shielded` finishes what tidies up, and
// `wait_out` waits for the end of what goes on elsewhere.

namespace codicom::detail {

[[nodiscard]] inline bool is_cancelled(const asio::cancellation_state& state) noexcept {
  return state.cancelled() != asio::cancellation_type::none;
}

// What an operation does after a wait that cancellation may have ended: an awaited function could not, since Asio throws
// its own error at the next co_await of a task.
inline void check_cancelled(bool throws, const asio::cancellation_state& state) {
  if (throws && is_cancelled(state)) throw std::system_error{errc::cancelled};
}

// Awaits `body`, then `after(error)`, a task<> that tidies up, even when the coroutine has been cancelled: the check
// that Asio makes at every co_await is suspended for it. `error` is what the body threw, or null; it comes out of this,
// unless `after` throws another. An `After` with a member `on_failure_only` is not called without one.
template <class T, class After>
[[nodiscard]] task<T> finally(task<T> body, After after) {
  std::conditional_t<std::is_void_v<T>, std::monostate, std::optional<T>> value;
  std::exception_ptr error;
  try {
    if constexpr (std::is_void_v<T>) co_await std::move(body);
    else value = co_await std::move(body);
  } catch (...) {
    error = std::current_exception();
  }
  constexpr bool on_failure_only = requires { After::on_failure_only; };
  if (error || !on_failure_only) {
    const bool throws = co_await asio::this_coro::throw_if_cancelled();
    co_await asio::this_coro::throw_if_cancelled(false);
    try {
      co_await after(error);
    } catch (...) {
      error = std::current_exception();
    }
    co_await asio::this_coro::throw_if_cancelled(throws);
    if (error) std::rethrow_exception(error);
  }
  if constexpr (!std::is_void_v<T>) co_return std::move(*value);
}

// Runs `inner` to its end even if the coroutine is cancelled meanwhile. To be awaited from within the `after` above:
// the check would throw before this body could start.
[[nodiscard]] inline task<> shielded(task<> inner) {
  co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation(), asio::disable_cancellation());
  std::exception_ptr error;
  try {
    co_await std::move(inner);
  } catch (...) {
    error = std::current_exception();
  }
  co_await asio::this_coro::reset_cancellation_state();
  if (error) std::rethrow_exception(error);
}

// Waits until `work->ended()`, also when the coroutine is cancelled meanwhile: `work->stop()` is called then, once, so that
// it be soon. `work->changed` is the event that tells. True when it was cancelled; it is for the caller to say so, once it
// has taken what came of it.
template <class Work>
[[nodiscard]] task<bool> wait_out(std::shared_ptr<Work> work) {
  const bool throws = co_await asio::this_coro::throw_if_cancelled();
  co_await asio::this_coro::throw_if_cancelled(false);
  bool cancelled = false;
  for (;;) {
    const auto state = co_await asio::this_coro::cancellation_state;
    if (!cancelled && is_cancelled(state)) {
      cancelled = true;
      work->stop();
      co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    }
    if (work->ended()) break;
    co_await work->changed.wait();
  }
  if (cancelled) co_await asio::this_coro::reset_cancellation_state();
  co_await asio::this_coro::throw_if_cancelled(throws);
  co_return cancelled;
}

}  // namespace codicom::detail
