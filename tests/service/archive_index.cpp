#include <codicom/dictionary/tags.hpp>
#include <codicom/dictionary/transfer_syntaxes.hpp>
#include <codicom/service/archive_index.hpp>
#include <codicom/service/classes.hpp>
#include <support/queries.hpp>

#include <doctest/doctest.h>
#include <set>
#include <string>
#include <system_error>
#include <vector>

using namespace codicom;
using namespace codicom::service;
using codicom::test_support::query;

namespace {

data_set head(std::string_view patient, std::string_view name, std::string_view study, std::string_view series,
              std::string_view instance, std::string_view modality = "CT") {
  data_set result;
  result.set(tag::PatientID, patient).set(tag::PatientName, name).set(tag::StudyInstanceUID, study);
  result.set(tag::SeriesInstanceUID, series).set(tag::Modality, modality).set(tag::SOPInstanceUID, instance);
  result.set(tag::SOPClassUID, sop_class::CTImageStorage).set(tag::StudyDate, "20200115").set(tag::Rows, 64);
  return result;
}

void add(archive_index& index, const data_set& object) {
  const stored_object where{*object.uid(tag::SOPClassUID), *object.uid(tag::SOPInstanceUID),
                            transfer_syntax::ExplicitVRLittleEndian, object.text(tag::SOPInstanceUID) + ".dcm"};
  CHECK(index.add(object, where) == archive_index::outcome::added);
}

// Two patients; P1 has two studies, study 1.1 two series of two and one instances.
void fill(archive_index& index) {
  add(index, head("P1", "ALLISON^MARY^A", "1.1", "1.1.1", "1.1.1.1", "CT"));
  add(index, head("P1", "ALLISON^MARY^A", "1.1", "1.1.1", "1.1.1.2", "CT"));
  add(index, head("P1", "ALLISON^MARY^A", "1.1", "1.1.2", "1.1.2.1", "SR"));
  add(index, head("P1", "ALLISON^MARY^A", "1.2", "1.2.1", "1.2.1.1", "MR"));
  add(index, head("P2", "DOE^JOHN", "2.1", "2.1.1", "2.1.1.1", "CT"));
}

std::vector<data_set> find(const archive_index& index, query_model model, const data_set& keys) {
  find_cursor cursor{index, {model, keys, "ARCHIVE"}};
  std::vector<data_set> result;
  while (auto match = cursor.next()) result.push_back(std::move(*match));
  return result;
}

std::set<std::string> texts(const std::vector<data_set>& matches, element_tag key) {
  std::set<std::string> result;
  for (const auto& match : matches) result.insert(match.text(key));
  return result;
}

}  // namespace

TEST_CASE("Objects build patients, studies, series and instances") {
  archive_index index;
  fill(index);
  CHECK(index.patients() == 2);
  CHECK(index.studies() == 3);
  CHECK(index.series() == 4);
  CHECK(index.instances() == 5);
  REQUIRE(index.find("1.1.2.1") != nullptr);
  CHECK(index.find("1.1.2.1")->file == "1.1.2.1.dcm");
  CHECK(index.find("9") == nullptr);
}

TEST_CASE("The same object is entered once, and one without its UIDs not at all") {
  archive_index index;
  fill(index);
  const auto again = head("P1", "ALLISON^MARY^A", "1.1", "1.1.1", "1.1.1.1");
  CHECK(index.add(again, {sop_class::CTImageStorage, "1.1.1.1", transfer_syntax::ExplicitVRLittleEndian, "x.dcm"}) ==
        archive_index::outcome::already_there);
  data_set lost;
  lost.set(tag::SOPInstanceUID, "7.7");
  CHECK(index.add(lost, {sop_class::CTImageStorage, "7.7", transfer_syntax::ExplicitVRLittleEndian, "y.dcm"}) ==
        archive_index::outcome::incomplete);
  CHECK(index.instances() == 5);
}

