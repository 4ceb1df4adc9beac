#include <codicom/dimse/dimse_status.hpp>

#include <doctest/doctest.h>
#include <ostream>
#include <string>

using namespace codicom;

TEST_CASE("each status has the class that PS3.7 Annex C gives it") {
  const auto kind = [](std::uint16_t code) { return dimse_status{code}.kind(); };
  CHECK(kind(0x0000) == status_class::success);
  CHECK(kind(0xFF00) == status_class::pending);
  CHECK(kind(0xFF01) == status_class::pending);
  CHECK(kind(0xFE00) == status_class::cancel);
  for (const unsigned code : {0x0001u, 0x0107u, 0x0116u, 0xB000u, 0xB006u, 0xB007u, 0xBFFFu}) {
    CAPTURE(code);
    CHECK(kind(static_cast<std::uint16_t>(code)) == status_class::warning);
  }
  for (const unsigned code : {0x0002u, 0x0105u, 0x0110u, 0x0117u, 0x0122u, 0x0211u, 0xA700u, 0xA801u, 0xA900u, 0xC000u,
                              0xCFFFu, 0xFE01u, 0xFF02u, 0xFFFFu}) {
    CAPTURE(code);
    CHECK(kind(static_cast<std::uint16_t>(code)) == status_class::failure);
  }
}

TEST_CASE("a status is asked in one word") {
  CHECK(status::success.is_success());
  CHECK(status::pending_with_warning.is_pending());
  CHECK(status::cancel.is_cancel());
  CHECK(status::suboperations_with_failures.is_warning());
  CHECK(status::move_destination_unknown.is_failure());
  CHECK_FALSE(status::pending.is_success());
  CHECK(to_string(status::move_destination_unknown) == "A801");
  CHECK(to_string(dimse_status{0x0001}) == "0001");
}

TEST_CASE("the same number means different things to different services") {
  CHECK(meaning(status::move_destination_unknown, status_service::query_retrieve_move) == "Move destination unknown");
  CHECK(meaning(dimse_status{0xB000}, status_service::storage) == "Coercion of Data Elements");
  CHECK(meaning(dimse_status{0xB000}, status_service::query_retrieve_move) ==
        "Sub-operations completed, one or more failures");
  CHECK(meaning(dimse_status{0x0122}, status_service::storage) == "Refused: SOP Class Not Supported");
  CHECK(meaning(dimse_status{0x0122}) == "Refused: SOP Class Not Supported");
}
