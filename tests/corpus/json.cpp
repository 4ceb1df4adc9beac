// The DICOM JSON model over all sample files: there and back, beside DCMTK's dcm2json, and beside pydicom both ways.
#include <codicom/data_set.hpp>
#include <codicom/data_set/person_name.hpp>
#ifdef CODICOM_WITH_CHARSETS
#include <codicom/data_set/iconv.hpp>
#endif
#include <algorithm>
#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <support/output_of.hpp>
#include <support/sample_files.hpp>
#include <vector>

using namespace codicom;
namespace fs = std::filesystem;

namespace {

// What JSON keeps of a data set: no group lengths, of a tag that is there twice the first, no padding at the end, no
// empty component groups behind the last of a name, sequences for UN of undefined length. What was odd is even.
data_set as_json_keeps_it(const data_set& d) {
  data_set kept;
  for (const auto& e : d) {
    if (e.tag().is_group_length() || kept.contains(e.tag())) continue;
    const vr v = e.value_representation();
    if (e.is_sequence()) {
      kept.set_text(e.tag(), vr::sq, "");
      for (const auto& item : e.items()) kept.add_item(e.tag(), as_json_keeps_it(item));
    } else if (is_text(v)) {
      auto text = as_text(e.bytes());
      const auto cut = [&text](std::string_view of) {
        while (!text.empty() && of.find(text.back()) != std::string_view::npos) text.remove_suffix(1);
      };
      cut(std::string_view{" \0", 2});
      if (v == vr::pn) cut("=");
      kept.set_bytes(e.tag(), v, as_bytes(text));
    } else if (e.is_encapsulated()) {
      kept.set_fragments(e.tag(), v, e.fragments());
    } else {
      kept.set_bytes(e.tag(), v, e.bytes());
    }
  }
  return kept;
}

// What all agree upon: text as UTF-8, each value without spaces around it, numbers by their value, names without empty
// components at the end of a group.
data_set meaning(data_set d) {
  d.convert_to_utf8();
  data_set kept;
  for (const auto& e : d) {
    const vr v = e.value_representation();
    if (e.tag().is_group_length() || e.tag() == tag::SpecificCharacterSet || kept.contains(e.tag())) continue;
    if (e.is_sequence()) {
      kept.set_text(e.tag(), vr::sq, "");
      for (const auto& item : e.items()) kept.add_item(e.tag(), meaning(item));
      continue;
    }
    if (!is_text(v)) {
      if (e.is_encapsulated()) kept.set_fragments(e.tag(), v, e.fragments());
      else kept.set_bytes(e.tag(), v, e.bytes());
      continue;
    }
    std::string all;
    detail::each_part(as_text(e.bytes()), is_multi_valued(v), [&](std::string_view part) {
      std::string one{detail::trimmed(part)};
      if (const auto number = parse_decimal_string(one); number && (v == vr::ds || v == vr::is))
        one = detail::number_text(*number);
      if (v == vr::pn) one = person_name{one}.str();
      all += one + '\\';
      return true;
    });
    while (!all.empty() && all.back() == '\\') all.pop_back();
    kept.set_bytes(e.tag(), v, as_bytes(all));
  }
  return kept;
}

// An element of VR UN whose VR the other toolkit knows, from a private dictionary or the public one.
bool known_to_other(const element& unknown, const element& known) {
  if (unknown.value_representation() != vr::un || unknown.is_sequence() || known.is_sequence()) return false;
  if (!is_text(known.value_representation())) return std::ranges::equal(unknown.bytes(), known.bytes());
  data_set a;
  data_set b;
  a.set_bytes(unknown.tag(), known.value_representation(), unknown.bytes());
  b.set(known);
  return meaning(a) == meaning(b);
}

// The path of the first element in which two data sets differ, with both values.
std::string difference(const data_set& a, const data_set& b) {
  const auto* x = a.begin();
  const auto* y = b.begin();
  for (; x != a.end() || y != b.end(); ++x, ++y) {
    if (y == b.end() || (x != a.end() && x->tag() < y->tag())) return to_string(x->tag()) + " only left";
    if (x == a.end() || y->tag() < x->tag()) return to_string(y->tag()) + " only right";
    data_set left;
    data_set right;
    left.set(*x);
    right.set(*y);
    if (left == right || known_to_other(*x, *y)) continue;
    const auto tag = to_string(x->tag());
    if (!x->is_sequence() || !y->is_sequence() || x->items().size() != y->items().size())
      return tag + ' ' + encode_json(left).substr(0, 200) + " / " + encode_json(right).substr(0, 200);
    for (std::size_t i = 0; i < x->items().size(); ++i)
      if (const auto inner = difference(x->items()[i], y->items()[i]); !inner.empty())
        return tag + '[' + std::to_string(i) + "]." + inner;
  }
  return {};
}

// The data sets of the sample files that can be read, with their paths.
struct sample {
  fs::path path;
  data_set value;
};
std::vector<sample> samples() {
  std::vector<sample> all;
  for (const auto& path : test_support::sample_files()) {
    try {
      all.push_back({path, read_file(path).value});
    } catch (const std::system_error& e) {
      CHECK(e.code() == errc::unsupported_transfer_syntax);
    }
  }
  return all;
}

// How `theirs`, JSON of another toolkit, differs from a data set. "" when it says the same.
std::string difference_from_json(const data_set& ours, std::string_view theirs) {
  if (theirs.empty()) return "nothing came";
  try {
    return difference(meaning(ours), meaning(decode_json(theirs)));
  } catch (const json_error& e) {
    return e.what();
  }
}

// --- what others do in another way, and who is right

constexpr auto un_sequence = "one of us reads the items of a UN of defined length, the other leaves its bytes";
constexpr auto no_json = "dcm2json gives up before it writes: it cannot read the file, or convert its text";
constexpr auto minus_zero = "dcm2json writes -0 as 0";
constexpr auto fewer_digits = "dcm2json prints doubles with one digit too many or few, which read as a neighbour";

const std::map<std::string, std::string> dcm2json_differs{
    {"cs_CTImage_JPEG2000.dcm", no_json},
    {"d4c_3gb-bulk-data-truncated", no_json},
    {"d4c_DICOMDIR", no_json},
    {"d4c_Tag-0040-A170-VR-CS.dcm", no_json},
    {"d4c_no_preamble_dicm_in_data", no_json},
    {"fo_FreezePattern.dcm", no_json},
    {"fo_GH364.dcm", no_json},
    {"fo_GH626.dcm", no_json},
    {"pdd_emri_small_jpeg_2k_lossless_too_short.dcm", no_json},
    {"pdd_explicit_VR-UN.dcm", no_json},
    {"pyd_J2K_pixelrep_mismatch.dcm", no_json},
    {"pyd_MR_truncated.dcm", no_json},
    {"pyd_SC_rgb_jpeg.dcm", no_json},
    {"17106", minus_zero},
    {"17136", minus_zero},
    {"17166", minus_zero},
    {"17196", minus_zero},
    {"6924", minus_zero},
    {"fo_GH184.dcm", minus_zero},
    {"fo_GH223.dcm", minus_zero},
    {"cs_no-pixel-spacing.dcm", fewer_digits},
    {"d4c_will-jxl.dcm", fewer_digits},
    {"dtf_sr-example_rwvm.dcm", fewer_digits},
    {"pdd_OBXXXX1A_expb.dcm", fewer_digits},
    {"pdd_OBXXXX1A_rle.dcm", fewer_digits},
    {"pyd_examples_palette.dcm", fewer_digits},
    {"djd_ele.dcm", un_sequence},
    {"fo_GH064.dcm", un_sequence},
    {"pdd_bad_sequence.dcm", un_sequence},
    {"pyd_priv_SQ.dcm", un_sequence},
    {"fo_GH1301.dcm", "dcm2json copies bytes that are not ASCII in a code string, so that its JSON is not UTF-8"},
    {"fo_GH538-jpeg1.dcm", "dcm2json writes the number 127., which JSON does not have"},
    {"fo_RI6XDosiGap.dcm", "implicit VR: curve data are OW to us (PS3.5 §A.1), OB to dcm2json"},
    {"fos_test1.dcm", "dcm2json takes the spaces out of an invalid UID"},
};

constexpr auto big_endian_words = "pydicom writes the words of OW as they stand in a big-endian file (PS3.18 §F.2.7)";
constexpr auto not_read = "pydicom cannot read the file as it is broken";

const std::map<std::string, std::string> pydicom_differs{
    {"fo_FreezePattern.dcm", not_read},
    {"fo_GH364.dcm", not_read},
    {"fo_GH177_D_CLUNIE_CT1_IVRLE_BigEndian_undefined_length.dcm", not_read},
    {"d4c_no_preamble_dicm_in_data", "pydicom takes text in the middle for the DICM of a header"},
    {"pdd_emri_small_jpeg_2k_lossless_too_short.dcm", "pydicom drops pixel data without delimiter"},
    {"fo_GH195.dcm", "a decimal string 1.9.10.0: a string to us, an error to pydicom"},
    {"fo_RI6XDosiGap.dcm", "pydicom writes the vr 'OB or OW'"},
    {"djd_ele.dcm", un_sequence},
    {"fo_GH064.dcm", un_sequence},
    {"pyd_priv_SQ.dcm", un_sequence},
    {"fo_GH626.dcm", un_sequence},
    {"d4c_Tag-0040-A170-VR-CS.dcm", "a text where a sequence should be, which pydicom reads as one empty item"},
    {"cs_CTImage_BigEndianExplicit.dcm", "pydicom knows a private UN for a number, and swaps its bytes"},
    {"fo_GH1301.dcm", "a code string with bytes that are not ASCII, which pydicom takes for ISO 8859-1"},
    {"pdd_OBXXXX1A_expb.dcm", big_endian_words},
    {"pdd_emri_small_big_endian.dcm", big_endian_words},
    {"pdd_gdcm-US-ALOKA-16_big.dcm", big_endian_words},
    {"pnd_MRImageStorage_ExplicitVRBigEndian.dcm", big_endian_words},
    {"pyd_MR_small_expb.dcm", big_endian_words},
    {"pyd_SC_rgb_small_odd_big_endian.dcm", big_endian_words},
};

constexpr auto un_as_bytes = "an attribute that pydicom knows stands there as UN: it takes the VR, but not the value";

const std::map<std::string, std::string> pydicom_does_not_take{
    {"cs_CTImage_JPEG2000.dcm", un_as_bytes},      {"d4c_Tag-0040-A170-VR-CS.dcm", un_as_bytes},
    {"pdd_bad_sequence.dcm", un_as_bytes},         {"pdd_explicit_VR-UN.dcm", un_as_bytes},
    {"fo_GH195.dcm", "a decimal string 1.9.10.0"},
};

// Text in sets of several bytes is compared too.
bool have_charsets() {
#ifdef CODICOM_WITH_CHARSETS
  return true;
#else
  MESSAGE("skipped: built without CODICOM_WITH_CHARSETS");
  return false;
#endif
}

}  // namespace

