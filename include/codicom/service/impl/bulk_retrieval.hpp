#pragma once
#include <codicom/core/config.hpp>
#include <codicom/core/error.hpp>
#include <codicom/coro/result.hpp>
#include <codicom/coro/scope.hpp>
#include <codicom/dictionary/statuses.hpp>
#include <codicom/dictionary/tags.hpp>
#include <codicom/dul/association_error.hpp>
#include <codicom/service/bulk_retrieval.hpp>
#include <codicom/service/impl/lost_association.hpp>
#include <codicom/service/impl/receiver_state.hpp>

#include <algorithm>
#include <unordered_set>
#include <utility>

namespace codicom::service {

namespace detail {

class counted {
 public:
  explicit counted(std::size_t& count) : count_{&count} { ++*count_; }
  counted(const counted&) = delete;
  counted& operator=(const counted&) = delete;
  ~counted() { --*count_; }

 private:
  std::size_t* count_;
};

}  // namespace detail

CODICOM_FUNCTION bulk_retrieval::bulk_retrieval(association_pool& from, bulk_handlers handlers, store_receiver* receiver,
                                                bulk_options options)
    : pool_{&from}, handlers_{std::move(handlers)}, receiver_{receiver}, options_{std::move(options)} {}

CODICOM_FUNCTION void bulk_retrieval::add(data_set what, std::vector<instance_reference> expected, std::size_t label) {
  const auto level = level_of(what);
  static_cast<void>(retrieve_identifier(what, options_.model.value_or(level == query_level::patient
                                                                          ? query_model::patient_root
                                                                          : query_model::study_root)));
  queued one;
  one.job.what = std::move(what);
  one.job.instances = std::move(expected);
  one.job.label = label;
  queue_.push_back(std::move(one));
  wake();
}

CODICOM_FUNCTION void bulk_retrieval::add_by_name(std::span<const instance_reference> instances, std::string_view patient_id,
                                                std::size_t label) {
  bulk_job from;
  from.label = label;
  queue_by_name(instances, patient_id, from, options_.batch, {});
}

CODICOM_FUNCTION void bulk_retrieval::queue_by_name(std::span<const instance_reference> instances,
                                                  std::string_view patient_id, const bulk_job& from, std::size_t batch,
                                                  clock::time_point not_before) {
  for (auto& each : make_batches(instances, patient_id, batch)) {
    queued one;
    one.job.what = std::move(each.identifier);
    one.job.instances = std::move(each.instances);
    one.job.label = from.label;
    one.job.attempt = from.attempt;
    one.not_before = not_before;
    queue_.push_back(std::move(one));
  }
  wake();
}

CODICOM_FUNCTION task<> bulk_retrieval::run() {
  const auto where = co_await asio::this_coro::executor;
  scope workers{where};
  const auto count = std::clamp<std::size_t>(options_.parallel, 1, std::max<std::size_t>(queue_.size(), 1));
  for (std::size_t i = 0; i < count; ++i) workers.spawn(work());
  co_await workers.join();
}

CODICOM_FUNCTION task<> bulk_retrieval::cancel() {
  stop();
  const auto under_way = current_;
  for (const auto& each : under_way) co_await each->cancel();
}

CODICOM_FUNCTION task<std::optional<bulk_job>> bulk_retrieval::take() {
  const auto where = co_await asio::this_coro::executor;
  event changed{where};
  const detail::listed waiting{idle_, changed};
  for (;;) {
    if (cancelled_) co_return std::nullopt;
    if (queue_.empty() && busy_ == 0) {
      wake();
      co_return std::nullopt;
    }
    const auto now = clock::now();
    auto earliest = clock::time_point::max();
    for (auto each = queue_.begin(); each != queue_.end(); ++each) {
      if (each->not_before <= now) {
        std::optional<bulk_job> job{std::move(each->job)};
        queue_.erase(each);
        co_return job;
      }
      earliest = std::min(earliest, each->not_before);
    }
    const bool notified = co_await changed.wait_until(earliest);
    static_cast<void>(notified);
  }
}

CODICOM_FUNCTION task<> bulk_retrieval::work() {
  for (;;) {
    auto job = co_await take();
    if (!job) break;
    {
      const detail::counted busy{busy_};
      auto over = co_await as_result(pool_->acquire());
      if (over) {
        ever_connected_ = true;
        co_await perform(std::move(*job), **over);
      } else if ((!ever_connected_ && options_.retries == 0) || !detail::is_lost_association(over.exception())) {
        std::rethrow_exception(over.exception());
      } else {
        give_up(*job, over.exception());
      }
    }
    wake();
  }
}

CODICOM_FUNCTION std::vector<instance_result> bulk_retrieval::results() const {
  auto all = results_;
  for (auto& each : all) {
    if (!kept_->contains(each.instance.sop_instance_uid)) continue;
    each.outcome = instance_outcome::received;
    each.comment.clear();
  }
  return all;
}

CODICOM_FUNCTION task<> bulk_retrieval::perform(bulk_job job, association& over) {
  const bool all_here =
      !job.instances.empty() &&
      std::all_of(job.instances.begin(), job.instances.end(),
                  [this](const instance_reference& each) { return kept_->contains(each.sop_instance_uid); });
  if (all_here) {
    settle(job, {}, nullptr);
    co_return;
  }
  if (handlers_.on_begin) handlers_.on_begin(job);
  retrieve_options how;
  how.model = options_.model;
  how.read_expectation = false;
  how.expected = job.instances;
  how.late_arrivals = options_.late_arrivals;
  const auto running = std::make_shared<retrieval>(receiver_ != nullptr ? retrieve(over, *receiver_, job.what, how)
                                                                        : retrieve(over, job.what, how));
  current_.push_back(running);
  std::exception_ptr broken;
  try {
    while (auto next = co_await running->next()) {
      if (auto* stray = next->unexpected()) {
        const auto uid = stray->request().affected_sop_instance_uid;
        stray->on_finished([kept = kept_, uid](dimse_status answered, std::uint64_t) {
          if (answered.is_success() || answered.is_warning()) kept->insert(uid);
        });
      }
      co_await handlers_.on_event(job, *next, *running);
    }
  } catch (...) {
    broken = std::current_exception();
  }
  std::erase(current_, running);
  settle(job, running->account(), broken);
  if (broken && !detail::is_lost_association(broken)) std::rethrow_exception(broken);
}

CODICOM_FUNCTION void bulk_retrieval::settle(const bulk_job& job, const retrieval_account& account, std::exception_ptr broken) {
  kept_->insert(account.received.begin(), account.received.end());
  const std::unordered_set<unique_id> failed{account.failed.begin(), account.failed.end()};
  std::vector<instance_reference> rest;
  for (const auto& each : job.instances)
    if (!kept_->contains(each.sop_instance_uid)) rest.push_back(each);

  const auto final_status = account.last ? std::optional{account.last->status} : std::nullopt;
  const bool may_ask = !cancelled_ && !rest.empty() && (!broken || detail::is_lost_association(broken)) &&
                       final_status != status::move_destination_unknown;
  const bool by_name = level_of(job.what) == query_level::image;
  const bool refused = final_status && final_status->is_failure() && account.received.empty() && failed.empty() &&
                       account.last->failed.value_or(0) == 0;
  const auto patient_id = options_.model == query_model::patient_root ? job.what.text(tag::PatientID) : std::string{};
  bool again = false;
  if (may_ask && refused && by_name && rest.size() > 1 && final_status != status::unable_to_calculate_matches) {
    again = true;  // too many at once, or one that spoils the others
    queue_by_name(rest, patient_id, job, (rest.size() + 1) / 2, {});
  } else if (may_ask) {
    bulk_job next;
    next.label = job.label;
    next.attempt = rest.size() < job.instances.size() ? 1 : job.attempt + 1;  // something came: it may go on
    again = next.attempt <= options_.retries;
    const auto pause = options_.back_off * (1u << std::min(next.attempt - 1, 6u));
    if (again)
      queue_by_name(rest, patient_id, next, options_.batch,
                    deadline_in(std::min<duration>(pause, std::chrono::minutes{1})));
  }
  if (handlers_.on_end) handlers_.on_end(job, account, broken, again);

  const auto why = account.last ? account.last->error_comment : detail::words_of(broken);
  for (const auto& each : job.instances) {
    const bool came = kept_->contains(each.sop_instance_uid);
    if (!came && again) continue;
    instance_result one;
    one.instance = each;
    one.outcome = came                                    ? instance_outcome::received
                  : failed.contains(each.sop_instance_uid) ? instance_outcome::failed
                                                           : instance_outcome::missing;
    one.status = final_status;
    if (!came) one.comment = why;
    one.label = job.label;
    results_.push_back(std::move(one));
  }
}

// Where nobody answers any more, the other jobs fare no better.
CODICOM_FUNCTION void bulk_retrieval::give_up(const bulk_job& job, const std::exception_ptr& unreachable) {
  settle(job, {}, unreachable);
  const bool again = !job.instances.empty() && job.attempt + 1 <= options_.retries;
  if (again || cancelled_) return;
  cancelled_ = true;
  const auto rest = std::move(queue_);
  queue_.clear();
  for (const auto& each : rest) settle(each.job, {}, unreachable);
}

}  // namespace codicom::service
