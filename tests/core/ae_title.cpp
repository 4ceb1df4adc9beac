#include <codicom/core/ae_title.hpp>

#include <doctest/doctest.h>
#include <string>
#include <unordered_set>

using namespace codicom;

static_assert(ae_title{"ORTHANC"} == ae_title{"  ORTHANC  "});
static_assert(ae_title{"ORTHANC"}.is_valid());
static_assert(!ae_title{}.is_valid());

TEST_CASE("spaces around a title mean nothing, spaces inside do") {  // PS3.5 §6.2, AE
  CHECK(ae_title{" STORE SCP "}.view() == "STORE SCP");
  CHECK(ae_title{"STORE SCP"} != ae_title{"STORESCP"});
  CHECK(ae_title{"                "}.empty());
  CHECK(ae_title{std::string("ABC\0", 4)}.view() == "ABC");
  CHECK(to_string(ae_title{"ABC "}) == "ABC");
}

TEST_CASE("a title compares with its capital letters") {
  CHECK(ae_title{"orthanc"} != ae_title{"ORTHANC"});
  CHECK(ae_title{"A"} < ae_title{"B"});
  CHECK(ae_title{"A"} < ae_title{"AA"});
}

TEST_CASE("a valid title has 1 to 16 printable characters and no backslash") {
  CHECK(ae_title{"1234567890123456"}.is_valid());
  CHECK_FALSE(ae_title{"12345678901234567"}.is_valid());
  CHECK(ae_title{"12345678901234567"}.view() == "1234567890123456");  // kept as far as there is room
  CHECK(ae_title{"1234567890123456   "}.is_valid());
  CHECK_FALSE(ae_title{"A\\B"}.is_valid());
  CHECK_FALSE(ae_title{"A\tB"}.is_valid());
  CHECK_FALSE(ae_title{"M\xDCNCHEN"}.is_valid());
  CHECK_FALSE(ae_title{""}.is_valid());
}

TEST_CASE("equal titles have equal hashes") {
  const std::unordered_set<ae_title> titles{"A", "B ", " A"};
  CHECK(titles.size() == 2);
  CHECK(titles.contains("B"));
}
