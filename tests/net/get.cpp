#include "net/support.hpp"

#include <codicom/core/generate_uid.hpp>
#include <codicom/file/read_file.hpp>
#include <codicom/net/handlers.hpp>

#include <doctest/doctest.h>
#include <filesystem>

using namespace codicom_test;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

constexpr const unique_id& get_class = sop_class::StudyRootQueryRetrieveInformationModelGet;

// Contexts 1 GET, 3 CT as SCP, 5 Verification.
association_options get_options() {
  association_options options{"SCU", "SCP"};
  options.propose(get_class).receive(ct).propose(sop_class::Verification);
  return options;
}
acceptor_options takes_get() {
  acceptor_options options;
  options.policy.accept(get_class).accept(ct).accept(sop_class::Verification).allow_requestor_as_scp(ct);
  return options;
}

data_set numbered(std::size_t number, std::size_t pixels = 1000) {
  return ct_object(pixels, unique_id{"1.2.3." + std::to_string(number)});
}

// Sends so many objects, with a pending response after each.
handlers sends(std::size_t count, std::vector<dimse_status>& answers) {
  handlers with;
  with.on_get([count, &answers](get_request request) -> generator<c_get_response, get_result> {
    for (std::size_t i = 0; i < count; ++i) {
      if (request.cancelled()) co_return c_get_response{request.command, status::cancel};
      const auto stored = co_await request.sender().store(numbered(i), transfer_syntax::ExplicitVRLittleEndian);
      answers.push_back(stored.status);
      c_get_response pending{request.command, status::pending};
      pending.completed = static_cast<std::uint16_t>(i + 1);
      co_yield pending;
    }
    data_set failed;
    failed.set(tag::FailedSOPInstanceUIDList, unique_id{"1.9"});
    co_return get_result{c_get_response{request.command, status::suboperations_with_failures}, failed};
  });
  return with;
}

class folder {
 public:
  folder() : path{fs::temp_directory_path() / ("codicom-test-" + generate_uid().str())} { fs::create_directory(path); }
  ~folder() { fs::remove_all(path); }
  folder(const folder&) = delete;
  folder& operator=(const folder&) = delete;
  fs::path path;
};

}  // namespace

TEST_CASE("C-GET brings objects over the same association, between pending responses") {
  const folder into;
  std::vector<dimse_status> answers;
  meet_server(
      [&](association& a) -> task<> {
        auto responses = a.get(get_class, patient("X"));
        std::vector<std::uint16_t> completed;
        std::size_t objects = 0;
        while (auto event = co_await responses.next()) {
          if (auto* object = event->arrived()) {
            CHECK(object->request().affected_sop_class_uid == ct);
            const auto saved = co_await object->save(into.path, durability::cached);
            const auto back = read_file(saved.path);
            CHECK(back.value == numbered(objects));
            ++objects;
          } else {
            REQUIRE(event->pending() != nullptr);
            completed.push_back(event->pending()->completed.value_or(0));
          }
        }
        CHECK(objects == 3);
        CHECK(completed == std::vector<std::uint16_t>{1, 2, 3});
        CHECK(responses.last().status == status::suboperations_with_failures);
        CHECK(responses.failed_instances() == std::vector<unique_id>{"1.9"});
        const auto echo = co_await a.echo();
        CHECK(echo.status.is_success());
      },
      sends(3, answers), takes_get(), get_options());
  CHECK(answers == std::vector{status::success, status::success, status::success});
}

TEST_CASE("objects of a C-GET that are dropped, or read and refused, are answered") {
  std::vector<dimse_status> answers;
  meet_server(
      [&](association& a) -> task<> {
        auto responses = a.get(get_class, patient("X"));
        int objects = 0;
        while (auto event = co_await responses.next()) {
          auto* object = event->arrived();
          if (object == nullptr) continue;
          if (++objects == 2) {
            const auto whole = co_await object->read();
            CHECK(whole == numbered(1));
            co_await object->respond(status::cannot_understand, "not like this");
          }
        }
      },
      sends(3, answers), takes_get(), get_options());
  CHECK(answers == std::vector{status::out_of_resources, status::cannot_understand, status::out_of_resources});
}

