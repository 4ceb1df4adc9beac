#include <codicom/data_set/validate.hpp>
#include <codicom/dictionary/tags.hpp>

#include <algorithm>
#include <doctest/doctest.h>
#include <string>
#include <string_view>
#include <support/without_multi_byte_sets.hpp>

using namespace codicom;

TEST_CASE("values that keep the rules are not reported") {
  data_set object;
  object.set(tag::SpecificCharacterSet, "ISO_IR 100").set(tag::PatientName, "Buc^Jérôme").set(tag::PatientID, "1");
  object.set(tag::StudyDate, "20261122").set(tag::StudyTime, "1800").set(tag::Rows, 512).set(tag::AccessionNumber);
  object.set(tag::ImagePositionPatient, {-125.0, -128.5, 40.0});
  CHECK(validate(object).empty());
  CHECK(validate(data_set{}).empty());
}

TEST_CASE("a value that breaks a rule is reported with its path, its number and the section") {
  data_set object;
  auto& item = object.add_item(tag::RequestAttributesSequence);
  item.set_bytes(tag::StudyDate, vr::da, as_bytes("20261322"));
  item.set_bytes(tag::ImageType, vr::cs, as_bytes("ORIGINAL\\primary "));
  const auto found = validate(object);
  REQUIRE(found.size() == 2);
  CHECK(to_string(found[0]) ==
        "a character that its value representation does not allow, (0040,0275) > (0008,0008): "
        "value 2, U+0070 (PS3.5 §6.2)");
  CHECK(to_string(found[1]) ==
        "a value that its value representation does not allow, (0040,0275) > (0008,0020): "
        "no date: YYYYMMDD (PS3.5 §6.2)");
  CHECK(validate(object, 1).size() == 1);
}

TEST_CASE("bytes that the character set does not define are reported with their place") {
  data_set object;
  auto& item = object.add_item(tag::RequestAttributesSequence);
  item.set_bytes(tag::RequestedProcedureDescription, vr::lo, as_bytes("caf\xE9"));  // no character set says what E9 is
  const auto found = validate(object);
  REQUIRE(found.size() == 1);
  CHECK(found[0].what == deviation::undecodable_text);
  CHECK(found[0].path == std::vector<element_tag>{tag::RequestAttributesSequence, tag::RequestedProcedureDescription});
  CHECK(to_string(found[0]) ==
        "text that its character set cannot decode, (0040,0275) > (0032,1060): 1 byte (PS3.5 §6.1)");
}

TEST_CASE("an unknown character set is reported") {
  data_set object;
  object.set_bytes(tag::SpecificCharacterSet, vr::cs, as_bytes("KLINGON "));
  object.set_bytes(tag::PatientName, vr::pn, as_bytes("caf\xE9"));
  object.set_bytes(tag::PatientID, vr::lo, as_bytes("plain "));
  const auto found = validate(object);
  REQUIRE(found.size() == 2);
  CHECK(found[0].what == deviation::unknown_character_set);
  CHECK(found[0].detail == "'KLINGON'");
  CHECK(found[1].what == deviation::undecodable_text);
}

TEST_CASE("text in a multi-byte set is undecodable where its tables are missing") {
  data_set object;
  object.set_bytes(tag::SpecificCharacterSet, vr::cs, as_bytes("GB18030 "));
  object.set_bytes(tag::PatientName, vr::pn, as_bytes("Wang^XiaoDong=\xCD\xF5^\xD0\xA1\xB6\xAB= "));
  const test_support::without_multi_byte_sets only_single_bytes;
  const auto found = validate(object);
  REQUIRE(found.size() == 1);
  CHECK(to_string(found[0]) ==
        "text that its character set cannot decode, (0010,0010): 6 bytes; #include <codicom/data_set/iconv.hpp> in one "
        "source file of the program (PS3.5 §6.1)");
}

