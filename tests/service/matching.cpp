#include <codicom/dictionary/tags.hpp>
#include <codicom/service/matching.hpp>
#ifdef CODICOM_WITH_CHARSETS
#include <codicom/data_set/iconv.hpp>
#endif

#include <doctest/doctest.h>
#include <string>
#include <string_view>

using namespace codicom;
using service::matches;
using service::query_extensions;

namespace {

constexpr query_extensions baseline;
constexpr query_extensions fuzzy{.fuzzy_names = true};
constexpr query_extensions empty{.empty_value = true};
constexpr query_extensions multiple{.multiple_value = true};
constexpr query_extensions combined{.combined_date_time = true};
constexpr query_extensions timezone{.timezone = true};

struct row {
  std::string_view section;  // of PS3.4
  query_extensions negotiated;
  vr v;
  std::string_view key, value;
  bool expected;
};

// clang-format off
constexpr row table[] = {
    {"C.2.2.2.3", baseline, vr::pn, "", "", true},
    {"C.2.2.2.3", baseline, vr::pn, "", "20200101", true},
    {"C.2.2.2.3", baseline, vr::pn, "*", "", true},
    {"C.2.2.2.3", baseline, vr::pn, "*", "20200101", true},
    {"C.2.2.2.3", baseline, vr::lo, "", "", true},
    {"C.2.2.2.3", baseline, vr::lo, "", "20200101", true},
    {"C.2.2.2.3", baseline, vr::lo, "*", "", true},
    {"C.2.2.2.3", baseline, vr::lo, "*", "20200101", true},
    {"C.2.2.2.3", baseline, vr::da, "", "", true},
    {"C.2.2.2.3", baseline, vr::da, "", "20200101", true},
    {"C.2.2.2.3", baseline, vr::da, "*", "", true},
    {"C.2.2.2.3", baseline, vr::da, "*", "20200101", true},
    {"C.2.2.2.3", baseline, vr::ui, "", "", true},
    {"C.2.2.2.3", baseline, vr::ui, "", "20200101", true},
    {"C.2.2.2.3", baseline, vr::ui, "*", "", true},
    {"C.2.2.2.3", baseline, vr::ui, "*", "20200101", true},
    {"C.2.2.2.3", baseline, vr::cs, "", "", true},
    {"C.2.2.2.3", baseline, vr::cs, "", "20200101", true},
    {"C.2.2.2.3", baseline, vr::cs, "*", "", true},
    {"C.2.2.2.3", baseline, vr::cs, "*", "20200101", true},
    {"C.2.2.2.3", baseline, vr::is, "", "", true},
    {"C.2.2.2.3", baseline, vr::is, "", "20200101", true},
    {"C.2.2.2.3", baseline, vr::is, "*", "", true},
    {"C.2.2.2.3", baseline, vr::is, "*", "20200101", true},
    {"C.2.2.2.3", baseline, vr::lo, " ", "A", true},
    {"C.2.2.2.3", baseline, vr::lo, "**", "", true},
    {"C.2.2.2.3", baseline, vr::tm, "*", "", true},
    {"C.2.2.2.3", baseline, vr::us, "", "512", true},
    {"C.2.2.1.2", baseline, vr::lo, "A", "", false},
    {"C.2.2.1.2", baseline, vr::lo, "A*", "", false},
    {"C.2.2.1.2", baseline, vr::lo, "?", "", false},
    {"C.2.2.1.2", baseline, vr::da, "20200101-", "", false},
    {"C.2.2.1.2", baseline, vr::ui, "1.2", "", false},
    {"C.2.2.1.2", baseline, vr::pn, "DOE", "", false},
    {"C.2.2.1.2", baseline, vr::cs, "CT", "", false},
    {"C.2.2.1.2", baseline, vr::tm, "10-11", "", false},
    {"C.2.2.1.2", baseline, vr::is, "1", "", false},
    {"C.2.2.2.1", baseline, vr::lo, "A1", "A1", true},
    {"C.2.2.2.1", baseline, vr::lo, "A1", "A1 ", true},
    {"C.2.2.2.1", baseline, vr::lo, " A1", "A1", true},
    {"C.2.2.2.1", baseline, vr::lo, "A1", "a1", false},
    {"C.2.2.2.1", baseline, vr::lo, "A1", "A12", false},
    {"C.2.2.2.1", baseline, vr::lo, "A12", "A1", false},
    {"C.2.2.2.1", baseline, vr::sh, "ACC 1", "ACC 1", true},
    {"C.2.2.2.1", baseline, vr::sh, "ACC 1", "ACC  1", false},
    {"C.2.2.2.1", baseline, vr::ae, "PACS", "PACS", true},
    {"C.2.2.2.1", baseline, vr::ae, "PACS", "pacs", false},
    {"C.2.2.2.1", baseline, vr::as, "045Y", "045Y", true},
    {"C.2.2.2.1", baseline, vr::as, "045Y", "45Y", false},
    {"C.2.2.2.1", baseline, vr::cs, "CT", "CT", true},
    {"C.2.2.2.1", baseline, vr::cs, "CT", "MR", false},
    {"C.2.2.2.1", baseline, vr::cs, "ct", "CT", false},
    {"C.2.2.2.1", baseline, vr::uc, "Long text", "Long text", true},
    {"C.2.2.2.1", baseline, vr::ur, "http://a/b", "http://a/b", true},
    {"C.2.2.2.1", baseline, vr::ur, "http://a/b", "http://a/B", false},
    {"C.2.2.2.1", baseline, vr::ui, "1.2", "1.2", true},
    {"C.2.2.2.1", baseline, vr::ui, "1.2", "1.22", false},
    {"C.2.2.2.1", baseline, vr::ui, "1.2.3", "1.2", false},
    {"C.2.2.2.1", baseline, vr::ui, "1.*", "1.2", false},
    {"C.2.2.2.1", baseline, vr::lo, "Größe", "Größe", true},
    {"C.2.2.2.1", baseline, vr::lo, "Größe", "GRÖSSE", false},
    {"C.2.2.2.1", baseline, vr::lo, "山田", "山田", true},
    {"C.2.2.2.1", baseline, vr::lo, "山田", "山本", false},
    {"C.2.2.2.1", baseline, vr::lt, "a\\b", "a\\b", true},
    {"C.2.2.2.1", baseline, vr::lt, "b", "a\\b", false},
    {"C.2.2.2.1", baseline, vr::st, "a", " a", false},
    {"C.2.2.2.1", baseline, vr::ut, "a", "a ", true},
    {"C.2.2.2.1", baseline, vr::is, "1", "01", true},
    {"C.2.2.2.1", baseline, vr::is, "+7", "7", true},
    {"C.2.2.2.1", baseline, vr::is, "007", "7", true},
    {"C.2.2.2.1", baseline, vr::is, "1", "2", false},
    {"C.2.2.2.1", baseline, vr::ds, "1.5", "1.50", true},
    {"C.2.2.2.1", baseline, vr::ds, "1e1", "10", true},
    {"C.2.2.2.1", baseline, vr::ds, "1.5", "1.51", false},
    {"C.2.2.2.1", baseline, vr::is, "x", "x", true},
    {"C.2.2.2.1", baseline, vr::is, "x", "1", false},
    {"C.2.2.2.1", baseline, vr::us, "512", "512", true},
    {"C.2.2.2.1", baseline, vr::us, "5?2", "512", false},
    {"C.2.2.2.1", baseline, vr::ds, "0", "-0", true},
    {"C.2.2.2.1", baseline, vr::pn, "doe^john", "DOE^John", true},
    {"C.2.2.2.1", baseline, vr::pn, "DOE^JOHN", "DOE^JOHN^^^", true},
    {"C.2.2.2.1", baseline, vr::pn, "DOE^JOHN^^", "DOE^JOHN", true},
    {"C.2.2.2.1", baseline, vr::pn, "DOE", "DOE^JOHN", false},
    {"C.2.2.2.1", baseline, vr::pn, "DOE^JOHN", "DOE", false},
    {"C.2.2.2.1", baseline, vr::pn, "müller^jörg", "MÜLLER^JÖRG", true},
    {"C.2.2.2.1", baseline, vr::pn, "MULLER^JORG", "MÜLLER^JÖRG", false},
    {"C.2.2.2.1", baseline, vr::pn, "ΛΥΚΟΥΡΓΟΣ", "Λυκουργος", true},
    {"C.2.2.2.1", baseline, vr::pn, "люкceмбург", "Люкceмбург", true},
    {"C.2.2.2.1", baseline, vr::pn, "JOHN^DOE", "DOE^JOHN", false},
    {"C.2.2.2.1", baseline, vr::pn, "DOE^^A", "DOE^JOHN^A", false},
    {"C.2.2.2.1", baseline, vr::pn, "DOE JOHN", "DOE^JOHN", false},
    {"C.2.2.2.1", baseline, vr::pn, "YAMADA^TAROU", "Yamada^Tarou=山田^太郎=やまだ^たろう", true},
    {"C.2.2.2.1", baseline, vr::pn, "山田^太郎", "Yamada^Tarou=山田^太郎=やまだ^たろう", true},
    {"C.2.2.2.1", baseline, vr::pn, "やまだ^たろう", "Yamada^Tarou=山田^太郎=やまだ^たろう", true},
    {"C.2.2.2.1", baseline, vr::pn, "Yamada^Tarou=山田^太郎", "Yamada^Tarou=山田^太郎=やまだ^たろう", true},
    {"C.2.2.2.1", baseline, vr::pn, "=山田^太郎", "Yamada^Tarou=山田^太郎=やまだ^たろう", true},
    {"C.2.2.2.1", baseline, vr::pn, "==やまだ^たろう", "Yamada^Tarou=山田^太郎=やまだ^たろう", true},
    {"C.2.2.2.1", baseline, vr::pn, "Yamada^Tarou=山本^太郎", "Yamada^Tarou=山田^太郎=やまだ^たろう", false},
    {"C.2.2.2.1", baseline, vr::pn, "山田^太郎=", "Yamada^Tarou=山田^太郎=やまだ^たろう", false},
    {"C.2.2.2.1", baseline, vr::pn, "Yamada", "Yamada=山田", true},
    {"C.2.2.2.1", baseline, vr::pn, "=山田", "Yamada", false},
    {"C.2.2.2.2", baseline, vr::ui, "1.2\\1.3", "1.3", true},
    {"C.2.2.2.2", baseline, vr::ui, "1.2\\1.3", "1.2", true},
    {"C.2.2.2.2", baseline, vr::ui, "1.2\\1.3", "1.4", false},
    {"C.2.2.2.2", baseline, vr::ui, "1.2\\1.3", "1.3\\1.5", true},
    {"C.2.2.2.2", baseline, vr::ui, "1.2\\", "1.2", true},
    {"C.2.2.2.2", baseline, vr::ui, "1.2\\1.33", "1.3", false},
    {"C.2.2.2.4", baseline, vr::pn, "ALLISON*", "ALLISON^MARY^A", true},
    {"C.2.2.2.4", baseline, vr::pn, "allison*", "ALLISON^MARY^A", true},
    {"C.2.2.2.4", baseline, vr::pn, "*MARY*", "ALLISON^MARY^A", true},
    {"C.2.2.2.4", baseline, vr::pn, "*A", "ALLISON^MARY^A", true},
    {"C.2.2.2.4", baseline, vr::pn, "*^A?", "ALLISON^MARY^A", false},
    {"C.2.2.2.4", baseline, vr::pn, "ALLISON^????^A", "ALLISON^MARY^A", true},
    {"C.2.2.2.4", baseline, vr::pn, "ALLISON^???^A", "ALLISON^MARY^A", false},
    {"C.2.2.2.4", baseline, vr::pn, "DOE^JOHN*", "DOE^JOHN", true},
    {"C.2.2.2.4", baseline, vr::pn, "DOE^*", "DOE", false},
    {"C.2.2.2.4", baseline, vr::pn, "J?RG", "JÖRG", true},
    {"C.2.2.2.4", baseline, vr::pn, "??", "山", false},
    {"C.2.2.2.4", baseline, vr::pn, "?", "山", true},
    {"C.2.2.2.4", baseline, vr::lo, "*a*b*c*", "xxaxxbxxcxx", true},
    {"C.2.2.2.4", baseline, vr::lo, "*a*b*c*", "xxaxxcxxbxx", false},
    {"C.2.2.2.4", baseline, vr::lo, "a*", "Abc", false},
    {"C.2.2.2.4", baseline, vr::lo, "**b", "aab", true},
    {"C.2.2.2.4", baseline, vr::lo, "a*", "a", true},
    {"C.2.2.2.4", baseline, vr::lo, "a?", "a", false},
    {"C.2.2.2.4", baseline, vr::sh, "A?C", "ABC", true},
    {"C.2.2.2.4", baseline, vr::sh, "A?C", "AC", false},
    {"C.2.2.2.4", baseline, vr::ae, "PACS*", "PACS1", true},
    {"C.2.2.2.4", baseline, vr::cs, "M*", "CT\\MR", true},
    {"C.2.2.2.4", baseline, vr::cs, "?T", "CT", true},
    {"C.2.2.2.4", baseline, vr::lt, "*tumor*", "no tumor seen", true},
    {"C.2.2.2.4", baseline, vr::st, "x*", "y", false},
    {"C.2.2.2.4", baseline, vr::ut, "*a\\b*", "a\\b", true},
    {"C.2.2.2.4", baseline, vr::uc, "Lo*", "Long", true},
    {"C.2.2.2.4", baseline, vr::ur, "http:*", "http://a/b", true},
    {"C.2.2.2.4", baseline, vr::as, "0*Y", "045Y", false},
    {"C.2.2.2.4", baseline, vr::is, "1*", "12", false},
    {"C.2.2.2.4", baseline, vr::lo, "*", "A", true},
    {"C.2.2.2.4", baseline, vr::lo, "A1*?", "A1", false},
    {"C.2.2.2.4", baseline, vr::pn, "Yamada*=山*", "Yamada^Tarou=山田^太郎=やまだ^たろう", true},
    {"C.2.2.2.4", baseline, vr::pn, "Yamada*=田*", "Yamada^Tarou=山田^太郎=やまだ^たろう", false},
    {"C.2.2.2.4", baseline, vr::pn, "*=*=*", "Yamada^Tarou=山田^太郎=やまだ^たろう", true},
    {"C.2.2.2.4", baseline, vr::pn, "=山田*", "Yamada^Tarou=山田^太郎=やまだ^たろう", true},
    {"C.2.2.2.4", baseline, vr::pn, "山田*=", "Yamada^Tarou=山田^太郎=やまだ^たろう", false},
    {"C.2.2.2.5.1", baseline, vr::da, "20200229", "20200229", true},
    {"C.2.2.2.5.1", baseline, vr::da, "20200229", "2020.02.29", true},
    {"C.2.2.2.5.1", baseline, vr::da, "2020.02.29", "20200229", true},
    {"C.2.2.2.5.1", baseline, vr::da, "20200229", "20200301", false},
    {"C.2.2.2.5.1", baseline, vr::da, "20200101-20200131", "20200101", true},
    {"C.2.2.2.5.1", baseline, vr::da, "20200101-20200131", "20200131", true},
    {"C.2.2.2.5.1", baseline, vr::da, "20200101-20200131", "20200115", true},
    {"C.2.2.2.5.1", baseline, vr::da, "20200101-20200131", "20200201", false},
    {"C.2.2.2.5.1", baseline, vr::da, "20200101-20200131", "20191231", false},
    {"C.2.2.2.5.1", baseline, vr::da, "-20200131", "19000101", true},
    {"C.2.2.2.5.1", baseline, vr::da, "-20200131", "20200131", true},
    {"C.2.2.2.5.1", baseline, vr::da, "-20200131", "20200201", false},
    {"C.2.2.2.5.1", baseline, vr::da, "20200101-", "20990101", true},
    {"C.2.2.2.5.1", baseline, vr::da, "20200101-", "20200101", true},
    {"C.2.2.2.5.1", baseline, vr::da, "20200101-", "20191231", false},
    {"C.2.2.2.5.1", baseline, vr::da, "20200101 - 20200131", "20200115", true},
    {"C.2.2.2.5.1", baseline, vr::da, "20200131-20200101", "20200115", false},
    {"C.2.2.2.5.1", baseline, vr::da, "19990101\\20200115", "20200115", true},
    {"C.2.2.2.5.1", baseline, vr::da, "20200101-20200131", "unknown", false},
    {"C.2.2.2.5.1", baseline, vr::da, "unknown", "unknown", true},
    {"C.2.2.2.5.1", baseline, vr::da, "20201301-", "20201401", false},
    {"C.2.2.2.5.1", baseline, vr::da, "20200101-20200101", "20200101", true},
    {"C.2.2.2.5.2", baseline, vr::tm, "103000", "103000", true},
    {"C.2.2.2.5.2", baseline, vr::tm, "103000", "103000.000", true},
    {"C.2.2.2.5.2", baseline, vr::tm, "103000.5", "103000.500000", true},
    {"C.2.2.2.5.2", baseline, vr::tm, "103000.5", "103000.6", false},
    {"C.2.2.2.5.2", baseline, vr::tm, "10", "103000", true},
    {"C.2.2.2.5.2", baseline, vr::tm, "10:30", "103059", true},
    {"C.2.2.2.5.2", baseline, vr::tm, "1030", "1031", false},
    {"C.2.2.2.5.2", baseline, vr::tm, "1000-1059", "105959.999999", true},
    {"C.2.2.2.5.2", baseline, vr::tm, "1000-1059", "110000", false},
    {"C.2.2.2.5.2", baseline, vr::tm, "-12", "125959", true},
    {"C.2.2.2.5.2", baseline, vr::tm, "-12", "130000", false},
    {"C.2.2.2.5.2", baseline, vr::tm, "12-", "115959", false},
    {"C.2.2.2.5.2", baseline, vr::tm, "12-", "235959", true},
    {"C.2.2.2.5.2", baseline, vr::tm, "2200-0100", "233000", false},
    {"C.2.2.2.5.2", baseline, vr::tm, "2200-0100", "003000", false},
    {"C.2.2.2.5.2", baseline, vr::tm, "2200-0100", "120000", false},
    {"C.2.2.2.5.2", baseline, vr::tm, "25", "25", true},
    {"C.2.2.2.5.2", baseline, vr::tm, "25-26", "103000", false},
    {"C.2.2.2.5.3", baseline, vr::dt, "20200101", "20200101120000", true},
    {"C.2.2.2.5.3", baseline, vr::dt, "2020", "20200615", true},
    {"C.2.2.2.5.3", baseline, vr::dt, "202006", "20200701", false},
    {"C.2.2.2.5.3", baseline, vr::dt, "20200101120000-20200101130000", "20200101123000.25", true},
    {"C.2.2.2.5.3", baseline, vr::dt, "20200101-20200102", "20200102235959", true},
    {"C.2.2.2.5.3", baseline, vr::dt, "20200101-20200102", "20200103", false},
    {"C.2.2.2.5.3", baseline, vr::dt, "-20200102", "20200101", true},
    {"C.2.2.2.5.3", baseline, vr::dt, "20200102-", "20200101", false},
    {"C.2.2.2.5.3", baseline, vr::dt, "20200101120000+0100", "20200101110000+0000", true},
    {"C.2.2.2.5.3", baseline, vr::dt, "20200101120000+0100", "20200101120000+0000", false},
    {"C.2.2.2.5.3", baseline, vr::dt, "20200101120000-0500", "20200101170000+0000", true},
    {"C.2.2.2.5.3", baseline, vr::dt, "20200101120000-0500-20200101130000-0500", "20200101173000+0000", true},
    {"C.2.2.2.5.3", baseline, vr::dt, "20200101120000-0500-20200101130000-0500", "20200101123000+0000", false},
    {"C.2.2.2.5.3", baseline, vr::dt, "20200101120000-0500-", "20200101173000+0000", true},
    {"C.2.2.2.5.3", baseline, vr::dt, "-20200101120000-0500", "20200101173000+0000", false},
    {"C.2.2.2.5.3", baseline, vr::dt, "20200101120000-2020", "20200615", true},
    {"C.2.2.2.5.3", baseline, vr::dt, "20200101120000+0100", "20200101120000", true},
    {"C.2.2.2.1", baseline, vr::pn, "Jorg Muller", "MÜLLER^JÖRG", false},
    {"C.2.2.2.1", baseline, vr::pn, "OBrien", "O'BRIEN^PAT", false},
    {"C.2.2.2.1", fuzzy, vr::pn, "JOHN^DOE", "DOE^JOHN", true},
    {"C.2.2.2.1", fuzzy, vr::pn, "john doe", "DOE^JOHN", true},
    {"C.2.2.2.1", fuzzy, vr::pn, "Jorg Muller", "MÜLLER^JÖRG", true},
    {"C.2.2.2.1", fuzzy, vr::pn, "mueller", "MÜLLER^JÖRG", true},
    {"C.2.2.2.1", fuzzy, vr::pn, "MÜLLER", "Mueller^Joerg", true},
    {"C.2.2.2.1", fuzzy, vr::pn, "OBrien", "O'BRIEN^PAT", true},
    {"C.2.2.2.1", fuzzy, vr::pn, "doe", "DOE^JOHN", true},
    {"C.2.2.2.1", fuzzy, vr::pn, "do", "DOE^JOHN", true},
    {"C.2.2.2.1", fuzzy, vr::pn, "doe doe", "DOE^JOHN", false},
    {"C.2.2.2.1", fuzzy, vr::pn, "smith", "DOE^JOHN", false},
    {"C.2.2.2.1", fuzzy, vr::pn, "john smith", "DOE^JOHN", false},
    {"C.2.2.2.1", fuzzy, vr::pn, "太郎", "Yamada^Tarou=山田^太郎=やまだ^たろう", true},
    {"C.2.2.2.1", fuzzy, vr::pn, "Tarou=山田", "Yamada^Tarou=山田^太郎=やまだ^たろう", true},
    {"C.2.2.2.1", fuzzy, vr::pn, "Lukasz", "ŁUKASZ^X", true},
    {"C.2.2.2.1", fuzzy, vr::lo, "john doe", "doe john", false},
    {"C.2.2.2.1", fuzzy, vr::pn, "doe", "", false},
    {"C.2.2.2.7", baseline, vr::lo, "\"\"", "", false},
    {"C.2.2.2.7", baseline, vr::lo, "\"\"", "A", false},
    {"C.2.2.2.7", baseline, vr::lo, "\"\"", "\"\"", true},
    {"C.2.2.2.7", baseline, vr::pn, "\"\"", "", false},
    {"C.2.2.2.7", empty, vr::lo, "\"\"", "", true},
    {"C.2.2.2.7", empty, vr::lo, "\"\"", "A", false},
    {"C.2.2.2.7", empty, vr::lo, "\"\" ", "", true},
    {"C.2.2.2.7", empty, vr::pn, "\"\"", "", true},
    {"C.2.2.2.7", empty, vr::pn, "\"\"", "DOE", false},
    {"C.2.2.2.7", empty, vr::da, "\"\"", "", true},
    {"C.2.2.2.7", empty, vr::da, "\"\"", "20200101", false},
    {"C.2.2.2.7", empty, vr::tm, "\"\"", "", true},
    {"C.2.2.2.7", empty, vr::cs, "\"\"", "", true},
    {"C.2.2.2.7", empty, vr::cs, "\"\"", "\\", true},
    {"C.2.2.2.7", empty, vr::ui, "\"\"", "1.2", false},
    {"C.2.2.2.7", empty, vr::is, "\"\"", "", true},
    {"C.2.2.2.7", empty, vr::lo, "A", "", false},
    {"C.2.2.2.7", empty, vr::lo, "", "", true},
    {"C.2.2.2.7", empty, vr::sh, "\"\"x", "", false},
    {"C.2.2.2.8", baseline, vr::cs, "CT\\MR", "MR", true},
    {"C.2.2.2.8", baseline, vr::cs, "CT\\PT", "CT\\SR", true},
    {"C.2.2.2.8", baseline, vr::lo, "A\\B", "C", false},
    {"C.2.2.2.8", multiple, vr::cs, "CT\\PT", "CT\\PT", true},
    {"C.2.2.2.8", multiple, vr::cs, "CT\\PT", "PT\\SR\\CT", true},
    {"C.2.2.2.8", multiple, vr::cs, "CT\\PT", "CT\\SR", false},
    {"C.2.2.2.8", multiple, vr::cs, "CT\\PT", "CT", false},
    {"C.2.2.2.8", multiple, vr::cs, "CT", "CT\\SR", true},
    {"C.2.2.2.8", multiple, vr::lo, "A\\B", "B\\A", true},
    {"C.2.2.2.8", multiple, vr::pn, "doe\\roe", "ROE\\DOE", true},
    {"C.2.2.2.8", multiple, vr::sh, "A\\", "A", true},
    {"C.2.2.2.8", multiple, vr::ui, "1.2\\1.3", "1.3", true},
    {"C.2.2.2.8", multiple, vr::da, "19990101\\20200115", "20200115", true},
    {"C.2.2.2.8", multiple, vr::as, "045Y\\046Y", "045Y", false},
};
// clang-format on

// A date and a time of a study, as keys and as values.
struct moment_row {
  query_extensions negotiated;
  std::string_view days, times, zone;  // of the query
  std::string_view day, time, own_zone;
  bool expected;
};

// PS3.4 C.2.2.2.5: together only where negotiated, and where both are ranges of the same form.
constexpr moment_row moments[] = {
    {baseline, "20060705-20060707", "1000-1800", "", "20060706", "090000", "", false},
    {combined, "20060705-20060707", "1000-1800", "", "20060706", "090000", "", true},
    {combined, "20060705-20060707", "1000-1800", "", "20060705", "095959", "", false},
    {combined, "20060705-20060707", "1000-1800", "", "20060705", "100000", "", true},
    {combined, "20060705-20060707", "1000-1800", "", "20060707", "180059", "", true},
    {combined, "20060705-20060707", "1000-1800", "", "20060707", "180100", "", false},
    {combined, "20060705-20060707", "1000-1800", "", "20060708", "120000", "", false},
    {combined, "20060705-", "1000-", "", "20060706", "010000", "", true},
    {baseline, "20060705-", "1000-", "", "20060706", "010000", "", false},
    {combined, "-20060705", "-1000", "", "20060704", "230000", "", true},
    {combined, "-20060705", "-1000", "", "20060705", "110000", "", false},
    {combined, "20060705-20060706", "2200-0200", "", "20060705", "233000", "", true},  // a night, at last
    {baseline, "20060705-20060706", "2200-0200", "", "20060705", "233000", "", false},
    {combined, "20060705-20060707", "1000-", "", "20060706", "090000", "", false},  // not of the same form
    {combined, "20060706", "1000-1800", "", "20060706", "120000", "", true},
    {combined, "20060706", "1000-1800", "", "20060706", "090000", "", false},
    {combined, "20060705-20060707", "", "", "20060707", "235959", "", true},
    {combined, "20060705-20060707", "1000-1800", "", "20060706", "", "", false},
    {baseline, "20060705", "", "+0000", "20060706", "003000", "+0200", false},
    {timezone, "20060705", "", "+0000", "20060706", "003000", "+0200", true},
    {timezone, "20060706", "", "+0000", "20060706", "003000", "+0200", false},
    {timezone, "", "2230", "+0000", "20060706", "003000", "+0200", true},
    {timezone, "20070101", "", "+0200", "20061231", "230000", "+0000", true},
    {timezone, "20060228", "23-", "-0500", "20060301", "043000", "+0000", true},
    {timezone, "20080229", "23-", "-0500", "20080301", "043000", "+0000", true},
    {timezone, "20060705", "", "+0000", "20060706", "003000", "", false},  // nobody knows the object's zone
    {timezone, "20060706", "", "", "20060706", "003000", "+0200", true},
    {query_extensions{.combined_date_time = true, .timezone = true}, "20060705-20060705", "2200-2300", "+0000",
     "20060706", "003000", "+0200", true},
};

}  // namespace