TEST_CASE("a C-GET that is cancelled comes to its final response; objects under way are refused") {
  std::vector<dimse_status> answers;
  meet_server(
      [&](association& a) -> task<> {
        auto responses = a.get(get_class, patient("X"));
        auto first = co_await responses.next();
        REQUIRE(first->arrived() != nullptr);
        co_await first->arrived()->respond(status::success);
        const auto last = co_await responses.cancel();
        CHECK(last.status == status::cancel);
        const auto echo = co_await a.echo();
        CHECK(echo.status.is_success());
      },
      sends(100, answers), takes_get(), get_options());
  CHECK(answers.size() < 5);
  CHECK(answers.front().is_success());
}

TEST_CASE("a C-GET dropped half-way is cancelled and drained by the next operation, wherever its object is") {
  for (int how = 0; how < 5; ++how) {
    CAPTURE(how);
    std::vector<dimse_status> answers;
    meet_server(
        [&](association& a) -> task<> {
          std::optional<get_event> kept;
          {
            auto responses = a.get(get_class, patient("X"));
            if (how == 0) {
              co_await responses.start();
              const auto gone = co_await race(responses.next(), sleep_for(0s));  // nothing has come yet
              static_cast<void>(gone);
            } else {
              auto event = co_await responses.next();
              REQUIRE(event->arrived() != nullptr);
              std::vector<std::byte> some(100);
              if (how == 2) co_await event->arrived()->read_some(some);
              if (how == 3) co_await event->arrived()->read();  // to its end, unanswered
              if (how == 4) kept = std::move(event);
            }
          }
          if (how == 4) {  // the object outlives the operation that brought it
            const auto whole = co_await kept->arrived()->read();
            CHECK(whole == numbered(0));
            kept.reset();
          }
          const auto echo = co_await a.echo();
          CHECK(echo.status.is_success());
        },
        sends(100, answers), takes_get(), get_options());
    CHECK(answers.size() < 5);
    for (const auto& answer : answers) CHECK(answer.is_failure());
  }
}

TEST_CASE("without the role of an SCP nothing can be sent to the requestor") {
  handlers with;
  std::error_code outcome;
  with.on_get([&](get_request request) -> generator<c_get_response, get_result> {
    const auto stored =
        co_await as_result(request.sender().store(numbered(1), transfer_syntax::ExplicitVRLittleEndian));
    outcome = stored.error();
    co_return c_get_response{request.command, status::unable_to_perform_suboperations};
  });
  association_options options{"SCU", "SCP"};
  options.propose(get_class, ct);
  meet_server(
      [](association& a) -> task<> {
        auto responses = a.get(get_class, patient("X"));
        const auto event = co_await responses.next();
        CHECK_FALSE(event.has_value());
        CHECK(responses.last().status == status::unable_to_perform_suboperations);
      },
      with, takes_get(), options);
  CHECK(outcome == errc::no_presentation_context);
}

TEST_CASE("a C-STORE that no C-GET asked for is refused") {
  meet(
      [](association& a) -> task<> {
        const auto echo = co_await a.echo();
        CHECK(echo.status.is_success());
        co_await a.release();
      },
      [](scripted_peer& p) -> task<> {
        const auto echo = co_await p.expect_command<c_echo_request>();
        co_await p.send_message(context_id{7}, c_store_request{message_id{9}, ct, "1.2.3"}, encoded(ct_object()));
        const auto refused = co_await p.expect_message();
        CHECK(status_of(refused.command) == status::unrecognized_operation);
        co_await p.send_message(context_id{1}, c_echo_response{echo});
        co_await p.expect_release();
      });
}

