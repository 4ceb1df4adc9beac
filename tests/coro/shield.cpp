#include <codicom/coro/event.hpp>
#include <codicom/coro/result.hpp>
#include <codicom/coro/scope.hpp>
#include <codicom/coro/shield.hpp>
#include <codicom/testing/virtual_clock.hpp>

#include <doctest/doctest.h>

#include <memory>

using namespace codicom;
using namespace std::chrono_literals;

TEST_CASE("what tidies up comes to its end however the body ended, shielded even when cancelled meanwhile") {
  int tidied = 0;
  std::error_code told;
  const auto slowly = [&]() -> task<> {
    co_await sleep_for(5s);
    ++tidied;
  };
  const auto after = [&](std::exception_ptr error) -> task<> {
    if (error) told = result<>{error}.error();
    co_await codicom::detail::shielded(slowly());
  };
  const auto works = []() -> task<int> { co_return 3; };
  const auto fails = []() -> task<int> {
    throw std::system_error{errc::closed};
    co_return 0;
  };
  const auto all = [&]() -> task<> {
    const int three = co_await codicom::detail::finally(works(), after);
    CHECK(three == 3);
    CHECK(tidied == 1);
    CHECK_FALSE(told);
    const auto failed = co_await as_result(codicom::detail::finally(fails(), after));
    CHECK(failed.error() == errc::closed);
    CHECK(told == errc::closed);
    CHECK(tidied == 2);
    // Cancelled in the body, and once more while tidying up.
    auto ended = co_await race(codicom::detail::finally(sleep_for(1h), after), sleep_for(1s));
    CHECK(ended.first.error() == failure::cancelled);
    CHECK(told == failure::cancelled);
    CHECK(tidied == 3);
    auto late = co_await race(codicom::detail::finally(sleep_for(1s), after), sleep_for(2s));
    CHECK(late.winner == 2);
    CHECK(tidied == 4);
  };
  testing::simulate(all());
  CHECK(tidied == 4);
}

TEST_CASE("what goes on elsewhere is told to stop when its end is waited for in vain, once, and awaited") {
  struct work {
    explicit work(const executor& where) : changed{where} {}
    [[nodiscard]] bool ended() const noexcept { return done; }
    void stop() { ++stops; }
    event changed;
    bool done = false;
    int stops = 0;
  };
  bool told = false;
  const auto elsewhere = [](std::shared_ptr<work> it) -> task<> {
    co_await sleep_for(5s);
    it->done = true;
    it->changed.notify_all();
  };
  const auto waits = [&](std::shared_ptr<work> it) -> task<> { told = co_await codicom::detail::wait_out(it); };
  const auto all = [&]() -> task<> {
    const executor where = co_await asio::this_coro::executor;
    for (const bool cancelled : {true, false}) {
      CAPTURE(cancelled);
      const auto it = std::make_shared<work>(where);
      scope children{where};
      children.spawn(elsewhere(it));
      const auto begin = clock::now();
      const auto outcome = co_await race(waits(it), sleep_for(cancelled ? 1s : 10s));
      CHECK(outcome.winner == (cancelled ? 2 : 1));
      CHECK(clock::now() - begin == 5s);
      CHECK(told == cancelled);
      CHECK(it->stops == (cancelled ? 1 : 0));
      co_await children.join();
    }
  };
  testing::simulate(all());
}
