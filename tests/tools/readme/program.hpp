#include <codicom/codicom.hpp>
#include <cstdio>
using namespace codicom;

task<int> fetch(peer archive, std::filesystem::path folder) {
  auto receiver = co_await store_receiver::listen("CODICOM", 11112);

  association_options options{"CODICOM", archive.ae_title};
  options.propose(service::study_root_find, service::study_root_move);
  auto association = co_await associate(archive, options);

  data_set keys;
  keys.set(tag::QueryRetrieveLevel, "STUDY").set(tag::PatientName, "ALLISON*").set(tag::StudyInstanceUID);
  auto found = co_await collect(association.find(service::study_root_find, keys));

  for (const auto& match : found.matches) {
    auto retrieval = service::retrieve(association, receiver, match.identifier);
    while (auto event = co_await retrieval.next())
      if (auto* object = event->arrived()) co_await object->save(folder);
    std::printf("received %zu, missing %zu\n", retrieval.account().received.size(), retrieval.account().missing_count);
  }
  co_await association.release();
  co_return found.last.status.is_success() ? 0 : 1;
}

int main() { return run(fetch(*peer::parse("ORTHANC@127.0.0.1:4242"), "studies")); }
