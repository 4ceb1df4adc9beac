#include <codicom/coro/event.hpp>
#include <codicom/coro/scope.hpp>
#include <codicom/testing/virtual_clock.hpp>

#include <doctest/doctest.h>

#include <string>

using namespace codicom;
using namespace std::chrono_literals;

TEST_CASE("simulated time passes only from timer to timer, in order, and costs none") {
  std::string trace;
  const auto note = [&](duration time, char what) -> task<> {
    co_await sleep_for(time);
    trace += what;
  };
  const auto body = [&](scope& children) -> task<duration> {
    const auto begin = clock::now();
    children.spawn(note(24h, 'c'));
    children.spawn(note(1ns, 'a'));
    children.spawn(note(1h, 'b'));
    co_await sleep_for(48h);
    co_return clock::now() - begin;
  };
  const auto real = std::chrono::steady_clock::now();
  CHECK(testing::simulate(with_scope(body)) == 48h);
  CHECK(trace == "abc");
  CHECK(std::chrono::steady_clock::now() - real < 5s);
}

TEST_CASE("a simulation in which everybody waits says so") {
  const auto body = []() -> task<> {
    const auto where = co_await asio::this_coro::executor;
    event never{where};
    co_await never.wait();
  };
  CHECK_THROWS_AS(testing::simulate(body()), std::logic_error);
}

TEST_CASE("run_for lets a length of time pass and stops in the middle of waits") {
  testing::virtual_clock time;
  asio::io_context io;
  int ticks = 0;
  const auto ticking = [&]() -> task<> {
    for (;;) {
      co_await sleep_for(10s);
      ++ticks;
    }
  };
  asio::co_spawn(executor{io.get_executor()}, ticking(), [](std::exception_ptr) {});
  const auto begin = time.now();
  time.run_for(io, 35s);
  CHECK(ticks == 3);
  CHECK(time.now() - begin == 35s);
  time.run_for(io, 5s);
  CHECK(ticks == 4);
  CHECK(time.run_until(io, [&] { return ticks == 1000; }));
}

TEST_CASE("outside of a simulation the clock is the steady clock") {
  const auto before = std::chrono::steady_clock::now().time_since_epoch();
  const auto now = clock::now().time_since_epoch();
  CHECK(now >= before);
  CHECK(now <= std::chrono::steady_clock::now().time_since_epoch());
}
