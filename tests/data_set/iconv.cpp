#include <codicom/core/utf8.hpp>
#include <codicom/data_set/data_set.hpp>
#include <codicom/data_set/iconv.hpp>
#include <codicom/dictionary/tags.hpp>

#include <algorithm>
#include <cstdint>
#include <doctest/doctest.h>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace codicom;
using namespace std::string_view_literals;

namespace {

std::string decoded(std::string_view bytes, const specific_character_set& set, vr representation) {
  return to_utf8(as_bytes(bytes), set, representation);
}

}  // namespace

TEST_CASE("the examples of PS3.5 Annexes H to K are read and written byte for byte") {
  struct row {
    const char* section;
    const char* set;
    vr representation;
    std::string_view bytes;
    const char* utf8;
  };
  const row rows[] = {
      {"H.3.1", "\\ISO 2022 IR 87", vr::pn,
       "Yamada^Tarou=\x1B$B;3ED\x1B(B^\x1B$BB@O:\x1B(B=\x1B$B$d$^$@\x1B(B^\x1B$B$?$m$&\x1B(B",
       "Yamada^Tarou=山田^太郎=やまだ^たろう"},
      {"H.3.2", "ISO 2022 IR 13\\ISO 2022 IR 87", vr::pn,
       "\xD4\xCF\xC0\xDE^\xC0\xDB\xB3=\x1B$B;3ED\x1B(J^\x1B$BB@O:\x1B(J=\x1B$B$d$^$@\x1B(J^\x1B$B$?$m$&\x1B(J",
       "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう"},
      {"I.2", "\\ISO 2022 IR 149", vr::pn,
       "Hong^Gildong=\x1B$)C\xFB\xF3^\x1B$)C\xD1\xCE\xD4\xD7=\x1B$)C\xC8\xAB^\x1B$)C\xB1\xE6\xB5\xBF",
       "Hong^Gildong=洪^吉洞=홍^길동"},
      {"I.3", "\\ISO 2022 IR 149", vr::lt,
       "\x1B$)CThe 1st line includes \xB1\xE6\xB5\xBF.\r\n\x1B$)CThe 2nd line includes \xB1\xE6\xB5\xBF, too.\r\n"
       "The 3rd line.",
       "The 1st line includes 길동.\r\nThe 2nd line includes 길동, too.\r\nThe 3rd line."},
      {"J.1", "ISO_IR 192", vr::pn, "Wang^XiaoDong=\xE7\x8E\x8B^\xE5\xB0\x8F\xE6\x9D\xB1=", "Wang^XiaoDong=王^小東="},
      {"J.2", "ISO_IR 192", vr::lt,
       "The first line includes\xE4\xB8\xAD\xE6\x96\x87.\r\nThe second line includes\xE4\xB8\xAD\xE6\x96\x87, too.\r\n",
       "The first line includes中文.\r\nThe second line includes中文, too.\r\n"},
      {"J.3", "GB18030", vr::pn, "Wang^XiaoDong=\xCD\xF5^\xD0\xA1\xB6\xAB=", "Wang^XiaoDong=王^小东="},
      {"J.4", "GB18030", vr::lt,
       "The first line includes\xD6\xD0\xCE\xC4.\r\nThe second line includes\xD6\xD0\xCE\xC4, too.\r\nThe third "
       "line.\r\n",
       "The first line includes中文.\r\nThe second line includes中文, too.\r\nThe third line.\r\n"},
      {"K.2", "\\ISO 2022 IR 58", vr::pn,
       "Zhang^XiaoDong=\x1B$)A\xD5\xC5^\x1B$)A\xD0\xA1\xB6\xAB=", "Zhang^XiaoDong=张^小东="},
      {"K.3", "\\ISO 2022 IR 58", vr::lt,
       "1.\x1B$)A\xB5\xDA\xD2\xBB\xD0\xD0\xCE\xC4\xD7\xD6\xA1\xA3\r\n"
       "2.\x1B$)A\xB5\xDA\xB6\xFE\xD0\xD0\xCE\xC4\xD7\xD6\xA1\xA3\r\n"
       "3.\x1B$)A\xB5\xDA\xC8\xFD\xD0\xD0\xCE\xC4\xD7\xD6\xA1\xA3\r\n",
       "1.第一行文字。\r\n2.第二行文字。\r\n3.第三行文字。\r\n"},
  };
  for (const auto& r : rows) {
    CAPTURE(std::string{r.section});
    std::size_t undecodable = 0;
    CHECK(to_utf8(as_bytes(r.bytes), r.set, r.representation, &undecodable) == r.utf8);
    CHECK(undecodable == 0);
    CHECK(from_utf8(r.utf8, r.set, r.representation) == r.bytes);
  }
}

