// The pieces of docs/data_sets.md, compiled and run; snippets.cpp compares the two.
#include <codicom/data_set.hpp>
#include <codicom/data_set/age.hpp>
#include <codicom/data_set/date_time.hpp>
#include <codicom/data_set/dump.hpp>
#include <codicom/data_set/person_name.hpp>
#include <codicom/dictionary/private_dictionary.hpp>
#include <codicom/data_set/validate.hpp>
#include <codicom/file/media_directory.hpp>
#include <codicom/file/write_media_directory.hpp>

#include <cstdint>
#include <doctest/doctest.h>
#include <filesystem>
#include <string>
#include <support/temporary_folder.hpp>
#include <type_traits>
#include <vector>

using namespace codicom;

namespace {

data_set example() {
  data_set image;
  image.set(tag::SpecificCharacterSet, "ISO_IR 192");
  image.set(tag::PatientName, "Wang^XiaoDong=王^小東");
  image.set(tag::SOPClassUID, sop_class::MRImageStorage).set(tag::SOPInstanceUID, generate_uid());
  image.set(tag::Rows, 512).set(tag::ImagePositionPatient, {-125.0, -128.5, 40.0});
  image.set(tag::AccessionNumber);  // present, but empty
  return image;
}

}  // namespace

TEST_CASE("docs: text") {
  data_set greek;
  greek.set(tag::SpecificCharacterSet, "ISO_IR 126").set(tag::PatientName, "Διονυσιος");
  CHECK(greek.bytes(tag::PatientName).size() == 10);  // nine characters and a space
  greek.convert_to_utf8();
  CHECK(greek.smallest_character_set() == "ISO_IR 126");
  greek.convert_text(greek.smallest_character_set());
  greek.set_bytes(tag::StudyDate, vr::da, as_bytes("2026.13.01"));
  CHECK(to_string(validate(greek)[0]) ==
        "a value that its value representation does not allow, (0008,0020): no date: YYYYMMDD (PS3.5 §6.2)");
}

TEST_CASE("docs: values in and out") {
  const auto image = example();

  std::optional<std::uint16_t> rows = image.get(tag::Rows);                // US
  std::vector<double> position = image.values(tag::ImagePositionPatient);  // DS
  std::optional<unique_id> uid = image.uid(tag::SOPInstanceUID);
  std::string name = image.text(tag::PatientName);    // UTF-8, every value
  bool known = image.contains(tag::AccessionNumber);  // true, though it has no value

  CHECK(rows == 512);
  CHECK(position == std::vector{-125.0, -128.5, 40.0});
  CHECK(uid->is_valid());
  CHECK(name == "Wang^XiaoDong=王^小東");
  CHECK(known);
  CHECK_FALSE(image.get(tag::AccessionNumber));
}

TEST_CASE("docs: what the dictionary says is known to the compiler") {
  static_assert(std::is_same_v<value_type<vr::ds>, double>);
  static_assert(std::is_same_v<value_type<vr::us>, std::uint16_t>);

  const auto entry = find_attribute("ImagePositionPatient");
  CHECK(entry->tag == tag::ImagePositionPatient);
  CHECK(entry->name == "Image Position (Patient)");
  CHECK(entry->vm_min == 3);
  CHECK(parse_tag("0010,0020") == tag::PatientID);
  CHECK(uid_name(sop_class::MRImageStorage) == "MR Image Storage");
}

TEST_CASE("docs: sequences") {
  data_set worklist;
  auto& step = worklist.add_item(tag::ScheduledProcedureStepSequence);
  step.set(tag::Modality, "MR").set(tag::ScheduledStationAETitle, "SCANNER1");

  for (const auto& item : worklist.items(tag::ScheduledProcedureStepSequence)) CHECK(item.text(tag::Modality) == "MR");
  CHECK(worklist.text("ScheduledProcedureStepSequence[0].Modality") == "MR");
  worklist.set_text("ScheduledProcedureStepSequence[0].ScheduledProcedureStepStartDate", "20261122-20261123");
  CHECK(step.size() == 3);
}

