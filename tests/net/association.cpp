#include "net/support.hpp"

#include <doctest/doctest.h>

using namespace codicom_test;
using namespace std::chrono_literals;

namespace {

// What a task throws, as a code; and how long it took.
template <class T>
task<std::pair<std::error_code, duration>> timed(task<T> operation) {
  const auto begin = clock::now();
  const auto outcome = co_await as_result(std::move(operation));
  co_return std::pair{outcome.error(), clock::now() - begin};
}

task<> answer_echo(scripted_peer& peer) {
  auto message = co_await peer.expect_message();
  const auto* request = std::get_if<c_echo_request>(&message.command);
  CHECK(request != nullptr);
  if (request == nullptr) co_return;
  co_await peer.send_message(message.context, c_echo_response{*request});
}

}  // namespace

TEST_CASE("C-ECHO goes out on the context of Verification and its status comes back; release closes the transport") {
  meet(
      [](association& a) -> task<> {
        CHECK(a.is_open());
        const auto first = co_await a.echo();
        CHECK(first.status.is_success());
        const auto second = co_await a.echo();
        CHECK(second.status == status::not_authorized);
        co_await a.release();
        CHECK_FALSE(a.is_open());
        const auto after = co_await as_result(a.echo());
        CHECK(after.error() == errc::closed);
      },
      [](scripted_peer& p) -> task<> {
        auto first = co_await p.expect_message();
        CHECK(first.context == context_id{1});
        CHECK(std::get<c_echo_request>(first.command).id == message_id{1});
        co_await p.send_message(first.context, c_echo_response{std::get<c_echo_request>(first.command)});
        auto second = co_await p.expect_message();
        CHECK(std::get<c_echo_request>(second.command).id == message_id{2});
        co_await p.send_message(second.context, c_echo_response{std::get<c_echo_request>(second.command), status::not_authorized});
        co_await p.expect_release();
      });
}

TEST_CASE("C-FIND gives matches one by one, FF01 among them, then the final response") {
  meet(
      [](association& a) -> task<> {
        auto responses = a.find(find_class, patient("*"));
        auto one = co_await responses.next();
        REQUIRE(one);
        CHECK(one->status == status::pending);
        CHECK(one->identifier.text(tag::PatientID) == "1");
        auto two = co_await responses.next();
        REQUIRE(two);
        CHECK(two->status == status::pending_with_warning);
        CHECK(two->identifier.text(tag::PatientID) == "2");
        auto none = co_await responses.next();
        CHECK_FALSE(none);
        CHECK(responses.last().status.is_success());
        auto still_none = co_await responses.next();
        CHECK_FALSE(still_none);
        co_await a.release();
      },
      [](scripted_peer& p) -> task<> {
        auto m = co_await p.expect_message();
        const auto request = std::get<c_find_request>(m.command);
        CHECK(m.data_set == encoded(patient("*")));
        co_await p.send_message(m.context, c_find_response{request, status::pending}, encoded(patient("1")));
        co_await p.send_message(m.context, c_find_response{request, status::pending_with_warning}, encoded(patient("2")));
        co_await p.send_message(m.context, c_find_response{request, status::success});
        co_await p.expect_release();
      });
}

TEST_CASE("C-MOVE gives counts where the peer sends them, and the failed list of the final response") {
  meet(
      [](association& a) -> task<> {
        auto responses = a.move(move_class, patient("1"), "DEST");
        auto one = co_await responses.next();
        REQUIRE(one);
        CHECK(one->remaining == 2);
        auto two = co_await responses.next();
        REQUIRE(two);
        CHECK_FALSE(two->remaining);
        auto none = co_await responses.next();
        CHECK_FALSE(none);
        CHECK(responses.last().status == status::suboperations_with_failures);
        CHECK(responses.failed_instances() == std::vector<unique_id>{"1.2.3"});
        co_await a.release();
      },
      [](scripted_peer& p) -> task<> {
        auto m = co_await p.expect_message();
        const auto request = std::get<c_move_request>(m.command);
        CHECK(request.move_destination == ae_title{"DEST"});
        c_move_response pending{request, status::pending};
        pending.remaining = 2;
        co_await p.send_message(m.context, pending);
        const c_move_response bare{request, status::pending};
        co_await p.send_message(m.context, bare);
        c_move_response last{request, status::suboperations_with_failures};
        last.has_data_set = true;
        data_set failed;
        failed.set(tag::FailedSOPInstanceUIDList, unique_id{"1.2.3"});
        co_await p.send_message(m.context, last, encoded(failed));
        co_await p.expect_release();
      });
}

