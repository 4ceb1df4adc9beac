#include <codicom/core/vr.hpp>

#include <doctest/doctest.h>
#include <set>
#include <string>

using namespace codicom;

static_assert(vr_from_code("PN") == vr::pn);
static_assert(static_cast<unsigned>(vr::none) < 64, "six bits of an element");

namespace {

// PS3.5 Table 6.2-1, §7.1.2 and §6.1.2.2, by hand.
struct row {
  const char* code;
  vr value;
  bool long_form, text, character_set, multi_valued;
  std::size_t unit;
  char padding;
};
constexpr row rows[] = {
    {"AE", vr::ae, false, true, false, true, 1, ' '}, {"AS", vr::as, false, true, false, true, 1, ' '},
    {"AT", vr::at, false, false, false, true, 2, 0},  {"CS", vr::cs, false, true, false, true, 1, ' '},
    {"DA", vr::da, false, true, false, true, 1, ' '}, {"DS", vr::ds, false, true, false, true, 1, ' '},
    {"DT", vr::dt, false, true, false, true, 1, ' '}, {"FD", vr::fd, false, false, false, true, 8, 0},
    {"FL", vr::fl, false, false, false, true, 4, 0},  {"IS", vr::is, false, true, false, true, 1, ' '},
    {"LO", vr::lo, false, true, true, true, 1, ' '},  {"LT", vr::lt, false, true, true, false, 1, ' '},
    {"OB", vr::ob, true, false, false, false, 1, 0},  {"OD", vr::od, true, false, false, false, 8, 0},
    {"OF", vr::of, true, false, false, false, 4, 0},  {"OL", vr::ol, true, false, false, false, 4, 0},
    {"OV", vr::ov, true, false, false, false, 8, 0},  {"OW", vr::ow, true, false, false, false, 2, 0},
    {"PN", vr::pn, false, true, true, true, 1, ' '},  {"SH", vr::sh, false, true, true, true, 1, ' '},
    {"SL", vr::sl, false, false, false, true, 4, 0},  {"SQ", vr::sq, true, false, false, false, 1, 0},
    {"SS", vr::ss, false, false, false, true, 2, 0},  {"ST", vr::st, false, true, true, false, 1, ' '},
    {"SV", vr::sv, true, false, false, true, 8, 0},   {"TM", vr::tm, false, true, false, true, 1, ' '},
    {"UC", vr::uc, true, true, true, true, 1, ' '},   {"UI", vr::ui, false, true, false, true, 1, 0},
    {"UL", vr::ul, false, false, false, true, 4, 0},  {"UN", vr::un, true, false, false, false, 1, 0},
    {"UR", vr::ur, true, true, false, false, 1, ' '}, {"US", vr::us, false, false, false, true, 2, 0},
    {"UT", vr::ut, true, true, true, false, 1, ' '},  {"UV", vr::uv, true, false, false, true, 8, 0},
};

}  // namespace

TEST_CASE("every VR has the properties of PS3.5") {
  CHECK(std::size(rows) == 34);
  for (const auto& r : rows) {
    CAPTURE(std::string{r.code});
    CHECK(vr_from_code(std::string_view{r.code}) == r.value);
    CHECK(code(r.value) == r.code);
    CHECK(is_definite(r.value));
    CHECK_FALSE(is_ambiguous(r.value));
    CHECK(has_long_form(r.value) == r.long_form);
    CHECK(is_text(r.value) == r.text);
    CHECK(has_character_set(r.value) == r.character_set);
    CHECK(is_multi_valued(r.value) == r.multi_valued);
    CHECK(unit_size(r.value) == r.unit);
    CHECK(padding(r.value) == r.padding);
  }
}

TEST_CASE("no other two letters are a VR") {
  std::set<std::string> known;
  for (const auto& r : rows) known.insert(r.code);
  for (int first = 0; first < 256; ++first)
    for (int second = 0; second < 256; ++second) {
      const std::string letters{static_cast<char>(first), static_cast<char>(second)};
      REQUIRE((vr_from_code(letters) != vr::none) == known.contains(letters));
    }
  CHECK(vr_from_code("") == vr::none);
  CHECK(vr_from_code("P") == vr::none);
  CHECK(vr_from_code("PNN") == vr::none);
}

TEST_CASE("an ambiguous VR is not definite and has the code that implicit VR assumes") {
  for (const auto v : {vr::us_or_ss, vr::ob_or_ow, vr::us_or_ow, vr::us_or_ss_or_ow}) {
    CHECK(is_ambiguous(v));
    CHECK_FALSE(is_definite(v));
  }
  CHECK(code(vr::ob_or_ow) == "OW");  // PS3.5 §A.1
  CHECK(code(vr::us_or_ss) == "US");
  CHECK_FALSE(is_definite(vr::none));
  CHECK_FALSE(is_ambiguous(vr::none));
}
