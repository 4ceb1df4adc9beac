#include "net/support.hpp"

#include <codicom/net/handlers.hpp>
#include <codicom/net/n_result.hpp>

#include <doctest/doctest.h>

using namespace codicom_test;
using namespace std::chrono_literals;

namespace {

constexpr const unique_id& commitment = sop_class::StorageCommitmentPushModel;
constexpr unique_id commitment_instance{"1.2.840.10008.1.20.1.1"};
constexpr const unique_id& mpps = sop_class::ModalityPerformedProcedureStep;

association_options both_classes() {
  association_options options{"SCU", "SCP"};
  options.propose(commitment, mpps, sop_class::Verification);
  return options;
}
acceptor_options takes_both() {
  acceptor_options options;
  options.policy.accept(commitment).accept(mpps).accept(sop_class::Verification);
  return options;
}

// Answers everything with what it got, and says which request it was.
class mirror {
 public:
  template <class Command>
  normalized_handlers::handler<Command> of() {
    return [this](incoming_request<Command> request) -> task<n_result> {
      co_await sleep_for(1s);
      seen.push_back(to_string(Command::field) + ' ' + sop_instance_of(command{request.command}).str());
      n_result answer{status::success, std::move(request.identifier)};
      if constexpr (requires { request.command.attribute_identifiers; }) {
        for (const auto& tag : request.command.attribute_identifiers)
          answer.response.attribute_identifiers.push_back(tag);
        answer.response.status = dimse_status{0x0107};
        answer.response.error_id = 3;
        answer.attributes.set(tag::PatientID, "N-GET");
      }
      co_return answer;
    };
  }
  handlers all() {
    handlers with;
    with.on_n_event_report(of<n_event_report_request>()).on_n_get(of<n_get_request>()).on_n_set(of<n_set_request>());
    with.on_n_action(of<n_action_request>()).on_n_create(of<n_create_request>()).on_n_delete(of<n_delete_request>());
    return with;
  }
  std::vector<std::string> seen;
};

}  // namespace

TEST_CASE("the normalized operations reach their handlers, and their results come back") {
  mirror server;
  meet_server(
      [](association& a) -> task<> {
        const auto created = co_await a.n_create(mpps, "1.2.3", patient("A"));
        CHECK(created.status().is_success());
        CHECK(created.response.affected_sop_class_uid == mpps);
        CHECK(created.response.affected_sop_instance_uid == "1.2.3");
        CHECK(created.attributes.text(tag::PatientID) == "A");
        const auto set = co_await a.n_set(mpps, "1.2.3", patient("B"));
        CHECK(set.attributes.text(tag::PatientID) == "B");
        std::vector<element_tag> wanted{tag::PatientID, tag::Rows};
        const auto got = co_await a.n_get(mpps, "1.2.3", wanted);
        CHECK(got.status().is_warning());
        CHECK(got.response.attribute_identifiers == wanted);
        CHECK(got.response.error_id == 3);
        CHECK(got.attributes.text(tag::PatientID) == "N-GET");
        const auto acted = co_await a.n_action(commitment, commitment_instance, 1, patient("C"));
        CHECK(acted.attributes.text(tag::PatientID) == "C");
        const auto bare = co_await a.n_action(commitment, commitment_instance, 1);
        CHECK(bare.status().is_success());
        CHECK(bare.attributes.empty());
        const auto deleted = co_await a.n_delete(mpps, "1.2.3");
        CHECK(deleted.status().is_success());
        CHECK(deleted.attributes.empty());
      },
      server.all(), takes_both(), both_classes());
  CHECK(server.seen == std::vector<std::string>{"N-CREATE-RQ 1.2.3", "N-SET-RQ 1.2.3", "N-GET-RQ 1.2.3",
                                                "N-ACTION-RQ " + commitment_instance.str(),
                                                "N-ACTION-RQ " + commitment_instance.str(), "N-DELETE-RQ 1.2.3"});
}

TEST_CASE("without a handler the answer is 0211, of another class 0122; the association lives on") {
  handlers with;
  with.on_n_get([](incoming_request<n_get_request>) -> task<n_result> { co_return status::success; });
  meet_server(
      [](association& a) -> task<> {
        const auto deleted = co_await a.n_delete(mpps, "1.2.3");
        CHECK(deleted.status() == status::unrecognized_operation);
        CHECK(deleted.response.affected_sop_instance_uid == "1.2.3");
        normalized_options elsewhere;
        elsewhere.abstract_syntax = commitment;
        const auto other = co_await a.n_get(mpps, "1.2.3", {}, elsewhere);
        CHECK(other.status() == status::sop_class_not_supported);
        const auto echo = co_await a.echo();
        CHECK(echo.status.is_success());
      },
      with, takes_both(), both_classes());
}

