#pragma once
#include <codicom/coro/blocking.hpp>

#include <exception>
#include <variant>

namespace codicom {
namespace detail {

// Calls `work` on the pool; cancellation sets its token.
[[nodiscard]] task<> work_on_pool(executor where, std::function<void(stop_token)> work);

template <class T, class F>
task<T> run_blocking(executor where, F f) {
  auto outcome = std::make_shared<result<T>>();
  auto function = std::make_shared<F>(std::move(f));
  std::function<void(stop_token)> work = [function, outcome](const stop_token& token) {
    try {
      const auto call = [&]() -> decltype(auto) {
        if constexpr (std::invocable<F&, stop_token>) return (*function)(token);
        else return (*function)();
      };
      if constexpr (std::is_void_v<T>) {
        call();
        *outcome = result<T>{std::monostate{}};
      } else {
        *outcome = result<T>{call()};
      }
    } catch (...) {
      *outcome = result<T>{std::current_exception()};
    }
  };
  co_await work_on_pool(std::move(where), std::move(work));
  if constexpr (std::is_void_v<T>) static_cast<void>(outcome->value());
  else co_return std::move(*outcome).value();
}

template <class F>
struct blocking_value : std::invoke_result<F&> {};
template <class F>
requires std::invocable<F&, stop_token>
struct blocking_value<F> : std::invoke_result<F&, stop_token> {
};

}  // namespace detail

template <class F>
auto blocking(executor where, F f) {
  using value = std::decay_t<typename detail::blocking_value<F>::type>;
  return detail::run_blocking<value>(std::move(where), std::move(f));
}

}  // namespace codicom