TEST_CASE("The rules of matching, one by one, with what has to be negotiated for each") {
  static_assert(std::size(table) + std::size(moments) >= 150);
  for (const row& r : table) {
    CAPTURE(r.section);
    CAPTURE(code(r.v));
    CAPTURE(r.key);
    CAPTURE(r.value);
    CHECK(matches(r.v, r.key, r.value, {}, {}, r.negotiated) == r.expected);
  }
}

TEST_CASE("What is negotiated besides changes nothing where it is not used") {
  // Everything but what changes the answer to baseline keys on purpose.
  constexpr query_extensions more{.relational = true, .combined_date_time = true, .timezone = true};
  for (const row& r : table) {
    if (!(r.negotiated == baseline)) continue;
    CAPTURE(r.key);
    CAPTURE(r.value);
    CHECK(matches(r.v, r.key, r.value, {}, {}, more) == r.expected);
  }
}

TEST_CASE("Dates with their times: separate, combined, and in the time zone of the query") {
  for (const auto& r : moments) {
    data_set keys, object;
    keys.set(tag::StudyDate, r.days).set(tag::StudyTime, r.times);
    if (!r.zone.empty()) keys.set(tag::TimezoneOffsetFromUTC, r.zone);
    object.set(tag::StudyDate, r.day).set(tag::StudyTime, r.time);
    if (!r.own_zone.empty()) object.set(tag::TimezoneOffsetFromUTC, r.own_zone);
    CAPTURE(r.days);
    CAPTURE(r.times);
    CAPTURE(r.zone);
    CAPTURE(r.day);
    CAPTURE(r.time);
    CHECK(matches(keys, object, r.negotiated) == r.expected);
  }
}