TEST_CASE("every character of every multi-byte set comes back as the bytes it was") {
  struct row {
    const char* set;
    std::string_view escape;
    std::string_view end;
    unsigned high;         // bit of the bytes
    std::size_t expected;  // characters, at least
  };
  const row rows[] = {
      {"\\ISO 2022 IR 87", "\x1B$B", "\x1B(B", 0, 6879},
      {"\\ISO 2022 IR 159", "\x1B$(D", "\x1B(B", 0, 6067},
      {"\\ISO 2022 IR 149", "\x1B$)C", "", 0x80, 8226},
      {"\\ISO 2022 IR 58", "\x1B$)A", "", 0x80, 7445},
  };
  for (const auto& r : rows) {
    CAPTURE(std::string{r.set});
    std::size_t converted = 0;
    for (unsigned a = 0x21; a <= 0x7E; ++a)
      for (unsigned b = 0x21; b <= 0x7E; ++b) {
        auto bytes = std::string{r.escape} + static_cast<char>(a | r.high) + static_cast<char>(b | r.high);
        bytes += r.end;
        std::size_t undecodable = 0;
        const auto text = to_utf8(as_bytes(bytes), r.set, vr::pn, &undecodable);
        converted += undecodable == 0 ? 1u : 0u;
        const auto again = from_utf8(text, r.set, vr::pn);
        if (again != bytes) FAIL_CHECK("character " << a << ' ' << b);  // a check for each would be slow
      }
    CHECK(converted >= r.expected);
  }
}

