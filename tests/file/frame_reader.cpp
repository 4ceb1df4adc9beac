#include <codicom/data_set.hpp>
#include <support/bytes_read.hpp>
#include <support/temporary_folder.hpp>

#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

using namespace codicom;
using codicom::test_support::temporary_folder;
namespace fs = std::filesystem;

namespace {

data_set an_image(unsigned rows, unsigned columns, unsigned bits, unsigned count) {
  data_set d;
  d.set(tag::SOPClassUID, sop_class::CTImageStorage).set(tag::SOPInstanceUID, "1.2.3.4");
  d.set(tag::SamplesPerPixel, 1).set(tag::PhotometricInterpretation, "MONOCHROME2");
  d.set(tag::NumberOfFrames, count).set(tag::Rows, rows).set(tag::Columns, columns).set(tag::BitsAllocated, bits);
  return d;
}

std::vector<std::byte> counting(std::size_t size) {
  std::vector<std::byte> bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>(i * 7 + (i >> 8));
  return bytes;
}

// The reader gives what `frames` has of the whole file.
void check_same(const fs::path& path) {
  const auto file = read_file(path);
  const frames all{file.value, file.meta.transfer_syntax_uid};
  frame_reader reader{path};
  REQUIRE(reader.size() == all.size());
  CHECK(reader.is_encapsulated() == all.is_encapsulated());
  for (auto i = all.size(); i-- > 0;) CHECK(reader.read(i) == all[i].copy());
}

void put(std::ofstream& to, std::initializer_list<unsigned> bytes) {
  for (const auto b : bytes) to.put(static_cast<char>(b));
}

void put_item(std::ofstream& to, std::uint32_t size) {
  put(to, {0xFE, 0xFF, 0x00, 0xE0, size & 0xFF, size >> 8 & 0xFF, size >> 16 & 0xFF, size >> 24});
}

}  // namespace

TEST_CASE("native frames are read in every syntax, byte order included") {
  const temporary_folder folder;
  const auto path = folder.path() / "frames.dcm";
  for (const auto& syntax : {transfer_syntax::ExplicitVRLittleEndian, transfer_syntax::ImplicitVRLittleEndian,
                             transfer_syntax::ExplicitVRBigEndian}) {
    auto image = an_image(3, 5, 16, 7);
    image.set_bytes(tag::PixelData, vr::ow, counting(210));
    write_file(path, image, syntax);
    check_same(path);
    CHECK(frame_reader{path}.header().text(tag::Rows) == "3");
    CHECK(frame_reader{path}.meta().transfer_syntax_uid == syntax);
    // 8 bits in words: in big endian a frame of odd length begins in the middle of a word.
    auto odd = an_image(3, 5, 8, 7);
    odd.set_bytes(tag::PixelData, vr::ow, counting(105));
    write_file(path, odd, syntax);
    check_same(path);
    auto bits = an_image(3, 5, 1, 7);
    bits.set_bytes(tag::PixelData, vr::ow, counting(14));
    write_file(path, bits, syntax);
    check_same(path);
    auto floats = an_image(3, 5, 32, 7);
    floats.set_bytes(tag::FloatPixelData, vr::of, counting(420));
    write_file(path, floats, syntax);
    check_same(path);
    auto doubles = an_image(3, 5, 64, 7);
    doubles.set_bytes(tag::DoubleFloatPixelData, vr::od, counting(840));
    write_file(path, doubles, syntax);
    check_same(path);
  }
}

TEST_CASE("encapsulated frames are read with every kind of table, right or wrong") {
  const temporary_folder folder;
  const auto path = folder.path() / "frames.dcm";
  std::vector<std::vector<std::byte>> made;
  for (std::size_t i = 0; i < 5; ++i) made.push_back(counting(99 + i));
  const std::vector<byte_span> given{made.begin(), made.end()};
  for (const auto kind : {offset_table::none, offset_table::basic, offset_table::extended}) {
    auto image = an_image(10, 10, 8, 5);
    set_encapsulated_frames(image, given, kind);
    write_file(path, image, transfer_syntax::JPEGBaseline8Bit);
    check_same(path);
    if (kind == offset_table::extended) CHECK(frame_reader{path}.read(2) == made[2]);
    CHECK(frame_reader{path}.diagnoses().empty());
  }
  // A table that leads nowhere: found out when a frame is wanted.
  auto image = an_image(10, 10, 8, 5);
  const auto table = counting(20);
  std::vector<byte_span> fragments{table};
  fragments.insert(fragments.end(), given.begin(), given.end());
  image.set_fragments(tag::PixelData, vr::ob, fragments);
  write_file(path, image, transfer_syntax::JPEGBaseline8Bit);
  check_same(path);
  frame_reader reader{path};
  static_cast<void>(reader.read(3));
  REQUIRE(reader.diagnoses().size() == 1);
  CHECK(reader.diagnoses()[0].what == deviation::bad_encapsulation);
}

