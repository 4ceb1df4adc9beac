#include <codicom/dictionary/attribute.hpp>
#include <codicom/dictionary/tags.hpp>

#include <doctest/doctest.h>
#include <type_traits>

using namespace codicom;

// PS3.6 §6, copied by hand: the type of a constant carries VR and VM.
static_assert(std::is_same_v<decltype(tag::Rows), const attribute<vr::us, 1>>);
static_assert(std::is_same_v<decltype(tag::PatientName), const attribute<vr::pn, 1>>);
static_assert(std::is_same_v<decltype(tag::ImageType), const attribute<vr::cs, 2, 0>>);  // 2-n
static_assert(std::is_same_v<decltype(tag::PixelData), const attribute<vr::ob_or_ow, 1>>);
static_assert(std::is_same_v<decltype(tag::SmallestImagePixelValue), const attribute<vr::us_or_ss, 1>>);
static_assert(std::is_same_v<decltype(tag::LUTDescriptor), const attribute<vr::us_or_ss, 3>>);
static_assert(std::is_same_v<decltype(tag::LUTData), const attribute<vr::us_or_ow, 1, 0>>);
static_assert(std::is_same_v<decltype(tag::ImageOrientationPatient), const attribute<vr::ds, 6>>);
static_assert(std::is_same_v<decltype(tag::OtherPatientIDs), const attribute<vr::lo, 1, 0>>);  // retired
static_assert(std::is_same_v<decltype(tag::Item), const attribute<vr::none, 1>>);
static_assert(std::is_same_v<decltype(tag::FailedSOPInstanceUIDList), const attribute<vr::ui, 1, 0>>);

static_assert(tag::Rows.value == 0x00280010);
static_assert(tag::AffectedSOPClassUID == element_tag{0x0000, 0x0002});
static_assert(tag::TransferSyntaxUID == element_tag{0x0002, 0x0010});
static_assert(tag::SpecificCharacterSet == element_tag{0x0008, 0x0005});
static_assert(tag::QueryRetrieveLevel == element_tag{0x0008, 0x0052});
static_assert(tag::PatientID == element_tag{0x0010, 0x0020});
static_assert(tag::StudyInstanceUID == element_tag{0x0020, 0x000D});
static_assert(tag::PixelData == element_tag{0x7FE0, 0x0010});
static_assert(tag::SequenceDelimitationItem == element_tag{0xFFFE, 0xE0DD});
static_assert(tag::StudyInstanceUID < tag::SeriesInstanceUID);
static_assert(sizeof(tag::Rows) == sizeof(element_tag));

TEST_CASE("an attribute constant is an element tag wherever one is asked for") {
  const auto text = [](element_tag t) { return to_string(t); };
  CHECK(text(tag::PatientBirthDate) == "(0010,0030)");
  CHECK(tag::PatientBirthDate.vm_min == 1);
  CHECK(tag::PatientBirthDate.vm_max == 1);
  CHECK(tag::ImageType.vm_max == 0);
  CHECK(tag::PatientBirthDate.value_representation == vr::da);
}
