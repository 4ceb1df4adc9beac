// Much at once, over several associations, by C-MOVE and C-GET; killed and gone on with.
#include "harness/checks.hpp"
#include "harness/proxy.hpp"

#include <codicom/data_set/data_set.hpp>
#include <codicom/dictionary/sop_classes.hpp>
#include <codicom/dictionary/tags.hpp>
#include <codicom/dictionary/transfer_syntaxes.hpp>
#include <codicom/file/write_file.hpp>

#include <algorithm>
#include <cstdlib>
#include <doctest/doctest.h>
#include <random>

using namespace interop;
namespace dicom = codicom;

namespace {

// CODICOM_FULL_ACCEPTANCE=1: 1,000 instances of 512 KB and 20 kills; else few enough for every day.
bool full() { return std::getenv("CODICOM_FULL_ACCEPTANCE") != nullptr; }

constexpr int studies = 10;
constexpr std::uint64_t object_bytes = 512u << 10;

struct holdings {
  std::vector<fs::path> files;
  std::uint64_t bytes = 0;
};

// Studies "2.25.9.<n>", each in two series.
holdings make_objects(const fs::path& folder) {
  namespace tag = dicom::tag;
  holdings made;
  const int per_study = full() ? 100 : 8;
  for (int s = 1; s <= studies; ++s)
    for (int i = 1; i <= per_study; ++i) {
      const auto study = "2.25.9." + std::to_string(s);
      const auto series = study + '.' + std::to_string(1 + i % 2);
      dicom::data_set object;
      object.set(tag::SOPClassUID, dicom::sop_class::CTImageStorage);
      object.set_text(tag::SOPInstanceUID, series + '.' + std::to_string(i)).set_text(tag::StudyInstanceUID, study);
      object.set_text(tag::SeriesInstanceUID, series).set(tag::PatientID, "BULK").set(tag::PatientName, "BULK^TEST");
      object.set(tag::StudyDate, "20200101").set(tag::StudyTime, "120000").set(tag::StudyID, "1").set(tag::Modality, "CT");
      object.set(tag::AccessionNumber, "1").set(tag::SeriesNumber, "1").set_text(tag::InstanceNumber, std::to_string(i));
      object.set(tag::SamplesPerPixel, 1).set(tag::PhotometricInterpretation, "MONOCHROME2").set(tag::Rows, 512);
      object.set(tag::Columns, 512).set(tag::BitsAllocated, 16).set(tag::BitsStored, 16).set(tag::HighBit, 15);
      object.set(tag::PixelRepresentation, 0);
      object.set_bytes(tag::PixelData, dicom::vr::ow,
                       std::vector<std::byte>(object_bytes, static_cast<std::byte>(s * 16 + i)));
      const auto file = folder / (std::to_string(s) + '-' + std::to_string(i) + ".dcm");
      dicom::write_file(file, object, dicom::transfer_syntax::ExplicitVRLittleEndian);
      made.files.push_back(file);
      made.bytes += fs::file_size(file);
    }
  return made;
}

std::size_t count_files(const fs::path& folder) { return files_below(folder).size(); }

// What the archive sends goes to us through the proxy.
template <class MakeArchive>
void check_bulk(MakeArchive make_archive) {
  const temp_folder held, at_once, resumed;
  const auto objects = make_objects(held);
  const auto self = receiver_entity();
  const tcp_proxy proxy{self.port, 20'000'000};
  auto archive = make_archive(entity{self.aet, proxy.port()});
  REQUIRE_MESSAGE(archive->load(objects.files), archive->load_log);
  const std::vector<std::string> what{"-k", "StudyInstanceUID", "--parallel", "4"};
  const auto total = objects.files.size();

  const auto everything = retrieve(*archive, self, at_once, what, 300s);
  INFO(everything.err);
  CHECK(everything.code == 0);
  CHECK(everything.done("received") == static_cast<long>(total));
  CHECK(everything.done("studies") == studies);
  check_only_complete_files(at_once);
  CHECK(same_objects(by_uid(at_once), by_uid(held)));

  const auto before = proxy.bytes();
  const std::size_t kills = full() ? 20 : 3;
  std::mt19937 random{20261122};
  std::vector<std::size_t> when;
  for (std::size_t i = 0; i < kills; ++i) when.push_back(1 + random() % (total - 1));
  std::sort(when.begin(), when.end());
  auto again = what;
  again.push_back("--resume");
  for (const auto k : when) {
    if (count_files(resumed) >= k) continue;  // more came than we asked for before the last kill
    process tool{retrieve_command(*archive, self, resumed, again)};
    CHECK(until([&] { return !tool.running() || count_files(resumed) >= k; }, 300s));
    tool.signal(SIGKILL);
    static_cast<void>(tool.wait(5s));
    check_only_complete_files(resumed);
  }
  const auto last = retrieve(*archive, self, resumed, again, 300s);
  INFO(last.err);
  CHECK(last.code == 0);
  CHECK(last.done("received") + last.done("here") == static_cast<long>(total));
  check_only_complete_files(resumed);
  CHECK(same_objects(by_uid(resumed), by_uid(held)));
  // Of each of four associations, what was under way when the tool was killed, and what lay in the buffers of the
  // sockets.
  const auto transferred = proxy.bytes() - before;
  const auto allowed = objects.bytes + objects.bytes / 20 + kills * 4 * (object_bytes + (256u << 10));
  MESSAGE("transferred " << transferred << " bytes for " << objects.bytes << ", " << allowed << " allowed");
  CHECK(transferred <= allowed);

  const auto nothing = retrieve(*archive, self, resumed, again, 60s);
  CHECK(nothing.code == 0);
  CHECK(nothing.done("received") == 0);
  CHECK(nothing.done("here") == static_cast<long>(total));
}

}  // namespace

