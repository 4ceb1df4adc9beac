#include "archive.hpp"

#include <codicom/core/log.hpp>
#include <codicom/coro/blocking.hpp>
#include <codicom/coro/result.hpp>
#include <codicom/dictionary/sop_classes.hpp>
#include <codicom/dictionary/tags.hpp>
#include <codicom/dictionary/transfer_syntaxes.hpp>
#include <codicom/file/read_file.hpp>
#include <codicom/net/incoming_object.hpp>
#include <codicom/service/classes.hpp>
#include <codicom/service/find_provider.hpp>
#include <codicom/service/get_provider.hpp>
#include <codicom/service/query_extensions.hpp>

#include <asio/this_coro.hpp>

#include <algorithm>
#include <chrono>
#include <exception>
#include <fmt/format.h>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

namespace tools {

using namespace codicom;

namespace {

// Behind the last attribute that the index keeps: pixel data and functional groups are never read.
constexpr element_tag end_of_head{0x0070, 0x0084};

constexpr const char* index_name = ".codicom-pacs.sqlite";
constexpr const char* state_name = ".codicom-pacs.state.sqlite";

// Nothing: the file has gone, or is none.
std::optional<file_stamp> stamp_of(const std::filesystem::path& file) {
  std::error_code gone;
  const auto size = std::filesystem::file_size(file, gone);
  if (gone) return std::nullopt;
  const auto modified = std::filesystem::last_write_time(file, gone);
  if (gone) return std::nullopt;
  using std::chrono::nanoseconds;
  return file_stamp{static_cast<std::int64_t>(size),
                    std::chrono::duration_cast<nanoseconds>(modified.time_since_epoch()).count()};
}

}  // namespace

archive::archive(std::filesystem::path folder, archive_options options)
    : folder_{std::move(folder)},
      options_{std::move(options)},
      index_{options_.index.empty() ? folder_ / index_name : options_.index, folder_, options_.saving.durability},
      state_{options_.state.empty() ? folder_ / state_name : options_.state, options_.saving.durability},
      commitments_{index_, state_, commitment_options()},
      worklist_{options_.worklist} {}

service::commitment_provider_options archive::commitment_options() const {
  service::commitment_provider_options how;
  how.own_title = options_.title;
  how.requestors = options_.moves.destinations;
  how.association = options_.moves.association;
  how.before_report = options_.before_commitment_report;
  how.on_report = [this](const service::commitment_request& request, const service::commitment_outcome& outcome,
                         const std::string& problem) {
    tell(json_object{{"event", "commitment"},
                     {"calling_ae_title", request.requestor.view()},
                     {"transaction_uid", request.transaction_uid.view()},
                     {"committed", outcome.committed.size()},
                     {"failed", outcome.failed.size()},
                     {"problem", problem}});
    if (!problem.empty())
      log(log_level::warning, [&] {
        return fmt::format("no report of storage commitment {}: {}", request.transaction_uid.view(), problem);
      });
  };
  return how;
}

std::size_t archive::update() {
  auto changed = index_.drop_stale(&stamp_of);
  std::vector<std::filesystem::path> files;
  using walker = std::filesystem::recursive_directory_iterator;
  std::error_code unreadable;
  for (walker at{folder_, std::filesystem::directory_options::skip_permission_denied}, end; at != end;
       at.increment(unreadable)) {
    // Hidden ones are our index, and what a store that was broken off has left behind.
    if (at->is_regular_file() && !at->path().filename().native().starts_with('.')) files.push_back(at->path());
  }
  // The same files give the same index, whatever order the file system has.
  std::sort(files.begin(), files.end());
  constexpr std::size_t at_once = 5'000;  // files per transaction: what is lost when we are killed
  for (std::size_t done = 0; done < files.size(); done += at_once)
    index_.together([&] {
      for (std::size_t i = done; i < std::min(done + at_once, files.size()); ++i)
        if (const auto stamp = stamp_of(files[i]); stamp && !index_.knows(files[i], *stamp))
          changed += enter(files[i], *stamp);
    });
  return changed;
}

bool archive::enter(const std::filesystem::path& file, file_stamp stamp) {
  using outcome = sqlite_index::outcome;
  unique_id sop_instance;
  auto result = outcome::incomplete;
  try {
    const auto header = read_file_header(file);
    const auto head = read_file(file, decode_options::until(end_of_head)).value;
    auto sop_class = header.meta.media_storage_sop_class_uid;
    sop_instance = header.meta.media_storage_sop_instance_uid;
    if (sop_class.empty()) sop_class = head.uid(tag::SOPClassUID).value_or(unique_id{});
    if (sop_instance.empty()) sop_instance = head.uid(tag::SOPInstanceUID).value_or(unique_id{});
    result = index_.add(head, {sop_class, sop_instance, header.meta.transfer_syntax_uid, file}, stamp);
  } catch (const std::system_error& error) {
    log(log_level::info, [&] { return fmt::format("{}: {}", file.string(), error.what()); });
  }
  if (result == outcome::added) return true;
  if (result == outcome::already_there)
    log(log_level::warning, [&] { return fmt::format("{}: this SOP Instance UID is there already", file.string()); });
  index_.pass_over(file, stamp, result == outcome::already_there ? sop_instance : unique_id{});
  return false;
}

acceptor_options archive::accepted() const {
  acceptor_options options;
  auto& policy = options.policy;
  for (const auto& uid :
       {service::verification, service::study_root_find, service::study_root_move, service::patient_root_find,
        service::patient_root_move, service::study_root_get, service::patient_root_get, service::patient_study_only_find,
        service::patient_study_only_move, service::patient_study_only_get, service::storage_commitment,
        service::modality_performed_procedure_step, service::modality_performed_procedure_step_retrieve})
    policy.accept(uid);
  if (!options_.worklist.empty()) policy.accept(service::modality_worklist);
  service::accept_extensions(policy, service::query_extensions::all());
  policy.allow_requestor_as_scp_of_all();  // who asks by C-GET receives
  const auto all = all_transfer_syntaxes();
  policy.accept(storage_sop_classes(), std::vector<unique_id>{all.begin(), all.end()});
  // Objects are kept as they come, so the sender may choose.
  policy.preference = dul::transfer_syntax_preference::requestor;
  options.runs_on = association_executor::of_the_server;
  return options;
}

handlers archive::handlers() {
  codicom::handlers result;
  result.on_store([this](incoming_object object) { return store(std::move(object)); });
  const auto told = [this](const char* event, const auto& request, json_object more) {
    json_object line{{"event", event}, {"calling_ae_title", request.calling_ae_title().view()}};
    line.update(more);
    tell(line);
  };
  const auto level = [](const auto& request) { return request.identifier.text(tag::QueryRetrieveLevel); };
  result.on_find([this, told, level](find_request request) {
    if (request.command.affected_sop_class_uid == service::modality_worklist) {
      told("worklist", request, json_object::object());
      return service::answer_worklist(worklist_, std::move(request));
    }
    told("find", request, {{"level", level(request)}});
    return service::answer_find(index_, options_.title, std::move(request), options_.queries);
  });
  result.on_move([this, told, level](move_request request) {
    told("move", request, {{"level", level(request)}, {"destination", request.command.move_destination.view()}});
    return service::answer_move(index_, options_.title, std::move(request), options_.moves);
  });
  result.on_get([this, told, level](get_request request) {
    told("get", request, {{"level", level(request)}});
    return service::answer_get(index_, std::move(request));
  });
  result.on_n_action(commitments_.handler());
  result.on_n_create([this, told](incoming_request<n_create_request> request) {
    told("step_begins", request, {{"sop_instance_uid", request.command.affected_sop_instance_uid.view()}});
    return service::answer_new_step(state_, std::move(request));
  });
  result.on_n_set([this, told](incoming_request<n_set_request> request) {
    told("step_changes", request,
         {{"sop_instance_uid", request.command.requested_sop_instance_uid.view()},
          {"status", request.identifier.text(tag::PerformedProcedureStepStatus)}});
    return service::answer_step_change(state_, std::move(request));
  });
  result.on_n_get([this, told](incoming_request<n_get_request> request) {
    told("step_is_read", request, {{"sop_instance_uid", request.command.requested_sop_instance_uid.view()}});
    return service::answer_step_reading(state_, std::move(request));
  });
  const auto association = [this](const char* event) {
    return [this, event](const dul::association_parameters& with, std::string_view address) {
      tell(json_object{{"event", event},
                       {"calling_ae_title", with.calling_ae_title().view()},
                       {"called_ae_title", with.called_ae_title().view()},
                       {"address", address}});
    };
  };
  result.on_association(association("association"), association("association_ended"));
  return result;
}

task<std::filesystem::path> archive::find(unique_id sop_instance) {
  const auto where = co_await asio::this_coro::executor;
  const auto look = [this, &sop_instance] { return index_.find(sop_instance); };
  co_return co_await blocking(where, look);
}

task<> archive::store(incoming_object object) {
  const auto request = object.request();
  const auto transfer_syntax = object.transfer_syntax();
  const auto sender = object.association().calling_ae_title();
  auto head = co_await as_result(object.head(end_of_head));  // before the file, so that the index is never behind
  if (!head && object.is_answered()) std::rethrow_exception(head.exception());
  const auto enter_in_index = [this, &request, &transfer_syntax, &head](const saved_object& saved) -> task<> {
    const auto where = co_await asio::this_coro::executor;
    const auto work = [&] {
      const auto stamp = stamp_of(saved.path).value_or(file_stamp{});
      if (index_.knows(saved.path, stamp)) return;
      if (!head) {
        enter(saved.path, stamp);
        return;
      }
      const service::stored_object entry{request.affected_sop_class_uid, request.affected_sop_instance_uid,
                                         transfer_syntax, saved.path};
      auto outcome = sqlite_index::outcome::added;
      index_.together([&] {
        // What was indexed of this very file, which has been replaced or had gone, is of no use.
        if (saved.path == index_.find(request.affected_sop_instance_uid))
          index_.remove(request.affected_sop_instance_uid);
        outcome = index_.add(*head, entry, stamp);
      });
      if (outcome == sqlite_index::outcome::added) return;
      const bool another = outcome == sqlite_index::outcome::already_there;
      index_.pass_over(saved.path, stamp, another ? request.affected_sop_instance_uid : unique_id{});
      log(log_level::warning, [&] {
        return another ? fmt::format("{}: another object has the SOP Instance UID {}; kept, but not served",
                                     saved.path.string(), request.affected_sop_instance_uid.view())
                       : fmt::format("{}: without Study or Series UID; not served", saved.path.string());
      });
    };
    co_await blocking(where, work);
  };
  object.before_success(enter_in_index);
  const auto how = options_.saving;
  // An object that is there under another name is a duplicate all the same.
  const auto there = co_await find(request.affected_sop_instance_uid);
  auto saving = there.empty() ? object.save(folder_, how) : object.save_as(there, how);  // g++ 12 awaits no choice
  const auto saved = co_await std::move(saving);
  if (saved.outcome == save_outcome::refused) {
    tell(json_object{{"event", "refused"},
                     {"calling_ae_title", sender.view()},
                     {"sop_instance_uid", request.affected_sop_instance_uid.view()},
                     {"status", to_string(saved.status)}});
    co_return;
  }
  const json_object line{{"event", "arrived"},
                         {"calling_ae_title", sender.view()},
                         {"study_instance_uid", head ? head->text(tag::StudyInstanceUID) : std::string{}},
                         {"sop_class_uid", request.affected_sop_class_uid.view()},
                         {"sop_instance_uid", request.affected_sop_instance_uid.view()},
                         {"transfer_syntax_uid", transfer_syntax.view()},
                         {"file", saved.path.string()},
                         {"bytes", saved.bytes}};
  options_.json.write(line);
  tell(line);
}

}  // namespace tools
