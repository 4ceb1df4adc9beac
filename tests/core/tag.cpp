#include <codicom/core/tag.hpp>

#include <doctest/doctest.h>

using namespace codicom;

static_assert(element_tag{0x0010, 0x0020}.value == 0x00100020);
static_assert(element_tag{0x00100020}.group() == 0x0010 && element_tag{0x00100020}.element() == 0x0020);
static_assert(element_tag{0x0008, 0xFFFF} < element_tag{0x0009, 0x0000});
static_assert(element_tag{} == element_tag{0, 0});

TEST_CASE("a tag is written with its group and element in hexadecimal digits") {
  CHECK(to_string(element_tag{0x7FE0, 0x0010}) == "(7FE0,0010)");
  CHECK(to_string(element_tag{0xFFFE, 0xE0DD}) == "(FFFE,E0DD)");
  CHECK(to_string(element_tag{}) == "(0000,0000)");
}

TEST_CASE("odd groups are private, and 0010 to 00FF in them reserve blocks") {  // PS3.5 §7.8.1
  CHECK(element_tag{0x0009, 0x1001}.is_private());
  CHECK_FALSE(element_tag{0x0010, 0x0011}.is_private());
  CHECK(element_tag{0x0009, 0x0010}.is_private_creator());
  CHECK(element_tag{0x0009, 0x00FF}.is_private_creator());
  CHECK_FALSE(element_tag{0x0009, 0x000F}.is_private_creator());
  CHECK_FALSE(element_tag{0x0009, 0x0100}.is_private_creator());
  CHECK_FALSE(element_tag{0x0008, 0x0010}.is_private_creator());
}

TEST_CASE("element 0000 is the length of its group") {
  CHECK(element_tag{0x0002, 0x0000}.is_group_length());
  CHECK_FALSE(element_tag{0x0002, 0x0001}.is_group_length());
}
