#pragma once
#include <codicom/core/generate_uid.hpp>
#include <codicom/coro.hpp>
#include <codicom/dictionary/sop_classes.hpp>
#include <codicom/dictionary/tags.hpp>
#include <codicom/dictionary/transfer_syntaxes.hpp>
#include <codicom/net/association.hpp>
#include <codicom/net/serve.hpp>
#include <codicom/service.hpp>

#include <chrono>
#include <doctest/doctest.h>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

// An archive on the loopback whose C-FIND is real and whose C-MOVE does what a test wrote, and a receiver for it.
namespace scripted {

using namespace codicom;
using namespace std::chrono_literals;

inline data_set object(std::string_view study, std::string_view series, std::string_view instance) {
  data_set result;
  result.set(tag::SOPClassUID, sop_class::SecondaryCaptureImageStorage).set(tag::SOPInstanceUID, instance);
  result.set(tag::PatientID, "P1").set(tag::PatientName, "ALLISON^MARY^A").set(tag::Modality, "OT");
  result.set(tag::StudyInstanceUID, study).set(tag::SeriesInstanceUID, series).set(tag::InstanceNumber, 1);
  return result;
}

/// Study "1.<n>" with `series` series of `instances` objects each.
inline std::vector<data_set> study(int n, int series, int instances) {
  std::vector<data_set> result;
  const auto root = "1." + std::to_string(n);
  for (int s = 1; s <= series; ++s)
    for (int i = 1; i <= instances; ++i) {
      const auto of_series = root + '.' + std::to_string(s);
      result.push_back(object(root, of_series, of_series + '.' + std::to_string(i)));
    }
  return result;
}

inline data_set study_keys(int n) {
  data_set keys;
  keys.set(tag::QueryRetrieveLevel, "STUDY").set(tag::StudyInstanceUID, "1." + std::to_string(n));
  return keys;
}

inline void enter(service::archive_index& index, const std::vector<data_set>& objects) {
  for (const auto& each : objects)
    static_cast<void>(index.add(
        each,
        {*each.uid(tag::SOPClassUID), *each.uid(tag::SOPInstanceUID), transfer_syntax::ExplicitVRLittleEndian, {}}));
}

class folder {
 public:
  folder() {
    path = std::filesystem::temp_directory_path() / ("codicom-test-" + generate_uid().str());
    std::filesystem::create_directories(path);
  }
  folder(const folder&) = delete;
  folder& operator=(const folder&) = delete;
  ~folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  [[nodiscard]] std::size_t files() const {
    std::size_t count = 0;
    for ([[maybe_unused]] const auto& each : std::filesystem::directory_iterator{path}) ++count;
    return count;
  }
  std::filesystem::path path;
};

/// Associate with a receiver as an archive does.
inline task<association> call(std::uint16_t port, ae_title calling = "ARCHIVE") {
  association_options options{calling, "CODICOM"};
  options.propose(sop_class::SecondaryCaptureImageStorage, sop_class::CTImageStorage, service::verification);
  co_return co_await associate(peer{"CODICOM", "127.0.0.1", port}, std::move(options));
}

inline c_move_response counts(dimse_status outcome, int remaining, int completed, int failed = 0, int warning = 0) {
  c_move_response result;
  result.status = outcome;
  if (remaining >= 0) result.remaining = static_cast<std::uint16_t>(remaining);
  result.completed = static_cast<std::uint16_t>(completed);
  result.failed = static_cast<std::uint16_t>(failed);
  result.warning = static_cast<std::uint16_t>(warning);
  return result;
}

inline acceptor_options archive_options() {
  acceptor_options options;
  options.policy.accept(service::verification).accept(service::study_root_find).accept(service::study_root_move);
  options.policy.accept(service::patient_root_find).accept(service::patient_root_move);
  options.policy.accept(service::study_root_get).accept(sop_class::SecondaryCaptureImageStorage);
  options.policy.allow_requestor_as_scp_of_all();
  options.runs_on = association_executor::of_the_server;
  service::accept_extensions(options.policy, service::query_extensions::all());
  return options;
}

/// Where the archive of the running test listens, for further associations.
inline std::uint16_t archive_port = 0;

using change_options = std::function<void(association_options&)>;

inline task<association> call_archive(change_options change = {}) {
  association_options options{"CODICOM", "ARCHIVE"};
  options.propose(service::study_root_find, service::study_root_move, service::patient_root_find,
                  service::patient_root_move, service::study_root_get);
  options.receive(sop_class::SecondaryCaptureImageStorage);
  if (change) change(options);
  co_return co_await associate(peer{"ARCHIVE", "127.0.0.1", archive_port}, std::move(options));
}

using client = std::function<task<>(association&, store_receiver&)>;

/// Serve `archive`, associate with it, run `act`. The receiver's port is known before the handlers are made.
template <class MakeHandlers>
void play(MakeHandlers make_handlers, client act, store_receiver_options receiving = {}, change_options change = {}) {
  const auto scenario = [](MakeHandlers make, client todo, store_receiver_options how, change_options ask) -> task<> {
    auto receiver = co_await store_receiver::listen("CODICOM", "127.0.0.1", 0, std::move(how));
    auto bound = co_await listen("127.0.0.1", 0);
    handlers with = make(receiver.port());
    archive_port = bound.port();
    const auto use = [](store_receiver& own, client what, change_options with) -> task<> {
      auto over = co_await call_archive(std::move(with));
      co_await what(over, own);
      if (over.is_open()) co_await over.release();
    };
    auto ended = co_await race(serve(bound, archive_options(), std::move(with)), use(receiver, std::move(todo), std::move(ask)));
    co_await receiver.stop();
    static_cast<void>(ended.second.value());
  };
  run(scenario(std::move(make_handlers), std::move(act), std::move(receiving), std::move(change)));
}

}  // namespace scripted
