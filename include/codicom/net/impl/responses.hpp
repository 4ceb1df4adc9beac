#pragma once
#include <codicom/core/config.hpp>
#include <codicom/dictionary/tags.hpp>
#include <codicom/encoding/encode.hpp>
#include <codicom/net/detail/decode_data_set.hpp>
#include <codicom/net/detail/exchange_guard.hpp>
#include <codicom/net/detail/incoming_store.hpp>
#include <codicom/net/responses.hpp>

namespace codicom {
namespace detail {

// One C-FIND, C-MOVE or C-GET that we invoke.
class query_exchange {
 public:
  enum class verb { find, move, get };

  query_exchange(std::shared_ptr<connection> on, verb what, unique_id sop_class, data_set identifier,
                 codicom::priority how, ae_title destination)
      : connection_{std::move(on)},
        verb_{what},
        sop_class_{sop_class},
        identifier_{std::move(identifier)},
        priority_{how},
        destination_{destination} {}
  query_exchange(const query_exchange&) = delete;
  query_exchange& operator=(const query_exchange&) = delete;
  ~query_exchange() {
    if (object_) object_->orphan();
  }

  // The next pending response, or object of a C-GET; nothing once the final response has come, which is kept.
  task<std::optional<message>> next() {
    if (finished_) co_return std::nullopt;
    if (!guard_) co_await send();
    if (object_) {
      co_await object_->see_through(status::out_of_resources);
      object_.reset();
    }
    message received = co_await connection_->receive(guard_.get());
    const bool is_object = std::holds_alternative<c_store_request>(received.command);
    if (!is_object && field_of(received.command) != response_to(request_field()))
      throw_wrong_response(*connection_, received.command);
    if (is_object) object_ = std::make_shared<incoming_store>(connection_, received);
    if (is_object || status_of(received.command)->is_pending()) {
      std::optional<message> pending{std::move(received)};
      co_return pending;
    }
    finished_ = true;
    guard_.done();
    last_ = std::move(received);
    co_return std::nullopt;
  }

  task<> start() {
    if (!finished_ && !guard_) co_await send();
  }
  void renew_deadline() {
    if (guard_) connection_->renew(*guard_.get());
  }

  task<> request_cancel() {
    if (finished_ || !guard_) co_return;
    co_await connection_->send_cancel(guard_.get());
  }

  task<> cancel() {
    if (finished_) co_return;
    if (!guard_) {  // never sent
      finished_ = true;
      switch (verb_) {
        case verb::find: last_.command = c_find_response{message_id{}, codicom::status::cancel}; break;
        case verb::move: last_.command = c_move_response{message_id{}, codicom::status::cancel}; break;
        case verb::get: last_.command = c_get_response{message_id{}, codicom::status::cancel}; break;
      }
      co_return;
    }
    co_await connection_->send_cancel(guard_.get());
    guard_->answer_within(connection_->settings().drain);
    guard_->fixed_deadline = true;  // pending responses do not prolong it
    for (;;) {
      const auto pending = co_await next();
      if (!pending) break;
      if (object_) object_->drop();  // nobody gets it
    }
  }

  [[nodiscard]] const message& last() const noexcept { return last_; }
  [[nodiscard]] message_id id() const noexcept { return id_; }
  [[nodiscard]] const std::shared_ptr<connection>& on() const noexcept { return connection_; }
  [[nodiscard]] const std::shared_ptr<incoming_store>& object() const noexcept { return object_; }
  data_set& last_identifier() noexcept { return last_identifier_; }

 private:
  [[nodiscard]] command_field request_field() const noexcept {
    switch (verb_) {
      case verb::find: return command_field::c_find_rq;
      case verb::move: return command_field::c_move_rq;
      case verb::get: break;
    }
    return command_field::c_get_rq;
  }

  task<> send() {
    connection_->check();
    const auto* context = find_context(connection_->parameters(), sop_class_);
    if (context == nullptr) throw_no_context(connection_->parameters(), sop_class_);
    std::vector<std::byte> bytes;
    encode(identifier_, context->transfer_syntax, bytes);
    auto number = connection_->begin_at_once();
    if (!number) number = co_await connection_->begin_exchange();
    exchange_guard begun{connection_, std::move(number)};
    begun->context = context->id;
    begun->can_be_cancelled = true;
    begun->takes_objects = verb_ == verb::get;
    id_ = begun->id;
    memory_source body{bytes};
    if (verb_ == verb::find) {
      c_find_request request{id_, sop_class_};
      request.priority = priority_;
      co_await connection_->send(context->id, request, &body);
    } else if (verb_ == verb::move) {
      c_move_request request{id_, sop_class_, destination_};
      request.priority = priority_;
      co_await connection_->send(context->id, request, &body);
    } else {
      c_get_request request{id_, sop_class_};
      request.priority = priority_;
      co_await connection_->send(context->id, request, &body);
    }
    begun.sent();
    guard_ = std::move(begun);
  }

