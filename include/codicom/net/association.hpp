#pragma once
#include <codicom/core/bytes.hpp>
#include <codicom/core/peer.hpp>
#include <codicom/coro/task.hpp>
#include <codicom/data_set/data_set.hpp>
#include <codicom/dimse/command.hpp>
#include <codicom/dul/association_parameters.hpp>
#include <codicom/net/association_options.hpp>
#include <codicom/net/handlers.hpp>
#include <codicom/net/n_result.hpp>
#include <codicom/net/responses.hpp>
#include <codicom/net/store_options.hpp>
#include <codicom/net/transport.hpp>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <vector>

namespace codicom {

/// What a C-FIND, C-MOVE or C-GET says besides its identifier.
class query_options {
 public:
  query_options() {}

  codicom::priority priority = codicom::priority::medium;
};

/// An association that we asked for (PS3.8). Movable handle, used from the executor that awaited `associate` (asserted
/// in debug builds).
///
/// Operations beyond the negotiated window wait their turn, in order. An operation that throws
/// `no_presentation_context`, `invalid_argument` or `malformed_data_set` has sent nothing and the association lives on;
/// after any other error of ours, or the peer's end, it is closed. Cancelling an operation that waits loses nothing;
/// one that writes finishes its PDU and aborts.
///
/// Destroyed while open, it makes one attempt to send an A-ABORT without waiting, and closes. `release` is the way.
class association {
 public:
  /// Closed, as after a move.
  association() noexcept = default;
  association(association&&) noexcept;
  association& operator=(association&&) noexcept;
  ~association();

  /// Send a C-ECHO-RQ and wait for the response (PS3.7 §9.1.5).
  [[nodiscard]] task<c_echo_response> echo();

  /// C-FIND (PS3.7 §9.1.2) in a Query/Retrieve, worklist or other query class. Nothing is sent before `next()`.
  [[nodiscard]] find_responses find(unique_id sop_class, data_set identifier, query_options options = {});

  /// C-MOVE (PS3.7 §9.1.4): ask the peer to send objects to `destination`, an AE title that it knows.
  [[nodiscard]] move_responses move(unique_id sop_class, data_set identifier, ae_title destination,
                                    query_options options = {});

  /// C-GET (PS3.7 §9.1.3): ask the peer to send objects on this association.
  /// @pre Their storage classes were proposed with `association_options::receive`.
  [[nodiscard]] get_responses get(unique_id sop_class, data_set identifier, query_options options = {});

  /// C-STORE (PS3.7 §9.1.1) of a Part 10 file. Its data set is read and sent in pieces, as it stands in the file; where
  /// the peer accepted only another uncompressed transfer syntax it is converted on its way (see `transcoder`), and so
  /// is one with an odd number of bytes, which no message can have. One that turns out not to be convertible after its
  /// first 256 KiB aborts the association.
  /// @return the response; a failure status is a value.
  /// @throws association_error `errc::no_presentation_context` before a byte is sent, saying what was accepted;
  ///         std::system_error when the file cannot be read; a file that cannot be read on aborts the association.
  [[nodiscard]] task<c_store_response> store(std::filesystem::path file, store_options options = {});

  /// C-STORE of a data set, encoded in the transfer syntax that was accepted for its SOP class; with encapsulated
  /// pixel data `transfer_syntax` must tell which it is. SOP Class and Instance UID are taken from it.
  [[nodiscard]] task<c_store_response> store(data_set object, store_options options = {});
  [[nodiscard]] task<c_store_response> store(data_set object, unique_id transfer_syntax, store_options options = {});

  /// C-STORE of an encoded data set. `bytes` must live until the task has ended.
  [[nodiscard]] task<c_store_response> store(unique_id sop_class, unique_id sop_instance, byte_span bytes,
                                             unique_id transfer_syntax, store_options options = {});

