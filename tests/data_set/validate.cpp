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
