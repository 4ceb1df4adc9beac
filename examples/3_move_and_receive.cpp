// Find a patient's studies and have the archive send them to us: C-FIND, C-MOVE, and a C-STORE SCP of our own, in one
// program. The archive's table must map our title CODICOM to this machine, port 11112.
//
//     3_move_and_receive ORTHANC@127.0.0.1:4242 'ALLISON*' folder
#include <codicom/codicom.hpp>

#include <cstdio>
#include <exception>
#include <filesystem>
#include <string>

using namespace codicom;

task<int> fetch(peer archive, std::string patient_name, std::filesystem::path folder) {
  std::filesystem::create_directories(folder);
  auto receiver = co_await store_receiver::listen("CODICOM", 11112);

  association_options options{"CODICOM", archive.ae_title};
  options.propose(service::study_root_find, service::study_root_move);
  auto association = co_await associate(archive, options);

  data_set keys;
  keys.set(tag::QueryRetrieveLevel, "STUDY").set(tag::PatientName, patient_name).set(tag::StudyInstanceUID);
  const auto found = co_await collect(association.find(service::study_root_find, keys));
  if (!found.last.status.is_success()) co_return std::fprintf(stderr, "not found: %04X\n", found.last.status.code), 4;

  bool complete = true;
  for (const auto& match : found.matches) {
    auto retrieval = service::retrieve(association, receiver, match.identifier);  // copies the unique keys
    while (auto event = co_await retrieval.next()) {
      if (auto* object = event->arrived()) {
        const auto saved = co_await object->save(folder);  // bit for bit, in bounded memory
        std::printf("%s\n", saved.path.c_str());
      } else if (const auto* pending = event->pending()) {
        std::printf("%d done, %d to come\n", pending->completed.value_or(0), pending->remaining.value_or(0));
      }
    }
    const auto& account = retrieval.account();  // by SOP Instance UID: what came, what failed, what never arrived
    std::printf("received %zu, failed %zu, missing %zu\n", account.received.size(), account.failed_count,
                account.missing_count);
    complete = complete && account.is_complete();
  }
  co_await association.release();
  co_await receiver.stop();
  co_return complete ? 0 : 1;
}

int main(int argc, char** argv) {
  const auto archive = argc == 4 ? peer::parse(argv[1]) : std::nullopt;
  if (!archive) return std::fprintf(stderr, "usage: 3_move_and_receive AET@host:port PATIENT_NAME DIR\n"), 2;
  try {
    return run(fetch(*archive, argv[2], argv[3]));
  } catch (const std::exception& error) {
    return std::fprintf(stderr, "3_move_and_receive: %s\n", error.what()), 3;
  }
}
