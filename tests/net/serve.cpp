#include "net/support.hpp"

#include <codicom/net/handlers.hpp>
#include <codicom/net/listener.hpp>
#include <codicom/net/serve.hpp>

#include <doctest/doctest.h>

using namespace codicom_test;
using namespace std::chrono_literals;

namespace {

acceptor_options accepts_all() {
  acceptor_options options;
  options.policy.accept(sop_class::Verification).accept(find_class).accept(move_class).accept(ct);
  return options;
}

dul::requestor_options scu_titles() { return dul::requestor_options{"SCU", "SCP"}; }
dul::proposal all_contexts() { return all_services().contexts; }

// A script as requestor against `serve_one`. The server's outcome is returned as a code.
std::error_code face(script does, handlers with, acceptor_options options = accepts_all(), bool establish = true,
                     memory_faults server_side = {}) {
  std::error_code outcome;
  const auto server = [&](std::unique_ptr<transport> over) -> task<> {
    const auto ended = co_await as_result(serve_one(std::move(over), options, with));
    outcome = ended.error();
  };
  const auto client = [&](std::unique_ptr<transport> over) -> task<> {
    scripted_peer peer{std::move(over)};
    if (establish) {
      auto titles = scu_titles();
      titles.max_length = 16384;
      co_await peer.request(titles, all_contexts());
    }
    co_await does(peer);
  };
  const auto whole = [&]() -> task<> {
    const executor where = co_await asio::this_coro::executor;
    auto pair = testing::make_memory_pair(where, {}, server_side);
    co_await together(client(std::move(pair.first)), server(std::move(pair.second)));
  };
  testing::simulate(whole());
  return outcome;
}

task<> release(scripted_peer& p) {
  co_await p.send(dul::a_release_rq{});
  co_await p.expect<dul::a_release_rp>();
  p.close();
}

task<> echo_works(scripted_peer& p, message_id id) {
  co_await p.send_message(context_id{1}, c_echo_request{id});
  const auto response = co_await p.expect_command<c_echo_response>();
  CHECK(response.status.is_success());
  CHECK(response.responded_to == id);
}

generator<find_match, c_find_response> three_matches(find_request request) {
  for (int i = 0; i < 3; ++i) {
    co_await sleep_for(10ms);
    co_yield find_match{patient(std::to_string(i)), i == 2 ? status::pending_with_warning : status::pending};
  }
  co_return c_find_response{request.command, status::success};
}

generator<find_match, c_find_response> matches_at_once(find_request request, int count) {
  for (int i = 0; i < count; ++i) co_yield find_match{patient(std::to_string(i))};
  co_return c_find_response{request.command, status::success};
}

generator<find_match, c_find_response> endless(find_request request) {
  while (!request.cancelled()) {
    co_await sleep_for(1s);
    co_yield find_match{patient("x")};
  }
  co_return c_find_response{request.command, status::cancel};
}

generator<find_match, c_find_response> sleeps_for_an_hour(find_request request) {
  co_await sleep_for(1h);
  co_return c_find_response{request.command, status::success};
}

generator<find_match, c_find_response> throws(find_request) {
  co_yield find_match{patient("1")};
  throw std::runtime_error{"the database is gone"};
}

generator<c_move_response, move_result> moves_two(move_request request) {
  for (std::uint16_t i = 0; i < 2; ++i) {
    c_move_response pending{request.command, status::pending};
    pending.remaining = static_cast<std::uint16_t>(2 - i);
    pending.completed = i;
    co_yield pending;
    co_await sleep_for(1s);
    if (request.cancelled()) co_return c_move_response{request.command, status::cancel};
  }
  data_set failed;
  failed.set(tag::FailedSOPInstanceUIDList, unique_id{"1.2.3"});
  co_return move_result{c_move_response{request.command, status::suboperations_with_failures}, failed};
}

}  // namespace

