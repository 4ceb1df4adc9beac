#pragma once
#include <codicom/coro/task.hpp>

#include <asio/io_context.hpp>

#include <exception>
#include <functional>
#include <type_traits>

namespace codicom {

/// Run a task on an io_context of its own, on this thread, to its end.
/// @return what it returns; 0 for a `task<>`, so that `int main() { return codicom::run(work()); }` does.
/// @throws what the task throws.
template <class T>
auto run(task<T> work) -> std::conditional_t<std::is_void_v<T>, int, T>;

/// The same for a `main` without a handler of its own: an exception is told on standard error and becomes 1.
int run_main(task<> work);
int run_main(task<int> work);

/// Start a task on a strand of `io`, so that `io` may be run by many threads. What it throws comes out of `io.run()`.
void spawn(asio::io_context& io, task<> work);
/// The same; `on_end` is called on the strand when it has ended, with what it threw or null.
void spawn(asio::io_context& io, task<> work, std::function<void(std::exception_ptr)> on_end);

}  // namespace codicom

#include <codicom/coro/impl/run.hpp>
#ifndef CODICOM_SEPARATE_COMPILATION
#include <codicom/coro/impl/run_bodies.hpp>
#endif
