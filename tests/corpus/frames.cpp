// Frames of the sample files: read one by one, and RLE decoded as DCMTK does.
#include <codicom/data_set.hpp>

#include <cstdlib>
#include <doctest/doctest.h>
#include <filesystem>
#include <string>
#include <support/sample_files.hpp>
#include <support/temporary_folder.hpp>
#include <system_error>
#include <vector>

using namespace codicom;
namespace fs = std::filesystem;

namespace {

struct sample {
  fs::path path;
  dicom_file file;
};

// All that can be read without inflating it.
std::vector<sample> samples() {
  std::vector<sample> found;
  for (const auto& path : test_support::sample_files()) {
    try {
      found.push_back({path, read_file(path)});
    } catch (const std::system_error& e) {
      CHECK_MESSAGE(e.code() == errc::unsupported_transfer_syntax, e.what());
    }
  }
  return found;
}

// Three planes of bytes, as pixels of three samples.
std::vector<std::byte> side_by_side(const std::vector<std::byte>& planes) {
  std::vector<std::byte> pixels(planes.size());
  for (std::size_t i = 0; i < planes.size(); ++i) pixels[i] = planes[i % 3 * (planes.size() / 3) + i / 3];
  return pixels;
}

}  // namespace

TEST_CASE("a frame that is read alone is the frame of the whole file") {
  std::size_t count = 0;
  std::size_t images = 0;
  for (const auto& [path, file] : samples()) {
    CAPTURE(path.string());
    if (is_deflated(file.meta.transfer_syntax_uid)) {
      CHECK_THROWS_AS(frame_reader{path}, std::system_error);
      continue;
    }
    const frames all{file.value, file.meta.transfer_syntax_uid};
    frame_reader reader{path};
    CHECK(reader.size() == all.size());
    if (reader.size() != all.size()) continue;
    for (std::size_t i = 0; i < all.size(); ++i) CHECK(reader.read(i) == all[i].copy());
    count += all.size();
    images += all.empty() ? 0 : 1;
    // Every image of the collection that says how many frames it has, has them.
    if (all.format().number_of_frames && !all.empty()) CHECK(all.size() == *all.format().number_of_frames);
  }
  MESSAGE(count << " frames of " << images << " images");
}

TEST_CASE("RLE is decoded as dcmdrle does") {
  if (std::system("command -v dcmdrle >/dev/null") != 0) {
    MESSAGE("skipped: there is no program dcmdrle");
    return;
  }
  int compared = 0;
  const auto all = samples();
  for (const auto& [path, file] : all) {
    if (file.meta.transfer_syntax_uid != transfer_syntax::RLELossless) continue;
    const test_support::temporary_folder folder;
    const auto native = folder.path() / "native.dcm";
    const auto command = "dcmdrle -q '" + path.string() + "' '" + native.string() + "' 2>/dev/null";
    if (std::system(command.c_str()) != 0) continue;  // it does not know single bits
    CAPTURE(path.string());
    const auto reference = read_file(native);
    const frames ours{file.value, file.meta.transfer_syntax_uid};
    const frames theirs{reference.value};
    REQUIRE(ours.size() == theirs.size());
    std::vector<std::byte> room;
    for (std::size_t i = 0; i < ours.size(); ++i) {
      const auto decoded = decode_rle(ours[i].bytes(room), ours.format(), strictness::strict);
      auto expected = theirs[i].copy();
      if (reference.value.get(tag::PlanarConfiguration) == 1) expected = side_by_side(expected);
      CHECK(decoded.bytes == expected);
      ++compared;
    }
  }
  if (!all.empty()) CHECK(compared > 10);
  MESSAGE(compared << " frames compared");
}
