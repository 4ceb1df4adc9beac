#include <codicom/coro/event.hpp>
#include <codicom/coro/run.hpp>
#include <codicom/coro/run_on.hpp>
#include <codicom/coro/scope.hpp>
#include <codicom/testing/virtual_clock.hpp>

#include <asio/strand.hpp>
#include <doctest/doctest.h>

#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using namespace codicom;
using namespace std::chrono_literals;

namespace {

task<> note_after(duration time, std::string& trace, char what) {
  try {
    co_await sleep_for(time);
    trace += what;
  } catch (const std::system_error&) {
    trace += static_cast<char>(what - 'a' + 'A');  // cancelled
    throw;
  }
}

task<int> value_after(duration time, int value) {
  co_await sleep_for(time);
  co_return value;
}

task<int> fail_after(duration time) {
  co_await sleep_for(time);
  throw std::runtime_error{"failed"};
}

}  // namespace

TEST_CASE("a scope waits for all its children") {
  std::string trace;
  const auto body = [&trace](scope& children) -> task<int> {
    children.spawn(note_after(2s, trace, 'b'));
    children.spawn(note_after(3s, trace, 'c'));
    co_await note_after(1s, trace, 'a');
    co_return 7;
  };
  CHECK(testing::simulate(with_scope(body)) == 7);
  CHECK(trace == "abc");
}

TEST_CASE("a child that throws cancels its siblings, and the scope throws what it threw") {
  std::string trace;
  const auto throwing = [](duration time) -> task<> {
    co_await sleep_for(time);
    throw std::runtime_error{"child"};
  };
  const auto body = [&](scope& children) -> task<> {
    children.spawn(note_after(10s, trace, 'a'));
    children.spawn(throwing(1s));
    co_return;
  };
  CHECK_THROWS_WITH(testing::simulate(with_scope(body)), "child");
  CHECK(trace == "A");
}

TEST_CASE("a body that throws cancels the children, which are awaited") {
  std::string trace;
  const auto body = [&](scope& children) -> task<> {
    children.spawn(note_after(10s, trace, 'a'));
    co_await sleep_for(1s);
    throw std::runtime_error{"body"};
  };
  CHECK_THROWS_WITH(testing::simulate(with_scope(body)), "body");
  CHECK(trace == "A");
}

TEST_CASE("cancelling what awaits a scope cancels the children and still awaits them") {
  std::string trace;
  const auto slow_to_end = [&]() -> task<> {
    try {
      co_await sleep_for(100s);
    } catch (const std::system_error&) {
    }
    co_await asio::this_coro::throw_if_cancelled(false);
    co_await asio::this_coro::reset_cancellation_state();
    co_await sleep_for(1s);
    trace += 'z';
  };
  const auto body = [&](scope& children) -> task<> {
    children.spawn(slow_to_end());
    co_return;
  };
  const auto both = [&]() -> task<int> {
    auto ended = co_await race(with_scope(body), sleep_for(1s));
    CHECK(ended.first.error() == failure::cancelled);
    co_return ended.winner;
  };
  CHECK(testing::simulate(both()) == 2);
  CHECK(trace == "z");
}

TEST_CASE("a race cancels the slower task and keeps both results") {
  const auto first = [](duration a, duration b) -> task<race_result<int, int>> { return race(value_after(a, 1), value_after(b, 2)); };
  auto r = testing::simulate(first(1s, 2s));
  CHECK(r.winner == 1);
  CHECK(r.first.value() == 1);
  CHECK(r.second.error() == failure::cancelled);
  auto s = testing::simulate(first(3s, 2s));
  CHECK(s.winner == 2);
  CHECK(s.second.value() == 2);
  auto t = testing::simulate(race(fail_after(1s), value_after(5s, 3)));
  CHECK(t.winner == 1);
  CHECK_THROWS_WITH(static_cast<void>(t.first.value()), "failed");
}

TEST_CASE("a race between tasks that end at once ends") {
  const auto at_once = [](int n) -> task<int> { co_return n; };
  auto r = testing::simulate(race(at_once(1), at_once(2)));
  CHECK(r.first.value() == 1);
  CHECK(r.second.value() == 2);
}

TEST_CASE("wait_below lets a spawner keep a bound") {
  std::string trace;
  const auto body = [&](scope& children) -> task<> {
    for (char c = 'a'; c < 'f'; ++c) {
      co_await children.wait_below(2);
      CHECK(children.size() < 2);
      children.spawn(note_after(1s, trace, c));
    }
  };
  testing::simulate(with_scope(body));
  CHECK(trace == "abcde");
}

TEST_CASE("children of a scope that never ends go with their io_context") {
  std::string trace;
  {
    asio::io_context io;
    const auto body = [](scope& children, std::string& t) -> task<> {
      children.spawn(note_after(no_deadline, t, 'a'));
      co_await sleep_for(no_deadline);
    };
    const auto whole = [&](std::string& t) -> task<> {
      const auto bound = [&](scope& s) -> task<> { co_await body(s, t); };
      co_await with_scope(bound);
    };
    asio::co_spawn(executor{io.get_executor()}, whole(trace), [](std::exception_ptr) {});
    io.poll();
  }
  CHECK(trace.empty());
}

TEST_CASE("run_on runs a task on another strand, hands cancellation on, and four threads agree") {
  asio::io_context io;
  std::atomic<int> done = 0, cancelled = 0;
  const auto work = [&](int round) -> task<> {
    const executor other = asio::make_strand(io.get_executor());
    const auto inner = [](int n) -> task<> {
      for (int i = 0; i < 50; ++i) co_await sleep_for(std::chrono::microseconds{10 * (n % 3)});
    };
    co_await run_on(other, inner(round));
    const auto endless = [&]() -> task<> { co_await run_on(other, sleep_for(no_deadline)); };
    auto ended = co_await race(endless(), sleep_for(1ms));
    if (ended.first.error() == failure::cancelled) ++cancelled;
    ++done;
  };
  for (int i = 0; i < 20; ++i) spawn(io, work(i));
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back([&io] { io.run(); });
  for (auto& thread : threads) thread.join();
  CHECK(done == 20);
  CHECK(cancelled == 20);
}
