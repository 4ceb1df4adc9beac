#pragma once
#include <codicom/coro/task.hpp>

#include <asio/signal_set.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include <csignal>
#include <functional>
#include <utility>

namespace tools {

/// Until the second Ctrl-C (or SIGTERM); the first is for `ask_to_end`. To be raced against what can be interrupted.
/// @param ready  called once signals are taken: who waits for what it prints may send them then
inline codicom::task<> until_interrupted_twice(std::function<codicom::task<>()> ask_to_end,
                                               std::function<void()> ready = {}) {
  asio::signal_set signals{co_await asio::this_coro::executor, SIGINT, SIGTERM};
  if (ready) ready();
  co_await signals.async_wait(asio::use_awaitable);
  co_await ask_to_end();
  co_await signals.async_wait(asio::use_awaitable);
}

}  // namespace tools
