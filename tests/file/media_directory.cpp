#include <codicom/dictionary/sop_classes.hpp>
#include <codicom/dictionary/tags.hpp>
#include <codicom/dictionary/transfer_syntaxes.hpp>
#include <codicom/file/media_directory.hpp>
#include <codicom/file/read_file.hpp>
#include <codicom/file/write_file.hpp>
#include <codicom/file/write_media_directory.hpp>
#include <support/temporary_folder.hpp>

#include <algorithm>
#include <cstdint>
#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>
#include <functional>
#include <span>
#include <string>
#include <vector>

using namespace codicom;
using test_support::temporary_folder;
namespace fs = std::filesystem;

namespace {

data_set an_object(const std::string& patient, const std::string& study, const std::string& series,
                   const std::string& instance) {
  data_set d;
  d.set(tag::SOPClassUID, sop_class::CTImageStorage).set(tag::SOPInstanceUID, instance);
  d.set(tag::PatientID, patient).set(tag::PatientName, "Name^" + patient);
  d.set(tag::StudyInstanceUID, study).set(tag::StudyID, "S").set(tag::StudyDate, "20261122").set(tag::StudyTime, "1800");
  d.set(tag::SeriesInstanceUID, series).set(tag::SeriesNumber, 3).set(tag::Modality, "CT");
  d.set(tag::InstanceNumber, 1).set(tag::Rows, 1);
  return d;
}

void put(const fs::path& path, const data_set& object) {
  fs::create_directories(path.parent_path());
  write_file(path, object, transfer_syntax::ExplicitVRLittleEndian);
}

// Two patients, three studies, four series, five objects.
void put_objects(const fs::path& folder) {
  put(folder / "A" / "1", an_object("P1", "1.1", "1.1.1", "1.1.1.1"));
  put(folder / "A" / "2", an_object("P1", "1.1", "1.1.1", "1.1.1.2"));
  put(folder / "B" / "3", an_object("P2", "1.2", "1.2.1", "1.2.1.1"));
  put(folder / "B" / "4", an_object("P1", "1.1", "1.1.2", "1.1.2.1"));
  put(folder / "B" / "5", an_object("P1", "1.3", "1.3.1", "1.3.1.1"));
}

// "PATIENT(STUDY(SERIES(IMAGE IMAGE)))"
std::string shape(std::span<const directory_record> records) {
  std::string text;
  for (const auto& record : records) {
    if (!text.empty()) text += ' ';
    text += record.type();
    if (!record.children().empty()) text += '(' + shape(record.children()) + ')';
  }
  return text;
}

// The directory of `put_objects`, changed and read.
struct changed {
  temporary_folder folder;
  media_directory directory;
  std::vector<std::uint64_t> offsets;

  explicit changed(const std::function<void(std::span<data_set>, std::span<const std::uint64_t>, data_set&)>& change,
                   const decode_options& options = {}) {
    put_objects(folder.path());
    write_media_directory(folder.path());
    const auto path = folder.path() / "DICOMDIR";
    const auto whole = read_media_directory(path);
    auto value = whole.value();
    std::vector<std::uint64_t> by_item;
    for (const auto& record : whole.records()) by_item.push_back(record.offset());
    std::sort(by_item.begin(), by_item.end());
    change(value.items(tag::DirectoryRecordSequence), by_item, value);
    write_file(path, value, whole.meta());
    offsets = by_item;
    directory = read_media_directory(path, options);
  }
  std::size_t count(deviation what) const {
    return static_cast<std::size_t>(std::count_if(directory.diagnoses().begin(), directory.diagnoses().end(),
                                                  [&](const diagnosis& d) { return d.what == what; }));
  }
};

constexpr auto whole_tree =
    "PATIENT(STUDY(SERIES(IMAGE IMAGE) SERIES(IMAGE)) STUDY(SERIES(IMAGE))) PATIENT(STUDY(SERIES(IMAGE)))";

errc code_of(const std::function<void()>& what) {
  try {
    what();
  } catch (const std::system_error& e) {
    return static_cast<errc>(e.code().value());
  }
  return errc{};
}

}  // namespace

