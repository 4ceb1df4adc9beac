#pragma once
#include <codicom/coro/task.hpp>

#include <asio/cancellation_state.hpp>
#include <asio/this_coro.hpp>

#include <coroutine>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

namespace codicom {

/// A coroutine that `co_yield`s values and may `co_return` a final one, while it awaits tasks in between:
///
///     generator<find_match, c_find_response> on_find(find_request request) {
///       for (auto& study : co_await query(request)) co_yield find_match{study};
///       co_return c_find_response{dimse_status::success};
///     }
///
/// The body runs only inside `next()`, as a part of the coroutine that awaits it: on its executor, cancelled through
/// its slot. Nothing is spawned. `next()` is not re-entrant. Destroying the generator destroys the body where it
/// stands; a destructor cannot await, so what must be said to a peer is said by whoever holds the generator.
template <class T, class Final = void>
class generator {
 public:
  class promise_type;
  using value_type = T;
  using final_type = Final;

  generator() = default;
  generator(generator&& other) noexcept : body_{std::exchange(other.body_, {})} {}
  generator& operator=(generator&& other) noexcept {
    if (this != &other) {
      if (body_) body_.destroy();
      body_ = std::exchange(other.body_, {});
    }
    return *this;
  }
  ~generator() {
    if (body_) body_.destroy();
  }

  /// Run the body to its next `co_yield`. Nothing when it has ended.
  /// @throws what the body throws; it has ended then.
  [[nodiscard]] task<std::optional<T>> next();

  /// The same without waiting: nothing when the body has ended, or has come to where it waits; `next()` goes on there.
  [[nodiscard]] std::optional<T> try_next();

  /// The body has ended (or never began: a default constructed or moved-from generator).
  [[nodiscard]] bool done() const noexcept { return !body_ || body_.done(); }

  /// What the body returned. @pre `next()` has given nothing, without throwing.
  [[nodiscard]] const auto& last() const noexcept
    requires(!std::is_void_v<Final>)
  {
    return *body_.promise().final_;
  }
  [[nodiscard]] auto take_last()
    requires(!std::is_void_v<Final>)
  {
    return std::move(*body_.promise().final_);
  }
  /// Whether there is a `last()`: the body came to a `co_return`.
  [[nodiscard]] bool has_last() const noexcept
    requires(!std::is_void_v<Final>)
  {
    return body_ && body_.promise().final_.has_value();
  }

 private:
  explicit generator(std::coroutine_handle<promise_type> body) noexcept : body_{body} {}

  std::coroutine_handle<promise_type> body_;
};

namespace detail {

// What a body waits for; lies in the body's frame and is awaited there by next() on the body's behalf.
class generator_wait {
 public:
  virtual task<> run() = 0;

  void fail(std::exception_ptr error) noexcept { error_ = std::move(error); }

 protected:
  ~generator_wait() = default;
  std::exception_ptr error_;
};

template <class V>
class generator_awaiter final : public generator_wait {
 public:
  generator_awaiter(task<V> operation, generator_wait*& slot) noexcept : operation_{std::move(operation)}, slot_{&slot} {}

  task<> run() override {
    try {
      if constexpr (std::is_void_v<V>) co_await std::move(operation_);
      else value_.emplace(co_await std::move(operation_));
    } catch (...) {
      error_ = std::current_exception();
    }
  }

  [[nodiscard]] bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<>) noexcept { *slot_ = this; }
  V await_resume() {
    if (error_) std::rethrow_exception(error_);
    if constexpr (!std::is_void_v<V>) return std::move(*value_);
  }

 private:
  struct nothing {};
  task<V> operation_;
  generator_wait** slot_;
  [[no_unique_address]] std::conditional_t<std::is_void_v<V>, nothing, std::optional<V>> value_;
};

// return_value and return_void may not both stand in one promise.
template <class Final>
class generator_final {
 public:
  template <class F>
  void return_value(F&& value) {
    final_.emplace(std::forward<F>(value));
  }
  std::optional<Final> final_;
};
template <>
class generator_final<void> {
 public:
  void return_void() noexcept {}
};

inline task<executor> current_executor() { co_return co_await asio::this_coro::executor; }
inline task<asio::cancellation_state> current_cancellation_state() {
  co_return co_await asio::this_coro::cancellation_state;
}

}  // namespace detail

template <class T, class Final>
class generator<T, Final>::promise_type : public detail::generator_final<Final> {
 public:
  generator get_return_object() noexcept {
    return generator{std::coroutine_handle<promise_type>::from_promise(*this)};
  }
  std::suspend_always initial_suspend() const noexcept { return {}; }
  std::suspend_always final_suspend() const noexcept { return {}; }
  void unhandled_exception() noexcept { error_ = std::current_exception(); }

  template <class V>
  std::suspend_always yield_value(V&& value) {
    value_.emplace(std::forward<V>(value));
    return {};
  }

  template <class V>
  auto await_transform(task<V> operation) noexcept {
    return detail::generator_awaiter<V>{std::move(operation), waiting_};
  }
  auto await_transform(asio::this_coro::executor_t) { return await_transform(detail::current_executor()); }
  auto await_transform(asio::this_coro::cancellation_state_t) {
    return await_transform(detail::current_cancellation_state());
  }

 private:
  friend class generator;
  detail::generator_wait* waiting_ = nullptr;
  std::exception_ptr error_;
  std::optional<T> value_;
};

template <class T, class Final>
task<std::optional<T>> generator<T, Final>::next() {
  for (;;) {
    auto value = try_next();
    if (value || done()) co_return std::move(value);
    // Cancelled before it could start: the body hears of it where it waits.
    std::exception_ptr refused;
    auto& waiting = body_.promise().waiting_;
    try {
      co_await waiting->run();
    } catch (...) {
      refused = std::current_exception();
    }
    if (refused) waiting->fail(std::move(refused));
    waiting = nullptr;
  }
}

template <class T, class Final>
std::optional<T> generator<T, Final>::try_next() {
  if (done()) return std::nullopt;
  auto& promise = body_.promise();
  if (promise.waiting_ != nullptr) return std::nullopt;
  promise.value_.reset();
  body_.resume();
  if (body_.done() && promise.error_) std::rethrow_exception(std::exchange(promise.error_, nullptr));
  return std::move(promise.value_);
}

}  // namespace codicom
