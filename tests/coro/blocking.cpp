#include <codicom/coro/blocking.hpp>
#include <codicom/coro/detail/blocking_pool.hpp>
#include <codicom/coro/run.hpp>
#include <codicom/coro/scope.hpp>
#include <codicom/testing/virtual_clock.hpp>

#include <doctest/doctest.h>

#include <atomic>
#include <memory>
#include <stdexcept>
#include <thread>

using namespace codicom;
using namespace std::chrono_literals;

TEST_CASE("blocking runs a function on another thread and resumes on the executor") {
  const auto body = []() -> task<int> {
    const auto here = std::this_thread::get_id();
    const auto where = co_await asio::this_coro::executor;
    const auto there = co_await blocking(where, [] { return std::this_thread::get_id(); });
    CHECK(there != here);
    CHECK(std::this_thread::get_id() == here);
    const auto pointer = co_await blocking(where, [] { return std::make_unique<int>(5); });
    co_await blocking(where, [] {});
    co_return *pointer;
  };
  CHECK(run(body()) == 5);
}

TEST_CASE("what a blocking function throws comes out") {
  const auto body = []() -> task<> {
    const auto where = co_await asio::this_coro::executor;
    co_await blocking(where, [] { throw std::runtime_error{"in the pool"}; });
  };
  CHECK_THROWS_WITH(run(body()), "in the pool");
}

TEST_CASE("cancelling sets the stop token, and the function is awaited") {
  std::atomic<bool> ended = false;
  const auto body = [&]() -> task<> {
    const auto where = co_await asio::this_coro::executor;
    const auto work = [&ended](stop_token stop) {
      while (!stop.stop_requested()) std::this_thread::sleep_for(1ms);
      ended = true;
    };
    auto outcome = co_await race(blocking(where, work), sleep_for(5ms));
    CHECK(outcome.winner == 2);
    CHECK(ended);
    CHECK(outcome.first.error() == failure::cancelled);
  };
  run(body());
}

TEST_CASE("an io_context that goes while the pool works waits for it") {
  std::atomic<int> ended = 0;
  {
    asio::io_context io;
    const auto body = [&](asio::io_context& on) -> task<> {
      co_await blocking(executor{on.get_executor()}, [&] {
        std::this_thread::sleep_for(20ms);
        ++ended;
      });
    };
    for (int i = 0; i < 3; ++i) asio::co_spawn(executor{io.get_executor()}, body(io), [](std::exception_ptr) {});
    io.poll();
    std::this_thread::sleep_for(5ms);
  }
  CHECK(ended == 3);
}

TEST_CASE("many functions share few threads") {
  std::atomic<int> now = 0, most = 0, done = 0;
  const auto one = [&]() -> task<> {
    const auto where = co_await asio::this_coro::executor;
    co_await blocking(where, [&] {
      most = std::max<int>(most, ++now);
      std::this_thread::sleep_for(1ms);
      --now;
      ++done;
    });
  };
  const auto body = [&](scope& children) -> task<> {
    for (int i = 0; i < 40; ++i) children.spawn(one());
    co_return;
  };
  run(with_scope(body));
  CHECK(done == 40);
  CHECK(most <= static_cast<int>(blocking_pool::max_threads));
}

TEST_CASE("in simulated time a blocking function takes none") {
  const auto body = []() -> task<int> {
    const auto where = co_await asio::this_coro::executor;
    co_return co_await blocking(where, [] { return 3; });
  };
  CHECK(testing::simulate(body()) == 3);
}
