// What codicom-pacs does with another object under a SOP Instance UID that it has, sent by storescu.
#include "harness/checks.hpp"

#include <doctest/doctest.h>

using namespace interop;

namespace {

outcome store(const entity& to, const fs::path& file) {
  return run({"storescu", "-v", "-R", "-aec", to.aet, "127.0.0.1", std::to_string(to.port), file.string()});
}

std::string patient_names(const entity& archive) {
  return run({"findscu", "-S", "-aec", archive.aet, "-k", "QueryRetrieveLevel=STUDY", "-k", "StudyInstanceUID", "-k",
              "PatientName", "-k", "StudyDescription", "127.0.0.1", std::to_string(archive.port)})
      .all();
}

}  // namespace

TEST_CASE("codicom-pacs keeps, replaces or refuses another object of the same UID; the same one again is a success") {
  const auto data = samples();
  if (!data || !have({"storescu", "dcmodify", "findscu"})) return;
  const temp_folder scratch;
  const auto original = mr_study_files(*data).front();
  const auto changed = scratch / "changed.dcm";
  fs::copy_file(original, changed);
  fs::permissions(changed, fs::perms::owner_write, fs::perm_options::add);
  const auto modified = run({"dcmodify", "-nb", "-i", "StudyDescription=ANOTHER", changed.string()});
  REQUIRE_MESSAGE(modified.code == 0, modified.all());
  struct expectation {
    const char* policy;
    std::size_t files;
    bool answered_well, shows_new;
  };
  for (const auto& each : {expectation{"keep", 2, true, false}, expectation{"replace", 1, true, true},
                           expectation{"refuse", 1, false, false}}) {
    CAPTURE(each.policy);
    const temp_folder folder;
    // Under a name of its own, as a folder has it that is served as it is.
    fs::copy_file(original, folder / "image.dcm");
    const codicom_pacs pacs{folder, {}, {"--duplicates", each.policy}};
    const auto same = store(pacs, original);
    CHECK_MESSAGE(same.all().find("Success") != std::string::npos, same.all());
    CHECK(files_below(folder).size() == 1);
    const auto other = store(pacs, changed);
    CHECK_MESSAGE((other.all().find("Success") != std::string::npos) == each.answered_well, other.all());
    CHECK(files_below(folder).size() == each.files);
    CHECK((patient_names(pacs).find("ANOTHER") != std::string::npos) == each.shows_new);
  }
}
