#pragma once
#include <codicom/coro/blocking.hpp>
#include <codicom/coro/event.hpp>
#include <codicom/coro/generator.hpp>
#include <codicom/coro/task.hpp>
#include <codicom/data_set/data_set.hpp>
#include <codicom/dimse/command.hpp>
#include <codicom/dul/association_parameters.hpp>
#include <codicom/net/back_channel.hpp>
#include <codicom/net/incoming_object.hpp>
#include <codicom/net/n_result.hpp>
#include <codicom/net/responses.hpp>

#include <functional>
#include <memory>
#include <string>
#include <utility>

namespace codicom {

namespace detail {

// A C-CANCEL, or the end of the association, on its way to whoever performs a request.
class cancellation {
 public:
  explicit cancellation(const executor& where) : raised_{where} {}

  void request_stop() {
    source_.request_stop();
    raised_.notify_all();
  }
  [[nodiscard]] stop_token token() const noexcept { return source_.token(); }
  [[nodiscard]] static task<> wait(std::shared_ptr<cancellation> on) {
    while (!on->source_.stop_requested()) co_await on->raised_.wait();
  }

 private:
  stop_source source_;
  event raised_;
};

}  // namespace detail

/// A request that a provider or handler works on, with the association it came by.
template <class Command>
class incoming_request {
 public:
  incoming_request(Command received, data_set with, back_channel from, std::shared_ptr<detail::cancellation> stop)
      : command{std::move(received)},
        identifier{std::move(with)},
        remote_address{from.remote_address()},
        cancellation_{std::move(stop)},
        stop_{cancellation_->token()},
        sender_{std::move(from)} {}

  Command command;
  data_set identifier;  ///< the data set that came with it: keys; information, attributes or modifications
  std::string remote_address;

  [[nodiscard]] const dul::association_parameters& association() const noexcept { return sender_.parameters(); }
  [[nodiscard]] const ae_title& calling_ae_title() const noexcept { return association().calling_ae_title(); }
  [[nodiscard]] const ae_title& called_ae_title() const noexcept { return association().called_ae_title(); }
  /// For what is to be asked of the sender meanwhile: the sub-operations of a C-GET.
  [[nodiscard]] const back_channel& sender() const noexcept { return sender_; }
  /// A C-CANCEL came, or the association is going down: finish soon. After a C-CANCEL the final status is FE00.
  [[nodiscard]] bool cancelled() const noexcept { return stop_.stop_requested(); }
  /// The same for work on the blocking pool.
  [[nodiscard]] const stop_token& stop() const noexcept { return stop_; }
  /// The same to be awaited, as in `race(search(keys), request.until_cancelled())`.
  [[nodiscard]] task<> until_cancelled() const { return detail::cancellation::wait(cancellation_); }

 private:
  std::shared_ptr<detail::cancellation> cancellation_;
  stop_token stop_;
  back_channel sender_;
};

using find_request = incoming_request<c_find_request>;
using move_request = incoming_request<c_move_request>;
using get_request = incoming_request<c_get_request>;

/// What is done with requests of the normalized services (PS3.7 §10). A coroutine each, of the request.
class normalized_handlers {
 public:
  template <class Command>
  using handler = std::function<task<n_result>(incoming_request<Command>)>;

  handler<n_event_report_request> n_event_report;
  handler<n_get_request> n_get;
  handler<n_set_request> n_set;
  handler<n_action_request> n_action;
  handler<n_create_request> n_create;
  handler<n_delete_request> n_delete;

  [[nodiscard]] const auto& handler_of(const n_event_report_request&) const noexcept { return n_event_report; }
  [[nodiscard]] const auto& handler_of(const n_get_request&) const noexcept { return n_get; }
  [[nodiscard]] const auto& handler_of(const n_set_request&) const noexcept { return n_set; }
  [[nodiscard]] const auto& handler_of(const n_action_request&) const noexcept { return n_action; }
  [[nodiscard]] const auto& handler_of(const n_create_request&) const noexcept { return n_create; }
  [[nodiscard]] const auto& handler_of(const n_delete_request&) const noexcept { return n_delete; }
};

/// What an acceptor does with the requests that come. A service without a handler is answered 0211 (unrecognized
/// operation); C-ECHO needs none. A handler that throws is answered C000 (0110 for a normalized service), and its
/// association lives on.
///
/// A find, move or get provider is a coroutine: it yields the pending responses and returns the final one, in which
/// message id, SOP class and data set type are filled in for it. Handlers of one association run beside the reading of
/// its further requests; they are cancelled when it ends.
class handlers : public normalized_handlers {
 public:
  using echo_handler = std::function<dimse_status(const c_echo_request&, const dul::association_parameters&)>;
  using store_handler = std::function<task<>(incoming_object)>;
  using find_provider = std::function<generator<find_match, c_find_response>(find_request)>;
  using move_provider = std::function<generator<c_move_response, move_result>(move_request)>;
  using get_provider = std::function<generator<c_get_response, get_result>(get_request)>;
  using association_handler = std::function<void(const dul::association_parameters&, std::string_view remote_address)>;

  handlers() = default;

  handlers& on_echo(echo_handler handler) {
    echo = std::move(handler);
    return *this;
  }
  /// Called with the object before its data set is read. It may be moved elsewhere and finished there.
  handlers& on_store(store_handler handler) {
    store = std::move(handler);
    return *this;
  }
  handlers& on_find(find_provider provider) {
    find = std::move(provider);
    return *this;
  }
  handlers& on_move(move_provider provider) {
    move = std::move(provider);
    return *this;
  }
  /// Sends the objects by `get_request::sender().store()`.
  handlers& on_get(get_provider provider) {
    get = std::move(provider);
    return *this;
  }
  handlers& on_n_event_report(handler<n_event_report_request> performs) {
    n_event_report = std::move(performs);
    return *this;
  }
  handlers& on_n_get(handler<n_get_request> performs) {
    n_get = std::move(performs);
    return *this;
  }
  handlers& on_n_set(handler<n_set_request> performs) {
    n_set = std::move(performs);
    return *this;
  }
  handlers& on_n_action(handler<n_action_request> performs) {
    n_action = std::move(performs);
    return *this;
  }
  handlers& on_n_create(handler<n_create_request> performs) {
    n_create = std::move(performs);
    return *this;
  }
  handlers& on_n_delete(handler<n_delete_request> performs) {
    n_delete = std::move(performs);
    return *this;
  }
  /// An association was accepted, and has ended.
  handlers& on_association(association_handler began, association_handler ended = {}) {
    association_began = std::move(began);
    association_ended = std::move(ended);
    return *this;
  }

  echo_handler echo;
  store_handler store;
  find_provider find;
  move_provider move;
  get_provider get;
  association_handler association_began;
  association_handler association_ended;
};

}  // namespace codicom