TEST_CASE("C-FIND at the four levels of the patient root") {
  archive_index index;
  fill(index);
  auto keys = query("PATIENT");
  keys.set(tag::PatientID).set(tag::PatientName, "allison*");
  keys.set(tag::NumberOfPatientRelatedStudies).set(tag::NumberOfPatientRelatedInstances);
  auto found = find(index, query_model::patient_root, keys);
  REQUIRE(found.size() == 1);
  CHECK(found[0].text(tag::PatientID) == "P1");
  CHECK(found[0].text(tag::PatientName) == "ALLISON^MARY^A");
  CHECK(found[0].text(tag::NumberOfPatientRelatedStudies) == "2");
  CHECK(found[0].text(tag::NumberOfPatientRelatedInstances) == "4");
  CHECK(found[0].text(tag::QueryRetrieveLevel) == "PATIENT");
  CHECK(found[0].text(tag::RetrieveAETitle) == "ARCHIVE");

  keys = query("STUDY");
  keys.set(tag::PatientID, "P1").set(tag::StudyInstanceUID);
  CHECK(texts(find(index, query_model::patient_root, keys), tag::StudyInstanceUID) ==
        std::set<std::string>{"1.1", "1.2"});

  keys = query("SERIES");
  keys.set(tag::PatientID, "P1").set(tag::StudyInstanceUID, "1.1").set(tag::SeriesInstanceUID).set(tag::Modality);
  keys.set(tag::NumberOfSeriesRelatedInstances);
  found = find(index, query_model::patient_root, keys);
  CHECK(texts(found, tag::SeriesInstanceUID) == std::set<std::string>{"1.1.1", "1.1.2"});
  CHECK(texts(found, tag::NumberOfSeriesRelatedInstances) == std::set<std::string>{"2", "1"});

  keys = query("IMAGE");
  keys.set(tag::PatientID, "P1").set(tag::StudyInstanceUID, "1.1").set(tag::SeriesInstanceUID, "1.1.1");
  keys.set(tag::SOPInstanceUID).set(tag::AvailableTransferSyntaxUID).set(tag::Rows).set(tag::InstanceAvailability);
  found = find(index, query_model::patient_root, keys);
  CHECK(texts(found, tag::SOPInstanceUID) == std::set<std::string>{"1.1.1.1", "1.1.1.2"});
  CHECK(found[0].text(tag::AvailableTransferSyntaxUID) == transfer_syntax::ExplicitVRLittleEndian.view());
  CHECK(found[0].text(tag::Rows) == "64");
  CHECK(found[0].text(tag::InstanceAvailability) == "ONLINE");
}

TEST_CASE("C-FIND at STUDY level of the study root: patient attributes belong to the study, counts are computed") {
  archive_index index;
  fill(index);
  auto keys = query("STUDY");
  keys.set(tag::PatientName, "ALLISON*").set(tag::StudyInstanceUID).set(tag::ModalitiesInStudy);
  keys.set(tag::NumberOfStudyRelatedSeries).set(tag::NumberOfStudyRelatedInstances).set(tag::StudyDescription);
  const auto found = find(index, query_model::study_root, keys);
  REQUIRE(found.size() == 2);
  CHECK(found[0].text(tag::StudyInstanceUID) == "1.1");
  CHECK(found[0].text(tag::ModalitiesInStudy) == "CT\\SR");
  CHECK(found[0].text(tag::NumberOfStudyRelatedSeries) == "2");
  CHECK(found[0].text(tag::NumberOfStudyRelatedInstances) == "3");
  CHECK(found[0].contains(tag::StudyDescription));  // supported, without a value here
  CHECK(found[0].text(tag::StudyDescription).empty());
}

TEST_CASE("Modalities in Study is matched though it is computed") {
  archive_index index;
  fill(index);
  auto keys = query("STUDY");
  keys.set(tag::ModalitiesInStudy, "SR").set(tag::StudyInstanceUID);
  CHECK(texts(find(index, query_model::study_root, keys), tag::StudyInstanceUID) == std::set<std::string>{"1.1"});
  keys.set_text(tag::ModalitiesInStudy, "MR\\SR");
  CHECK(find(index, query_model::study_root, keys).size() == 2);
}

TEST_CASE("An IMAGE query without the levels above is answered all the same") {
  archive_index index;
  fill(index);
  auto keys = query("IMAGE");
  keys.set(tag::SOPInstanceUID);
  CHECK(find(index, query_model::study_root, keys).size() == 5);
  keys.set(tag::Modality, "CT");
  CHECK(find(index, query_model::study_root, keys).size() == 3);
  keys.set_text(tag::StudyInstanceUID, "1.1\\1.2");
  CHECK(find(index, query_model::study_root, keys).size() == 2);
  keys.set(tag::StudyInstanceUID, "9.9");
  CHECK(find(index, query_model::study_root, keys).empty());
}

TEST_CASE("Keys that are not supported are told, ignored and left out of the answer") {
  archive_index index;
  fill(index);
  auto keys = query("STUDY");
  keys.set(tag::StudyInstanceUID).set(tag::KVP, "120");
  find_cursor cursor{index, {query_model::study_root, keys, "ARCHIVE"}};
  CHECK(archive_query{query_model::study_root, keys, "ARCHIVE"}.has_unsupported_keys());
  const auto match = cursor.next();
  REQUIRE(match);
  CHECK_FALSE(match->contains(tag::KVP));

  keys.erase(tag::KVP);
  CHECK_FALSE(archive_query{query_model::study_root, keys, "ARCHIVE"}.has_unsupported_keys());
  keys.set(tag::SOPInstanceUID, "1.1.1.1");  // below the level
  CHECK(archive_query{query_model::study_root, keys, "ARCHIVE"}.has_unsupported_keys());
  CHECK(find(index, query_model::study_root, keys).size() == 3);
}

TEST_CASE("A level that is none of the model is refused") {
  CHECK_THROWS_AS((archive_query{query_model::study_root, query("PATIENT"), "ARCHIVE"}), std::system_error);
  CHECK_THROWS_AS((archive_query{query_model::study_root, query("FRAME"), "ARCHIVE"}), std::system_error);
  CHECK_THROWS_AS((archive_query{query_model::study_root, data_set{}, "ARCHIVE"}), std::system_error);
}

