#include <codicom/core/utf8.hpp>
#include <codicom/data_set/character_set.hpp>
#include <codicom/data_set/detail/repertoires.hpp>

#include <algorithm>
#include <cstdint>
#include <doctest/doctest.h>
#include <iterator>
#include <random>
#include <string>
#include <support/without_multi_byte_sets.hpp>
#include <utility>

using namespace codicom;

namespace {

using repertoire = specific_character_set::repertoire;

std::string decoded(std::string_view bytes, const specific_character_set& set, vr representation = vr::lo) {
  return to_utf8(as_bytes(bytes), set, representation);
}

std::size_t undecodable(std::string_view bytes, const specific_character_set& set) {
  std::size_t count = 0;
  static_cast<void>(to_utf8(as_bytes(bytes), set, vr::lo, &count));
  return count;
}

}  // namespace

TEST_CASE("a value of Specific Character Set is read term by term") {
  CHECK(specific_character_set{}.initial() == repertoire::ascii);
  CHECK(specific_character_set{""} == specific_character_set{});
  CHECK(specific_character_set{"ISO_IR 100"}.initial() == repertoire::latin1);
  CHECK(specific_character_set{"ISO_IR 192"} == specific_character_set::utf8());
  CHECK(specific_character_set{"ISO_IR 144 "}.initial() == repertoire::cyrillic);  // padded
  CHECK_FALSE(specific_character_set{"ISO_IR 100"}.has_code_extensions());
  CHECK(specific_character_set{"ISO 2022 IR 100"}.has_code_extensions());

  const specific_character_set japanese{"\\ISO 2022 IR 87"};
  CHECK(japanese.size() == 2);
  CHECK(japanese.initial() == repertoire::ascii);
  CHECK(japanese[1] == repertoire::jis_x_0208);
  CHECK(japanese.has_code_extensions());
  CHECK(japanese.is_known());
}

TEST_CASE("every defined term is known, and what people write instead is understood") {
  for (const char* term : {"ISO_IR 100",      "ISO_IR 101",      "ISO_IR 109",     "ISO_IR 110",     "ISO_IR 144",
                           "ISO_IR 127",      "ISO_IR 126",      "ISO_IR 138",     "ISO_IR 148",     "ISO_IR 203",
                           "ISO_IR 166",      "ISO_IR 13",       "ISO_IR 192",     "GB18030",        "GBK",
                           "ISO 2022 IR 6",   "ISO 2022 IR 100", "ISO 2022 IR 13", "ISO 2022 IR 87", "ISO 2022 IR 159",
                           "ISO 2022 IR 149", "ISO 2022 IR 58"}) {
    CAPTURE(std::string{term});
    CHECK(specific_character_set{term}.is_known());
  }
  CHECK(specific_character_set{"iso-ir 100"}.initial() == repertoire::latin1);
  CHECK(specific_character_set{"ISO_IR_192"}.initial() == repertoire::utf8);
  CHECK(specific_character_set{"ISO 2022 GBK"}.initial() == repertoire::gbk);
  CHECK_FALSE(specific_character_set{"UTF-8"}.is_known());
  CHECK(specific_character_set{"UTF-8"}.initial() == repertoire::utf8);
  CHECK_FALSE(specific_character_set{"KLINGON"}.is_known());
  CHECK(specific_character_set{"KLINGON"}.initial() == repertoire::unknown);
  CHECK_FALSE(specific_character_set{"\\\\\\\\\\\\\\\\\\"}.is_known());  // more terms than anybody means
}

TEST_CASE("plain ASCII is the same in every set") {
  for (const char* term : {"", "ISO_IR 100", "ISO_IR 192", "ISO 2022 IR 87", "GB18030", "KLINGON"}) {
    CHECK(decoded("ALLISON^PATIENT\\2", term) == "ALLISON^PATIENT\\2");
    CHECK(from_utf8("ALLISON^PATIENT\\2", term) == "ALLISON^PATIENT\\2");
  }
}

TEST_CASE("invariant is what holds no escape, no backslash, no tilde and nothing beyond ASCII, wherever it stands") {
  for (std::size_t size = 0; size <= 20; ++size) {
    std::string text(size, 'x');
    CHECK(detail::is_invariant(text));
    for (std::size_t at = 0; at < size; ++at)
      for (int byte = 0; byte < 256; ++byte) {
        const char kept = std::exchange(text[at], static_cast<char>(byte));
        const bool expected = byte < 0x7E && byte != 0x1B && byte != '\\';
        if (detail::is_invariant(text) != expected) FAIL_CHECK("size ", size, ", byte ", byte, " at ", at);
        text[at] = kept;
      }
  }
}

