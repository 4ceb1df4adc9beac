#include <codicom/data_set/date_time.hpp>

#include <doctest/doctest.h>
#include <string>

using namespace codicom;

static_assert(date::parse("20040229")->day() == 29);
static_assert(!date::parse("20030229"));
static_assert(time_of_day::parse("070907.0705")->microsecond() == 70500);
static_assert(date_range::parse("20200101-")->contains(date{2026, 11, 22}));

TEST_CASE("a date is a day that exists") {
  const auto day = date::parse("19930822");  // PS3.5 Table 6.2-1
  REQUIRE(day);
  CHECK(day->year() == 1993);
  CHECK(day->month() == 8);
  CHECK(day->day() == 22);
  CHECK(day->str() == "19930822");
  CHECK(date::parse("1993.08.22") == day);  // of ACR-NEMA
  CHECK(date::parse(" 19930822 ") == day);
  CHECK(date::parse("20000229"));
  for (const char* wrong : {"", "1993", "199308", "19930832", "19931301", "19930800", "19000229", "1993082",
                            "199308221", "1993-08-22", "1993.0822.", "1993.08.2", "abcdefgh", "19930822-"}) {
    CAPTURE(std::string{wrong});
    CHECK_FALSE(date::parse(wrong));
  }
}

TEST_CASE("dates are ordered and counted") {
  CHECK(date{1970, 1, 1}.days() == 0);
  CHECK(date{2000, 3, 1}.days() == 11017);
  CHECK(date{1969, 12, 31}.days() == -1);
  CHECK(date{2026, 11, 22}.days() - date{2025, 11, 22}.days() == 365);
  CHECK(date{1999, 12, 31} < date{2000, 1, 1});
}

