#include <codicom/core/utf8.hpp>

#include <doctest/doctest.h>
#include <string>

using namespace codicom;

static_assert(next_utf8("é").code == 0xE9 && next_utf8("é").size == 2);
static_assert(is_utf8("Jérôme") && utf8_length("Jérôme") == 6);

TEST_CASE("every character comes back as it was written") {
  for (char32_t code = 0; code <= 0x10FFFF; code += code < 0x3000 ? 1 : 97) {
    if (code >= 0xD800 && code <= 0xDFFF) continue;
    std::string text;
    append_utf8(text, code);
    const auto read = next_utf8(text);
    REQUIRE(read.code == code);
    REQUIRE(read.size == text.size());
  }
  std::string text;
  append_utf8(text, 0x20AC);
  CHECK(text == "\xE2\x82\xAC");  // the euro sign
  append_utf8(text, 0x1F48A);
  CHECK(text == "\xE2\x82\xAC\xF0\x9F\x92\x8A");
}

TEST_CASE("what is not well-formed is no character") {  // Unicode §3.9, Table 3-7
  for (const char* wrong :
       {"\x80", "\xBF", "\xC0\x80", "\xC1\xBF", "\xC3", "\xC3\x28", "\xE0\x80\x80", "\xE0\x9F\xBF", "\xE2\x82",
        "\xED\xA0\x80", "\xED\xBF\xBF", "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF"}) {
    CHECK(next_utf8(wrong).size == 0);
    CHECK_FALSE(is_utf8(wrong));
  }
  CHECK(is_utf8(""));
  CHECK(is_utf8("plain"));
  CHECK_FALSE(is_utf8("J\xE9r"));
}

TEST_CASE("characters are counted, not bytes") {
  CHECK(utf8_length("") == 0);
  CHECK(utf8_length("王小東") == 3);
}
