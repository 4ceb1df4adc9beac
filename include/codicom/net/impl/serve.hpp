#pragma once
#include <codicom/core/config.hpp>
#include <codicom/core/log.hpp>
#include <codicom/coro/run_on.hpp>
#include <codicom/coro/scope.hpp>
#include <codicom/coro/shield.hpp>
#include <codicom/encoding/encode.hpp>
#include <codicom/net/detail/connection.hpp>
#include <codicom/net/detail/decode_data_set.hpp>
#include <codicom/net/detail/incoming_store.hpp>
#include <codicom/net/detail/normalized.hpp>
#include <codicom/net/impl/association.hpp>
#include <codicom/net/impl/incoming_object.hpp>
#include <codicom/net/impl/listener.hpp>
#include <codicom/net/serve.hpp>

#include <asio/post.hpp>
#include <asio/strand.hpp>

#include <list>
#include <map>
#include <optional>
#include <utility>

namespace codicom {
namespace detail {

// Serves the requests of one accepted association: reads them, and runs their handlers beside the reading.
class request_server {
 public:
  request_server(std::shared_ptr<connection> on, std::shared_ptr<const handlers> with)
      : connection_{std::move(on)},
        shared_handlers_{std::move(with)},
        handlers_{*shared_handlers_},
        children_{connection_->get_executor()} {}

  // Until no more will come.
  task<> run() {
    const auto end = [this](std::exception_ptr error) { return end_handlers(std::move(error)); };
    return finally(read_requests(), end);
  }

 private:
  task<> read_requests() {
    for (;;) {
      co_await connection_->await_next();
      bool is_end = false;
      task<> answer = begin_next(is_end);
      if (is_end) break;
      if (answer.valid()) co_await std::move(answer);
    }
  }

  // No coroutine, so that nothing of a request stays in the frames of an idle association. What is left to be awaited, if
  // anything, is an answer that no handler has to be waited for: here and now, so that a peer that sends without end is
  // held back by its own answers.
  [[nodiscard]] task<> begin_next(bool& is_end) {
    auto request = connection_->take_request();
    is_end = !request;
    if (!request) return {};
    if (const auto* cancel = std::get_if<c_cancel_request>(&request->command)) {
      const auto found = running_.find(cancel->responded_to);
      if (found != running_.end()) found->second->request_stop();
      return {};
    }
    const bool is_duplicate = running_.contains(id_of(request->command));
    if (is_duplicate || running_.size() >= connection_->settings().limits.requests) {
      const auto why = is_duplicate ? status::duplicate_invocation : too_many(request->command);
      return refuse(std::move(*request), why);
    }
    if (std::holds_alternative<c_echo_request>(request->command)) return perform_echo(std::move(*request));
    running_.emplace(id_of(request->command), std::make_shared<cancellation>(connection_->get_executor()));
    connection_->busy(true);
    children_.spawn(perform(std::move(*request)));
    return {};
  }

  task<> end_handlers(std::exception_ptr error) {
    ending_ = true;
    for (auto& [id, stop] : running_) stop->request_stop();
    children_.cancel();
    // The peer need not wait for handlers to hear of the end.
    if (error) connection_->fail(association_error{errc::cancelled, "the association is going down"});
    co_await connection_->tidy_up();
    const auto joined = co_await as_result(children_.join());
    if (!error && !joined) std::rethrow_exception(joined.exception());
  }

  task<> perform(message request) {
    const auto id = id_of(request.command);
    const auto stop = running_.at(id);
    std::exception_ptr error;
    try {
      if (std::holds_alternative<c_store_request>(request.command)) co_await perform_store(std::move(request));
      else if (std::holds_alternative<c_find_request>(request.command) && handlers_.find)
        co_await perform_find(std::move(request), stop);
      else if (std::holds_alternative<c_move_request>(request.command) && handlers_.move)
        co_await perform_retrieve<c_move_request, c_move_response>(std::move(request), handlers_.move, stop);
      else if (std::holds_alternative<c_get_request>(request.command) && handlers_.get)
        co_await perform_retrieve<c_get_request, c_get_response>(std::move(request), handlers_.get, stop);
      else if (is_normalized(request.command))
        co_await answer_normalized(connection_, std::move(request), shared_handlers_, stop);
      else co_await refuse(std::move(request), status::unrecognized_operation);
    } catch (...) {
      error = std::current_exception();
    }
    running_.erase(id);
    connection_->busy(!running_.empty());
    if (!error || ending_) co_return;
    // The peer awaits a response that cannot be given.
    connection_->fail(association_error{errc::cancelled, "a request could not be answered"});
    std::rethrow_exception(error);
  }

