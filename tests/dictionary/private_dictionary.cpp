#include "support/standard_tables.hpp"

#include <codicom/dictionary/private_dictionary.hpp>

#include <doctest/doctest.h>
#include <set>
#include <string>

using namespace codicom;

TEST_CASE("a private element is found by its creator, in whatever block it stands") {
  for (const int block : {0x10, 0x11, 0xFF}) {
    const element_tag tag{0x0029, static_cast<std::uint16_t>(block << 8 | 0x10)};
    const auto found = find_private_attribute("SIEMENS CSA HEADER", tag);
    REQUIRE(found);
    CHECK(found->name == "CSA Image Header Info");
    CHECK(found->value_representation == vr::ob);
    CHECK(found->vm_min == 1);
    CHECK(found->vm_max == 1);
    CHECK(find_private_vr("SIEMENS CSA HEADER", tag) == vr::ob);
  }
}

TEST_CASE("what is not private, of another creator, or not listed is not found") {
  CHECK_FALSE(find_private_attribute("SIEMENS CSA HEADER", element_tag{0x0029, 0x10FE}));
  CHECK_FALSE(find_private_attribute("SIEMENS CSA HEADER ", element_tag{0x0029, 0x1010}));  // padding is not the name
  CHECK_FALSE(find_private_attribute("", element_tag{0x0029, 0x1010}));
  CHECK_FALSE(find_private_attribute("SIEMENS CSA HEADER", element_tag{0x0028, 0x0010}));
  CHECK_FALSE(find_private_attribute("SIEMENS CSA HEADER", element_tag{0x0029, 0x0010}));
  CHECK(find_private_vr("NOBODY", element_tag{0x0029, 0x1010}) == vr::un);
}

TEST_CASE("a group pattern stands for every private group of its kind") {
  CHECK(find_private_vr("PAPYRUS 3.0", element_tag{0x6001, 0x1010}) == vr::us);
  CHECK(find_private_vr("PAPYRUS 3.0", element_tag{0x60FF, 0x2310}) == vr::us);
  CHECK(find_private_vr("PAPYRUS 3.0", element_tag{0x6101, 0x1010}) == vr::un);
}

TEST_CASE("private elements are constants") {
  static_assert(!detail::private_entries.empty());
  static_assert(detail::private_creators.size() > 400);
}

TEST_CASE("every private element of the table is found") {
  const auto rows = test_support::standard_table("private_dictionary.tsv");
  if (rows.empty()) {
    MESSAGE("skipped: no standard/private_dictionary.tsv");
    return;
  }
  std::size_t found = 0;
  std::set<std::string> seen;
  for (const auto& row : rows) {
    std::string digits;
    for (const char c : row[1])
      if (c != '(' && c != ')' && c != ',') digits += c == 'X' ? 'x' : c;
    if (digits.substr(6) == "xx" || row[2] == "px") continue;   // says nothing
    if (!seen.insert(row[0] + '\t' + digits).second) continue;  // the first of two lists counts
    if (digits.substr(2, 2) == "xx") digits.replace(2, 2, "01");
    if (digits.substr(4, 2) == "xx") digits.replace(4, 2, "42");
    const element_tag tag{static_cast<std::uint32_t>(std::stoul(digits, nullptr, 16))};
    if (!tag.is_private() || tag.element() < 0x1000) continue;
    CAPTURE(row[0]);
    CAPTURE(row[1]);
    const auto entry = find_private_attribute(row[0], tag);
    REQUIRE(entry);
    CHECK(entry->name == row[4]);
    const auto listed = vr_from_code(row[2]);
    if (listed != vr::none) CHECK(entry->value_representation == listed);
    else CHECK(is_ambiguous(entry->value_representation));
    ++found;
  }
  CHECK(found > 9'000);
}
