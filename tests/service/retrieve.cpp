#include "service/scripted_archive.hpp"

#include <algorithm>

using namespace scripted;
using service::account_basis;
using service::retrieval_account;
using service::retrieve;
using service::retrieve_options;

namespace {

using steps = generator<c_move_response, move_result>;

handlers with_find(const service::archive_index& index) {
  handlers result;
  result.on_find([&index](find_request request) { return service::answer_find(index, "ARCHIVE", std::move(request)); });
  return result;
}

/// Stores `objects` one by one, a pending response after each but the last; then what `last` says.
steps move_all(std::uint16_t port, std::vector<data_set> objects, c_move_response last) {
  auto over = co_await call(port);
  int completed = 0;
  for (std::size_t i = 0; i < objects.size(); ++i) {
    const auto answer = co_await over.store(objects[i]);
    if (answer.status.is_success()) ++completed;
    if (i + 1 < objects.size())
      co_yield counts(status::pending, static_cast<int>(objects.size() - i - 1), completed,
                      static_cast<int>(i) + 1 - completed);
  }
  co_await over.release();
  co_return move_result{last};
}

/// Saves everything, counts what happens.
class tally {
 public:
  int arrived = 0, unexpected = 0, pending = 0, last = 0;
  std::vector<unique_id> studies;
  retrieval_account account;
};

task<tally> take_all(service::retrieval& retrieval) {
  tally result;
  while (auto event = co_await retrieval.next()) {
    if (auto* object = event->arrived()) {
      ++result.arrived;
      result.studies.push_back(event->study_instance_uid());
      const auto content = co_await object->read();
      CHECK(content.uid(tag::SOPInstanceUID) == object->request().affected_sop_instance_uid);
      co_await object->respond(status::success);
    } else if (auto* other = event->unexpected()) {
      ++result.unexpected;
      co_await other->respond(status::success);
    } else if (event->pending()) {
      ++result.pending;
    } else if (event->last()) {
      ++result.last;
    }
  }
  result.account = retrieval.account();
  co_return result;
}

}  // namespace

TEST_CASE("A retrieval is one stream: objects, pending responses, the final one, and an exact account") {
  service::archive_index index;
  enter(index, study(1, 2, 3));
  play(
      [&](std::uint16_t port) {
        return with_find(index).on_move([port](move_request request) {
          CHECK(request.identifier.size() == 2);
          CHECK(request.identifier.text(tag::StudyInstanceUID) == "1.1");
          CHECK(request.command.move_destination == ae_title{"CODICOM"});
          return move_all(port, study(1, 2, 3), counts(status::success, -1, 6));
        });
      },
      [](association& over, store_receiver& receiver) -> task<> {
        auto what = study_keys(1);
        what.set(tag::PatientName, "ALLISON^MARY^A").set(tag::RetrieveAETitle, "ARCHIVE");
        auto retrieval = retrieve(over, receiver, what);
        const auto seen = co_await take_all(retrieval);
        CHECK(seen.arrived == 6);
        CHECK(seen.pending == 5);
        CHECK(seen.last == 1);
        CHECK(seen.studies == std::vector<unique_id>(6, "1.1"));
        CHECK(seen.account.basis == account_basis::expected_objects);
        CHECK(seen.account.expected.size() == 6);
        CHECK(seen.account.received_count == 6);
        CHECK(seen.account.is_complete());
        CHECK(retrieval.total() == 6);
        const auto again = co_await retrieval.next();
        CHECK_FALSE(again);
      });
}

TEST_CASE("Without C-FIND the account is counted by the peer, and objects are claimed by their study") {
  service::archive_index index;
  play(
      [&](std::uint16_t port) {
        return handlers{}.on_move(
            [port](move_request) { return move_all(port, study(1, 1, 3), counts(status::success, -1, 3)); });
      },
      [](association& over, store_receiver& receiver) -> task<> {
        retrieve_options options;
        options.read_expectation = false;
        auto retrieval = retrieve(over, receiver, study_keys(1), options);
        const auto seen = co_await take_all(retrieval);
        CHECK(seen.arrived == 3);
        CHECK(seen.studies == std::vector<unique_id>(3, "1.1"));
        CHECK(seen.account.basis == account_basis::counted_by_peer);
        CHECK(seen.account.received_count == 3);
        CHECK(seen.account.is_complete());
      });
}

