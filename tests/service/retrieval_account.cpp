#include <codicom/service/retrieval_account.hpp>

#include <doctest/doctest.h>
#include <initializer_list>
#include <string>
#include <vector>

using namespace codicom;
using service::account_basis;
using service::account_keeper;

namespace {

std::vector<unique_id> objects(int count) {
  std::vector<unique_id> result;
  for (int i = 1; i <= count; ++i) result.emplace_back("1.2." + std::to_string(i));
  return result;
}

void arrive(account_keeper& keeper, int from, int to, dimse_status answered = status::success) {
  const auto all = objects(to);
  for (int i = from; i <= to; ++i) {
    keeper.arrived(all[static_cast<std::size_t>(i - 1)]);
    keeper.ended(all[static_cast<std::size_t>(i - 1)], answered, 100);
  }
}

struct counts {
  int remaining = -1, completed = -1, failed = -1, warning = -1;  // -1: absent
};

c_move_response response(std::uint16_t code, counts c = {}) {
  c_move_response result{message_id{1}, dimse_status{code}};
  const auto set = [](std::optional<std::uint16_t>& to, int value) {
    if (value >= 0) to = static_cast<std::uint16_t>(value);
  };
  set(result.remaining, c.remaining);
  set(result.completed, c.completed);
  set(result.failed, c.failed);
  set(result.warning, c.warning);
  return result;
}

}  // namespace

// The rows below are what archives were seen to answer; 11 objects in the study.

TEST_CASE("Orthanc, success: all received, nothing awaited") {
  account_keeper keeper;
  keeper.expect(objects(11));
  arrive(keeper, 1, 11);
  keeper.last(response(0x0000, {-1, 11, 0, 0}), {});
  CHECK_FALSE(keeper.awaits_more());
  const auto account = keeper.account();
  CHECK(account.basis == account_basis::expected_objects);
  CHECK(account.received_count == 11);
  CHECK(account.bytes == 1100);
  CHECK(account.failed_count == 0);
  CHECK(account.missing_count == 0);
  CHECK(account.is_complete());
}

TEST_CASE("Orthanc, unknown destination or closed port: C000 with zero counts, all missing, nothing awaited") {
  account_keeper keeper;
  keeper.expect(objects(11));
  keeper.last(response(0xC000, {-1, 0, 0, 0}), {});
  CHECK_FALSE(keeper.awaits_more());
  const auto account = keeper.account();
  CHECK(account.received_count == 0);
  CHECK(account.missing.size() == 11);
  CHECK_FALSE(account.is_complete());
}

TEST_CASE("Orthanc, one store refused: it stops, C000 with zero counts even after good ones") {
  account_keeper keeper;
  keeper.expect(objects(11));
  arrive(keeper, 1, 3);
  arrive(keeper, 4, 4, status::out_of_resources);
  keeper.last(response(0xC000, {-1, 0, 0, 0}), {});
  CHECK_FALSE(keeper.awaits_more());
  const auto account = keeper.account();
  CHECK(account.received_count == 3);
  CHECK(account.failed == std::vector<unique_id>{"1.2.4"});
  CHECK(account.missing.size() == 7);
  CHECK_FALSE(account.is_complete());
}

TEST_CASE("Orthanc, a store answered with a warning counts as completed") {
  account_keeper keeper;
  keeper.expect(objects(11));
  arrive(keeper, 1, 10);
  keeper.arrived("1.2.11");
  keeper.ended("1.2.11", dimse_status{0xB007}, 100);
  keeper.last(response(0x0000, {-1, 11, 0, 0}), {});
  CHECK(keeper.account().is_complete());
}

TEST_CASE("C-CANCEL: FE00 with Remaining, what was not sent is missing, nothing awaited") {
  account_keeper keeper;
  keeper.expect(objects(11));
  arrive(keeper, 1, 4);
  keeper.cancelled();
  keeper.last(response(0xFE00, {7, 4, 0, 0}), {});
  CHECK_FALSE(keeper.awaits_more());
  const auto account = keeper.account();
  CHECK(account.cancelled);
  CHECK(account.received_count == 4);
  CHECK(account.missing.size() == 7);
  CHECK_FALSE(account.is_complete());
}