TEST_CASE("single-byte sets are read and written: names of PS3.5 and of the parts of ISO 8859") {
  struct row {
    const char* term;
    const char* bytes;
    const char* utf8;
  };
  constexpr row rows[] = {
      {"ISO_IR 100", "Buc^J\xE9r\xF4me", "Buc^Jérôme"},  // PS3.5 §H.1
      {"ISO_IR 100",
       "\xC4neas^R\xFC"
       "diger",
       "Äneas^Rüdiger"},
      {"ISO_IR 101", "Wa\xB3\xEAsa", "Wałęsa"},
      {"ISO_IR 109", "\xA1\xB1", "Ħħ"},
      {"ISO_IR 110", "\xA2\xB3", "ĸŗ"},
      {"ISO_IR 144",
       "\xBB\xEE\xDA"
       "ce"
       "\xDC\xD1\xE3\xE0\xD3",
       "Люкceмбург"},                                                              // PS3.5 §H.1
      {"ISO_IR 127", "\xE2\xC8\xC7\xE6\xEA^\xE4\xE6\xD2\xC7\xD1", "قباني^لنزار"},  // PS3.5 §H.1
      {"ISO_IR 126", "\xC4\xE9\xEF\xED\xF5\xF3\xE9\xEF\xF2", "Διονυσιος"},         // PS3.5 §H.1
      {"ISO_IR 138", "\xF9\xF8\xE5\xEF^\xE3\xE1\xE5\xF8\xE4", "שרון^דבורה"},       // PS3.5 §H.1
      {"ISO_IR 148", "\xDE\xFD\xF0", "Şığ"},
      {"ISO_IR 203", "\xA4\xBC\xBD", "€Œœ"},
      {"ISO_IR 166", "\xA1\xD2", "กา"},
      {"ISO_IR 13", "\xD4\xCF\xC0\xDE^\xC0\xDB\xB3", "ﾔﾏﾀﾞ^ﾀﾛｳ"},  // PS3.5 §H.2
  };
  for (const auto& r : rows) {
    CAPTURE(std::string{r.term});
    CHECK(decoded(r.bytes, r.term, vr::pn) == r.utf8);
    CHECK(from_utf8(r.utf8, r.term, vr::pn) == r.bytes);
    CHECK(undecodable(r.bytes, r.term) == 0);
  }
}

TEST_CASE("UTF-8 passes through unchanged") {
  const std::string name = "Wang^XiaoDong=王^小東=";  // PS3.5 §J.1
  CHECK(decoded(name, "ISO_IR 192", vr::pn) == name);
  CHECK(from_utf8(name, "ISO_IR 192", vr::pn) == name);
  CHECK(decoded("\xF0\x9F\x92\x8A", "ISO_IR 192") == "\xF0\x9F\x92\x8A");
}

TEST_CASE("code extensions switch the set until a delimiter") {
  const specific_character_set set{"ISO 2022 IR 100\\ISO 2022 IR 144\\ISO 2022 IR 126"};
  // Latin 1, then Cyrillic, then Greek; the first set is active again after the delimiter.
  const std::string_view bytes = "\xE9\x1B\x2D\x4C\xB1\x1B\x2D\x46\xC4\\\xE9";
  CHECK(decoded(bytes, set) == "éБΔ\\é");
  CHECK(decoded("\x1B-F\xC4^\xE9", set, vr::pn) == "Δ^é");
  CHECK(decoded("\x1B-F\xC4^\xE9", set, vr::lo) == "Δ^ι");    // in LO, ^ is a character like any other
  CHECK(decoded("\x1B-F\xC4\\\xE9", set, vr::lt) == "Δ\\ι");  // and in LT the backslash, too
  CHECK(decoded("\x1B-F\xC4\r\n\xE9", set, vr::lt) == "Δ\r\né");
  CHECK(decoded("\x1B(J\x1B)I\xD4\x1B(B", "ISO 2022 IR 13\\ISO 2022 IR 6") == "ﾔ");

  CHECK(from_utf8("éБΔ", set) == "\xE9\x1B-L\xB1\x1B-F\xC4\x1B-A");
  CHECK(from_utf8("Δ^é", set, vr::pn) == "\x1B-F\xC4\x1B-A^\xE9");
  for (const std::string text : {"éБΔ\\é", "Δ^é=Б", "plain", "Δ\r\né"})
    for (const auto representation : {vr::lo, vr::pn, vr::lt})
      CHECK(decoded(*from_utf8(text, set, representation), set, representation) == text);
}