TEST_CASE("An archive that cannot say what it has is believed by its counts") {
  play(
      [&](std::uint16_t port) {
        handlers result;
        result.on_find([](find_request request) -> generator<find_match, c_find_response> {
          co_return c_find_response{request.command, status::cannot_understand};
        });
        return result.on_move(
            [port](move_request) { return move_all(port, study(1, 1, 2), counts(status::success, -1, 2)); });
      },
      [](association& over, store_receiver& receiver) -> task<> {
        auto retrieval = retrieve(over, receiver, study_keys(1));
        const auto seen = co_await take_all(retrieval);
        CHECK(seen.arrived == 2);
        CHECK(seen.account.basis == account_basis::counted_by_peer);
        CHECK(seen.account.is_complete());
      });
}

TEST_CASE("An object of the study that nobody expected by UID is claimed all the same; one of another is unexpected") {
  service::archive_index index;
  enter(index, study(1, 1, 2));
  play(
      [&](std::uint16_t port) {
        return with_find(index).on_move([port](move_request) {
          auto objects = study(1, 1, 3);         // one more than the query told
          objects.push_back(study(7, 1, 1)[0]);  // and a stranger
          return move_all(port, objects, counts(status::success, -1, 4));
        });
      },
      [](association& over, store_receiver& receiver) -> task<> {
        retrieve_options options;
        options.late_arrivals = 50ms;
        auto retrieval = retrieve(over, receiver, study_keys(1), options);
        const auto seen = co_await take_all(retrieval);
        CHECK(seen.arrived == 3);
        CHECK(seen.unexpected == 1);
        CHECK(seen.account.received_count == 3);
        CHECK(seen.account.unexpected_count == 1);
      });
}

TEST_CASE("What nobody claims goes to next() while somebody awaits it") {
  service::archive_index index;
  enter(index, study(1, 1, 1));
  play(
      [&](std::uint16_t port) {
        return with_find(index).on_move([port](move_request) {
          std::vector<data_set> objects{study(7, 1, 1)[0], study(1, 1, 1)[0]};
          return move_all(port, objects, counts(status::success, -1, 1));
        });
      },
      [](association& over, store_receiver& receiver) -> task<> {
        const auto wait = [](store_receiver& from, unique_id& got) -> task<> {
          auto object = co_await from.next();
          REQUIRE(object);
          got = object->request().affected_sop_instance_uid;
          co_await object->respond(status::success);
        };
        unique_id other;
        scope beside{co_await asio::this_coro::executor};
        beside.spawn(wait(receiver, other));
        auto retrieval = retrieve(over, receiver, study_keys(1));
        const auto seen = co_await take_all(retrieval);
        co_await beside.join();
        CHECK(other == unique_id{"1.7.1.1"});
        CHECK(seen.arrived == 1);
        CHECK(seen.unexpected == 0);
        CHECK(seen.account.is_complete());
      });
}

TEST_CASE("Late arrivals are awaited when the final response comes before the last store") {
  service::archive_index index;
  enter(index, study(1, 1, 2));
  scope* late = nullptr;
  play(
      [&](std::uint16_t port) {
        return with_find(index).on_move([port, &late](move_request) -> steps {
          const auto send_late = [](std::uint16_t to) -> task<> {
            co_await sleep_for(150ms);
            auto over = co_await call(to);
            const auto answer = co_await over.store(study(1, 1, 2)[1]);
            CHECK(answer.status.is_success());
            co_await over.release();
          };
          late->spawn(send_late(port));
          return move_all(port, study(1, 1, 1), counts(status::success, -1, 2));
        });
      },
      [&late](association& over, store_receiver& receiver) -> task<> {
        scope beside{co_await asio::this_coro::executor};
        late = &beside;
        auto retrieval = retrieve(over, receiver, study_keys(1));
        const auto seen = co_await take_all(retrieval);
        CHECK(seen.arrived == 2);
        CHECK(seen.account.is_complete());
        co_await beside.join();
      });
}

