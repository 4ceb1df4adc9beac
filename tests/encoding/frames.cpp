#include <codicom/data_set.hpp>
#include <codicom/encoding/detail/frame_finder.hpp>
#include <support/hex.hpp>

#include <doctest/doctest.h>
#include <initializer_list>
#include <string>
#include <type_traits>
#include <vector>

using namespace codicom;
using codicom::test_support::hex;

namespace {

data_set an_image(unsigned rows, unsigned columns, unsigned bits, unsigned count) {
  data_set d;
  d.set(tag::SamplesPerPixel, 1).set(tag::PhotometricInterpretation, "MONOCHROME2");
  d.set(tag::NumberOfFrames, count).set(tag::Rows, rows).set(tag::Columns, columns).set(tag::BitsAllocated, bits);
  return d;
}

// An image of fragments that are given as text, the first the offset table.
data_set of_fragments(unsigned count, std::initializer_list<std::string> fragments) {
  auto d = an_image(2, 2, 8, count);
  std::vector<byte_span> spans;
  for (const auto& fragment : fragments) spans.push_back(as_bytes(fragment));
  d.set_fragments(tag::PixelData, vr::ob, spans);
  return d;
}

std::string table(std::initializer_list<std::uint32_t> offsets) {
  std::string bytes;
  for (const auto offset : offsets)
    for (int i = 0; i < 4; ++i) bytes += static_cast<char>(offset >> (8 * i) & 0xFF);
  return bytes;
}

std::string wide_table(std::initializer_list<std::uint64_t> offsets) {
  std::string bytes;
  for (const auto offset : offsets)
    for (int i = 0; i < 8; ++i) bytes += static_cast<char>(offset >> (8 * i) & 0xFF);
  return bytes;
}

// What is in each frame, in text.
std::vector<std::string> texts(const frames& all) {
  std::vector<std::string> found;
  std::vector<std::byte> room;
  for (const auto& f : all) found.emplace_back(as_text(f.bytes(room)));
  return found;
}

std::vector<std::string> texts(const data_set& image, const unique_id& syntax = {}) {
  return texts(frames{image, syntax});
}

using list = std::vector<std::string>;

// Codestreams in miniature: SOI, what is in it, EOI.
std::string jpeg(const std::string& inside) { return "\xFF\xD8\xFF" + inside + "\xFF\xD9"; }

// Frames of a data set that is gone at the end of the line would be views of nothing.
static_assert(std::is_constructible_v<frames, const data_set&, unique_id>);
static_assert(!std::is_constructible_v<frames, data_set, unique_id> && !std::is_constructible_v<frames, data_set>);
static_assert(!std::is_constructible_v<frames, const data_set>);

}  // namespace

TEST_CASE("native frames lie side by side and are not copied") {
  auto d = an_image(2, 3, 16, 4);
  std::vector<std::byte> pixels(48);
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<std::byte>(i);
  d.set_bytes(tag::PixelData, vr::ow, byte_span{pixels});
  const frames all{d};
  CHECK_FALSE(all.is_encapsulated());
  CHECK(all.diagnoses().empty());
  REQUIRE(all.size() == 4);
  std::vector<std::byte> room;
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(all[i].size() == 12);
    CHECK(all[i].bytes(room).data() == d.bytes(tag::PixelData).data() + 12 * i);
    CHECK(all[i].copy().front() == static_cast<std::byte>(12 * i));
  }
  CHECK(room.empty());
}

TEST_CASE("frames of single bits begin inside a byte") {
  auto d = an_image(1, 3, 1, 5);  // 15 bits: 101 010 110 111 001, the first bit is the lowest
  d.set_bytes(tag::PixelData, vr::ob, hex({"D5 4E"}));
  const frames all{d};
  REQUIRE(all.size() == 5);
  CHECK(all.diagnoses().empty());
  const auto bits = hex({"05 02 03 07 04"});
  for (std::size_t i = 0; i < 5; ++i) {
    CAPTURE(i);
    CHECK(all[i].first_bit() == i * 3 % 8);
    REQUIRE(all[i].copy().size() == 1);
    CHECK((all[i].copy()[0] & std::byte{7}) == bits[i]);
  }
}

TEST_CASE("a padding byte behind an odd number of bytes is nothing to speak of") {
  auto d = an_image(3, 3, 8, 1);
  d.set_bytes(tag::PixelData, vr::ob, std::vector<std::byte>(9));
  CHECK(d.bytes(tag::PixelData).size() == 10);
  CHECK(frames{d}.diagnoses().empty());
  CHECK(frames{d}[0].size() == 9);
}

