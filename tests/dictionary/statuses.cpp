#include <codicom/dictionary/statuses.hpp>

#include <codicom/dictionary/generated/status_table.hpp>

#include "support/standard_tables.hpp"
#include <cstdio>
#include <doctest/doctest.h>
#include <string>

using namespace codicom;

static_assert(status_class_of(0x0000) == status_class::success);
static_assert(status_class_of(0xFF00) == status_class::pending);
static_assert(status_class_of(0xFF01) == status_class::pending);
static_assert(status_class_of(0xFE00) == status_class::cancel);
static_assert(status_class_of(0xB000) == status_class::warning);
static_assert(status_class_of(0x0001) == status_class::warning);
static_assert(status_class_of(0x0107) == status_class::warning);
static_assert(status_class_of(0x0116) == status_class::warning);
static_assert(status_class_of(0xA701) == status_class::failure);
static_assert(status_class_of(0xC123) == status_class::failure);
static_assert(status_class_of(0x0122) == status_class::failure);
static_assert(status_class_of(0xFF02) == status_class::failure);

TEST_CASE("a code means what its service says") {
  CHECK(status_meaning(status_service::query_retrieve_move, 0xA801) == "Move destination unknown");
  CHECK(status_meaning(status_service::query_retrieve_move, 0xA702) ==
        "Refused: Out of resources, unable to perform sub-operations");
  CHECK(status_meaning(status_service::storage, 0xB000) == "Coercion of Data Elements");
  CHECK(status_meaning(status_service::query_retrieve_move, 0xB000) ==
        "Sub-operations completed, one or more failures");
}

TEST_CASE("a range covers its codes, a code of its own comes first") {
  CHECK(status_meaning(status_service::storage, 0xA700) == "Refused: Out of Resources");
  CHECK(status_meaning(status_service::storage, 0xA7FE) == "Refused: Out of Resources");
  CHECK(status_meaning(status_service::storage, 0xC123) == "Cannot Understand");
  CHECK(status_meaning(status_service::unified_procedure_step, 0xC303) ==
        "The UPS may only become SCHEDULED via N-CREATE, not N-SET or N-ACTION");
  CHECK(status_meaning(status_service::unified_procedure_step, 0xC3FF) == "Unable to Process");
}

TEST_CASE("what a service does not say is said by PS3.7 Annex C, or by nobody") {
  CHECK(status_meaning(status_service::storage, 0x0122) == "Refused: SOP Class Not Supported");
  CHECK(status_meaning(status_service::query_retrieve_find, 0x0000) == "Success");
  CHECK(status_meaning(status_service::general, 0x0211) == "Unrecognized Operation");
  CHECK(find_status(status_service::storage, 0xD000) == nullptr);
  CHECK(status_meaning(status_service::general, 0xA701).empty());
  CHECK(find_status(status_service::storage_commitment_failure_reason, 0x0211) == nullptr);
}

TEST_CASE("every status of the table of facts has the class that its code has") {
  const auto rows = test_support::standard_table("statuses.tsv");
  if (rows.empty()) {
    std::puts("skipped: no standard/statuses.tsv");
    return;
  }
  const auto word = [](status_class c) -> std::string {
    switch (c) {
      case status_class::success: return "Success";
      case status_class::pending: return "Pending";
      case status_class::cancel: return "Cancel";
      case status_class::warning: return "Warning";
      default: return "Failure";
    }
  };
  for (const auto& row : rows) {
    if (row[1] == "-") continue;
    const auto code = row[0] + ' ' + row[1];
    CAPTURE(code);
    auto digits = row[1];
    for (auto& c : digits)
      if (c == 'x') c = '5';
    CHECK(word(status_class_of(static_cast<std::uint16_t>(std::stoul(digits, nullptr, 16)))) == row[2]);
  }
  std::size_t filled = 0;
  for (const auto& row : rows) filled += row[1] != "-" ? 1 : 0;
  CHECK(detail::status_table.size() == filled);
}