TEST_CASE("an acceptor answers C-ECHO without a handler, and A-RELEASE") {
  CHECK_FALSE(face(
      [](scripted_peer& p) -> task<> {
        co_await echo_works(p, message_id{1});
        co_await echo_works(p, message_id{65535});
        co_await release(p);
      },
      handlers{}));
}

TEST_CASE("a request comes in any split of its bytes") {
  for (std::uint64_t at = 1; at < 700; ++at) {
    CAPTURE(at);
    memory_faults split;
    split.split_at = at;
    handlers with;
    with.on_find(three_matches);
    CHECK_FALSE(face(
        [](scripted_peer& p) -> task<> {
          co_await p.send_message(context_id{3}, c_find_request{message_id{1}, find_class}, encoded(patient("*")));
          for (int i = 0; i < 4; ++i) {
            const auto response = co_await p.expect_command<c_find_response>();
            CHECK(response.status.is_pending() == (i < 3));
          }
          co_await release(p);
        },
        with, accepts_all(), true, split));
  }
}

TEST_CASE("matches that a find provider yields are not held back while it waits") {
  handlers with;
  with.on_find([](find_request request) -> generator<find_match, c_find_response> {
    co_yield find_match{patient("1")};
    co_yield find_match{patient("2")};
    co_await sleep_for(50s);
    co_yield find_match{patient("3")};
    co_await sleep_for(50s);
    co_return c_find_response{request.command, status::success};
  });
  CHECK_FALSE(face(
      [](scripted_peer& p) -> task<> {
        co_await p.send_message(context_id{3}, c_find_request{message_id{1}, find_class}, encoded(patient("*")));
        const auto start = clock::now();
        for (const auto when : {0s, 0s, 50s, 100s}) {
          const auto response = co_await p.expect_command<c_find_response>();
          CHECK(response.status.is_pending() == (when < 100s));
          CHECK(clock::now() - start < when + 1s);
        }
        co_await release(p);
      },
      with));
}

TEST_CASE("matches that come at once go out together") {
  // Reads and writes of the server until the peer has all of so many.
  const auto operations_for = [](int matches) {
    std::size_t operations = 0;
    for (bool complete = false; !complete && operations < 100;) {
      handlers with;
      with.on_find([matches](find_request request) { return matches_at_once(std::move(request), matches); });
      memory_faults server_side;
      server_side.fail_at = ++operations;
      const auto take_all = [matches](scripted_peer& p) -> task<> {
        dul::requestor_options titles{"SCU", "SCP"};
        co_await p.request(titles, all_services().contexts);
        co_await p.send_message(context_id{3}, c_find_request{message_id{1}, find_class}, encoded(patient("*")));
        for (int i = 0; i <= matches; ++i) co_await p.expect_command<c_find_response>();
      };
      face(
          [&](scripted_peer& p) -> task<> {
            const auto outcome = co_await as_result(take_all(p));
            complete = static_cast<bool>(outcome);
            p.close();
          },
          with, accepts_all(), false, server_side);
    }
    return operations;
  };
  CHECK(operations_for(30) == operations_for(1));
}

TEST_CASE("a find provider's matches and final response are sent, with message id and class filled in") {
  handlers with;
  with.on_find(three_matches);
  face(
      [](scripted_peer& p) -> task<> {
        co_await p.send_message(context_id{3}, c_find_request{message_id{7}, find_class}, encoded(patient("*")));
        for (int i = 0; i < 3; ++i) {
          auto m = co_await p.expect_message();
          const auto response = std::get<c_find_response>(m.command);
          CHECK(response.responded_to == message_id{7});
          CHECK(response.affected_sop_class_uid == find_class);
          CHECK(response.status == (i == 2 ? status::pending_with_warning : status::pending));
          CHECK(m.data_set == encoded(patient(std::to_string(i))));
        }
        const auto last = co_await p.expect_command<c_find_response>();
        CHECK(last.status.is_success());
        CHECK(last.responded_to == message_id{7});
        co_await release(p);
      },
      with);
}

