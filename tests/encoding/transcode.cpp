#include "support/hex.hpp"

#include <codicom/data_set.hpp>
#include <codicom/encoding/transcode.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <doctest/doctest.h>
#include <fstream>
#include <functional>
#include <string>
#include <system_error>
#include <vector>

using namespace codicom;
using test_support::hex;

namespace {

using bytes = std::vector<std::byte>;

const unique_id& explicit_le = transfer_syntax::ExplicitVRLittleEndian;
const unique_id& implicit_le = transfer_syntax::ImplicitVRLittleEndian;
const unique_id& explicit_be = transfer_syntax::ExplicitVRBigEndian;

struct result {
  bytes output;
  std::vector<diagnosis> diagnoses;
  [[nodiscard]] std::vector<deviation> deviations() const {
    std::vector<deviation> all;
    for (const auto& d : diagnoses) all.push_back(d.what);
    return all;
  }
};

result in_pieces(byte_span input, std::size_t piece, const unique_id& from, const unique_id& to,
                 const transcode_options& options = {}) {
  result r;
  transcoder t{[&](byte_span out) { r.output.insert(r.output.end(), out.begin(), out.end()); }, from, to, options};
  for (std::size_t at = 0; at < input.size(); at += piece) t.feed(input.subspan(at, std::min(piece, input.size() - at)));
  t.finish();
  r.diagnoses = t.take_diagnoses();
  return r;
}

// However the input is cut, the same comes out.
bytes however_cut(const bytes& input, const unique_id& from, const unique_id& to, const transcode_options& options = {}) {
  const auto whole = in_pieces(input, input.size() + 1, from, to, options);
  for (std::size_t piece = 1; piece <= std::min<std::size_t>(input.size(), 40); ++piece) {
    const auto other = in_pieces(input, piece, from, to, options);
    REQUIRE(other.output == whole.output);
    REQUIRE(other.deviations() == whole.deviations());
  }
  return whole.output;
}

errc error_of(const std::function<void()>& f) {
  try {
    f();
  } catch (const std::system_error& e) {
    return static_cast<errc>(e.code().value());
  }
  return errc{};
}

// Bytes of this process that are in memory; 0 where nobody tells.
std::uint64_t resident_bytes() {
  std::ifstream in{"/proc/self/statm"};
  std::uint64_t pages = 0;
  in >> pages >> pages;
  return pages * 4096;
}

// Something of everything.
data_set example() {
  data_set d;
  d.set(tag::SOPClassUID, sop_class::MRImageStorage).set(tag::SOPInstanceUID, "1.2.3");
  d.set(tag::Modality, "MR").set(tag::PatientName, "Doe^John");
  auto& item = d.add_item(tag::ReferencedStudySequence);
  item.set(tag::ReferencedSOPClassUID, sop_class::MRImageStorage);
  item.add_item(tag::PurposeOfReferenceCodeSequence).set(tag::CodeValue, "121326");
  d.add_item(tag::ReferencedStudySequence);
  d.set(tag::ReferencedImageSequence);
  d.set(tag::Rows, 512).set(tag::PixelRepresentation, 1).set(tag::SmallestImagePixelValue, -5);
  d.set(tag::ImagePositionPatient, {-125.0, -128.5, 40.0});
  d.set(tag::FrameIncrementPointer, {element_tag{tag::FrameTime}, element_tag{tag::FrameTimeVector}});
  d.set(tag::RecommendedDisplayFrameRateInFloat, 2.5f);
  d.set(tag::RealWorldValueSlope, 3.25);
  bytes pixels(10'000);
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<std::byte>(i * 7);
  d.set(tag::PixelData, byte_span{pixels});
  return d;
}

}  // namespace

TEST_CASE("every uncompressed syntax leads to every other, element by element, however the input is cut") {
  const auto original = example();
  for (const auto& from : {explicit_le, implicit_le, explicit_be, transfer_syntax::Papyrus3ImplicitVRLittleEndian})
    for (const auto& to : {explicit_le, implicit_le, explicit_be}) {
      CAPTURE(from.str());
      CAPTURE(to.str());
      REQUIRE(is_transcodable(from, to));
      const auto input = encode(original, from);
      const auto output = however_cut(input, from, to);
      const auto back = decode(output, to, strictness::strict);
      CHECK(back.value == original);
      CHECK(however_cut(output, to, from) == transcode(output, to, from));
      CHECK(decode(transcode(output, to, from), from, strictness::strict).value == original);
      if (wire_format_of(from).explicit_vr == wire_format_of(to).explicit_vr) CHECK(output == encode(original, to));
    }
}

TEST_CASE("where headers change size, sequences and items get undefined length unless empty, and group lengths go") {
  const auto implicit = hex({"0800 0000 0400 0000 38000000"
                             "0800 1011 28000000"
                             "  FEFF 00E0 10000000  0800 5011 08000000 '1.2.840' 00"
                             "  FEFF 00E0 00000000"
                             "  FEFF 00E0 00000000"
                             "0800 4011 00000000"});
  const auto expected = hex({"0800 1011 'SQ' 0000 FFFFFFFF"
                             "  FEFF 00E0 FFFFFFFF  0800 5011 'UI' 0800 '1.2.840' 00  FEFF 0DE0 00000000"
                             "  FEFF 00E0 00000000"
                             "  FEFF 00E0 00000000"
                             "  FEFF DDE0 00000000"
                             "0800 4011 'SQ' 0000 00000000"});
  CHECK(however_cut(implicit, implicit_le, explicit_le) == expected);
  CHECK(however_cut(implicit, implicit_le, implicit_le) == implicit);
}

TEST_CASE("between little and big endian lengths stay, group lengths too") {
  const auto little = hex({"0800 0000 'UL' 0400 28000000"
                           "0800 1011 'SQ' 0000 18000000"
                           "  FEFF 00E0 10000000  0800 5011 'UI' 0800 '1.2.840' 00"
                           "2800 1000 'US' 0200 0102"
                           "2800 0900 'AT' 0400 1800 6310"
                           "0900 0110 'UN' 0000 04000000 01020304"});
  const auto big = hex({"0008 0000 'UL' 0004 00000028"
                        "0008 1110 'SQ' 0000 00000018"
                        "  FFFE E000 00000010  0008 1150 'UI' 0008 '1.2.840' 00"
                        "0028 0010 'US' 0002 0201"
                        "0028 0009 'AT' 0004 0018 1063"
                        "0009 1001 'UN' 0000 00000004 01020304"});
  CHECK(however_cut(little, explicit_le, explicit_be) == big);
  CHECK(however_cut(big, explicit_be, explicit_le) == little);
}

TEST_CASE("implicit VR becomes explicit by the dictionary: OW for what is OB or OW, UN for what nobody knows") {
  const auto implicit = hex({"0900 1000 04000000 'ACME'"
                             "0900 0110 02000000 0102"
                             "2800 0112 04000000 01020304"
                             "0054 1010 02000000 0102"
                             "0060 0030 02000000 0102"
                             "E07F 1000 02000000 0102"});
  const auto expected = hex({"0900 1000 'LO' 0400 'ACME'"
                             "0900 0110 'UN' 0000 02000000 0102"
                             "2800 0112 'OW' 0000 04000000 01020304"
                             "0054 1010 'OW' 0000 02000000 0102"
                             "0060 0030 'OW' 0000 02000000 0102"
                             "E07F 1000 'OW' 0000 02000000 0102"});
  CHECK(however_cut(implicit, implicit_le, explicit_le) == expected);
  CHECK(however_cut(expected, explicit_le, implicit_le) == implicit);
  transcode_options options;
  options.private_vr = [](std::string_view creator, element_tag tag) noexcept {
    return creator == "ACME" && tag.element() == 0x1001 ? vr::us : vr::un;
  };
  CHECK(decode(however_cut(implicit, implicit_le, explicit_be, options), explicit_be)
            .value.find(element_tag{0x0009, 0x1001})
            ->value_representation() == vr::us);
}

TEST_CASE("US or SS waits for Pixel Representation of its data set or of one around it") {
  // (0022,1452) stands before (0028,0103), in an item of (0022,1450); the item of (0028,3010) is behind it.
  const auto with = [](const std::string& root, const std::string& first, const std::string& own) {
    return hex({"2200 5014 FFFFFFFF FEFF 00E0 FFFFFFFF 2200 5214 02000000 FFFF" + own +
                " FEFF 0DE0 00000000 FEFF DDE0 00000000" + first + root +
                "2800 0601 02000000 0100 2800 1030 FFFFFFFF FEFF 00E0 FFFFFFFF 2800 0230 06000000 0001 0000 0010"
                " FEFF 0DE0 00000000 FEFF DDE0 00000000"});
  };
  const std::string is_signed = "2800 0301 02000000 0100", is_unsigned = "2800 0301 02000000 0000";
  const auto vrs = [&](const bytes& implicit, std::vector<deviation> expected = {}) {
    const auto output = however_cut(implicit, implicit_le, explicit_le);
    CHECK(in_pieces(output, output.size(), explicit_le, explicit_be).deviations().empty());
    CHECK(in_pieces(implicit, implicit.size(), implicit_le, explicit_le).deviations() == expected);
    const auto d = decode(output, explicit_le, strictness::strict).value;
    std::string all;
    all += code(d.items(tag::PixelValueMappingToCodedConceptSequence)[0].find(tag::MappedPixelValue)->value_representation());
    all += code(d.find(tag::SmallestImagePixelValue)->value_representation());
    all += code(d.items(tag::VOILUTSequence)[0].find(tag::LUTDescriptor)->value_representation());
    return all;
  };
  CHECK(vrs(with(is_signed, "", "")) == "SSSSSS");
  CHECK(vrs(with(is_unsigned, "", "")) == "USUSUS");
  CHECK(vrs(with(is_unsigned, "", is_signed)) == "SSUSUS");
  CHECK(vrs(with(is_signed, "", is_unsigned)) == "USSSSS");
  CHECK(vrs(with("", "", is_signed), {deviation::ambiguous_vr_guessed, deviation::ambiguous_vr_guessed}) == "SSUSUS");
  const std::vector guesses(3, deviation::ambiguous_vr_guessed);
  CHECK(vrs(with("", "", ""), guesses) == "USUSUS");
  // What is written between is held back as well.
  CHECK(vrs(with(is_signed, "2400 1000 02000000 'AB' 2400 1100 00000000", "")) == "SSSSSS");
}

TEST_CASE("what waits is held back up to limits.held_bytes, then it is US") {
  bytes implicit = hex({"1800 1098 02000000 FFFF 1900 0010 40420F00"});  // (0018,9810), then a long private value
  implicit.resize(implicit.size() + 1'000'000);
  const auto end = hex({"2800 0301 02000000 0100"});
  implicit.insert(implicit.end(), end.begin(), end.end());
  for (const std::uint32_t limit : {500'000u, 2'000'000u}) {
    transcode_options options;
    options.limits.held_bytes = limit;
    std::size_t held_first = 0;
    transcoder t{[&](byte_span) { held_first = held_first == 0 ? 1 : held_first; }, implicit_le, explicit_le, options};
    t.feed(byte_span{implicit}.first(400'000));
    CHECK(held_first == 0);
    for (const std::size_t piece : {implicit.size(), std::size_t{1000}}) {
      const auto r = in_pieces(implicit, piece, implicit_le, explicit_le, options);
      const bool waited = limit > 1'000'000;
      CHECK(r.deviations() == (waited ? std::vector<deviation>{} : std::vector{deviation::ambiguous_vr_guessed}));
      CHECK(decode(r.output, explicit_le).value.find(element_tag{0x0018, 0x9810})->value_representation() ==
            (waited ? vr::ss : vr::us));
    }
  }
}

TEST_CASE("many values that wait, in many items, cost no more than their number") {
  bytes implicit = hex({"2200 5014 FFFFFFFF"});
  const auto item = hex({"FEFF 00E0 0A000000 2200 5214 02000000 FFFF"});
  for (int i = 0; i < 20'000; ++i) implicit.insert(implicit.end(), item.begin(), item.end());
  for (const auto b : hex({"FEFF DDE0 00000000 2800 0301 02000000 0100"})) implicit.push_back(b);
  transcode_options options;
  options.limits.held_bytes = 16 << 20;
  const auto r = in_pieces(implicit, 4096, implicit_le, explicit_le, options);
  CHECK(r.diagnoses.empty());
  const auto d = decode(r.output, explicit_le, strictness::strict).value;
  const auto items = d.items(tag::PixelValueMappingToCodedConceptSequence);
  REQUIRE(items.size() == 20'000);
  CHECK(std::all_of(items.begin(), items.end(), [](const data_set& each) {
    return each.find(tag::MappedPixelValue)->value_representation() == vr::ss;
  }));
}

TEST_CASE("a value too long for the short form of its VR becomes UN, little endian even in big endian") {
  for (const std::uint32_t length : {65'534u, 65'536u}) {
    bytes implicit = hex({"1800 1016"});
    implicit.resize(8);
    store_le(implicit.data() + 4, length);
    for (std::uint32_t i = 0; i < length; ++i) implicit.push_back(static_cast<std::byte>('0' + i % 10));
    const auto output = in_pieces(implicit, 1000, implicit_le, explicit_le).output;
    CHECK(decode(output, explicit_le, strictness::strict).value.begin()->value_representation() ==
          (length > 65'534 ? vr::un : implicit_vr(element_tag{0x0018, 0x1610})));
    CHECK(output.size() == length + (length > 65'534 ? 12 : 8));
    CHECK(transcode(output, explicit_le, implicit_le) == implicit);
  }
  data_set d;
  d.set(tag::SelectorUSValue, std::vector<std::uint16_t>(40'000, 0x0102));
  const auto big = transcode(encode(d, implicit_le), implicit_le, explicit_be);
  const auto e = decode(big, explicit_be, strictness::strict).value;
  CHECK(e.begin()->value_representation() == vr::un);
  CHECK(e.begin()->bytes()[0] == std::byte{0x02});
  CHECK(encode(d, explicit_be) == big);
}

TEST_CASE("odd values are padded, but not inside of lengths that stay") {
  const auto odd = hex({"0800 6000 'CS' 0300 'ABC'  0800 1011 'SQ' 0000 FFFFFFFF FEFF 00E0 FFFFFFFF"
                        "0800 5011 'UI' 0300 '1.2' FEFF 0DE0 00000000 FEFF DDE0 00000000 1000 2000 'LO' 0100 'X'"});
  const auto even = hex({"0008 0060 'CS' 0004 'ABC ' 0008 1110 'SQ' 0000 FFFFFFFF FFFE E000 FFFFFFFF"
                         "0008 1150 'UI' 0004 '1.2' 00 FFFE E00D 00000000 FFFE E0DD 00000000 0010 0020 'LO' 0002 'X '"});
  CHECK(however_cut(odd, explicit_le, explicit_be) == even);
  const auto defined = hex({"0800 1011 'SQ' 0000 13000000 FEFF 00E0 0B000000 0800 5011 'UI' 0300 '1.2'"});
  const auto stays = hex({"0008 1110 'SQ' 0000 00000013 FFFE E000 0000000B 0008 1150 'UI' 0003 '1.2'"});
  CHECK(however_cut(defined, explicit_le, explicit_be) == stays);
  transcode_options repair;
  repair.repair = true;
  const auto repaired = hex({"0800 1011 'SQ' 0000 FFFFFFFF FEFF 00E0 FFFFFFFF 0800 5011 'UI' 0400 '1.2' 00"
                             "FEFF 0DE0 00000000 FEFF DDE0 00000000"});
  CHECK(however_cut(defined, explicit_le, explicit_le, repair) == repaired);
  CHECK(however_cut(defined, explicit_le, explicit_le) == defined);
}

TEST_CASE("repairing keeps fragments, and pads them") {
  const auto input = hex({"E07F 1000 'OB' 0000 FFFFFFFF FEFF 00E0 00000000 FEFF 00E0 03000000 010203 FEFF 00E0 02000000 0405"
                          "FEFF DDE0 00000000"});
  const auto expected = hex({"E07F 1000 'OB' 0000 FFFFFFFF FEFF 00E0 00000000 FEFF 00E0 04000000 01020300"
                             "FEFF 00E0 02000000 0405 FEFF DDE0 00000000"});
  const auto& jpeg = transfer_syntax::JPEGBaseline8Bit;
  transcode_options repair;
  repair.repair = true;
  CHECK(however_cut(input, jpeg, jpeg, repair) == expected);
  CHECK(however_cut(input, jpeg, jpeg) == input);
  CHECK(error_of([&] { static_cast<void>(transcode(input, explicit_le, implicit_le)); }) == errc::invalid_argument);
}

TEST_CASE("a length that lies cannot stay: it is refused, and repaired when asked") {
  // A sequence that ends inside the header of an element.
  const auto input = hex({"0800 1011 'SQ' 0000 14000000 FEFF 00E0 FFFFFFFF 0800 5011 'UI' 0200 '1.'  0800 "
                          "1000 2000 'LO' 0200 'X '"});
  CHECK(error_of([&] { static_cast<void>(transcode(input, explicit_le, explicit_be)); }) == errc::malformed_data_set);
  transcode_options repair;
  repair.repair = true;
  const auto r = in_pieces(input, input.size(), explicit_le, explicit_be, repair);
  CHECK_FALSE(r.diagnoses.empty());
  const auto d = decode(r.output, explicit_be, strictness::strict).value;
  CHECK(d.items(tag::ReferencedStudySequence)[0].contains(tag::ReferencedSOPClassUID));
  CHECK(error_of([&] { static_cast<void>(transcode(input, explicit_le, explicit_be, strictness::strict)); }) ==
        errc::malformed_data_set);
}

TEST_CASE("an item longer than its sequence is cut to it") {
  const auto input = hex({"0800 1011 'SQ' 0000 14000000 FEFF 00E0 FF000000 0800 5011 'UI' 0400 '1.2' 00"
                          "1000 2000 'LO' 0200 'X '"});
  const auto expected = hex({"0008 1110 'SQ' 0000 00000014 FFFE E000 0000000C 0008 1150 'UI' 0004 '1.2' 00"
                             "0010 0020 'LO' 0002 'X '"});
  CHECK(however_cut(input, explicit_le, explicit_be) == expected);
}

TEST_CASE("implicit VR inside a sequence written as UN stays so") {
  const auto little = hex({"0900 0110 'UN' 0000 FFFFFFFF FEFF 00E0 FFFFFFFF 2800 1000 02000000 0102 FEFF 0DE0 00000000"
                           "FEFF DDE0 00000000 2800 1000 'US' 0200 0102"});
  const auto big = hex({"0009 1001 'UN' 0000 FFFFFFFF FEFF 00E0 FFFFFFFF 2800 1000 02000000 0102 FEFF 0DE0 00000000"
                        "FEFF DDE0 00000000 0028 0010 'US' 0002 0201"});
  CHECK(however_cut(little, explicit_le, explicit_be) == big);
  CHECK(however_cut(big, explicit_be, explicit_le) == little);
  CHECK(decode(however_cut(little, explicit_le, implicit_le), implicit_le).value.items(element_tag{0x0009, 0x1001}).size() == 1);
}

TEST_CASE("input cut off inside a value gives output cut off there, and a diagnosis") {
  const auto input = encode(example(), explicit_le);
  const auto cut = byte_span{input}.first(input.size() - 1000);
  const auto r = in_pieces(cut, 4096, explicit_le, implicit_le);
  CHECK(r.deviations() == std::vector{deviation::truncated_value});
  const auto whole = transcode(input, explicit_le, implicit_le);
  REQUIRE(r.output.size() == whole.size() - 1000);
  CHECK(std::equal(r.output.begin(), r.output.end(), whole.begin()));
  CHECK(error_of([&] { static_cast<void>(transcode(cut, explicit_le, implicit_le, strictness::strict)); }) == errc::truncated);
  transcode_options repair;
  repair.repair = true;
  CHECK(error_of([&] { static_cast<void>(transcode(cut, explicit_le, implicit_le, repair)); }) == errc::truncated);
}

TEST_CASE("what is no matter of encoding alone is refused") {
  const auto refused = [](const unique_id& from, const unique_id& to) {
    CHECK_FALSE(is_transcodable(from, to));
    return error_of([&] { transcoder{[](byte_span) {}, from, to}; }) == errc::unsupported_transfer_syntax;
  };
  CHECK(refused(transfer_syntax::JPEGBaseline8Bit, explicit_le));
  CHECK(refused(explicit_le, transfer_syntax::RLELossless));
  CHECK(refused(explicit_le, transfer_syntax::JPIPReferenced));
  CHECK(refused(transfer_syntax::JPIPReferenced, transfer_syntax::JPIPHTJ2KReferenced));
  CHECK(refused(explicit_le, "1.2.840.10008.1.2.6.2"));
  CHECK(refused("1.2.3.4.5", explicit_le));
  CHECK(is_transcodable("1.2.3.4.5", "1.2.3.4.5"));
  CHECK(is_transcodable(transfer_syntax::JPEGBaseline8Bit, transfer_syntax::JPEGBaseline8Bit));
}

TEST_CASE("a standard sequence whose VR nobody knows is repaired like any other") {
  // In implicit VR it will be read as the sequence that it is, the length of its item beyond its end.
  const auto wrong = hex({"0800 4011 'RQ' 0000 14000000 FEFF 00E0 00FE0200 0800 6000 02000000 'CT' 0000"});
  transcode_options options;
  options.repair = true;
  const auto once = transcode(wrong, explicit_le, implicit_le, options);
  CHECK(decode(once, implicit_le).value.items(tag::ReferencedImageSequence)[0].text(tag::Modality) == "CT");
  CHECK(transcode(once, implicit_le, implicit_le, options) == once);
  CHECK(decode(wrong, explicit_le).value.items(tag::ReferencedImageSequence)[0].text(tag::Modality) == "CT");
}

TEST_CASE("what is written as UN is read again as what was written") {
  transcode_options repair;
  repair.repair = true;
  // Called a sequence, in big endian, and none there; in little endian an item. The first is a private creator.
  for (const auto* tag : {"0009 0010", "0009 1001", "0008 0104", "0008 1110"}) {
    const auto input = hex({tag, "'SQ' 0000 00000017 FEFF 00E0 0C000000 0800 6000 04000000 'CT' 0000 010203"
                            "0010 0020 'LO' 0002 'X '"});
    const auto once = however_cut(input, explicit_be, explicit_be, repair);
    CHECK(however_cut(once, explicit_be, explicit_be, repair) == once);
    const auto d = decode(once, explicit_be).value;
    CHECK(d.text(tag::PatientID) == "X");
    const auto first = element_tag{d.begin()->tag()};
    const bool may_hold_items = first == element_tag{0x0009, 0x1001} || first == tag::ReferencedStudySequence;
    CHECK(d.begin()->value_representation() == vr::un);
    CHECK(d.begin()->is_sequence() == may_hold_items);
    if (may_hold_items) CHECK(d.items(first)[0].text(tag::Modality) == "CT");
  }
  // Too long for the short form of its VR.
  bytes text = hex({"0800 0401 08000100 FEFF 00E0 FF000000 0800 6000 04000000"});
  text.resize(8 + 0x10008, std::byte{' '});
  const auto once = however_cut(text, implicit_le, explicit_le, repair);
  CHECK(decode(once, explicit_le).value.begin()->value_representation() == vr::un);
  CHECK(however_cut(once, explicit_le, explicit_le, repair) == once);
}

TEST_CASE("undefined length: what is a sequence in explicit VR stays one in implicit VR, and fragments never go there") {
  transcode_options repair;
  repair.repair = true;
  for (const auto* start : {"407F 1000 'OL'", "407F 1000 'SQ'", "407F 1000 'UN'", "4200 1100 'SQ'"}) {
    CAPTURE(start);
    const auto input = hex({start, "0000 FFFFFFFF FEFF 00E0 0C000000 0800 6000 04000000 'CT  ' FEFF DDE0 00000000"});
    const auto once = however_cut(input, explicit_le, implicit_le, repair);
    CHECK(however_cut(once, implicit_le, implicit_le, repair) == once);
    const auto d = decode(once, implicit_le).value;
    REQUIRE(d.begin()->is_sequence());
    CHECK(d.items(d.begin()->tag())[0].text(tag::Modality) == "CT");
  }
  for (const auto* start : {"E07F 1000 'SQ'", "E07F 1000 'OB'", "407F 1000 'OB'", "4200 1100 'OB'"}) {
    CAPTURE(start);
    const auto input = hex({start, "0000 FFFFFFFF FEFF 00E0 02000000 0102 FEFF DDE0 00000000"});
    CHECK(error_of([&] { static_cast<void>(transcode(input, explicit_le, implicit_le, repair)); }) == errc::invalid_argument);
  }
}

TEST_CASE("an empty sequence under the tag of a group length stays a sequence in implicit VR") {
  transcode_options repair;
  repair.repair = true;
  const auto input = hex({"0805 0000 'SQ' 0000 00000000 0010 0020 'LO' 0002 'X '"});
  const auto once = however_cut(input, explicit_be, implicit_le, repair);
  CHECK(once == hex({"0508 0000 FFFFFFFF FEFF DDE0 00000000 1000 2000 02000000 'X '"}));
  CHECK(however_cut(once, implicit_le, implicit_le, repair) == once);
}

TEST_CASE("limits bound what is decoded: below, at and above each") {
  const auto check = [](const bytes& input, auto codicom::limits::*limit, std::uint32_t most) {
    for (const auto allowed : {most - 1, most, most + 1}) {
      transcode_options options;
      options.limits.*limit = allowed;
      const auto error = error_of([&] { static_cast<void>(transcode(input, implicit_le, explicit_le, options)); });
      CHECK(error == (allowed < most ? errc::limit_exceeded : errc{}));
    }
  };
  bytes deep;
  for (int i = 0; i < 5; ++i)
    for (const auto b : hex({"0800 1011 FFFFFFFF FEFF 00E0 FFFFFFFF"})) deep.push_back(b);
  check(deep, &codicom::limits::depth, 5);
  check(deep, &codicom::limits::elements, 10);
  check(deep, &codicom::limits::data_set_bytes, static_cast<std::uint32_t>(deep.size()));
  check(hex({"1000 2000 06000000 313233343536"}), &codicom::limits::value_bytes, 6);
}

TEST_CASE("hundreds of MB pass in bounded memory, in pieces of bounded size") {
  constexpr std::uint32_t pixels = 256u << 20;
  for (const auto& [from, to] : {std::pair{explicit_le, implicit_le}, {implicit_le, explicit_be}}) {
    // 30 MB of small elements in items, then one value.
    bytes start = encode(example(), from);
    start.resize(start.size() - 10'000);
    store_le(start.data() + start.size() - 4, pixels);
    data_set one;
    one.add_item(tag::ReferencedImageSequence).set(tag::ReferencedSOPInstanceUID, "1.2.3.4");
    const bytes item = encode(one, from);
    std::uint64_t items = 30'000'000 / item.size();
    std::uint64_t left = pixels;
    const auto source = [&](std::span<std::byte> into) -> std::size_t {
      if (items != 0) {
        std::size_t size = 0;
        for (; items != 0 && into.size() - size >= item.size(); --items, size += item.size())
          std::copy(item.begin(), item.end(), into.begin() + static_cast<std::ptrdiff_t>(size));
        return size;
      }
      if (!start.empty()) {
        const auto size = std::min(start.size(), into.size());
        std::copy_n(start.begin(), size, into.begin());
        start.erase(start.begin(), start.begin() + static_cast<std::ptrdiff_t>(size));
        return size;
      }
      const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left, into.size()));
      left -= size;
      return size;
    };
    const auto before = resident_bytes();
    std::uint64_t most = before, out = 0, largest = 0, looked = 0;
    const auto sink = [&](byte_span piece) {
      out += piece.size();
      largest = std::max<std::uint64_t>(largest, piece.size());
      if (out - looked < (4u << 20)) return;
      looked = out;
      most = std::max(most, resident_bytes());
    };
    static_cast<void>(transcode(source, sink, from, to));
    CHECK(out > pixels + 25'000'000);
    CHECK(largest <= 64 << 10);
    CHECK(most - before < 8 << 20);
  }
}
