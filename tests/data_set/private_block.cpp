#include <codicom/data_set/private_block.hpp>

#include <doctest/doctest.h>
#include <string>
#include <system_error>

using namespace codicom;

TEST_CASE("private elements are set in a block that their creator reserves, and found again") {
  data_set d;
  const auto tag = reserve_private_tag(d, 0x0029, "ACME 1.0", 0x05);
  CHECK(tag == element_tag{0x0029, 0x1005});
  d.set_text(tag, vr::lo, "tuned");
  CHECK(d.text(element_tag{0x0029, 0x0010}) == "ACME 1.0");
  CHECK(d.find(element_tag{0x0029, 0x0010})->value_representation() == vr::lo);
  CHECK(reserve_private_tag(d, 0x0029, "ACME 1.0", 0x06) == element_tag{0x0029, 0x1006});
  CHECK(reserve_private_tag(d, 0x0029, "OTHER", 0x05) == element_tag{0x0029, 0x1105});
  CHECK(reserve_private_tag(d, 0x0031, "OTHER", 0x05) == element_tag{0x0031, 0x1005});
  CHECK(d.text(*find_private_tag(d, 0x0029, "ACME 1.0", 0x05)) == "tuned");
  CHECK_FALSE(find_private_tag(d, 0x0029, "NOBODY", 0x05));
  CHECK_FALSE(find_private_tag(d, 0x0029, "", 0x05));
  CHECK_FALSE(find_private_tag(d, 0x0033, "ACME 1.0", 0x05));
  CHECK(private_creator(d, tag) == "ACME 1.0");
  CHECK(private_creator(d, element_tag{0x0029, 0x1201}).empty());
  CHECK(private_creator(d, element_tag{0x0010, 0x0010}).empty());
}

TEST_CASE("a creator written as UN, or with spaces around, is a creator all the same") {
  data_set d;
  d.set_bytes(element_tag{0x0029, 0x0011}, vr::un, as_bytes("ACME"));
  d.set_bytes(element_tag{0x0029, 0x0012}, vr::lo, as_bytes(" SPACED "));
  CHECK(find_private_tag(d, 0x0029, "ACME", 1) == element_tag{0x0029, 0x1101});
  CHECK(find_private_tag(d, 0x0029, "SPACED", 1) == element_tag{0x0029, 0x1201});
  CHECK(private_creator(d, element_tag{0x0029, 0x1101}) == "ACME");
}

TEST_CASE("a block with elements of nobody is not given away") {
  data_set d;
  d.set_bytes(element_tag{0x0029, 0x1042}, vr::un, as_bytes("of nobody"));
  CHECK(reserve_private_tag(d, 0x0029, "ACME", 1) == element_tag{0x0029, 0x1101});
  CHECK_FALSE(d.contains(element_tag{0x0029, 0x0010}));
}

TEST_CASE("what cannot be reserved is refused") {
  data_set d;
  const auto refused = [&d](std::uint16_t group, std::string_view creator) {
    try {
      static_cast<void>(reserve_private_tag(d, group, creator, 1));
      return false;
    } catch (const std::system_error& e) {
      return e.code() == errc::invalid_argument;
    }
  };
  CHECK(refused(0x0028, "ACME"));
  CHECK(refused(0x0007, "ACME"));
  CHECK(refused(0xFFFF, "ACME"));
  CHECK(refused(0x0029, ""));
  CHECK(refused(0x0029, "A\\B"));
  CHECK(refused(0x0029, "ACME "));
  CHECK(refused(0x0029, std::string(65, 'A')));
  CHECK(d.empty());
  for (int i = 0x10; i <= 0xFF; ++i) CHECK_FALSE(refused(0x0029, "creator " + std::to_string(i)));
  CHECK(refused(0x0029, "one more"));
  CHECK(find_private_tag(d, 0x0029, "creator 255", 0xFF) == element_tag{0x0029, 0xFFFF});
}
