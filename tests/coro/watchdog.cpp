#include <codicom/coro/watchdog.hpp>
#include <codicom/testing/virtual_clock.hpp>

#include <doctest/doctest.h>

#include <string>

using namespace codicom;
using namespace std::chrono_literals;

TEST_CASE("a watchdog fires each deadline once, at its time, however they are moved") {
  testing::virtual_clock time;
  asio::io_context io;
  std::string trace;
  {
    watchdog dog{io.get_executor(), [&](std::size_t n) { trace += static_cast<char>('0' + n); }};
    dog.set(0, 10s);
    dog.set(1, 20s);
    time.run_for(io, 9s);
    CHECK(trace.empty());
    dog.set(0, 10s);  // later than armed: nothing is re-armed
    time.run_for(io, 9s);
    CHECK(trace.empty());
    time.run_for(io, 1s);
    CHECK(trace == "0");
    dog.set(2, 1ms);  // earlier than armed
    time.run_for(io, 1ms);
    CHECK(trace == "02");
    time.run_for(io, 2s);
    CHECK(trace == "021");
    dog.set(3, 1s);
    dog.clear(3);
    time.run_for(io, 5s);
    CHECK(trace == "021");
    dog.set(4, 1s);
    dog.stop();
    time.run_for(io, 5s);
    CHECK(trace == "021");
    dog.set(5, no_deadline);
    time.run_for(io, 1000h);
    CHECK(trace == "021");
    dog.set(6, 1s);
  }
  time.run_for(io, 5s);
  CHECK(trace == "021");
}
