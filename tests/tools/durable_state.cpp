#include "../../examples/pacs/durable_state.hpp"

#include <codicom/core/generate_uid.hpp>
#include <codicom/coro/run.hpp>
#include <codicom/dictionary/sop_classes.hpp>
#include <codicom/dictionary/tags.hpp>

#include <doctest/doctest.h>

using namespace codicom;
using service::commitment_request;
using tools::durable_state;

namespace {

class database_file {
 public:
  database_file() : path{std::filesystem::temp_directory_path() / ("codicom-state-" + generate_uid().str())} {}
  database_file(const database_file&) = delete;
  database_file& operator=(const database_file&) = delete;
  ~database_file() {
    std::error_code ignored;
    for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(path.string() + suffix, ignored);
  }
  std::filesystem::path path;
};

commitment_request request(const char* transaction) {
  commitment_request result{unique_id{transaction}, {{sop_class::CTImageStorage, "1.2.3"}, {sop_class::CTImageStorage, "1.2.4"}}};
  result.requestor = "MODALITY";
  return result;
}

}  // namespace

TEST_CASE("what an archive owes reports for outlives it, until it has been reported") {
  const database_file at;
  const auto first = [](std::filesystem::path file) -> task<> {
    durable_state state{file, durability::synced};
    const bool one = co_await state.keep(request("2.25.1"));
    const bool two = co_await state.keep(request("2.25.2"));
    const bool again = co_await state.keep(request("2.25.1"));
    CHECK(one);
    CHECK(two);
    CHECK_FALSE(again);
    co_await state.settle("2.25.2");
  };
  const auto second = [](std::filesystem::path file) -> task<> {
    durable_state state{file, durability::synced};
    const auto left = co_await state.pending();
    REQUIRE(left.size() == 1);
    CHECK(left[0].transaction_uid == "2.25.1");
    CHECK(left[0].requestor == "MODALITY");
    REQUIRE(left[0].instances.size() == 2);
    CHECK(left[0].instances[1].sop_instance_uid == "1.2.4");
    CHECK(left[0].instances[1].sop_class_uid == sop_class::CTImageStorage);
  };
  run(first(at.path));
  run(second(at.path));
}

TEST_CASE("performed procedure steps outlive the archive; a change that is not wanted is none") {
  const database_file at;
  const auto first = [](std::filesystem::path file) -> task<> {
    durable_state state{file, durability::cached};
    data_set step;
    step.set(tag::PatientID, "4711").set(tag::PerformedProcedureStepStatus, "IN PROGRESS");
    const bool is_new = co_await state.create("1.2.3", step);
    const bool twice = co_await state.create("1.2.3", step);
    CHECK(is_new);
    CHECK_FALSE(twice);
    const bool unknown = co_await state.change("1.2.4", [](data_set&) { return true; });
    CHECK_FALSE(unknown);
    const bool changed = co_await state.change("1.2.3", [](data_set& each) {
      each.set(tag::PerformedProcedureStepStatus, "COMPLETED");
      return true;
    });
    CHECK(changed);
    const bool refused = co_await state.change("1.2.3", [](data_set& each) {
      each.set(tag::PatientID, "0");
      return false;
    });
    CHECK(refused);
  };
  const auto second = [](std::filesystem::path file) -> task<> {
    durable_state state{file, durability::cached};
    data_set seen;
    const bool there = co_await state.change("1.2.3", [&seen](data_set& each) {
      seen = each;
      return false;
    });
    CHECK(there);
    CHECK(seen.text(tag::PatientID) == "4711");
    CHECK(seen.text(tag::PerformedProcedureStepStatus) == "COMPLETED");
  };
  run(first(at.path));
  run(second(at.path));
}