TEST_CASE("a C-CANCEL reaches a provider that looks, and stops one that does not") {
  for (const bool looks : {true, false}) {
    CAPTURE(looks);
    handlers with;
    if (looks) with.on_find(endless);
    else
      with.on_find([](find_request) -> generator<find_match, c_find_response> {
        for (;;) {
          co_await sleep_for(1s);
          co_yield find_match{patient("x")};
        }
      });
    face(
        [](scripted_peer& p) -> task<> {
          co_await p.send_message(context_id{3}, c_find_request{message_id{2}, find_class}, encoded(patient("*")));
          const auto one = co_await p.expect_command<c_find_response>();
          CHECK(one.status.is_pending());
          co_await p.send_message(context_id{3}, c_cancel_request{message_id{2}});
          const auto begin = clock::now();
          for (;;) {
            const auto next = co_await p.expect_command<c_find_response>();
            if (next.status.is_pending()) continue;
            CHECK(next.status.is_cancel());
            break;
          }
          CHECK(clock::now() - begin <= 1s);
          co_await p.send_message(context_id{3}, c_cancel_request{message_id{2}});  // too late: nothing happens
          co_await echo_works(p, message_id{3});
          co_await release(p);
        },
        with);
  }
}

TEST_CASE("a move provider's counts, cancellation and failed list go out") {
  handlers with;
  with.on_move(moves_two);
  face(
      [](scripted_peer& p) -> task<> {
        co_await p.send_message(context_id{5}, c_move_request{message_id{1}, move_class, "DEST"}, encoded(patient("1")));
        const auto one = co_await p.expect_command<c_move_response>();
        CHECK(one.remaining == 2);
        CHECK(one.status == status::pending);
        const auto two = co_await p.expect_command<c_move_response>();
        CHECK(two.remaining == 1);
        auto last = co_await p.expect_message();
        CHECK(std::get<c_move_response>(last.command).status == status::suboperations_with_failures);
        CHECK_FALSE(last.data_set.empty());
        co_await p.send_message(context_id{5}, c_move_request{message_id{2}, move_class, "DEST"}, encoded(patient("1")));
        co_await p.expect_command<c_move_response>();
        co_await p.send_message(context_id{5}, c_cancel_request{message_id{2}});
        const auto cancelled = co_await p.expect_command<c_move_response>();
        CHECK(cancelled.status.is_cancel());
        co_await release(p);
      },
      with);
}

TEST_CASE("a provider that throws answers C000 and the association lives on") {
  handlers with;
  with.on_find(throws);
  with.on_store([](incoming_object) -> task<> {
    throw std::runtime_error{"no"};
    co_return;
  });
  face(
      [](scripted_peer& p) -> task<> {
        co_await p.send_message(context_id{3}, c_find_request{message_id{2}, find_class}, encoded(patient("*")));
        const auto one = co_await p.expect_command<c_find_response>();
        CHECK(one.status.is_pending());
        const auto last = co_await p.expect_command<c_find_response>();
        CHECK(last.status == status::cannot_understand);
        co_await p.send_message(context_id{7}, c_store_request{message_id{3}, ct, "1.2.3"}, encoded(ct_object()));
        const auto stored = co_await p.expect_command<c_store_response>();
        CHECK(stored.status == status::cannot_understand);
        co_await echo_works(p, message_id{4});
        co_await release(p);
      },
      with);
}

