#include <codicom/data_set.hpp>
#include <support/hex.hpp>

#include <doctest/doctest.h>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

using namespace codicom;
using codicom::test_support::hex;

namespace {

frame_format a_format(unsigned rows, unsigned columns, unsigned bits, unsigned samples = 1) {
  frame_format f;
  f.rows = static_cast<std::uint16_t>(rows);
  f.columns = static_cast<std::uint16_t>(columns);
  f.bits_allocated = static_cast<std::uint16_t>(bits);
  f.samples_per_pixel = static_cast<std::uint16_t>(samples);
  return f;
}

// Header and segments (PS3.5 §G.4, §G.5).
std::vector<std::byte> rle(std::initializer_list<std::string_view> segments) {
  std::vector<std::byte> bytes(64);
  store_le(bytes.data(), static_cast<std::uint32_t>(segments.size()));
  std::size_t i = 1;
  for (const auto segment : segments) {
    store_le(bytes.data() + 4 * i++, static_cast<std::uint32_t>(bytes.size()));
    const auto part = hex({segment});
    bytes.insert(bytes.end(), part.begin(), part.end());
  }
  return bytes;
}

errc code_of(byte_span frame, const frame_format& format, strictness mode = strictness::tolerant) {
  try {
    static_cast<void>(decode_rle(frame, format, mode));
  } catch (const std::system_error& e) {
    return static_cast<errc>(e.code().value());
  }
  return {};
}

}  // namespace

TEST_CASE("literal runs, repeated bytes and the code without output are decoded") {
  // 02: three as they are; FE: the next one three times; 80: nothing; 00: one; padding
  const auto result = decode_rle(rle({"02 01 02 03 FE 07 80 00 09 00"}), a_format(1, 7, 8));
  CHECK(result.bytes == hex({"01 02 03 07 07 07 09"}));
  CHECK(result.diagnoses.empty());
}

TEST_CASE("the longest runs are 128 bytes") {
  const auto result = decode_rle(rle({"81 AA 81 BB"}), a_format(2, 128, 8));
  REQUIRE(result.bytes.size() == 256);
  CHECK(result.bytes[127] == std::byte{0xAA});
  CHECK(result.bytes[128] == std::byte{0xBB});
  CHECK(result.diagnoses.empty());
}

TEST_CASE("the first segment holds the most significant bytes, and the result is little endian") {
  CHECK(decode_rle(rle({"01 12 56", "01 34 78"}), a_format(1, 2, 16)).bytes == hex({"34 12 78 56"}));
  CHECK(decode_rle(rle({"00 01", "00 02", "00 03", "00 04"}), a_format(1, 1, 32)).bytes == hex({"04 03 02 01"}));
}

TEST_CASE("colours come out side by side") {
  CHECK(decode_rle(rle({"01 11 12", "01 21 22", "01 31 32"}), a_format(1, 2, 8, 3)).bytes ==
        hex({"11 21 31 12 22 32"}));
  CHECK(decode_rle(rle({"00 11", "00 12", "00 21", "00 22", "00 31", "00 32"}), a_format(1, 1, 16, 3)).bytes ==
        hex({"12 11 22 21 32 31"}));
}

TEST_CASE("single bits stay packed, in one segment") {
  CHECK(decode_rle(rle({"01 D5 4E"}), a_format(3, 5, 1)).bytes == hex({"D5 4E"}));
}

TEST_CASE("what is missing at the end is zero, with a diagnosis; strictly it is an error") {
  const auto short_one = rle({"00 01 FE"});
  const auto result = decode_rle(short_one, a_format(1, 4, 8));
  CHECK(result.bytes == hex({"01 00 00 00"}));
  REQUIRE(result.diagnoses.size() == 1);
  CHECK(result.diagnoses[0].detail == "segment 1 lacks 3 bytes");
  CHECK(code_of(short_one, a_format(1, 4, 8), strictness::strict) == errc::truncated);
}

TEST_CASE("bytes beyond the frame are not written") {
  CHECK(decode_rle(rle({"81 AA"}), a_format(1, 3, 8)).bytes == hex({"AA AA AA"}));
  CHECK(decode_rle(rle({"03 01 02 03 04"}), a_format(1, 3, 8)).bytes == hex({"01 02 03"}));
}

TEST_CASE("segments that lie outside of the frame are missing") {
  auto bytes = rle({"00 01", "00 02"});
  store_le(bytes.data() + 8, std::uint32_t{0xFFFFFFF0});
  const auto result = decode_rle(bytes, a_format(1, 1, 16));
  CHECK(result.bytes == hex({"00 00"}));
  CHECK(result.diagnoses.size() == 2);
}

TEST_CASE("what is no RLE frame of this image is an error") {
  const auto good = rle({"00 01"});
  CHECK(code_of(byte_span{good}.first(63), a_format(1, 1, 8)) == errc::truncated);
  CHECK(code_of(good, a_format(1, 1, 16)) == errc::malformed_data_set);
  CHECK(code_of(good, a_format(1, 1, 8, 3)) == errc::malformed_data_set);
  CHECK(code_of(good, a_format(1, 1, 12)) == errc::malformed_data_set);
  CHECK(code_of(good, a_format(1, 1, 0)) == errc::malformed_data_set);
  CHECK(code_of(good, a_format(1, 1, 8, 0)) == errc::malformed_data_set);
}

TEST_CASE("a size takes no memory that the bytes cannot fill") {
  CHECK(code_of(rle({"81 AA"}), a_format(65535, 65535, 8)) == errc::truncated);
}

TEST_CASE("an image of no rows has a frame of no bytes") {
  const auto result = decode_rle(rle({"00 01", "00 02"}), a_format(0, 7, 16));
  CHECK(result.bytes.empty());
  CHECK(result.diagnoses.empty());
}
