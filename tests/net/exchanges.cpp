#include "net/support.hpp"

#include <codicom/coro/run.hpp>
#include <codicom/coro/blocking.hpp>
#include <codicom/net/handlers.hpp>

#include <algorithm>
#include <doctest/doctest.h>

#include <atomic>
#include <thread>

using namespace codicom_test;
using namespace std::chrono_literals;

namespace {

constexpr dul::async_window sixteen{16, 16};

acceptor_options accepts_all(dul::async_window window = {}) {
  acceptor_options options;
  options.policy.accept(sop_class::Verification).accept(find_class).accept(move_class).accept(ct);
  options.policy.window = window;
  return options;
}

// A script as requestor against `serve_one`.
void face(script does, handlers with, acceptor_options options = accepts_all(), memory_faults client_side = {}) {
  const auto server = [&](std::unique_ptr<transport> over) -> task<> {
    const auto ended = co_await as_result(serve_one(std::move(over), options, with));
    static_cast<void>(ended);
  };
  const auto client = [&](std::unique_ptr<transport> over) -> task<> {
    scripted_peer peer{std::move(over)};
    dul::requestor_options titles{"SCU", "SCP"};
    titles.max_length = 16384;
    titles.window = options.policy.window;
    co_await peer.request(titles, all_services().contexts);
    co_await does(peer);
  };
  const auto whole = [&]() -> task<> {
    const executor where = co_await asio::this_coro::executor;
    auto pair = testing::make_memory_pair(where, client_side);
    co_await together(client(std::move(pair.first)), server(std::move(pair.second)));
  };
  testing::simulate(whole());
}

task<> release(scripted_peer& p) {
  co_await p.send(dul::a_release_rq{});
  co_await p.expect<dul::a_release_rp>();
  p.close();
}

task<> answer_echo(scripted_peer& p) {
  const auto request = co_await p.expect_command<c_echo_request>();
  co_await p.send_message(context_id{1}, c_echo_response{request});
}

generator<find_match, c_find_response> searches_for_a_minute(find_request request) {
  auto searched = co_await race(sleep_for(60s), request.until_cancelled());
  co_return c_find_response{request.command, searched.winner == 1 ? status::success : status::cancel};
}

}  // namespace

// --- what a handler sees

TEST_CASE("a handler that awaits for a minute sees a C-CANCEL within 10 ms") {
  handlers with;
  with.on_find(searches_for_a_minute);
  face(
      [](scripted_peer& p) -> task<> {
        co_await p.send_message(context_id{3}, c_find_request{message_id{1}, find_class}, encoded(patient("*")));
        co_await sleep_for(7s);
        const auto begin = clock::now();
        co_await p.send_message(context_id{3}, c_cancel_request{message_id{1}});
        const auto last = co_await p.expect_command<c_find_response>();
        CHECK(last.status == status::cancel);
        CHECK(clock::now() - begin <= 10ms);
        co_await release(p);
      },
      with);
}

TEST_CASE("a handler that awaits for a minute sees an A-ABORT, an A-RELEASE and a lost connection within 10 ms") {
  enum class end { abort, release, loss };
  for (const auto how : {end::abort, end::release, end::loss}) {
    CAPTURE(static_cast<int>(how));
    clock::time_point sent, seen;
    handlers with;
    with.on_find([&](find_request request) -> generator<find_match, c_find_response> {
      const auto searched = co_await as_result(sleep_for(60s));
      seen = clock::now();
      CHECK_FALSE(searched);
      CHECK(request.cancelled());
      co_return c_find_response{request.command, status::cancel};
    });
    face(
        [&](scripted_peer& p) -> task<> {
          co_await p.send_message(context_id{3}, c_find_request{message_id{1}, find_class}, encoded(patient("*")));
          co_await sleep_for(7s);
          sent = clock::now();
          if (how == end::abort) co_await p.send(dul::a_abort{});
          else if (how == end::release) co_await release(p);
          else p.close();
          co_await sleep_for(1s);
        },
        with);
    CHECK(seen - sent <= 10ms);
    CHECK(seen >= sent);
  }
}