TEST_CASE("every sample file goes to JSON and back, equal up to group lengths and padding") {
  const auto all = samples();
  for (const auto& [path, value] : all) {
    CAPTURE(path.string());
    const auto expected = as_json_keeps_it(value);
    const auto back = decode_json(encode_json(value));
    CHECK(difference(expected, back) == "");
    CHECK(back == expected);
    const bool same_text = encode_json(back) == encode_json(expected);
    CHECK(same_text);
  }
  if (!all.empty()) MESSAGE(all.size(), " files went to JSON and back");
}

TEST_CASE("dcm2json writes the same of every sample file, but for known ones") {
  if (!have_charsets()) return;
  if (test_support::output_of("dcm2json --version 2>/dev/null").empty()) {
    MESSAGE("skipped: no dcm2json");
    return;
  }
  std::size_t same = 0;
  for (auto& [path, value] : samples()) {
    CAPTURE(path.string());
    auto json = test_support::output_of("dcm2json -q -fc '" + path.string() + "' 2>/dev/null");
    while (json.ends_with('\n')) json.pop_back();
    if (json.ends_with(",}")) {  // it stops at encapsulated pixel data
      json.replace(json.size() - 2, 2, "}");
      std::vector<element_tag> behind;
      for (const auto& e : value)
        if (e.tag() >= tag::PixelData) behind.push_back(e.tag());
      for (const auto tag : behind) value.erase(tag);
    }
    const auto found = difference_from_json(value, json);
    CAPTURE(found);
    CHECK(found.empty() == !dcm2json_differs.contains(path.filename().string()));
    same += found.empty();
  }
  if (same != 0) MESSAGE(same, " files written the same");
}