TEST_CASE("a media directory lists every object of a folder, patient by patient") {
  const temporary_folder folder;
  put_objects(folder.path());
  media_directory_options options;
  options.file_set_id = "TEST SET";
  const auto report = write_media_directory(folder.path(), options);
  CHECK(report.instances == 5);
  CHECK(report.left_out.empty());

  const auto directory = read_media_directory(folder.path() / "DICOMDIR", strictness::strict);
  CHECK(directory.diagnoses().empty());
  CHECK(directory.file_set_id() == "TEST SET");
  CHECK(directory.meta().media_storage_sop_class_uid == sop_class::MediaStorageDirectoryStorage);
  CHECK(directory.meta().transfer_syntax_uid == transfer_syntax::ExplicitVRLittleEndian);
  CHECK(directory.value().get(tag::FileSetConsistencyFlag) == 0);
  CHECK(shape(directory.root()) == whole_tree);
  CHECK(directory.records().size() == 14);

  std::size_t instances = 0;
  for (const auto& patient : directory.root()) {
    CHECK(patient.parent() == nullptr);
    CHECK(patient.keys().text(tag::PatientName) == "Name^" + patient.keys().text(tag::PatientID));
    for (const auto& study : patient.children()) {
      CHECK(study.keys().text(tag::StudyDate) == "20261122");
      CHECK(study.keys().contains(tag::AccessionNumber));  // type 2: there, though nobody knows it
      for (const auto& series : study.children()) {
        CHECK(series.keys().get(tag::SeriesNumber) == 3);
        for (const auto& instance : series.children()) {
          ++instances;
          CHECK(instance.parent() == &series);
          const auto object = read_file(directory.path_of(instance)).value;
          CHECK(object.uid(tag::SOPInstanceUID) == instance.keys().uid(tag::ReferencedSOPInstanceUIDInFile));
          CHECK(object.uid(tag::SeriesInstanceUID) == series.keys().uid(tag::SeriesInstanceUID));
          CHECK(object.text(tag::PatientID) == patient.keys().text(tag::PatientID));
          CHECK(instance.keys().uid(tag::ReferencedTransferSyntaxUIDInFile) == transfer_syntax::ExplicitVRLittleEndian);
        }
      }
    }
  }
  CHECK(instances == 5);

  // again, over the first
  fs::remove(folder.path() / "A" / "1");
  CHECK(write_media_directory(folder.path()).instances == 4);
  CHECK(read_media_directory(folder.path() / "DICOMDIR").records().size() == 13);
  CHECK(std::distance(fs::directory_iterator{folder.path()}, fs::directory_iterator{}) == 3);
}

TEST_CASE("an empty folder has an empty directory") {
  const temporary_folder folder;
  CHECK(write_media_directory(folder.path()).instances == 0);
  const auto directory = read_media_directory(folder.path() / "DICOMDIR", strictness::strict);
  CHECK(directory.root().empty());
  CHECK(directory.value().get(tag::OffsetOfTheFirstDirectoryRecordOfTheRootDirectoryEntity) == 0u);
}

