#pragma once
#include <codicom/coro/result.hpp>
#include <codicom/coro/run.hpp>

#include <asio/co_spawn.hpp>
#include <asio/strand.hpp>

#include <cstdio>
#include <utility>

namespace codicom {
namespace detail {

template <class T>
task<> run_into(task<T> work, result<T>& outcome) {
  outcome = co_await as_result(std::move(work));
}

inline void run_to_end(task<> work) {
  asio::io_context io{1};
  asio::co_spawn(executor{io.get_executor()}, std::move(work), [](std::exception_ptr error) {
    if (error) std::rethrow_exception(error);
  });
  io.run();
}

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

inline int run_main(task<> work) { return detail::run_reporting(std::move(work)); }
inline int run_main(task<int> work) { return detail::run_reporting(std::move(work)); }

inline void spawn(asio::io_context& io, task<> work, std::function<void(std::exception_ptr)> on_end) {
  const executor strand = asio::make_strand(io.get_executor());
  asio::co_spawn(strand, std::move(work), [on_end = std::move(on_end)](std::exception_ptr error) { on_end(std::move(error)); });
}
inline void spawn(asio::io_context& io, task<> work) {
  spawn(io, std::move(work), [](std::exception_ptr error) {
    if (error) std::rethrow_exception(error);
  });
}

}  // namespace codicom
