#pragma once
#include <codicom/core/config.hpp>
#include <codicom/coro/blocking.hpp>
#include <codicom/dictionary/sop_classes.hpp>
#include <codicom/dictionary/tags.hpp>
#include <codicom/dictionary/transfer_syntaxes.hpp>
#include <codicom/dul/plan.hpp>
#include <codicom/encoding/data_set_reader.hpp>
#include <codicom/encoding/encode.hpp>
#include <codicom/encoding/transcode.hpp>
#include <codicom/file/read_file.hpp>
#include <codicom/net/association.hpp>
#include <codicom/net/detail/connection.hpp>
#include <codicom/net/detail/decode_data_set.hpp>
#include <codicom/net/detail/exchange_guard.hpp>
#include <codicom/net/detail/normalized.hpp>
#include <codicom/net/impl/responses.hpp>
#include <codicom/net/tcp.hpp>

#include <algorithm>
#include <utility>

namespace codicom {
namespace detail {

inline task<c_echo_response> echo(std::shared_ptr<connection> on) {
  on->check();
  const auto* context = find_context(on->parameters(), sop_class::Verification);
  if (context == nullptr) throw_no_context(on->parameters(), sop_class::Verification);
  auto number = on->begin_at_once();
  if (!number) number = co_await on->begin_exchange();
  exchange_guard begun{on, std::move(number)};
  begun->context = context->id;
  const c_echo_request request{begun->id};
  co_await on->send(context->id, request);
  begun.sent();
  message received = co_await on->receive(begun.get());
  begun.done();
  const auto* response = std::get_if<c_echo_response>(&received.command);
  if (response == nullptr) throw_wrong_response(*on, received.command);
  co_return *response;
}

inline task<c_store_response> store(std::shared_ptr<connection> on, context_id context, unique_id sop_class,
                                    unique_id sop_instance, body_source& body, store_options options) {
  auto number = on->begin_at_once();
  if (!number) number = co_await on->begin_exchange();
  exchange_guard begun{on, std::move(number)};
  begun->context = context;
  c_store_request request{begun->id, sop_class, sop_instance};
  request.priority = options.priority;
  request.move_originator_ae_title = options.move_originator_ae_title;
  request.move_originator_message_id = options.move_originator_message_id;
  co_await on->send(context, request, &body);
  begun.sent();
  message received = co_await on->receive(begun.get());
  begun.done();
  const auto* response = std::get_if<c_store_response>(&received.command);
  if (response == nullptr) throw_wrong_response(*on, received.command);
  co_return *response;
}

[[nodiscard]] inline const dul::negotiated_context* context_for(const dul::association_parameters& in,
                                                                const unique_id& sop_class, const unique_id& syntax) {
  return dul::context_for(in, dul::outgoing_object{sop_class, syntax}, &is_transcodable);
}

// As it stands, if the peer took its syntax and it is even; else converted on its way.
inline task<c_store_response> store_encoded(std::shared_ptr<connection> on, const dul::negotiated_context& context,
                                            unique_id sop_class, unique_id sop_instance, body_source& body,
                                            std::uint64_t size, unique_id syntax, store_options options) {
  if (context.transfer_syntax == syntax && (size & 1u) == 0)
    co_return co_await store(on, context.id, sop_class, sop_instance, body, std::move(options));
  converting_source converted{body, syntax, context.transfer_syntax, on->settings().limits};
  co_return co_await store(on, context.id, sop_class, sop_instance, converted, std::move(options));
}

inline task<c_store_response> store_bytes(std::shared_ptr<connection> on, unique_id sop_class, unique_id sop_instance,
                                          byte_span bytes, unique_id transfer_syntax, store_options options) {
  on->check();
  const auto* context = context_for(on->parameters(), sop_class, transfer_syntax);
  if (context == nullptr) throw_no_context(on->parameters(), sop_class, transfer_syntax);
  memory_source body{bytes};
  co_return co_await store_encoded(on, *context, sop_class, sop_instance, body, bytes.size(), transfer_syntax,
                                   std::move(options));
}

inline task<c_store_response> store_pulled(std::shared_ptr<connection> on, unique_id sop_class, unique_id sop_instance,
                                           object_source from, unique_id transfer_syntax, store_options options) {
  on->check();
  const auto* context = context_for(on->parameters(), sop_class, transfer_syntax);
  if (context == nullptr) throw_no_context(on->parameters(), sop_class, transfer_syntax);
  pulled_source body{std::move(from)};
  co_return co_await store_encoded(on, *context, sop_class, sop_instance, body, 0, transfer_syntax, std::move(options));
}

inline task<c_store_response> store_data_set(std::shared_ptr<connection> on, data_set object, unique_id transfer_syntax,
                                             store_options options) {
  on->check();
  const auto sop_class = object.uid(tag::SOPClassUID);
  const auto sop_instance = object.uid(tag::SOPInstanceUID);
  if (!sop_class || !sop_instance)
    throw std::system_error{errc::invalid_argument,
                            "an object needs SOP Class UID (0008,0016) and SOP Instance UID (0008,0018)"};
  const auto* context = context_for(on->parameters(), *sop_class, transfer_syntax);
  if (context == nullptr) throw_no_context(on->parameters(), *sop_class, transfer_syntax);
  std::vector<std::byte> bytes;
  encode(object, context->transfer_syntax, bytes);
  object.clear();
  memory_source body{bytes};
  co_return co_await store(on, context->id, *sop_class, *sop_instance, body, std::move(options));
}

inline task<c_store_response> store_file(std::shared_ptr<connection> on, std::filesystem::path path,
                                         store_options options) {
  on->check();
  const auto read_header = [path] { return read_object_header(path); };
  const auto header = co_await blocking(on->get_executor(), read_header);
  const auto sop_class = header.meta.media_storage_sop_class_uid;
  const auto sop_instance = header.meta.media_storage_sop_instance_uid;
  const auto syntax = header.meta.transfer_syntax_uid;
  const auto* context = context_for(on->parameters(), sop_class, syntax);
  if (context == nullptr) throw_no_context(on->parameters(), sop_class, syntax);
  const auto size = header.file_size - header.data_set_offset;
  file_source body{path, header.data_set_offset, size};
  co_return co_await store_encoded(on, *context, sop_class, sop_instance, body, size, syntax, std::move(options));
}

// A normalized operation.
inline task<n_result> invoke(std::shared_ptr<connection> on, command request, data_set attributes,
                             unique_id abstract_syntax) {
  on->check();
  if (abstract_syntax.empty()) abstract_syntax = sop_class_of(request);
  const auto role = std::holds_alternative<n_event_report_request>(request) ? service_role::scp : service_role::scu;
  const auto* context = find_context(on->parameters(), abstract_syntax, {}, role);
  if (context == nullptr) throw_no_context(on->parameters(), abstract_syntax);
  std::vector<std::byte> bytes;
  if (!attributes.empty()) encode(attributes, context->transfer_syntax, bytes);
  attributes.clear();
  auto number = on->begin_at_once();
  if (!number) number = co_await on->begin_exchange();
  exchange_guard begun{on, std::move(number)};
  begun->context = context->id;
  const auto complete = [&](auto& each) {
    each.id = begun->id;
    each.has_data_set = !bytes.empty();
  };
  with_normalized_request(request, complete);
  memory_source body{bytes};
  co_await on->send(context->id, request, bytes.empty() ? nullptr : &body);
  begun.sent();
  message received = co_await on->receive(begun.get());
  begun.done();
  if (field_of(received.command) != response_to(field_of(request))) throw_wrong_response(*on, received.command);
  n_result result;
  const auto take = [&result](const auto& each) { result.response = each; };
  with_normalized_response(received.command, take);
  result.attributes = decode_data_set(*on, received);
  co_return result;
}

[[nodiscard]] inline task<n_result> invoke_as(std::shared_ptr<connection> on, command request, data_set attributes,
                                              const normalized_options& options, const char* name) {
  return guarded(on, invoke(on, std::move(request), std::move(attributes), options.abstract_syntax), name);
}

inline task<> abort(std::shared_ptr<connection> on) {
  on->fail(association_error{errc::closed, "we aborted it"});
  const auto nothing = []() -> task<> { co_return; };
  const auto say_goodbye = [on](std::exception_ptr) { return on->tidy_up(); };
  co_await finally(nothing(), say_goodbye);
}

[[nodiscard]] inline association_error connect_failure(const std::system_error& error, const peer& to) {
  dul::diagnostics known;
  known.operation = "connecting";
  known.peer = to_string(to);
  known.called_ae_title = to.ae_title.str();
  known.detail = error.what();
  if (const auto cut = known.detail.rfind(": " + error.code().message()); cut != std::string::npos)
    known.detail.resize(cut);
  return association_error{error.code(), std::move(known)};
}

}  // namespace detail

CODICOM_FUNCTION association::association(std::shared_ptr<detail::connection> shared) noexcept
    : connection_{std::move(shared)} {}
CODICOM_FUNCTION association::association(association&&) noexcept = default;
CODICOM_FUNCTION association& association::operator=(association&& other) noexcept {
  std::swap(connection_, other.connection_);
  return *this;
}
CODICOM_FUNCTION association::~association() {
  if (connection_) connection_->leave();
}

CODICOM_FUNCTION task<c_echo_response> association::echo() {
  return detail::guarded(connection_, detail::echo(connection_), "C-ECHO");
}
CODICOM_FUNCTION find_responses association::find(unique_id sop_class, data_set identifier, query_options options) {
  return find_responses{std::make_unique<detail::query_exchange>(
      connection_, detail::query_exchange::verb::find, sop_class, std::move(identifier), options.priority, ae_title{})};
}
CODICOM_FUNCTION move_responses association::move(unique_id sop_class, data_set identifier, ae_title destination,
                                                  query_options options) {
  return move_responses{std::make_unique<detail::query_exchange>(connection_, detail::query_exchange::verb::move,
                                                                 sop_class, std::move(identifier), options.priority,
                                                                 destination)};
}
CODICOM_FUNCTION get_responses association::get(unique_id sop_class, data_set identifier, query_options options) {
  return get_responses{std::make_unique<detail::query_exchange>(
      connection_, detail::query_exchange::verb::get, sop_class, std::move(identifier), options.priority, ae_title{})};
}
CODICOM_FUNCTION task<c_store_response> association::store(std::filesystem::path file, store_options options) {
  return detail::guarded(connection_, detail::store_file(connection_, std::move(file), std::move(options)), "C-STORE");
}
CODICOM_FUNCTION task<c_store_response> association::store(data_set object, store_options options) {
  return store(std::move(object), transfer_syntax::ExplicitVRLittleEndian, std::move(options));
}
CODICOM_FUNCTION task<c_store_response> association::store(data_set object, unique_id transfer_syntax,
                                                           store_options options) {
  return detail::guarded(connection_,
                         detail::store_data_set(connection_, std::move(object), transfer_syntax, std::move(options)),
                         "C-STORE");
}
CODICOM_FUNCTION task<c_store_response> association::store(unique_id sop_class, unique_id sop_instance, byte_span bytes,
                                                           unique_id transfer_syntax, store_options options) {
  return detail::guarded(
      connection_,
      detail::store_bytes(connection_, sop_class, sop_instance, bytes, transfer_syntax, std::move(options)), "C-STORE");
}

CODICOM_FUNCTION task<c_store_response> association::store(unique_id sop_class, unique_id sop_instance,
                                                           object_source from, unique_id transfer_syntax,
                                                           store_options options) {
  return detail::guarded(connection_,
                         detail::store_pulled(connection_, sop_class, sop_instance, std::move(from), transfer_syntax,
                                              std::move(options)),
                         "C-STORE");
}

CODICOM_FUNCTION task<n_result> association::n_get(unique_id sop_class, unique_id sop_instance,
                                                   std::vector<element_tag> attributes, normalized_options options) {
  return detail::invoke_as(
      connection_, n_get_request{message_id{}, sop_class, sop_instance, std::move(attributes)}, {}, options, "N-GET");
}
CODICOM_FUNCTION task<n_result> association::n_set(unique_id sop_class, unique_id sop_instance, data_set modifications,
                                                   normalized_options options) {
  return detail::invoke_as(connection_, n_set_request{message_id{}, sop_class, sop_instance}, std::move(modifications),
                           options, "N-SET");
}
CODICOM_FUNCTION task<n_result> association::n_action(unique_id sop_class, unique_id sop_instance,
                                                      std::uint16_t action_type, data_set information,
                                                      normalized_options options) {
  return detail::invoke_as(connection_, n_action_request{message_id{}, sop_class, sop_instance, action_type},
                           std::move(information), options, "N-ACTION");
}
CODICOM_FUNCTION task<n_result> association::n_create(unique_id sop_class, unique_id sop_instance, data_set attributes,
                                                      normalized_options options) {
  return detail::invoke_as(connection_, n_create_request{message_id{}, sop_class, sop_instance}, std::move(attributes),
                           options, "N-CREATE");
}
CODICOM_FUNCTION task<n_result> association::n_delete(unique_id sop_class, unique_id sop_instance,
                                                      normalized_options options) {
  return detail::invoke_as(connection_, n_delete_request{message_id{}, sop_class, sop_instance}, {}, options,
                           "N-DELETE");
}
CODICOM_FUNCTION task<n_result> association::n_event_report(unique_id sop_class, unique_id sop_instance,
                                                            std::uint16_t event_type, data_set information,
                                                            normalized_options options) {
  return detail::invoke_as(connection_, n_event_report_request{message_id{}, sop_class, sop_instance, event_type},
                           std::move(information), options, "N-EVENT-REPORT");
}
CODICOM_FUNCTION void association::on_event_report(normalized_handlers::handler<n_event_report_request> handler) {
  const auto with = std::make_shared<normalized_handlers>();
  with->n_event_report = std::move(handler);
  connection_->on_event_report([weak = std::weak_ptr{connection_}, with](detail::message report) {
    const auto on = weak.lock();
    return detail::answer_normalized(on, std::move(report), with, std::make_shared<detail::cancellation>(on->get_executor()));
  });
}

CODICOM_FUNCTION task<> association::attend(std::function<bool()> enough) {
  if (!enough) enough = [] { return false; };
  return detail::guarded(connection_, connection_->attend(std::move(enough)), "attending");
}

CODICOM_FUNCTION task<> association::release() {
  return detail::guarded(connection_, connection_->release(), "A-RELEASE");
}
CODICOM_FUNCTION task<> association::abort() { return detail::abort(connection_); }

CODICOM_FUNCTION const dul::association_parameters& association::parameters() const noexcept {
  return connection_->parameters();
}
CODICOM_FUNCTION back_channel::back_channel(std::shared_ptr<detail::connection> over) noexcept
    : connection_{std::move(over)} {}
CODICOM_FUNCTION task<c_store_response> back_channel::store(std::filesystem::path file, store_options options) const {
  return detail::store_file(connection_, std::move(file), std::move(options));
}
CODICOM_FUNCTION task<c_store_response> back_channel::store(data_set object, unique_id transfer_syntax,
                                                            store_options options) const {
  return detail::store_data_set(connection_, std::move(object), transfer_syntax, std::move(options));
}
CODICOM_FUNCTION task<n_result> back_channel::n_event_report(unique_id sop_class, unique_id sop_instance,
                                                             std::uint16_t event_type, data_set information,
                                                             normalized_options options) const {
  return detail::invoke(connection_, n_event_report_request{message_id{}, sop_class, sop_instance, event_type},
                        std::move(information), options.abstract_syntax);
}
CODICOM_FUNCTION bool back_channel::is_open() const noexcept { return connection_->is_open(); }
CODICOM_FUNCTION std::string back_channel::remote_address() const { return connection_->remote_address(); }
CODICOM_FUNCTION const dul::association_parameters& back_channel::parameters() const noexcept {
  return connection_->parameters();
}

CODICOM_FUNCTION bool association::is_open() const noexcept { return connection_ && connection_->is_open(); }
CODICOM_FUNCTION executor association::get_executor() const { return connection_->get_executor(); }

CODICOM_FUNCTION task<association> associate(std::unique_ptr<transport> over, association_options options) {
  if (options.security) {
    const auto host = over->remote_address();
    over = std::exchange(options.security, {})(std::move(over), host);
  }
  auto request = dul::make_request(options, options.contexts);
  const auto shared = std::make_shared<detail::connection>(std::move(over), std::make_shared<const detail::connection_settings>(options));
  association established{shared};
  shared->rename_peer(to_string(peer{options.called_ae_title, shared->remote_address(), shared->remote_port()}));
  co_await detail::guarded(shared, shared->request(std::move(request)), "A-ASSOCIATE");
  if (!established.parameters().any_accepted()) {
    std::string why;
    for (const auto& each : established.parameters().contexts())
      if (why.empty()) why = established.parameters().why_not(each.abstract_syntax);
    dul::diagnostics known{std::move(why)};
    known.operation = "A-ASSOCIATE";
    known.peer = shared->peer_name();
    const association_error nothing{errc::no_presentation_context, std::move(known)};
    shared->report(nothing);
    const auto ended = co_await as_result(established.release());
    static_cast<void>(ended);
    throw association_error{nothing};
  }
  co_return std::move(established);
}

CODICOM_FUNCTION task<association> associate(peer to, association_options options) {
  if (options.called_ae_title == dul::requestor_options{}.called_ae_title && to.ae_title.is_valid())
    options.called_ae_title = to.ae_title;
  static_cast<void>(dul::make_request(options, options.contexts));  // throws before a connection is opened
  std::unique_ptr<transport> stream;
  std::optional<association_error> error;
  try {
    stream = co_await connect_tcp(to.host, to.port, options.connect);
  } catch (const std::system_error& e) {
    if (e.code() == failure::cancelled) throw std::system_error{errc::cancelled};
    error.emplace(detail::connect_failure(e, to));
  }
  if (error) throw association_error{*error};
  if (options.security) stream = std::exchange(options.security, {})(std::move(stream), to.host);
  co_return co_await associate(std::move(stream), std::move(options));
}

}  // namespace codicom
