#include "net/support.hpp"

#include <codicom/net/association_pool.hpp>

#include <doctest/doctest.h>

using namespace codicom_test;
using namespace std::chrono_literals;

namespace {

// What a pool met at the other end.
struct served {
  int associations = 0, echoes = 0, ended = 0;
};

using use = std::function<task<>(association_pool&, served&)>;

void with_pool(pool_options options, use does, duration server_idle = 10min) {
  const auto whole = [&]() -> task<> {
    const executor where = co_await asio::this_coro::executor;
    served seen;
    scope servers{where};
    handlers with;
    with.on_echo([&](const c_echo_request&, const dul::association_parameters&) {
      ++seen.echoes;
      return status::success;
    });
    with.on_association({}, [&](const dul::association_parameters&, std::string_view) { ++seen.ended; });
    acceptor_options accepts;
    accepts.policy.accept(sop_class::Verification);
    accepts.idle = server_idle;
    const auto serving = [](std::unique_ptr<transport> over, acceptor_options how, handlers handle) -> task<> {
      const auto ended = co_await as_result(serve_one(std::move(over), std::move(how), std::move(handle)));
      static_cast<void>(ended);
    };
    association_pool pool{where,
                          [&]() -> task<association> {
                            ++seen.associations;
                            auto pair = testing::make_memory_pair(where);
                            servers.spawn(serving(std::move(pair.second), accepts, with));
                            association_options asks{"SCU", "SCP"};
                            asks.propose(sop_class::Verification);
                            return associate(std::move(pair.first), std::move(asks));
                          },
                          options};
    co_await does(pool, seen);
    co_await pool.close();
    CHECK(pool.idle() == 0);
    co_await servers.join();
    CHECK(seen.ended == seen.associations);
  };
  testing::simulate(whole());
}

task<> echo_once(association_pool& from, duration then_keep = {}) {
  auto over = co_await from.acquire();
  const auto answer = co_await over->echo();
  CHECK(answer.status.is_success());
  co_await sleep_for(then_keep);
}

}  // namespace

TEST_CASE("a pool uses an association again, and makes another where one is in use") {
  with_pool({}, [](association_pool& pool, served& seen) -> task<> {
    co_await echo_once(pool);
    co_await echo_once(pool);
    CHECK(seen.associations == 1);
    CHECK(pool.idle() == 1);
    auto first = co_await pool.acquire();
    co_await echo_once(pool);
    CHECK(seen.associations == 2);
    CHECK(pool.in_use() == 1);
  });
}

TEST_CASE("who wants more associations than there may be waits for one") {
  pool_options two;
  two.most = 2;
  with_pool(two, [](association_pool& pool, served& seen) -> task<> {
    scope users{co_await asio::this_coro::executor};
    const auto began = clock::now();
    for (int i = 0; i < 6; ++i) users.spawn(echo_once(pool, 10s));
    co_await users.join();
    CHECK(seen.associations == 2);
    CHECK(seen.echoes == 6);
    CHECK(clock::now() - began == 30s);
  });
}

TEST_CASE("a pool releases what is idle, and keeps the rest warm meanwhile") {
  pool_options how;
  how.idle = 60s;
  how.keep_warm = 25s;
  with_pool(
      how,
      [](association_pool& pool, served& seen) -> task<> {
        co_await echo_once(pool);
        auto ended = co_await race(pool.run(), sleep_for(59s));
        CHECK(ended.winner == 2);
        CHECK(seen.echoes == 3);
        CHECK(pool.idle() == 1);
        auto later = co_await race(pool.run(), sleep_for(2s));
        CHECK(later.winner == 2);
        CHECK(pool.idle() == 0);
        CHECK(seen.ended == 1);
        co_await echo_once(pool);
        CHECK(seen.associations == 2);
      },
      30s);
}

TEST_CASE("without anything that runs beside the work, what was idle for too long is released when one is acquired") {
  pool_options how;
  how.idle = 60s;
  with_pool(how, [](association_pool& pool, served& seen) -> task<> {
    co_await echo_once(pool);
    co_await sleep_for(59s);
    co_await echo_once(pool);
    CHECK(seen.associations == 1);
    co_await sleep_for(61s);
    co_await echo_once(pool);
    CHECK(seen.associations == 2);
    CHECK(seen.ended == 1);
  });
}

TEST_CASE("an association that has broken does not come back") {
  with_pool({}, [](association_pool& pool, served& seen) -> task<> {
    {
      auto over = co_await pool.acquire();
      co_await over->abort();
    }
    CHECK(pool.idle() == 0);
    co_await echo_once(pool);
    CHECK(seen.associations == 2);
    co_await pool.close();
    const auto closed = co_await error_of([&] { return pool.acquire(); });
    CHECK(closed == errc::closed);
  });
}

TEST_CASE("a connection that cannot be made leaves its place to others") {
  const auto whole = []() -> task<> {
    const executor where = co_await asio::this_coro::executor;
    pool_options one;
    one.most = 1;
    association_pool pool{where, []() -> task<association> { throw association_error{errc::connection_refused, "nobody"}; co_return association{}; }, one};
    for (int i = 0; i < 2; ++i) {
      const auto refused = co_await error_of([&] { return pool.acquire(); });
      CHECK(refused == errc::connection_refused);
    }
    CHECK(pool.in_use() == 0);
  };
  testing::simulate(whole());
}