TEST_CASE("Patient/Study Only has no series; of a sequence the items that match are answered, and what was asked of them") {
  CHECK_THROWS_AS((archive_query{query_model::patient_study_only, query("SERIES"), "ARCHIVE"}), std::system_error);
  archive_index index;
  auto object = head("P1", "A^B", "1.1", "1.1.1", "1.1.1.1");
  for (const auto step : {"S1", "S2"})
    object.add_item(tag::RequestAttributesSequence, data_set{}
                                                        .set(tag::ScheduledProcedureStepID, std::string_view{step})
                                                        .set(tag::RequestedProcedureID, "R"));
  add(index, object);
  auto keys = query("SERIES");
  keys.set(tag::StudyInstanceUID, "1.1").set(tag::SeriesInstanceUID);
  keys.set(tag::RequestAttributesSequence);
  auto found = find(index, query_model::study_root, keys);
  REQUIRE(found.size() == 1);
  CHECK(found[0].items(tag::RequestAttributesSequence).size() == 2);
  keys.add_item(tag::RequestAttributesSequence).set(tag::ScheduledProcedureStepID, "S2");
  found = find(index, query_model::study_root, keys);
  REQUIRE(found.size() == 1);
  const auto items = found[0].items(tag::RequestAttributesSequence);
  REQUIRE(items.size() == 1);
  CHECK(items[0].text(tag::ScheduledProcedureStepID) == "S2");
  CHECK_FALSE(items[0].contains(tag::RequestedProcedureID));
}

TEST_CASE("Text is answered in the character set of the study, or in UTF-8 where two would meet") {
  archive_index index;
  auto latin = head("P3", "", "3.1", "3.1.1", "3.1.1.1");
  latin.set(tag::SpecificCharacterSet, "ISO_IR 100").set(tag::PatientName, "MÜLLER^JÖRG");
  add(index, latin);
  auto greek = head("P3", "", "3.2", "3.2.1", "3.2.1.1");
  greek.set(tag::SpecificCharacterSet, "ISO_IR 192").set(tag::StudyDescription, "Διονυσιος");
  add(index, greek);
  auto keys = query("STUDY");
  keys.set(tag::SpecificCharacterSet, "ISO_IR 192").set(tag::PatientName, "müller^*").set(tag::StudyDescription);
  keys.set(tag::StudyInstanceUID);
  const auto found = find(index, query_model::study_root, keys);
  REQUIRE(found.size() == 2);
  for (const auto& match : found) CHECK(match.text(tag::PatientName) == "MÜLLER^JÖRG");
  CHECK(found[0].text(tag::SpecificCharacterSet) == "ISO_IR 100");
  CHECK(found[1].text(tag::SpecificCharacterSet) == "ISO_IR 192");
  CHECK(found[1].text(tag::StudyDescription) == "Διονυσιος");
}

TEST_CASE("Objects added while a query is answered do not disturb it") {
  archive_index index;
  fill(index);
  auto keys = query("IMAGE");
  keys.set(tag::SOPInstanceUID);
  find_cursor cursor{index, {query_model::study_root, keys, "ARCHIVE"}};
  int count = 0;
  while (cursor.next()) {
    if (++count < 200) {
      const auto n = std::to_string(count);
      add(index, head("N" + n, "NEW", "4." + n, "5." + n, "6." + n));
    }
  }
  CHECK(count == 5);
}

TEST_CASE("C-MOVE selects by unique keys at each level") {
  archive_index index;
  fill(index);
  const auto count = [&](const data_set& identifier, query_model model) {
    return index.select(identifier, model).size();
  };
  auto keys = query("PATIENT");
  keys.set(tag::PatientID, "P1");
  CHECK(count(keys, query_model::patient_root) == 4);
  keys.set(tag::PatientID, "*");
  CHECK(count(keys, query_model::patient_root) == 0);

  keys = query("STUDY");
  keys.set_text(tag::StudyInstanceUID, "1.1\\2.1");
  CHECK(count(keys, query_model::study_root) == 4);
  keys.set(tag::PatientID, "P2");
  CHECK(count(keys, query_model::patient_root) == 1);
  CHECK(count(keys, query_model::study_root) == 4);

  keys = query("SERIES");
  keys.set(tag::SeriesInstanceUID, "1.1.1");
  CHECK(count(keys, query_model::study_root) == 2);
  keys.set(tag::StudyInstanceUID, "1.2");
  CHECK(count(keys, query_model::study_root) == 0);

  keys = query("IMAGE");
  keys.set_text(tag::SOPInstanceUID, "1.1.1.1\\2.1.1.1\\9.9");
  CHECK(count(keys, query_model::study_root) == 2);
  keys.set(tag::StudyInstanceUID, "1.1");
  CHECK(count(keys, query_model::study_root) == 1);

  CHECK_THROWS_AS(count(query("STUDY"), query_model::study_root), std::system_error);
}