namespace {

struct value_row {
  element_tag tag;
  vr representation;
  std::string_view bytes;
  deviation what;
  std::string_view detail;
};

std::vector<diagnosis> found_in(element_tag tag, vr representation, std::string_view bytes,
                                const char* set = "ISO_IR 100") {
  data_set object;
  if (*set != '\0') object.set(tag::SpecificCharacterSet, set);
  object.set_bytes(tag, representation, as_bytes(bytes));
  return validate(object);
}

constexpr element_tag private_tag{0x0009, 0x1001};

const std::string of_65(65, 'x');
const std::string of_1025(1025, 'x');
const std::string of_10241(10241, 'x');

}  // namespace

TEST_CASE("bad values, each with its diagnosis") {
  using enum deviation;
  using namespace std::string_view_literals;
  const value_row rows[] = {
      // AE
      {tag::StationAETitle, vr::ae, "SEVENTEEN_LETTERS", value_too_long, "17 characters, at most 16"},
      {tag::StationAETitle, vr::ae, "  ", invalid_value, "nothing but spaces"},
      {tag::StationAETitle, vr::ae, "A\tB ", invalid_character, "U+0009"},
      {tag::StationAETitle, vr::ae, "SC\xC4N", invalid_character, "U+00C4"},
      {tag::StationAETitle, vr::ae, "SCANNER\0"sv, invalid_character, "padded with NUL"},
      // AS
      {tag::PatientAge, vr::as, "45Y ", invalid_value, "no age: nnnD, nnnW, nnnM, nnnY"},
      {tag::PatientAge, vr::as, "45Y", invalid_value, "no age: nnnD, nnnW, nnnM, nnnY"},
      {tag::PatientAge, vr::as, "045y", invalid_character, "U+0079"},
      {tag::PatientAge, vr::as, "45", invalid_value, "no age: nnnD, nnnW, nnnM, nnnY"},
      {tag::PatientAge, vr::as, "Y045", invalid_value, "no age: nnnD, nnnW, nnnM, nnnY"},
      {tag::PatientAge, vr::as, "1045Y ", value_too_long, "5 characters, at most 4"},
      // AT
      {tag::FrameIncrementPointer, vr::at, "\x18\x00"sv, invalid_length, "2 bytes, no multiple of 4"},
      {tag::FrameIncrementPointer, vr::at, "\x18\x00\x63\x10\x18\x00"sv, invalid_length, "6 bytes, no multiple of 4"},
      // CS
      {tag::Modality, vr::cs, "mr", invalid_character, "U+006D"},
      {tag::Modality, vr::cs, "M-R ", invalid_character, "U+002D"},
      {tag::Modality, vr::cs, "MR\0\0"sv, invalid_character, "padded with NUL"},
      {tag::Modality, vr::cs, "MR\\CT ", wrong_multiplicity, "2 values"},
      {tag::Modality, vr::cs, "SEVENTEEN_LETTERS", value_too_long, "17 characters, at most 16"},
      {tag::ImageType, vr::cs, "ORIGINAL", wrong_multiplicity, "1 value"},
      {tag::ImageType, vr::cs, "ORIGINAL\\PRIMARY\\axial", invalid_character, "value 3, U+0061"},
      {tag::PatientSex, vr::cs, "\xC4 ", invalid_character, "U+00C4"},
      // DA
      {tag::StudyDate, vr::da, "20261301", invalid_value, "no date: YYYYMMDD"},
      {tag::StudyDate, vr::da, "20260230", invalid_value, "no date: YYYYMMDD"},
      {tag::StudyDate, vr::da, "20250229", invalid_value, "no date: YYYYMMDD"},
      {tag::StudyDate, vr::da, "2026112", invalid_value, "no date: YYYYMMDD"},
      {tag::StudyDate, vr::da, "2026", invalid_value, "no date: YYYYMMDD"},
      {tag::StudyDate, vr::da, "2026.11.22", outdated_format, "YYYY.MM.DD"},
      {tag::StudyDate, vr::da, "2026-11-22", invalid_character, "U+002D"},
      {tag::StudyDate, vr::da, "20261101-", invalid_character, "U+002D"},
      {tag::StudyDate, vr::da, "20261122\\20261123", wrong_multiplicity, "2 values"},
      {tag::DateOfSecondaryCapture, vr::da, "today   ", invalid_character, "U+0074"},
      // DS
      {tag::SliceThickness, vr::ds, "1,5 ", invalid_character, "U+002C"},
      {tag::SliceThickness, vr::ds, "1.5mm ", invalid_character, "U+006D"},
      {tag::SliceThickness, vr::ds, "1.5.2 ", invalid_value, "no number"},
      {tag::SliceThickness, vr::ds, "1e", invalid_value, "no number"},
      {tag::SliceThickness, vr::ds, "NaN ", invalid_character, "U+004E"},
      {tag::SliceThickness, vr::ds, "1e999 ", invalid_value, "no number"},
      {tag::SliceThickness, vr::ds, "0.12345678901234567", value_too_long, "19 characters, at most 16"},
      {tag::SliceThickness, vr::ds, "1.0\0"sv, invalid_character, "padded with NUL"},
      {tag::PixelSpacing, vr::ds, "0.5 ", wrong_multiplicity, "1 value"},
      {tag::PixelSpacing, vr::ds, "0.5\\0.5\\0.5 ", wrong_multiplicity, "3 values"},
      {tag::PixelSpacing, vr::ds, "0.5\\1 2 ", invalid_value, "value 2, no number"},
      // DT
      {tag::AcquisitionDateTime, vr::dt, "20261122T1015 ", invalid_character, "U+0054"},
      {tag::AcquisitionDateTime, vr::dt, "20261322", invalid_value, "no date and time: YYYYMMDDHHMMSS.FFFFFF&ZZXX"},
      {tag::AcquisitionDateTime, vr::dt, "2026112225", invalid_value, "no date and time: YYYYMMDDHHMMSS.FFFFFF&ZZXX"},
      {tag::AcquisitionDateTime, vr::dt, "20261122+1500 ", invalid_value,
       "no date and time: YYYYMMDDHHMMSS.FFFFFF&ZZXX"},
      {tag::AcquisitionDateTime, vr::dt, "20261122-0000 ", invalid_value, "UTC is +0000"},
      {tag::AcquisitionDateTime, vr::dt, "202", invalid_value, "no date and time: YYYYMMDDHHMMSS.FFFFFF&ZZXX"},
      {tag::AcquisitionDateTime, vr::dt, "20261122101530.123456789+0100", value_too_long, "29 characters, at most 26"},
      // FL, FD, US and the other binary ones
      {tag::RecommendedDisplayFrameRateInFloat, vr::fl, "\0\0"sv, invalid_length, "2 bytes, no multiple of 4"},
      {tag::RealWorldValueSlope, vr::fd, "\0\0\0\0"sv, invalid_length, "4 bytes, no multiple of 8"},
      {tag::RealWorldValueSlope, vr::fd, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"sv, wrong_multiplicity, "2 values"},
      {tag::Rows, vr::us, "\0\1\0\1"sv, wrong_multiplicity, "2 values"},
      {tag::SimpleFrameList, vr::ul, "\0\1"sv, invalid_length, "2 bytes, no multiple of 4"},
      {tag::ReferencePixelX0, vr::sl, "\0\1\0\1\0\1"sv, invalid_length, "6 bytes, no multiple of 4"},
      {tag::ExtendedOffsetTable, vr::ov, "\0\1\0\1"sv, invalid_length, "4 bytes, no multiple of 8"},
      {private_tag, vr::sv, "\0\1"sv, invalid_length, "2 bytes, no multiple of 8"},
      {private_tag, vr::uv, "\0\1\2\3\4\5"sv, invalid_length, "6 bytes, no multiple of 8"},
      {private_tag, vr::of, "\0\1"sv, invalid_length, "2 bytes, no multiple of 4"},
      // IS
      {tag::InstanceNumber, vr::is, "1.5 ", invalid_character, "U+002E"},
      {tag::InstanceNumber, vr::is, "one ", invalid_character, "U+006F"},
      {tag::InstanceNumber, vr::is, "1-", invalid_value, "no integer"},
      {tag::InstanceNumber, vr::is, "1 2 ", invalid_value, "no integer"},
      {tag::InstanceNumber, vr::is, "2147483648", invalid_value, "beyond 32 bits"},
      {tag::InstanceNumber, vr::is, "-2147483649 ", invalid_value, "beyond 32 bits"},
      {tag::InstanceNumber, vr::is, "0000000000001", value_too_long, "13 characters, at most 12"},
      {tag::InstanceNumber, vr::is, "1\\2 ", wrong_multiplicity, "2 values"},
      // LO, SH, UC
      {tag::PatientID, vr::lo, "a\nb ", invalid_character, "U+000A"},
      {tag::PatientID, vr::lo, "\x1B$B;3\x1B(B ", invalid_character, "U+001B"},
      {tag::PatientID, vr::lo, "a\\b ", wrong_multiplicity, "2 values"},
      {tag::PatientID, vr::lo, of_65, value_too_long, "65 characters, at most 64"},
      {tag::PatientID, vr::lo, "12\x80 ", undecodable_text, "1 byte"},
      {tag::PatientID, vr::lo, "1234\0\0"sv, invalid_character, "padded with NUL"},
      {tag::PatientID, vr::lo, "\x7F ", invalid_character, "U+007F"},
      {tag::AccessionNumber, vr::sh, "SEVENTEEN_LETTERS", value_too_long, "17 characters, at most 16"},
      {tag::AccessionNumber, vr::sh, "a\tb ", invalid_character, "U+0009"},
      {tag::LongCodeValue, vr::uc, "a\rb ", invalid_character, "U+000D"},
      // LT, ST, UT
      {tag::PatientComments, vr::lt, of_10241, value_too_long, "10241 characters, at most 10240"},
      {tag::PatientComments, vr::lt, "a\x08 ", invalid_character, "U+0008"},
      {tag::InstitutionAddress, vr::st, of_1025, value_too_long, "1025 characters, at most 1024"},
      {tag::InstitutionAddress, vr::st, "a\x0B ", invalid_character, "U+000B"},
      {tag::TextValue, vr::ut, "bell\a ", invalid_character, "U+0007"},
      // PN
      {tag::PatientName, vr::pn, of_65, value_too_long, "component group 1: 65 characters, at most 64"},
      {tag::PatientName, vr::pn, "a^b^c^d^e^f ", invalid_value, "6 components, at most 5"},
      {tag::PatientName, vr::pn, "a=b=c=d ", invalid_value, "4 component groups, at most 3"},
      {tag::PatientName, vr::pn, "a\\b ", wrong_multiplicity, "2 values"},
      {tag::PatientName, vr::pn, "a\nb ", invalid_character, "U+000A"},
      {tag::OtherPatientNames, vr::pn, "a\\b^^^^^ ", invalid_value, "value 2, 6 components, at most 5"},
      // TM
      {tag::StudyTime, vr::tm, "2400", invalid_value, "no time: HHMMSS.FFFFFF"},
      {tag::StudyTime, vr::tm, "1060", invalid_value, "no time: HHMMSS.FFFFFF"},
      {tag::StudyTime, vr::tm, "101561", invalid_value, "no time: HHMMSS.FFFFFF"},
      {tag::StudyTime, vr::tm, "101", invalid_value, "no time: HHMMSS.FFFFFF"},
      {tag::StudyTime, vr::tm, "101530.1234567", invalid_value, "no time: HHMMSS.FFFFFF"},
      {tag::StudyTime, vr::tm, "10:15:30", outdated_format, "HH:MM:SS"},
      {tag::StudyTime, vr::tm, "1015-1100 ", invalid_character, "U+002D"},
      {tag::StudyTime, vr::tm, "10h15 ", invalid_character, "U+0068"},
      // UI
      {tag::SOPInstanceUID, vr::ui, "1.2.03.4", invalid_value, "no UID"},
      {tag::SOPInstanceUID, vr::ui, "1..2", invalid_value, "no UID"},
      {tag::SOPInstanceUID, vr::ui, ".1.2", invalid_value, "no UID"},
      {tag::SOPInstanceUID, vr::ui, "1.2.", invalid_value, "no UID"},
      {tag::SOPInstanceUID, vr::ui, "1.2.abc\0"sv, invalid_character, "U+0061"},
      {tag::SOPInstanceUID, vr::ui, "1.2 ", invalid_character, "U+0020"},
      {tag::SOPInstanceUID, vr::ui, "1.2\\1.3\0"sv, wrong_multiplicity, "2 values"},
      {tag::SOPInstanceUID, vr::ui, "1.2.3.4.5.6.7.8.9.10.11.12.13.14.15.16.17.18.19.20.21.22.23.24.25.26.27",
       value_too_long, "71 characters, at most 64"},
      // UR
      {tag::RetrieveURL, vr::ur, "http://a b", invalid_character, "U+0020"},
      {tag::RetrieveURL, vr::ur, "http://a\\b", invalid_character, "U+005C"},
      {tag::RetrieveURL, vr::ur, "http://\xC3\xA9 ", invalid_character, "U+00E9"},
      // Another VR than the dictionary's
      {tag::PatientID, vr::sh, "1 ", wrong_vr, "SH, not LO"},
      {tag::Rows, vr::ul, "\0\1\0\0"sv, wrong_vr, "UL, not US"},
      {tag::PixelData, vr::of, "\0\1\0\0"sv, wrong_vr, "OF, not OB or OW"},
      {tag::SmallestImagePixelValue, vr::is, "12", wrong_vr, "IS, not US or SS"},
      {tag::LUTData, vr::ss, "\0\1"sv, wrong_vr, "SS, not US or OW"},
  };
  CHECK(std::size(rows) >= 80);
  for (const auto& r : rows) {
    const auto found = found_in(r.tag, r.representation, r.bytes);
    CAPTURE(std::string{code(r.representation)});
    CAPTURE(std::string{r.bytes.substr(0, 40)});
    REQUIRE(found.size() == 1);
    CAPTURE(to_string(found[0]));
    CHECK(found[0].what == r.what);
    CHECK(found[0].detail == r.detail);
    CHECK(found[0].path == std::vector{r.tag});
    CHECK(found[0].offset == diagnosis::no_offset);
    CHECK(found[0].section.starts_with("PS3."));
  }
}

TEST_CASE("unusual values that the standard allows") {
  using namespace std::string_view_literals;
  struct row {
    element_tag tag;
    vr representation;
    std::string_view bytes;
    const char* set = "ISO_IR 100";
  };
  const row rows[] = {
      {tag::StationAETitle, vr::ae, " SCANNER"},
      {tag::PatientAge, vr::as, "000D"},
      {tag::FrameIncrementPointer, vr::at, "\x18\x00\x63\x10"sv},
      {tag::ImageType, vr::cs, "ORIGINAL\\PRIMARY\\\\M_FFE "},  // an empty value among others
      {tag::Modality, vr::cs, "  "},
      {tag::StudyDate, vr::da, "00010101"},
      {tag::StudyDate, vr::da, "20240229"},
      {tag::SliceThickness, vr::ds, " 1.5  "},
      {tag::SliceThickness, vr::ds, "+1.5E-07"},
      {tag::SliceThickness, vr::ds, "  "},
      {tag::AcquisitionDateTime, vr::dt, "2026"},
      {tag::AcquisitionDateTime, vr::dt, "20261122101530.123456+1400"},
      {tag::AcquisitionDateTime, vr::dt, "2026112210-1200 "},
      {tag::InstanceNumber, vr::is, "-2147483648 "},
      {tag::InstanceNumber, vr::is, "+1"},
      {tag::PatientComments, vr::lt, "\ta\\b\r\n\f"},
      {tag::PatientComments, vr::lt, std::string_view{of_10241}.substr(0, 10240)},
      {tag::PatientID, vr::lo, std::string_view{of_65}.substr(0, 64)},
      {tag::PatientName, vr::pn, "a^b^c^d^e=f^g=h^i "},
      {tag::PatientName, vr::pn, "^^^^"},
      {tag::StudyTime, vr::tm, "10"},
      {tag::StudyTime, vr::tm, "235960"},  // a leap second
      {tag::StudyTime, vr::tm, "101530.1  "},
      {tag::SOPInstanceUID, vr::ui, "0.0\0"sv},
      {tag::RetrieveURL, vr::ur, "https://a/b?c=%C3%A9&d=(1);e#f  "},
      {tag::TextValue, vr::ut, "C:\\a"},
      {tag::SmallestImagePixelValue, vr::ss, "\0\1"sv},
      {tag::LUTData, vr::ow, "\0\1\0\1"sv},
      {tag::PatientID, vr::un, "\x01\x02\x03\x04"},  // a writer without a dictionary
      {element_tag(0x0010, 0x0000), vr::ul, "\0\0\0\0"sv},
      {element_tag(0x0009, 0x0010), vr::lo, "SOMEBODY"},
      {private_tag, vr::lo, "a\\b\\c "},
      {element_tag(0x0018, 0xFFFE), vr::lo, "a\\b "},       // nobody knows what it is
      {element_tag(0x0008, 0x0001), vr::ul, "\0\0\0\0"sv},  // retired
      {tag::PatientName, vr::pn, "\xCE\x94", "ISO_IR 192"},
      {tag::PatientID, vr::lo, "1234567\x1B-F\xC4", "ISO 2022 IR 100\\ISO 2022 IR 126"},
  };
  for (const auto& r : rows) {
    const auto found = found_in(r.tag, r.representation, r.bytes, r.set);
    CAPTURE(std::string{r.bytes.substr(0, 40)});
    CHECK(found.empty());
    if (!found.empty()) MESSAGE(to_string(found[0]));
  }
}

TEST_CASE("characters count, not bytes") {
  std::string name;
  for (int i = 0; i < 64; ++i) name += "é";
  CHECK(found_in(tag::PatientName, vr::pn, name + '=' + name, "ISO_IR 192").empty());
  CHECK(found_in(tag::PatientName, vr::pn, name + "é", "ISO_IR 192").size() == 1);
}

TEST_CASE("terms of Specific Character Set that do not go together are reported") {
  struct row {
    const char* set;
    const char* detail;
  };
  constexpr row rows[] = {
      {"ISO 2022 IR 100", "a term of code extensions stands alone"},
      {"ISO_IR 100\\ISO_IR 126", "term 1 is none of code extensions"},
      {"ISO 2022 IR 100\\ISO_IR 192", "term 2 is none of code extensions"},
      {"ISO 2022 IR 87\\ISO 2022 IR 6", "a multi-byte set stands first"},
      {"KLINGON", "'KLINGON'"},
      {"ISO_IR 87", "'ISO_IR 87'"},  // only ISO 2022 IR 87 is one
  };
  for (const auto& r : rows) {
    CAPTURE(std::string{r.set});
    const auto found = found_in(tag::PatientID, vr::lo, "1 ", r.set);
    REQUIRE_FALSE(found.empty());
    CHECK(found[0].detail == r.detail);
    CHECK(found[0].section == "PS3.3 §C.12.1.1.2");
  }
  for (const char* good : {"ISO_IR 100", "\\ISO 2022 IR 87", "ISO 2022 IR 6\\ISO 2022 IR 126", "GB18030", "ISO_IR 13"})
    CHECK(found_in(tag::PatientID, vr::lo, "1 ", good).empty());

  // Cyrillic that no term has
  const auto found = found_in(tag::PatientID, vr::lo, "\x1B-L\xB1", "ISO 2022 IR 100\\ISO 2022 IR 126");
  REQUIRE(found.size() == 1);
  CHECK(found[0].detail == "an escape sequence to a set that (0008,0005) does not name");
}

TEST_CASE("a deep tree is judged to its last item, and no further than asked") {
  data_set object;
  data_set* at = &object;
  for (int i = 0; i < 20'000; ++i) at = &at->add_item(tag::ContentSequence);
  at->set_bytes(tag::Modality, vr::cs, as_bytes("mr"));
  const auto found = validate(object);
  REQUIRE(found.size() == 1);
  CHECK(found[0].path.size() == 20'001);

  data_set many;
  for (std::uint16_t i = 0; i < 3000; ++i)
    many.set_bytes(element_tag(0x0009, static_cast<std::uint16_t>(0x1000 + i)), vr::cs, as_bytes("mr"));
  CHECK(validate(many).size() == 1000);
  CHECK(validate(many, 5).size() == 5);
}
