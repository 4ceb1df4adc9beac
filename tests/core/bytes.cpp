#include <codicom/core/bytes.hpp>
#include <doctest/doctest.h>

#include <vector>

using namespace codicom;

TEST_CASE("a cursor reads big-endian fields in order") {
  const std::vector<std::byte> bytes{std::byte{1}, std::byte{2}, std::byte{3}, std::byte{4}, std::byte{5}, std::byte{6}, std::byte{7}};
  byte_cursor cursor{bytes};
  CHECK(cursor.u8() == 1);
  CHECK(cursor.u16() == 0x0203);
  CHECK(cursor.u32() == 0x04050607);
  CHECK(cursor.remaining() == 0);
  CHECK_FALSE(cursor.failed());
}

TEST_CASE("a cursor that is asked for more than there is gives zero and stays failed") {
  const std::vector<std::byte> bytes{std::byte{1}};
  byte_cursor cursor{bytes};
  CHECK(cursor.u16() == 0);
  CHECK(cursor.failed());
  CHECK(cursor.remaining() == 0);
  CHECK(cursor.take(1).size() + cursor.remaining() <= 1);
}

TEST_CASE("a sink patches a length that is known only afterwards") {
  std::vector<std::byte> out;
  byte_sink sink{out};
  const auto start = sink.u8(9).begin_length<std::uint16_t>();
  sink.text("abc");
  CHECK(sink.end_length<std::uint16_t>(start));
  CHECK(load_be<std::uint16_t>(out.data() + 1) == 3);
  CHECK(as_text(byte_span{out}.subspan(3)) == "abc");
}

TEST_CASE("a length that does not fit in its field is told") {
  std::vector<std::byte> out;
  byte_sink sink{out};
  const auto start = sink.begin_length<std::uint16_t>();
  sink.fill(0x10000);
  CHECK_FALSE(sink.end_length<std::uint16_t>(start));
}

TEST_CASE("numbers of both byte orders come back as they were stored") {
  std::byte at[5]{};
  store_le<std::uint32_t>(at + 1, 0x01020304);  // not aligned
  CHECK(at[1] == std::byte{4});
  CHECK(load_le<std::uint32_t>(at + 1) == 0x01020304);
  CHECK(load_be<std::uint32_t>(at + 1) == 0x04030201);
}
