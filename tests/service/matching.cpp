#include <codicom/dictionary/tags.hpp>
#include <codicom/service/matching.hpp>
#ifdef CODICOM_WITH_CHARSETS
#include <codicom/data_set/iconv.hpp>
#endif

#include <doctest/doctest.h>
#include <string_view>

using namespace codicom;
using service::matches;

namespace {

struct row {
  vr v;
  std::string_view key, value;
  bool expected;
};

void check(const row& r) {
  CAPTURE(code(r.v));
  CAPTURE(r.key);
  CAPTURE(r.value);
  CHECK(matches(r.v, r.key, r.value) == r.expected);
}

}  // namespace

TEST_CASE("Universal matching: an empty key and '*' match everything, also what has no value (PS3.4 C.2.2.2.3)") {
  for (const auto v : {vr::pn, vr::lo, vr::da, vr::tm, vr::dt, vr::ui, vr::cs, vr::is, vr::us})
    for (const auto key : {"", " ", "*", "**"})
      for (const auto value : {"", "20200101"}) check({v, key, value, true});
}

TEST_CASE("What has no value matches no key that asks for one") {
  for (const row& r : {row{vr::lo, "A", "", false}, row{vr::lo, "A*", "", false}, row{vr::lo, "?", "", false},
                       row{vr::da, "20200101-", "", false}, row{vr::ui, "1.2", "", false}})
    check(r);
}

TEST_CASE("Single value matching regards case, except in person names (PS3.4 C.2.2.2.1)") {
  for (const row& r : {
           row{vr::lo, "A1", "A1", true},
           row{vr::lo, "A1", "A1 ", true},
           row{vr::lo, " A1", "A1", true},
           row{vr::lo, "A1", "a1", false},
           row{vr::lo, "A1", "A12", false},
           row{vr::cs, "CT", "CT", true},
           row{vr::cs, "CT", "MR\\CT", true},
           row{vr::cs, "CT\\MR", "MR", true},
           row{vr::ui, "1.2", "1.2", true},
           row{vr::ui, "1.2", "1.22", false},
           row{vr::ui, "1.*", "1.2", false},
           row{vr::is, "1", "01", true},
           row{vr::is, "+1", "1", true},
           row{vr::is, "1", "2", false},
           row{vr::ds, "1.5", "1.50", true},
           row{vr::ds, "1e1", "10", true},
           row{vr::us, "512", "512", true},
           row{vr::us, "5?2", "512", false},
           row{vr::pn, "doe^john", "DOE^John", true},
           row{vr::pn, "DOE^JOHN", "DOE^JOHN^^^", true},
           row{vr::pn, "DOE^JOHN^^", "DOE^JOHN", true},
           row{vr::pn, "DOE", "DOE^JOHN", false},
           row{vr::pn, "müller^jörg", "MÜLLER^JÖRG", true},
           row{vr::pn, "ΛΥΚΟΥΡΓΟΣ", "Λυκουργος", true},
           row{vr::pn, "люкceмбург", "Люкceмбург", true},
       })
    check(r);
}

TEST_CASE("List of UID matching (PS3.4 C.2.2.2.2)") {
  for (const row& r : {row{vr::ui, "1.2\\1.3", "1.3", true}, row{vr::ui, "1.2\\1.3", "1.4", false},
                       row{vr::ui, "1.2\\1.3", "1.3\\1.5", true}})
    check(r);
}

TEST_CASE("Wild card matching (PS3.4 C.2.2.2.4)") {
  for (const row& r : {
           row{vr::pn, "ALLISON*", "ALLISON^MARY^A", true},
           row{vr::pn, "allison*", "ALLISON^MARY^A", true},
           row{vr::pn, "*MARY*", "ALLISON^MARY^A", true},
           row{vr::pn, "*A", "ALLISON^MARY^A", true},
           row{vr::pn, "*^A?", "ALLISON^MARY^A", false},
           row{vr::pn, "ALLISON^????^A", "ALLISON^MARY^A", true},
           row{vr::pn, "ALLISON^???^A", "ALLISON^MARY^A", false},
           row{vr::pn, "DOE^JOHN*", "DOE^JOHN", true},
           row{vr::pn, "DOE^*", "DOE", false},
           row{vr::pn, "J?RG", "JÖRG", true},
           row{vr::pn, "??", "山", false},
           row{vr::pn, "?", "山", true},
           row{vr::lo, "*a*b*c*", "xxaxxbxxcxx", true},
           row{vr::lo, "*a*b*c*", "xxaxxcxxbxx", false},
           row{vr::lo, "a*", "Abc", false},
           row{vr::lo, "**b", "aab", true},
           row{vr::sh, "A?C", "ABC", true},
           row{vr::ae, "PACS*", "PACS1", true},
           row{vr::cs, "M*", "CT\\MR", true},
       })
    check(r);
}

