#pragma once
#include <codicom/coro/result.hpp>
#include <codicom/coro/run.hpp>

#include <cstdio>
#include <utility>

namespace codicom {
namespace detail {

template <class T>
task<> run_into(task<T> work, result<T>& outcome) {
  outcome = co_await as_result(std::move(work));
}

void run_to_end(task<> work);

}  // namespace detail

template <class T>
auto run(task<T> work) -> std::conditional_t<std::is_void_v<T>, int, T> {
  result<T> outcome;
  detail::run_to_end(detail::run_into(std::move(work), outcome));
  if constexpr (std::is_void_v<T>) {
    static_cast<void>(outcome.value());
    return 0;
  } else {
    return std::move(outcome).value();
  }
}

// Compiled once with all else.
#ifdef CODICOM_SEPARATE_COMPILATION
extern template int run(task<void> work);
extern template int run(task<int> work);
#endif

namespace detail {
template <class T>
int run_reporting(task<T> work) {
  try {
    return run(std::move(work));
  } catch (const std::exception& e) {
    std::fprintf(stderr, "error: %s\n", e.what());
    return 1;
  }
}
}  // namespace detail

}  // namespace codicom
