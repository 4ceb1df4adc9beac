#pragma once
#include <codicom/core/config.hpp>
#include <codicom/core/generate_uid.hpp>
#include <codicom/coro/event.hpp>
#include <codicom/coro/result.hpp>
#include <codicom/coro/scope.hpp>
#include <codicom/dictionary/tags.hpp>
#include <codicom/net/serve.hpp>
#include <codicom/service/classes.hpp>
#include <codicom/service/storage_commitment.hpp>

#include <algorithm>
#include <exception>
#include <functional>
#include <map>
#include <unordered_set>

namespace codicom::service {

namespace detail {

// The transactions that are expected, and what is known of them. On one executor.
class commitment_state : public std::enable_shared_from_this<commitment_state> {
 public:
  explicit commitment_state(const executor& where) : changed_{where}, serving_{where} {}

  void listen(listener bound, acceptor_options options) {
    listener_.emplace(std::move(bound));
    serving_.spawn(run(shared_from_this(), std::move(options)));
  }
  [[nodiscard]] bool listens() const noexcept { return listener_ && !stopping_; }
  [[nodiscard]] std::uint16_t port() const noexcept { return listener_ ? listener_->port() : std::uint16_t{0}; }

  void expect(unique_id transaction, std::vector<instance_reference> instances) {
    auto& one = transactions_[transaction];
    one.request = commitment_request{transaction, std::move(instances)};
  }
  void forget(const unique_id& transaction) { transactions_.erase(transaction); }
  [[nodiscard]] bool has_outcome(const unique_id& transaction) const {
    const auto found = transactions_.find(transaction);
    return found != transactions_.end() && found->second.outcome;
  }
  // What has come goes to its owner, once.
  [[nodiscard]] std::optional<commitment_outcome> take(const unique_id& transaction) {
    if (!has_outcome(transaction)) return std::nullopt;
    auto outcome = std::move(transactions_.at(transaction).outcome);
    transactions_.erase(transaction);
    return outcome;
  }
  // Until the report has come, was forgotten, or there will be none.
  [[nodiscard]] task<> wait(unique_id transaction, clock::time_point deadline) {
    const auto self = shared_from_this();
    while (!has_outcome(transaction) && transactions_.contains(transaction) && !stopping_) {
      const bool in_time = co_await changed_.wait_until(deadline);
      if (!in_time) break;
    }
  }

  [[nodiscard]] n_result receive(const incoming_request<n_event_report_request>& report);
  void announce() { changed_.notify_all(); }
  // For `association::attend`: announces what has come, and tells whether it was that.
  [[nodiscard]] std::function<bool()> announcing(const unique_id& transaction) {
    return [self = shared_from_this(), transaction] {
      self->announce();
      return self->has_outcome(transaction);
    };
  }

  [[nodiscard]] task<> stop() {
    const auto self = shared_from_this();
    stopping_ = true;
    if (listener_) listener_->stop();
    announce();
    co_await serving_.join();
  }
  void shut_down() noexcept {
    if (stopping_) return;
    stopping_ = true;
    if (listener_) listener_->stop();
    serving_.cancel();
    announce();
  }

 private:
  class transaction {
   public:
    commitment_request request;
    std::optional<commitment_outcome> outcome;
  };

  [[nodiscard]] static task<> run(std::shared_ptr<commitment_state> self, acceptor_options options);