TEST_CASE("each SOP class has its type of record, with the keys of that type") {
  const temporary_folder folder;
  auto put_one = [&, number = 0](const unique_id& sop_class, const std::function<void(data_set&)>& more) mutable {
    ++number;
    auto object = an_object("P", "1", "1.1", "1.1." + std::to_string(number));
    object.erase(tag::Rows);
    object.set(tag::SOPClassUID, sop_class);
    more(object);
    put(folder.path() / std::to_string(number), object);
  };
  const auto dated = [](data_set& d) { d.set(tag::ContentDate, "20261122").set(tag::ContentTime, "18"); };
  const auto coded = [&](data_set& d) {
    dated(d);
    d.add_item(tag::ConceptNameCodeSequence).set(tag::CodeValue, "1");
  };
  put_one(sop_class::MRImageStorage, [](data_set&) {});
  put_one(sop_class::ComprehensiveSRStorage, [&](data_set& d) {
    coded(d);
    d.set(tag::CompletionFlag, "COMPLETE").set(tag::VerificationFlag, "VERIFIED");
    d.add_item(tag::VerifyingObserverSequence).set(tag::VerificationDateTime, "20260102");
    d.add_item(tag::VerifyingObserverSequence).set(tag::VerificationDateTime, "20260101");
    d.add_item(tag::ContentSequence).set(tag::RelationshipType, "CONTAINS");
    d.add_item(tag::ContentSequence).set(tag::RelationshipType, "HAS CONCEPT MOD");
  });
  put_one(sop_class::KeyObjectSelectionDocumentStorage, coded);
  put_one(sop_class::GrayscaleSoftcopyPresentationStateStorage, [](data_set& d) {
    d.set(tag::PresentationCreationDate, "20261122").set(tag::PresentationCreationTime, "18");
    d.set(tag::ContentLabel, "LABEL").set(tag::ContentCreatorName, "Someone");
    d.add_item(tag::ReferencedSeriesSequence).set(tag::SeriesInstanceUID, "1.1");
  });
  put_one(sop_class::RTPlanStorage, [](data_set& d) { d.set(tag::RTPlanLabel, "plan"); });
  put_one(sop_class::RTDoseStorage, [](data_set& d) { d.set(tag::DoseSummationType, "PLAN").set(tag::Rows, 1); });
  put_one(sop_class::RTStructureSetStorage, [](data_set& d) { d.set(tag::StructureSetLabel, "set"); });
  put_one(sop_class::EncapsulatedPDFStorage,
          [](data_set& d) { d.set(tag::MIMETypeOfEncapsulatedDocument, "application/pdf"); });
  put_one(sop_class::TwelveLeadECGWaveformStorage, dated);
  put_one(sop_class::RawDataStorage, dated);
  put_one(sop_class::HangingProtocolStorage, [](data_set& d) {
    d.set(tag::HangingProtocolCreator, "X").set(tag::HangingProtocolCreationDateTime, "20261122");
    d.add_item(tag::HangingProtocolDefinitionSequence).set(tag::Modality, "CT");
    d.set(tag::NumberOfPriorsReferenced, 1);
  });
  put_one(sop_class::ColorPaletteStorage, [](data_set& d) { d.set(tag::ContentLabel, "SPRING"); });

  const auto report = write_media_directory(folder.path());
  CHECK(report.instances == 12);
  for (const auto& left : report.left_out) MESSAGE(left.path.string(), ": ", left.reason);
  const auto directory = read_media_directory(folder.path() / "DICOMDIR", strictness::strict);
  // by name, so that 10, 11 and 12 come before 2
  CHECK(shape(directory.root()) ==
        "PATIENT(STUDY(SERIES(IMAGE RAW DATA SR DOCUMENT KEY OBJECT DOC PRESENTATION RT PLAN RT DOSE RT STRUCTURE SET "
        "ENCAP DOC WAVEFORM))) HANGING PROTOCOL PALETTE");
  const auto instances = directory.root()[0].children()[0].children()[0].children();
  const auto& report_keys = instances[2].keys();
  CHECK(report_keys.text(tag::VerificationDateTime) == "20260102");
  CHECK(report_keys.items(tag::ConceptNameCodeSequence).size() == 1);
  REQUIRE(report_keys.items(tag::ContentSequence).size() == 1);
  CHECK(report_keys.items(tag::ContentSequence)[0].text(tag::RelationshipType) == "HAS CONCEPT MOD");
  CHECK_FALSE(instances[3].keys().contains(tag::ContentSequence));
  CHECK(instances[4].keys().text(tag::ContentCreatorName) == "Someone");
  CHECK(instances[4].keys().contains(tag::ContentDescription));
  CHECK(instances[4].keys().items(tag::ReferencedSeriesSequence).size() == 1);
  CHECK(instances[5].keys().text(tag::RTPlanLabel) == "plan");
}