TEST_CASE("pydicom writes the same of every sample file, and makes the same of ours, but for known ones") {
  if (!have_charsets()) return;
  if (test_support::output_of("/usr/bin/python3 -c 'import pydicom; print(1)' 2>/dev/null").empty()) {
    MESSAGE("skipped: no pydicom");
    return;
  }
  const auto all = samples();
  const auto folder = fs::temp_directory_path() / ("codicom_json_" + generate_uid().str());
  fs::create_directories(folder);
  const auto path_of = [&](std::size_t n, const char* what) { return (folder / (std::to_string(n) + what)).string(); };
  {
    std::ofstream script{(folder / "script.py").string()};
    script << R"(
import warnings
import pydicom
warnings.simplefilter('ignore')
def write(name, make):
    try:
        text = make()
    except Exception:
        return
    open(name, 'w').write(text)
for n, path in enumerate(open('files').read().splitlines()):
    write(f'{n}.theirs', lambda: pydicom.dcmread(path, force=True).to_json())
    write(f'{n}.back', lambda: pydicom.Dataset.from_json(open(f'{n}.ours').read()).to_json())
)";
    std::ofstream list{(folder / "files").string()};
    for (std::size_t n = 0; n < all.size(); ++n) {
      list << all[n].path.string() << '\n';
      std::ofstream{path_of(n, ".ours")} << encode_json(all[n].value);
    }
  }
  test_support::output_of("cd '" + folder.string() + "' && /usr/bin/python3 script.py 2>&1");
  const auto contents = [&](std::size_t n, const char* what) {
    std::ifstream in{path_of(n, what)};
    return std::string{std::istreambuf_iterator<char>{in}, {}};
  };
  std::size_t same = 0;
  for (std::size_t n = 0; n < all.size(); ++n) {
    CAPTURE(all[n].path.string());
    const auto name = all[n].path.filename().string();
    const auto written = difference_from_json(all[n].value, contents(n, ".theirs"));
    CAPTURE(written);
    CHECK(written.empty() == !pydicom_differs.contains(name));
    const auto taken = difference_from_json(all[n].value, contents(n, ".back"));
    CAPTURE(taken);
    CHECK(taken.empty() == !pydicom_does_not_take.contains(name));
    same += written.empty() && taken.empty();
  }
  fs::remove_all(folder);
  if (same != 0) MESSAGE(same, " files written and taken the same");
}
