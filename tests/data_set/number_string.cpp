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
  for (const char* wrong : {"", " ", "+", ".", "inf", "nan", "0x10", "1,5", "1.5mm", "1.5 2", "+-1", "1e999", "--1"}) {
    CAPTURE(std::string{wrong});
    CHECK_FALSE(parse_decimal_string(wrong));
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