  // PS3.7 §C.4, §C.5; the C-services have A7xx for it (PS3.4 §B.2.3, §C.4).
  [[nodiscard]] static dimse_status too_many(const command& request) noexcept {
    return is_normalized(request) || std::holds_alternative<c_echo_request>(request) ? status::resource_limitation
                                                                                     : status::out_of_resources;
  }

  task<> refuse(message request, dimse_status why) {
    if (std::holds_alternative<c_store_request>(request.command)) {
      const auto store = std::make_shared<incoming_store>(connection_, request);
      co_await store->respond(why, {});
      co_return;
    }
    generic_command as_generic;
    if (const auto* generic = std::get_if<generic_command>(&request.command)) as_generic = *generic;
    as_generic.field = field_of(request.command);
    as_generic.id = id_of(request.command);
    as_generic.sop_class_uid = sop_class_of(request.command);
    as_generic.sop_instance_uid = sop_instance_of(request.command);
    const generic_command answer = response_to(as_generic, why);
    co_await connection_->send(request.context, answer);
  }

  [[nodiscard]] static bool is_normalized(const command& request) noexcept {
    return with_normalized_request(request, [](const auto&) {});
  }

  task<> perform_echo(message request) {
    const auto& received = std::get<c_echo_request>(request.command);
    auto outcome = status::success;
    if (handlers_.echo) {
      try {
        outcome = handlers_.echo(received, connection_->parameters());
      } catch (const std::exception& e) {
        log_handler_failure(*connection_, "C-ECHO", e);
        outcome = status::processing_failure;
      }
    }
    const c_echo_response response{received, outcome};
    co_await connection_->send(request.context, response);
  }

  task<> perform_store(message request) {
    const auto store = std::make_shared<incoming_store>(connection_, request);
    if (!handlers_.store) {
      co_await store->respond(status::unrecognized_operation, {});
      co_return;
    }
    auto otherwise = status::out_of_resources;  // let go of unanswered
    std::exception_ptr fatal;
    try {
      co_await handlers_.store(incoming_store::make_object(store));
    } catch (const std::exception& e) {
      log_handler_failure(*connection_, "C-STORE", e);
      otherwise = status_of_failure(e);
    }
    try {
      connection_->check();
      co_await store->see_through(otherwise);
    } catch (...) {
      fatal = std::current_exception();
    }
    store->finish(status::cannot_understand);
    if (fatal) std::rethrow_exception(fatal);
  }

  // The identifier of a request; or, with a status, why there is none.
  [[nodiscard]] std::pair<data_set, dimse_status> identifier_of(const message& request) const {
    if (!is_of_context(*connection_, request)) return {data_set{}, status::sop_class_not_supported};
    if (request.too_large) return {data_set{}, status::out_of_resources};
    try {
      return {decode_data_set(*connection_, request), status::success};
    } catch (const std::system_error&) {
      return {data_set{}, status::cannot_understand};
    }
  }

  task<> perform_find(message request, std::shared_ptr<cancellation> stop) {
    const auto received = std::get<c_find_request>(request.command);
    auto [identifier, problem] = identifier_of(request);
    c_find_response last{received, problem};
    if (problem.is_success()) {
      std::exception_ptr error;
      try {
        last = co_await find_matches(received, request.context, std::move(identifier), stop);
      } catch (const std::exception& e) {
        connection_->check();
        if (is_cancellation(e)) throw;
        log_handler_failure(*connection_, "C-FIND", e);
        last = c_find_response{received, status::cannot_understand, "the query failed"};
      }
    }
    complete(last, received.id, received.affected_sop_class_uid);
    co_await connection_->send(request.context, last);
  }

  task<c_find_response> find_matches(c_find_request received, context_id context, data_set identifier,
                                     std::shared_ptr<cancellation> stop) {
    const auto syntax = connection_->parameters().accepted(context)->transfer_syntax;
    find_request given{received, std::move(identifier), back_channel{connection_}, stop};
    auto provider = handlers_.find(std::move(given));
    // Those that the provider yields without a wait in between go out together, a few at a time.
    constexpr std::size_t most_bytes = 16 << 10;
    constexpr auto most_delay = std::chrono::milliseconds{1};
    std::vector<std::byte> identifier_bytes, unsent;
    clock::time_point first;
    for (;;) {
      std::optional<find_match> match;
      std::exception_ptr error;
      try {
        match = provider.try_next();
      } catch (...) {
        error = std::current_exception();
      }
      const bool is_late = !unsent.empty() && (unsent.size() >= most_bytes || clock::now() - first >= most_delay);
      if (!unsent.empty() && (!match || is_late)) {
        co_await connection_->send_pdus(std::exchange(unsent, {}));
      }
      if (error) std::rethrow_exception(error);
      if (!match && !provider.done()) match = co_await provider.next();
      if (!match) break;
      // A provider that does not look is stopped here.
      if (stop->token().stop_requested()) co_return c_find_response{received, status::cancel};
      if (unsent.empty()) first = clock::now();
      identifier_bytes.clear();
      encode(match->identifier, syntax, identifier_bytes);
      c_find_response pending{received, match->status.is_pending() ? match->status : status::pending};
      pending.has_data_set = true;
      connection_->append_message(context, pending, identifier_bytes, unsent);
    }
    if (provider.has_last()) co_return provider.take_last();
    co_return c_find_response{received, status::success};
  }

