#pragma once
#include <codicom/core/ae_title.hpp>
#include <codicom/core/unique_id.hpp>
#include <codicom/coro/clock.hpp>
#include <codicom/coro/task.hpp>
#include <codicom/data_set/data_set.hpp>
#include <codicom/dimse/dimse_status.hpp>
#include <codicom/dul/negotiation.hpp>
#include <codicom/net/acceptor_options.hpp>
#include <codicom/net/association.hpp>
#include <codicom/net/handlers.hpp>
#include <codicom/net/listener.hpp>
#include <codicom/service/find_instances.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace codicom::service {

namespace detail {
class commitment_state;
}

/// Objects for whose safekeeping somebody asks (PS3.4 §J.3.2).
class commitment_request {
 public:
  commitment_request() = default;
  commitment_request(unique_id transaction, std::vector<instance_reference> what)
      : transaction_uid{transaction}, instances{std::move(what)} {}

  unique_id transaction_uid;
  std::vector<instance_reference> instances;  ///< SOP class and instance
  ae_title requestor;                         ///< who asked; of no importance in the data set
};

/// An object that was not committed, and its Failure Reason (0008,1197): 0112 for one that is not there, 0119 for one of
/// another class, 0122, 0110, 0213, 0131. Meanings: `status_service::storage_commitment_failure_reason`.
class commitment_failure {
 public:
  commitment_failure() = default;
  commitment_failure(instance_reference what, dimse_status why) : instance{what}, reason{why} {}

  instance_reference instance;
  dimse_status reason;
};

/// What became of a request for storage commitment.
class commitment_outcome {
 public:
  commitment_outcome() = default;

  unique_id transaction_uid;
  std::vector<instance_reference> committed;  ///< the provider keeps them: they may be deleted here
  std::vector<commitment_failure> failed;
  std::vector<instance_reference> unanswered;  ///< asked for, and no word of them
  ae_title retrieve_ae_title;                  ///< where they can be had; empty where the provider does not say
  dimse_status request_status;                 ///< of the N-ACTION; after a failure nothing was reported
  std::string comment;                         ///< the provider's words with it

  /// Every object is safe.
  [[nodiscard]] bool is_complete() const noexcept {
    return request_status.is_success() && failed.empty() && unanswered.empty();
  }
};

/// Action Information (PS3.4 Table J.3-1) and Event Information (Table J.3-2), to and from a data set. Nothing: without a
/// Transaction UID, or with a reference that lacks a UID.
[[nodiscard]] data_set to_data_set(const commitment_request& request);
[[nodiscard]] data_set to_data_set(const commitment_outcome& outcome);
[[nodiscard]] std::optional<commitment_request> read_commitment_request(const data_set& information);
[[nodiscard]] std::optional<commitment_outcome> read_commitment_report(const data_set& information);

/// What an acceptor needs to be told of outcomes on associations that the provider opens: as SCP, by role selection
/// (PS3.4 §J.3.1).
void accept_commitment_reports(dul::acceptor_policy& policy);

/// Takes reports of storage commitment, on whatever association they come, and hands each to whoever awaits it by its
/// Transaction UID. A UID is all that has to be kept to go on after a restart: `expect` it again.
///
/// A report that nobody expects is refused (0115), so that its provider knows that it was not heard. A movable handle,
/// used from one executor.
/// @see PS3.4 §J.3.3
class commitment_receiver {
 public:
  /// Listen for providers that report on associations of their own. It answers C-ECHO, too. Port 0 picks a free one.
  /// @throws std::system_error when the port is in use or the address is not ours.
  [[nodiscard]] static task<commitment_receiver> listen(std::uint16_t port, acceptor_options options = {});
  [[nodiscard]] static task<commitment_receiver> listen(std::string address, std::uint16_t port,
                                                        acceptor_options options = {});
  [[nodiscard]] static task<commitment_receiver> listen(listener bound, acceptor_options options = {});
  /// Without a port of its own. For an acceptor of yours: `accept_commitment_reports` and
  /// `handlers::on_n_event_report(receiver.handler())`, with its associations on this executor.
  explicit commitment_receiver(const executor& where);

  commitment_receiver(commitment_receiver&&) noexcept;
  commitment_receiver& operator=(commitment_receiver&&) noexcept;
  /// Closes its sockets. `stop` is the orderly way.
  ~commitment_receiver();

  [[nodiscard]] normalized_handlers::handler<n_event_report_request> handler() const;

  /// A transaction whose report is to come; `instances` tells what was asked for, where that is still known.
  void expect(unique_id transaction, std::vector<instance_reference> instances = {});
  void forget(const unique_id& transaction);
  /// Wait for the report of an expected transaction. It is given out once. Nothing: not within that time, or stopped;
  /// it is expected still.
  [[nodiscard]] task<std::optional<commitment_outcome>> outcome(unique_id transaction, duration within = no_deadline);

  /// Listen no more, and let reports under way be answered.
  [[nodiscard]] task<> stop();
  [[nodiscard]] std::uint16_t port() const noexcept;

  /// For `commit`.
  [[nodiscard]] const std::shared_ptr<detail::commitment_state>& state() const noexcept { return state_; }

 private:
  explicit commitment_receiver(std::shared_ptr<detail::commitment_state> state) noexcept;
  std::shared_ptr<detail::commitment_state> state_;
};

/// How to ask for storage commitment.
class commitment_options {
 public:
  commitment_options() {}

  unique_id transaction_uid;                ///< empty: a new one
  commitment_receiver* receiver = nullptr;  ///< takes the report where it does not come on the same association
  duration wait = std::chrono::minutes{1};  ///< for the report
};

/// Ask for storage commitment (N-ACTION, PS3.4 §J.3.2), and wait for the report (N-EVENT-REPORT): on this association,
/// which is attended to meanwhile, or on one that the provider opens to `options.receiver`.
///
///     auto outcome = co_await service::commit(association, service::instance_reference{sop_class, sop_instance});
///
/// @pre `service::storage_commitment` was proposed.
/// @return A refusal, or no report in time, is an outcome with all objects unanswered. With a receiver the transaction is
///         expected still in the second case.
/// @throws association_error; that the association ends before the report does only without a receiver.
/// @par Lifetime: `over` and the receiver outlive the task.
[[nodiscard]] task<commitment_outcome> commit(association& over, std::vector<instance_reference> instances,
                                              commitment_options options = {});
template <class... More>
  requires(std::is_same_v<More, instance_reference> && ...)
[[nodiscard]] task<commitment_outcome> commit(association& over, instance_reference first, More... more) {
  return commit(over, std::vector<instance_reference>{first, more...});
}

}  // namespace codicom::service

#ifndef CODICOM_SEPARATE_COMPILATION
#include <codicom/service/impl/storage_commitment.hpp>
#endif
