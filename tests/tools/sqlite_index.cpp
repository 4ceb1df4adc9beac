#include "../../examples/pacs/sqlite_index.hpp"

#include <codicom/core/generate_uid.hpp>
#include <codicom/coro/run.hpp>
#include <codicom/dictionary/sop_classes.hpp>
#include <codicom/dictionary/tags.hpp>
#include <codicom/dictionary/transfer_syntaxes.hpp>
#include <codicom/service/archive_index.hpp>
#include <support/queries.hpp>

#include <doctest/doctest.h>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

using namespace codicom;
using namespace codicom::service;
using codicom::test_support::query;
using tools::sqlite_index;

namespace {

class scratch {
 public:
  scratch() : folder{std::filesystem::temp_directory_path() / ("codicom-index-" + generate_uid().str())} {
    std::filesystem::create_directories(folder);
  }
  scratch(const scratch&) = delete;
  scratch& operator=(const scratch&) = delete;
  ~scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
  }
  [[nodiscard]] std::filesystem::path file() const { return folder / ".index.sqlite"; }
  std::filesystem::path folder;
};

data_set head(std::string_view patient, std::string_view name, std::string_view study, std::string_view series,
              std::string_view instance, std::string_view date = "20200115", std::string_view modality = "CT") {
  data_set result;
  result.set(tag::SpecificCharacterSet, "ISO_IR 192");
  result.set(tag::PatientID, patient).set(tag::PatientName, name).set(tag::StudyInstanceUID, study);
  result.set(tag::SeriesInstanceUID, series).set(tag::Modality, modality).set(tag::SOPInstanceUID, instance);
  result.set(tag::SOPClassUID, sop_class::CTImageStorage).set(tag::StudyDate, date);
  result.set(tag::AccessionNumber, "A" + std::string{study});
  return result;
}

stored_object place(const data_set& object, const std::filesystem::path& folder) {
  const auto uid = *object.uid(tag::SOPInstanceUID);
  return {sop_class::CTImageStorage, uid, transfer_syntax::ExplicitVRLittleEndian, folder / (uid.str() + ".dcm")};
}

std::vector<data_set> answers(const archive& from, query_model model, const data_set& keys, query_extensions more = {}) {
  std::vector<data_set> result;
  const auto read = [](const archive& asked, archive_query query, std::vector<data_set>& into) -> task<> {
    const auto source = asked.query(std::move(query));
    for (;;) {
      auto page = co_await source->next_page();
      if (page.empty()) break;
      for (auto& each : page) into.push_back(std::move(each));
    }
  };
  run(read(from, archive_query{model, keys, "ARCHIVE", more}, result));
  return result;
}

std::vector<stored_object> resolved(const archive& from, const data_set& identifier, query_model model) {
  std::vector<stored_object> result;
  const auto read = [](const archive& asked, const data_set& what, query_model of,
                       std::vector<stored_object>& into) -> task<> { into = co_await asked.resolve(what, of); };
  run(read(from, identifier, model, result));
  return result;
}

// Answers as text, in no order.
std::multiset<std::string> texts(const std::vector<data_set>& matches) {
  std::multiset<std::string> result;
  for (const auto& match : matches) {
    std::string text;
    for (const auto& each : match) text += to_string(each.tag()) + "=" + match.text(each) + "\n";
    result.insert(std::move(text));
  }
  return result;
}

}  // namespace