TEST_CASE("services without a handler, unknown commands and classes that do not fit get their status") {
  handlers with;
  with.on_find(three_matches);
  face(
      [](scripted_peer& p) -> task<> {
        co_await p.send_message(context_id{5}, c_move_request{message_id{1}, move_class, "DEST"}, encoded(patient("1")));
        auto m = co_await p.expect_message();
        CHECK(status_of(m.command) == status::unrecognized_operation);
        CHECK(field_of(m.command) == command_field::c_move_rsp);
        generic_command unknown{command_field::n_action_rq};
        unknown.id = message_id{2};
        unknown.sop_class_uid = ct;
        co_await p.send_message(context_id{7}, unknown);
        m = co_await p.expect_message();
        CHECK(status_of(m.command) == status::unrecognized_operation);
        CHECK(field_of(m.command) == command_field::n_action_rsp);
        CHECK(id_of(m.command) == message_id{2});
        co_await p.send_message(context_id{5}, c_find_request{message_id{3}, find_class}, encoded(patient("1")));
        m = co_await p.expect_message();
        CHECK(status_of(m.command) == status::sop_class_not_supported);
        co_await p.send_message(context_id{7}, c_store_request{message_id{4}, ct, "1.2.3"}, encoded(ct_object(200'000)));
        m = co_await p.expect_message();
        CHECK(status_of(m.command) == status::unrecognized_operation);
        co_await echo_works(p, message_id{5});
        co_await release(p);
      },
      with);
}

TEST_CASE("an identifier beyond the limit gets a status and the association lives on") {
  handlers with;
  with.on_find(three_matches);
  auto options = accepts_all();
  options.limits.identifier_bytes = 1000;
  face(
      [](scripted_peer& p) -> task<> {
        data_set large;
        large.set_bytes(tag::PixelData, vr::ow, byte_span{std::vector<std::byte>(2000)});
        co_await p.send_message(context_id{3}, c_find_request{message_id{1}, find_class}, encoded(large));
        const auto refused = co_await p.expect_command<c_find_response>();
        CHECK(refused.status == status::out_of_resources);
        co_await echo_works(p, message_id{2});
        co_await release(p);
      },
      with, options);
}

TEST_CASE("an A-ABORT or A-RELEASE is seen while a handler works, which is cancelled") {
  for (const bool abort : {true, false}) {
    CAPTURE(abort);
    handlers with;
    int ended = 0;
    with.on_find(sleeps_for_an_hour);
    with.on_association([](const dul::association_parameters& a, std::string_view) { CHECK(a.calling_ae_title() == ae_title{"SCU"}); },
                        [&](const dul::association_parameters&, std::string_view) { ++ended; });
    const auto outcome = face(
        [abort](scripted_peer& p) -> task<> {
          co_await p.send_message(context_id{3}, c_find_request{message_id{1}, find_class}, encoded(patient("*")));
          co_await sleep_for(1s);
          const auto begin = clock::now();
          if (abort) {
            co_await p.send(dul::a_abort{});
            co_await p.expect_end();
          } else {
            co_await release(p);
          }
          CHECK(clock::now() - begin <= 10ms);
        },
        with);
    CHECK(ended == 1);
    CHECK(outcome == (abort ? std::error_code{errc::aborted_by_peer} : std::error_code{}));
  }
}

TEST_CASE("what comes instead of an A-ASSOCIATE-RQ is answered, and nobody stays for ever") {
  using sent = std::function<task<>(scripted_peer&)>;
  struct row {
    std::string name;
    sent does;
    dul::pdu_type answer;
    duration at_most;
  };
  const std::vector<row> rows{
      {"garbage", [](scripted_peer& p) -> task<> { co_await p.send_bytes(std::vector<std::byte>(200, std::byte{0x41})); },
       dul::pdu_type::a_abort, 1s},
      {"half an A-ASSOCIATE-RQ",
       [](scripted_peer& p) -> task<> {
         std::vector<std::byte> bytes(10);
         bytes[0] = std::byte{1};
         bytes[5] = std::byte{4};  // so many more
         co_await p.send_bytes(bytes);
       },
       dul::pdu_type::a_abort, 1s},
      {"P-DATA", [](scripted_peer& p) -> task<> { co_await p.send_message(context_id{1}, c_echo_request{message_id{1}}); },
       dul::pdu_type::a_abort, 1s},
      {"A-RELEASE-RQ", [](scripted_peer& p) -> task<> { co_await p.send(dul::a_release_rq{}); }, dul::pdu_type::a_abort, 1s},
      {"no application context",
       [](scripted_peer& p) -> task<> {
         auto request = dul::make_request(scu_titles(), all_contexts());
         request.application_context = "1.2.3";
         co_await p.send(dul::pdu{request});
       },
       dul::pdu_type::a_associate_rj, 1s},
      {"other protocol version",
       [](scripted_peer& p) -> task<> {
         auto request = dul::make_request(scu_titles(), all_contexts());
         request.protocol_version = 2;
         co_await p.send(dul::pdu{request});
       },
       dul::pdu_type::a_associate_rj, 1s},
  };
  for (const auto& each : rows) {
    CAPTURE(each.name);
    const auto outcome = face(
        [&](scripted_peer& p) -> task<> {
          const auto begin = clock::now();
          co_await each.does(p);
          auto answer = co_await p.receive();
          REQUIRE(answer);
          CHECK(dul::type_of(*answer) == each.answer);
          if (const auto* abort = std::get_if<dul::a_abort>(&*answer))  // AA-1: as the service-user
            CHECK(abort->cause == dul::abort_cause{dul::abort_source::service_user, dul::abort_reason::not_specified});
          CHECK(clock::now() - begin <= each.at_most);
          co_await p.expect_end();
        },
        handlers{}, accepts_all(), false);
    CHECK(outcome);
  }
}

TEST_CASE("a connection that says nothing is closed when ARTIM expires") {
  const auto outcome = face(
      [](scripted_peer& p) -> task<> {
        const auto begin = clock::now();
        co_await p.expect_end();
        CHECK(clock::now() - begin == 30s);
      },
      handlers{}, accepts_all(), false);
  CHECK(outcome == errc::association_timed_out);
}

TEST_CASE("a rejected peer that does not close is closed when ARTIM expires, and has read the A-ASSOCIATE-RJ") {
  auto options = accepts_all();
  options.policy.calling_ae_titles.push_back("SOMEBODY");
  options.artim = 1s;
  const auto outcome = face(
      [](scripted_peer& p) -> task<> {
        co_await p.send(dul::pdu{dul::make_request(scu_titles(), all_contexts())});
        co_await p.send_bytes(std::vector<std::byte>(100'000));  // in flight
        const auto rejected = co_await p.expect<dul::a_associate_rj>();
        CHECK(rejected.cause == dul::rejection::calling_ae_title_not_recognized);
        const auto begin = clock::now();
        co_await p.expect_end();
        co_await sleep_for(3s);
        std::error_code error;
        const std::byte one{};
        const asio::const_buffer buffer{&one, 1};
        co_await p.stream().write(const_buffers{&buffer, 1}, error);
        CHECK(error);
        CHECK(clock::now() - begin <= 3s + 100ms);
      },
      handlers{}, options, false);
  CHECK(outcome == errc::association_rejected);
}

TEST_CASE("an idle association is released, or aborted when that is not answered") {
  for (const bool answers : {true, false}) {
    CAPTURE(answers);
    auto options = accepts_all();
    options.idle = 60s;
    face(
        [answers](scripted_peer& p) -> task<> {
          co_await echo_works(p, message_id{1});
          const auto begin = clock::now();
          co_await p.expect<dul::a_release_rq>();
          CHECK(clock::now() - begin == 60s);
          if (answers) {
            co_await p.send(dul::a_release_rp{});
          } else {
            co_await p.expect<dul::a_abort>();
            CHECK(clock::now() - begin <= 70s + 100ms);
          }
          co_await p.expect_end();
        },
        handlers{}, options);
  }
}

TEST_CASE("when releases collide the acceptor answers last, and leaves it to the peer to close, until ARTIM expires") {
  for (const bool closes : {true, false}) {
    CAPTURE(closes);
    auto options = accepts_all();
    options.idle = 60s;
    options.artim = 5s;
    const auto outcome = face(
        [closes](scripted_peer& p) -> task<> {
          co_await p.expect<dul::a_release_rq>();
          co_await p.send(dul::a_release_rq{});  // Sta10
          co_await p.send(dul::a_release_rp{});  // Sta12
          co_await p.expect<dul::a_release_rp>();
          co_await p.expect_end();  // of what it sends
          co_await sleep_for(4s);
          std::error_code error;
          const std::byte one{4};
          const asio::const_buffer buffer{&one, 1};
          co_await p.stream().write(const_buffers{&buffer, 1}, error);
          CHECK_FALSE(error);  // Sta13: still read
          if (closes) co_return p.close();
          co_await sleep_for(2s);
          co_await p.stream().write(const_buffers{&buffer, 1}, error);
          CHECK(error);
        },
        handlers{}, options);
    CHECK_FALSE(outcome);
  }
}

TEST_CASE("a handler that works is not idle") {
  auto options = accepts_all();
  options.idle = 10s;
  handlers with;
  with.on_find([](find_request r) -> generator<find_match, c_find_response> {
    co_await sleep_for(100s);
    co_return c_find_response{r.command, status::success};
  });
  face(
      [](scripted_peer& p) -> task<> {
        co_await p.send_message(context_id{3}, c_find_request{message_id{1}, find_class}, encoded(patient("*")));
        const auto last = co_await p.expect_command<c_find_response>();
        CHECK(last.status.is_success());
        co_await release(p);
      },
      with, options);
}

TEST_CASE("a connection that fails at any operation ends the server's side cleanly") {
  int failed = 0;
  for (std::size_t n = 1; n < 60; ++n) {
    CAPTURE(n);
    memory_faults faults;
    faults.fail_at = n;
    handlers with;
    with.on_find(three_matches);
    bool done = false;
    try {
      face(
          [&](scripted_peer& p) -> task<> {
            co_await p.send_message(context_id{3}, c_find_request{message_id{1}, find_class}, encoded(patient("*")));
            for (int i = 0; i < 4; ++i) co_await p.expect_command<c_find_response>();
            co_await release(p);
            done = true;
          },
          with, accepts_all(), true, faults);
    } catch (const std::system_error&) {
      ++failed;
    } catch (const std::logic_error& e) {
      CHECK_MESSAGE(std::string{e.what()}.find("stands still") == std::string::npos, e.what());
      ++failed;
    }
    if (done) break;
  }
  CHECK(failed > 5);
}

// --- many associations: serve itself

namespace {

void with_server(std::function<task<>(testing::memory_acceptor::door, listener&)> body, handlers with,
                 acceptor_options options = accepts_all()) {
  const auto whole = [&]() -> task<> {
    const executor where = co_await asio::this_coro::executor;
    auto source = std::make_unique<testing::memory_acceptor>(where);
    const auto door = source->entrance();
    listener at{std::move(source)};
    options.runs_on = association_executor::of_the_server;
    co_await together(serve(at, options, with), body(door, at));
  };
  testing::simulate(whole());
}

}  // namespace

TEST_CASE("both stacks together: echo, find, store, release; then the server stops") {
  handlers with;
  std::string stored;
  with.on_find(three_matches).on_store([&](incoming_object object) -> task<> {
    const auto value = co_await object.read();
    stored += value.text(tag::SOPInstanceUID) + ' ';
    co_await object.respond(status::success);
  });
  with_server(
      [&](testing::memory_acceptor::door door, listener& at) -> task<> {
        auto a = co_await associate(door.connect(), all_services());
        auto b = co_await associate(door.connect(), all_services());
        const auto echoed = co_await a.echo();
        CHECK(echoed.status.is_success());
        const auto found = co_await collect(b.find(find_class, patient("*")));
        CHECK(found.matches.size() == 3);
        for (const char* uid : {"1.1", "1.2"}) {
          const auto response = co_await a.store(ct_object(300'000, uid));
          CHECK(response.status.is_success());
        }
        co_await a.release();
        co_await b.release();
        at.stop();
      },
      with);
  CHECK(stored == "1.1 1.2 ");
}

TEST_CASE("beyond the limit of associations a peer is rejected for the time being, at once") {
  auto options = accepts_all();
  options.limits.associations = 1;
  with_server(
      [](testing::memory_acceptor::door door, listener& at) -> task<> {
        auto a = co_await associate(door.connect(), all_services());
        const auto refused = co_await as_result(associate(door.connect(), all_services()));
        CHECK(refused.error() == errc::association_rejected);
        co_await a.release();
        co_await sleep_for(1s);
        auto b = co_await associate(door.connect(), all_services());
        co_await b.release();
        at.stop();
      },
      handlers{}, options);
}

TEST_CASE("beyond the limit of associations from one address its next one is rejected, the limit itself is not") {
  for (const std::uint32_t limit : {1u, 2u, 3u}) {
    auto options = accepts_all();
    options.limits.associations_per_peer = limit;
    with_server(
        [limit](testing::memory_acceptor::door door, listener& at) -> task<> {
          std::vector<association> open;
          for (std::uint32_t i = 0; i < limit; ++i) open.push_back(co_await associate(door.connect(), all_services()));
          const auto refused = co_await as_result(associate(door.connect(), all_services()));
          CHECK(refused.error() == errc::association_rejected);
          try {
            std::rethrow_exception(refused.exception());
          } catch (const association_error& error) {
            CHECK(error.diagnostics().rejected == dul::rejection::local_limit_exceeded);
          }
          co_await open.back().release();
          co_await sleep_for(1s);
          open.back() = co_await associate(door.connect(), all_services());
          for (auto& each : open) co_await each.release();
          at.stop();
        },
        handlers{}, options);
  }
}

TEST_CASE("who may have an association is asked with the request and the address, and the cause goes out") {
  auto options = accepts_all();
  std::vector<std::string> asked;
  options.access = [&](const dul::a_associate_rq& request,
                       const remote_end& from) -> std::optional<dul::reject_cause> {
    asked.push_back(request.calling_ae_title.str() + '@' + from.address);
    CHECK(from.certificate == nullptr);
    if (request.calling_ae_title == "SCU") return std::nullopt;
    return dul::rejection::calling_ae_title_not_recognized;
  };
  with_server(
      [](testing::memory_acceptor::door door, listener& at) -> task<> {
        auto taken = co_await associate(door.connect(), all_services());
        co_await taken.release();
        auto stranger = all_services();
        stranger.calling_ae_title = "STRANGER";
        const auto refused = co_await as_result(associate(door.connect(), stranger));
        CHECK(refused.error() == errc::association_rejected);
        try {
          std::rethrow_exception(refused.exception());
        } catch (const association_error& error) {
          CHECK(error.diagnostics().rejected == dul::rejection::calling_ae_title_not_recognized);
        }
        at.stop();
      },
      handlers{}, options);
  REQUIRE(asked.size() == 2);
  CHECK(asked[0].starts_with("SCU@"));
  CHECK(asked[1].starts_with("STRANGER@"));
}

TEST_CASE("a requestor that takes no fragment at all is accepted, as it may be, and told by an A-ABORT") {
  for (std::uint32_t length = 1; length <= 8; ++length) {
    CAPTURE(length);
    const auto outcome = face(
        [length](scripted_peer& p) -> task<> {
          auto request = dul::make_request(scu_titles(), all_contexts());
          request.user.max_length = length;
          co_await p.send(dul::pdu{request});
          co_await p.expect<dul::a_associate_ac>();
          if (length < 8) {
            co_await p.expect<dul::a_abort>();
            p.close();
          } else {
            co_await echo_works(p, message_id{1});
            co_await release(p);
          }
        },
        handlers{}, accepts_all(), false);
    CHECK(static_cast<bool>(outcome) == (length < 8));
  }
}

TEST_CASE("an orderly stop releases the idle, lets the busy finish, and aborts who takes too long") {
  handlers with;
  with.on_find([](find_request r) -> generator<find_match, c_find_response> {
    co_await sleep_for(r.identifier.text(tag::PatientID) == "quick" ? 5s : 100s);
    co_return c_find_response{r.command, status::success};
  });
  with_server(
      [](testing::memory_acceptor::door door, listener& at) -> task<> {
        auto idle = co_await associate(door.connect(), all_services());
        auto busy = co_await associate(door.connect(), all_services());
        auto slow = co_await associate(door.connect(), all_services());
        const auto query = [](association& a, std::string id) -> task<c_find_response> {
          auto all = co_await collect(a.find(find_class, patient(id)));
          co_return all.last;
        };
        const auto begin = clock::now();
        const auto stops = [&at]() -> task<> {
          co_await sleep_for(1s);
          at.stop();
        };
        const auto quick_ends = [&]() -> task<> {
          const auto last = co_await query(busy, "quick");
          CHECK(last.status.is_success());
          CHECK(clock::now() - begin <= 6s);
        };
        const auto slow_ends = [&]() -> task<> {
          const auto outcome = co_await as_result(query(slow, "slow"));
          CHECK(outcome.error() == failure::peer_gone);
          CHECK(clock::now() - begin <= 12s);
        };
        const auto idle_ends = [&]() -> task<> {
          co_await sleep_for(2s);
          const auto outcome = co_await as_result(idle.echo());
          CHECK(outcome.error() == failure::peer_gone);
        };
        const executor where = co_await asio::this_coro::executor;
        scope all{where};
        all.spawn(stops());
        all.spawn(quick_ends());
        all.spawn(slow_ends());
        all.spawn(idle_ends());
        co_await all.join();
      },
      with);
}

TEST_CASE("cancelling serve ends its associations") {
  bool ended = false;
  const auto whole = [&]() -> task<> {
    const executor where = co_await asio::this_coro::executor;
    auto source = std::make_unique<testing::memory_acceptor>(where);
    const auto door = source->entrance();
    listener at{std::move(source)};
    handlers with;
    with.on_find(sleeps_for_an_hour);
    with.on_association({}, [&](const dul::association_parameters&, std::string_view) { ended = true; });
    auto options = accepts_all();
    const auto client = [&]() -> task<> {
      auto a = co_await associate(door.connect(), all_services());
      auto outcome = co_await race(collect(a.find(find_class, patient("*"))), sleep_for(2s));
      CHECK(outcome.winner == 2);
    };
    auto outcome = co_await race(serve(at, options, with), client());
    CHECK(outcome.winner == 2);
  };
  testing::simulate(whole());
  CHECK(ended);
}

TEST_CASE("a response that cannot be written beside an object that nobody reads ends the association at once") {
  handlers with;
  with.on_store([](incoming_object object) -> task<> {
    co_await sleep_for(1h);
    co_await object.respond(status::success);
  });
  auto options = accepts_all();
  options.policy.window = dul::async_window{4, 1};
  memory_faults server_side;
  server_side.fail_at = 5;  // read the request, write the acceptance, read both messages in two pieces, write a response
  const auto outcome = face(
      [](scripted_peer& p) -> task<> {
        co_await p.send_message(context_id{7}, c_store_request{message_id{1}, ct, "1.2.3"}, encoded(ct_object()));
        co_await p.send_message(context_id{1}, c_echo_request{message_id{2}});
        const auto ended = co_await as_result(p.receive());
        CHECK_FALSE(ended);
      },
      with, options, true, server_side);
  CHECK(outcome == failure::peer_gone);
}
