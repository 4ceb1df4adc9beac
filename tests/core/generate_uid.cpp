#include <codicom/core/generate_uid.hpp>

#include <doctest/doctest.h>
#include <set>

using namespace codicom;

TEST_CASE("generated UIDs are valid, differ and stand under 2.25") {  // PS3.5 §B.2
  std::set<unique_id> made;
  for (int i = 0; i < 1000; ++i) {
    const auto uid = generate_uid();
    REQUIRE(uid.is_valid());
    REQUIRE(uid.view().starts_with("2.25."));
    REQUIRE(uid.view().size() <= 44);
    made.insert(uid);
  }
  CHECK(made.size() == 1000);
}