TEST_CASE("a handler that works on the blocking pool sees a C-CANCEL and the end of its association") {
  for (const bool abort : {false, true}) {
    CAPTURE(abort);
    std::atomic<bool> working = false, stopped = false;
    const auto whole = [&]() -> task<> {
      const executor where = co_await asio::this_coro::executor;
      handlers with;
      with.on_find([&](find_request request) -> generator<find_match, c_find_response> {
        const auto search = [&working, &stopped, stop = request.stop()] {
          const auto give_up = std::chrono::steady_clock::now() + 60s;
          working = true;
          while (!stop.stop_requested() && std::chrono::steady_clock::now() < give_up) std::this_thread::sleep_for(1ms);
          stopped = stop.stop_requested();
        };
        co_await blocking(where, search);
        co_return c_find_response{request.command, request.cancelled() ? status::cancel : status::success};
      });
      auto pair = testing::make_memory_pair(where);
      const auto asks = [&](std::unique_ptr<transport> over) -> task<> {
        auto a = co_await associate(std::move(over), all_services());
        auto responses = a.find(find_class, patient("*"));
        co_await responses.start();
        while (!working) co_await sleep_for(1ms);
        if (abort) co_return co_await a.abort();
        const auto last = co_await responses.cancel();
        CHECK(last.status == status::cancel);
        co_await a.release();
      };
      const auto serves = [&](std::unique_ptr<transport> over) -> task<> {
        const auto ended = co_await as_result(serve_one(std::move(over), accepts_all(), with));
        CHECK(bool{ended} == !abort);
      };
      co_await together(asks(std::move(pair.first)), serves(std::move(pair.second)));
    };
    run(whole());
    CHECK(stopped);
  }
}

// --- behind an object that nobody reads

