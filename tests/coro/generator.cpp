#include <codicom/coro/event.hpp>
#include <codicom/coro/generator.hpp>
#include <codicom/coro/run.hpp>
#include <codicom/coro/scope.hpp>
#include <codicom/testing/virtual_clock.hpp>

#include <doctest/doctest.h>

#include <memory>
#include <stdexcept>
#include <string>

using namespace codicom;
using namespace std::chrono_literals;

namespace {

task<int> later(int n) {
  co_await sleep_for(1s);
  co_return n;
}

generator<int, std::string> three(std::shared_ptr<int> token) {
  co_yield 1;
  const int two = co_await later(2);
  co_yield two;
  const auto where = co_await asio::this_coro::executor;
  timer alarm{where, deadline_in(1s)};
  co_await alarm.async_wait(asio::use_awaitable);
  co_yield 3;
  token.reset();
  co_return "the end";
}

generator<int> throws_after_one() {
  co_yield 1;
  throw std::runtime_error{"broken"};
}

generator<int> sleeps_for_ever(int& caught) {
  try {
    co_await sleep_for(no_deadline);
  } catch (const std::system_error& e) {
    if (e.code() == failure::cancelled) ++caught;
    throw;
  }
  co_yield 1;
}

task<int> add(generator<int, std::string>& from) {
  int sum = 0;
  while (auto value = co_await from.next()) sum += *value;
  co_return sum;
}

}  // namespace

TEST_CASE("a generator yields what its body yields, awaits in between, and keeps what it returned") {
  auto values = three(std::make_shared<int>(0));
  CHECK(testing::simulate(add(values)) == 6);
  REQUIRE(values.has_last());
  CHECK(values.last() == "the end");
  CHECK(values.done());
  CHECK(testing::simulate(add(values)) == 0);
}

TEST_CASE("a generator that is dropped early destroys its body") {
  auto token = std::make_shared<int>(0);
  {
    auto values = three(token);
    const auto first_two = [](generator<int, std::string>& from) -> task<int> {
      const auto one = co_await from.next();
      const auto two = co_await from.next();
      co_return *one + *two;
    };
    CHECK(testing::simulate(first_two(values)) == 3);
    CHECK(token.use_count() > 1);
    auto moved = std::move(values);
    CHECK(values.done());
  }
  CHECK(token.use_count() == 1);
}

TEST_CASE("what the body throws comes out of next, and then the generator has ended") {
  auto values = throws_after_one();
  const auto body = [](generator<int>& from) -> task<std::string> {
    std::string text;
    const auto one = co_await from.next();
    text += std::to_string(*one);
    try {
      const auto none = co_await from.next();
      text += none ? "value" : "nothing";
    } catch (const std::runtime_error& e) {
      text += e.what();
    }
    const auto after = co_await from.next();
    text += after ? "value" : "nothing";
    co_return text;
  };
  CHECK(run(body(values)) == "1brokennothing");
}

TEST_CASE("cancelling the consumer reaches what the body waits for") {
  int caught = 0;
  auto values = sleeps_for_ever(caught);
  const auto consume = [](generator<int>& from) -> task<> {
    const auto none = co_await from.next();
    static_cast<void>(none);
  };
  const auto both = [&]() -> task<int> {
    auto ended = co_await race(consume(values), sleep_for(1s));
    co_return ended.winner;
  };
  CHECK(testing::simulate(both()) == 2);
  CHECK(caught == 1);
}

TEST_CASE("a generator in the middle of a wait goes with its io_context") {
  auto token = std::make_shared<int>(0);
  {
    asio::io_context io;
    const auto consume = [](std::shared_ptr<int> held) -> task<> {
      auto values = three(std::move(held));
      while (auto value = co_await values.next()) {
      }
    };
    asio::co_spawn(executor{io.get_executor()}, consume(token), [](std::exception_ptr) {});
    io.poll();
    CHECK(token.use_count() > 1);
  }
  CHECK(token.use_count() == 1);
}

TEST_CASE("without waiting a generator gives what its body yields up to where that waits, throws or ends") {
  auto values = three(std::make_shared<int>(0));
  CHECK(values.try_next() == 1);
  CHECK(values.try_next() == std::nullopt);
  CHECK(values.try_next() == std::nullopt);
  CHECK_FALSE(values.done());
  CHECK(testing::simulate(add(values)) == 5);
  CHECK(values.done());
  CHECK(values.try_next() == std::nullopt);
  CHECK(values.last() == "the end");
  auto broken = throws_after_one();
  CHECK(broken.try_next() == 1);
  CHECK_THROWS_WITH(static_cast<void>(broken.try_next()), "broken");
  CHECK(broken.done());
}
