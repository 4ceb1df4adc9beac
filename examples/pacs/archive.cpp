#include "archive.hpp"

#include <codicom/core/log.hpp>
#include <codicom/coro/result.hpp>
#include <codicom/dictionary/sop_classes.hpp>
#include <codicom/dictionary/tags.hpp>
#include <codicom/dictionary/transfer_syntaxes.hpp>
#include <codicom/file/read_file.hpp>
#include <codicom/net/incoming_object.hpp>
#include <codicom/service/classes.hpp>
#include <codicom/service/find_provider.hpp>
#include <codicom/service/get_provider.hpp>

#include <algorithm>
#include <fmt/format.h>
#include <system_error>
#include <utility>
#include <vector>

namespace tools {

using namespace codicom;

namespace {

// Behind the last attribute that the index keeps: pixel data and functional groups are never read.
constexpr element_tag end_of_head{0x0070, 0x0084};

}  // namespace

archive::archive(std::filesystem::path folder, ae_title title, service::move_provider_options moves, json_lines json)
    : folder_{std::move(folder)}, title_{title}, moves_{std::move(moves)}, json_{json} {}

std::size_t archive::scan() {
  std::vector<std::filesystem::path> files;
  using walker = std::filesystem::recursive_directory_iterator;
  std::error_code unreadable;
  for (walker at{folder_, std::filesystem::directory_options::skip_permission_denied}, end; at != end;
       at.increment(unreadable)) {
    // Hidden ones are what a store that was broken off has left behind.
    if (at->is_regular_file() && !at->path().filename().native().starts_with('.')) files.push_back(at->path());
  }
  // The same files give the same index, whatever order the file system has.
  std::sort(files.begin(), files.end());
  std::size_t passed_over = 0;
  for (const auto& file : files) passed_over += !enter(file);
  return passed_over;
}

bool archive::enter(const std::filesystem::path& file) {
  try {
    const auto header = read_file_header(file);
    const auto head = read_file(file, decode_options::until(end_of_head)).value;
    auto sop_class = header.meta.media_storage_sop_class_uid;
    auto sop_instance = header.meta.media_storage_sop_instance_uid;
    if (sop_class.empty()) sop_class = head.uid(tag::SOPClassUID).value_or(unique_id{});
    if (sop_instance.empty()) sop_instance = head.uid(tag::SOPInstanceUID).value_or(unique_id{});
    const auto outcome = index_.add(head, {sop_class, sop_instance, header.meta.transfer_syntax_uid, file});
    if (outcome == service::archive_index::outcome::already_there)
      log(log_level::warning, [&] { return fmt::format("{}: this SOP Instance UID is there already", file.string()); });
    return outcome == service::archive_index::outcome::added;
  } catch (const std::system_error& error) {
    log(log_level::info, [&] { return fmt::format("{}: {}", file.string(), error.what()); });
    return false;
  }
}

acceptor_options archive::accepted() {
  acceptor_options options;
  auto& policy = options.policy;
  for (const auto& uid :
       {service::verification, service::study_root_find, service::study_root_move, service::patient_root_find,
        service::patient_root_move, service::study_root_get, service::patient_root_get})
    policy.accept(uid);
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
  result.on_find([this](find_request request) { return service::answer_find(index_, title_, std::move(request), {.answer_any_relational_query = true}); });
  result.on_move(
      [this](move_request request) { return service::answer_move(index_, title_, std::move(request), moves_); });
  result.on_get([this](get_request request) { return service::answer_get(index_, std::move(request)); });
  return result;
}

task<> archive::store(incoming_object object) {
  const auto request = object.request();
  const auto transfer_syntax = object.transfer_syntax();
  const auto sender = object.association().calling_ae_title();
  auto head = co_await as_result(object.head(end_of_head));  // before the file, so that the index is never behind
  if (!head && object.is_answered()) std::rethrow_exception(head.exception());
  const auto saved = co_await object.save(folder_);
  auto outcome = service::archive_index::outcome::incomplete;
  if (saved.outcome == save_outcome::renamed_conflict) {
    outcome = service::archive_index::outcome::already_there;
    log(log_level::warning, [&] {
      return fmt::format("{}: another object has the SOP Instance UID {}; kept, but not served", saved.path.string(),
                         request.affected_sop_instance_uid.view());
    });
  } else if (head) {
    outcome = index_.add(
        *head, {request.affected_sop_class_uid, request.affected_sop_instance_uid, transfer_syntax, saved.path});
    if (outcome == service::archive_index::outcome::incomplete)
      log(log_level::warning,
          [&] { return fmt::format("{}: without Study or Series UID; not served", saved.path.string()); });
  } else {
    enter(saved.path);
  }
  json_.write(json_object{{"event", "arrived"},
                          {"calling_ae_title", sender.view()},
                          {"study_instance_uid", head ? head->text(tag::StudyInstanceUID) : std::string{}},
                          {"sop_class_uid", request.affected_sop_class_uid.view()},
                          {"sop_instance_uid", request.affected_sop_instance_uid.view()},
                          {"transfer_syntax_uid", transfer_syntax.view()},
                          {"file", saved.path.string()},
                          {"bytes", saved.bytes}});
}

}  // namespace tools