TEST_CASE("What is reported but never arrives is missing, by name, after the deadline") {
  service::archive_index index;
  enter(index, study(1, 1, 3));
  play(
      [&](std::uint16_t port) {
        return with_find(index).on_move(
            [port](move_request) { return move_all(port, study(1, 1, 2), counts(status::success, -1, 3)); });
      },
      [](association& over, store_receiver& receiver) -> task<> {
        retrieve_options options;
        options.late_arrivals = 100ms;
        auto retrieval = retrieve(over, receiver, study_keys(1), options);
        const auto seen = co_await take_all(retrieval);
        CHECK(seen.account.received_count == 2);
        CHECK(seen.account.missing == std::vector<unique_id>{"1.1.1.3"});
        CHECK_FALSE(seen.account.is_complete());
      });
}

TEST_CASE("A refusal is a value: A801, C000") {
  for (const auto code : {std::uint16_t{0xA801}, std::uint16_t{0xC000}}) {
    service::archive_index index;
    enter(index, study(1, 1, 2));
    play(
        [&](std::uint16_t) {
          return with_find(index).on_move([code](move_request) -> steps {
            c_move_response refusal;
            refusal.status = dimse_status{code};
            co_return move_result{refusal};
          });
        },
        [code](association& over, store_receiver& receiver) -> task<> {
          auto retrieval = retrieve(over, receiver, study_keys(1));
          const auto seen = co_await take_all(retrieval);
          REQUIRE(seen.account.last);
          CHECK(seen.account.last->status.code == code);
          CHECK(seen.account.missing.size() == 2);
          CHECK(seen.arrived == 0);
          CHECK(over.is_open());
        });
  }
}

TEST_CASE("An object dropped by the user is failed, refused to the peer, and the rest goes on") {
  service::archive_index index;
  enter(index, study(1, 1, 3));
  play(
      [&](std::uint16_t port) {
        return with_find(index).on_move([port](move_request) {
          return move_all(port, study(1, 1, 3), counts(status::suboperations_with_failures, -1, 2, 1));
        });
      },
      [](association& over, store_receiver& receiver) -> task<> {
        auto retrieval = retrieve(over, receiver, study_keys(1));
        bool first = true;
        while (auto event = co_await retrieval.next()) {
          auto* object = event->arrived();
          if (object == nullptr) continue;
          if (!first) co_await object->respond(status::success);
          first = false;
        }
        const auto account = retrieval.account();
        CHECK(account.received_count == 2);
        CHECK(account.failed == std::vector<unique_id>{"1.1.1.1"});
        CHECK(account.failed_count == 1);
        CHECK(account.missing_count == 0);
      });
}

TEST_CASE("cancel() sends C-CANCEL; objects under way still come, then FE00") {
  service::archive_index index;
  enter(index, study(1, 1, 50));
  play(
      [&](std::uint16_t port) {
        return with_find(index).on_move([port](move_request request) -> steps {
          auto over = co_await call(port);
          int completed = 0;
          const auto objects = study(1, 1, 50);
          for (const auto& each : objects) {
            if (request.cancelled()) break;
            const auto answer = co_await over.store(each);
            completed += answer.status.is_success();
            co_yield counts(status::pending, 50 - completed, completed);
          }
          co_await over.release();
          CHECK(request.cancelled());
          co_return move_result{counts(status::cancel, 50 - completed, completed)};
        });
      },
      [](association& over, store_receiver& receiver) -> task<> {
        auto retrieval = retrieve(over, receiver, study_keys(1));
        int arrived = 0;
        while (auto event = co_await retrieval.next()) {
          auto* object = event->arrived();
          if (object == nullptr) continue;
          co_await object->respond(status::success);
          if (++arrived == 2) co_await retrieval.cancel();
        }
        const auto account = retrieval.account();
        CHECK(account.cancelled);
        REQUIRE(account.last);
        CHECK(account.last->status.is_cancel());
        CHECK(account.received_count == static_cast<std::size_t>(arrived));
        CHECK(arrived < 10);
        CHECK(account.missing.size() == 50 - account.received_count);
        const auto echo_free = co_await collect(over.find(service::study_root_find, study_keys(1)));
        CHECK(echo_free.last.status.is_success());  // the association is as good as before
      });
}