TEST_CASE("An index outlives its program, and keeps the first of two objects of one UID") {
  const scratch at;
  const auto one = head("P1", "DOE^JANE", "1.1", "1.1.1", "1.1.1.1");
  {
    sqlite_index index{at.file(), at.folder, durability::synced};
    CHECK(index.add(one, place(one, at.folder), {10, 1}) == sqlite_index::outcome::added);
    CHECK(index.add(one, place(one, at.folder / "copy"), {10, 1}) == sqlite_index::outcome::already_there);
    data_set lost;
    lost.set(tag::SOPInstanceUID, "7.7");
    CHECK(index.add(lost, place(lost, at.folder), {10, 1}) == sqlite_index::outcome::incomplete);
    CHECK(index.knows(at.folder / "1.1.1.1.dcm", {10, 1}));
    CHECK_FALSE(index.knows(at.folder / "1.1.1.1.dcm", {11, 1}));
    CHECK_FALSE(index.knows(at.folder / "1.1.1.1.dcm", {10, 2}));
    index.pass_over(at.folder / "notes.txt", {5, 5});
    CHECK(index.knows(at.folder / "notes.txt", {5, 5}));
  }
  sqlite_index index{at.file(), at.folder, durability::synced};
  const auto have = index.count();
  CHECK(have.instances == 1);
  CHECK(have.series == 1);
  CHECK(have.studies == 1);
  CHECK(have.patients == 1);
  CHECK(have.passed_over == 1);
  auto keys = query("STUDY");
  keys.set(tag::StudyInstanceUID, "1.1");
  const auto objects = resolved(index, keys, query_model::study_root);
  REQUIRE(objects.size() == 1);
  CHECK(objects[0].file == at.folder / "1.1.1.1.dcm");
  CHECK(objects[0].transfer_syntax_uid == transfer_syntax::ExplicitVRLittleEndian);
}

TEST_CASE("Files that have gone or changed are dropped, with the levels above that they leave empty") {
  const scratch at;
  sqlite_index index{at.file(), at.folder, durability::cached};
  const auto objects = {head("P1", "A^B", "1.1", "1.1.1", "1.1.1.1"), head("P1", "A^B", "1.1", "1.1.1", "1.1.1.2"),
                        head("P1", "A^B", "1.2", "1.2.1", "1.2.1.1"), head("P2", "C^D", "2.1", "2.1.1", "2.1.1.1")};
  for (const auto& each : objects) index.add(each, place(each, at.folder), {10, 1});
  index.pass_over(at.folder / "copy.dcm", {10, 1}, unique_id{"2.1.1.1"});  // of the one that goes

  std::map<std::string, tools::file_stamp> there{{"1.1.1.1.dcm", {10, 1}}, {"1.1.1.2.dcm", {10, 2}}, {"1.2.1.1.dcm", {10, 1}}};
  const auto dropped = index.drop_stale([&](const std::filesystem::path& file) -> std::optional<tools::file_stamp> {
    const auto found = there.find(file.filename().string());
    if (found == there.end()) return std::nullopt;
    return found->second;
  });
  CHECK(dropped == 2);
  const auto have = index.count();
  CHECK(have.instances == 2);
  CHECK(have.studies == 2);
  CHECK(have.patients == 1);
  CHECK_FALSE(index.knows(at.folder / "copy.dcm", {10, 1}));  // its turn
  auto keys = query("STUDY");
  keys.set(tag::StudyInstanceUID).set(tag::NumberOfStudyRelatedInstances).set(tag::PatientID, "P1");
  CHECK(texts(answers(index, query_model::study_root, keys)).size() == 2);
  keys.set(tag::PatientID, "P2");
  CHECK(answers(index, query_model::study_root, keys).empty());
}

TEST_CASE("What throws within a transaction leaves nothing behind") {
  const scratch at;
  sqlite_index index{at.file(), at.folder, durability::cached};
  const auto one = head("P1", "A^B", "1.1", "1.1.1", "1.1.1.1");
  const auto fails = [&] {
    index.together([&] {
      index.add(one, place(one, at.folder), {10, 1});
      throw std::runtime_error{"stop"};
    });
  };
  CHECK_THROWS_AS(fails(), std::runtime_error);
  CHECK(index.count().instances == 0);
  CHECK(index.add(one, place(one, at.folder), {10, 1}) == sqlite_index::outcome::added);
}