TEST_CASE("docs: names, dates and numbers") {
  const person_name name{example().text(tag::PatientName)};
  CHECK(name.alphabetic.family_name == "Wang");
  CHECK(name.ideographic.given_name == "小東");

  const auto november = date_range::parse("20261101-20261130");
  CHECK(november->contains(*date::parse("20261122")));
  CHECK(time_of_day::parse("1015")->precision() == time_precision::minute);
  CHECK(age::parse("018M")->years() == 1.5);
}

TEST_CASE("docs: files") {
  const auto path = std::filesystem::temp_directory_path() / ("codicom_docs_" + generate_uid().str() + ".dcm");
  const auto image = example();
  write_file(path, image, transfer_syntax::ExplicitVRLittleEndian);

  const auto file = read_file(path);
  CHECK(file.value == image);
  CHECK(file.meta.transfer_syntax_uid == transfer_syntax::ExplicitVRLittleEndian);
  CHECK(file.diagnoses.empty());

  const auto header = read_file(path, decode_options::until(tag::PixelData));  // not the pixels
  CHECK(header.value.get(tag::Rows) == 512);

  CHECK(dump(file.value).find("Rows") != std::string::npos);
  std::filesystem::remove(path);
}

TEST_CASE("docs: media directories") {
  const test_support::temporary_folder temporary;
  const auto& folder = temporary.path();
  auto image = example();
  image.set(tag::PatientID, "1").set(tag::StudyInstanceUID, "1.1").set(tag::SeriesInstanceUID, "1.1.1");
  image.set(tag::StudyID, "1").set(tag::StudyDate, "20261122").set(tag::StudyTime, "18").set(tag::SeriesNumber, 1);
  image.set(tag::Modality, "MR").set(tag::InstanceNumber, 1);
  write_file(folder / "IMAGE1", image, transfer_syntax::ExplicitVRLittleEndian);
  std::vector<data_set> objects;

  const auto report = write_media_directory(folder);  // folder/DICOMDIR, of all files in the folder
  CHECK(report.instances == 1);

  const auto directory = read_media_directory(folder / "DICOMDIR");
  for (const auto& patient : directory.root())
    for (const auto& study : patient.children())
      for (const auto& series : study.children())
        for (const auto& instance : series.children()) objects.push_back(read_file(directory.path_of(instance)).value);

  CHECK(objects == std::vector{image});
}

TEST_CASE("docs: frames") {
  const auto path = std::filesystem::temp_directory_path() / ("codicom_docs_" + generate_uid().str() + ".dcm");
  auto image = example();
  image.set(tag::Rows, 2).set(tag::Columns, 2).set(tag::BitsAllocated, 8).set(tag::NumberOfFrames, 3);
  image.set_bytes(tag::PixelData, vr::ob, as_bytes("abcdefghijkl"));
  write_file(path, image, transfer_syntax::ExplicitVRLittleEndian);
  const auto file = read_file(path);
  std::string seen;
  const auto use = [&](byte_span bytes) { seen += as_text(bytes); };

  const frames all{file.value, file.meta.transfer_syntax_uid};
  std::vector<std::byte> room;
  for (const frame& f : all) use(f.bytes(room));  // in one piece; copied only where it does not lie like that
  CHECK(seen == "abcdefghijkl");

  frame_reader reader{path};  // reads what stands before the pixel data, and nothing else
  CHECK(reader.read(2) == all[2].copy());
  std::filesystem::remove(path);
}

TEST_CASE("docs: JSON") {
  const auto image = example();
  const std::string json = encode_json(image);  // the DICOM JSON model, PS3.18 Annex F

  CHECK(decode_json(json) == image);
}

TEST_CASE("docs: private elements") {
  data_set image;
  image.set_text(reserve_private_tag(image, 0x0029, "ACME 1.0", 0x01), vr::lo, "tuned");
  const auto where = find_private_tag(image, 0x0029, "ACME 1.0", 0x01);
  CHECK(where == element_tag{0x0029, 0x1001});

  CHECK(find_private_attribute("SIEMENS CSA HEADER", element_tag{0x0029, 0x1010})->name == "CSA Image Header Info");
  decode_options options;
  options.private_vr = find_private_vr;  // of <codicom/dictionary/private_dictionary.hpp>
  CHECK(options.private_vr("SIEMENS CSA HEADER", element_tag{0x0029, 0x1010}) == vr::ob);
}
