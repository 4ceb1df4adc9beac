#include <codicom/data_set/data_set.hpp>
#include <codicom/dictionary/tags.hpp>
#include <support/without_multi_byte_sets.hpp>

#include <array>
#include <cstddef>
#include <doctest/doctest.h>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

using namespace codicom;

namespace {

std::vector<std::byte> many_bytes(std::size_t size) {
  std::vector<std::byte> bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>(i * 7 + 3);
  return bytes;
}

bool same(byte_span a, byte_span b) { return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin()); }

}  // namespace

TEST_CASE("an element has 16 bytes and a data set 24") {
  CHECK(sizeof(element) == 16);
  CHECK(sizeof(data_set) == 24);
}

TEST_CASE("a data set that was never filled is empty and answers everything with nothing") {
  const data_set empty;
  CHECK(empty.size() == 0);
  CHECK(empty.begin() == empty.end());
  CHECK(empty.find(tag::PatientID) == nullptr);
  CHECK(empty.text(tag::PatientID).empty());
  CHECK_FALSE(empty.get(tag::Rows).has_value());
  CHECK_FALSE(empty.uid(tag::SOPInstanceUID).has_value());
  CHECK(empty.items(tag::ReferencedStudySequence).empty());
  CHECK(empty.values<int>(tag::Rows).empty());
  CHECK(empty == data_set{});
}

TEST_CASE("numbers come back in the type that the dictionary says") {
  data_set d;
  d.set(tag::Rows, 512).set(tag::SmallestImagePixelValue, -5).set(tag::InstanceNumber, 7);
  d.set(tag::SliceThickness, 1.25).set(tag::PixelSpacing, {0.5, 0.25}).set(tag::ExaminedBodyThickness, 2.5f);
  d.set(tag::RealWorldValueSlope, 0.1);
  static_assert(std::is_same_v<decltype(d.get(tag::Rows)), std::optional<std::uint16_t>>);
  static_assert(std::is_same_v<decltype(d.get(tag::SmallestImagePixelValue)), std::optional<std::int32_t>>);
  static_assert(std::is_same_v<decltype(d.get(tag::InstanceNumber)), std::optional<std::int64_t>>);
  CHECK(d.get(tag::Rows) == 512);
  CHECK(d.get(tag::SmallestImagePixelValue) == -5);
  CHECK(d.find(tag::SmallestImagePixelValue)->value_representation() == vr::ss);
  CHECK(d.get(tag::InstanceNumber) == 7);
  CHECK(d.get(tag::SliceThickness) == 1.25);
  CHECK(d.values(tag::PixelSpacing) == std::vector<double>{0.5, 0.25});
  CHECK(d.text(tag::PixelSpacing) == "0.5\\0.25");
  CHECK(d.get(tag::RealWorldValueSlope) == 0.1);
  CHECK(d.text(tag::Rows) == "512");
  CHECK(as_text(d.bytes(tag::InstanceNumber)) == "7 ");  // padded to even length
}

TEST_CASE("a number that does not fit is refused, and nothing is changed") {
  data_set d;
  d.set(tag::Rows, 1);
  CHECK_THROWS_AS(d.set(tag::Rows, 65536), std::system_error);
  CHECK_THROWS_AS(d.set(tag::Rows, -1), std::system_error);
  CHECK_THROWS_AS(d.set(tag::Rows, 1.5), std::system_error);
  CHECK(d.get(tag::Rows) == 1);
}

TEST_CASE("a UID is padded with NUL, text with a space, and both come back without") {
  data_set d;
  d.set(tag::SOPInstanceUID, "1.2.3").set(tag::Modality, "CT").set(tag::PatientID, "123");
  CHECK(as_text(d.bytes(tag::SOPInstanceUID)) == std::string_view{"1.2.3\0", 6});
  CHECK(as_text(d.bytes(tag::PatientID)) == "123 ");
  CHECK(d.uid(tag::SOPInstanceUID) == unique_id{"1.2.3"});
  CHECK(d.get(tag::SOPInstanceUID) == unique_id{"1.2.3"});
  CHECK(d.text(tag::PatientID) == "123");
}