TEST_CASE("a Meta SOP Class carries the requests of its classes") {
  handlers with;
  with.on_n_get([](incoming_request<n_get_request> request) -> task<n_result> {
    CHECK(request.command.requested_sop_class_uid == sop_class::Printer);
    co_return n_result{status::success, patient("printer")};
  });
  acceptor_options accepts;
  accepts.policy.accept("1.2.840.10008.5.1.1.9");
  association_options options{"SCU", "SCP"};
  options.propose(unique_id{"1.2.840.10008.5.1.1.9"});  // Basic Grayscale Print Management
  meet_server(
      [](association& a) -> task<> {
        normalized_options meta;
        meta.abstract_syntax = "1.2.840.10008.5.1.1.9";
        const auto got = co_await a.n_get(sop_class::Printer, "1.2.840.10008.5.1.1.17", {}, meta);
        CHECK(got.status().is_success());
        CHECK(got.attributes.text(tag::PatientID) == "printer");
        const auto none = co_await error_of([&] { return a.n_delete(sop_class::Printer, "1.2"); });
        CHECK(none == errc::no_presentation_context);
        CHECK(a.is_open());
      },
      with, accepts, options);
}

TEST_CASE("a handler that throws is answered 0110") {
  handlers with;
  with.on_n_action([](incoming_request<n_action_request>) -> task<n_result> {
    throw std::runtime_error{"no database"};
    co_return n_result{};
  });
  meet_server(
      [](association& a) -> task<> {
        const auto failed = co_await a.n_action(commitment, commitment_instance, 1);
        CHECK(failed.status() == status::processing_failure);
        CHECK(a.is_open());
      },
      with, takes_both(), both_classes());
}

TEST_CASE("the SCP reports an event while it performs the action, and the SCU answers") {
  handlers with;
  with.on_n_action([](incoming_request<n_action_request> request) -> task<n_result> {
    const auto told = co_await request.sender().n_event_report(commitment, commitment_instance, 1, patient("stored"));
    CHECK(told.status() == dimse_status{0x0113});
    CHECK(told.attributes.text(tag::PatientID) == "heard stored");
    co_return status::success;
  });
  meet_server(
      [](association& a) -> task<> {
        a.on_event_report([](incoming_request<n_event_report_request> event) -> task<n_result> {
          CHECK(event.command.event_type_id == 1);
          CHECK(event.called_ae_title() == "SCP");
          co_await sleep_for(1s);
          co_return n_result{dimse_status{0x0113}, patient("heard " + event.identifier.text(tag::PatientID))};
        });
        const auto acted = co_await a.n_action(commitment, commitment_instance, 1);
        CHECK(acted.status().is_success());
      },
      with, takes_both(), both_classes());
}

TEST_CASE("a report that the SCU does not expect is answered 0211, and one that is never answered ends") {
  handlers with;
  bool told = false;
  with.on_n_action([&](incoming_request<n_action_request> request) -> task<n_result> {
    const auto answer = co_await request.sender().n_event_report(commitment, commitment_instance, 1);
    CHECK(answer.status() == status::unrecognized_operation);
    told = true;
    co_return status::success;
  });
  meet_server(
      [](association& a) -> task<> {
        const auto acted = co_await a.n_action(commitment, commitment_instance, 1);
        CHECK(acted.status().is_success());
      },
      with, takes_both(), both_classes());
  CHECK(told);
}

TEST_CASE("a handler that waits for the sender's answer has the response deadline") {
  std::error_code outcome;
  handlers with;
  with.on_n_action([&](incoming_request<n_action_request> request) -> task<n_result> {
    co_await sleep_for(1s);  // so that the server reads already
    const auto answer = co_await as_result(request.sender().n_event_report(commitment, commitment_instance, 1));
    outcome = answer.error();
    co_return status::success;
  });
  const auto whole = [&]() -> task<> {
    const executor where = co_await asio::this_coro::executor;
    auto pair = testing::make_memory_pair(where);
    const auto client = [](std::unique_ptr<transport> over) -> task<> {
      scripted_peer peer{std::move(over)};
      const dul::requestor_options titles{"SCU", "SCP"};
      co_await peer.request(titles, both_classes().contexts);
      co_await peer.send_message(context_id{1}, n_action_request{message_id{1}, commitment, commitment_instance, 1});
      co_await peer.expect_command<n_event_report_request>();
      const auto performed = co_await peer.expect_command<n_action_response>();
      CHECK(performed.status.is_success());
      co_await peer.send(dul::a_release_rq{});
      co_await peer.expect<dul::a_release_rp>();
      peer.close();
    };
    const auto began = clock::now();
    acceptor_options accepts = takes_both();
    accepts.response = 30s;
    co_await together(client(std::move(pair.first)), [](auto over, auto how, auto handle) -> task<> {
      const auto ended = co_await as_result(serve_one(std::move(over), how, handle));
      CHECK(ended);
    }(std::move(pair.second), accepts, with));
    CHECK(clock::now() - began == 31s);
  };
  testing::simulate(whole());
  CHECK(outcome == errc::response_timed_out);
}
