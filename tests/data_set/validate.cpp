#include <codicom/data_set/validate.hpp>
#include <codicom/dictionary/tags.hpp>

#include <doctest/doctest.h>
#include <string>

using namespace codicom;

TEST_CASE("values that keep the rules are not reported") {
  data_set object;
  object.set(tag::SpecificCharacterSet, "ISO_IR 100").set(tag::PatientName, "Buc^Jérôme").set(tag::PatientID, "1");
  object.set(tag::StudyDate, "20261122").set(tag::StudyTime, "1800").set(tag::Rows, 512).set(tag::AccessionNumber);
  object.set(tag::ImagePositionPatient, {-125.0, -128.5, 40.0});
  CHECK(validate(object).empty());
  CHECK(validate(data_set{}).empty());
}

TEST_CASE("a value that breaks a rule is reported with its path, its number and the section") {
  data_set object;
  auto& item = object.add_item(tag::RequestAttributesSequence);
  item.set_bytes(tag::StudyDate, vr::da, as_bytes("20261322"));
  item.set_bytes(tag::ImageType, vr::cs, as_bytes("ORIGINAL\\primary "));
  const auto found = validate(object);
  REQUIRE(found.size() == 2);
  CHECK(to_string(found[0]) == "a character that its value representation does not allow, (0040,0275) > (0008,0008): "
                               "value 2, U+0070 (PS3.5 §6.2)");
  CHECK(to_string(found[1]) == "a value that its value representation does not allow, (0040,0275) > (0008,0020): "
                               "no date: YYYYMMDD (PS3.5 §6.2)");
  CHECK(validate(object, 1).size() == 1);
}

TEST_CASE("bytes that the character set does not define are reported with their place") {
  data_set object;
  auto& item = object.add_item(tag::RequestAttributesSequence);
  item.set_bytes(tag::RequestedProcedureDescription, vr::lo, as_bytes("caf\xE9"));  // no character set says what E9 is
  const auto found = validate(object);
  REQUIRE(found.size() == 1);
  CHECK(found[0].what == deviation::undecodable_text);
  CHECK(found[0].path == std::vector<element_tag>{tag::RequestAttributesSequence, tag::RequestedProcedureDescription});
  CHECK(to_string(found[0]) ==
        "text that its character set cannot decode, (0040,0275) > (0032,1060): 1 byte (PS3.5 §6.1)");
}

TEST_CASE("an unknown character set is reported") {
  data_set object;
  object.set_bytes(tag::SpecificCharacterSet, vr::cs, as_bytes("KLINGON "));
  object.set_bytes(tag::PatientName, vr::pn, as_bytes("caf\xE9"));
  object.set_bytes(tag::PatientID, vr::lo, as_bytes("plain "));
  const auto found = validate(object);
  REQUIRE(found.size() == 2);
  CHECK(found[0].what == deviation::unknown_character_set);
  CHECK(found[0].detail == "'KLINGON'");
  CHECK(found[1].what == deviation::undecodable_text);
}

TEST_CASE("text in a multi-byte set is undecodable where its tables are missing") {
  data_set object;
  object.set_bytes(tag::SpecificCharacterSet, vr::cs, as_bytes("GB18030 "));
  object.set_bytes(tag::PatientName, vr::pn, as_bytes("Wang^XiaoDong=\xCD\xF5^\xD0\xA1\xB6\xAB= "));
  const auto* const kept = detail::installed_multi_byte_codec.exchange(nullptr);
  const auto found = validate(object);
  detail::installed_multi_byte_codec.store(kept);
  REQUIRE(found.size() == 1);
  CHECK(to_string(found[0]) ==
        "text that its character set cannot decode, (0010,0010): 6 bytes; #include <codicom/data_set/iconv.hpp> in one "
        "source file of the program (PS3.5 §6.1)");
}