TEST_CASE("present but empty differs from absent") {
  data_set d;
  d.set(tag::StudyInstanceUID).set(tag::ReferencedStudySequence);
  CHECK(d.contains(tag::StudyInstanceUID));
  CHECK(d.find(tag::StudyInstanceUID)->empty());
  CHECK(d.find(tag::StudyInstanceUID)->value_representation() == vr::ui);
  CHECK_FALSE(d.uid(tag::StudyInstanceUID).has_value());
  CHECK(d.find(tag::ReferencedStudySequence)->is_sequence());
  CHECK(d.find(tag::ReferencedStudySequence)->empty());
}

TEST_CASE("elements stand in the order of their tags, however they are set") {
  data_set d;
  for (std::uint32_t i = 1000; i-- > 0;)
    d.set_bytes(element_tag{0x00110000u + i * 7 % 1000}, vr::un, as_bytes("abcdefghijkl"));
  CHECK(d.size() == 1000);
  for (const auto* e = d.begin(); e + 1 != d.end(); ++e) REQUIRE(e->tag() < (e + 1)->tag());
}

TEST_CASE("what is set in order is the same as what is set in any other") {
  const auto tag_of = [](std::size_t i) { return element_tag{0x0011, static_cast<std::uint16_t>(0x1000 + i)}; };
  const std::size_t sizes[] = {0, 1, 2, 3, 7, 8, 9, 10, 15, 16, 17, 100, 4095, 4096, 4097, 70'001};
  constexpr vr representations[] = {vr::lo, vr::ui, vr::ob, vr::ut};
  const std::size_t count = std::size(sizes) * std::size(representations);
  data_set ascending, descending;
  const auto put = [&](data_set& d, std::size_t i) {
    const std::string value(sizes[i / std::size(representations)], static_cast<char>('0' + i % 10));
    d.set_bytes(tag_of(i), representations[i % std::size(representations)], as_bytes(value));
  };
  for (std::size_t i = 0; i < count; ++i) {
    put(ascending, i);
    put(descending, count - 1 - i);
  }
  CHECK(ascending.size() == count);
  CHECK(ascending == descending);
  for (std::size_t i = 0; i < count; ++i) {
    const auto* e = ascending.find(tag_of(i));
    const auto size = sizes[i / std::size(representations)];
    const auto v = representations[i % std::size(representations)];
    REQUIRE(e != nullptr);
    CHECK(e->value_representation() == v);
    REQUIRE(e->length() == size + size % 2);
    if (size != 0) CHECK(e->bytes()[size - 1] == static_cast<std::byte>('0' + i % 10));
    if (size % 2 != 0) CHECK(e->bytes()[size] == static_cast<std::byte>(v == vr::lo || v == vr::ut ? ' ' : 0));
  }
  // From the element before, which moves when there is no room for one more; and after something has been taken away.
  data_set copied;
  copied.set_bytes(tag_of(0), vr::lo, as_bytes("short"));
  for (std::size_t i = 1; i < 200; ++i) {
    copied.set_bytes(tag_of(i), vr::lo, copied.bytes(tag_of(i - 1)));
    if (i % 50 == 0) {
      copied.set_bytes(tag_of(1000), vr::lo, as_bytes("long enough for the arena"));
      copied.erase(tag_of(1000));
    }
  }
  for (std::size_t i = 0; i < 200; ++i) CHECK(copied.text(tag_of(i)) == "short");
  // Specific Character Set speaks for the items, also when it comes last.
  data_set named;
  named.add_item(element_tag{0x0008, 0x0001}).set_bytes(tag::PatientName, vr::pn, as_bytes("Stra\xDF" "e"));
  named.set(tag::SpecificCharacterSet, "ISO_IR 100");
  CHECK(named.items(element_tag{0x0008, 0x0001})[0].text(tag::PatientName) == "Straße");
}

TEST_CASE("values of every size are kept: in the element, in the arena, and replaced by others") {
  data_set d;
  const auto all = many_bytes(70'000);
  for (const std::size_t first : {0u, 2u, 8u, 10u, 100u, 4096u, 70'000u})
    for (const std::size_t second : {0u, 2u, 8u, 10u, 16u, 100u, 4096u, 70'000u}) {
      d.set_bytes(tag::PixelData, vr::ob, byte_span{all}.first(first));
      REQUIRE(same(d.bytes(tag::PixelData), byte_span{all}.first(first)));
      d.set_bytes(tag::PixelData, vr::ob, byte_span{all}.last(second));
      REQUIRE(same(d.bytes(tag::PixelData), byte_span{all}.last(second)));
    }
}

TEST_CASE("an odd value is padded as its VR says") {
  data_set d;
  d.set_bytes(tag::PixelData, vr::ob, byte_span{many_bytes(11)});
  CHECK(d.bytes(tag::PixelData).size() == 12);
  CHECK(d.bytes(tag::PixelData)[11] == std::byte{0});
  d.set(tag::PatientComments, "eleven char");
  CHECK(as_text(d.bytes(tag::PatientComments)) == "eleven char ");
}

TEST_CASE("a value may be set from one that lies in the same data set") {
  data_set d;
  d.set(tag::PatientID, "short").set(tag::PatientComments, "a text that does not fit in an element");
  for (int i = 0; i < 100; ++i) {
    d.set_bytes(element_tag{0x0009, static_cast<std::uint16_t>(0x1000 - i)}, vr::lo, d.bytes(tag::PatientID));
    d.set_bytes(element_tag{0x0009, static_cast<std::uint16_t>(0x2000 - i)}, vr::lo, d.bytes(tag::PatientComments));
  }
  d.set_bytes(tag::PatientComments, vr::lt, d.bytes(tag::PatientComments).subspan(2));
  CHECK(d.text(tag::PatientComments) == "text that does not fit in an element");
  CHECK(d.text(element_tag{0x0009, 0x1000}) == "short");
  CHECK(d.text(element_tag{0x0009, 0x0FB0}) == "short");
  CHECK(d.text(element_tag{0x0009, 0x1FFF}) == "a text that does not fit in an element");
}

TEST_CASE("setting the same elements again and again takes no more memory") {
  data_set d;
  const auto round = [&d](int i) {
    const std::string text(static_cast<std::size_t>(10 + i % 300), 'x');
    d.set(tag::PatientComments, text).set(tag::PatientID, std::string(static_cast<std::size_t>(i % 40), 'y'));
    d.set(tag::ReferencedStudySequence);
    for (int k = 0; k < i % 5; ++k)
      d.add_item(tag::ReferencedStudySequence)
          .set(tag::ReferencedSOPInstanceUID, "1.2.3.4.5.6.7.8.9")
          .set(tag::StudyDescription, text);
    d.erase(tag::StudyDate);
    d.set(tag::StudyDate, "20200101-20201231");
  };
  for (int i = 0; i < 2000; ++i) round(i);
  const auto before = detail::data_set_access::memory(d).bytes();
  for (int i = 0; i < 20'000; ++i) round(i);
  CHECK(detail::data_set_access::memory(d).bytes() <= before + before / 4);
}

TEST_CASE("items of a sequence are data sets, also within each other") {
  data_set d;
  auto& study = d.add_item(tag::ReferencedStudySequence);
  study.set(tag::ReferencedSOPClassUID, "1.2").set(tag::ReferencedSOPInstanceUID, "1.3");
  for (int i = 0; i < 10; ++i) {
    auto& series = d.items(tag::ReferencedStudySequence)[0].add_item(tag::ReferencedSeriesSequence);
    series.set(tag::SeriesNumber, i);
    series.add_item(tag::ReferencedInstanceSequence).set(tag::InstanceNumber, 100 + i);
  }
  REQUIRE(d.items(tag::ReferencedStudySequence).size() == 1);
  const auto series = d.items(tag::ReferencedStudySequence)[0].items(tag::ReferencedSeriesSequence);
  REQUIRE(series.size() == 10);
  for (int i = 0; i < 10; ++i) {
    CHECK(series[static_cast<std::size_t>(i)].get(tag::SeriesNumber) == i);
    CHECK(series[static_cast<std::size_t>(i)].items(tag::ReferencedInstanceSequence)[0].get(tag::InstanceNumber) ==
          100 + i);
  }
}

TEST_CASE("a copy is deep, a move leaves nothing behind") {
  data_set d;
  d.set(tag::PatientComments, "a text that does not fit in an element").set(tag::Rows, 3);
  d.add_item(tag::ReferencedStudySequence).add_item(tag::ReferencedSeriesSequence).set(tag::SeriesNumber, 1);
  d.set_bytes(tag::PixelData, vr::ob, many_bytes(5000));
  data_set copy = d;
  CHECK(copy == d);
  CHECK(copy.bytes(tag::PatientComments).data() != d.bytes(tag::PatientComments).data());
  CHECK(copy.bytes(tag::PixelData).data() == d.bytes(tag::PixelData).data());  // large and unchanging: shared
  copy.items(tag::ReferencedStudySequence)[0].items(tag::ReferencedSeriesSequence)[0].set(tag::SeriesNumber, 2);
  CHECK_FALSE(copy == d);
  CHECK(d.items(tag::ReferencedStudySequence)[0].items(tag::ReferencedSeriesSequence)[0].get(tag::SeriesNumber) == 1);
  const data_set moved = std::move(d);
  CHECK(d.empty());
  CHECK(moved.get(tag::Rows) == 3);
  d = copy;
  CHECK(d == copy);
  d = std::move(copy);
  CHECK(copy.empty());
  CHECK(d.get(tag::Rows) == 3);
}

TEST_CASE("an item can be copied out, assigned, and even take the tree that it is in") {
  data_set d;
  d.set(tag::PatientComments, "a text that does not fit in an element");
  d.add_item(tag::ReferencedStudySequence).set(tag::Rows, 1);
  d.add_item(tag::ReferencedStudySequence).set(tag::Rows, 2);
  auto items = d.items(tag::ReferencedStudySequence);
  data_set out = std::move(items[0]);
  CHECK(out.get(tag::Rows) == 1);
  CHECK(items[0].get(tag::Rows) == 1);
  items[0] = items[1];
  CHECK(items[0].get(tag::Rows) == 2);
  items[1] = d;
  CHECK(items[1].text(tag::PatientComments) == "a text that does not fit in an element");
  CHECK(items[1].items(tag::ReferencedStudySequence).size() == 2);
  std::swap(items[0], items[1]);
  CHECK(items[1].get(tag::Rows) == 2);
  d.add_item(tag::ReferencedStudySequence, d.items(tag::ReferencedStudySequence)[1]);
  CHECK(d.items(tag::ReferencedStudySequence)[2].get(tag::Rows) == 2);
  d = d.items(tag::ReferencedStudySequence)[2];
  CHECK(d.get(tag::Rows) == 2);
  CHECK(d.size() == 1);
}

TEST_CASE("an element is copied from another data set with all that is in it") {
  data_set from;
  from.add_item(tag::ReferencedStudySequence).set(tag::Rows, 9);
  from.set(tag::PatientName, "ALLISON^MARY^A");
  data_set to;
  to.set(*from.find(tag::ReferencedStudySequence)).set(*from.find(tag::PatientName));
  CHECK(to == from);
}

TEST_CASE("erasing tells whether there was something") {
  data_set d;
  d.set(tag::Rows, 1).set(tag::Columns, 2);
  CHECK(d.erase(tag::Rows));
  CHECK_FALSE(d.erase(tag::Rows));
  CHECK(d.size() == 1);
  CHECK(d.get(tag::Columns) == 2);
  d.clear();
  CHECK(d.empty());
  d.set(tag::Rows, 4);
  CHECK(d.get(tag::Rows) == 4);
}

TEST_CASE("text is kept in the data set's character set and turns it to UTF-8 where that cannot hold it") {
  data_set d;
  d.set(tag::SpecificCharacterSet, "ISO_IR 100").set(tag::PatientName, "Müller^Jürgen");
  CHECK(as_text(d.bytes(tag::PatientName)) == "M\xFCller^J\xFCrgen ");
  CHECK(d.text(tag::PatientName) == "Müller^Jürgen");
  auto& item = d.add_item(tag::ReferencedStudySequence);
  item.set(tag::StudyDescription, "Schädel");  // inherits ISO_IR 100
  CHECK(as_text(item.bytes(tag::StudyDescription)) ==
        "Sch\xE4"
        "del ");
  CHECK(item.text(tag::StudyDescription) == "Schädel");
  d.set(tag::InstitutionName, "Больница");
  CHECK(d.text(tag::SpecificCharacterSet) == "ISO_IR 192");
  CHECK(d.text(tag::InstitutionName) == "Больница");
  CHECK(d.text(tag::PatientName) == "Müller^Jürgen");
  CHECK(d.items(tag::ReferencedStudySequence)[0].text(tag::StudyDescription) == "Schädel");
  CHECK(as_text(d.items(tag::ReferencedStudySequence)[0].bytes(tag::StudyDescription)) == "Schädel");
}

TEST_CASE("text beyond ASCII without a character set makes the data set UTF-8") {
  data_set d;
  d.set(tag::PatientName, "Müller");
  CHECK(d.text(tag::SpecificCharacterSet) == "ISO_IR 192");
  CHECK(d.text(tag::PatientName) == "Müller");
  CHECK_THROWS_AS(d.set(tag::Modality, "Ä"), std::system_error);  // CS has no other characters
}

TEST_CASE("an item taken out of its tree still knows its character set, and brings it along") {
  data_set d;
  d.set(tag::SpecificCharacterSet, "ISO_IR 100");
  d.add_item(tag::ReferencedStudySequence).set(tag::StudyDescription, "Schädel");
  const data_set out = d.items(tag::ReferencedStudySequence)[0];
  CHECK(out.text(tag::StudyDescription) == "Schädel");
  data_set other;
  other.add_item(tag::ReferencedStudySequence, out);
  CHECK(other.items(tag::ReferencedStudySequence)[0].text(tag::StudyDescription) == "Schädel");
}

TEST_CASE("set_text takes what a person writes") {
  data_set d;
  d.set_text(tag::Rows, "512").set_text(tag::PatientName, "ALLISON*").set_text(tag::ImagePositionPatient, "1\\2\\3.5");
  d.set_text(tag::OffendingElement, "PatientID\\0010,0010");
  CHECK(d.get(tag::Rows) == 512);
  CHECK(d.text(tag::PatientName) == "ALLISON*");
  CHECK(d.values(tag::ImagePositionPatient) == std::vector<double>{1, 2, 3.5});
  CHECK(d.values(tag::OffendingElement) == std::vector<element_tag>{tag::PatientID, tag::PatientName});
  CHECK_THROWS_AS(d.set_text(tag::Rows, "many"), std::system_error);
  CHECK_THROWS_AS(d.set_text(tag::Rows, "65536"), std::system_error);
  CHECK_THROWS_AS(d.set_text(tag::PixelData, "x"), std::system_error);
  d.set_text(tag::ReferencedStudySequence, "");
  CHECK(d.find(tag::ReferencedStudySequence)->is_sequence());
}

TEST_CASE("paths lead through items") {
  data_set d;
  d.set_text("ScheduledProcedureStepSequence.Modality", "CT");
  d.set_text("ScheduledProcedureStepSequence[1].0008,0060", "MR");
  d.set_text("00100020", "4711");
  CHECK(d.text("ScheduledProcedureStepSequence[0].Modality") == "CT");
  CHECK(d.text("(0040,0100)[1].Modality") == "MR");
  CHECK(d.text(tag::PatientID) == "4711");
  CHECK(d.find("ScheduledProcedureStepSequence[2].Modality") == nullptr);
  CHECK(d.find("NoSuchKeyword") == nullptr);
  CHECK(d.find("ScheduledProcedureStepSequence[x].Modality") == nullptr);
  CHECK_THROWS_AS(d.set_text("NoSuchKeyword", "x"), std::system_error);
  CHECK_THROWS_AS(d.set_text("PatientID.Modality", "x"), std::system_error);
  CHECK_THROWS_AS(d.set_text("ScheduledProcedureStepSequence[4000000000].Modality", "x"), std::system_error);
}

TEST_CASE("a large vector is taken over, not copied, and a block is held as long as somebody refers to it") {
  auto bytes = many_bytes(10'000);
  const auto* where = bytes.data();
  auto d = std::make_unique<data_set>();
  d->set_bytes(tag::PixelData, vr::ow, std::move(bytes));
  CHECK(d->bytes(tag::PixelData).data() == where);
  auto block = std::make_shared<const std::vector<std::byte>>(many_bytes(5000));
  d->set_bytes(element_tag{0x6000, 0x3000}, vr::ow, byte_span{*block}, block);
  CHECK(block.use_count() == 2);
  data_set copy = *d;
  CHECK(block.use_count() == 3);
  d.reset();
  CHECK(block.use_count() == 2);
  CHECK(copy.bytes(tag::PixelData).data() == where);
  copy.erase(element_tag{0x6000, 0x3000});
  CHECK(block.use_count() == 1);
}

TEST_CASE("fragments are kept with the offset table first, padded to even length") {
  const auto table = many_bytes(0);
  const auto first = many_bytes(11);
  const auto second = many_bytes(300);
  const std::array<byte_span, 3> fragments{table, first, second};
  data_set d;
  d.set_fragments(tag::PixelData, vr::ob, fragments);
  const data_set copy = d;
  CHECK(copy == d);
  const auto* e = copy.find(tag::PixelData);
  REQUIRE(e->is_encapsulated());
  REQUIRE(e->fragments().size() == 3);
  CHECK(e->fragments()[0].empty());
  CHECK(e->fragments()[1].size() == 12);
  CHECK(same(e->fragments()[2], second));
  CHECK(e->bytes().empty());
}

TEST_CASE("a value of another VR than the dictionary's is still read where it can be") {
  data_set d;
  d.set_bytes(tag::Rows, vr::un,
              byte_span{std::array{std::byte{0}, std::byte{2}}});  // as an implicit VR peer would have it
  CHECK(d.get(tag::Rows) == 512);
  CHECK(d.text(tag::Rows) == "512");
  d.set_bytes(tag::Columns, vr::is, as_bytes("256 "));
  CHECK(d.get(tag::Columns) == 256);
  d.set_bytes(tag::InstanceNumber, vr::ds, as_bytes("3.0 "));
  CHECK(d.get(tag::InstanceNumber) == 3);
  d.set_bytes(tag::InstanceNumber, vr::is, as_bytes("none"));
  CHECK_FALSE(d.get(tag::InstanceNumber).has_value());
}

TEST_CASE("turning text to UTF-8 leaves bytes that were no text as they were") {
  data_set d;
  d.set_bytes(tag::PatientName, vr::pn, as_bytes("caf\xE9^a\x81"));  // in no character set
  const auto before = d.text(tag::PatientName);
  d.convert_to_utf8();
  CHECK(as_text(d.bytes(tag::PatientName)) == "caf\xE9^a\x81 ");
  CHECK(d.text(tag::PatientName) == before);
}

TEST_CASE("text goes to another character set, with that of the items, or stays as it is") {
  data_set d;
  d.set(tag::SpecificCharacterSet, "ISO_IR 192").set(tag::PatientName, "Διονυσιος");
  auto& item = d.add_item(tag::RequestAttributesSequence);
  item.set(tag::SpecificCharacterSet, "ISO_IR 100").set(tag::RequestedProcedureDescription, "Ω");  // turns to UTF-8
  d.add_item(tag::RequestAttributesSequence).set(tag::RequestedProcedureDescription, "Δ");
  const auto before = d;
  CHECK_FALSE(d.convert_text("ISO_IR 100"));
  CHECK_FALSE(d.convert_text(""));
  CHECK(d == before);

  CHECK(d.convert_text("ISO_IR 126"));
  CHECK(d.text(tag::SpecificCharacterSet) == "ISO_IR 126");
  CHECK(as_text(d.bytes(tag::PatientName)) == "\xC4\xE9\xEF\xED\xF5\xF3\xE9\xEF\xF2 ");
  const auto items = d.items(tag::RequestAttributesSequence);
  CHECK(items[0].text(tag::RequestedProcedureDescription) == "Ω");
  CHECK(items[0].text(tag::SpecificCharacterSet) == "ISO_IR 126");
  CHECK(as_text(items[1].bytes(tag::RequestedProcedureDescription)) == "\xC4 ");
  CHECK_FALSE(items[1].contains(tag::SpecificCharacterSet));

  d.clear();
  d.set(tag::SpecificCharacterSet, "ISO_IR 100").set(tag::PatientName, "plain");
  CHECK(d.convert_text(""));
  CHECK_FALSE(d.contains(tag::SpecificCharacterSet));
  d.set_bytes(tag::PatientName, vr::pn, as_bytes("caf\xE9"));
  CHECK_FALSE(d.convert_text("ISO_IR 100"));  // which would read an é where there was a byte
}

TEST_CASE("the smallest character set that holds all text") {
  const test_support::without_multi_byte_sets only_single_bytes;
  struct row {
    const char* current;
    const char* text;
    const char* smallest;
  };
  constexpr row rows[] = {
      {"ISO_IR 192", "plain", ""},
      {"ISO_IR 101", "plain", "ISO_IR 101"},
      {"ISO_IR 192", "Jérôme", "ISO_IR 100"},
      {"ISO_IR 101", "é", "ISO_IR 101"},  // which has it, too
      {"ISO_IR 100", "Διονυσιος", "ISO_IR 126"},
      {"", "Люкceмбург", "ISO_IR 144"},
      {"ISO_IR 192", "Œuvre", "ISO_IR 203"},
      {"ISO_IR 192", "é\\Δ", "ISO 2022 IR 100\\ISO 2022 IR 126"},
      {"ISO_IR 192", "éΔБ", "ISO 2022 IR 100\\ISO 2022 IR 144\\ISO 2022 IR 126"},
      {"ISO_IR 192", "éΔБא", "ISO_IR 192"},  // four
      {"ISO_IR 192", "\xF0\x9F\x92\x8A", "ISO_IR 192"},
  };
  for (const auto& r : rows) {
    CAPTURE(r.text);
    data_set d;
    d.set(tag::SpecificCharacterSet, "ISO_IR 192").set(tag::PatientName, r.text);
    if (!d.convert_text(r.current)) d.set(tag::SpecificCharacterSet, "ISO_IR 192");
    const auto smallest = d.smallest_character_set();
    CHECK(smallest == r.smallest);
    CHECK(d.convert_text(smallest));
    CHECK(d.text(tag::PatientName) == r.text);
  }
}

TEST_CASE("very deep trees are copied, compared, changed and destroyed without recursion") {
  data_set d;
  data_set* at = &d;
  for (int i = 0; i < 20'000; ++i) {
    auto& next = at->add_item(tag::ReferencedStudySequence);
    next.set(tag::InstanceNumber, i);
    at = &next;
  }
  data_set copy = d;
  CHECK(copy == d);
  at->set(tag::Rows, 1);
  CHECK_FALSE(copy == d);
  copy.set(tag::SpecificCharacterSet, "ISO_IR 100");
  copy.convert_to_utf8();
  CHECK(copy.erase(tag::ReferencedStudySequence));
}