TEST_CASE("Two retrievals on two associations share one receiver") {
  service::archive_index index;
  enter(index, study(1, 1, 8));
  enter(index, study(2, 1, 8));
  play(
      [&](std::uint16_t port) {
        return with_find(index).on_move([port](move_request request) {
          const int n = request.identifier.text(tag::StudyInstanceUID) == "1.1" ? 1 : 2;
          return move_all(port, study(n, 1, 8), counts(status::success, -1, 8));
        });
      },
      [](association& over, store_receiver& receiver) -> task<> {
        const auto one = [](association& by, store_receiver& at, int n, tally& out) -> task<> {
          auto retrieval = retrieve(by, at, study_keys(n));
          out = co_await take_all(retrieval);
        };
        auto other = co_await call_archive();
        tally first, second;
        scope both{co_await asio::this_coro::executor};
        both.spawn(one(over, receiver, 1, first));
        both.spawn(one(other, receiver, 2, second));
        co_await both.join();
        co_await other.release();
        CHECK(first.account.is_complete());
        CHECK(second.account.is_complete());
        CHECK(first.studies == std::vector<unique_id>(8, "1.1"));
        CHECK(second.studies == std::vector<unique_id>(8, "1.2"));
      });
}

TEST_CASE("To a third party nothing arrives here, and the peer counts") {
  play(
      [&](std::uint16_t) {
        return handlers{}.on_move([](move_request request) -> steps {
          CHECK(request.command.move_destination == ae_title{"OTHER"});
          co_yield counts(status::pending, 1, 1);
          data_set failed;
          failed.set(tag::FailedSOPInstanceUIDList, std::vector<unique_id>{"1.1.1.2"});
          co_return move_result{counts(status::suboperations_with_failures, -1, 1, 1), std::move(failed)};
        });
      },
      [](association& over, store_receiver&) -> task<> {
        auto retrieval = service::retrieve_to(over, "OTHER", study_keys(1));
        const auto seen = co_await take_all(retrieval);
        CHECK(seen.pending == 1);
        CHECK(seen.account.basis == account_basis::counted_by_peer);
        CHECK(seen.account.received_count == 1);
        CHECK(seen.account.failed == std::vector<unique_id>{"1.1.1.2"});
        CHECK(seen.account.missing_count == 0);
      });
}

TEST_CASE("IMAGE level: the objects asked for are the expectation, no C-FIND is sent") {
  play(
      [&](std::uint16_t port) {
        return handlers{}.on_move([port](move_request request) {
          CHECK(request.identifier.values<unique_id>(tag::SOPInstanceUID).size() == 2);
          return move_all(port, study(1, 1, 1), counts(status::suboperations_with_failures, -1, 1, 1));
        });
      },
      [](association& over, store_receiver& receiver) -> task<> {
        data_set what;
        what.set(tag::QueryRetrieveLevel, "IMAGE")
            .set(tag::StudyInstanceUID, "1.1")
            .set(tag::SeriesInstanceUID, "1.1.1");
        what.set_text(tag::SOPInstanceUID, "1.1.1.1\\1.1.1.2");
        auto retrieval = retrieve(over, receiver, what);
        const auto seen = co_await take_all(retrieval);
        CHECK(seen.account.basis == account_basis::expected_objects);
        CHECK(seen.account.received_count == 1);
        CHECK(seen.account.failed == std::vector<unique_id>{"1.1.1.2"});
      });
}

TEST_CASE("A retrieval cancelled from outside goes on where it was") {
  service::archive_index index;
  enter(index, study(1, 1, 3));
  play(
      [&](std::uint16_t port) {
        return with_find(index).on_move([port](move_request) -> steps {
          co_await sleep_for(150ms);
          auto inner = move_all(port, study(1, 1, 3), counts(status::success, -1, 3));
          while (auto pending = co_await inner.next()) co_yield *pending;
          co_return inner.take_last();
        });
      },
      [](association& over, store_receiver& receiver) -> task<> {
        auto retrieval = retrieve(over, receiver, study_keys(1));
        const auto wait = [](service::retrieval& of) -> task<bool> {
          const auto event = co_await of.next();
          co_return event.has_value();
        };
        auto outcome = co_await race(wait(retrieval), sleep_for(50ms));
        CHECK(outcome.winner == 2);
        CHECK(outcome.first.error() == errc::cancelled);
        const auto seen = co_await take_all(retrieval);
        CHECK(seen.arrived == 3);
        CHECK(seen.account.is_complete());
      });
}