  // C-MOVE or C-GET.
  template <class Request, class Response, class Provider>
  task<> perform_retrieve(message request, const Provider& provider, std::shared_ptr<cancellation> stop) {
    const auto received = std::get<Request>(request.command);
    auto [identifier, problem] = identifier_of(request);
    retrieve_result<Response> last{Response{received, problem}};
    if (problem.is_success()) {
      try {
        last =
            co_await send_objects<Request, Response>(received, request.context, std::move(identifier), provider, stop);
      } catch (const std::exception& e) {
        connection_->check();
        if (is_cancellation(e)) throw;
        log_handler_failure(*connection_, to_string(Request::field), e);
        last = retrieve_result<Response>{Response{received, status::cannot_understand, "the retrieval failed"}};
      }
    }
    complete(last.response, received.id, received.affected_sop_class_uid);
    std::vector<std::byte> bytes;
    last.response.has_data_set = !last.identifier.empty();
    if (last.response.has_data_set) {
      encode(last.identifier, connection_->parameters().accepted(request.context)->transfer_syntax, bytes);
      memory_source body{bytes};
      co_await connection_->send(request.context, last.response, &body);
    } else {
      co_await connection_->send(request.context, last.response);
    }
  }

  template <class Request, class Response, class Provider>
  task<retrieve_result<Response>> send_objects(Request received, context_id context, data_set identifier,
                                               const Provider& provider, std::shared_ptr<cancellation> stop) {
    incoming_request<Request> given{received, std::move(identifier), back_channel{connection_}, stop};
    auto sending = provider(std::move(given));
    for (;;) {
      auto pending = co_await sending.next();
      if (!pending) break;
      complete(*pending, received.id, received.affected_sop_class_uid);
      if (!pending->status.is_pending()) pending->status = status::pending;
      pending->has_data_set = false;
      co_await connection_->send(context, *pending);
    }
    if (sending.has_last()) co_return sending.take_last();
    co_return retrieve_result<Response>{Response{received, status::success}};
  }

  static void complete(response_fields& response, message_id id, const unique_id& sop_class) {
    response.responded_to = id;
    if (response.affected_sop_class_uid.empty()) response.affected_sop_class_uid = sop_class;
  }
  static void complete(c_find_response& response, message_id id, const unique_id& sop_class) {
    complete(static_cast<response_fields&>(response), id, sop_class);
    response.has_data_set = false;
    if (response.status.is_pending()) response.status = status::success;
  }
  std::shared_ptr<connection> connection_;
  std::shared_ptr<const handlers> shared_handlers_;
  const handlers& handlers_;
  scope children_;
  std::map<message_id, std::shared_ptr<cancellation>> running_;
  bool ending_ = false;
};

// To an accepted association, or a failure.
inline task<> negotiate(std::shared_ptr<connection> on, std::shared_ptr<const acceptor_options> options,
                        std::optional<dul::reject_cause> refuse) {
  const auto request = co_await on->await_request();
  if (refuse) on->reject(dul::a_associate_rj{*refuse});
  if (options->access)
    if (const auto cause = options->access(request, on->remote())) on->reject(dul::a_associate_rj{*cause});
  on->rename_peer(request.calling_ae_title.str() + '@' + on->remote_address());
  auto answer = dul::negotiate(request, options->policy);
  if (const auto* rejected = std::get_if<dul::a_associate_rj>(&answer)) on->reject(*rejected);
  co_await on->accept(request, std::get<dul::a_associate_ac>(std::move(answer)));
}

inline task<> serve_connection(std::shared_ptr<connection> on, std::shared_ptr<const acceptor_options> options,
                               std::shared_ptr<const handlers> with, std::optional<dul::reject_cause> refuse) {
  co_await negotiate(on, std::move(options), refuse);
  if (with->association_began) with->association_began(on->parameters(), on->remote_address());
  request_server server{on, with};
  std::exception_ptr error;
  try {
    co_await server.run();
    if (on->release_indicated()) co_await on->answer_release();
    else co_await on->release();  // idle for too long, or stopping
  } catch (...) {
    error = std::current_exception();
  }
  if (with->association_ended) with->association_ended(on->parameters(), on->remote_address());
  if (error) std::rethrow_exception(error);
}

// The associations of one `serve`, on its executor.
class association_server {
 public:
  association_server(const executor& where, std::shared_ptr<listener::state> from,
                     std::shared_ptr<const acceptor_options> options, std::shared_ptr<const handlers> with)
      : executor_{where},
        from_{std::move(from)},
        options_{std::move(options)},
        settings_{std::make_shared<const connection_settings>(*options_)},
        handlers_{std::move(with)},
        associations_{where} {}

