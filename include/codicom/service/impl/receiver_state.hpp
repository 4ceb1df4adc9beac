#pragma once
#include <codicom/core/config.hpp>
#include <codicom/coro/event.hpp>
#include <codicom/coro/result.hpp>
#include <codicom/coro/scope.hpp>
#include <codicom/dictionary/sop_classes.hpp>
#include <codicom/dictionary/tags.hpp>
#include <codicom/dictionary/transfer_syntaxes.hpp>
#include <codicom/dictionary/uids.hpp>
#include <codicom/net/incoming_object.hpp>
#include <codicom/net/listener.hpp>
#include <codicom/net/serve.hpp>
#include <codicom/service/classes.hpp>
#include <codicom/service/store_receiver.hpp>

#include <algorithm>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace codicom::service::detail {

/// How sure a claimant is that an object is its own; the surest gets it.
enum class claim : std::uint8_t { none, study, series_or_patient, instance };

/// Somebody who expects objects from a receiver.
class claimant {
 public:
  claimant() = default;
  claimant(const claimant&) = delete;
  claimant& operator=(const claimant&) = delete;
  virtual ~claimant() = default;

  /// That very object is awaited and has not come yet.
  [[nodiscard]] virtual bool expects(const unique_id& sop_instance) const = 0;
  /// Judged by the head of its data set: patient, study, series.
  [[nodiscard]] virtual claim judge(const data_set& head) const = 0;
};

/// An object that was handed over, and whether it was claimed or nobody's.
class taken_object {
 public:
  taken_object(incoming_object what, unique_id study, bool is_claimed) noexcept
      : object{std::move(what)}, study_instance_uid{study}, claimed{is_claimed} {}

  incoming_object object;
  unique_id study_instance_uid;  // empty when the head was not looked at
  bool claimed;
};

/// The rendezvous between incoming associations and those who take objects. Everything runs on one executor.
class receiver_state : public std::enable_shared_from_this<receiver_state> {
 public:
  receiver_state(const executor& where, ae_title title, listener bound, store_receiver_options options)
      : title_{title}, listener_{std::move(bound)}, options_{std::move(options)}, serving_{where} {}

  void start() { serving_.spawn(run(shared_from_this())); }

  [[nodiscard]] const ae_title& title() const noexcept { return title_; }
  [[nodiscard]] std::uint16_t port() const noexcept { return listener_.port(); }
  [[nodiscard]] bool is_stopped() const noexcept { return stopping_; }

  // Unclaimed objects go to next() while somebody awaits it, else to a claimant that asks.
  [[nodiscard]] task<std::optional<taken_object>> take(const claimant* who, clock::time_point deadline);

  void add(const claimant& who) {
    claimants_.push_back(&who);
    wake_offers();
  }
  void remove(const claimant& who) noexcept {
    std::erase(claimants_, &who);
    wake_takers();
  }
  // What a claimant expects has changed.
  void reconsider() { wake_offers(); }

  [[nodiscard]] task<> stop();
  void shut_down() noexcept;

 private:
  // An object whose association waits in `on_store` for somebody to take it.
  struct offer {
    offer(incoming_object what, const executor& where) : object{std::move(what)}, changed{where} {}

    std::optional<incoming_object> object;
    std::optional<data_set> head;
    bool looking = false;  // its head is being read: not to be taken now
    event changed;
  };
  struct taker {
    explicit taker(const executor& where, const claimant* which) : changed{where}, who{which} {}
    event changed;
    const claimant* who;
  };

  [[nodiscard]] static task<> run(std::shared_ptr<receiver_state> self);
  [[nodiscard]] static task<> on_store(std::shared_ptr<receiver_state> self, incoming_object object);

  [[nodiscard]] std::optional<taken_object> try_take(const claimant* who);
  [[nodiscard]] const claimant* owner_of(const offer& which) const;
  [[nodiscard]] bool needs_head(const offer& which) const;
  [[nodiscard]] acceptor_options make_acceptor_options() const;

  void wake_offers() {
    for (auto* each : offers_) each->changed.notify_all();
    wake_takers();
  }
  void wake_takers() noexcept {
    for (auto* each : takers_) each->changed.notify_all();
  }

  ae_title title_;
  listener listener_;
  store_receiver_options options_;
  scope serving_;
  std::list<offer*> offers_;  // in order of arrival
  std::list<taker*> takers_;
  std::vector<const claimant*> claimants_;
  bool stopping_ = false;
};

// Stands in a list while it lives.
template <class T>
class listed {
 public:
  listed(std::list<T*>& where, T& what) : list_{&where}, position_{where.insert(where.end(), &what)} {}
  listed(const listed&) = delete;
  listed& operator=(const listed&) = delete;
  ~listed() { list_->erase(position_); }

 private:
  std::list<T*>* list_;
  typename std::list<T*>::iterator position_;
};

