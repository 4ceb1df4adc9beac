// codicom, each side on one thread.
#include "association_stack.hpp"

#include <codicom/codicom.hpp>

#include <chrono>
#include <stdexcept>
#include <string>
#include <vector>

namespace association_bench {
namespace {

using namespace codicom;
using seconds = std::chrono::duration<double>;

peer server_at(std::uint16_t port) { return peer{ae_title{"ANY-SCP"}, "127.0.0.1", port}; }

association_options options_for(const settings& how) {
  association_options options{"BENCH"};
  options.max_length = how.max_pdu;
  options.propose(service::verification, service::study_root_find);
  return options;
}

task<> discard(incoming_object object) {
  static std::vector<std::byte> buffer(256 << 10);
  for (;;) {
    const auto size = co_await object.read_some(buffer);
    if (size == 0) break;
  }
  co_await object.respond(status::success);
}

data_set match(std::size_t number) {
  data_set found;
  found.set(tag::QueryRetrieveLevel, "STUDY").set(tag::PatientName, "ALLISON^EDWARD").set(tag::PatientID, "1234567");
  found.set(tag::StudyDate, "20261122").set(tag::StudyTime, "101500").set(tag::AccessionNumber, "A" + std::to_string(number));
  found.set(tag::ModalitiesInStudy, "MR").set(tag::StudyDescription, "HEAD").set(tag::StudyID, "1");
  found.set(tag::StudyInstanceUID, "1.2.840.113619.2.1." + std::to_string(number));
  return found;
}

generator<find_match, c_find_response> find_all(find_request request, std::size_t matches) {
  for (std::size_t i = 0; i < matches; ++i) co_yield find_match{match(i), status::pending};
  co_return c_find_response{request.command, status::success};
}

task<> serve_all(settings how, std::function<void(std::uint16_t)> ready) {
  auto at = co_await listen("127.0.0.1", 0);
  ready(at.port());
  acceptor_options options;
  options.runs_on = association_executor::of_the_server;
  options.limits.associations = 20'000;
  options.policy.max_length = how.max_pdu;
  options.policy.accept_unknown({transfer_syntax::ExplicitVRLittleEndian, transfer_syntax::ImplicitVRLittleEndian});
  handlers with;
  if (how.folder.empty()) {
    with.on_store(discard);
  } else {
    std::size_t number = 0;
    with.on_store([how, number](incoming_object object) mutable -> task<> {
      co_await object.save_as(how.folder / (std::to_string(number++) + ".dcm"), durability::cached);
    });
  }
  with.on_find([matches = how.matches](find_request request) { return find_all(std::move(request), matches); });
  co_await serve(at, options, with);
}

task<double> store_all(std::uint16_t port, settings how, object what, std::size_t times) {
  auto options = options_for(how);
  const unique_id sop_class{what.sop_class};
  const unique_id sop_instance{what.sop_instance};
  options.propose_in(sop_class, transfer_syntax::ExplicitVRLittleEndian);
  auto association = co_await codicom::associate(server_at(port), options);
  const auto start = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < times; ++i) {
    const auto response =
        co_await association.store(sop_class, sop_instance, what.bytes, transfer_syntax::ExplicitVRLittleEndian);
    if (!response.status.is_success()) throw std::runtime_error{"C-STORE failed"};
  }
  const seconds took = std::chrono::steady_clock::now() - start;
  co_await association.release();
  co_return took.count();
}

task<double> echo_all(std::uint16_t port, std::size_t times) {
  auto association = co_await codicom::associate(server_at(port), options_for({}));
  const auto start = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < times; ++i) co_await association.echo();
  const seconds took = std::chrono::steady_clock::now() - start;
  co_await association.release();
  co_return took.count();
}

task<double> find_once(std::uint16_t port, settings how) {
  auto association = co_await codicom::associate(server_at(port), options_for(how));
  data_set keys;
  keys.set(tag::QueryRetrieveLevel, "STUDY").set(tag::PatientName).set(tag::PatientID).set(tag::StudyDate);
  keys.set(tag::StudyTime).set(tag::AccessionNumber).set(tag::StudyDescription).set(tag::StudyID).set(tag::StudyInstanceUID);
  const auto start = std::chrono::steady_clock::now();
  auto responses = association.find(service::study_root_find, keys);
  std::size_t count = 0;
  while (auto one = co_await responses.next()) count += one->identifier.empty() ? 0 : 1;
  const seconds took = std::chrono::steady_clock::now() - start;
  if (count != how.matches) throw std::runtime_error{std::to_string(count) + " matches"};
  co_await association.release();
  co_return took.count();
}

task<double> associate_all(std::uint16_t port, std::size_t times) {
  const auto start = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < times; ++i) {
    auto association = co_await codicom::associate(server_at(port), options_for({}));
    co_await association.echo();
    co_await association.release();
  }
  const seconds took = std::chrono::steady_clock::now() - start;
  co_return took.count();
}

class ours final : public stack {
 public:
  const char* name() const override { return "codicom"; }
  void serve(const settings& how, const std::function<void(std::uint16_t)>& ready) override { run(serve_all(how, ready)); }
  double store(std::uint16_t port, const settings& how, const object& what, std::size_t times) override {
    return run(store_all(port, how, what, times));
  }
  double echo(std::uint16_t port, std::size_t times) override { return run(echo_all(port, times)); }
  double find(std::uint16_t port, const settings& how) override { return run(find_once(port, how)); }
  double associate(std::uint16_t port, std::size_t times) override { return run(associate_all(port, times)); }
};

}  // namespace

stack& codicom_stack() {
  static ours one;
  return one;
}

}  // namespace association_bench