  task<> run() {
    const auto end = [this](std::exception_ptr error) -> task<> {
      associations_.cancel();
      const auto joined = co_await as_result(associations_.join());
      if (!error && !joined) std::rethrow_exception(joined.exception());
    };
    co_await finally(accept_all(), end);
  }

 private:
  task<> accept_all() {
    while (!from_->stopped) {
      const executor runs_on =
          options_->runs_on == association_executor::own_strand ? executor{asio::make_strand(executor_)} : executor_;
      std::error_code error;
      auto stream = co_await from_->source->accept(runs_on, error);
      const bool throws = co_await asio::this_coro::throw_if_cancelled();
      const auto cancellation = co_await asio::this_coro::cancellation_state;
      check_cancelled(throws, cancellation);
      if (from_->stopped) break;
      if (error) {  // out of descriptors, or the peer has gone already
        log(log_level::warning, [&] { return "accepting a connection failed: " + error.message(); });
        co_await sleep_for(std::chrono::milliseconds{100});
        continue;
      }
      if (options_->security) stream = options_->security(std::move(stream), {});
      std::optional<dul::reject_cause> refuse;
      const auto& most = options_->limits;
      auto from = stream->remote_address();
      const auto already = ++open_from_[from] - 1;
      if (open_.size() >= most.associations ||
          (most.associations_per_peer != 0 && already >= most.associations_per_peer))
        refuse = dul::rejection::local_limit_exceeded;
      const auto opened = std::make_shared<connection>(std::move(stream), settings_);
      associations_.spawn(keep(opened, refuse, std::move(from)));
    }
    co_await finish();
  }

  task<> keep(std::shared_ptr<connection> opened, std::optional<dul::reject_cause> refuse, std::string from) {
    const auto place = open_.insert(open_.end(), opened);
    const executor runs_on = opened->get_executor();
    std::exception_ptr error;
    try {
      task<> session = guarded(opened, serve_connection(opened, options_, handlers_, refuse), "association");
      if (runs_on != executor_) session = run_on(runs_on, std::move(session));
      co_await std::move(session);
    } catch (const std::exception& e) {
      log(log_level::info, [&] { return std::string{"association ended: "} + e.what(); });
    }
    open_.erase(place);
    if (--open_from_[from] == 0) open_from_.erase(from);
    asio::dispatch(runs_on, [opened] { opened->close_now(); });
  }

  // Idle associations are released, others may come to an end.
  task<> finish() {
    for (const auto& each : open_) asio::post(each->get_executor(), [each] { each->request_stop(); });
    const executor where = executor_;
    auto ended = co_await race(associations_.wait_below(1), sleep_for(options_->stop));
    static_cast<void>(ended);
  }

  executor executor_;
  std::shared_ptr<listener::state> from_;
  std::shared_ptr<const acceptor_options> options_;
  std::shared_ptr<const connection_settings> settings_;
  std::shared_ptr<const handlers> handlers_;
  scope associations_;
  std::list<std::shared_ptr<connection>> open_;
  std::map<std::string, std::uint32_t> open_from_;  // by network address
};

}  // namespace detail

CODICOM_FUNCTION task<> serve(listener& from, acceptor_options options, handlers with) {
  const executor where = co_await asio::this_coro::executor;
  options.policy.limits = options.limits;
  detail::association_server server{where, from.shared(), std::make_shared<const acceptor_options>(std::move(options)),
                                    std::make_shared<const handlers>(std::move(with))};
  co_await server.run();
}

CODICOM_FUNCTION task<> serve_one(std::unique_ptr<transport> over, acceptor_options options, handlers with) {
  options.policy.limits = options.limits;
  if (options.security) over = options.security(std::move(over), {});
  const auto opened = std::make_shared<detail::connection>(std::move(over), std::make_shared<const detail::connection_settings>(options));
  auto shared_options = std::make_shared<const acceptor_options>(std::move(options));
  auto shared_handlers = std::make_shared<const handlers>(std::move(with));
  auto outcome = co_await as_result(detail::guarded(
      opened, detail::serve_connection(opened, std::move(shared_options), std::move(shared_handlers), std::nullopt),
      "association"));
  opened->close_now();
  if (!outcome) std::rethrow_exception(outcome.exception());
}

}  // namespace codicom
