#pragma once
#include <codicom/core/ae_title.hpp>
#include <codicom/core/config.hpp>
#include <codicom/core/peer.hpp>
#include <codicom/coro/clock.hpp>
#include <codicom/coro/event.hpp>
#include <codicom/coro/scope.hpp>
#include <codicom/coro/task.hpp>
#include <codicom/net/association_options.hpp>
#include <codicom/net/back_channel.hpp>
#include <codicom/net/handlers.hpp>
#include <codicom/service/archive.hpp>
#include <codicom/service/storage_commitment.hpp>

#include <chrono>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace codicom::service {

/// Where a provider of storage commitment keeps what it owes a report for, so that a restart loses nothing.
class commitment_ledger {
 public:
  virtual ~commitment_ledger() = default;
  /// Safely kept when this returns. False: that Transaction UID is in use.
  [[nodiscard]] virtual task<bool> keep(commitment_request request) = 0;
  /// What has been kept and not been settled.
  [[nodiscard]] virtual task<std::vector<commitment_request>> pending() = 0;
  /// It has been reported.
  [[nodiscard]] virtual task<> settle(unique_id transaction) = 0;
};

/// One that forgets everything with the program.
class volatile_commitment_ledger : public commitment_ledger {
 public:
  [[nodiscard]] CODICOM_FUNCTION task<bool> keep(commitment_request request) override;
  [[nodiscard]] CODICOM_FUNCTION task<std::vector<commitment_request>> pending() override;
  [[nodiscard]] CODICOM_FUNCTION task<> settle(unique_id transaction) override;

 private:
  std::vector<commitment_request> kept_;
};

/// What an archive can commit itself to: an object is committed when the archive has it, under that SOP class, and its
/// file is there; else the reason is 0112, or 0119 for another class.
[[nodiscard]] task<commitment_outcome> check_commitment(const archive& with, commitment_request asked);

/// How a provider of storage commitment reports.
struct commitment_provider_options {
  commitment_provider_options() {}

  ae_title own_title = "ANY-SCP";
  /// Where requestors listen, by AE title. One that is not here can be told on its own association only.
  std::vector<peer> requestors;
  /// Deadlines, limits and security of the associations to them. Titles and contexts are set by the provider.
  association_options association;
  /// Before a report is tried on the association of its request: a requestor that leaves at once need not be spoken to.
  duration before_report = std::chrono::seconds{1};
  /// Before a report that nobody took is tried again; doubled each time, up to an hour.
  duration back_off = std::chrono::seconds{10};
  unsigned attempts = 10;  ///< then it rests until the next start
  /// Told of every report that was made (no problem), or that nobody took.
  std::function<void(const commitment_request&, const commitment_outcome&, const std::string& problem)> on_report;
};

/// A provider of storage commitment (PS3.4 Annex J): checks what it is asked for and reports, on the same association
/// while that lasts, else on one of its own with role selection; after a restart, what the ledger has kept.
///
///     service::commitment_provider commitments{index, ledger, options};
///     handlers.on_n_action(commitments.handler());
///     auto ended = co_await race(serve(listener, accepts, handlers), commitments.run());
///
/// Accept `service::storage_commitment`. Used from one executor: associations are served `of_the_server`.
/// @par Lifetime: archive and ledger outlive it; it outlives its handler.
class commitment_provider {
 public:
  commitment_provider(const archive& with, commitment_ledger& ledger, commitment_provider_options options = {});

  /// Answers an N-ACTION: 0000 once the request is kept; 0123 for another action, 0112 for another instance, 0115 for
  /// information without its UIDs, 0210 for a Transaction UID that is in use.
  [[nodiscard]] normalized_handlers::handler<n_action_request> handler();

  /// Report, until cancelled.
  [[nodiscard]] task<> run();

 private:
  class job {
   public:
    commitment_request request;
    std::optional<back_channel> asked_on;
  };

  [[nodiscard]] task<n_result> take(incoming_request<n_action_request> request);
  // The body of `run`.
  class reporting {
   public:
    explicit reporting(commitment_provider& for_whom) noexcept : of_{&for_whom} {}
    task<> operator()(scope& reports) const { return of_->start_reports(reports); }

   private:
    commitment_provider* of_;
  };
  [[nodiscard]] task<> start_reports(scope& reports);
  [[nodiscard]] bool is_queued(const unique_id& transaction) const noexcept {
    for (const auto& each : queue_)
      if (each.request.transaction_uid == transaction) return true;
    return false;
  }
  [[nodiscard]] task<> report(job what);
  // Once. @return what went wrong; empty: it has been told, and taken.
  [[nodiscard]] task<std::string> tell(const job& what, data_set information, std::uint16_t event_type) const;

  const archive* archive_;
  commitment_ledger* ledger_;
  commitment_provider_options options_;
  std::deque<job> queue_;
  std::optional<event> arrived_;  // while `run` does
};

}  // namespace codicom::service

#ifndef CODICOM_SEPARATE_COMPILATION
#include <codicom/service/impl/commitment_provider.hpp>
#endif
