#include <codicom/dictionary/dictionary.hpp>
#include <codicom/dictionary/tags.hpp>

#include "support/standard_tables.hpp"
#include <cstdio>
#include <doctest/doctest.h>
#include <map>
#include <string>

using namespace codicom;

namespace {

struct sample {
  std::uint32_t tag;
  vr value_representation;
  std::uint32_t min, max, step;
  const char* keyword;
  const char* name;
  bool retired;
};

// One row of PS3.6 §6 (PS3.7 Annex E) for every VR, by hand.
constexpr sample samples[] = {
    {0x00000002, vr::ui, 1, 1, 1, "AffectedSOPClassUID", "Affected SOP Class UID", false},
    {0x00000600, vr::ae, 1, 1, 1, "MoveDestination", "Move Destination", false},
    {0x00020000, vr::ul, 1, 1, 1, "FileMetaInformationGroupLength", "File Meta Information Group Length", false},
    {0x00020001, vr::ob, 1, 1, 1, "FileMetaInformationVersion", "File Meta Information Version", false},
    {0x00080005, vr::cs, 1, 0, 1, "SpecificCharacterSet", "Specific Character Set", false},
    {0x00080008, vr::cs, 2, 0, 1, "ImageType", "Image Type", false},
    {0x00080020, vr::da, 1, 1, 1, "StudyDate", "Study Date", false},
    {0x00080030, vr::tm, 1, 1, 1, "StudyTime", "Study Time", false},
    {0x0008002A, vr::dt, 1, 1, 1, "AcquisitionDateTime", "Acquisition DateTime", false},
    {0x00080050, vr::sh, 1, 1, 1, "AccessionNumber", "Accession Number", false},
    {0x00081190, vr::ur, 1, 1, 1, "RetrieveURL", "Retrieve URL", false},
    {0x00100010, vr::pn, 1, 1, 1, "PatientName", "Patient's Name", false},
    {0x00101000, vr::lo, 1, 0, 1, "OtherPatientIDs", "Other Patient IDs", true},
    {0x00101010, vr::as, 1, 1, 1, "PatientAge", "Patient's Age", false},
    {0x00104000, vr::lt, 1, 1, 1, "PatientComments", "Patient Comments", false},
    {0x00186020, vr::sl, 1, 1, 1, "ReferencePixelX0", "Reference Pixel X0", false},
    {0x00189219, vr::ss, 1, 1, 1, "TagAngleSecondAxis", "Tag Angle Second Axis", false},
    {0x00200013, vr::is, 1, 1, 1, "InstanceNumber", "Instance Number", false},
    {0x00200032, vr::ds, 3, 3, 1, "ImagePositionPatient", "Image Position (Patient)", false},
    {0x00280009, vr::at, 1, 0, 1, "FrameIncrementPointer", "Frame Increment Pointer", false},
    {0x00280010, vr::us, 1, 1, 1, "Rows", "Rows", false},
    {0x00280106, vr::us_or_ss, 1, 1, 1, "SmallestImagePixelValue", "Smallest Image Pixel Value", false},
    {0x00283006, vr::us_or_ow, 1, 0, 1, "LUTData", "LUT Data", false},
    {0x00287FE0, vr::ur, 1, 1, 1, "PixelDataProviderURL", "Pixel Data Provider URL", false},
    {0x00380300, vr::lo, 1, 1, 1, "CurrentPatientLocation", "Current Patient Location", false},
    {0x0040A160, vr::ut, 1, 1, 1, "TextValue", "Text Value", false},
    {0x00181620, vr::is, 2, 0, 2, "VerticesOfThePolygonalShutter", "Vertices of the Polygonal Shutter", false},
    {0x0040A30A, vr::ds, 1, 0, 1, "NumericValue", "Numeric Value", false},
    {0x00540016, vr::sq, 1, 1, 1, "RadiopharmaceuticalInformationSequence", "Radiopharmaceutical Information Sequence",
     false},
    {0x00660016, vr::of, 1, 1, 1, "PointCoordinatesData", "Point Coordinates Data", false},
    {0x00660040, vr::ol, 1, 1, 1, "LongPrimitivePointIndexList", "Long Primitive Point Index List", false},
    {0x00700022, vr::fl, 2, 0, 1, "GraphicData", "Graphic Data", false},
    {0x00720083, vr::uv, 1, 0, 1, "SelectorUVValue", "Selector UV Value", false},
    {0x00720082, vr::sv, 1, 0, 1, "SelectorSVValue", "Selector SV Value", false},
    {0x7FE00001, vr::ov, 1, 1, 1, "ExtendedOffsetTable", "Extended Offset Table", false},
    {0x7FE00008, vr::of, 1, 1, 1, "FloatPixelData", "Float Pixel Data", false},
    {0x7FE00009, vr::od, 1, 1, 1, "DoubleFloatPixelData", "Double Float Pixel Data", false},
    {0x7FE00010, vr::ob_or_ow, 1, 1, 1, "PixelData", "Pixel Data", false},
    {0xFFFEE000, vr::none, 1, 1, 1, "Item", "Item", false},
};

}  // namespace

