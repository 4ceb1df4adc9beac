#include <codicom/data_set/dump.hpp>
#include <codicom/dictionary/tags.hpp>

#include <algorithm>
#include <doctest/doctest.h>
#include <string>
#include <vector>

using namespace codicom;

namespace {

std::vector<std::string> lines(const data_set& object, const dump_options& options = {}) {
  std::vector<std::string> all{""};
  for (const char c : dump(object, options)) {
    if (c == '\n') all.emplace_back();
    else all.back() += c;
  }
  CHECK(all.back().empty());  // the last line ends, too
  all.pop_back();
  return all;
}

std::string padded(std::string text, std::string_view remark) {
  text.resize(std::max<std::size_t>(text.size() + 1, 68), ' ');
  return text.append(remark);
}

}  // namespace

TEST_CASE("an element is a line: tag, VR, value, length, keyword") {
  data_set object;
  object.set(tag::Modality, "MR")
      .set(tag::SOPClassUID, "1.2.840.10008.5.1.4.1.1.4")
      .set(tag::PatientName, "Doe^Jane")
      .set(tag::PatientID)
      .set(tag::ImagePositionPatient, {-1.5, 2.0, 0.0})
      .set(tag::Rows, 512)
      .set(tag::FrameIncrementPointer, tag::FrameTime);
  const auto all = lines(object);
  REQUIRE(all.size() == 7);
  CHECK(all[0] == padded("(0008,0016) UI 1.2.840.10008.5.1.4.1.1.4 (MR Image Storage)", "# 26 SOPClassUID"));
  CHECK(all[1] == padded("(0008,0060) CS MR", "# 2 Modality"));
  CHECK(all[2] == padded("(0010,0010) PN Doe^Jane", "# 8 PatientName"));
  CHECK(all[3] == padded("(0010,0020) LO", "# 0 PatientID"));
  CHECK(all[4] == padded("(0020,0032) DS -1.5\\2\\0", "# 8 ImagePositionPatient"));
  CHECK(all[5] == padded("(0028,0009) AT (0018,1063)", "# 4 FrameIncrementPointer"));
  CHECK(all[6] == padded("(0028,0010) US 512", "# 2 Rows"));
}

TEST_CASE("items stand indented under their sequence") {
  data_set object;
  auto& outer = object.add_item(tag::RequestAttributesSequence);
  outer.set(tag::RequestedProcedureID, "RP1");
  outer.add_item(tag::ScheduledProtocolCodeSequence).set(tag::CodeValue, "C1");
  object.add_item(tag::RequestAttributesSequence);
  const auto all = lines(object);
  REQUIRE(all.size() == 7);
  CHECK(all[0] == padded("(0040,0275) SQ 2 items", "# RequestAttributesSequence"));
  CHECK(all[1] == "  item 1");
  CHECK(all[2] == padded("    (0040,0008) SQ 1 item", "# ScheduledProtocolCodeSequence"));
  CHECK(all[3] == "      item 1");
  CHECK(all[4] == padded("        (0008,0100) SH C1", "# 2 CodeValue"));
  CHECK(all[5] == padded("    (0040,1001) SH RP1", "# 4 RequestedProcedureID"));
  CHECK(all[6] == "  item 2");
}

TEST_CASE("a long value is cut, a short limit as well") {
  data_set object;
  object.set(tag::ImageComments, std::string(100, 'x'));
  CHECK(lines(object)[0] == "(0020,4000) LT " + std::string(64, 'x') + "... # 100 ImageComments");
  dump_options all_of_it;
  all_of_it.max_characters = 0;
  CHECK(lines(object, all_of_it)[0] == "(0020,4000) LT " + std::string(100, 'x') + " # 100 ImageComments");
  dump_options few;
  few.max_characters = 3;
  CHECK(lines(object, few)[0] == padded("(0020,4000) LT xxx...", "# 100 ImageComments"));
}

