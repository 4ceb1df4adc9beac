#include <codicom/core/error.hpp>

#include <doctest/doctest.h>

#include <ostream>
#include <set>
#include <string>
#include <system_error>

using namespace codicom;

TEST_CASE("an error code is its own enumerator and belongs to one group of failures") {
  const std::error_code rejected = errc::association_rejected;
  CHECK(rejected == errc::association_rejected);
  CHECK(rejected != errc::connection_refused);
  CHECK(rejected == failure::peer_refused);
  CHECK(rejected != failure::peer_gone);
  CHECK(std::error_code{errc::connection_refused} == failure::peer_refused);
  CHECK(std::error_code{errc::no_presentation_context} == failure::peer_refused);
  CHECK(std::error_code{errc::aborted_by_peer} == failure::peer_gone);
  CHECK(std::error_code{errc::aborted_by_provider} == failure::peer_gone);
  CHECK(std::error_code{errc::connection_lost} == failure::peer_gone);
  CHECK(std::error_code{errc::released_by_peer} == failure::peer_gone);
  for (const auto e : {errc::connect_timed_out, errc::association_timed_out, errc::response_timed_out,
                       errc::read_timed_out, errc::write_timed_out, errc::release_timed_out})
    CHECK(std::error_code{e} == failure::timed_out);
  for (const auto e : {errc::malformed_pdu, errc::unexpected_pdu, errc::malformed_command, errc::unexpected_message,
                       errc::malformed_data_set, errc::malformed_file, errc::malformed_json, errc::truncated})
    CHECK(std::error_code{e} == failure::malformed);
  CHECK(std::error_code{errc::limit_exceeded} == failure::limit_exceeded);
  CHECK(std::error_code{errc::cancelled} == failure::cancelled);
  CHECK(std::error_code{errc::disk_full} == failure::local_io);
  CHECK(std::error_code{errc::file_error} == failure::local_io);
}

TEST_CASE("a mistake of the caller is in no group") {
  for (const auto f : {failure::peer_refused, failure::peer_gone, failure::timed_out, failure::malformed,
                       failure::limit_exceeded, failure::cancelled, failure::local_io})
    CHECK(std::error_code{errc::invalid_argument} != f);
}

TEST_CASE("every error says something of its own") {
  std::set<std::string> messages;
  int count = 0;
  for (int value = 1; value <= static_cast<int>(errc::disk_full); ++value, ++count)
    messages.insert(codicom_category().message(value));
  CHECK(messages.size() == static_cast<std::size_t>(count));
  CHECK_FALSE(messages.contains("unknown error"));
  CHECK(codicom_category().message(9999) == "unknown error");
  CHECK(std::string{codicom_category().name()} == "codicom");
}

TEST_CASE("zero is no error") {
  CHECK_FALSE(std::error_code{});
  CHECK(std::error_code{errc::association_rejected});
}

TEST_CASE("an error is thrown and caught as a standard one") {
  try {
    throw std::system_error{errc::truncated, "at byte 12"};
  } catch (const std::system_error& e) {
    CHECK(e.code() == errc::truncated);
    CHECK(e.code() == failure::malformed);
    CHECK(std::string{e.what()}.find("at byte 12") != std::string::npos);
  }
}