  event changed_;
  std::map<unique_id, transaction> transactions_;
  std::optional<listener> listener_;
  scope serving_;
  bool stopping_ = false;
};

CODICOM_FUNCTION n_result commitment_state::receive(const incoming_request<n_event_report_request>& report) {
  const auto& command = report.command;
  if (command.affected_sop_class_uid != storage_commitment) return status::no_such_sop_class;
  if (command.affected_sop_instance_uid != storage_commitment_instance) return status::no_such_sop_instance;
  if (command.event_type_id != 1 && command.event_type_id != 2) return status::no_such_event_type;
  auto outcome = read_commitment_report(report.identifier);
  if (!outcome) return n_result{status::invalid_argument_value, {}, "a UID is missing"};
  const auto found = transactions_.find(outcome->transaction_uid);
  if (found == transactions_.end())
    return n_result{status::invalid_argument_value, {}, "no report of this Transaction UID is expected"};
  std::unordered_set<unique_id> told;
  for (const auto& each : outcome->committed) told.insert(each.sop_instance_uid);
  for (const auto& each : outcome->failed) told.insert(each.instance.sop_instance_uid);
  for (const auto& each : found->second.request.instances)
    if (!told.contains(each.sop_instance_uid)) outcome->unanswered.push_back(each);
  found->second.outcome = std::move(outcome);
  return status::success;
}

CODICOM_FUNCTION task<> commitment_state::run(std::shared_ptr<commitment_state> self, acceptor_options options) {
  options.runs_on = association_executor::of_the_server;
  options.policy.accept(verification);
  accept_commitment_reports(options.policy);
  handlers with;
  with.on_n_event_report([weak = std::weak_ptr{self}](incoming_request<n_event_report_request> report) -> task<n_result> {
    const auto own = weak.lock();
    if (!own) co_return status::processing_failure;
    auto answer = own->receive(report);
    own->announce();
    co_return answer;
  });
  co_await serve(*self->listener_, std::move(options), std::move(with));
}

inline void add_reference(data_set& to, element_tag sequence, const instance_reference& what,
                          std::optional<dimse_status> reason = {}) {
  auto& item = to.add_item(sequence);
  item.set(tag::ReferencedSOPClassUID, what.sop_class_uid).set(tag::ReferencedSOPInstanceUID, what.sop_instance_uid);
  if (reason) item.set(tag::FailureReason, reason->code);
}

// Nothing when one lacks a UID.
[[nodiscard]] inline std::optional<instance_reference> read_reference(const data_set& item) {
  const auto sop_class = item.uid(tag::ReferencedSOPClassUID);
  const auto sop_instance = item.uid(tag::ReferencedSOPInstanceUID);
  if (!sop_class || !sop_instance) return std::nullopt;
  return instance_reference{*sop_class, *sop_instance};
}

}  // namespace detail

CODICOM_FUNCTION data_set to_data_set(const commitment_request& request) {
  data_set result;
  result.set(tag::TransactionUID, request.transaction_uid).set(tag::ReferencedSOPSequence);
  for (const auto& each : request.instances) detail::add_reference(result, tag::ReferencedSOPSequence, each);
  return result;
}

CODICOM_FUNCTION data_set to_data_set(const commitment_outcome& outcome) {
  data_set result;
  result.set(tag::TransactionUID, outcome.transaction_uid);
  if (!outcome.retrieve_ae_title.empty()) result.set_text(tag::RetrieveAETitle, outcome.retrieve_ae_title.view());
  for (const auto& each : outcome.committed) detail::add_reference(result, tag::ReferencedSOPSequence, each);
  for (const auto& each : outcome.failed) detail::add_reference(result, tag::FailedSOPSequence, each.instance, each.reason);
  return result;
}

CODICOM_FUNCTION std::optional<commitment_request> read_commitment_request(const data_set& information) {
  const auto transaction = information.uid(tag::TransactionUID);
  if (!transaction) return std::nullopt;
  commitment_request request{*transaction, {}};
  for (const auto& item : information.items(tag::ReferencedSOPSequence)) {
    const auto reference = detail::read_reference(item);
    if (!reference) return std::nullopt;
    request.instances.push_back(*reference);
  }
  return request;
}

CODICOM_FUNCTION std::optional<commitment_outcome> read_commitment_report(const data_set& information) {
  const auto transaction = information.uid(tag::TransactionUID);
  if (!transaction) return std::nullopt;
  commitment_outcome outcome;
  outcome.transaction_uid = *transaction;
  outcome.retrieve_ae_title = ae_title{information.text(tag::RetrieveAETitle)};
  for (const auto& item : information.items(tag::ReferencedSOPSequence)) {
    const auto reference = detail::read_reference(item);
    if (!reference) return std::nullopt;
    outcome.committed.push_back(*reference);
  }
  for (const auto& item : information.items(tag::FailedSOPSequence)) {
    const auto reference = detail::read_reference(item);
    if (!reference) return std::nullopt;
    outcome.failed.emplace_back(*reference, dimse_status{item.get(tag::FailureReason).value_or(std::uint16_t{0x0110})});
  }
  return outcome;
}

CODICOM_FUNCTION void accept_commitment_reports(dul::acceptor_policy& policy) {
  policy.accept(storage_commitment).allow_requestor_as_scp(storage_commitment);
}

CODICOM_FUNCTION commitment_receiver::commitment_receiver(std::shared_ptr<detail::commitment_state> state) noexcept
    : state_{std::move(state)} {}
CODICOM_FUNCTION commitment_receiver::commitment_receiver(const executor& where)
    : state_{std::make_shared<detail::commitment_state>(where)} {}
CODICOM_FUNCTION commitment_receiver::commitment_receiver(commitment_receiver&&) noexcept = default;
CODICOM_FUNCTION commitment_receiver& commitment_receiver::operator=(commitment_receiver&& other) noexcept {
  std::swap(state_, other.state_);
  return *this;
}
CODICOM_FUNCTION commitment_receiver::~commitment_receiver() {
  if (state_) state_->shut_down();
}

CODICOM_FUNCTION task<commitment_receiver> commitment_receiver::listen(std::uint16_t port, acceptor_options options) {
  return listen(std::string{}, port, std::move(options));
}
CODICOM_FUNCTION task<commitment_receiver> commitment_receiver::listen(std::string address, std::uint16_t port,
                                                                      acceptor_options options) {
  auto bound = co_await codicom::listen(std::move(address), port);
  auto receiver = co_await listen(std::move(bound), std::move(options));
  co_return receiver;
}
CODICOM_FUNCTION task<commitment_receiver> commitment_receiver::listen(listener bound, acceptor_options options) {
  const auto where = co_await asio::this_coro::executor;
  auto state = std::make_shared<detail::commitment_state>(where);
  state->listen(std::move(bound), std::move(options));
  co_return commitment_receiver{std::move(state)};
}

CODICOM_FUNCTION normalized_handlers::handler<n_event_report_request> commitment_receiver::handler() const {
  return [own = state_](incoming_request<n_event_report_request> report) -> task<n_result> {
    auto answer = own->receive(report);
    own->announce();
    co_return answer;
  };
}
CODICOM_FUNCTION void commitment_receiver::expect(unique_id transaction, std::vector<instance_reference> instances) {
  state_->expect(transaction, std::move(instances));
}
CODICOM_FUNCTION void commitment_receiver::forget(const unique_id& transaction) {
  state_->forget(transaction);
  state_->announce();
}
CODICOM_FUNCTION task<std::optional<commitment_outcome>> commitment_receiver::outcome(unique_id transaction,
                                                                                     duration within) {
  const auto own = state_;
  co_await own->wait(transaction, deadline_in(within));
  co_return own->take(transaction);
}
CODICOM_FUNCTION task<> commitment_receiver::stop() { return state_->stop(); }
CODICOM_FUNCTION std::uint16_t commitment_receiver::port() const noexcept { return state_->port(); }

CODICOM_FUNCTION task<commitment_outcome> commit(association& over, std::vector<instance_reference> instances,
                                                 commitment_options options) {
  const auto where = co_await asio::this_coro::executor;
  const auto own =
      options.receiver != nullptr ? options.receiver->state() : std::make_shared<detail::commitment_state>(where);
  const auto transaction = options.transaction_uid.empty() ? generate_uid() : options.transaction_uid;
  // The report may be faster than the response.
  own->expect(transaction, instances);
  // Announced by `attend` below, once the report has been answered: who hears of it may cancel that.
  over.on_event_report([own](incoming_request<n_event_report_request> report) -> task<n_result> {
    auto answer = own->receive(report);
    co_return answer;
  });
  commitment_outcome nothing;
  nothing.transaction_uid = transaction;
  auto asked = co_await as_result(over.n_action(storage_commitment, storage_commitment_instance, 1,
                                                to_data_set(commitment_request{transaction, instances})));
  if (!asked || asked->status().is_failure()) {
    own->forget(transaction);
    if (!asked) std::rethrow_exception(asked.exception());
    nothing.request_status = asked->status();
    nothing.comment = asked->response.error_comment;
    nothing.unanswered = std::move(instances);
    co_return nothing;
  }
  const auto deadline = deadline_in(options.wait);
  auto ended = co_await race(over.attend(own->announcing(transaction)), own->wait(transaction, deadline));
  if (!own->has_outcome(transaction) && ended.winner == 1 && !ended.first) {  // the association is over
    if (!own->listens() || ended.first.error() == failure::cancelled) std::rethrow_exception(ended.first.exception());
    co_await own->wait(transaction, deadline);
  }
  if (auto outcome = own->take(transaction)) {
    outcome->request_status = asked->status();
    co_return std::move(*outcome);
  }
  nothing.unanswered = std::move(instances);
  co_return nothing;
}

}  // namespace codicom::service
