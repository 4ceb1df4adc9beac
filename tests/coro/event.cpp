#include <codicom/coro/event.hpp>
#include <codicom/coro/result.hpp>
#include <codicom/coro/run.hpp>
#include <codicom/coro/scope.hpp>
#include <codicom/testing/virtual_clock.hpp>

#include <asio/error.hpp>
#include <doctest/doctest.h>

#include <stdexcept>

using namespace codicom;
using namespace std::chrono_literals;

TEST_CASE("an event wakes one waiter or all, or gives up at a deadline, and can be waited for again") {
  int woken = 0, late = 0;
  const auto body = [&](scope& children) -> task<> {
    const auto where = co_await asio::this_coro::executor;
    const auto shared = std::make_shared<event>(where);
    const auto waits = [&woken](std::shared_ptr<event> e) -> task<> {
      co_await e->wait();
      ++woken;
    };
    for (int i = 0; i < 3; ++i) children.spawn(waits(shared));
    co_await sleep_for(1s);
    shared->notify_one();
    co_await sleep_for(1s);
    CHECK(woken == 1);
    shared->notify_all();
    co_await sleep_for(1s);
    CHECK(woken == 3);
    const bool in_time = co_await shared->wait_until(deadline_in(2s));
    if (!in_time) ++late;
    const auto before = clock::now();
    auto ended = co_await race(shared->wait(), sleep_for(10s));
    CHECK(ended.winner == 2);
    CHECK(clock::now() - before == 10s);
    CHECK(ended.first.error() == failure::cancelled);
  };
  testing::simulate(with_scope(body));
  CHECK(late == 1);
}

TEST_CASE("two wait for an event until different deadlines, a third for ever, and none wakes another") {
  std::string trace;
  int turns = 0;
  const auto waits = [&](std::shared_ptr<event> e, duration longest, char name) -> task<> {
    const auto deadline = deadline_in(longest);
    bool in_time = true;
    while (in_time && trace.find('!') == std::string::npos) {
      in_time = co_await e->wait_until(deadline);
      if (++turns == 100) throw std::logic_error{"they wake each other"};
    }
    if (!in_time) CHECK(clock::now() == deadline);
    trace += name;
  };
  const auto body = [&](scope& children) -> task<> {
    const auto where = co_await asio::this_coro::executor;
    const auto shared = std::make_shared<event>(where);
    children.spawn(waits(shared, 3s, 'c'));
    children.spawn(waits(shared, 1s, 'a'));
    children.spawn(waits(shared, no_deadline, 'd'));
    children.spawn(waits(shared, 2s, 'b'));
    co_await sleep_for(4s);
    trace += '!';
    shared->notify_one();
  };
  testing::simulate(with_scope(body));
  CHECK(trace == "abc!d");
  CHECK(turns == 4);
}

TEST_CASE("a notification is for somebody who still waits") {
  int woken = 0;
  const auto waits = [&woken](std::shared_ptr<event> e) -> task<> {
    co_await e->wait();
    ++woken;
  };
  const auto body = [&](scope& children) -> task<> {
    const auto where = co_await asio::this_coro::executor;
    const auto shared = std::make_shared<event>(where);
    for (int i = 0; i < 3; ++i) children.spawn(waits(shared));
    co_await sleep_for(1s);
    shared->notify_one();
    shared->notify_one();
    co_await sleep_for(1s);
    CHECK(woken == 2);
    shared->notify_one();
  };
  testing::simulate(with_scope(body));
  CHECK(woken == 3);
}

TEST_CASE("as_result turns exceptions into values") {
  const auto fails = []() -> task<int> {
    throw std::system_error{errc::closed};
    co_return 1;
  };
  const auto works = []() -> task<int> { co_return 2; };
  const auto r = run(as_result(fails()));
  CHECK_FALSE(r);
  CHECK(r.error() == errc::closed);
  const auto s = run(as_result(works()));
  CHECK(s);
  CHECK(*s == 2);
  CHECK_FALSE(s.error());
}

TEST_CASE("Asio's own cancellation compares as a cancellation") {
  CHECK(std::error_code{asio::error::operation_aborted} == failure::cancelled);
  CHECK(make_error_code(errc::cancelled) == failure::cancelled);
  CHECK(make_error_code(errc::closed) != failure::cancelled);
}

TEST_CASE("run gives a value, 0 for none, and lets exceptions out; run_main gives 1") {
  const auto value = []() -> task<int> { co_return 42; };
  const auto none = []() -> task<> { co_return; };
  const auto fails = []() -> task<> {
    throw std::runtime_error{"expected in this test"};
    co_return;
  };
  CHECK(run(value()) == 42);
  CHECK(run(none()) == 0);
  CHECK_THROWS_WITH(run(fails()), "expected in this test");
  CHECK(run_main(fails()) == 1);
}
