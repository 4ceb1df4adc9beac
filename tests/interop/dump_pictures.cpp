// The pictures that codicom-dump draws, pixel by pixel beside those of DCMTK's dcm2pnm.
#include "harness/checks.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <doctest/doctest.h>
#include <png.h>
#include <sstream>

using namespace interop;

namespace {

struct bitmap {
  unsigned width = 0, height = 0, channels = 0;
  std::vector<std::uint8_t> bytes;
};

bitmap read_png(const fs::path& file) {
  bitmap result;
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  if (png_image_begin_read_from_file(&image, file.c_str()) == 0) return result;
  result.channels = (image.format & PNG_FORMAT_FLAG_COLOR) != 0 ? 3 : 1;
  image.format = result.channels == 3 ? PNG_FORMAT_RGB : PNG_FORMAT_GRAY;
  result.bytes.resize(PNG_IMAGE_SIZE(image));
  if (png_image_finish_read(&image, nullptr, result.bytes.data(), 0, nullptr) == 0) return {};
  result.width = image.width;
  result.height = image.height;
  return result;
}

// Binary PGM and PPM with 255 as the largest value.
bitmap read_pnm(const fs::path& file) {
  const auto text = read_text(file);
  std::istringstream in{text};
  std::string kind;
  bitmap result;
  unsigned largest = 0;
  in >> kind >> result.width >> result.height >> largest;
  in.get();
  if (!in || largest != 255) return {};
  result.channels = kind == "P6" ? 3 : 1;
  const auto from = static_cast<std::size_t>(in.tellg());
  result.bytes.assign(text.begin() + static_cast<std::ptrdiff_t>(from), text.end());
  return result;
}

struct sample {
  std::string file;
  std::vector<std::string> theirs;
  std::vector<std::string> ours;
};

}  // namespace

TEST_CASE("codicom-dump --png draws what dcm2pnm draws, but for rounding") {
  const auto data = samples();
  if (!data || !have({"dcm2pnm"})) return;
  const temp_folder folder;
  const std::vector<std::string> own_window{"+Wi", "1"};
  const std::vector<sample> all{
      {"pdd_693_UNCI.dcm", own_window, {}},                                 // signed, 14 of 16 bits, rescaled
      {"sd_CT-MONO2-16-brain", own_window, {}},                             // signed
      {"fo_CR-MONO1-10-chest", own_window, {}},                             // MONOCHROME1, no preamble
      {"djd_ele.dcm", own_window, {}},                                      // rescale slope
      {"wg4_MR4_RLE", own_window, {}},                                      // RLE
      {"fo_D_CLUNIE_CT1_RLE_FRAGS.dcm", {"+Ww", "40", "400"}, {"--window", "40,400"}},  // a frame of several fragments
      {"d4c_ovly_p01.dcm", {"+Ww", "2048", "4096"}, {"--window", "2048,4096"}},  // overlay in the unused bits
      {"d4c_NM-MONO2-16-13x-heart", {"+Wi", "1", "+F", "5"}, {"--frame", "5"}},
      {"pdd_emri_small_RLE.dcm", {"+Ww", "600", "1600", "+F", "4"}, {"--window", "600,1600", "--frame", "4"}},
      {"pdd_emri_small_big_endian.dcm", {"+Ww", "600", "1600", "+F", "4"}, {"--window", "600,1600", "--frame", "4"}},
      {"pdd_vlut_04.dcm", {"+Wl", "1"}, {}},                                // VOI LUT
      {"pyd_examples_palette.dcm", {}, {}},                                 // PALETTE COLOR
      {"d4c_US-PAL-8-10x-echo", {"+F", "3"}, {"--frame", "3"}},             // ... in RLE
      {"pyd_ExplVR_BigEnd.dcm", {}, {}},                                    // RGB by plane
      {"wg4_VL1_RLE", {}, {}},                                              // RGB in RLE
      {"d4c_US-RGB-8-esopecho", {}, {}},
      {"cs_US-YBR_FULL_422-EVRLE.dcm", {}, {}},
  };
  for (const auto& [name, theirs, ours] : all) {
    const auto file = *data / name;
    CAPTURE(name);
    const auto pnm = folder / "theirs.pnm", png = folder / "ours.png";
    std::vector<std::string> reference{"dcm2pnm", "-q", "-O"};
    reference.insert(reference.end(), theirs.begin(), theirs.end());
    reference.insert(reference.end(), {file.string(), pnm.string()});
    const auto made = run(reference);
    REQUIRE_MESSAGE(made.code == 0, made.all());
    std::vector<std::string> command{CODICOM_DUMP, "--png", png.string()};
    command.insert(command.end(), ours.begin(), ours.end());
    command.push_back(file.string());
    const auto drawn = run(command);
    REQUIRE_MESSAGE(drawn.code == 0, drawn.all());

    const auto a = read_pnm(pnm), b = read_png(png);
    REQUIRE(a.width != 0);
    REQUIRE(b.width == a.width);
    REQUIRE(b.height == a.height);
    REQUIRE(b.channels == a.channels);
    REQUIRE(b.bytes.size() == a.bytes.size());
    int largest = 0;
    for (std::size_t i = 0; i < a.bytes.size(); ++i) largest = std::max(largest, std::abs(a.bytes[i] - b.bytes[i]));
    CHECK(largest <= 1);  // dcm2pnm cuts off where we round
  }
}

TEST_CASE("codicom-dump draws what can be drawn of all sample files, and says of the others why not") {
  const auto data = samples();
  if (!data) return;
  const temp_folder folder;
  std::size_t drawn = 0, refused = 0;
  for (const auto& entry : fs::directory_iterator{*data}) {
    if (!entry.is_regular_file()) continue;
    CAPTURE(entry.path().string());
    const auto png = folder / "image.png";
    const auto result = run({CODICOM_DUMP, "--png", png.string(), entry.path().string()});
    CHECK((result.code == 0 || result.code == 1));
    if (result.code == 0) {
      CHECK(read_png(png).width != 0);
      ++drawn;
    } else {
      CHECK(result.err.find("codicom-dump: ") == 0);
      ++refused;
    }
    fs::remove(png);
  }
  MESSAGE(drawn << " drawn, " << refused << " refused");
  CHECK(drawn > 60);
}