TEST_CASE("dcmqrscp, unknown destination: A801") {
  account_keeper keeper;
  keeper.expect(objects(11));
  keeper.last(response(0xA801, {-1, 0, 0, 0}), {});
  CHECK(keeper.account().missing.size() == 11);
  CHECK_FALSE(keeper.awaits_more());
}

TEST_CASE("dcmqrscp, port closed: A702 with all failed and listed") {
  account_keeper keeper;
  keeper.expect(objects(11));
  const auto all = objects(11);
  keeper.last(response(0xA702, {-1, 0, 11, 0}), all);
  const auto account = keeper.account();
  CHECK(account.failed.size() == 11);
  CHECK(account.failed_count == 11);
  CHECK(account.missing_count == 0);
}

TEST_CASE("dcmqrscp, one store refused: B000, completed 10, failed 1 and named") {
  account_keeper keeper;
  keeper.expect(objects(11));
  arrive(keeper, 1, 10);
  arrive(keeper, 11, 11, status::out_of_resources);
  const std::vector<unique_id> list{"1.2.11"};
  keeper.last(response(0xB000, {-1, 10, 1, 0}), list);
  CHECK_FALSE(keeper.awaits_more());
  const auto account = keeper.account();
  CHECK(account.received_count == 10);
  CHECK(account.failed == list);
  CHECK(account.failed_count == 1);
  CHECK(account.missing_count == 0);
}

TEST_CASE("dcmqrscp, one store answered with a warning: B000, and complete all the same") {
  account_keeper keeper;
  keeper.expect(objects(11));
  arrive(keeper, 1, 11);
  keeper.last(response(0xB000, {-1, 10, 0, 1}), {});
  const auto account = keeper.account();
  CHECK(account.warning_count == 1);
  CHECK(account.is_complete());
}

TEST_CASE("dcmqrscp, no match: 0000, nothing completed") {
  account_keeper keeper;
  keeper.last(response(0x0000, {-1, 0, 0, 0}), {});
  const auto account = keeper.account();
  CHECK(account.basis == account_basis::counted_by_peer);
  CHECK(account.is_complete());
  CHECK(account.received_count == 0);
}

TEST_CASE("PixelMed, unknown destination: A801 without any count") {
  account_keeper keeper;
  keeper.expect(objects(11));
  keeper.last(response(0xA801), {});
  CHECK_FALSE(keeper.awaits_more());
  CHECK(keeper.account().missing.size() == 11);
  CHECK(keeper.account().failed_count == 0);
}

TEST_CASE("PixelMed, port closed: B000 with failed 11 and no list names all that were expected") {
  account_keeper keeper;
  keeper.expect(objects(11));
  keeper.last(response(0xB000, {-1, 0, 11, 0}), {});
  const auto account = keeper.account();
  CHECK(account.failed.size() == 11);
  CHECK(account.missing.empty());
}

TEST_CASE("odil, the final response carries Remaining 0") {
  account_keeper keeper;
  keeper.expect(objects(11));
  arrive(keeper, 1, 11);
  keeper.last(response(0x0000, {0, 11, 0, 0}), {});
  CHECK(keeper.account().is_complete());
  CHECK_FALSE(keeper.awaits_more());
}

TEST_CASE("A failure counted but not named stays a number where several objects may be meant") {
  account_keeper keeper;
  keeper.expect(objects(11));
  arrive(keeper, 1, 8);
  keeper.last(response(0xB000, {-1, 8, 1, 0}), {});
  const auto account = keeper.account();
  CHECK(account.failed.empty());
  CHECK(account.failed_count == 1);
  CHECK(account.missing.size() == 3);
}

TEST_CASE("The final response may come before the last store has ended") {
  account_keeper keeper;
  keeper.expect(objects(11));
  arrive(keeper, 1, 9);
  keeper.last(response(0x0000, {-1, 11, 0, 0}), {});
  CHECK(keeper.awaits_more());
  keeper.arrived("1.2.10");
  CHECK(keeper.awaits_more());
  keeper.arrived("1.2.11");
  CHECK_FALSE(keeper.awaits_more());
  CHECK(keeper.account().missing.size() == 2);  // under way is not received
  keeper.ended("1.2.10", status::success, 1);
  keeper.ended("1.2.11", status::success, 1);
  CHECK(keeper.account().is_complete());
}

