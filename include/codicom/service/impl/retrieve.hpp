#pragma once
#include <codicom/core/config.hpp>
#include <codicom/coro/result.hpp>
#include <codicom/coro/scope.hpp>
#include <codicom/service/impl/find_instances.hpp>
#include <codicom/service/impl/receiver_state.hpp>
#include <codicom/service/retrieve.hpp>

#include <algorithm>
#include <deque>
#include <exception>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace codicom::service {

CODICOM_FUNCTION retrieval_event::retrieval_event(incoming_object object, origin from, unique_id study) noexcept
    : from_{from}, object_{std::move(object)}, study_{study} {}
CODICOM_FUNCTION retrieval_event::retrieval_event(c_move_response response) noexcept : response_{std::move(response)} {}

CODICOM_FUNCTION incoming_object* retrieval_event::arrived() noexcept {
  return object_ && from_ == origin::claimed ? &*object_ : nullptr;
}
CODICOM_FUNCTION incoming_object* retrieval_event::unexpected() noexcept {
  return object_ && from_ == origin::unexpected ? &*object_ : nullptr;
}
CODICOM_FUNCTION const c_move_response* retrieval_event::pending() const noexcept {
  return response_ && response_->status.is_pending() ? &*response_ : nullptr;
}
CODICOM_FUNCTION const c_move_response* retrieval_event::last() const noexcept {
  return response_ && !response_->status.is_pending() ? &*response_ : nullptr;
}

namespace detail {

// How the objects travel.
enum class retrieve_way : std::uint8_t { to_receiver, to_other, by_get };

class retrieval_state final : public claimant {
 public:
  retrieval_state(association& over, retrieve_way way, std::shared_ptr<receiver_state> receiver, ae_title destination,
                  query_model model, data_set identifier, retrieve_options options)
      : association_{&over},
        way_{way},
        receiver_{std::move(receiver)},
        destination_{destination},
        model_{model},
        identifier_{std::move(identifier)},
        level_{*level_of(identifier_)},
        options_{std::move(options)},
        keeper_{std::make_shared<account_keeper>(way != retrieve_way::to_other)} {}
  ~retrieval_state() override { end_claims(); }

  [[nodiscard]] task<std::optional<retrieval_event>> next();
  [[nodiscard]] task<> cancel();
  [[nodiscard]] const account_keeper& keeper() const noexcept { return *keeper_; }

  [[nodiscard]] bool expects(const unique_id& sop_instance) const override {
    return study_of_.contains(sop_instance) && !arrived_->contains(sop_instance);
  }
  [[nodiscard]] CODICOM_FUNCTION claim judge(const data_set& head) const override;

 private:
  enum class phase : std::uint8_t { expecting, asking, moving, late, done };

  [[nodiscard]] task<> read_expectation();
  [[nodiscard]] task<> ask();
  [[nodiscard]] task<> await_response();
  [[nodiscard]] task<> await_get();
  template <class Responses>
  void ended(const Responses& responses, c_move_response last);
  void hand_out(incoming_object object, unique_id study, bool claimed);
  [[nodiscard]] task<> await_object(clock::time_point deadline);
  [[nodiscard]] task<> await_either();
  [[nodiscard]] std::optional<retrieval_event> pop();
  void end_claims() noexcept {
    if (claiming_) receiver_->remove(*this);
    claiming_ = false;
  }

