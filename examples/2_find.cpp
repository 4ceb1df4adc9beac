// Which studies does an archive have of a patient? C-FIND, answer by answer (PS3.4 §C.4.1).
//
//     2_find ORTHANC@127.0.0.1:4242 'ALLISON*'
#include <codicom/codicom.hpp>

#include <cstdio>
#include <exception>
#include <string>

using namespace codicom;

task<int> find(peer archive, std::string patient_name) {
  association_options options{"CODICOM", archive.ae_title};
  options.propose(service::study_root_find);
  auto association = co_await associate(archive, options);

  data_set keys;  // with a value: to match; empty: to be returned
  keys.set(tag::QueryRetrieveLevel, "STUDY").set(tag::PatientName, patient_name).set(tag::PatientID);
  keys.set(tag::StudyDate).set(tag::StudyDescription).set(tag::StudyInstanceUID);

  auto responses = association.find(service::study_root_find, keys);
  while (auto match = co_await responses.next()) {
    const auto& study = match->identifier;
    std::printf("%-24s %-12s %s  %s  %s\n", study.text(tag::PatientName).c_str(), study.text(tag::PatientID).c_str(),
                study.text(tag::StudyDate).c_str(), study.text(tag::StudyInstanceUID).c_str(),
                study.text(tag::StudyDescription).c_str());
  }
  const auto status = responses.last().status;
  if (!status.is_success()) std::fprintf(stderr, "the archive answers %04X\n", status.code);

  co_await association.release();
  co_return status.is_success() ? 0 : 4;
}

int main(int argc, char** argv) {
  const auto archive = argc == 3 ? peer::parse(argv[1]) : std::nullopt;
  if (!archive) return std::fprintf(stderr, "usage: 2_find AET@host:port PATIENT_NAME\n"), 2;
  try {
    return run(find(*archive, argv[2]));
  } catch (const std::exception& error) {
    return std::fprintf(stderr, "2_find: %s\n", error.what()), 3;
  }
}