CODICOM_FUNCTION acceptor_options receiver_state::make_acceptor_options() const {
  acceptor_options result = options_.acceptor;
  result.runs_on = association_executor::of_the_server;
  auto& policy = result.policy;
  const auto all = all_transfer_syntaxes();
  const std::vector<unique_id> pass_through{all.begin(), all.end()};
  policy.accept(verification);
  policy.accept(storage_sop_classes(), pass_through);
  if (options_.unknown_sop_classes)  // those of the dictionary that are no storage classes stay refused
    policy.accept_unknown(pass_through, [](const unique_id& uid) { return uid_name(uid).empty(); });
  // Every syntax passes through, so the sender may choose what costs it nothing.
  policy.preference = dul::transfer_syntax_preference::requestor;
  policy.calling_ae_titles = options_.calling_ae_titles;
  if (options_.check_called_ae_title) policy.called_ae_titles = {title_};
  return result;
}

CODICOM_FUNCTION task<> receiver_state::run(std::shared_ptr<receiver_state> self) {
  handlers with;
  with.on_store([weak = std::weak_ptr{self}](incoming_object object) -> task<> {
    return on_store(weak.lock(), std::move(object));
  });
  auto options = self->make_acceptor_options();
  co_await serve(self->listener_, std::move(options), std::move(with));
}

CODICOM_FUNCTION task<> receiver_state::on_store(std::shared_ptr<receiver_state> self, incoming_object object) {
  if (!self) co_return;  // dropped, so refused
  const auto where = co_await asio::this_coro::executor;
  offer own{std::move(object), where};
  const listed in_order{self->offers_, own};
  while (own.object) {
    if (self->stopping_) {
      co_await own.object->respond(status::out_of_resources, "the receiver is stopping");
      co_return;
    }
    if (self->needs_head(own)) {
      own.looking = true;
      auto looked = co_await as_result(own.object->head(element_tag{0x0020, 0x000F}));
      own.looking = false;
      // What cannot be read as a data set is offered all the same; a broken association has nothing to offer.
      const auto error = looked.error();
      if (error && error != errc::malformed_data_set && error != errc::limit_exceeded && error != errc::truncated &&
          error != errc::unsupported_transfer_syntax)
        std::rethrow_exception(looked.exception());
      own.head = looked ? std::move(*looked) : data_set{};
    }
    self->wake_takers();
    if (own.object && !self->stopping_) co_await own.changed.wait();
  }
}

CODICOM_FUNCTION bool receiver_state::needs_head(const offer& which) const {
  if (which.head || claimants_.empty()) return false;
  const auto& uid = which.object->request().affected_sop_instance_uid;
  return std::none_of(claimants_.begin(), claimants_.end(), [&](const claimant* each) { return each->expects(uid); });
}

CODICOM_FUNCTION const claimant* receiver_state::owner_of(const offer& which) const {
  const auto& uid = which.object->request().affected_sop_instance_uid;
  const claimant* best = nullptr;
  auto best_claim = claim::none;
  for (const auto* each : claimants_) {
    const auto own = each->expects(uid) ? claim::instance : which.head ? each->judge(*which.head) : claim::none;
    if (own > best_claim) {
      best = each;
      best_claim = own;
    }
  }
  return best;
}

CODICOM_FUNCTION std::optional<taken_object> receiver_state::try_take(const claimant* who) {
  const bool next_waits = std::any_of(takers_.begin(), takers_.end(), [](const taker* t) { return t->who == nullptr; });
  for (auto* each : offers_) {
    if (!each->object || each->looking || needs_head(*each)) continue;
    const auto* owner = owner_of(*each);
    if (owner != who && (owner != nullptr || next_waits)) continue;
    taken_object taken{std::move(*each->object),
                       each->head ? each->head->uid(tag::StudyInstanceUID).value_or(unique_id{}) : unique_id{},
                       owner != nullptr};
    each->object.reset();
    each->changed.notify_all();
    return taken;
  }
  return std::nullopt;
}

CODICOM_FUNCTION task<std::optional<taken_object>> receiver_state::take(const claimant* who, clock::time_point deadline) {
  const auto self = shared_from_this();
  const auto where = co_await asio::this_coro::executor;
  taker own{where, who};
  const listed waiting{takers_, own};
  for (;;) {
    if (auto taken = try_take(who)) co_return taken;
    if (stopping_) co_return std::nullopt;
    const bool in_time = co_await own.changed.wait_until(deadline);
    if (!in_time) co_return std::nullopt;
  }
}

CODICOM_FUNCTION task<> receiver_state::stop() {
  const auto self = shared_from_this();
  stopping_ = true;
  listener_.stop();
  wake_offers();
  co_await serving_.join();
}

CODICOM_FUNCTION void receiver_state::shut_down() noexcept {
  if (stopping_ && serving_.size() == 0) return;
  stopping_ = true;
  listener_.stop();
  serving_.cancel();
  wake_offers();
}

}  // namespace codicom::service::detail