TEST_CASE("text of the keys keeps its character set") {
  const temporary_folder folder;
  auto object = an_object("P", "1", "1.1", "1.1.1");
  object.set(tag::SpecificCharacterSet, "ISO_IR 100").set(tag::PatientName, "Buc^Jérôme");
  put(folder.path() / "1", object);
  write_media_directory(folder.path());
  const auto directory = read_media_directory(folder.path() / "DICOMDIR");
  CHECK(directory.root()[0].keys().text(tag::SpecificCharacterSet) == "ISO_IR 100");
  CHECK(directory.root()[0].keys().text(tag::PatientName) == "Buc^Jérôme");
}

TEST_CASE("what cannot be listed is left out, and said why") {
  const temporary_folder folder;
  put_objects(folder.path());
  const auto reason_for = [&](const char* name, const data_set& object) {
    const auto path = folder.path() / name;
    put(path, object);
    const auto report = write_media_directory(folder.path());
    CHECK(report.instances == 5);
    fs::remove(path);
    REQUIRE(report.left_out.size() == 1);
    CHECK(report.left_out[0].path == path);
    return report.left_out[0].reason;
  };
  const auto good = an_object("P9", "9", "9.1", "9.1.1");
  const auto without = [&](element_tag tag) {
    auto d = good;
    d.erase(tag);
    return d;
  };
  CHECK(reason_for("small", good).starts_with("not a File ID"));
  CHECK(reason_for("NINE_LONG", good).starts_with("not a File ID"));
  CHECK(reason_for("A.DCM", good).starts_with("not a File ID"));
  CHECK(reason_for("1/2/3/4/5/6/7/8/9", good).starts_with("not a File ID"));
  fs::remove_all(folder.path() / "1");
  CHECK(reason_for("X", an_object("P1", "1.1", "1.1.1", "1.1.1.1")).starts_with("an object that is listed already"));
  CHECK(reason_for("X", an_object("P2", "1.1", "1.1.1", "7")) == "its study is listed with another patient");
  CHECK(reason_for("X", an_object("P1", "1.1", "1.3.1", "7")) == "its series is listed with another study");
  CHECK(reason_for("X", without(tag::SOPClassUID)).starts_with("an object without SOP Class UID"));
  CHECK(reason_for("X", without(tag::StudyInstanceUID)).starts_with("an object without Study"));
  CHECK(reason_for("X", without(tag::PatientID)) == "no PatientID, which a PATIENT record must have");
  CHECK(reason_for("X", without(tag::InstanceNumber)) == "no InstanceNumber, which a IMAGE record must have");
  auto unknown = without(tag::Rows);
  unknown.set(tag::SOPClassUID, unique_id{"1.2.3"});
  CHECK(reason_for("X", unknown).starts_with("no type of directory record"));
  std::ofstream{(folder.path() / "TEXT").string()} << "This is not a DICOM file.";
  const auto report = write_media_directory(folder.path());
  CHECK(report.left_out.size() == 1);
  CHECK(code_of([&] {
          media_directory_options options;
          options.file_set_id = "small";
          write_media_directory(folder.path(), options);
        }) == errc::invalid_argument);
}

