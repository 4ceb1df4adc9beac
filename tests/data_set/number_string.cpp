#include <codicom/data_set/number_string.hpp>

#include <cmath>
#include <doctest/doctest.h>
#include <limits>
#include <random>
#include <string>

using namespace codicom;

TEST_CASE("an integer string is read with its padding and sign") {
  CHECK(parse_integer_string("42") == 42);
  CHECK(parse_integer_string(" 42 ") == 42);
  CHECK(parse_integer_string("+42") == 42);
  CHECK(parse_integer_string("-2147483648") == -2147483648);
  CHECK(parse_integer_string("0012") == 12);
  CHECK(parse_integer_string("9007199254740993") == 9007199254740993);  // beyond the standard, met in practice
  for (const char* wrong : {"", " ", "+", "-", "+-1", "1.0", "1e3", "12a", "1 2", "99999999999999999999"}) {
    CAPTURE(std::string{wrong});
    CHECK_FALSE(parse_integer_string(wrong));
  }
  CHECK(format_integer_string(-2147483648) == "-2147483648");
}

TEST_CASE("a decimal string is read with its padding and sign") {
  CHECK(parse_decimal_string("0.5") == 0.5);
  CHECK(parse_decimal_string(" -1.25e2 ") == -125);
  CHECK(parse_decimal_string("+3E-1") == 0.3);
  CHECK(parse_decimal_string(".5") == 0.5);
  CHECK(parse_decimal_string("5.") == 5);
  CHECK(parse_decimal_string("00.70") == 0.7);
  CHECK(parse_decimal_string("-5e-324") == -std::numeric_limits<double>::denorm_min());
  for (const char* wrong : {"", " ", "+", ".", "inf", "nan", "0x10", "1,5", "1.5mm", "1.5 2", "+-1", "1e999", "--1"}) {
    CAPTURE(std::string{wrong});
    CHECK_FALSE(parse_decimal_string(wrong));
  }
}

TEST_CASE("a decimal string uses its 16 characters well") {
  struct row {
    double value;
    const char* text;
  };
  constexpr row rows[] = {
      {1e20, "1e20"},  // nothing is spent on "+" and "0"
      {1e-7, "1e-7"},
      {-1e-7, "-1e-7"},
      {1.5e-10, "1.5e-10"},
      {123456789012345680.0, "1.23456789012e17"},
      {-123456789012345680.0, "-1.2345678901e17"},
      {0.1234567890123456789, "0.12345678901235"},
      {-0.1234567890123456789, "-0.1234567890123"},
      {0.0001234567890123456, "1.23456789012e-4"},  // one digit more than 0.00012345678901
      {0.001234567890123456, "0.00123456789012"},
      {1234567.123456789012, "1234567.12345679"},
      {-1234567.123456789012, "-1234567.1234568"},
      {3.0000000000000004, "3"},
      {2.0 / 3, "0.66666666666667"},
      {99999999999999.99, "100000000000000"},
      {1e15 + 0.5, "1000000000000000"},
      {-1e15 - 0.5, "-1e15"},
      {std::numeric_limits<double>::denorm_min(), "5e-324"},
      {std::numeric_limits<double>::min(), "2.225073859e-308"},
  };
  for (const auto& r : rows) {
    CAPTURE(r.text);
    CHECK(format_decimal_string(r.value) == r.text);
  }
}

TEST_CASE("a decimal string has at most 16 characters and comes as near as they allow") {
  CHECK(format_decimal_string(0) == "0");
  CHECK(format_decimal_string(0.5) == "0.5");
  CHECK(format_decimal_string(-1250) == "-1250");
  CHECK(format_decimal_string(0.3) == "0.3");
  CHECK(format_decimal_string(1.0 / 3) == "0.33333333333333");
  CHECK(format_decimal_string(-1e100 / 3).size() <= 16);
  CHECK(format_decimal_string(std::numeric_limits<double>::infinity()).empty());
  CHECK(format_decimal_string(std::nan("")).empty());

  std::mt19937_64 random{16};
  std::uniform_real_distribution<double> mantissa{-10, 10};
  std::uniform_int_distribution<int> exponent{-300, 300};
  for (int i = 0; i < 5000; ++i) {
    const double value = mantissa(random) * std::pow(10.0, exponent(random));
    const auto text = format_decimal_string(value);
    CAPTURE(text);
    REQUIRE(text.size() <= 16);
    const auto back = parse_decimal_string(text);
    REQUIRE(back);
    REQUIRE(std::abs(*back - value) <= std::abs(value) * 1e-8);
  }
}
