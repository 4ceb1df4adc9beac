// The pieces of docs/associations.md that stand in no example. They are compiled, not run: tests/net and tests/interop
// do what they do.
#include <codicom/codicom.hpp>
#ifdef CODICOM_WITH_TLS
#include <codicom/net/tls.hpp>
#endif

#include <filesystem>

namespace codicom_docs {

using namespace codicom;

task<> bring(peer archive, data_set study, std::filesystem::path folder) {
  association_options options{"CODICOM"};
  options.propose(service::study_root_get).receive(sop_class::CTImageStorage).receive(sop_class::MRImageStorage);
  auto association = co_await associate(archive, options);
  auto responses = association.get(service::study_root_get, study);
  while (auto event = co_await responses.next())
    if (auto* object = event->arrived()) co_await object->save(folder);
  co_await association.release();
}

task<> commit(association& association, data_set information) {
  const unique_id instance{"1.2.840.10008.1.20.1.1"};  // the well-known one
  const auto result = co_await association.n_action(service::storage_commitment, instance, 1, information);
  if (!result.status().is_success()) co_return;
}

handlers hears_of_commitment() {
  handlers with;
  with.on_n_event_report([](incoming_request<n_event_report_request> event) -> task<n_result> {
    const auto failed = event.identifier.items(tag::FailedSOPSequence).size();
    co_return failed == 0 ? status::success : status::processing_failure;
  });
  return with;
}

void keep_failures(association_options& options) {
  options.recording = record_to("failures");
}

#ifdef CODICOM_WITH_TLS
void secure(association_options& options, acceptor_options& accepts) {
  tls_options tls;
  tls.certificate = "workstation.crt";
  tls.private_key = "workstation.key";
  tls.authorities = "hospital-ca.crt";
  options.security = tls_client(tls);
  accepts.access = [](const dul::a_associate_rq& request, const remote_end& from) -> std::optional<dul::reject_cause> {
    if (from.certificate != nullptr && from.certificate->is_for(request.calling_ae_title)) return std::nullopt;
    return dul::rejection::calling_ae_title_not_recognized;
  };
}
#endif

}  // namespace codicom_docs