TEST_CASE("frames that are missing, cut short or too many are said") {
  auto d = an_image(2, 2, 8, 4);
  d.set_bytes(tag::PixelData, vr::ob, std::vector<std::byte>(10));
  const frames cut{d};
  REQUIRE(cut.size() == 3);
  CHECK(cut[1].size() == 4);
  CHECK(cut[2].size() == 2);
  REQUIRE(cut.diagnoses().size() == 1);
  CHECK(to_string(cut.diagnoses()[0]) == "a value cut short, (7FE0,0010): 2 whole frames of 4 (PS3.5 §8.1.1)");
  d.set(tag::NumberOfFrames, 2);
  const frames more{d};
  CHECK(more.size() == 2);
  REQUIRE(more.diagnoses().size() == 1);
  CHECK(more.diagnoses()[0].what == deviation::trailing_bytes);
  d.set(tag::NumberOfFrames, 4'000'000'000u);
  CHECK(frames{d}.size() == 3);
}

TEST_CASE("an image without a size has no frames, and says what it lacks") {
  data_set d;
  CHECK(frames{d}.empty());
  CHECK(frames{d}.diagnoses().empty());
  d.set_bytes(tag::PixelData, vr::ow, std::vector<std::byte>(10));
  CHECK(frames{d}.empty());
  REQUIRE(frames{d}.diagnoses().size() == 1);
  CHECK(frames{d}.diagnoses()[0].what == deviation::missing_element);
}

TEST_CASE("YBR_FULL_422 has two samples for a pixel") {
  auto d = an_image(2, 2, 8, 2);
  d.set(tag::SamplesPerPixel, 3).set(tag::PhotometricInterpretation, "YBR_FULL_422");
  d.set_bytes(tag::PixelData, vr::ob, std::vector<std::byte>(16));
  CHECK(frames{d}.size() == 2);
  CHECK(frames{d}[1].size() == 8);
  CHECK(frames{d}.diagnoses().empty());
}

TEST_CASE("Float and Double Float Pixel Data have frames too") {
  auto d = an_image(2, 2, 0, 2);
  d.set_bytes(tag::FloatPixelData, vr::of, std::vector<std::byte>(32));
  CHECK(frames{d}.size() == 2);
  CHECK(frames{d}[1].size() == 16);
  d.erase(tag::FloatPixelData);
  d.set_bytes(tag::DoubleFloatPixelData, vr::od, std::vector<std::byte>(64));
  CHECK(frames{d}.size() == 2);
  CHECK(frames{d}[1].size() == 32);
}

TEST_CASE("the basic offset table tells the frames apart") {
  const auto d = of_fragments(2, {table({0, 20}), "aa", "bb", "cccc"});
  const frames all{d};
  CHECK(texts(all) == list{"aabb", "cccc"});
  CHECK(all.diagnoses().empty());
  REQUIRE(all[0].piece_count() == 2);
  CHECK(as_text(all[0].piece(1)) == "bb");
  std::vector<std::byte> room;
  CHECK(all[1].bytes(room).data() == all[1].piece(0).data());  // in one piece: not copied
}

TEST_CASE("one frame has all fragments, with a table or without") {
  CHECK(texts(of_fragments(1, {"", "aa", "bb"})) == list{"aabb"});
  CHECK(texts(of_fragments(1, {table({0}), "aa", "bb"})) == list{"aabb"});
  auto unsaid = of_fragments(1, {"", "aa", "bb"});
  unsaid.erase(tag::NumberOfFrames);
  CHECK(texts(unsaid) == list{"aabb"});
  CHECK(frames{unsaid}.diagnoses().empty());
}

TEST_CASE("without a table there is a fragment for each frame when the numbers agree") {
  const auto d = of_fragments(3, {"", "aa", "bb", "cc"});
  CHECK(texts(d) == list{"aa", "bb", "cc"});
  CHECK(frames{d}.diagnoses().empty());
}

TEST_CASE("without a table codestreams tell the frames apart") {
  SUBCASE("JPEG") {
    const auto a = jpeg("a"), b = jpeg("bbb");
    const auto d = of_fragments(2, {"", a.substr(0, 4), a.substr(4), b.substr(0, 4), b.substr(4)});
    CHECK(texts(d) == list{a, b});
    CHECK(frames{d}.diagnoses().empty());
  }
  SUBCASE("a fragment that begins like a JPEG while none has ended is no frame") {
    const auto d = of_fragments(2, {"", "\xFF\xD8\xFF...", "\xFF\xD8\xFF in it", jpeg("b").substr(2) + "  ", jpeg("c")});
    CHECK(texts(d).size() != 4);
  }
  SUBCASE("JPEG with padding behind its end") {
    const auto d = of_fragments(2, {"", "\xFF\xD8\xFF" "a", "bcd\xFF\xD9", "\xFF\xD8\xFF" "abc\xFF\xD9"});
    REQUIRE(frames{d}.size() == 2);
    CHECK(frames{d}[1].size() == 8);
  }
  SUBCASE("JPEG 2000") {
    const std::string start = "\xFF\x4F\xFF\x51";
    const auto d = of_fragments(2, {"", start + "a\xFF\xD9 ", start + "bb", "b\xFF\xD9 "});
    CHECK(frames{d}.size() == 2);
    CHECK(frames{d}[1].piece_count() == 2);
    CHECK(frames{d}.diagnoses().empty());
  }
  SUBCASE("RLE") {
    std::string header(64, '\0');
    header[0] = 1;
    header[4] = 64;
    const auto d = of_fragments(2, {"", header, "aa", header + "bb"});
    CHECK(texts(d) == list{header + "aa", header + "bb"});
    CHECK(frames{d}.diagnoses().empty());
  }
  SUBCASE("the number of codestreams is believed, and the contradiction is said") {
    const auto d = of_fragments(2, {"", jpeg("a"), jpeg("b"), jpeg("c")});
    CHECK(frames{d}.size() == 3);
    REQUIRE(frames{d}.diagnoses().size() == 1);
    CHECK(frames{d}.diagnoses()[0].detail == "3 codestreams for 2 frames");
  }
}

TEST_CASE("frames that nothing tells apart are left out, with a diagnosis") {
  const auto d = of_fragments(2, {"", "aa", "bb", "cc"});
  CHECK(frames{d}.empty());
  REQUIRE(frames{d}.diagnoses().size() == 1);
  CHECK(to_string(frames{d}.diagnoses()[0]) ==
        "badly encapsulated pixel data, (7FE0,0010): 3 fragments for 2 frames, and nothing that tells which belong "
        "together (PS3.5 §A.4)");
}

TEST_CASE("fewer fragments than frames are a frame each") {
  const auto d = of_fragments(4, {"", "aa", "bb"});
  CHECK(texts(d) == list{"aa", "bb"});
  CHECK(frames{d}.diagnoses().size() == 1);
}

TEST_CASE("a basic offset table that is wrong is put right or passed over") {
  const auto detail = [](const data_set& d) {
    const frames all{d};
    return all.diagnoses().empty() ? std::string{} : all.diagnoses()[0].detail;
  };
  SUBCASE("counted from another byte") {
    const auto d = of_fragments(2, {table({16, 36}), "aa", "bb", "cccc"});
    CHECK(texts(d) == list{"aabb", "cccc"});
    CHECK(detail(d).find("put right") != std::string::npos);
  }
  SUBCASE("counted without the item headers") {
    const auto d = of_fragments(2, {table({0, 4}), "aa", "bb", "cccc"});
    CHECK(texts(d) == list{"aabb", "cccc"});
    CHECK(detail(d).find("put right") != std::string::npos);
  }
  SUBCASE("pointing nowhere") {
    const auto d = of_fragments(3, {table({0, 7, 14}), "aa", "bb", "cc"});
    CHECK(texts(d) == list{"aa", "bb", "cc"});
    CHECK(detail(d).find("passed over") != std::string::npos);
  }
  SUBCASE("all zero") {
    const auto d = of_fragments(3, {table({0, 0, 0}), "aa", "bb", "cc"});
    CHECK(texts(d) == list{"aa", "bb", "cc"});
    CHECK(detail(d).find("passed over") != std::string::npos);
  }
  SUBCASE("one entry for many frames") {
    const auto d = of_fragments(3, {table({0}), "aa", "bb", "cc"});
    CHECK(texts(d) == list{"aa", "bb", "cc"});
    CHECK(detail(d) == "the basic offset table has 1 entries for 3 frames");
  }
  SUBCASE("more entries than frames, and nothing else to go by") {
    const auto d = of_fragments(2, {table({0, 20, 30}), "aa", "bb", "cc", "dd"});
    CHECK(texts(d) == list{"aabb", "cc", "dd"});
    CHECK(detail(d) == "the basic offset table has 3 entries for 2 frames");
  }
  SUBCASE("no Number of Frames") {
    auto d = of_fragments(2, {table({0, 20}), "aa", "bb", "cccc"});
    d.erase(tag::NumberOfFrames);
    CHECK(texts(d) == list{"aabb", "cccc"});
    CHECK(frames{d}.diagnoses().empty());
  }
}

TEST_CASE("an extended offset table gives frames without their padding") {
  auto d = of_fragments(2, {"", "aaaa", std::string{"bbb\0", 4}});
  d.set_bytes(tag::ExtendedOffsetTable, vr::ov, as_bytes(wide_table({0, 12})));
  d.set_bytes(tag::ExtendedOffsetTableLengths, vr::ov, as_bytes(wide_table({4, 3})));
  CHECK(texts(d) == list{"aaaa", "bbb"});
  CHECK(frames{d}.diagnoses().empty());
  SUBCASE("lengths that cannot be are passed over") {
    d.set_bytes(tag::ExtendedOffsetTableLengths, vr::ov, as_bytes(wide_table({4, 0})));
    CHECK(texts(d) == list{"aaaa", std::string{"bbb\0", 4}});
    REQUIRE(frames{d}.diagnoses().size() == 1);
    CHECK(frames{d}.diagnoses()[0].section == "PS3.3 §C.7.6.3.1.8");
  }
  SUBCASE("so are offsets") {
    d.set_bytes(tag::ExtendedOffsetTable, vr::ov, as_bytes(wide_table({0, 1ull << 40})));
    CHECK(texts(d) == list{"aaaa", "bbb"});
    CHECK(frames{d}.diagnoses().size() == 1);
  }
}

TEST_CASE("a video is one stream") {
  const auto d = of_fragments(300, {"", "aa", "bb"});
  CHECK(texts(d, transfer_syntax::MPEG4HP41) == list{"aabb"});
  CHECK(texts(d, transfer_syntax::HEVCMP51) == list{"aabb"});
  CHECK(texts(d, transfer_syntax::MPEG2MPMLF) == list{"aabb"});
  CHECK(texts(d, transfer_syntax::JPEGXLLossless) != list{"aabb"});
}

TEST_CASE("pixel data made of frames give them back") {
  const std::string a = jpeg("a"), b = jpeg("bb"), c = jpeg("");
  const std::vector<byte_span> given{as_bytes(a), as_bytes(b), as_bytes(c)};
  for (const auto kind : {offset_table::none, offset_table::basic, offset_table::extended}) {
    data_set d;
    d.set(tag::Rows, 1).set(tag::Columns, 1).set(tag::BitsAllocated, 8);
    set_encapsulated_frames(d, given, kind);
    CHECK(d.get(tag::NumberOfFrames) == 3);
    const auto& fragments = d.find(tag::PixelData)->fragments();
    REQUIRE(fragments.size() == 4);
    CHECK(fragments[0].size() == (kind == offset_table::basic ? 12 : 0));
    CHECK(d.contains(tag::ExtendedOffsetTable) == (kind == offset_table::extended));
    const auto again =
        decode(encode(d, transfer_syntax::JPEGBaseline8Bit), transfer_syntax::JPEGBaseline8Bit, strictness::strict);
    const frames all{again.value};
    CHECK(all.diagnoses().empty());
    REQUIRE(all.size() == 3);
    if (kind == offset_table::extended) {
      CHECK(texts(all) == list{a, b, c});
    } else {
      CHECK(texts(all) == list{a, b + '\0', c + '\0'});
    }
  }
}

TEST_CASE("offsets beyond 4 GiB, which start again at 0, are followed") {
  // Nobody holds such an image in memory for a test: sizes are told, not had.
  struct huge {
    [[nodiscard]] static std::size_t count() { return 4; }
    [[nodiscard]] static std::uint64_t size(std::size_t) { return 3'000'000'000; }
    [[nodiscard]] static byte_span head(std::size_t) { return {}; }
    [[nodiscard]] static byte_span tail(std::size_t) { return {}; }
  } fragments;
  constexpr std::uint64_t step = 3'000'000'008;
  const auto wrapped = table({0, static_cast<std::uint32_t>(step), static_cast<std::uint32_t>(2 * step),
                              static_cast<std::uint32_t>(3 * step)});
  std::vector<diagnosis> diagnoses;
  const auto index =
      detail::frame_finder{fragments, {as_bytes(wrapped), {}, {}}, diagnoses}.find(std::uint32_t{4}, false);
  CHECK(index.size() == 4);
  CHECK(diagnoses.empty());
}