TEST_CASE("an attribute is found by tag and by keyword with what PS3.6 says of it") {
  for (const auto& row : samples) {
    CAPTURE(std::string{row.keyword});
    const auto found = find_attribute(element_tag{row.tag});
    REQUIRE(found);
    CHECK(found->tag == element_tag{row.tag});
    CHECK(found->value_representation == row.value_representation);
    CHECK(found->vm_min == row.min);
    CHECK(found->vm_max == row.max);
    CHECK(found->vm_step == row.step);
    CHECK(found->keyword == row.keyword);
    CHECK(found->name == row.name);
    CHECK(found->retired == row.retired);
    CHECK_FALSE(found->repeating);
    const auto by_keyword = find_attribute(std::string_view{row.keyword});
    REQUIRE(by_keyword);
    CHECK(by_keyword->tag.value == row.tag);
    CHECK(by_keyword->name == row.name);
  }
}

TEST_CASE("an attribute of a repeating group is found in each of its groups") {
  for (const auto group : std::initializer_list<std::uint16_t>{0x6000, 0x6002, 0x601E, 0x60FE}) {
    const auto found = find_attribute(element_tag{group, 0x3000});
    REQUIRE(found);
    CHECK(found->keyword == "OverlayData");
    CHECK(found->value_representation == vr::ob_or_ow);
    CHECK(found->tag == element_tag{group, 0x3000});
    CHECK(found->repeating);
    CHECK(implicit_vr(element_tag{group, 0x0010}) == vr::us);
  }
  CHECK(find_attribute("OverlayRows")->tag == element_tag{0x6000, 0x0010});
  CHECK(find_attribute(element_tag{0x5004, 0x0020})->keyword == "TypeOfData");
  CHECK(find_attribute(element_tag{0x7F02, 0x0010})->keyword == "VariablePixelData");
  CHECK(find_attribute(element_tag{0x0020, 0x3142})->keyword == "SourceImageIDs");
  CHECK(find_attribute(element_tag{0x0028, 0x0410})->keyword == "RowsForNthOrderCoefficients");
  CHECK(find_attribute(element_tag{0x0028, 0x0400})->keyword == "TransformLabel");  // exact ones come first
  CHECK(find_attribute(element_tag{0x0028, 0x0843})->keyword == "CodeTableLocation");
  CHECK(find_attribute(element_tag{0x1000, 0x1233})->keyword == "HuffmanTableTriplet");
  CHECK(find_attribute(element_tag{0x1010, 0x1233})->keyword == "ZonalMap");
  CHECK(find_attribute("ZonalMap")->tag == element_tag{0x1010, 0x0000});
}

TEST_CASE("an odd group is private, never a repeating one") {
  CHECK_FALSE(find_attribute(element_tag{0x6001, 0x3000}));
  CHECK_FALSE(find_attribute(element_tag{0x5001, 0x2010}));
  CHECK_FALSE(find_attribute(element_tag{0x0029, 0x0410}));
  CHECK(implicit_vr(element_tag{0x6001, 0x3000}) == vr::un);
}

TEST_CASE("group lengths and private creators follow a rule") {
  CHECK(find_attribute(element_tag{0x0008, 0x0000})->value_representation == vr::ul);
  CHECK(find_attribute(element_tag{0x0009, 0x0000})->keyword == "GroupLength");
  CHECK(find_attribute(element_tag{0x0002, 0x0000})->keyword == "FileMetaInformationGroupLength");
  CHECK(find_attribute(element_tag{0x0009, 0x0010})->keyword == "PrivateCreator");
  CHECK(find_attribute(element_tag{0x0009, 0x00FF})->value_representation == vr::lo);
  CHECK_FALSE(find_attribute(element_tag{0x0009, 0x000F}));
  CHECK_FALSE(find_attribute(element_tag{0x0009, 0x0100}));
  CHECK(implicit_vr(element_tag{0x0009, 0x0010}) == vr::lo);
  CHECK(implicit_vr(element_tag{0x0009, 0x1001}) == vr::un);
  CHECK(implicit_vr(element_tag{0x0011, 0x0000}) == vr::ul);
}

TEST_CASE("what the dictionary lacks is unknown") {
  CHECK_FALSE(find_attribute(element_tag{0x0008, 0x0003}));
  CHECK_FALSE(find_attribute(element_tag{0xFFFF, 0xFFFF}));
  CHECK_FALSE(find_attribute(element_tag{0x6000, 0x0009}));
  CHECK_FALSE(find_attribute(element_tag{0x0028, 0x0405}));
  CHECK_FALSE(find_attribute(""));
  CHECK_FALSE(find_attribute("patientname"));
  CHECK_FALSE(find_attribute("PatientNam"));
  CHECK_FALSE(find_attribute("PatientNames"));
  CHECK_FALSE(find_attribute("PrivateCreator"));  // many tags, so none
  CHECK(implicit_vr(element_tag{0x0008, 0x0003}) == vr::un);
  CHECK(implicit_vr(tag::Item) == vr::none);
  CHECK(implicit_vr(tag::PixelData) == vr::ob_or_ow);
  CHECK(keyword(tag::StudyID) == "StudyID");
  CHECK(keyword(element_tag{0x0008, 0x0003}).empty());
}