TEST_CASE("A date-time without an offset has that of its data set (PS3.4 C.2.2.2.5.3)") {
  CHECK(matches(vr::dt, "20200101120000", "20200101110000", "+0100", "+0000"));
  CHECK_FALSE(matches(vr::dt, "20200101120000", "20200101120000", "+0100", "+0000"));
}

TEST_CASE("An empty value is one of no item, too, and it is found within items (PS3.4 C.2.2.2.7)") {
  data_set keys, with, without;
  keys.add_item(tag::RequestAttributesSequence).set(tag::ScheduledProcedureStepID, "\"\"");
  with.add_item(tag::RequestAttributesSequence).set(tag::ScheduledProcedureStepID, "S1");
  without.add_item(tag::RequestAttributesSequence).set(tag::RequestedProcedureID, "R1");
  CHECK_FALSE(matches(keys, with, empty));
  CHECK(matches(keys, without, empty));
  CHECK(matches(keys, data_set{}, empty));
  CHECK_FALSE(matches(keys, without));
}

TEST_CASE("A data set matches when all keys do; control attributes are not compared") {
  data_set object;
  object.set(tag::PatientName, "ALLISON^MARY^A").set(tag::PatientID, "A1").set(tag::StudyDate, "20200115");
  data_set keys;
  keys.set(tag::QueryRetrieveLevel, "STUDY").set(tag::PatientName, "allison*").set(tag::StudyInstanceUID);
  keys.set(tag::StudyDate, "20200101-20200131");
  CHECK(matches(keys, object));
  keys.set(tag::PatientID, "A2");
  CHECK_FALSE(matches(keys, object));
}