TEST_CASE("a C-CANCEL behind a stalled object is seen at once within a window, and once the object is refused without") {
  for (const bool windowed : {true, false}) {
    CAPTURE(windowed);
    handlers with;
    with.on_find(searches_for_a_minute);
    with.on_store([](incoming_object object) -> task<> {
      co_await sleep_for(50s);
      const auto read = co_await as_result(object.read());
      if (read) co_await object.respond(status::success);
    });
    auto accepts = accepts_all(windowed ? sixteen : dul::async_window{});
    accepts.consumer_stall = 20s;
    face(
        [&](scripted_peer& p) -> task<> {
          co_await p.send_message(context_id{3}, c_find_request{message_id{1}, find_class}, encoded(patient("*")));
          co_await p.send_message(context_id{7}, c_store_request{message_id{2}, ct, "1.2.3"}, encoded(ct_object(200'000)));
          const auto begin = clock::now();
          co_await p.send_message(context_id{3}, c_cancel_request{message_id{1}});
          if (!windowed) {
            const auto stored = co_await p.expect_command<c_store_response>();
            CHECK(stored.status == status::out_of_resources);
            CHECK(clock::now() - begin == 20s);
          }
          const auto last = co_await p.expect_command<c_find_response>();
          CHECK(last.status == status::cancel);
          CHECK(clock::now() - begin <= (windowed ? 10ms : 20s + 10ms));
          if (windowed) {
            const auto stored = co_await p.expect_command<c_store_response>();
            CHECK(stored.status.is_success());
          }
          co_await release(p);
        },
        with, accepts);
  }
}

TEST_CASE("behind slow sinks no more than read_ahead is kept, whatever the objects and in any split") {
  memory_faults narrow;
  narrow.capacity = 10'000;
  for (const std::size_t most : {0u, 1u, 50'000u, 100'000u}) {
    CAPTURE(most);
    std::vector<data_set> came;
    handlers with;
    with.on_store([&](incoming_object object) -> task<> {
      co_await sleep_for(10s);
      std::vector<std::byte> some(100);
      const auto head = co_await object.head(element_tag{0x0010, 0x0010});
      co_await sleep_for(10s);
      auto whole = co_await object.read();
      co_await object.respond(status::success);
      came.push_back(std::move(whole));
    });
    auto accepts = accepts_all(sixteen);
    accepts.limits.read_ahead = static_cast<std::uint32_t>(most);
    face(
        [&](scripted_peer& p) -> task<> {
          std::size_t sent = 0;
          const auto sends = [&]() -> task<> {
            for (std::uint16_t i = 1; i <= 8; ++i) {
              const unique_id instance{"1.2.3." + std::to_string(i)};
              co_await p.send_message(context_id{7}, c_store_request{message_id{i}, ct, instance},
                                      encoded(ct_object(40'000, instance)));
              sent += 40'000;
            }
          };
          const auto looks = [&]() -> task<> {
            co_await sleep_for(5s);
            CHECK(sent <= most + narrow.capacity + 80'000);  // what a read buffer and a message begun hold
            if (most == 100'000) CHECK(sent >= 80'000);
            for (int i = 0; i < 8; ++i) {
              const auto stored = co_await p.expect_command<c_store_response>();
              CHECK(stored.status.is_success());
            }
            co_await release(p);
          };
          co_await together(sends(), looks());
        },
        with, accepts, narrow);
    REQUIRE(came.size() == 8);
    std::sort(came.begin(), came.end(), [](const data_set& a, const data_set& b) {
      return a.text(tag::SOPInstanceUID) < b.text(tag::SOPInstanceUID);
    });
    for (std::size_t i = 0; i < 8; ++i) CHECK(came[i] == ct_object(40'000, unique_id{"1.2.3." + std::to_string(i + 1)}));
  }
}

// --- deadlines

TEST_CASE("a late response ends its operation, not the association; it is skipped when it comes after all") {
  meet(
      [](association& a) -> task<> {
        const auto begin = clock::now();
        const auto late = co_await as_result(a.echo());
        CHECK(late.error() == errc::response_timed_out);
        CHECK(clock::now() - begin == 120s);
        CHECK(a.is_open());
        const auto echoed = co_await a.echo();
        CHECK(echoed.status.is_success());
        co_await a.release();
      },
      [](scripted_peer& p) -> task<> {
        const auto slow = co_await p.expect_command<c_echo_request>();
        co_await sleep_for(125s);
        co_await p.send_message(context_id{1}, c_echo_response{slow});
        co_await answer_echo(p);
        co_await p.expect_release();
      });
}

TEST_CASE("after a late response the next one may be awaited again, or the query cancelled") {
  for (const bool cancels : {false, true}) {
    CAPTURE(cancels);
    meet(
        [&](association& a) -> task<> {
          auto responses = a.find(find_class, patient("*"));
          const auto late = co_await as_result(responses.next());
          CHECK(late.error() == errc::response_timed_out);
          if (cancels) {
            const auto last = co_await responses.cancel();
            CHECK(last.status == status::cancel);
          } else {
            const auto match = co_await responses.next();
            CHECK(match);
            const auto end = co_await responses.next();
            CHECK_FALSE(end);
          }
          co_await a.release();
        },
        [&](scripted_peer& p) -> task<> {
          const auto request = co_await p.expect_command<c_find_request>();
          co_await sleep_for(cancels ? 125s : 150s);
          if (cancels) {
            co_await p.expect_command<c_cancel_request>();
            co_await p.send_message(context_id{3}, c_find_response{request, status::cancel});
          } else {
            co_await p.send_message(context_id{3}, c_find_response{request, status::pending}, encoded(patient("1")));
            co_await p.send_message(context_id{3}, c_find_response{request, status::success});
          }
          co_await p.expect_release();
        });
  }
}

TEST_CASE("an exchange that has been left a while ago does not end the next operation before it can be heard") {
  meet(
      [](association& a) -> task<> {
        auto left = co_await race(a.store(ct_object()), sleep_for(1s));
        CHECK(left.first.error() == failure::cancelled);
        co_await sleep_for(1h);
        const auto echoed = co_await a.echo();
        CHECK(echoed.status.is_success());
        co_await a.release();
      },
      [](scripted_peer& p) -> task<> {
        const auto request = co_await p.expect_command<c_store_request>();
        co_await sleep_for(1h + 5s);
        co_await p.send_message(context_id{7}, c_store_response{request, status::success});
        co_await answer_echo(p);
        co_await p.expect_release();
      });
}

TEST_CASE("the response deadline of an exchange stands still while another holds the reader") {
  auto options = all_services();
  const auto& get_class = sop_class::StudyRootQueryRetrieveInformationModelGet;
  options.propose(get_class);
  options.window = sixteen;
  options.contexts.role(ct, true, true);
  handlers with;
  with.on_get([](get_request request) -> generator<c_get_response, get_result> {
    const auto stored = co_await request.sender().store(ct_object(), transfer_syntax::ExplicitVRLittleEndian);
    CHECK(stored.status.is_success());
    co_return c_get_response{request.command, status::success};
  });
  with.on_find([](find_request request) -> generator<find_match, c_find_response> {
    co_await sleep_for(50s);
    co_return c_find_response{request.command, status::success};
  });
  auto accepts = accepts_all(sixteen);
  accepts.policy.accept(get_class).allow_requestor_as_scp(ct);
  options.response = 60s;
  options.limits.read_ahead = 0;
  accepts.response = 500s;
  meet_server(
      [&](association& a) -> task<> {
        const auto queries = [](association& over) -> task<> {
          const auto all = co_await collect(over.find(find_class, patient("*")));
          CHECK(all.last.status.is_success());
        };
        const auto gets = [&](association& over) -> task<> {
          auto responses = over.get(get_class, patient("*"));
          auto event = co_await responses.next();
          REQUIRE(event->arrived() != nullptr);
          co_await sleep_for(300s);  // with the data set unread, and the answer of the query behind it
          co_await event->arrived()->read();
          co_await event->arrived()->respond(status::success);
          const auto end = co_await responses.next();
          CHECK_FALSE(end);
        };
        co_await together(queries(a), gets(a));
      },
      with, accepts, options);
}

TEST_CASE("a peer that sends one byte a second is left at the read deadline") {
  meet(
      [](association& a) -> task<> {
        const auto begin = clock::now();
        const auto outcome = co_await as_result(a.echo());
        CHECK(outcome.error() == errc::read_timed_out);
        CHECK(clock::now() - begin <= 61s);
      },
      [](scripted_peer& p) -> task<> {
        const auto request = co_await p.expect_command<c_echo_request>();
        const auto pdus = scripted_peer::message_bytes(context_id{1}, c_echo_response{request});
        for (const auto byte : pdus) {
          const auto sent = co_await as_result(p.send_bytes(std::vector<std::byte>(1, byte)));
          if (!sent) break;
          co_await sleep_for(1s);
        }
      });
}

TEST_CASE("a slow but honest sender of a long message is not left") {
  handlers with;
  with.on_store([](incoming_object object) -> task<> {
    co_await object.read();
    co_await object.respond(status::success);
  });
  memory_faults slow;
  face(
      [](scripted_peer& p) -> task<> {
        const auto pdus = scripted_peer::message_bytes(
            context_id{7}, c_store_request{message_id{1}, ct, "1.2.3.4.5"}, encoded(ct_object(1'000'000)));
        for (std::size_t at = 0; at < pdus.size(); at += 2000) {  // 2 KB a second: ten minutes
          const auto end = std::min(pdus.size(), at + 2000);
          co_await p.send_bytes(std::vector<std::byte>(pdus.begin() + static_cast<std::ptrdiff_t>(at),
                                                       pdus.begin() + static_cast<std::ptrdiff_t>(end)));
          co_await sleep_for(1s);
        }
        const auto stored = co_await p.expect_command<c_store_response>();
        CHECK(stored.status.is_success());
        co_await release(p);
      },
      with, accepts_all(), slow);
}

// --- how many at once

TEST_CASE("beyond the window an operation fails at once if its caller chose so") {
  auto options = all_services();
  options.beyond_window = beyond_window::fail;
  meet(
      [](association& a) -> task<> {
        auto responses = a.find(find_class, patient("*"));
        co_await responses.start();
        const auto second = co_await as_result(a.echo());
        CHECK(second.error() == errc::exchange_in_progress);
        CHECK(a.is_open());
        const auto end = co_await responses.next();
        CHECK_FALSE(end);
        const auto third = co_await a.echo();
        CHECK(third.status.is_success());
        co_await a.release();
      },
      [](scripted_peer& p) -> task<> {
        const auto request = co_await p.expect_command<c_find_request>();
        co_await p.send_message(context_id{3}, c_find_response{request, status::success});
        co_await answer_echo(p);
        co_await p.expect_release();
      },
      options);
}

TEST_CASE("requests at once are bounded: at the limit they are performed, beyond it refused, and a C-CANCEL is seen") {
  for (const std::uint16_t sent : {std::uint16_t{9}, std::uint16_t{10}, std::uint16_t{11}, std::uint16_t{1000}}) {
    CAPTURE(sent);
    std::size_t performed = 0;
    handlers with;
    with.on_find([&](find_request request) -> generator<find_match, c_find_response> {
      ++performed;
      co_await request.until_cancelled();
      co_return c_find_response{request.command, status::cancel};
    });
    auto accepts = accepts_all();
    accepts.limits.requests = 10;
    face(
        [&](scripted_peer& p) -> task<> {
          const auto floods = [&]() -> task<> {
            for (std::uint16_t i = 1; i <= sent; ++i)
              co_await p.send_message(context_id{3}, c_find_request{message_id{i}, find_class}, encoded(patient("*")));
            for (std::uint16_t i = 1; i <= 10; ++i)
              co_await p.send_message(context_id{3}, c_cancel_request{message_id{i}});
          };
          const auto counts = [&]() -> task<> {
            std::size_t refused = 0, cancelled = 0;
            for (std::uint16_t i = 0; i < sent; ++i) {
              const auto response = co_await p.expect_command<c_find_response>();
              if (response.status == status::out_of_resources) ++refused;
              if (response.status == status::cancel) ++cancelled;
            }
            CHECK(cancelled == std::min<std::size_t>(sent, 10));
            CHECK(refused == sent - cancelled);
            co_await release(p);
          };
          co_await together(floods(), counts());
        },
        with, accepts);
    CHECK(performed == std::min<std::size_t>(sent, 10));
  }
}
