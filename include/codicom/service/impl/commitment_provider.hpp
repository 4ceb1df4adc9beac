#pragma once
#include <codicom/core/config.hpp>
#include <codicom/coro/blocking.hpp>
#include <codicom/coro/result.hpp>
#include <codicom/coro/scope.hpp>
#include <codicom/dictionary/tags.hpp>
#include <codicom/net/association.hpp>
#include <codicom/net/detail/normalized.hpp>
#include <codicom/service/classes.hpp>
#include <codicom/service/commitment_provider.hpp>

#include <algorithm>
#include <exception>
#include <filesystem>
#include <system_error>
#include <unordered_map>
#include <utility>

namespace codicom::service {

CODICOM_FUNCTION task<bool> volatile_commitment_ledger::keep(commitment_request request) {
  for (const auto& each : kept_)
    if (each.transaction_uid == request.transaction_uid) co_return false;
  kept_.push_back(std::move(request));
  co_return true;
}
CODICOM_FUNCTION task<std::vector<commitment_request>> volatile_commitment_ledger::pending() { co_return kept_; }
CODICOM_FUNCTION task<> volatile_commitment_ledger::settle(unique_id transaction) {
  std::erase_if(kept_, [&](const commitment_request& each) { return each.transaction_uid == transaction; });
  co_return;
}

namespace detail {

// SOP classes by instance, of the objects whose files are there.
inline task<std::unordered_map<unique_id, unique_id>> classes_of_files(std::vector<stored_object> objects) {
  const auto where = co_await asio::this_coro::executor;
  const auto look = [&objects] {
    std::unordered_map<unique_id, unique_id> there;
    std::error_code ignored;
    for (const auto& each : objects)
      if (std::filesystem::exists(each.file, ignored)) there.emplace(each.sop_instance_uid, each.sop_class_uid);
    return there;
  };
  co_return co_await blocking(where, look);
}

}  // namespace detail

CODICOM_FUNCTION task<commitment_outcome> check_commitment(const archive& with, commitment_request asked) {
  constexpr std::size_t at_once = 500;
  commitment_outcome outcome;
  outcome.transaction_uid = asked.transaction_uid;
  for (std::size_t begin = 0; begin < asked.instances.size(); begin += at_once) {
    const auto end = std::min(begin + at_once, asked.instances.size());
    std::vector<unique_id> uids;
    for (auto i = begin; i < end; ++i) uids.push_back(asked.instances[i].sop_instance_uid);
    data_set identifier;
    identifier.set(tag::QueryRetrieveLevel, to_string(query_level::image)).set(tag::SOPInstanceUID, uids);
    auto have = co_await with.resolve(std::move(identifier), query_model::study_root);
    const auto there = co_await detail::classes_of_files(std::move(have));
    for (auto i = begin; i < end; ++i) {
      const auto& each = asked.instances[i];
      const auto found = there.find(each.sop_instance_uid);
      if (found == there.end()) outcome.failed.emplace_back(each, status::no_such_sop_instance);
      else if (found->second != each.sop_class_uid) outcome.failed.emplace_back(each, status::class_instance_conflict);
      else outcome.committed.push_back(each);
    }
  }
  co_return outcome;
}

CODICOM_FUNCTION commitment_provider::commitment_provider(const archive& with, commitment_ledger& ledger,
                                                          commitment_provider_options options)
    : archive_{&with}, ledger_{&ledger}, options_{std::move(options)} {}

CODICOM_FUNCTION normalized_handlers::handler<n_action_request> commitment_provider::handler() {
  return [this](incoming_request<n_action_request> request) { return take(std::move(request)); };
}

CODICOM_FUNCTION task<n_result> commitment_provider::take(incoming_request<n_action_request> request) {
  const auto& command = request.command;
  if (command.requested_sop_class_uid != storage_commitment) co_return status::no_such_sop_class;
  if (command.requested_sop_instance_uid != storage_commitment_instance) co_return status::no_such_sop_instance;
  if (command.action_type_id != 1) co_return status::no_such_action;
  auto asked = read_commitment_request(request.identifier);
  if (!asked || asked->instances.empty())
    co_return n_result{status::invalid_argument_value, {}, "Transaction UID, or a referenced SOP UID, is missing"};
  asked->requestor = request.calling_ae_title();
  const bool is_new = co_await ledger_->keep(*asked);
  if (!is_new) co_return n_result{status::duplicate_invocation, {}, "this Transaction UID is in use"};
  job next;
  next.request = std::move(*asked);
  next.asked_on = request.sender();
  queue_.push_back(std::move(next));
  if (arrived_) arrived_->notify_all();
  co_return status::success;
}

CODICOM_FUNCTION task<> commitment_provider::run() {
  const auto where = co_await asio::this_coro::executor;
  arrived_.emplace(where);
  const reporting work{*this};
  co_await with_scope(work);
}

CODICOM_FUNCTION task<> commitment_provider::start_reports(scope& reports) {
  // What is in the ledger was put there by a former run, or has been queued since.
  auto kept = co_await ledger_->pending();
  for (auto& each : kept) {
    if (is_queued(each.transaction_uid)) continue;
    job next;
    next.request = std::move(each);
    reports.spawn(report(std::move(next)));
  }
  for (;;) {
    while (!queue_.empty()) {
      job next = std::move(queue_.front());
      queue_.pop_front();
      reports.spawn(report(std::move(next)));
    }
    co_await arrived_->wait();
  }
}

CODICOM_FUNCTION task<> commitment_provider::report(job what) {
  if (what.asked_on) co_await sleep_for(options_.before_report);
  auto pause = options_.back_off;
  for (unsigned attempt = 1;; ++attempt) {
    commitment_outcome outcome;
    std::string problem;
    try {
      outcome = co_await check_commitment(*archive_, what.request);
      outcome.retrieve_ae_title = options_.own_title;
      const auto event_type = static_cast<std::uint16_t>(outcome.failed.empty() ? 1 : 2);  // PS3.4 Table J.3-2
      problem = co_await tell(what, to_data_set(outcome), event_type);
      if (problem.empty()) co_await ledger_->settle(what.request.transaction_uid);
    } catch (const std::exception& error) {
      if (codicom::detail::is_cancellation(error)) throw;
      problem = error.what();
    }
    if (options_.on_report) options_.on_report(what.request, outcome, problem);
    if (problem.empty() || attempt >= options_.attempts) co_return;
    co_await sleep_for(pause);
    pause = std::min<duration>(pause * 2, std::chrono::hours{1});
  }
}

CODICOM_FUNCTION task<std::string> commitment_provider::tell(const job& what, data_set information,
                                                             std::uint16_t event_type) const {
  if (what.asked_on && what.asked_on->is_open()) {
    const auto told = co_await as_result(what.asked_on->n_event_report(storage_commitment, storage_commitment_instance,
                                                                       event_type, information));
    if (told.error() == failure::cancelled) std::rethrow_exception(told.exception());
    if (told && !told->status().is_failure()) co_return std::string{};
  }
  const auto& requestor = what.request.requestor;
  const auto to = std::find_if(options_.requestors.begin(), options_.requestors.end(),
                               [&](const peer& each) { return each.ae_title == requestor; });
  if (to == options_.requestors.end()) co_return "no address is known for " + requestor.str();
  auto how = options_.association;
  how.calling_ae_title = options_.own_title;
  how.called_ae_title = to->ae_title;
  how.contexts = {};
  how.contexts.add(storage_commitment).role(storage_commitment, false, true);
  auto over = co_await associate(*to, std::move(how));
  const auto told = co_await over.n_event_report(storage_commitment, storage_commitment_instance, event_type,
                                                 std::move(information));
  const auto released = co_await as_result(over.release());
  static_cast<void>(released);
  if (!told.status().is_failure()) co_return std::string{};
  co_return requestor.str() + " answered the report with " + codicom::to_string(told.status()) + ' ' +
      told.response.error_comment;
}

}  // namespace codicom::service