  /// C-STORE of what `from` gives in that transfer syntax: of any size, in bounded memory. Between its pieces the message
  /// stands still, and the peer with it. When it throws the association is aborted, unless that was its first piece. An
  /// odd number of bytes is an error where nothing is converted.
  [[nodiscard]] task<c_store_response> store(unique_id sop_class, unique_id sop_instance, object_source from,
                                             unique_id transfer_syntax, store_options options = {});

  /// The normalized services (PS3.7 §10.1), of any SOP class. A failure status is a value. An empty data set is not
  /// sent.
  /// @throws association_error `errc::no_presentation_context` before anything is sent; std::system_error
  ///         `errc::malformed_data_set` when that of the response cannot be read, and the association lives on.
  [[nodiscard]] task<n_result> n_get(unique_id sop_class, unique_id sop_instance,
                                     std::vector<element_tag> attributes = {}, normalized_options options = {});
  [[nodiscard]] task<n_result> n_set(unique_id sop_class, unique_id sop_instance, data_set modifications,
                                     normalized_options options = {});
  [[nodiscard]] task<n_result> n_action(unique_id sop_class, unique_id sop_instance, std::uint16_t action_type,
                                        data_set information = {}, normalized_options options = {});
  /// An empty `sop_instance` lets the performer choose one; the response has it.
  [[nodiscard]] task<n_result> n_create(unique_id sop_class, unique_id sop_instance, data_set attributes,
                                        normalized_options options = {});
  [[nodiscard]] task<n_result> n_delete(unique_id sop_class, unique_id sop_instance, normalized_options options = {});
  /// Told by the SCP of the class.
  [[nodiscard]] task<n_result> n_event_report(unique_id sop_class, unique_id sop_instance, std::uint16_t event_type,
                                              data_set information = {}, normalized_options options = {});
  /// What to answer when the peer reports an event on this association; without it: Unrecognized Operation (0211). Runs
  /// while some operation is awaited, and may not use this association itself.
  void on_event_report(normalized_handlers::handler<n_event_report_request> handler);

  /// Be there for what the peer says of its own accord, such as reports of events, until `enough` says so, which is asked
  /// first and after every message; without it for as long as the association lasts.
  /// @throws association_error when the association ends, `errc::released_by_peer` among them.
  /// @par Cancellation: `terminal`. While waiting nothing is lost.
  [[nodiscard]] task<> attend(std::function<bool()> enough = {});

  /// Release the association (PS3.8 §7.2) and close the transport. Closed afterwards, also when this throws.
  [[nodiscard]] task<> release();
  /// Send an A-ABORT and close the transport, within `association_deadlines::abort`. Ends other operations.
  [[nodiscard]] task<> abort();

  /// What was negotiated. @pre not default constructed or moved from
  [[nodiscard]] const dul::association_parameters& parameters() const noexcept;
  /// Neither released, aborted nor lost, as far as is known: the peer is heard only while something is awaited.
  [[nodiscard]] bool is_open() const noexcept;
  [[nodiscard]] executor get_executor() const;

 private:
  friend task<association> associate(peer, association_options);
  friend task<association> associate(std::unique_ptr<transport>, association_options);
  explicit association(std::shared_ptr<detail::connection> shared) noexcept;
  std::shared_ptr<detail::connection> connection_;
};

/// Connect to a peer and negotiate an association (PS3.8 §7.1). A called AE title left at "ANY-SCP" becomes the peer's.
///
/// @throws association_error: `connection_refused`, `connect_timed_out`, `association_rejected` (its diagnostics have
///         source and reason), `association_timed_out`, `aborted_by_peer`, `malformed_pdu`; `no_presentation_context`
///         when the peer accepted none of them; `invalid_argument` when nothing was proposed.
/// @par Cancellation: `terminal`, at any time; nothing is left open.
[[nodiscard]] task<association> associate(peer to, association_options options);
/// The same over a transport that is connected already.
[[nodiscard]] task<association> associate(std::unique_ptr<transport> over, association_options options);

}  // namespace codicom

#ifndef CODICOM_SEPARATE_COMPILATION
#include <codicom/net/impl/association.hpp>
#endif
