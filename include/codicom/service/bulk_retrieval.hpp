#pragma once
#include <codicom/coro/event.hpp>
#include <codicom/coro/task.hpp>
#include <codicom/data_set/data_set.hpp>
#include <codicom/dimse/dimse_status.hpp>
#include <codicom/net/association_pool.hpp>
#include <codicom/service/find_instances.hpp>
#include <codicom/service/query_model.hpp>
#include <codicom/service/retrieval_account.hpp>
#include <codicom/service/retrieve.hpp>
#include <codicom/service/store_receiver.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace codicom::service {

/// How to retrieve much.
struct bulk_options {
  bulk_options() {}

  std::optional<query_model> model;  ///< nothing: as `retrieve_options` has it
  std::size_t parallel = 1;          ///< operations at once, each on an association of its own
  std::size_t batch = 100;           ///< objects named in one identifier, where objects are asked for by name
  /// How often in a row to ask again without getting anything new. Only what is expected by name is asked for again.
  unsigned retries = 0;
  duration back_off = std::chrono::seconds{1};  ///< before the first of these; doubled each time, up to a minute
  duration late_arrivals = std::chrono::seconds{10};
};

/// One C-MOVE or C-GET of a bulk retrieval.
class bulk_job {
 public:
  bulk_job() = default;

  data_set what;                              ///< as for `retrieve`
  std::vector<instance_reference> instances;  ///< what is to come; empty: not known
  std::size_t label = 0;                      ///< the caller's
  unsigned attempt = 0;                       ///< how often its objects were asked for in vain
};

enum class instance_outcome : std::uint8_t {
  received,  ///< taken here and answered with success or a warning
  failed,    ///< the peer says so, or it was refused here
  missing,   ///< never arrived
};

/// What became of one object.
class instance_result {
 public:
  instance_result() = default;

  instance_reference instance;
  instance_outcome outcome = instance_outcome::missing;
  std::optional<dimse_status> status;  ///< final status of the operation that was to bring it; nothing when that broke
  std::string comment;                 ///< the peer's words, or those of the error
  std::size_t label = 0;               ///< of the job
};

/// What the user of a bulk retrieval does.
class bulk_handlers {
 public:
  bulk_handlers() = default;

  /// An event of one of the retrievals, which waits meanwhile; the others go on.
  std::function<task<>(const bulk_job&, retrieval_event&, const retrieval&)> on_event;
  /// A job begins, and ends: with the final response, or with what broke it (`account.last` is empty then).
  /// `again`: what did not come will be asked for once more.
  std::function<void(const bulk_job&)> on_begin;
  std::function<void(const bulk_job&, const retrieval_account&, std::exception_ptr broken, bool again)> on_end;
};

/// Several retrievals over the associations of a pool, to one receiver or by C-GET, with an account that names every
/// object. Used from one executor.
///
/// An operation that the archive refuses as a whole is asked for in halves, where it names its objects; objects whose
/// operation broke, or that failed or never arrived, are asked for again by name, as `bulk_options` allows.
class bulk_retrieval {
 public:
  /// `receiver` null: by C-GET. It and the pool outlive this; an association that was lost is replaced from the pool.
  bulk_retrieval(association_pool& from, bulk_handlers handlers, store_receiver* receiver, bulk_options options = {});

  /// Before or during `run`. @throws as `retrieve`
  void add(data_set what, std::vector<instance_reference> expected, std::size_t label = 0);
  /// Objects by name, in batches.
  void add_by_name(std::span<const instance_reference> instances, std::string_view patient_id, std::size_t label = 0);

  /// To the end of all jobs. Errors of associations are part of the account; others come out.
  /// @throws what a handler throws; the first association_error when no association could be made and nothing is retried.
  [[nodiscard]] task<> run();
  /// Nothing more is asked for; what is under way goes on.
  void stop() {
    cancelled_ = true;
    wake();
  }
  /// The same, and a C-CANCEL-RQ is sent for what is under way.
  [[nodiscard]] task<> cancel();

  /// Of every object that was expected by name and is settled, in that order; complete when `run` has returned. One
  /// that came when its job had been given up, and was taken, is received.
  [[nodiscard]] std::vector<instance_result> results() const;
  [[nodiscard]] bool is_cancelled() const noexcept { return cancelled_; }

 private:
  class queued {
   public:
    bulk_job job;
    clock::time_point not_before{};
  };

  [[nodiscard]] task<> work();
  // The next job that may begin; nothing when there will be none.
  [[nodiscard]] task<std::optional<bulk_job>> take();
  [[nodiscard]] task<> perform(bulk_job job, association& over);
  void settle(const bulk_job& job, const retrieval_account& account, std::exception_ptr broken);
  void give_up(const bulk_job& job, const std::exception_ptr& unreachable);
  void queue_by_name(std::span<const instance_reference> instances, std::string_view patient_id, const bulk_job& from,
                     std::size_t batch, clock::time_point not_before);
  void wake() {
    for (auto* each : idle_) each->notify_all();
  }

  association_pool* pool_;
  bulk_handlers handlers_;
  store_receiver* receiver_;
  bulk_options options_;
  std::deque<queued> queue_;
  std::size_t busy_ = 0;  // workers with a job, which may queue others
  std::vector<std::shared_ptr<retrieval>> current_;
  std::list<event*> idle_;  // of the workers that wait for a job
  std::vector<instance_result> results_;
  // What the user took, whichever job it came to: an object may come after its own, or be claimed by another.
  std::shared_ptr<std::unordered_set<unique_id>> kept_ = std::make_shared<std::unordered_set<unique_id>>();
  bool ever_connected_ = false;
  bool cancelled_ = false;
};

}  // namespace codicom::service

#ifndef CODICOM_SEPARATE_COMPILATION
#include <codicom/service/impl/bulk_retrieval.hpp>
#endif