TEST_CASE("keys that a file lacks are invented on demand, in the directory only") {
  const temporary_folder folder;
  for (const auto* name : {"1", "2"}) {
    auto object = an_object("P", "1", "1.1", std::string{"1.1."} + name);
    for (const element_tag tag : {element_tag{tag::PatientID}, element_tag{tag::StudyID}, element_tag{tag::StudyDate},
                                  element_tag{tag::StudyTime}, element_tag{tag::SeriesNumber},
                                  element_tag{tag::InstanceNumber}, element_tag{tag::Modality}})
      object.erase(tag);
    object.set(tag::SeriesDate, "20200101");
    put(folder.path() / name, object);
  }
  CHECK(write_media_directory(folder.path()).instances == 0);
  media_directory_options options;
  options.if_missing = missing_keys::invent;
  CHECK(write_media_directory(folder.path(), options).instances == 2);
  const auto directory = read_media_directory(folder.path() / "DICOMDIR", strictness::strict);
  REQUIRE(shape(directory.root()) == "PATIENT(STUDY(SERIES(IMAGE IMAGE)))");
  const auto& study = directory.root()[0].children()[0];
  CHECK(directory.root()[0].keys().text(tag::PatientID) == "UNKNOWN1");
  CHECK(study.keys().text(tag::StudyDate) == "20200101");
  CHECK(study.keys().text(tag::StudyTime) == "000000");
  CHECK(study.children()[0].keys().text(tag::Modality) == "OT");
  CHECK(study.children()[0].children()[1].keys().get(tag::InstanceNumber) == 2);
  CHECK_FALSE(read_file(folder.path() / "1").value.contains(tag::PatientID));
}

TEST_CASE("offsets that lead nowhere, or twice to a record, are read over") {
  const changed intact{[](auto, auto, auto&) {}};
  CHECK(intact.directory.diagnoses().empty());
  CHECK(shape(intact.directory.root()) == whole_tree);

  // items: 0 patient, 1 study, 2 series, 3 4 images, 5 series, 6 image, 7 study, 8 series, 9 image, 10 patient ...
  const changed itself{[](auto items, auto at, auto&) {
    items[3].set(tag::OffsetOfTheNextDirectoryRecord, at[3]);
  }};
  CHECK(itself.count(deviation::directory_record_twice) == 1);
  CHECK(itself.count(deviation::unreachable_directory_record) == 1);
  CHECK(shape(itself.directory.root()) == whole_tree);  // the lost image is found again

  const changed upwards{[](auto items, auto at, auto&) {
    items[9].set(tag::OffsetOfReferencedLowerLevelDirectoryEntity, at[0]);
  }};
  CHECK(upwards.count(deviation::directory_record_twice) == 1);
  CHECK(shape(upwards.directory.root()) == whole_tree);

  const changed shared{[](auto items, auto at, auto&) {
    items[8].set(tag::OffsetOfReferencedLowerLevelDirectoryEntity, at[6]);
  }};
  CHECK(shared.count(deviation::directory_record_twice) == 1);
  CHECK(shared.directory.records().size() == 14);

  const changed nowhere{[](auto items, auto at, auto&) {
    items[0].set(tag::OffsetOfTheNextDirectoryRecord, at[10] + 2);
  }};
  CHECK(nowhere.count(deviation::wrong_directory_offset) == 2);  // and the last of the root is another one
  CHECK(nowhere.count(deviation::unreachable_directory_record) == 1);
  CHECK(shape(nowhere.directory.root()) == whole_tree);

  const changed none_at_all{[](auto items, auto, auto& directory) {
    directory.set(tag::OffsetOfTheFirstDirectoryRecordOfTheRootDirectoryEntity, 0u);
    directory.set(tag::OffsetOfTheLastDirectoryRecordOfTheRootDirectoryEntity, 0u);
    for (auto& item : items) {
      item.erase(tag::OffsetOfTheNextDirectoryRecord);
      item.set(tag::OffsetOfReferencedLowerLevelDirectoryEntity, 1u);
    }
  }};
  CHECK(none_at_all.count(deviation::unreachable_directory_record) == 14);
  CHECK(shape(none_at_all.directory.root()) == whole_tree);

  CHECK(code_of([] {
          const changed refused{[](auto items, auto at, auto&) {
            items[3].set(tag::OffsetOfTheNextDirectoryRecord, at[3]);
          }, strictness::strict};
        }) == errc::malformed_file);
}

