#include <codicom/core/unique_id.hpp>

#include <doctest/doctest.h>
#include <string>
#include <unordered_set>

using namespace codicom;

static_assert(unique_id{"1.2.840.10008.1.1"}.is_valid());
static_assert(unique_id{"1.2"} == unique_id{std::string_view{"1.2\0", 4}});

TEST_CASE("padding is no part of a UID") {
  CHECK(unique_id{std::string("1.2.3\0", 6)}.view() == "1.2.3");
  CHECK(unique_id{"1.2.3 "}.view() == "1.2.3");  // wrong, but met in practice
  CHECK(unique_id{""}.empty());
  CHECK(unique_id{std::string(4, '\0')}.empty());
  CHECK(to_string(unique_id{"1.2.3"}) == "1.2.3");
}

TEST_CASE("a valid UID has numbers without leading zeros between its dots") {  // PS3.5 §9.1
  CHECK(unique_id{"0.0"}.is_valid());
  CHECK(unique_id{"1.0.20"}.is_valid());
  CHECK(unique_id{std::string(64, '1')}.is_valid());
  for (const char* wrong : {"", ".", "1.", ".1", "1..2", "1.02", "00.1", "1.2a", "1.2/../3", "1,2", "../1.2", "1.-2"}) {
    CAPTURE(std::string{wrong});
    CHECK_FALSE(unique_id{wrong}.is_valid());
  }
}

TEST_CASE("a UID of more than 64 characters is cut") { CHECK(unique_id{std::string(65, '1')}.view().size() == 64); }

TEST_CASE("UIDs are ordered as text") {
  CHECK(unique_id{"1.10"} < unique_id{"1.2"});
  CHECK(unique_id{"1.2"} < unique_id{"1.2.3"});
  CHECK(unique_id{"1.2"} != unique_id{"1.3"});
}

TEST_CASE("equal UIDs have equal hashes") {
  const std::unordered_set<unique_id> uids{"1.2", "1.3", std::string("1.2\0", 4)};
  CHECK(uids.size() == 2);
}