TEST_CASE("the objects of a C-GET come in any split of their bytes") {
  for (std::uint64_t at = 400; at < 2200; at += 3) {
    CAPTURE(at);
    meeting_faults faults;
    faults.ours.split_at = at;
    meet(
        [](association& a) -> task<> {
          auto responses = a.get(get_class, patient("X"));
          int objects = 0;
          while (auto event = co_await responses.next()) {
            if (auto* object = event->arrived()) {
              const auto whole = co_await object->read();
              CHECK(whole == numbered(1));
              co_await object->respond(status::success);
              ++objects;
            }
          }
          CHECK(objects == 1);
          CHECK(responses.last().status.is_success());
          co_await a.release();
        },
        [](scripted_peer& p) -> task<> {
          const auto get = co_await p.expect_command<c_get_request>();
          co_await p.send_message(context_id{3}, c_store_request{message_id{1}, ct, "1.2.3"}, encoded(numbered(1)),
                                  128);
          const auto stored = co_await p.expect_command<c_store_response>();
          CHECK(stored.status.is_success());
          co_await p.send_message(context_id{1}, c_get_response{get, status::success});
          co_await p.expect_release();
        },
        get_options(), faults);
  }
}

TEST_CASE("a peer that falls silent during a C-GET, or in the middle of an object, is given up") {
  for (const bool in_object : {false, true}) {
    CAPTURE(in_object);
    auto options = get_options();
    options.response = 20s;
    options.read = 10s;
    std::error_code outcome;
    meet(
        [&](association& a) -> task<> {
          auto responses = a.get(get_class, patient("X"));
          const auto ended = co_await as_result([](get_responses& from) -> task<> {
            while (auto event = co_await from.next())
              if (auto* object = event->arrived()) co_await object->read();
          }(responses));
          outcome = ended.error();
        },
        [&](scripted_peer& p) -> task<> {
          co_await p.expect_command<c_get_request>();
          if (in_object) {
            std::vector<std::byte> half, all;
            encode_command(c_store_request{message_id{1}, ct, "1.2.3"}, half);
            append_command_pdus(half, context_id{3}, 16384, all);
            const auto header = [&] {
              fragmenter cut{context_id{3}, message_part::data_set, 16384};
              static_cast<void>(cut.next(4000, true));
              return cut.current_header();
            }();
            all.insert(all.end(), header.begin(), header.end());
            all.resize(all.size() + 100);
            co_await p.send_bytes(all);
          }
          co_await p.expect<dul::a_abort>();
          p.close();
        },
        options);
    CHECK(outcome == (in_object ? errc::read_timed_out : errc::response_timed_out));
  }
}

TEST_CASE("whatever each side's longest PDU, objects pass both ways, one by one or with a window of 16") {
  const std::vector<std::uint32_t> lengths{0, 8, 9, 128, 16383, 16384, 0xFFFFFFFF};
  for (const std::uint16_t window : {std::uint16_t{1}, std::uint16_t{16}}) {
    for (const auto ours : lengths) {
      for (const auto theirs : {lengths[0], lengths[1], lengths[4]}) {
        CAPTURE(window);
        CAPTURE(ours);
        CAPTURE(theirs);
        association_options options{"SCU", "SCP"};
        options.max_length = ours;
        options.window = dul::async_window{window, window};
        options.propose(get_class, ct);
        options.contexts.role(ct, true, true);
        acceptor_options accepts = takes_get();
        accepts.policy.max_length = theirs;
        accepts.policy.window = dul::async_window{window, window};
        std::vector<dimse_status> answers;
        auto with = sends(2, answers);
        std::size_t stored = 0;
        with.on_store([&stored](incoming_object object) -> task<> {
          const auto number = object.request().affected_sop_instance_uid.str().substr(6);
          const auto whole = co_await object.read();
          CHECK(whole == numbered(std::stoul(number), 3000));
          ++stored;
          co_await object.respond(status::success);
        });
        meet_server(
            [&](association& a) -> task<> {
              CHECK(a.parameters().own_window() == window);
              const auto send = [](association& over, std::size_t number) -> task<> {
                const auto response = co_await over.store(numbered(number, 3000));
                CHECK(response.status.is_success());
              };
              const executor where = co_await asio::this_coro::executor;
              scope all{where};
              for (std::size_t i = 0; i < 16; ++i) all.spawn(send(a, i));
              co_await all.join();
              auto responses = a.get(get_class, patient("X"));
              std::size_t came = 0;
              while (auto event = co_await responses.next()) {
                auto* object = event->arrived();
                if (object == nullptr) continue;
                const auto whole = co_await object->read();
                CHECK(whole == numbered(came++));
                co_await object->respond(status::success);
              }
              CHECK(came == 2);
            },
            with, accepts, options);
        CHECK(stored == 16);
      }
    }
  }
}