TEST_CASE("records that are not in use are left out, with all below them") {
  const changed directory{[](auto items, auto, auto&) { items[2].set(tag::RecordInUseFlag, 0); }};
  CHECK(directory.directory.diagnoses().empty());
  CHECK(shape(directory.directory.root()) ==
        "PATIENT(STUDY(SERIES(IMAGE)) STUDY(SERIES(IMAGE))) PATIENT(STUDY(SERIES(IMAGE)))");
}

TEST_CASE("a File ID never leads out of the folder of its directory") {
  const auto try_id = [](const std::vector<std::string>& id, const std::function<void(const fs::path&)>& prepare = {}) {
    const changed one{[&](auto items, auto, auto&) { items[3].set(tag::ReferencedFileID, id); }};
    if (prepare) prepare(one.folder.path());
    const auto& record = one.directory.root()[0].children()[0].children()[0].children()[0];
    CHECK(record.file_id() == id);
    fs::path path;
    const auto code = code_of([&] { path = one.directory.path_of(record).lexically_relative(one.folder.path()); });
    return code == errc{} ? path.string() : std::string{code == errc::malformed_file ? "refused" : "another error"};
  };
  CHECK(try_id({"A", "1"}) == "A/1");
  CHECK(try_id({"NONE", "HERE"}) == "NONE/HERE");
  CHECK(try_id({".."}) == "refused");
  CHECK(try_id({"A", "..", "..", "X"}) == "refused");
  CHECK(try_id({"."}) == "refused");
  CHECK(try_id({"/etc/passwd"}) == "refused");
  CHECK(try_id({"", "etc", "passwd"}) == "refused");
  CHECK(try_id({"A/../../X"}) == "refused");
  CHECK(try_id({"C:"}) == "refused");
  CHECK(try_id({"LINK", "passwd"}, [](const fs::path& in) { fs::create_symlink("/etc", in / "LINK"); }) == "refused");
  CHECK(try_id({"LINK"}, [](const fs::path& in) { fs::create_symlink("/etc/passwd", in / "LINK"); }) == "refused");
  CHECK(try_id({"LINK", "1"}, [](const fs::path& in) { fs::create_symlink("A", in / "LINK"); }) == "LINK/1");
  // a file system that shows names in its own way
  const auto small = [](const fs::path& in) { fs::rename(in / "B" / "4", in / "B" / "x.;1"); };
  CHECK(try_id({"B", "X"}, small) == "B/x.;1");

  const changed one{[](auto, auto, auto&) {}};
  CHECK(code_of([&] { static_cast<void>(one.directory.path_of(one.directory.root()[0])); }) == errc::invalid_argument);
  const changed odd{[](auto items, auto, auto&) { items[3].set(tag::ReferencedFileID, "small.dcm"); }};
  CHECK(odd.count(deviation::invalid_file_id) == 1);
}

TEST_CASE("a file that is not there, or no directory, is an error or an empty directory") {
  const temporary_folder folder;
  CHECK(code_of([&] { static_cast<void>(read_media_directory(folder.path() / "DICOMDIR")); }) == errc::file_error);
  std::ofstream{(folder.path() / "DICOMDIR").string()} << "This is not a DICOM file at all.";
  CHECK(code_of([&] { static_cast<void>(read_media_directory(folder.path() / "DICOMDIR")); }) == errc::malformed_file);
  try {
    static_cast<void>(read_media_directory(folder.path() / "DICOMDIR"));
  } catch (const std::system_error& e) {
    const std::string_view what = e.what();
    CHECK(what.find(folder.path().string()) != std::string_view::npos);
    CHECK(what.find("not a DICOM file") == what.rfind("not a DICOM file"));
  }
  put(folder.path() / "1", an_object("P", "1", "1.1", "1.1.1"));
  CHECK(read_media_directory(folder.path() / "1").records().empty());
  CHECK(code_of([&] { write_media_directory(folder.path() / "NONE"); }) == errc::file_error);
}