TEST_CASE("a withdrawn attribute without a keyword keeps its VR") {
  const auto found = find_attribute(element_tag{0x0018, 0x0061});
  REQUIRE(found);
  CHECK(found->keyword.empty());
  CHECK(found->retired);
  CHECK(found->value_representation == vr::ds);
}

TEST_CASE("a multiplicity says how many values are allowed") {
  const auto image_type = *find_attribute("ImageType");  // 2-n
  CHECK(image_type.allows(0));
  CHECK_FALSE(image_type.allows(1));
  CHECK(image_type.allows(2));
  CHECK(image_type.allows(99));
  const auto vertices = *find_attribute("VerticesOfThePolygonalShutter");  // 2-2n
  CHECK(vertices.allows(2));
  CHECK_FALSE(vertices.allows(3));
  CHECK(vertices.allows(4));
  const auto position = *find_attribute("ImagePositionPatient");  // 3
  CHECK_FALSE(position.allows(2));
  CHECK(position.allows(3));
  CHECK_FALSE(position.allows(4));
}

TEST_CASE("a tag is read in every way people write it") {
  CHECK(parse_tag("PatientID") == tag::PatientID);
  CHECK(parse_tag("0010,0020") == tag::PatientID);
  CHECK(parse_tag("(0010,0020)") == tag::PatientID);
  CHECK(parse_tag("00100020") == tag::PatientID);
  CHECK(parse_tag("7fe0,0010") == tag::PixelData);
  CHECK(parse_tag("(7FE0,0010)") == tag::PixelData);
  CHECK(parse_tag("0009,1001") == element_tag{0x0009, 0x1001});
  for (const char* wrong : {"", "PatientId", "0010,002", "0010,00200", "(0010,0020", "0010.0020", "0010-0020",
                            "0010002G", "0010, 0020", " 00100020", "(00100020)"})
    CHECK_FALSE(parse_tag(wrong));
}

TEST_CASE("every row of the table of facts is found as it stands there") {
  const auto rows = test_support::standard_table("dictionary.tsv");
  if (rows.empty()) {
    std::puts("skipped: no standard/dictionary.tsv");
    return;
  }
  CHECK(rows.size() == 5354);
  const std::map<std::string, vr> ambiguous{{"OB or OW", vr::ob_or_ow},
                                            {"US or SS", vr::us_or_ss},
                                            {"US or OW", vr::us_or_ow},
                                            {"US or SS or OW", vr::us_or_ss_or_ow},
                                            {"NONE", vr::none}};
  int wrong = 0;
  for (const auto& row : rows) {
    auto digits = row[0].substr(1, 4) + row[0].substr(6, 4);
    const bool pattern = digits.find('x') != std::string::npos;
    // In a pattern any digit serves that no exact row has taken; for a group an even one.
    if (pattern && digits.starts_with("0028")) digits[6] = digits[6] == 'x' ? 'E' : digits[6];
    for (std::size_t i = 0; i < digits.size(); ++i)
      if (digits[i] == 'x') digits[i] = '2';
    const element_tag tag{static_cast<std::uint32_t>(std::stoul(digits, nullptr, 16))};
    const auto found = find_attribute(tag);
    if (!found) {
      ++wrong;
      MESSAGE("missing " << row[0]);
      continue;
    }
    const auto known = ambiguous.find(row[1]);
    const auto expected = known != ambiguous.end() ? known->second : vr_from_code(row[1]);
    auto vm = std::to_string(found->vm_min);
    if (found->vm_max == 0) vm += "-" + (found->vm_step == 1 ? std::string{} : std::to_string(found->vm_step)) + "n";
    else if (found->vm_max != found->vm_min) vm += "-" + std::to_string(found->vm_max);
    const bool same = found->value_representation == expected && vm == row[2] && found->keyword == row[3] &&
                      found->name == row[4] && found->retired == (row[5] == "Y") && found->repeating == pattern &&
                      implicit_vr(tag) == expected;
    if (!same) {
      ++wrong;
      MESSAGE("differs: " << row[0] << ' ' << found->keyword << ' ' << vm);
    }
    if (row[3].empty()) continue;
    const auto by_keyword = find_attribute(std::string_view{row[3]});
    if (!by_keyword || by_keyword->keyword != row[3] || (!pattern && by_keyword->tag != tag)) {
      ++wrong;
      MESSAGE("not by keyword: " << row[3]);
    }
  }
  CHECK(wrong == 0);
}
