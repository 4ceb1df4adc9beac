#include <codicom/data_set/check_text.hpp>
#include <codicom/dictionary/tags.hpp>

#include <doctest/doctest.h>

using namespace codicom;

TEST_CASE("text that is as it should be is not reported") {
  data_set object;
  object.set(tag::SpecificCharacterSet, "ISO_IR 100").set(tag::PatientName, "Buc^Jérôme").set(tag::PatientID, "1");
  CHECK(check_text(object).empty());
  CHECK(check_text(data_set{}).empty());
}

TEST_CASE("bytes that the character set does not define are reported with their place") {
  data_set object;
  auto& item = object.add_item(tag::RequestAttributesSequence);
  item.set_bytes(tag::RequestedProcedureDescription, vr::lo, as_bytes("caf\xE9"));  // no character set says what E9 is
  const auto found = check_text(object);
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
  const auto found = check_text(object);
  REQUIRE(found.size() == 2);
  CHECK(found[0].what == deviation::unknown_character_set);
  CHECK(found[0].detail == "'KLINGON'");
  CHECK(found[1].what == deviation::undecodable_text);
}

TEST_CASE("of a multi-byte set, which is not converted, nothing is said") {
  data_set object;
  object.set_bytes(tag::SpecificCharacterSet, vr::cs, as_bytes("GB18030 "));
  object.set_bytes(tag::PatientName, vr::pn, as_bytes("Wang^XiaoDong=\xCD\xF5^\xD0\xA1\xB6\xAB= "));
  CHECK(check_text(object).empty());
}