TEST_CASE("a longest PDU that takes no fragment ends the association, whoever announces it and with any window") {
  for (const std::uint16_t window : {std::uint16_t{1}, std::uint16_t{16}}) {
    for (const std::uint32_t length : {1u, 7u}) {
      for (const bool by_requestor : {true, false}) {
        CAPTURE(window);
        CAPTURE(length);
        CAPTURE(by_requestor);
        association_options options{"SCU", "SCP"};
        options.window = dul::async_window{window, window};
        options.propose(sop_class::Verification);
        acceptor_options accepts = takes_get();
        accepts.policy.window = dul::async_window{window, window};
        // Who cannot send says why, and aborts: PS3.8 §9.3.8, invalid PDU parameter value.
        constexpr dul::abort_cause wanted{dul::abort_source::service_provider, dul::abort_reason::invalid_pdu_parameter_value};
        std::optional<association_error> ours;
        const auto scripted = [&](std::unique_ptr<transport> over) -> task<> {
          scripted_peer peer{std::move(over)};
          if (by_requestor) {
            auto request = dul::make_request(options, options.contexts);
            request.user.max_length = length;
            co_await peer.send(dul::pdu{request});
            const auto accepted = co_await peer.expect<dul::a_associate_ac>();
            CHECK(accepted.user.window.value_or(dul::async_window{1, 1}) == *options.window);
          } else {
            const auto request = co_await peer.expect<dul::a_associate_rq>();
            auto answer = std::get<dul::a_associate_ac>(dul::negotiate(request, accepts.policy));
            answer.user.max_length = length;
            co_await peer.send(dul::pdu{std::move(answer)});
          }
          const auto aborted = co_await peer.expect<dul::a_abort>();
          CHECK(aborted.cause == wanted);
          peer.close();
        };
        const auto own = [&](std::unique_ptr<transport> over) -> task<> {
          try {
            if (by_requestor) co_await serve_one(std::move(over), accepts, handlers{});
            else static_cast<void>(co_await associate(std::move(over), options));
          } catch (const association_error& error) {
            ours.emplace(error);
          }
        };
        const auto whole = [&]() -> task<> {
          const executor where = co_await asio::this_coro::executor;
          auto pair = testing::make_memory_pair(where);
          co_await together(own(std::move(pair.first)), scripted(std::move(pair.second)));
        };
        testing::simulate(whole());
        REQUIRE(ours);
        CHECK(ours->code() == errc::malformed_pdu);
        CHECK(std::string{ours->what()}.find("at most " + std::to_string(length) + " bytes") != std::string::npos);

        options.max_length = length;  // of our own it is an error before a byte is sent
        CHECK_THROWS_AS(static_cast<void>(dul::make_request(options, options.contexts)), const association_error&);
      }
    }
  }
}

TEST_CASE("a requestor that takes whatever comes proposes the storage classes in use, and has room for its queries") {
  association_options options{"SCU", "SCP"};
  options.propose(get_class, find_class, move_class).receive_storage();
  CHECK(options.contexts.fits());
  CHECK(options.contexts.contexts().size() == 107);
  CHECK(options.contexts.roles().size() == 104);
  for (const auto& each : options.contexts.roles()) {
    CHECK(is_storage(each.sop_class_uid));
    CHECK(each.scp);
    CHECK_FALSE(each.scu);
  }
  options.receive_storage();
  CHECK(options.contexts.contexts().size() == 107);
}