TEST_CASE("a byte that an extension does not define keeps its escape sequence") {
  const specific_character_set set{"ISO 2022 IR 100\\ISO 2022 IR 138"};
  const std::string_view bytes = "\x1B-H\xE0\xBF\x1B-A\xE9";  // BF is free in Hebrew
  const auto text = decoded(bytes, set);
  CHECK(text.starts_with("א"));
  const auto again = from_utf8(text, set);
  REQUIRE(again);
  CHECK(decoded(*again, set) == text);
  CHECK(again->ends_with("\x1B-H\xBF\x1B-A\xE9"));
}

TEST_CASE("an escape sequence means nothing in a set without code extensions") {
  CHECK(decoded("\x1B-F\xC4", "ISO_IR 100") == "\x1B-FÄ");
}

TEST_CASE("a set refuses what it lacks") {
  CHECK_FALSE(from_utf8("é", ""));
  CHECK_FALSE(from_utf8("Δ", "ISO_IR 100"));
  CHECK_FALSE(from_utf8("王", "ISO 2022 IR 100\\ISO 2022 IR 126"));
  CHECK_FALSE(from_utf8("é", "KLINGON"));
  CHECK_FALSE(from_utf8("\xFF", "ISO_IR 192"));
  CHECK_FALSE(from_utf8("\xC3", "ISO_IR 100"));
}

TEST_CASE("bytes that are no text survive and are counted") {
  CHECK(decoded("a\xE9", "") == "a\xEE\xBF\xA9");  // U+EFE9
  CHECK(undecodable("a\xE9\xE8", "") == 2);
  CHECK(undecodable("\xC3\x28", "ISO_IR 192") == 1);
  CHECK(undecodable("\xED\xA0\x80", "ISO_IR 192") == 3);  // a surrogate
  CHECK(undecodable("\xC0\x80", "ISO_IR 192") == 2);      // overlong
  CHECK(undecodable("\xEE\xBF\xA9", "ISO_IR 192") == 3);  // U+EFE9 itself would be taken for a byte
  CHECK(undecodable("\xA1\xA5", "ISO_IR 109") == 1);      // A5 is free in Latin 3
  CHECK(undecodable("\x80\x9F", "ISO_IR 100") == 2);      // C1 control characters
}

TEST_CASE("without their tables multi-byte texts are kept byte for byte, so that they are written as they were read") {
  const test_support::without_multi_byte_sets only_single_bytes;
  CHECK_FALSE(has_multi_byte_sets());
  CHECK_FALSE(specific_character_set{"\\ISO 2022 IR 87"}.is_convertible());
  CHECK_FALSE(specific_character_set{"GB18030"}.is_convertible());
  CHECK(specific_character_set{"ISO 2022 IR 100\\ISO 2022 IR 144"}.is_convertible());
  struct row {
    const char* term;
    const char* bytes;
  };
  constexpr row rows[] = {
      // PS3.5 §H.3.1, §H.3.2, §I.2, §J.3, §J.4
      {"\\ISO 2022 IR 87", "Yamada^Tarou=\x1B$B;3ED\x1B(B^\x1B$BB@O:\x1B(B=\x1B$B$d$^$@\x1B(B^\x1B$B$?$m$&\x1B(B"},
      {"ISO 2022 IR 13\\ISO 2022 IR 87",
       "\xD4\xCF\xC0\xDE^\xC0\xDB\xB3=\x1B$B;3ED\x1B(J^\x1B$BB@O:\x1B(J=\x1B$B$d$^$@\x1B(J^\x1B$B$?$m$&\x1B(J"},
      {"\\ISO 2022 IR 149",
       "Hong^Gildong=\x1B$)C\xFB\xF3^\x1B$)C\xD1\xCE\xD4\xD7=\x1B$)C\xC8\xAB^\x1B$)C\xB1\xE6\xB5\xBF"},
      {"GB18030", "Wang^XiaoDong=\xCD\xF5^\xD0\xA1\xB6\xAB="},
      {"GBK", "\x81\x5C^\x90\x5E"},    // second bytes that look like a backslash and a caret
      {"GBK", "\x81 \x81\n\xFF\x80"},  // no second bytes
      {"\\ISO 2022 IR 58", "1.\x1B$)A\xB5\xDA\xD2\xBB.\r\n2.\x1B$)A\xB5\xDA\r\n"},
      {"KLINGON", "\x1B$B;3ED\x1B(B\xE9"},
  };
  for (const auto& r : rows) {
    CAPTURE(std::string{r.term});
    const auto text = decoded(r.bytes, r.term, vr::pn);
    CHECK(is_utf8(text));
    CHECK(from_utf8(text, r.term, vr::pn) == r.bytes);
  }
  // Halves of characters are not taken for delimiters; real delimiters stay.
  CHECK(decoded("\x81\x5C\\x", "GBK").find('\\') == decoded("\x81\x5C\\x", "GBK").rfind('\\'));
  const auto name = decoded("Yamada^Tarou=\x1B$B;3ED\x1B(B^\x1B$BB@O:\x1B(B", "\\ISO 2022 IR 87", vr::pn);
  CHECK(name.starts_with("Yamada^Tarou="));
  CHECK(std::count(name.begin(), name.end(), '^') == 2);
}

