#include <codicom/data_set.hpp>
#ifdef CODICOM_WITH_DEFLATE
#include <codicom/encoding/deflate.hpp>
#endif
#include <algorithm>
#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <support/sample_files.hpp>
#include <vector>

using namespace codicom;
using test_support::contents;
using test_support::sample_folder;
namespace fs = std::filesystem;

namespace {

// Their names, relative to the folder.
std::vector<std::string> readable_files() {
  std::vector<std::string> names;
  for (const auto& path : test_support::sample_files())
    if (can_deflate() || path.filename() != "d4c_report_dfl")
      names.push_back(fs::relative(path, sample_folder()).string());
  return names;
}

bool has_elements_out_of_order(const dicom_file& file) {
  return std::any_of(file.diagnoses.begin(), file.diagnoses.end(),
                     [](const diagnosis& d) { return d.what == deviation::tag_out_of_order; });
}

// Files whose data set is not written back byte for byte, and why not.
const std::map<std::string, std::string> not_the_same{
    {"cs_CTImage_JPEG2000LosslessOnly.dcm", "group lengths that lie"},
    {"cs_CTImage_JPEG2000_2.dcm", "group lengths that lie"},
    {"cs_CTImage_JPEGLSLossy.dcm", "group lengths that lie"},
    {"pdd_693_J2KR.dcm", "group lengths that lie"},
    {"pdd_693_UNCI.dcm", "group lengths that lie"},
    {"pyd_693_J2KI.dcm", "group lengths that lie"},
    {"d4c_3gb-bulk-data-truncated", "pixel data cut off: the length that is there is written"},
    {"pyd_MR_truncated.dcm", "pixel data cut off"},
    {"pdd_emri_small_jpeg_2k_lossless_too_short.dcm", "no delimiter at the end: it is written"},
    {"d4c_Tag-0040-A170-VR-CS.dcm", "group lengths that lie; a code of VR CS where the dictionary has a sequence"},
    {"d4c_report_dfl", "deflated: the same after inflating"},
    {"fo_FreezePattern.dcm", "items behind a sequence that says it is empty"},
    {"fo_GH364.dcm", "items outside a sequence"},
    {"fo_GH626.dcm", "a sequence that ends inside a delimiter"},
    {"fo_GH064.dcm", "sequences as UN of a length that counts their delimiter too"},
    {"pyd_DICOMDIR-nooffset", "an item that is longer than its sequence"},
    {"pyd_SC_rgb_jpeg.dcm", "implicit VR where JPEG asks for explicit VR"},
    {"pyd_meta_missing_tsyntax.dcm", "a value of odd length is padded"},
};

}  // namespace

TEST_CASE("every sample file is read without harm, and well-formed ones are written back byte for byte") {
  const auto folder = sample_folder();
  std::size_t read = 0;
  std::size_t same = 0;
  for (const auto& name : readable_files()) {
    CAPTURE(name);
    const auto bytes = contents(folder / name);
    const auto file = read_file(folder / name);
    ++read;
    const auto original = byte_span{bytes}.subspan(static_cast<std::size_t>(file.data_set_offset));
    const auto written = encode(file.value, file.meta.transfer_syntax_uid);
    const bool equal = std::equal(written.begin(), written.end(), original.begin(), original.end());
    CHECK(equal == !not_the_same.contains(name));
    same += equal;
    // Whatever was wrong with it, what is written of it is read the same again.
    const auto again = decode(written, file.meta.transfer_syntax_uid);
    CHECK(encode(again.value, file.meta.transfer_syntax_uid) == written);
  }
#ifdef CODICOM_WITH_DEFLATE
  if (const auto path = folder / "d4c_report_dfl"; fs::exists(path)) {
    const auto file = read_file(path);
    auto bytes = contents(path);
    REQUIRE(file.diagnoses.size() == 1);  // the checksum and length of a gzip file stand behind the stream
    CHECK(file.diagnoses[0].what == deviation::trailing_bytes);
    bytes.resize(bytes.size() - 8);
    CHECK(encode(file.value, transfer_syntax::ExplicitVRLittleEndian) ==
          inflated(byte_span{bytes}.subspan(static_cast<std::size_t>(file.data_set_offset))));
  }
#endif
  if (read != 0) MESSAGE(read, " files read, ", same, " written back the same");
}

TEST_CASE("a sample file reads the same whole, in pieces, and from a mapped file") {
  const auto folder = sample_folder();
  for (const auto& name : readable_files()) {
    CAPTURE(name);
    const auto bytes = contents(folder / name);
    const auto mapped = read_file(folder / name);
    const auto whole = read_file(bytes);
    CHECK(whole.value == mapped.value);
    CHECK(whole.diagnoses.size() == mapped.diagnoses.size());
    const auto rest = byte_span{bytes}.subspan(static_cast<std::size_t>(mapped.data_set_offset));
    for (const std::size_t piece : {1u, 7u, 1460u, 65536u}) {
      if (piece < 100 && rest.size() > 50'000) continue;
      data_set_reader reader{mapped.meta.transfer_syntax_uid};
      for (std::size_t at = 0; at < rest.size(); at += piece)
        reader.feed(rest.subspan(at, std::min(piece, rest.size() - at)));
      CHECK(reader.finish() == mapped.value);
    }
  }
}

TEST_CASE("the head of a sample file is what stands before the pixel data of the whole") {
  const auto folder = sample_folder();
  for (const auto& name : readable_files()) {
    CAPTURE(name);
    const auto head = read_file(folder / name, decode_options::until(tag::PixelData));
    const auto whole = read_file(folder / name);
    if (has_elements_out_of_order(whole)) continue;
    for (const auto* e = whole.value.begin(); e != whole.value.end() && e->tag() < tag::PixelData; ++e)
      CHECK(head.value.contains(e->tag()));
    CHECK_FALSE(head.value.contains(tag::PixelData));
  }
}

TEST_CASE("explicit, implicit and big endian lead to each other and back for files without ambiguous elements") {
  const auto folder = sample_folder();
  std::size_t done = 0;
  for (const auto& name : readable_files()) {
    if (not_the_same.contains(name)) continue;
    CAPTURE(name);
    const auto file = read_file(folder / name);
    const auto format = wire_format_of(file.meta.transfer_syntax_uid);
    if (format.encapsulated || !format.explicit_vr || !file.diagnoses.empty()) continue;
    const auto& other =
        format.big_endian ? transfer_syntax::ExplicitVRLittleEndian : transfer_syntax::ExplicitVRBigEndian;
    const auto there = decode(encode(file.value, other), other, strictness::strict).value;
    CHECK(there == file.value);
    CHECK(encode(there, file.meta.transfer_syntax_uid) == encode(file.value, file.meta.transfer_syntax_uid));
    const auto implicit = encode(file.value, transfer_syntax::ImplicitVRLittleEndian);
    const auto back = decode(implicit, transfer_syntax::ImplicitVRLittleEndian).value;
    CHECK(encode(back, transfer_syntax::ImplicitVRLittleEndian) == implicit);
    ++done;
  }
  if (done != 0) CHECK(done > 50);
}