TEST_CASE("ten studies from Orthanc over four associations; killed again and again and resumed, nothing comes twice") {
  if (!orthanc::available()) return;
  check_bulk([](const entity& self) { return std::make_unique<orthanc>(orthanc_options{.destinations = {self}}); });
}

TEST_CASE("ten studies from dcmqrscp over four associations; killed again and again and resumed, nothing comes twice") {
  if (!dcmqrscp::available()) return;
  check_bulk([](const entity& self) { return std::make_unique<dcmqrscp>(std::vector<entity>{self}); });
}

namespace {

void check_get(const entity& archive, const std::vector<std::string>& more = {}) {
  const temp_folder folder;
  std::vector<std::string> options{"--get", "-k", std::string{"StudyInstanceUID="} + mr_study};
  options.insert(options.end(), more.begin(), more.end());
  const auto result = retrieve(archive, receiver_entity(), folder, options);
  INFO(result.err);
  CHECK(result.code == 0);
  CHECK(result.done("received") == 11);
  CHECK(result.done("missing") + result.done("failed") == 0);
  check_only_complete_files(folder);
  CHECK(by_uid(folder).size() == 11);
}

}  // namespace

TEST_CASE("--get from Orthanc, which need not know us; and by name for what is missing in the folder") {
  const auto data = samples();
  if (!data || !orthanc::available()) return;
  orthanc archive;
  REQUIRE(archive.load(mr_study_files(*data)));
  check_get(archive);
  check_get(archive, {"--parallel", "2", "--layout", "{PatientID}/{StudyInstanceUID}"});

  const temp_folder folder;
  const auto self = receiver_entity();
  const std::vector<std::string> options{"--get", "--resume", "-k", std::string{"StudyInstanceUID="} + mr_study};
  CHECK(retrieve(archive, self, folder, options).done("received") == 11);
  const auto files = files_below(folder);
  REQUIRE(files.size() == 11);
  fs::remove(files[0]);
  fs::resize_file(files[1], fs::file_size(files[1]) / 2);
  const auto again = retrieve(archive, self, folder, options);
  INFO(again.err);
  CHECK(again.code == 0);
  CHECK(again.done("here") == 9);
  CHECK(again.done("received") == 2);
}

TEST_CASE("--get from PixelMed's archive") {
  const auto data = samples();
  if (!data || !pixelmed_archive::available()) return;
  pixelmed_archive archive{{}};
  REQUIRE(archive.load(mr_study_files(*data)));
  check_get(archive);
}

TEST_CASE("--get from dcmqrscp") {
  const auto data = samples();
  if (!data || !dcmqrscp::available()) return;
  dcmqrscp archive{{}, false};
  REQUIRE_MESSAGE(archive.load(mr_study_files(*data)), archive.load_log);
  check_get(archive);
  check_get(archive, {"--parallel", "3"});
}

TEST_CASE("one study over several associations: a C-MOVE for each of its series") {
  const auto data = samples();
  if (!data || !dcmqrscp::available()) return;
  const auto self = receiver_entity();
  dcmqrscp archive{{self}};
  REQUIRE_MESSAGE(archive.load(mr_study_files(*data)), archive.load_log);
  const temp_folder folder;
  const std::vector<std::string> study{"-k", std::string{"StudyInstanceUID="} + mr_study, "--parallel", "3"};
  const auto result = retrieve(archive, self, folder, study);
  INFO(result.err);
  CHECK(result.code == 0);
  CHECK(result.done("received") == 11);
  REQUIRE(result.all("match_done").size() == 1);
  CHECK(result.all("match_done")[0]["received"] == 11);
  check_only_complete_files(folder);
  CHECK(count_of(archive.server->all(), "Move SCP Request") >= 3);
  CHECK(result.err.find("Received") != std::string::npos);  // the table
}

TEST_CASE("--get from odil") {
  const auto data = samples();
  if (!data || !odil_archive::available()) return;
  const temp_folder held;
  int number = 0;
  for (const auto& file : mr_study_files(*data)) fs::copy_file(file, held.path() / (std::to_string(number++) + ".dcm"));
  const odil_archive archive{held, {}};
  check_get(archive, {"--retries", "3"});  // between two associations its port is closed for a moment
}

TEST_CASE("--dry-run and --from: what would be retrieved, and what of the list is not there") {
  const auto data = samples();
  if (!data || !orthanc::available()) return;
  orthanc archive;
  REQUIRE(archive.load(mr_study_files(*data)));
  const temp_folder folder, scratch;
  write_text(scratch / "list.csv", std::string{"StudyInstanceUID\n"} + mr_study + "\n1.2.3.4\n");
  const auto result =
      retrieve(archive, receiver_entity(), folder, {"--dry-run", "--from", (scratch / "list.csv").string()});
  INFO(result.err);
  CHECK(result.code == 1);
  CHECK(result.err.find("nothing matches entry 2") != std::string::npos);
  const auto planned = result.all("planned");
  REQUIRE(planned.size() == 1);
  CHECK(planned[0]["instances"] == 11);
  CHECK(planned[0]["bytes"] == 11 * 16 * 16 * 2);
  CHECK(files_below(folder).empty());
}