TEST_CASE("limits.fragments and limits.value_bytes: below, at and above") {
  const temporary_folder folder;
  const auto path = folder.path() / "frames.dcm";
  const auto made = counting(98);
  auto image = an_image(10, 10, 8, 5);
  set_encapsulated_frames(image, std::vector<byte_span>(5, made), offset_table::none);
  write_file(path, image, transfer_syntax::JPEGBaseline8Bit);
  const auto exceeded = [&](auto limits::*limit, std::uint32_t allowed) {
    decode_options options;
    options.limits.*limit = allowed;
    try {
      frame_reader reader{path, options};
      static_cast<void>(reader.read(3));
      return false;
    } catch (const std::system_error& e) {
      CHECK(e.code() == errc::limit_exceeded);
      return true;
    }
  };
  for (const std::uint32_t allowed : {4u, 5u, 6u}) CHECK(exceeded(&limits::fragments, allowed) == (allowed < 5));
  for (const std::uint32_t allowed : {97u, 98u, 99u}) CHECK(exceeded(&limits::value_bytes, allowed) == (allowed < 98));
}

TEST_CASE("an image in several fragments for a frame is read") {
  const temporary_folder folder;
  const auto path = folder.path() / "frames.dcm";
  auto image = an_image(10, 10, 8, 2);
  const auto a = counting(40), b = counting(50), c = counting(60);
  std::vector<std::byte> table(8);
  store_le(table.data() + 4, std::uint32_t{40 + 50 + 16});
  image.set_fragments(tag::PixelData, vr::ob, std::vector<byte_span>{table, a, b, c});
  write_file(path, image, transfer_syntax::JPEGBaseline8Bit);
  check_same(path);
}

TEST_CASE("a file without frames, or cut short, has as many as there are") {
  const temporary_folder folder;
  const auto path = folder.path() / "frames.dcm";
  write_file(path, an_image(10, 10, 8, 2), transfer_syntax::ExplicitVRLittleEndian);
  CHECK(frame_reader{path}.size() == 0);
  auto image = an_image(10, 10, 8, 3);
  image.set_bytes(tag::PixelData, vr::ow, counting(300));
  write_file(path, image, transfer_syntax::ExplicitVRLittleEndian);
  fs::resize_file(path, fs::file_size(path) - 120);
  frame_reader reader{path};
  CHECK(reader.size() == 2);
  CHECK(reader.read(0).size() == 100);
  CHECK(reader.read(1).size() == 80);
  REQUIRE(reader.diagnoses().size() == 1);
  CHECK(reader.diagnoses()[0].what == deviation::truncated_value);
  CHECK_THROWS_WITH_AS(static_cast<void>(reader.read(2)), doctest::Contains("has 2 frames, no frame 2"),
                       std::system_error);
}

TEST_CASE("what cannot be read in parts says what to do") {
  const temporary_folder folder;
  const auto path = folder.path() / "frames.dcm";
  CHECK_THROWS_WITH_AS(frame_reader{"/dev/null"}, doctest::Contains("read_file"), std::system_error);
  CHECK_THROWS_AS(frame_reader{"/no/such/file"}, std::system_error);
}

TEST_CASE("a frame of a file of 1 GiB costs its size and less than 64 KiB") {
  const temporary_folder folder;
  const auto path = folder.path() / "1gib.dcm";
  constexpr std::size_t frame_size = 512 * 512 * 2;
  constexpr std::uint32_t count = 2048;
  const auto cost_of_frame = [&](std::size_t number) {
    const auto before = test_support::bytes_read();
    frame_reader reader{path};
    REQUIRE(reader.size() == count);
    CHECK(reader.read(number).size() == frame_size);
    const auto after = test_support::bytes_read();
    return before && after ? *after - *before : 0;
  };
  SUBCASE("native") {
    write_file(path, an_image(512, 512, 16, count), transfer_syntax::ExplicitVRLittleEndian);
    {
      std::ofstream out{path, std::ios::binary | std::ios::in | std::ios::ate};
      put(out, {0xE0, 0x7F, 0x10, 0, 'O', 'W', 0, 0, 0, 0, 0, 0x40});
    }
    fs::resize_file(path, fs::file_size(path) + (std::uint64_t{1} << 30));
    for (const std::size_t number : {0u, 1000u, 2047u}) CHECK(cost_of_frame(number) < frame_size + (64 << 10));
  }
  SUBCASE("encapsulated, with a basic offset table") {
    write_file(path, an_image(512, 512, 16, count), transfer_syntax::RLELossless);
    {
      std::ofstream out{path, std::ios::binary | std::ios::in | std::ios::ate};
      put(out, {0xE0, 0x7F, 0x10, 0, 'O', 'B', 0, 0, 0xFF, 0xFF, 0xFF, 0xFF});
      put_item(out, 4 * count);
      for (std::uint32_t i = 0; i < count; ++i) {
        const auto offset = i * static_cast<std::uint32_t>(frame_size + 8);
        put(out, {offset & 0xFF, offset >> 8 & 0xFF, offset >> 16 & 0xFF, offset >> 24});
      }
      for (std::uint32_t i = 0; i < count; ++i) {
        put_item(out, frame_size);
        out.seekp(frame_size, std::ios::cur);
      }
      put(out, {0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0});
    }
    for (const std::size_t number : {0u, 1000u, 2047u}) CHECK(cost_of_frame(number) < frame_size + (64 << 10));
  }
}