  association* association_;
  retrieve_way way_;
  std::shared_ptr<receiver_state> receiver_;  // null: nothing comes by an association of its own
  ae_title destination_;
  query_model model_;
  data_set identifier_;
  query_level level_;
  retrieve_options options_;
  std::shared_ptr<account_keeper> keeper_;  // shared with the objects handed out
  std::shared_ptr<std::unordered_set<unique_id>> arrived_ = std::make_shared<std::unordered_set<unique_id>>();
  std::unordered_map<unique_id, unique_id> study_of_;  // of every object expected
  std::optional<move_responses> responses_;
  std::optional<get_responses> get_;
  std::deque<retrieval_event> events_;
  std::exception_ptr error_;  // to be thrown once what came before it has been given out
  phase phase_ = phase::expecting;
  bool claiming_ = false;
  bool cancelled_ = false;
  bool handed_out_ = false;  // an object, since the last look
  bool receiver_stopped_ = false;
  clock::time_point late_until_{};
};

CODICOM_FUNCTION claim retrieval_state::judge(const data_set& head) const {
  const auto asked = [this](element_tag key, const std::optional<unique_id>& value) {
    const auto wanted = identifier_.values<unique_id>(key);
    return value && std::find(wanted.begin(), wanted.end(), *value) != wanted.end();
  };
  const auto study = head.uid(tag::StudyInstanceUID);
  if (level_ == query_level::patient) {
    if (head.text(tag::PatientID) == identifier_.text(tag::PatientID)) return claim::series_or_patient;
  } else if (level_ == query_level::series) {
    if (asked(tag::SeriesInstanceUID, head.uid(tag::SeriesInstanceUID))) return claim::series_or_patient;
  }
  return asked(tag::StudyInstanceUID, study) ? claim::study : claim::none;
}

CODICOM_FUNCTION task<> retrieval_state::read_expectation() {
  study_of_.clear();
  if (way_ == retrieve_way::to_other) co_return;
  auto expected = std::move(options_.expected);
  if (expected.empty() && (options_.read_expectation || level_ == query_level::image)) {
    instance_finder finder{*association_, model_, cancelled_};
    auto found = co_await finder.all_of(identifier_);
    if (found) expected = std::move(*found);
  }
  std::vector<unique_id> objects;
  objects.reserve(expected.size());
  for (const auto& each : expected)
    if (study_of_.emplace(each.sop_instance_uid, each.study_instance_uid).second)
      objects.push_back(each.sop_instance_uid);
  keeper_->expect(std::move(objects));
}

CODICOM_FUNCTION task<> retrieval_state::ask() {
  if (way_ == retrieve_way::by_get) {
    get_.emplace(association_->get(get_class(model_), identifier_));
    co_await get_->start();
    co_return;
  }
  if (receiver_ != nullptr) {
    receiver_->add(*this);
    claiming_ = true;
  }
  responses_.emplace(association_->move(move_class(model_), identifier_, destination_));
  co_await responses_->start();
}

template <class Responses>
void retrieval_state::ended(const Responses& responses, c_move_response last) {
  const auto failed = responses.failed_instances();
  keeper_->last(last, failed);
  events_.emplace_back(std::move(last));
  phase_ = phase::late;
  late_until_ = deadline_in(options_.late_arrivals);
}

CODICOM_FUNCTION task<> retrieval_state::await_response() {
  if (get_) {
    co_await await_get();
    co_return;
  }
  auto pending = co_await responses_->next();
  if (pending) {
    keeper_->pending(*pending);
    events_.emplace_back(std::move(*pending));
  } else {
    ended(*responses_, responses_->last());
  }
}

// One stream of events tells of both operations in the same words.
[[nodiscard]] inline c_move_response as_move_response(const c_get_response& from) {
  c_move_response same;
  static_cast<response_fields&>(same) = from;
  static_cast<suboperation_counts&>(same) = from;
  same.has_data_set = from.has_data_set;
  return same;
}

CODICOM_FUNCTION task<> retrieval_state::await_get() {
  auto event = co_await get_->next();
  if (!event) {
    ended(*get_, as_move_response(get_->last()));
  } else if (auto* object = event->arrived()) {
    // Whatever comes on this association was asked for by this C-GET.
    unique_id study;
    if (level_ != query_level::patient) study = identifier_.uid(tag::StudyInstanceUID).value_or(unique_id{});
    hand_out(std::move(*object), study, true);
  } else {
    auto pending = as_move_response(*event->pending());
    keeper_->pending(pending);
    events_.emplace_back(std::move(pending));
  }
}

CODICOM_FUNCTION void retrieval_state::hand_out(incoming_object object, unique_id study, bool claimed) {
  if (claimed) {
    const auto uid = object.request().affected_sop_instance_uid;
    if (const auto known = study_of_.find(uid); known != study_of_.end() && !known->second.empty())
      study = known->second;
    keeper_->arrived(uid);
    arrived_->insert(uid);
    object.on_finished([keeper = keeper_, arrived = arrived_, uid](dimse_status answered, std::uint64_t bytes) {
      keeper->ended(uid, answered, bytes);
      if (!answered.is_success() && !answered.is_warning()) arrived->erase(uid);  // it may come again
    });
    late_until_ = deadline_in(options_.late_arrivals);
  } else {
    keeper_->unexpected();
  }
  handed_out_ = true;
  events_.emplace_back(std::move(object), claimed ? retrieval_event::origin::claimed : retrieval_event::origin::unexpected,
                       study);
}

CODICOM_FUNCTION task<> retrieval_state::await_object(clock::time_point deadline) {
  auto taken = co_await receiver_->take(this, deadline);
  if (taken) hand_out(std::move(taken->object), taken->study_instance_uid, taken->claimed);
  else receiver_stopped_ = receiver_->is_stopped();
}

CODICOM_FUNCTION task<> retrieval_state::await_either() {
  // Objects are a sign of life: the peer may send one for longer than it may be silent.
  const bool under_way = keeper_->under_way() != 0;
  if (under_way || handed_out_) responses_->renew_deadline();
  handed_out_ = false;
  // What either leg gets goes to `events_`, so nothing is lost when both end at once or the race is cancelled.
  const auto look_again = under_way ? deadline_in(std::chrono::seconds{1}) : clock::time_point::max();
  auto outcome = co_await race(await_response(), await_object(look_again));
  const bool broken = !outcome.first.has_value() && (outcome.winner == 1 || outcome.first.error() != errc::cancelled);
  if (broken) error_ = outcome.first.exception();
}

CODICOM_FUNCTION std::optional<retrieval_event> retrieval_state::pop() {
  std::optional<retrieval_event> event{std::move(events_.front())};
  events_.pop_front();
  return event;
}

CODICOM_FUNCTION task<std::optional<retrieval_event>> retrieval_state::next() {
  if (!events_.empty()) co_return pop();
  if (error_) {
    end_claims();
    std::rethrow_exception(std::exchange(error_, nullptr));
  }
  if (phase_ == phase::expecting) {
    co_await read_expectation();
    phase_ = cancelled_ ? phase::done : phase::asking;
  }
  if (phase_ == phase::asking) {
    phase_ = phase::moving;
    co_await ask();
  }
  while (phase_ == phase::moving && events_.empty() && !error_) {
    if (receiver_ == nullptr || receiver_stopped_) co_await await_response();
    else co_await await_either();
  }
  if (events_.empty() && !error_ && phase_ == phase::late && receiver_ != nullptr && !receiver_stopped_) {
    // Objects that wait already are taken in any case; others are awaited only if the peer says that it sent them.
    co_await await_object(keeper_->awaits_more() ? late_until_ : clock::now());
  }
  if (!events_.empty()) co_return pop();
  end_claims();
  if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
  phase_ = phase::done;
  co_return std::nullopt;
}

CODICOM_FUNCTION task<> retrieval_state::cancel() {
  if (cancelled_ || phase_ >= phase::late) co_return;
  cancelled_ = true;
  keeper_->cancelled();
  if (phase_ == phase::moving && get_) co_await get_->request_cancel();
  else if (phase_ == phase::moving && responses_) co_await responses_->request_cancel();
}

}  // namespace detail