TEST_CASE("A file that is no index is told, one of another version is made anew") {
  const scratch at;
  {
    tools::database other{at.file()};
    other.execute("PRAGMA user_version = 9999");
  }
  CHECK(sqlite_index{at.file(), at.folder, durability::cached}.count().instances == 0);
  const auto text = at.folder / "text";
  {
    tools::database made{text};
    made.execute("CREATE TABLE t(a)");
  }
  std::filesystem::resize_file(text, 200);
  CHECK_THROWS_AS((sqlite_index{text, at.folder, durability::cached}), tools::database_error);
}

// What SQL narrows down must lose nothing: the index in memory, which looks at every record, has the same answers.
TEST_CASE("SQL and memory answer every query the same, at every level and with every extension") {
  const scratch at;
  sqlite_index stored{at.file(), at.folder, durability::cached};
  archive_index memory;
  std::mt19937 random{20261122};
  const auto one_of = [&random](const std::vector<std::string>& some) -> const std::string& {
    return some[random() % some.size()];
  };
  const std::vector<std::string> names{"DOE^JANE", "Doe^John^^", "MÜLLER^JÖRG", "Yamada^Tarou=山田^太郎=やまだ^たろう", "",
                                       "DOE", "O'BRIEN^PAT", "山田^花子", "Two^Names\\Another^One"};
  const std::vector<std::string> dates{"20200115", "2020.01.15", "20200116", "20191231", "", "unknown", "20210301"};
  int number = 0;
  stored.together([&] {
    for (int p = 0; p < 12; ++p) {
      const auto name = one_of(names);
      for (int s = 0; s < 3; ++s) {
        const auto date = one_of(dates);
        const auto study = "1." + std::to_string(p) + "." + std::to_string(s);
        for (int r = 0; r < 2; ++r)
          for (int i = 0; i < 3; ++i) {
            auto object = head("P" + std::to_string(p % 10), "", study, study + "." + std::to_string(r),
                               study + "." + std::to_string(r) + "." + std::to_string(i), "", r == 0 ? "CT" : "SR");
            object.set_text(tag::PatientName, name).set_text(tag::StudyDate, date);
            object.set(tag::InstanceNumber, ++number % 4);
            if (s == 1) object.set(tag::AccessionNumber);
            stored.add(object, place(object, at.folder), {10, 1});
            static_cast<void>(memory.add(object, place(object, at.folder)));
          }
      }
    }
  });
  const std::vector<std::string> name_keys{"", "*", "DOE*", "doe^jane", "DOE^JOHN", "müller*", "MÜLLER^JÖRG", "*jane*", "山田*",
                                           "=山田*", "Yamada^Tarou", "D?E*", "\"\"", "jane doe", "O*", "another^one"};
  const std::vector<std::string> date_keys{"", "20200115", "20200101-20200131", "-20200115", "20200116-", "unknown", "\"\""};
  const std::vector<std::string> id_keys{"", "P1", "P1*", "P?", "*1", "p1", " P2 "};
  const std::vector<std::string> accession_keys{"", "A1.1.0", "A1.1*", "\"\"", "A1.?.2", "A9"};
  const std::vector<std::string> study_keys{"", "1.1.0", "1.1.0\\1.2.2\\9.9"};
  const std::vector<std::string> series_keys{"", "1.1.0.1", "1.1.0.0\\1.3.1.1"};
  const std::vector<std::string> instance_keys{"", "1.1.0.1.2", "1.1.0.0.0\\1.3.1.1.1\\8"};
  std::size_t matched = 0;
  for (int round = 0; round < 600; ++round) {
    const auto level = static_cast<query_level>(random() % 4);
    const auto model = level == query_level::patient || random() % 2 == 0 ? query_model::patient_root : query_model::study_root;
    query_extensions more;
    more.fuzzy_names = random() % 4 == 0;
    more.empty_value = random() % 2 == 0;
    auto keys = query(to_string(level));
    keys.set(tag::SpecificCharacterSet, "ISO_IR 192");
    const auto maybe = [&](element_tag key, const std::vector<std::string>& some) {
      if (random() % 3 == 0) keys.set_text(key, one_of(some));
    };
    maybe(tag::PatientName, name_keys), maybe(tag::PatientID, id_keys);
    keys.set(tag::NumberOfPatientRelatedStudies).set(tag::NumberOfPatientRelatedSeries);
    keys.set(tag::NumberOfPatientRelatedInstances);
    if (level >= query_level::study) {
      maybe(tag::StudyDate, date_keys), maybe(tag::AccessionNumber, accession_keys);
      maybe(tag::StudyInstanceUID, study_keys), maybe(tag::ModalitiesInStudy, {"CT", "SR", "MR", ""});
      keys.set(tag::NumberOfStudyRelatedSeries).set(tag::NumberOfStudyRelatedInstances).set(tag::SOPClassesInStudy);
    }
    if (level >= query_level::series) {
      maybe(tag::SeriesInstanceUID, series_keys), maybe(tag::Modality, {"CT", "S*", ""});
      keys.set(tag::NumberOfSeriesRelatedInstances);
    }
    if (level == query_level::image) {
      maybe(tag::SOPInstanceUID, instance_keys), maybe(tag::InstanceNumber, {"1", "02", ""});
      keys.set(tag::AvailableTransferSyntaxUID);
    }
    CAPTURE(round);
    const auto expected = texts(answers(memory, model, keys, more));
    CHECK(texts(answers(stored, model, keys, more)) == expected);
    matched += expected.size();
  }
  CHECK(matched > 1000);

  for (int round = 0; round < 100; ++round) {
    const auto level = static_cast<query_level>(random() % 4);
    auto identifier = query(to_string(level));
    identifier.set_text(unique_key(level), level == query_level::patient  ? one_of({"P1", "P2", "P*", "P77"})
                                           : level == query_level::study  ? one_of({"1.1.0", "1.1.0\\1.2.2", "9.9"})
                                           : level == query_level::series ? one_of({"1.1.0.1", "1.1.0.0\\1.3.1.1"})
                                                                          : one_of({"1.1.0.1.2", "1.1.0.0.0\\1.3.1.1.1"}));
    if (random() % 2 == 0) identifier.set(tag::PatientID, "P1");
    if (level > query_level::study && random() % 2 == 0) identifier.set(tag::StudyInstanceUID, "1.1.0");
    const auto uids = [&](const archive& from) {
      std::set<std::string> result;
      for (const auto& each : resolved(from, identifier, query_model::patient_root)) result.insert(each.sop_instance_uid.str());
      return result;
    };
    CAPTURE(round);
    CHECK(uids(stored) == uids(memory));
  }
}

TEST_CASE("Objects added while a query is answered do not disturb it") {
  const scratch at;
  sqlite_index index{at.file(), at.folder, durability::cached};
  const auto enter = [&](int n) {
    const auto text = std::to_string(n);
    const auto object = head("P" + text, "A^B", "1." + text, "2." + text, "3." + text);
    index.add(object, place(object, at.folder), {10, 1});
  };
  index.together([&] {
    for (int n = 0; n < 300; ++n) enter(n);
  });
  auto keys = query("STUDY");
  keys.set(tag::StudyInstanceUID);
  const auto read = [&index, &enter](data_set asked) -> task<> {
    const auto source = index.query(archive_query{query_model::study_root, std::move(asked), "ARCHIVE"});
    std::set<std::string> seen;
    std::size_t count = 0;
    for (int n = 1000;; ++n) {
      const auto page = co_await source->next_page();
      if (page.empty()) break;
      if (n < 1020) enter(n);
      count += page.size();
      for (const auto& each : page) seen.insert(each.text(tag::StudyInstanceUID));
    }
    CHECK(seen.size() == count);
    CHECK(count >= 300);
  };
  run(read(keys));
}