TEST_CASE("Text is compared across character sets") {
  data_set object;
  object.set(tag::SpecificCharacterSet, "ISO_IR 100").set(tag::PatientName, "MÜLLER^JÖRG");
  data_set keys;
  keys.set(tag::SpecificCharacterSet, "ISO_IR 192").set(tag::PatientName, "müller*");
  CHECK(matches(keys, object));
}

TEST_CASE("Sequence matching: one item must match all keys of the item (PS3.4 C.2.2.2.6)") {
  data_set object;
  object.add_item(tag::RequestAttributesSequence)
      .set(tag::ScheduledProcedureStepID, "S1")
      .set(tag::RequestedProcedureID, "R1");
  object.add_item(tag::RequestAttributesSequence)
      .set(tag::ScheduledProcedureStepID, "S2")
      .set(tag::RequestedProcedureID, "R2");
  const auto query = [](std::string_view step, std::string_view procedure) {
    data_set keys;
    keys.add_item(tag::RequestAttributesSequence)
        .set(tag::ScheduledProcedureStepID, step)
        .set(tag::RequestedProcedureID, procedure);
    return keys;
  };
  CHECK(matches(query("S2", "R2"), object));
  CHECK(matches(query("S2", ""), object));
  CHECK_FALSE(matches(query("S1", "R2"), object));
  CHECK(matches(query("", ""), data_set{}));
  CHECK_FALSE(matches(query("S1", ""), data_set{}));
  data_set no_item;
  no_item.set(tag::RequestAttributesSequence);
  CHECK(matches(no_item, object));
  CHECK(matches(no_item, data_set{}));
}