  std::shared_ptr<connection> connection_;
  exchange_guard guard_;
  verb verb_;
  unique_id sop_class_;
  data_set identifier_;
  codicom::priority priority_;
  ae_title destination_;
  message_id id_;
  bool finished_ = false;
  message last_;
  data_set last_identifier_;
  std::shared_ptr<incoming_store> object_;  // given out last
};

inline task<std::optional<find_match>> next_match(query_exchange& of) {
  std::optional<find_match> match;
  auto pending = co_await of.next();
  if (pending) match.emplace(decode_data_set(*of.on(), *pending), *status_of(pending->command));
  co_return match;
}

inline task<std::optional<c_move_response>> next_move(query_exchange& of) {
  std::optional<c_move_response> response;
  auto pending = co_await of.next();
  if (pending) response.emplace(std::get<c_move_response>(std::move(pending->command)));
  else of.last_identifier() = decode_data_set(*of.on(), of.last());
  co_return response;
}

inline task<std::optional<get_event>> next_get(query_exchange& of) {
  std::optional<get_event> event;
  auto pending = co_await of.next();
  if (!pending) of.last_identifier() = decode_data_set(*of.on(), of.last());
  else if (std::holds_alternative<c_store_request>(pending->command))
    event.emplace(incoming_store::make_object(of.object()));
  else event.emplace(std::get<c_get_response>(std::move(pending->command)));
  co_return event;
}

template <class Response>
task<Response> cancel_query(query_exchange& of) {
  co_await of.cancel();
  co_return std::get<Response>(of.last().command);
}

}  // namespace detail

CODICOM_FUNCTION find_responses::find_responses(std::unique_ptr<detail::query_exchange> exchange) noexcept
    : exchange_{std::move(exchange)} {}
CODICOM_FUNCTION find_responses::find_responses(find_responses&&) noexcept = default;
CODICOM_FUNCTION find_responses& find_responses::operator=(find_responses&&) noexcept = default;
CODICOM_FUNCTION find_responses::~find_responses() = default;

CODICOM_FUNCTION task<std::optional<find_match>> find_responses::next() {
  return detail::guarded(exchange_->on(), detail::next_match(*exchange_), "C-FIND");
}
CODICOM_FUNCTION const c_find_response& find_responses::last() const noexcept {
  return *std::get_if<c_find_response>(&exchange_->last().command);
}
CODICOM_FUNCTION task<> find_responses::start() {
  return detail::guarded(exchange_->on(), exchange_->start(), "C-FIND");
}
CODICOM_FUNCTION task<> find_responses::request_cancel() {
  return detail::guarded(exchange_->on(), exchange_->request_cancel(), "C-CANCEL");
}
CODICOM_FUNCTION task<c_find_response> find_responses::cancel() {
  return detail::guarded(exchange_->on(), detail::cancel_query<c_find_response>(*exchange_), "C-FIND");
}
CODICOM_FUNCTION message_id find_responses::id() const noexcept { return exchange_->id(); }

CODICOM_FUNCTION move_responses::move_responses(std::unique_ptr<detail::query_exchange> exchange) noexcept
    : exchange_{std::move(exchange)} {}
CODICOM_FUNCTION move_responses::move_responses(move_responses&&) noexcept = default;
CODICOM_FUNCTION move_responses& move_responses::operator=(move_responses&&) noexcept = default;
CODICOM_FUNCTION move_responses::~move_responses() = default;

CODICOM_FUNCTION task<std::optional<c_move_response>> move_responses::next() {
  return detail::guarded(exchange_->on(), detail::next_move(*exchange_), "C-MOVE");
}
CODICOM_FUNCTION const c_move_response& move_responses::last() const noexcept {
  return *std::get_if<c_move_response>(&exchange_->last().command);
}
CODICOM_FUNCTION const data_set& move_responses::last_identifier() const noexcept {
  return exchange_->last_identifier();
}
CODICOM_FUNCTION std::vector<unique_id> move_responses::failed_instances() const {
  return exchange_->last_identifier().values<unique_id>(tag::FailedSOPInstanceUIDList);
}
CODICOM_FUNCTION task<> move_responses::start() {
  return detail::guarded(exchange_->on(), exchange_->start(), "C-MOVE");
}
CODICOM_FUNCTION void move_responses::renew_deadline() { exchange_->renew_deadline(); }
CODICOM_FUNCTION task<> move_responses::request_cancel() {
  return detail::guarded(exchange_->on(), exchange_->request_cancel(), "C-CANCEL");
}
CODICOM_FUNCTION task<c_move_response> move_responses::cancel() {
  return detail::guarded(exchange_->on(), detail::cancel_query<c_move_response>(*exchange_), "C-MOVE");
}
CODICOM_FUNCTION message_id move_responses::id() const noexcept { return exchange_->id(); }

CODICOM_FUNCTION get_responses::get_responses(std::unique_ptr<detail::query_exchange> exchange) noexcept
    : exchange_{std::move(exchange)} {}
CODICOM_FUNCTION get_responses::get_responses(get_responses&&) noexcept = default;
CODICOM_FUNCTION get_responses& get_responses::operator=(get_responses&&) noexcept = default;
CODICOM_FUNCTION get_responses::~get_responses() = default;

CODICOM_FUNCTION task<std::optional<get_event>> get_responses::next() {
  return detail::guarded(exchange_->on(), detail::next_get(*exchange_), "C-GET");
}
CODICOM_FUNCTION const c_get_response& get_responses::last() const noexcept {
  return *std::get_if<c_get_response>(&exchange_->last().command);
}
CODICOM_FUNCTION const data_set& get_responses::last_identifier() const noexcept {
  return exchange_->last_identifier();
}
CODICOM_FUNCTION std::vector<unique_id> get_responses::failed_instances() const {
  return exchange_->last_identifier().values<unique_id>(tag::FailedSOPInstanceUIDList);
}
CODICOM_FUNCTION task<> get_responses::start() { return detail::guarded(exchange_->on(), exchange_->start(), "C-GET"); }
CODICOM_FUNCTION task<> get_responses::request_cancel() {
  return detail::guarded(exchange_->on(), exchange_->request_cancel(), "C-CANCEL");
}
CODICOM_FUNCTION task<c_get_response> get_responses::cancel() {
  return detail::guarded(exchange_->on(), detail::cancel_query<c_get_response>(*exchange_), "C-GET");
}
CODICOM_FUNCTION message_id get_responses::id() const noexcept { return exchange_->id(); }

}  // namespace codicom