TEST_CASE("C-STORE arrives whole in even fragments within the peer's limit, whatever it is") {
  for (const std::uint32_t limit : {0u, 8u, 9u, 15u, 128u, 16383u, 16384u, 131072u}) {
    CAPTURE(limit);
    const auto object = ct_object(limit != 0 && limit < 16 ? 300 : 50'000);
    meeting_faults faults;
    faults.max_length = limit;
    meet(
        [&](association& a) -> task<> {
          store_options options;
          options.move_originator_ae_title = "MOVER";
          options.move_originator_message_id = message_id{9};
          const auto response = co_await a.store(object, options);
          CHECK(response.status.is_success());
          co_await a.release();
        },
        [&](scripted_peer& p) -> task<> {
          std::vector<std::byte> data;
          bool ended = false;
          std::optional<c_store_request> request;
          std::vector<std::byte> command_set;
          while (!ended) {
            const auto bytes = co_await p.receive_bytes();
            if (limit != 0) CHECK(bytes.size() <= limit + dul::pdu_header_size);
            const auto pdu = std::get<dul::p_data_tf>(dul::decode(bytes));
            for (const auto& pdv : pdu.pdvs) {
              CHECK(pdv.fragment.size() % 2 == 0);
              auto& into = pdv.header.is_command ? command_set : data;
              into.insert(into.end(), pdv.fragment.begin(), pdv.fragment.end());
              ended = pdv.header.is_last && !pdv.header.is_command;
            }
          }
          request = std::get<c_store_request>(decode_command(command_set));
          CHECK(request->move_originator_ae_title == ae_title{"MOVER"});
          CHECK(request->move_originator_message_id == message_id{9});
          CHECK(data == encoded(object));
          co_await p.send_message(context_id{7}, c_store_response{*request, status::success});
          co_await p.expect_release();
        },
        all_services(), faults);
  }
}

TEST_CASE("a peer that takes no fragment at all is told so") {
  meeting_faults faults;
  faults.max_length = 7;
  CHECK_THROWS_AS(meet([](association&) -> task<> { co_return; },
                       [](scripted_peer& p) -> task<> {
                         co_await p.expect<dul::a_abort>();
                         co_await p.expect_end();
                       },
                       all_services(), faults),
                  association_error);
}

TEST_CASE("what comes in any split is the same") {
  const auto round = [](memory_faults ours) {
    std::uint64_t length = 0;
    meeting_faults faults;
    faults.ours = ours;
    meet(
        [&](association& a) -> task<> {
          const auto all = co_await collect(a.find(find_class, patient("*")));
          CHECK(all.matches.size() == 2);
          CHECK(all.matches.back().identifier.text(tag::PatientID) == "22");
          const auto echoed = co_await a.echo();
          CHECK(echoed.status.is_success());
          co_await a.release();
        },
        [&](scripted_peer& p) -> task<> {
          auto m = co_await p.expect_message();
          const auto request = std::get<c_find_request>(m.command);
          co_await p.send_message(m.context, c_find_response{request, status::pending}, encoded(patient("1")), 64);
          co_await p.send_message(m.context, c_find_response{request, status::pending}, encoded(patient("22")));
          co_await p.send_message(m.context, c_find_response{request, status::success});
          co_await answer_echo(p);
          co_await p.expect_release();
          length = 900;
        },
        all_services(), faults);
    return length;
  };
  memory_faults bytewise;
  bytewise.max_read = 1;
  const auto length = round(bytewise);
  for (std::uint64_t at = 1; at < length; ++at) {
    CAPTURE(at);
    memory_faults split;
    split.split_at = at;
    round(split);
  }
}

TEST_CASE("a connection that fails at any operation gives a clean error, in time") {
  std::size_t failures = 0;
  for (std::size_t n = 1; n < 100; ++n) {
    CAPTURE(n);
    bool done = false;
    meeting_faults faults;
    faults.ours.fail_at = n;
    try {
      meet(
          [&](association& a) -> task<> {
            const auto echoed = co_await a.echo();
            CHECK(echoed.status.is_success());
            const auto all = co_await collect(a.find(find_class, patient("*")));
            CHECK(all.matches.size() == 1);
            co_await a.release();
            done = true;
          },
          [](scripted_peer& p) -> task<> {
            co_await answer_echo(p);
            auto m = co_await p.expect_message();
            const auto request = std::get<c_find_request>(m.command);
            co_await p.send_message(m.context, c_find_response{request, status::pending}, encoded(patient("1")));
            co_await p.send_message(m.context, c_find_response{request, status::success});
            co_await p.expect_release();
          },
          all_services(), faults);
    } catch (const std::system_error& e) {
      const bool expected = e.code() == errc::connection_lost || e.code() == asio::error::connection_reset;
      CHECK_MESSAGE(expected, e.what());
      ++failures;
    }
    if (done) break;
  }
  CHECK(failures > 5);
}

TEST_CASE("a rejection says who rejected and why") {
  const auto scu = [](std::unique_ptr<transport> over) -> task<> {
    const auto outcome = co_await as_result(associate(std::move(over), all_services()));
    CHECK(outcome.error() == errc::association_rejected);
    CHECK(outcome.error() == failure::peer_refused);
    try {
      static_cast<void>(outcome.value());
    } catch (const association_error& e) {
      REQUIRE(e.diagnostics().rejected);
      CHECK(*e.diagnostics().rejected == dul::rejection::calling_ae_title_not_recognized);
    }
  };
  const auto scp = [](std::unique_ptr<transport> over) -> task<> {
    scripted_peer p{std::move(over)};
    const auto request = co_await p.expect<dul::a_associate_rq>();
    CHECK(request.calling_ae_title == ae_title{"SCU"});
    CHECK(request.contexts.size() == 4);
    co_await p.send(dul::a_associate_rj{dul::rejection::calling_ae_title_not_recognized});
    co_await p.expect_end();
  };
  const auto whole = [&]() -> task<> {
    const executor where = co_await asio::this_coro::executor;
    auto pair = testing::make_memory_pair(where);
    co_await together(scu(std::move(pair.first)), scp(std::move(pair.second)));
  };
  testing::simulate(whole());
}

TEST_CASE("bad answers to A-ASSOCIATE-RQ give the right error and end in time") {
  using answer = std::function<task<>(scripted_peer&)>;
  struct row {
    std::string name;
    answer does;
    std::error_code expected;
    duration at_most;
  };
  const std::vector<row> rows{
      {"silence", [](scripted_peer& p) -> task<> { static_cast<void>(co_await as_result(p.receive())); },
       errc::association_timed_out, 30s + 100ms},
      {"abort", [](scripted_peer& p) -> task<> { co_await p.send(dul::a_abort{{dul::abort_source::service_provider, dul::abort_reason::not_specified}}); },
       errc::aborted_by_provider, 100ms},
      {"abort by user", [](scripted_peer& p) -> task<> { co_await p.send(dul::a_abort{}); }, errc::aborted_by_peer, 100ms},
      {"end", [](scripted_peer& p) -> task<> { p.stream().shutdown_send(); co_return; }, errc::connection_lost, 100ms},
      {"P-DATA", [](scripted_peer& p) -> task<> { co_await p.send_message(context_id{1}, c_echo_request{message_id{1}}); },
       errc::unexpected_pdu, 6s},
      {"A-RELEASE-RP", [](scripted_peer& p) -> task<> { co_await p.send(dul::a_release_rp{}); }, errc::unexpected_pdu, 6s},
      {"garbage", [](scripted_peer& p) -> task<> { co_await p.send_bytes(std::vector<std::byte>(100, std::byte{0x47})); },
       errc::malformed_pdu, 6s},
      {"huge length", [](scripted_peer& p) -> task<> {
         std::vector<std::byte> header(6, std::byte{0xFF});
         header[0] = std::byte{2};
         co_await p.send_bytes(header);
       },
       errc::limit_exceeded, 6s},
      {"half a PDU", [](scripted_peer& p) -> task<> { co_await p.send_bytes(std::vector<std::byte>(3, std::byte{2})); },
       errc::association_timed_out, 30s + 100ms},
  };
  for (const auto& each : rows) {
    CAPTURE(each.name);
    const auto scu = [&](std::unique_ptr<transport> over) -> task<> {
      const auto [error, took] = co_await timed(associate(std::move(over), all_services()));
      CHECK_MESSAGE(error == each.expected, error.message());
      CHECK(took <= each.at_most);
    };
    const auto scp = [&](std::unique_ptr<transport> over) -> task<> {
      scripted_peer p{std::move(over)};
      co_await p.expect<dul::a_associate_rq>();
      co_await each.does(p);
      for (;;) {  // read to the end
        const auto rest = co_await as_result(p.receive_bytes());
        if (!rest || rest->empty()) break;
      }
    };
    const auto whole = [&]() -> task<> {
      const executor where = co_await asio::this_coro::executor;
      auto pair = testing::make_memory_pair(where);
      co_await together(scu(std::move(pair.first)), scp(std::move(pair.second)));
    };
    testing::simulate(whole());
  }
}

TEST_CASE("when no context is accepted the association is released and the reason told") {
  const auto scu = [](std::unique_ptr<transport> over) -> task<> {
    const auto outcome = co_await as_result(associate(std::move(over), all_services()));
    CHECK(outcome.error() == errc::no_presentation_context);
  };
  const auto scp = [](std::unique_ptr<transport> over) -> task<> {
    scripted_peer p{std::move(over)};
    const auto request = co_await p.expect<dul::a_associate_rq>();
    dul::a_associate_ac none;
    none.called_ae_title = request.called_ae_title;
    none.calling_ae_title = request.calling_ae_title;
    none.user.max_length = 16384;
    for (const auto& c : request.contexts)
      none.contexts.emplace_back(c.id, dul::context_result::abstract_syntax_not_supported);
    co_await p.send(dul::pdu{none});
    co_await p.expect_release();
  };
  const auto whole = [&]() -> task<> {
    const executor where = co_await asio::this_coro::executor;
    auto pair = testing::make_memory_pair(where);
    co_await together(scu(std::move(pair.first)), scp(std::move(pair.second)));
  };
  testing::simulate(whole());
}

TEST_CASE("a service that was not accepted is refused before a byte is sent, and the association lives on") {
  meet(
      [](association& a) -> task<> {
        auto responses = a.find(sop_class::PatientRootQueryRetrieveInformationModelFind, patient("1"));
        const auto refused = co_await as_result(responses.next());
        CHECK(refused.error() == errc::no_presentation_context);
        data_set mr = ct_object();
        mr.set(tag::SOPClassUID, sop_class::MRImageStorage);
        const auto stored = co_await as_result(a.store(mr));
        CHECK(stored.error() == errc::no_presentation_context);
        const auto compressed = co_await as_result(a.store(ct_object(), transfer_syntax::JPEGBaseline8Bit));
        CHECK(compressed.error() == errc::no_presentation_context);
        const auto echoed = co_await a.echo();
        CHECK(echoed.status.is_success());
        co_await a.release();
      },
      [](scripted_peer& p) -> task<> {
        co_await answer_echo(p);
        co_await p.expect_release();
      });
}

TEST_CASE("a silent peer is left at the response deadline, with an A-ABORT") {
  meet(
      [](association& a) -> task<> {
        const auto [error, took] = co_await timed(a.echo());
        CHECK(error == errc::response_timed_out);
        CHECK(error == failure::timed_out);
        CHECK(took >= 120s);
        CHECK(took <= 120s + 100ms);
      },
      [](scripted_peer& p) -> task<> {
        co_await p.expect_message();
        co_await p.expect<dul::a_abort>();
        co_await p.expect_end();
      });
}

TEST_CASE("each pending response begins the response deadline anew") {
  meet(
      [](association& a) -> task<> {
        const auto begin = clock::now();
        const auto all = co_await collect(a.find(find_class, patient("*")));
        CHECK(all.matches.size() == 3);
        CHECK(clock::now() - begin >= 300s);
        co_await a.release();
      },
      [](scripted_peer& p) -> task<> {
        auto m = co_await p.expect_message();
        const auto request = std::get<c_find_request>(m.command);
        for (int i = 0; i < 3; ++i) {
          co_await sleep_for(100s);
          co_await p.send_message(m.context, c_find_response{request, status::pending}, encoded(patient("1")));
        }
        co_await p.send_message(m.context, c_find_response{request, status::success});
        co_await p.expect_release();
      });
}

TEST_CASE("a peer that stops in the middle of a message is left at the read deadline") {
  for (const std::size_t part : {1u, 7u, 30u}) {
    CAPTURE(part);
    meet(
        [](association& a) -> task<> {
          const auto [error, took] = co_await timed(a.echo());
          CHECK(error == errc::read_timed_out);
          CHECK(took <= 60s + 100ms);
        },
        [part](scripted_peer& p) -> task<> {
          const auto request = co_await p.expect_command<c_echo_request>();
          std::vector<std::byte> command_set, pdus;
          encode_command(c_echo_response{request}, command_set);
          append_command_pdus(command_set, context_id{1}, 0, pdus);
          pdus.resize(part);
          co_await p.send_bytes(pdus);
          co_await p.expect<dul::a_abort>();
          co_await p.expect_end();
        });
  }
}

TEST_CASE("a peer that does not read is left at the write deadline") {
  meet(
      [](association& a) -> task<> {
        const auto [error, took] = co_await timed(a.store(ct_object(3'000'000)));
        CHECK(error == errc::write_timed_out);
        CHECK(took >= 60s);
        CHECK(took <= 60s + 100ms);
      },
      [](scripted_peer&) -> task<> { co_await sleep_for(200s); });
}

TEST_CASE("a peer that closes its side is noticed at once") {
  meet(
      [](association& a) -> task<> {
        const auto [error, took] = co_await timed(a.echo());
        CHECK(error == errc::connection_lost);
        CHECK(error == failure::peer_gone);
        CHECK(took < 100ms);
      },
      [](scripted_peer& p) -> task<> {
        co_await p.expect_message();
        p.stream().shutdown_send();
        co_await p.expect_end();
      });
}

TEST_CASE("an A-ABORT in place of a response says who aborted") {
  meet(
      [](association& a) -> task<> {
        const auto [error, took] = co_await timed(a.echo());
        CHECK(error == errc::aborted_by_peer);
        CHECK(took < 100ms);
      },
      [](scripted_peer& p) -> task<> {
        co_await p.expect_message();
        co_await p.send(dul::a_abort{});
        co_await p.expect_end();
      });
}

TEST_CASE("a peer that releases instead of answering gets its A-RELEASE-RP") {
  meet(
      [](association& a) -> task<> {
        const auto [error, took] = co_await timed(a.echo());
        CHECK(error == errc::released_by_peer);
        CHECK(took <= 5s + 100ms);
      },
      [](scripted_peer& p) -> task<> {
        co_await p.expect_message();
        co_await p.send(dul::a_release_rq{});
        co_await p.expect<dul::a_release_rp>();
        co_await p.expect_end();
      });
}

TEST_CASE("when both sides release at the same time both come to an end") {
  meet(
      [](association& a) -> task<> { co_await a.release(); },
      [](scripted_peer& p) -> task<> {
        co_await p.expect<dul::a_release_rq>();
        co_await p.send(dul::a_release_rq{});
        co_await p.expect<dul::a_release_rp>();  // the requestor of the association answers first
        co_await p.send(dul::a_release_rp{});
        co_await p.expect_end();
      });
}

TEST_CASE("a release that is not answered ends at its deadline") {
  meet(
      [](association& a) -> task<> {
        const auto [error, took] = co_await timed(a.release());
        CHECK(error == errc::release_timed_out);
        CHECK(took <= 10s + 100ms);
        CHECK_FALSE(a.is_open());
      },
      [](scripted_peer& p) -> task<> {
        co_await p.expect<dul::a_release_rq>();
        co_await p.expect<dul::a_abort>();
        co_await p.expect_end();
      });
}

TEST_CASE("responses that fit nothing abort the association") {
  using answer = std::function<task<>(scripted_peer&, c_echo_request)>;
  const std::vector<std::pair<std::error_code, answer>> rows{
      {errc::unexpected_message,
       [](scripted_peer& p, c_echo_request) -> task<> { co_await p.send_message(context_id{1}, c_echo_response{message_id{77}, status::success}); }},
      {errc::unexpected_message,
       [](scripted_peer& p, c_echo_request r) -> task<> { co_await p.send_message(context_id{1}, c_move_response{r.id, status::success}); }},
      {errc::unexpected_message,
       [](scripted_peer& p, c_echo_request r) -> task<> { co_await p.send_message(context_id{99}, c_echo_response{r}); }},
      {errc::unexpected_pdu,
       [](scripted_peer& p, c_echo_request) -> task<> { co_await p.send(dul::a_associate_rj{}); }},
      {errc::malformed_pdu,
       [](scripted_peer& p, c_echo_request) -> task<> { co_await p.send_bytes(std::vector<std::byte>(10, std::byte{0x63})); }},
  };
  for (std::size_t i = 0; i < rows.size(); ++i) {
    CAPTURE(i);
    meet(
        [&](association& a) -> task<> {
          const auto [error, took] = co_await timed(a.echo());
          CHECK_MESSAGE(error == rows[i].first, error.message());
          CHECK(took <= 5s + 100ms);
        },
        [&](scripted_peer& p) -> task<> {
          const auto request = co_await p.expect_command<c_echo_request>();
          co_await rows[i].second(p, request);
          co_await p.expect<dul::a_abort>();
          co_await p.expect_end();
        });
  }
}

TEST_CASE("a request to a side that serves none is answered 0211, and the operation under way goes on") {
  meet(
      [](association& a) -> task<> {
        const auto echoed = co_await a.echo();
        CHECK(echoed.status.is_success());
        co_await a.release();
      },
      [](scripted_peer& p) -> task<> {
        const auto request = co_await p.expect_command<c_echo_request>();
        co_await p.send_message(context_id{7}, c_store_request{message_id{5}, ct, "1.2.3"}, std::vector<std::byte>(100));
        auto refused = co_await p.expect_message();
        CHECK(status_of(refused.command) == status::unrecognized_operation);
        CHECK(id_of(refused.command) == message_id{5});
        co_await p.send_message(context_id{1}, c_echo_response{request});
        co_await p.expect_release();
      });
}

TEST_CASE("a cancelled wait for the next match loses nothing") {
  meet(
      [](association& a) -> task<> {
        auto responses = a.find(find_class, patient("*"));
        int cancelled = 0;
        std::string ids;
        for (;;) {
          auto outcome = co_await race(responses.next(), sleep_for(1s));
          if (outcome.first.error() == failure::cancelled) {
            ++cancelled;
            continue;
          }
          auto match = std::move(outcome.first).value();
          if (!match) break;
          ids += match->identifier.text(tag::PatientID);
        }
        CHECK(cancelled == 9);
        CHECK(ids == "012");
        co_await a.release();
      },
      [](scripted_peer& p) -> task<> {
        auto m = co_await p.expect_message();
        const auto request = std::get<c_find_request>(m.command);
        for (int i = 0; i < 3; ++i) {
          co_await sleep_for(2500ms);
          // In two halves, a cancellation between them.
          std::vector<std::byte> command_set, pdus;
          encode_command(c_find_response{request, status::pending}, command_set);
          append_command_pdus(command_set, m.context, 0, pdus);
          const auto middle = pdus.begin() + static_cast<std::ptrdiff_t>(pdus.size() / 2);
          const std::vector<std::byte> half{pdus.begin(), middle};
          co_await p.send_bytes(half);
          co_await sleep_for(700ms);
          std::vector<std::byte> rest{middle, pdus.end()};
          const auto identifier = encoded(patient(std::to_string(i)));
          fragmenter cut{m.context, message_part::data_set, 0};
          const auto size = cut.next(identifier.size(), true);
          CHECK(size == identifier.size());
          const auto header = cut.current_header();
          rest.insert(rest.end(), header.begin(), header.end());
          rest.insert(rest.end(), identifier.begin(), identifier.end());
          co_await p.send_bytes(rest);
        }
        co_await p.send_message(m.context, c_find_response{request, status::success});
        co_await p.expect_release();
      });
}

TEST_CASE("cancel sends the C-CANCEL and skips to the final response") {
  meet(
      [](association& a) -> task<> {
        auto responses = a.find(find_class, patient("*"));
        const auto one = co_await responses.next();
        CHECK(one);
        const auto last = co_await responses.cancel();
        CHECK(last.status.is_cancel());
        const auto echoed = co_await a.echo();
        CHECK(echoed.status.is_success());
        co_await a.release();
      },
      [](scripted_peer& p) -> task<> {
        auto m = co_await p.expect_message();
        const auto request = std::get<c_find_request>(m.command);
        co_await p.send_message(m.context, c_find_response{request, status::pending}, encoded(patient("1")));
        co_await p.send_message(m.context, c_find_response{request, status::pending}, encoded(patient("2")));
        const auto cancel = co_await p.expect_command<c_cancel_request>();
        CHECK(cancel.responded_to == request.id);
        co_await p.send_message(m.context, c_find_response{request, status::pending}, encoded(patient("3")));
        co_await p.send_message(m.context, c_find_response{request, status::cancel});
        co_await answer_echo(p);
        co_await p.expect_release();
      });
}

TEST_CASE("a peer that bears no C-CANCEL gets none, by option or by its implementation: what is left ends by itself") {
  for (const bool by_option : {true, false}) {
    for (const bool dropped : {true, false}) {
      CAPTURE(by_option);
      CAPTURE(dropped);
      auto options = all_services();
      options.quirks.no_cancel = by_option;
      meeting_faults faults;
      if (!by_option) faults.implementation_class = unique_id{"1.3.6.1.4.1.5962.99.2"};
      meet(
          [dropped](association& a) -> task<> {
            {
              auto responses = a.find(find_class, patient("*"));
              const auto one = co_await responses.next();
              CHECK(one);
              if (!dropped) {
                const auto last = co_await responses.cancel();
                CHECK(last.status.is_success());
              }
            }
            const auto echoed = co_await a.echo();
            CHECK(echoed.status.is_success());
            co_await a.release();
          },
          [](scripted_peer& p) -> task<> {
            auto m = co_await p.expect_message();
            const auto request = std::get<c_find_request>(m.command);
            for (const auto* id : {"1", "2", "3"})
              co_await p.send_message(m.context, c_find_response{request, status::pending}, encoded(patient(id)));
            co_await p.send_message(m.context, c_find_response{request, status::success});
            co_await answer_echo(p);
            co_await p.expect_release();
          },
          options, faults);
    }
  }
}

TEST_CASE("dropped responses are cancelled and skipped by the next operation, release included") {
  for (const bool release_only : {false, true}) {
    CAPTURE(release_only);
    meet(
        [&](association& a) -> task<> {
          {
            auto responses = a.move(move_class, patient("1"), "DEST");
            const auto one = co_await responses.next();
            CHECK(one);
          }
          if (!release_only) {
            const auto echoed = co_await a.echo();
            CHECK(echoed.status.is_success());
          }
          co_await a.release();
        },
        [&](scripted_peer& p) -> task<> {
          auto m = co_await p.expect_message();
          const auto request = std::get<c_move_request>(m.command);
          co_await p.send_message(m.context, c_move_response{request, status::pending});
          const auto cancel = co_await p.expect_command<c_cancel_request>();
          CHECK(cancel.responded_to == request.id);
          co_await p.send_message(m.context, c_move_response{request, status::pending});
          co_await p.send_message(m.context, c_move_response{request, status::cancel});
          if (!release_only) co_await answer_echo(p);
          co_await p.expect_release();
        });
  }
}

TEST_CASE("a peer that ignores the C-CANCEL of dropped responses is left at the drain deadline") {
  meet(
      [](association& a) -> task<> {
        {
          auto responses = a.move(move_class, patient("1"), "DEST");
          const auto one = co_await responses.next();
          CHECK(one);
        }
        const auto [error, took] = co_await timed(a.echo());
        CHECK(error == errc::response_timed_out);
        CHECK(took <= 10s + 100ms);
      },
      [](scripted_peer& p) -> task<> {
        auto m = co_await p.expect_message();
        co_await p.send_message(m.context, c_move_response{std::get<c_move_request>(m.command), status::pending});
        co_await p.expect_command<c_cancel_request>();
        co_await p.expect<dul::a_abort>();
        co_await p.expect_end();
      });
}

TEST_CASE("a cancelled C-STORE ends with whole PDUs and an A-ABORT") {
  for (const std::size_t taken : {0u, 10u, 5'000u, 40'000u, 100'000u, 299'000u}) {
    CAPTURE(taken);
    memory_faults narrow;
    narrow.capacity = 1000;
    meeting_faults faults;
    faults.ours = narrow;
    meet(
        [](association& a) -> task<> {
          auto outcome = co_await race(a.store(ct_object(300'000)), sleep_for(1s));
          CHECK(outcome.winner == 2);
          CHECK(outcome.first.error() == failure::cancelled);
          CHECK_FALSE(a.is_open());
        },
        [taken](scripted_peer& p) -> task<> {
          std::vector<std::byte> stream(400'000);
          std::size_t have = 0;
          const auto read = [&](std::size_t until) -> task<> {
            std::error_code error;
            while (have < until && !error) {
              const asio::mutable_buffer into{stream.data() + have, until - have};
              have += co_await p.stream().read_some(mutable_buffers{&into, 1}, error);
            }
          };
          co_await read(taken);
          co_await sleep_for(2s);  // meanwhile the operation is cancelled, with the peer stalled
          co_await read(stream.size());
          std::size_t at = 0;
          std::vector<dul::pdu_type> types;
          while (at + dul::pdu_header_size <= have) {
            const auto header = dul::parse_pdu_header(byte_span{stream}.subspan(at));
            types.push_back(header.type);
            at += dul::pdu_header_size + header.length;
          }
          CHECK(at == have);
          REQUIRE_FALSE(types.empty());
          CHECK(types.back() == dul::pdu_type::a_abort);
          for (std::size_t i = 0; i + 1 < types.size(); ++i) CHECK(types[i] == dul::pdu_type::p_data_tf);
        },
        all_services(), faults);
  }
}

TEST_CASE("a C-STORE that is cancelled once it has been sent leaves the association open, and its response is skipped") {
  meet(
      [](association& a) -> task<> {
        auto outcome = co_await race(a.store(ct_object()), sleep_for(1s));
        CHECK(outcome.first.error() == failure::cancelled);
        CHECK(a.is_open());
        const auto echoed = co_await a.echo();
        CHECK(echoed.status.is_success());
        co_await a.release();
      },
      [](scripted_peer& p) -> task<> {
        const auto request = co_await p.expect_command<c_store_request>();
        co_await sleep_for(3s);
        co_await p.send_message(context_id{7}, c_store_response{request, status::success});
        co_await answer_echo(p);
        co_await p.expect_release();
      });
}

TEST_CASE("operations beyond the window wait their turn") {
  meet(
      [](association& a) -> task<> {
        auto both = co_await race(a.echo(), a.echo());
        CHECK(both.winner == 1);
        CHECK(both.first.value().status.is_success());
        CHECK(both.second.error() == failure::cancelled);  // had not been sent
        const auto again = co_await a.echo();
        CHECK(again.status.is_success());
        co_await a.release();
      },
      [](scripted_peer& p) -> task<> {
        co_await answer_echo(p);
        co_await answer_echo(p);
        co_await p.expect_release();
      });
}

TEST_CASE("an association that is dropped says A-ABORT without waiting") {
  meet([](association& a) -> task<> {
         const association gone = std::move(a);
         CHECK(gone.is_open());
         co_return;
       },
       [](scripted_peer& p) -> task<> {
         co_await p.expect<dul::a_abort>();
         co_await p.expect_end();
       });
}

TEST_CASE("abort tells the peer and ends at its deadline even when the peer does not close") {
  meet(
      [](association& a) -> task<> {
        const auto begin = clock::now();
        co_await a.abort();
        CHECK(clock::now() - begin <= 5s + 100ms);
        const auto after = co_await as_result(a.echo());
        CHECK(after.error() == errc::closed);
      },
      [](scripted_peer& p) -> task<> {
        co_await p.expect<dul::a_abort>();
        co_await sleep_for(60s);
      });
}

TEST_CASE("responses outlive their association and say so") {
  meet(
      [](association& a) -> task<> {
        auto responses = a.find(find_class, patient("*"));
        {
          const association gone = std::move(a);
          static_cast<void>(gone);
        }
        const auto outcome = co_await as_result(responses.next());
        CHECK(outcome.error() == errc::closed);
      },
      [](scripted_peer& p) -> task<> { co_await p.expect<dul::a_abort>(); });
}
