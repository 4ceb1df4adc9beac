// This unit and its twin both include everything: a definition that is not inline does not link.
#undef CODICOM_SEPARATE_COMPILATION  // header-only, as most programs are
#include <codicom/codicom.hpp>
#include <doctest/doctest.h>

const void* address_in_the_other_unit();

namespace {
const void* address_here() { return &codicom::codicom_category(); }
}  // namespace

TEST_CASE("two units that include everything link, and share their inline objects") {
  CHECK(address_here() == address_in_the_other_unit());
}
