#include <codicom/dictionary/tags.hpp>
#include <codicom/service/query_model.hpp>

#include <doctest/doctest.h>
#include <system_error>

using namespace codicom;
using namespace codicom::service;

TEST_CASE("Levels are read in any case and with padding") {
  CHECK(parse_level("STUDY") == query_level::study);
  CHECK(parse_level("image ") == query_level::image);
  CHECK_FALSE(parse_level("FRAME"));
  CHECK_FALSE(parse_level(""));
}

TEST_CASE("The identifier of a C-MOVE holds only the level and the unique keys down to it (PS3.4 C.4.2.2.1)") {
  data_set match;
  match.set(tag::QueryRetrieveLevel, "SERIES").set(tag::PatientID, "P1").set(tag::PatientName, "DOE^JOHN");
  match.set(tag::StudyInstanceUID, "1.2").set(tag::SeriesInstanceUID, "1.2.3").set(tag::Modality, "CT");
  match.set(tag::RetrieveAETitle, "PACS").set(tag::SOPInstanceUID, "1.2.3.4");

  const auto study_root = retrieve_identifier(match, query_model::study_root);
  CHECK(study_root.size() == 3);
  CHECK(study_root.text(tag::QueryRetrieveLevel) == "SERIES");
  CHECK(study_root.text(tag::StudyInstanceUID) == "1.2");
  CHECK(study_root.text(tag::SeriesInstanceUID) == "1.2.3");

  const auto patient_root = retrieve_identifier(match, query_model::patient_root);
  CHECK(patient_root.size() == 4);
  CHECK(patient_root.text(tag::PatientID) == "P1");
}

TEST_CASE("A list of UIDs of the level goes along") {
  data_set what;
  what.set(tag::QueryRetrieveLevel, "STUDY").set_text(tag::StudyInstanceUID, "1.2\\1.3");
  CHECK(retrieve_identifier(what, query_model::study_root).text(tag::StudyInstanceUID) == "1.2\\1.3");
}

TEST_CASE("A Patient ID outside the default repertoire takes its character set along") {
  data_set what;
  what.set(tag::SpecificCharacterSet, "ISO_IR 100").set(tag::QueryRetrieveLevel, "PATIENT").set(tag::PatientID, "Ä1");
  const auto identifier = retrieve_identifier(what, query_model::patient_root);
  CHECK(identifier.text(tag::PatientID) == "Ä1");
  CHECK(identifier.text(tag::SpecificCharacterSet) == "ISO_IR 100");
}

TEST_CASE("Without the level or its unique key there is no retrieval") {
  data_set what;
  CHECK_THROWS_AS(static_cast<void>(retrieve_identifier(what, query_model::study_root)), std::system_error);
  what.set(tag::QueryRetrieveLevel, "STUDY");
  CHECK_THROWS_AS(static_cast<void>(retrieve_identifier(what, query_model::study_root)), std::system_error);
  what.set(tag::QueryRetrieveLevel, "PATIENT").set(tag::PatientID, "P1");
  CHECK_THROWS_AS(static_cast<void>(retrieve_identifier(what, query_model::study_root)), std::system_error);
  CHECK_NOTHROW(static_cast<void>(retrieve_identifier(what, query_model::patient_root)));
}

TEST_CASE("SOP classes tell their model") {
  CHECK(model_of(sop_class::StudyRootQueryRetrieveInformationModelMove) == query_model::study_root);
  CHECK(model_of(sop_class::PatientRootQueryRetrieveInformationModelFind) == query_model::patient_root);
  CHECK_FALSE(model_of(sop_class::CTImageStorage));
}

TEST_CASE("The retired Patient/Study Only model has no series and images (PS3.4 C.6.3)") {
  CHECK(model_of(patient_study_only_find) == query_model::patient_study_only);
  CHECK(model_of(patient_study_only_get) == query_model::patient_study_only);
  CHECK(find_class(query_model::patient_study_only) == patient_study_only_find);
  CHECK(move_class(query_model::patient_study_only) == patient_study_only_move);
  data_set match;
  match.set(tag::QueryRetrieveLevel, "STUDY").set(tag::PatientID, "P1").set(tag::StudyInstanceUID, "1.2");
  CHECK(retrieve_identifier(match, query_model::patient_study_only).text(tag::PatientID) == "P1");
  match.set(tag::QueryRetrieveLevel, "SERIES").set(tag::SeriesInstanceUID, "1.2.3");
  CHECK_THROWS_AS(static_cast<void>(retrieve_identifier(match, query_model::patient_study_only)), std::system_error);
}