TEST_CASE("A person name key without '=' may meet any component group; with '=' group by group") {
  constexpr std::string_view name = "Yamada^Tarou=山田^太郎=やまだ^たろう";
  for (const row& r : {
           row{vr::pn, "YAMADA*", name, true},
           row{vr::pn, "山田*", name, true},
           row{vr::pn, "やまだ^たろう", name, true},
           row{vr::pn, "Yamada^Tarou=山田*", name, true},
           row{vr::pn, "=山田*", name, true},
           row{vr::pn, "Yamada*=田*", name, false},
           row{vr::pn, "*=*=*", name, true},
           row{vr::pn, "山田*=", name, false},
       })
    check(r);
}

TEST_CASE("Dates: single values and ranges, both ends included (PS3.4 C.2.2.2.5)") {
  for (const row& r : {
           row{vr::da, "20200229", "20200229", true},
           row{vr::da, "20200229", "2020.02.29", true},
           row{vr::da, "20200229", "20200301", false},
           row{vr::da, "20200101-20200131", "20200101", true},
           row{vr::da, "20200101-20200131", "20200131", true},
           row{vr::da, "20200101-20200131", "20200201", false},
           row{vr::da, "20200101-20200131", "20191231", false},
           row{vr::da, "-20200131", "19000101", true},
           row{vr::da, "-20200131", "20200201", false},
           row{vr::da, "20200101-", "20990101", true},
           row{vr::da, "20200101-", "20191231", false},
           row{vr::da, "20200101 - 20200131", "20200115", true},
           row{vr::da, "20200131-20200101", "20200115", false},
           row{vr::da, "19990101\\20200115", "20200115", true},
           row{vr::da, "20200101-20200131", "unknown", false},
           row{vr::da, "unknown", "unknown", true},
           row{vr::da, "20201301-", "20201401", false},
       })
    check(r);
}

TEST_CASE("Times: what is not written is the whole hour or minute") {
  for (const row& r : {
           row{vr::tm, "103000", "103000", true},
           row{vr::tm, "103000", "103000.000", true},
           row{vr::tm, "103000.5", "103000.500000", true},
           row{vr::tm, "103000.5", "103000.6", false},
           row{vr::tm, "10", "103000", true},
           row{vr::tm, "10:30", "103059", true},
           row{vr::tm, "1030", "1031", false},
           row{vr::tm, "1000-1059", "105959.999999", true},
           row{vr::tm, "1000-1059", "110000", false},
           row{vr::tm, "-12", "125959", true},
           row{vr::tm, "12-", "115959", false},
           row{vr::tm, "2200-0100", "233000", true},
           row{vr::tm, "2200-0100", "003000", true},
           row{vr::tm, "2200-0100", "120000", false},
           row{vr::tm, "25", "25", true},
           row{vr::tm, "25-26", "103000", false},
       })
    check(r);
}

TEST_CASE("Date-times: precision, ranges and offsets from UTC, whose hyphen is none of the range") {
  for (const row& r : {
           row{vr::dt, "20200101", "20200101120000", true}, row{vr::dt, "2020", "20200615", true},
           row{vr::dt, "202006", "20200701", false},
           row{vr::dt, "20200101120000-20200101130000", "20200101123000.25", true},
           row{vr::dt, "20200101-20200102", "20200102235959", true},
           row{vr::dt, "20200101-20200102", "20200103", false}, row{vr::dt, "-20200102", "20200101", true},
           row{vr::dt, "20200102-", "20200101", false}, row{vr::dt, "20200101120000+0100", "20200101110000+0000", true},
           row{vr::dt, "20200101120000+0100", "20200101120000+0000", false},
           row{vr::dt, "20200101120000-0500", "20200101170000+0000", true},
           row{vr::dt, "20200101120000-0500-20200101130000-0500", "20200101173000+0000", true},
           row{vr::dt, "20200101120000-0500-20200101130000-0500", "20200101123000+0000", false},
           row{vr::dt, "20200101120000-0500-", "20200101173000+0000", true},
           row{vr::dt, "-20200101120000-0500", "20200101173000+0000", false},
           row{vr::dt, "20200101120000-2020", "20200615", true},
           row{vr::dt, "20200101120000+0100", "20200101120000", true},  // one side has no zone: as it stands
       })
    check(r);
  CHECK(matches(vr::dt, "20200101120000", "20200101110000", "+0100", "+0000"));
  CHECK_FALSE(matches(vr::dt, "20200101120000", "20200101120000", "+0100", "+0000"));
}

TEST_CASE("A narrative keeps its backslashes and leading spaces") {
  CHECK(matches(vr::lt, "a\\b", "a\\b"));
  CHECK_FALSE(matches(vr::lt, "b", "a\\b"));
  CHECK_FALSE(matches(vr::st, "a", " a"));
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