TEST_CASE("A pattern of many stars takes no exponential time") {
  const std::string text(20000, 'a');
  std::string key;
  for (int i = 0; i < 50; ++i) key += "*a";
  key += "*b";
  CHECK_FALSE(matches(vr::lt, key, text));
}

#ifdef CODICOM_WITH_CHARSETS
TEST_CASE("keys match across character sets, and a backslash inside a character divides nothing") {
  data_set object;
  object.set_bytes(tag::SpecificCharacterSet, vr::cs, as_bytes("GBK "));
  object.set_bytes(tag::OtherPatientNames, vr::pn, as_bytes("\x84\x5C^\x81\x5C\\Wang "));  // 刓^乗
  data_set keys;
  keys.set(tag::SpecificCharacterSet, "ISO_IR 192").set(tag::OtherPatientNames, "刓^*");
  CHECK(matches(tag::OtherPatientNames, keys, object));
  keys.set(tag::OtherPatientNames, "*^乗");
  CHECK(matches(tag::OtherPatientNames, keys, object));
  keys.set(tag::OtherPatientNames, "wang");
  CHECK(matches(tag::OtherPatientNames, keys, object));
  keys.set(tag::OtherPatientNames, "^*");
  CHECK_FALSE(matches(tag::OtherPatientNames, keys, object));

  object.set_bytes(tag::SpecificCharacterSet, vr::cs, as_bytes("\\ISO 2022 IR 87"));
  object.set_bytes(tag::OtherPatientNames, vr::pn, as_bytes("\x1B$B;3ED\x1B(B^\x1B$BB@O:\x1B(B"));
  keys.set(tag::OtherPatientNames, "山田^太郎");
  CHECK(matches(tag::OtherPatientNames, keys, object));
}
#endif