TEST_CASE("What is reported completed but never came is missing by name where expected, else by number") {
  account_keeper named;
  named.expect(objects(11));
  arrive(named, 1, 10);
  named.last(response(0x0000, {-1, 11, 0, 0}), {});
  CHECK(named.awaits_more());
  CHECK(named.account().missing == std::vector<unique_id>{"1.2.11"});
  CHECK(named.account().missing_count == 1);

  account_keeper counted;
  arrive(counted, 1, 10);
  counted.last(response(0x0000, {-1, 11, 0, 0}), {});
  CHECK(counted.awaits_more());
  CHECK(counted.account().missing.empty());
  CHECK(counted.account().missing_count == 1);
  CHECK(counted.account().basis == account_basis::counted_by_peer);
  CHECK_FALSE(counted.account().is_complete());
}

TEST_CASE("Success without counts is awaited by what was expected; without an expectation it is believed") {
  account_keeper named;
  named.expect(objects(2));
  arrive(named, 1, 1);
  named.last(response(0x0000), {});
  CHECK(named.awaits_more());
  arrive(named, 2, 2);
  CHECK_FALSE(named.awaits_more());
  CHECK(named.account().is_complete());

  account_keeper counted;
  arrive(counted, 1, 1);
  counted.last(response(0x0000), {});
  CHECK_FALSE(counted.awaits_more());
  CHECK(counted.account().is_complete());
}

TEST_CASE("An object that comes twice counts once, and both arrivals answer the peer's count") {
  account_keeper keeper;
  keeper.expect(objects(2));
  arrive(keeper, 1, 2);
  arrive(keeper, 2, 2);
  keeper.last(response(0x0000, {-1, 3, 0, 0}), {});
  CHECK_FALSE(keeper.awaits_more());
  const auto account = keeper.account();
  CHECK(account.received.size() == 2);
  CHECK(account.duplicate_count == 1);
  CHECK(account.bytes == 200);
  CHECK(account.is_complete());
}

TEST_CASE("A refused object that comes again and is taken is received") {
  account_keeper keeper;
  keeper.expect(objects(1));
  arrive(keeper, 1, 1, status::out_of_resources);
  arrive(keeper, 1, 1);
  keeper.last(response(0x0000, {-1, 1, 0, 0}), {});
  CHECK(keeper.account().failed.empty());
  CHECK(keeper.account().is_complete());
}

TEST_CASE("What has come is here even if the peer lists it as failed") {
  account_keeper keeper;
  keeper.expect(objects(2));
  arrive(keeper, 1, 2);
  const std::vector<unique_id> list{"1.2.2"};
  keeper.last(response(0xB000, {-1, 1, 1, 0}), list);
  CHECK(keeper.account().received.size() == 2);
  CHECK(keeper.account().failed.empty());
  CHECK(keeper.account().failed_count == 1);
}

TEST_CASE("A third-party destination is counted by the peer, and nothing is awaited here") {
  account_keeper keeper{false};
  const std::vector<unique_id> list{"1.2.7"};
  keeper.last(response(0xB000, {-1, 10, 1, 0}), list);
  CHECK_FALSE(keeper.awaits_more());
  const auto account = keeper.account();
  CHECK(account.basis == account_basis::counted_by_peer);
  CHECK(account.received.empty());
  CHECK(account.received_count == 10);
  CHECK(account.failed == list);
  CHECK(account.missing_count == 0);
}

TEST_CASE("An association that broke leaves what had come, and no final response") {
  account_keeper keeper;
  keeper.expect(objects(11));
  arrive(keeper, 1, 5);
  CHECK_FALSE(keeper.awaits_more());
  const auto account = keeper.account();
  CHECK_FALSE(account.last);
  CHECK(account.received.size() == 5);
  CHECK(account.missing.size() == 6);
  CHECK_FALSE(account.is_complete());
}

TEST_CASE("The total is the expectation, or else what a pending response with Remaining adds up to") {
  account_keeper keeper;
  CHECK_FALSE(keeper.total());
  keeper.pending(response(0xFF00));
  CHECK_FALSE(keeper.total());
  keeper.pending(response(0xFF00, {7, 2, 1, 1}));
  CHECK(keeper.total() == 11);
  keeper.expect(objects(12));
  CHECK(keeper.total() == 12);
}