TEST_CASE("every pair of bytes comes back from GBK and GB18030, and a backslash in one is no delimiter") {
  for (const char* set : {"GBK", "GB18030"}) {
    CAPTURE(std::string{set});
    std::size_t converted = 0;
    for (unsigned a = 0x80; a <= 0xFF; ++a)
      for (unsigned b = 0; b <= 0xFF; ++b) {
        const std::string bytes{static_cast<char>(a), static_cast<char>(b), 'x'};
        std::size_t undecodable = 0;
        const auto text = to_utf8(as_bytes(bytes), set, vr::lo, &undecodable);
        converted += undecodable == 0 ? 1u : 0u;
        if (from_utf8(text, set, vr::lo) != bytes) FAIL_CHECK("bytes " << a << ' ' << b);
        if (b == '\\' && a > 0x80 && a < 0xFF && text.find('\\') != std::string::npos) FAIL_CHECK("delimiter " << a);
      }
    CHECK(converted >= 21'000);
  }
  CHECK(decoded("\x81\x30\x81\x30", "GB18030", vr::lo) == "\xC2\x80");
  CHECK(decoded("\x90\x30\x81\x30", "GB18030", vr::lo) == "\xF0\x90\x80\x80");
  CHECK(from_utf8("\xF0\x9F\x92\x8A", "GB18030") == "\x94\x39\xD7\x32");
  CHECK_FALSE(from_utf8("\xF0\x9F\x92\x8A", "GBK"));
}

TEST_CASE("values are split where a backslash is a character, not where it is half of one") {
  data_set object;
  object.set_bytes(tag::SpecificCharacterSet, vr::cs, as_bytes("GB18030 "));
  object.set_bytes(tag::OtherPatientNames, vr::pn, as_bytes("\x84\x5C^\x81\x5C\\Wang "));  // 刓^乗
  CHECK(object.text(tag::OtherPatientNames) == "刓^乗\\Wang");
  CHECK(object.values<std::string>(tag::OtherPatientNames) == std::vector<std::string>{"刓^乗", "Wang"});

  object.set_bytes(tag::SpecificCharacterSet, vr::cs, as_bytes("\\ISO 2022 IR 87"));
  object.set_bytes(tag::OtherPatientNames, vr::pn, as_bytes("\x1B$B0\\!@\x1B(B\\a"));  // 以, full-width backslash
  CHECK(object.values<std::string>(tag::OtherPatientNames).size() == 2);
}

TEST_CASE("the smallest set that holds all text may have several bytes") {
  for (const auto& [text, smallest] : {std::pair{"山田", "\\ISO 2022 IR 87"}, std::pair{"길동", "\\ISO 2022 IR 149"},
                                       std::pair{"张", "\\ISO 2022 IR 58"}, std::pair{"丂", "\\ISO 2022 IR 159"},
                                       std::pair{"ﾔﾏﾀﾞ=山田", "ISO 2022 IR 13\\ISO 2022 IR 87"},
                                       std::pair{"Jérôme=山田", "ISO 2022 IR 100\\ISO 2022 IR 87"}}) {
    CAPTURE(text);
    data_set object;
    object.set(tag::SpecificCharacterSet, "ISO_IR 192").set(tag::PatientName, text);
    CHECK(object.smallest_character_set() == smallest);
    CHECK(object.convert_text(smallest));
    CHECK(object.text(tag::PatientName) == text);
  }
}

TEST_CASE("sets of one and of several bytes stand side by side") {
  const specific_character_set set{"ISO 2022 IR 100\\ISO 2022 IR 87\\ISO 2022 IR 159\\ISO 2022 IR 149\\ISO 2022 IR 58"};
  // Each in the first set that has it; the text is Latin 1 again at its end.
  CHECK(from_utf8("é山", set, vr::lo) == "\xE9\x1B$B;3\x1B(B");
  CHECK(from_utf8("é길é", set, vr::lo) == "\xE9\x1B$)C\xB1\xE6\x1B-A\xE9");
  for (const std::string text : {"é山é길あ丂é", "山^길=张é", "a\\山\\b", "길\r\n山", "山 山", "丂", "¥山~"}) {
    CAPTURE(text);
    for (const auto representation : {vr::lo, vr::pn, vr::lt}) {
      const auto bytes = from_utf8(text, set, representation);
      REQUIRE(bytes);
      CHECK(decoded(*bytes, set, representation) == text);
    }
  }
  CHECK_FALSE(from_utf8("\xF0\x9F\x92\x8A", set));
}

TEST_CASE("a character that the tables lack does not take its neighbours with it") {
  // 2D21, a circled 1 in the rows that makers of printers filled, stands between two of JIS X 0208.
  const specific_character_set set{"\\ISO 2022 IR 87"};
  std::size_t undecodable = 0;
  const auto text = to_utf8(as_bytes("\x1B$B;3-!ED\x1B(B^x"), set, vr::pn, &undecodable);
  CHECK(text.starts_with("山"));
  CHECK(text.ends_with("田^x"));
  CHECK(undecodable == 5);  // and the escape sequence that it needs
  const auto again = from_utf8(text, set, vr::pn);
  REQUIRE(again);
  CHECK(decoded(*again, set, vr::pn) == text);
  CHECK(again->find("-!") != std::string::npos);
}

TEST_CASE("Korean and Chinese as the first and only term are read without an escape sequence, too") {
  CHECK(decoded("\xB1\xE6\xB5\xBF", "ISO 2022 IR 149", vr::lo) == "길동");
  CHECK(from_utf8("길동", "ISO 2022 IR 149") == "\xB1\xE6\xB5\xBF");
  CHECK(decoded("\xD5\xC5", "ISO 2022 IR 58", vr::lo) == "张");
  // and as terms that are none
  CHECK(decoded("\xB1\xE6\xB5\xBF", "ISO_IR 149", vr::lo) == "길동");
  CHECK(decoded("\x1B$B;3ED\x1B(B", "ISO_IR 87", vr::lo) == "山田");
}

TEST_CASE(
    "with code extensions any bytes give UTF-8, and writing it and reading it again changes nothing, with tables") {
  std::mt19937 random{87};
  const specific_character_set sets[] = {"ISO 2022 IR 100\\ISO 2022 IR 126\\ISO 2022 IR 87", "\\ISO 2022 IR 149",
                                         "ISO 2022 IR 13\\ISO 2022 IR 87\\ISO 2022 IR 159", "ISO 2022 IR 58",
                                         "\\ISO 2022 IR 58\\ISO 2022 IR 149"};
  constexpr std::string_view pieces[] = {"\x1B",    "\x1B-F", "\x1B-A",   "\x1B$B", "\x1B(B", "\x1B$)C", "\x1B$)A",
                                         "\x1B$(D", "\x1B(J", "\x1B)I",   "\x1B(I", "\xBF",   "\x85",    "^",
                                         "\\",      "\n",     "\xC4",     "a",      "\x1B(",  "(",       ";3",
                                         "-!",      " ",      "\xB1\xE6", "~",      "\x1B$",  "\xFF",    "\x7F"};
  for (const auto& set : sets)
    for (int round = 0; round < 4000; ++round) {
      std::string bytes;
      for (auto n = random() % 14; n != 0; --n) bytes += pieces[random() % std::size(pieces)];
      for (const auto representation : {vr::pn, vr::lt}) {
        const auto text = decoded(bytes, set, representation);
        REQUIRE(is_utf8(text));
        const auto again = from_utf8(text, set, representation);
        if (!again) continue;  // characters of a set that an escape sequence names, but no term
        REQUIRE(decoded(*again, set, representation) == text);
      }
    }
}