TEST_CASE("a time may be cut short") {
  const auto full = time_of_day::parse("070907.0705 ");  // PS3.5 Table 6.2-1
  REQUIRE(full);
  CHECK(full->hour() == 7);
  CHECK(full->minute() == 9);
  CHECK(full->second() == 7);
  CHECK(full->microsecond() == 70500);
  CHECK(full->precision() == time_precision::fraction);
  CHECK(full->str() == "070907.0705");
  CHECK(full->latest() - full->earliest() == 99);

  const auto minute = time_of_day::parse("1010");
  REQUIRE(minute);
  CHECK(minute->precision() == time_precision::minute);
  CHECK(minute->earliest() == (10 * 3600 + 10 * 60) * 1'000'000LL);
  CHECK(minute->latest() == (10 * 3600 + 11 * 60) * 1'000'000LL - 1);
  CHECK(minute->str() == "1010");
  CHECK(time_of_day::parse("10")->latest() == 11 * 3'600'000'000LL - 1);
  CHECK(time_of_day::parse("101010")->latest() - time_of_day::parse("101010")->earliest() == 999'999);
  CHECK(time_of_day::parse("101010")->str() == "101010");
  CHECK(time_of_day::parse("10:10:10.5") == time_of_day::parse("101010.5"));
  for (const char* wrong :
       {"", "1", "24", "1060", "101061", "101010.", "101010.1234567", "1010.5", "10:1010", "1010:10", "021"}) {
    CAPTURE(std::string{wrong});
    CHECK_FALSE(time_of_day::parse(wrong));
  }
}

TEST_CASE("a leap second is read and written") {
  const auto leap = time_of_day::parse("235960");
  REQUIRE(leap);
  CHECK(leap->second() == 60);
  CHECK(leap->str() == "235960");
  CHECK(leap->earliest() > time_of_day::parse("235959.999999")->earliest());
}

TEST_CASE("a date-time has a precision and perhaps an offset from UTC") {
  const auto value = date_time::parse("19530827111300.5+0130");
  REQUIRE(value);
  CHECK(value->date() == date{1953, 8, 27});
  CHECK(value->time().hour() == 11);
  CHECK(value->time().microsecond() == 500'000);
  CHECK(value->utc_offset() == 90);
  CHECK(value->str() == "19530827111300.5+0130");

  const auto year = date_time::parse("2020-0500");
  REQUIRE(year);
  CHECK(year->precision() == time_precision::year);
  CHECK(year->utc_offset() == -300);
  CHECK(year->str() == "2020-0500");
  CHECK(year->latest() - year->earliest() == 366LL * 86'400'000'000 - 1);
  CHECK(date_time::parse("202102")->latest() - date_time::parse("202102")->earliest() == 28LL * 86'400'000'000 - 1);
  CHECK(date_time::parse("20210203")->str() == "20210203");
  CHECK(date_time::parse("2021020304")->precision() == time_precision::hour);
  CHECK(date_time::parse("1970")->earliest() == 0);
  CHECK(date_time::parse("1970")->earliest(60) == -3'600'000'000);
  CHECK(date_time::parse("197001010100+0100")->earliest() == 0);
  for (const char* wrong : {"", "202", "20201", "202013", "20200230", "2020010125", "20200101+1", "20200101+1500",
                            "20200101-1300", "20200101+0160", "2020010110:10"}) {
    CAPTURE(std::string{wrong});
    CHECK_FALSE(date_time::parse(wrong));
  }
}

TEST_CASE("a range has both of its ends") {
  const auto week = date_range::parse("20261116-20261122");
  REQUIRE(week);
  CHECK(week->contains(date{2026, 11, 16}));
  CHECK(week->contains(date{2026, 11, 22}));
  CHECK_FALSE(week->contains(date{2026, 11, 15}));
  CHECK_FALSE(week->contains(date{2026, 11, 23}));
  CHECK(date_range::parse("-20261122")->contains(date{1900, 1, 1}));
  CHECK_FALSE(date_range::parse("-20261122")->contains(date{2026, 11, 23}));
  CHECK(date_range::parse("20261116-")->contains(date{2999, 1, 1}));
  CHECK(date_range::parse("20261116")->contains(date{2026, 11, 16}));
  CHECK_FALSE(date_range::parse("20261116")->contains(date{2026, 11, 17}));
  CHECK(date_range::parse("20261116 - 20261122 ") == week);
  for (const char* wrong : {"", "-", "2026-", "20261116-x", "20261116-20261122-20261123"}) {
    CAPTURE(std::string{wrong});
    CHECK_FALSE(date_range::parse(wrong));
  }
}

TEST_CASE("the end of a time range is the end of what it names") {
  const auto hours = time_range::parse("10-11");
  REQUIRE(hours);
  CHECK(hours->contains(*time_of_day::parse("115959.999999")));
  CHECK_FALSE(hours->contains(*time_of_day::parse("12")));
  CHECK_FALSE(hours->contains(*time_of_day::parse("095959")));
  CHECK(hours->contains(*time_of_day::parse("11")));  // part of it
  CHECK(time_range::parse("1030-12")->contains(*time_of_day::parse("10")));
  CHECK(time_range::parse("1015")->contains(*time_of_day::parse("101530")));
  CHECK_FALSE(time_range::parse("101530")->contains(*time_of_day::parse("101531")));
}

TEST_CASE("a range of times does not go across midnight (PS3.4 C.2.2.2.5)") {
  const auto night = *time_range::parse("2200-0559");
  for (const char* time : {"2330", "0300", "055959", "0600", "2159"}) CHECK_FALSE(night.contains(*time_of_day::parse(time)));
}

TEST_CASE("in a date-time range the hyphen of an offset does not divide") {
  const auto years = date_time_range::parse("1999-2001");
  REQUIRE(years);
  CHECK(years->first->date().year() == 1999);
  CHECK(years->last->date().year() == 2001);
  CHECK(years->contains(*date_time::parse("20011231235959")));
  CHECK_FALSE(years->contains(*date_time::parse("2002")));

  const auto offset = date_time_range::parse("20200101-0500");
  REQUIRE(offset);
  CHECK(offset->first == offset->last);
  CHECK(offset->first->utc_offset() == -300);

  const auto both = date_time_range::parse("20200101-0500-20200102-0600");
  REQUIRE(both);
  CHECK(both->first->utc_offset() == -300);
  CHECK(both->last->utc_offset() == -360);
  CHECK(both->last->date().day() == 2);

  CHECK(date_time_range::parse("20200101-0500-")->last == std::nullopt);
  CHECK(date_time_range::parse("-20200101-0500")->first == std::nullopt);
  CHECK(date_time_range::parse("-20200101-0500")->last->utc_offset() == -300);
  CHECK(date_time_range::parse("20200101-20200102")->last->date().day() == 2);
}

TEST_CASE("a date and a time can be one moment") {
  // PS3.4 §C.2.2.2.5.1: from 10:00 on the 5th to 18:00 on the 7th, nights included.
  const auto days = *date_range::parse("20060705-20060707");
  const auto times = *time_range::parse("1000-1800");
  CHECK(contains_combined(days, times, date{2006, 7, 6}, *time_of_day::parse("0300")));
  CHECK(contains_combined(days, times, date{2006, 7, 5}, *time_of_day::parse("1000")));
  CHECK(contains_combined(days, times, date{2006, 7, 7}, *time_of_day::parse("180059")));
  CHECK_FALSE(contains_combined(days, times, date{2006, 7, 5}, *time_of_day::parse("0959")));
  CHECK_FALSE(contains_combined(days, times, date{2006, 7, 7}, *time_of_day::parse("1801")));
  CHECK(contains_combined(days, time_range{}, date{2006, 7, 7}, *time_of_day::parse("2359")));
  CHECK(contains_combined(*date_range::parse("20060705-"), times, date{2010, 1, 1}, *time_of_day::parse("0000")));
}