TEST_CASE("bytes and words are hexadecimal, the most significant digit first") {
  data_set object;
  const std::byte bytes[] = {std::byte{0x01}, std::byte{0x02}, std::byte{0xAB}, std::byte{0xCD}};
  object.set_bytes(tag::PixelData, vr::ow, bytes);
  object.set_bytes(element_tag{0x0009, 0x1001}, vr::un, bytes);
  const auto all = lines(object);
  CHECK(all[0] == padded("(0009,1001) UN 01 02 AB CD", "# 4"));
  CHECK(all[1] == padded("(7FE0,0010) OW 0201 CDAB", "# 4 PixelData"));

  const std::vector<std::byte> many(100'000, std::byte{0xFF});
  data_set large;
  large.set_bytes(tag::PixelData, vr::ob, many);
  large.set_bytes(tag::SelectorUSValue, vr::us, many);  // numbers, but too many to show
  for (const auto& line : lines(large)) {
    CHECK(line.size() < 150);
    CHECK(line.find("...") != std::string::npos);
    CHECK(line.find("# 100000") != std::string::npos);
  }
}

TEST_CASE("a private element names the creator of its block") {
  data_set object;
  object.set_text(element_tag{0x0029, 0x0010}, vr::lo, "SIEMENS CSA HEADER");
  object.set_text(element_tag{0x0029, 0x1008}, vr::cs, "IMAGE NUM 4");
  object.set_text(element_tag{0x0029, 0x1108}, vr::cs, "NOBODY");
  const auto all = lines(object);
  CHECK(all[0] == padded("(0029,0010) LO SIEMENS CSA HEADER", "# 18 PrivateCreator"));
  CHECK(all[1] == padded("(0029,1008) CS IMAGE NUM 4", "# 12 [SIEMENS CSA HEADER]"));
  CHECK(all[2] == padded("(0029,1108) CS NOBODY", "# 6"));
}

TEST_CASE("nothing that a terminal would obey gets through") {
  data_set object;
  object.set_bytes(tag::ImageComments, vr::lt, as_bytes("a\x1B[2J\r\nb\x07\x7F"));
  object.set_bytes(tag::PatientID, vr::lo, as_bytes("caf\xE9 "));  // no character set says what E9 is
  const auto all = lines(object);
  REQUIRE(all.size() == 2);
  CHECK(all[0] == padded("(0010,0020) LO caf<E9>", "# 6 PatientID"));
  CHECK(all[1] == padded("(0020,4000) LT a<1B>[2J<CR><LF>b<07><7F>", "# 10 ImageComments"));
}

TEST_CASE("text is shown in the data set's character set, and counted in characters") {
  data_set object;
  object.set(tag::SpecificCharacterSet, "ISO_IR 100");
  object.set(tag::PatientName, "Buc^Jérôme");
  const auto all = lines(object);
  CHECK(all[1] == padded("(0010,0010) PN Buc^Jérôme", "# 10 PatientName").insert(40, "  "));
}

TEST_CASE("fragments are counted") {
  data_set object;
  const std::vector<std::byte> frame(10);
  const byte_span fragments[] = {{}, frame, frame};
  object.set_fragments(tag::PixelData, vr::ob, fragments);
  CHECK(lines(object)[0] == padded("(7FE0,0010) OB 3 fragments, 20 bytes", "# PixelData"));
}

TEST_CASE("an empty data set has no lines") { CHECK(dump(data_set{}).empty()); }

TEST_CASE("a dump in colours has the same text") {
  data_set object;
  object.set(tag::PatientName, "ALLISON^MARY").add_item(tag::RequestAttributesSequence).set(tag::CodeValue, "C1");
  dump_options options;
  const auto plain = dump(object, options);
  options.colours = true;
  auto coloured = dump(object, options);
  CHECK(coloured != plain);
  for (auto at = coloured.find('\033'); at != std::string::npos; at = coloured.find('\033'))
    coloured.erase(at, coloured.find('m', at) - at + 1);
  CHECK(coloured == plain);
}

TEST_CASE("one element is dumped alone, with its items") {
  data_set object;
  object.set(tag::PatientName, "ALLISON^MARY").add_item(tag::RequestAttributesSequence).set(tag::CodeValue, "C1");
  CHECK(dump(object, *object.find(tag::PatientName)) == padded("(0010,0010) PN ALLISON^MARY", "# 12 PatientName") + '\n');
  const auto sequence = dump(object, *object.find(tag::RequestAttributesSequence));
  CHECK(std::count(sequence.begin(), sequence.end(), '\n') == 3);
  CHECK(sequence.find("(0008,0100) SH C1") != std::string::npos);
}