CODICOM_FUNCTION retrieval::retrieval(std::unique_ptr<detail::retrieval_state> state) noexcept : state_{std::move(state)} {}
CODICOM_FUNCTION retrieval::retrieval(retrieval&&) noexcept = default;
CODICOM_FUNCTION retrieval& retrieval::operator=(retrieval&&) noexcept = default;
CODICOM_FUNCTION retrieval::~retrieval() = default;

CODICOM_FUNCTION task<std::optional<retrieval_event>> retrieval::next() { return state_->next(); }
CODICOM_FUNCTION task<> retrieval::cancel() { return state_->cancel(); }
CODICOM_FUNCTION retrieval_account retrieval::account() const { return state_->keeper().account(); }
CODICOM_FUNCTION std::optional<std::size_t> retrieval::total() const { return state_->keeper().total(); }

namespace detail {

[[nodiscard]] inline query_model choose_model(const association& over, retrieve_way way, const data_set& what,
                                              const retrieve_options& options) {
  if (options.model) return *options.model;
  if (level_of(what) == query_level::patient) return query_model::patient_root;
  const auto class_of = way == retrieve_way::by_get ? get_class : move_class;
  const auto& parameters = over.parameters();
  return parameters.accepted(class_of(query_model::study_root)) == nullptr &&
                 parameters.accepted(class_of(query_model::patient_root)) != nullptr
             ? query_model::patient_root
             : query_model::study_root;
}

[[nodiscard]] inline std::unique_ptr<retrieval_state> make_retrieval(association& over, retrieve_way way,
                                                                     std::shared_ptr<receiver_state> receiver,
                                                                     ae_title destination, const data_set& what,
                                                                     retrieve_options options) {
  const auto model = choose_model(over, way, what, options);
  return std::make_unique<retrieval_state>(over, way, std::move(receiver), destination, model,
                                           retrieve_identifier(what, model), std::move(options));
}

}  // namespace detail

CODICOM_FUNCTION retrieval retrieve(association& over, store_receiver& receiver, const data_set& what, retrieve_options options) {
  return retrieval{detail::make_retrieval(over, detail::retrieve_way::to_receiver, receiver.state(), receiver.title(),
                                          what, std::move(options))};
}

CODICOM_FUNCTION retrieval retrieve(association& over, const data_set& what, retrieve_options options) {
  return retrieval{detail::make_retrieval(over, detail::retrieve_way::by_get, nullptr, {}, what, std::move(options))};
}

CODICOM_FUNCTION retrieval retrieve_to(association& over, ae_title destination, const data_set& what, retrieve_options options) {
  return retrieval{
      detail::make_retrieval(over, detail::retrieve_way::to_other, nullptr, destination, what, std::move(options))};
}

}  // namespace codicom::service
