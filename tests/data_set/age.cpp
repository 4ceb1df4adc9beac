#include <codicom/data_set/age.hpp>
#include <codicom/data_set/data_set.hpp>
#include <codicom/data_set/date_time.hpp>
#include <codicom/data_set/person_name.hpp>
#include <codicom/dictionary/tags.hpp>

#include <doctest/doctest.h>
#include <string>
#include <vector>

using namespace codicom;

TEST_CASE("an age has a number and a unit") {
  struct row {
    const char* text;
    age value;
    const char* written;
  };
  const row rows[] = {
      {"018M", {18, age::unit::months}, "018M"}, {"000D", {0, age::unit::days}, "000D"},
      {"999Y", {999, age::unit::years}, "999Y"}, {"052W", {52, age::unit::weeks}, "052W"},
      {"45Y ", {45, age::unit::years}, "045Y"},  {" 7y", {7, age::unit::years}, "007Y"},
  };
  for (const auto& r : rows) {
    CAPTURE(std::string{r.text});
    REQUIRE(age::parse(r.text));
    CHECK(*age::parse(r.text) == r.value);
    CHECK(age::parse(r.text)->str() == r.written);
  }
  for (const char* wrong : {"", "Y", "018", "18X", "1234Y", "-18Y", "1.5Y", "O18Y", "018YY"}) {
    CAPTURE(std::string{wrong});
    CHECK_FALSE(age::parse(wrong));
  }
}

TEST_CASE("ages of different units compare in years") {
  CHECK(age{18, age::unit::months}.years() == 1.5);
  CHECK(age{52, age::unit::weeks}.years() < 1);
  CHECK(age{366, age::unit::days}.years() > 1);
  CHECK(age{18, age::unit::months} != age{540, age::unit::days});
}

TEST_CASE("values of a data set are read and written in types of their own") {
  data_set d;
  d.set(tag::PatientAge, age{45, age::unit::years}).set(tag::StudyDate, date{2026, 11, 22});
  d.set(tag::PatientName, person_name{"Buc^Jerome"});
  CHECK(d.text(tag::PatientAge) == "045Y");
  CHECK(d.values<age>(tag::PatientAge) == std::vector{age{45, age::unit::years}});
  CHECK(d.values<date>(tag::StudyDate) == std::vector{date{2026, 11, 22}});
  CHECK(d.values<person_name>(tag::PatientName).front().alphabetic.given_name == "Jerome");

  d.set_bytes(tag::DateOfSecondaryCapture, vr::da, as_bytes("20261122\\never\\2026.11.23 "));
  CHECK(d.values<date>(tag::DateOfSecondaryCapture) == std::vector{date{2026, 11, 22}, date{2026, 11, 23}});
  d.set(tag::StudyTime, "101530.25").set(tag::AcquisitionDateTime, "20261122101530+0100");
  CHECK(d.values<time_of_day>(tag::StudyTime).front().str() == "101530.25");
  CHECK(d.values<date_time>(tag::AcquisitionDateTime).front().utc_offset() == 60);
  CHECK(d.values<date>(tag::Rows).empty());
}