TEST_CASE("any bytes come back from any set without code extensions, and always as UTF-8") {
  std::mt19937 random{2026};
  for (const char* term : {"", "ISO_IR 100", "ISO_IR 101", "ISO_IR 109", "ISO_IR 110", "ISO_IR 144", "ISO_IR 127",
                           "ISO_IR 126", "ISO_IR 138", "ISO_IR 148", "ISO_IR 203", "ISO_IR 166", "ISO_IR 13",
                           "ISO_IR 192", "GB18030", "GBK", "KLINGON"}) {
    CAPTURE(std::string{term});
    const specific_character_set set{term};
    for (int round = 0; round < 200; ++round) {
      std::string bytes(random() % 24, '\0');
      for (auto& b : bytes) b = static_cast<char>(static_cast<unsigned char>(random()));
      const auto text = decoded(bytes, set);
      REQUIRE(is_utf8(text));
      REQUIRE(from_utf8(text, set) == bytes);
    }
  }
}

TEST_CASE("JIS X 0201 has a yen sign and an overline where ASCII has a backslash and a tilde") {
  CHECK(decoded("\\~\xB1", "ISO_IR 13", vr::lt) == "¥‾ｱ");
  CHECK(decoded("a\\b~", "ISO_IR 13", vr::lo) == "a\\b‾");  // between values it stays a backslash
  CHECK(from_utf8("¥‾ｱ", "ISO_IR 13", vr::lt) == "\\~\xB1");
  CHECK_FALSE(from_utf8("¥", "ISO_IR 13", vr::lo));  // there it would divide
  CHECK_FALSE(from_utf8("~", "ISO_IR 13"));
  CHECK_FALSE(from_utf8("\\", "ISO_IR 13", vr::lt));
  CHECK(from_utf8("a\\b", "ISO_IR 13", vr::lo) == "a\\b");

  // Where a term brings ASCII, an escape sequence does.
  CHECK(from_utf8("ｱ~^b", "ISO 2022 IR 13\\ISO 2022 IR 6", vr::pn) == "\xB1\x1B(B~\x1B(J^b");
  CHECK(decoded("\xB1\x1B(B~\x1B(J^~", "ISO 2022 IR 13\\ISO 2022 IR 6", vr::pn) == "ｱ~^‾");
  CHECK_FALSE(from_utf8("~", "ISO 2022 IR 13\\ISO 2022 IR 87"));
  CHECK(from_utf8("~ｱ", "\\ISO 2022 IR 13") == "~\x1B)I\xB1");
}

TEST_CASE("with code extensions any bytes give UTF-8, and writing it and reading it again changes nothing") {
  const test_support::without_multi_byte_sets only_single_bytes;
  std::mt19937 random{8};
  const specific_character_set set{"ISO 2022 IR 100\\ISO 2022 IR 126\\ISO 2022 IR 87"};
  constexpr std::string_view pieces[] = {"\x1B", "\x1B-F", "\x1B-A", "\x1B$B", "\x1B(B", "\x1B$)C", "\x1B-H", "\xBF",
                                         "\x85", "^",      "\\",     "\n",     "\xC4",   "a",       "\x1B(",  "("};
  for (int round = 0; round < 2000; ++round) {
    std::string bytes;
    for (auto n = random() % 12; n != 0; --n) bytes += pieces[random() % std::size(pieces)];
    const auto text = decoded(bytes, set, vr::pn);
    REQUIRE(is_utf8(text));
    const auto again = from_utf8(text, set, vr::pn);
    REQUIRE(again);
    REQUIRE(decoded(*again, set, vr::pn) == text);
  }
}
