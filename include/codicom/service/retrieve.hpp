#pragma once
#include <codicom/core/ae_title.hpp>
#include <codicom/core/unique_id.hpp>
#include <codicom/coro/task.hpp>
#include <codicom/data_set/data_set.hpp>
#include <codicom/dimse/command.hpp>
#include <codicom/net/association.hpp>
#include <codicom/net/incoming_object.hpp>
#include <codicom/service/find_instances.hpp>
#include <codicom/service/query_model.hpp>
#include <codicom/service/retrieval_account.hpp>
#include <codicom/service/store_receiver.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace codicom::service {

/// How to retrieve.
struct retrieve_options {
  retrieve_options() {}

  /// Nothing: study root when it was accepted and the level is not PATIENT, else patient root.
  std::optional<query_model> model;
  /// Ask first, by C-FIND from level to level, which objects are to come. Off, or when the archive cannot say: the
  /// account is `counted_by_peer`.
  bool read_expectation = true;
  /// What is to come, where that is known already: nothing is asked first.
  std::vector<instance_reference> expected;
  /// How long to wait, after the final response or the last arrival, for objects the peer says it has sent.
  std::chrono::steady_clock::duration late_arrivals = std::chrono::seconds{10};
};

/// One thing that happened, in order. It owns the object it brings.
class retrieval_event {
 public:
  enum class origin : std::uint8_t { claimed, unexpected };

  retrieval_event(incoming_object object, origin from, unique_id study) noexcept;
  explicit retrieval_event(c_move_response response) noexcept;

  /// An object of this retrieval. Save or read it; dropping it unanswered refuses it (A700) and counts it as failed.
  [[nodiscard]] incoming_object* arrived() noexcept;
  /// An object that no retrieval expects and nobody awaits by `receiver.next()`. It must be taken or dropped: its
  /// association, maybe ours, waits behind it.
  [[nodiscard]] incoming_object* unexpected() noexcept;
  /// A pending response: counts, where the peer sent them. That of a C-GET is told in the same words.
  [[nodiscard]] const c_move_response* pending() const noexcept;
  /// The final response. Late objects may still follow it.
  [[nodiscard]] const c_move_response* last() const noexcept;

  /// The study of the object that arrived, as the expectation or its data set tells; empty when unknown.
  [[nodiscard]] const unique_id& study_instance_uid() const noexcept { return study_; }

 private:
  origin from_ = origin::claimed;
  std::optional<incoming_object> object_;
  std::optional<c_move_response> response_;
  unique_id study_;
};

namespace detail {
class retrieval_state;
}

/// A C-MOVE or C-GET and the objects it brings, as one stream of events. Movable; its association and receiver outlive
/// it. Dropping it early marks the operation abandoned: the next operation on the association cancels and drains it.
class retrieval {
 public:
  retrieval(retrieval&&) noexcept;
  retrieval& operator=(retrieval&&) noexcept;
  ~retrieval();

  /// The next event; nothing once the final response and all that it reports have come, or will not come any more.
  /// The first call sends the C-FINDs of the expectation and the C-MOVE. Not to be called twice at once.
  /// @throws association_error when the association breaks. `account()` tells what had come until then.
  /// @par Cancellation: `terminal`. Nothing is lost; `next` may be called again.
  [[nodiscard]] task<std::optional<retrieval_event>> next();

  /// Send the C-CANCEL-RQ (PS3.7 §9.3.4.3), once; may be called while `next` is awaited. Go on with `next` until it
  /// returns nothing: objects under way still come, then the final response. A peer may ignore it.
  [[nodiscard]] task<> cancel();

  /// As of now; exact once `next` has returned nothing.
  [[nodiscard]] retrieval_account account() const;

  /// How many objects are to come, where it is known: from the expectation, else from the peer's counts.
  [[nodiscard]] std::optional<std::size_t> total() const;

 private:
  friend retrieval retrieve(association&, store_receiver&, const data_set&, retrieve_options);
  friend retrieval retrieve(association&, const data_set&, retrieve_options);
  friend retrieval retrieve_to(association&, ae_title, const data_set&, retrieve_options);
  explicit retrieval(std::unique_ptr<detail::retrieval_state> state) noexcept;
  std::unique_ptr<detail::retrieval_state> state_;
};

/// Retrieve a patient, study, series or image to `receiver`. `what` is a match of a C-FIND or made by hand: its level
/// and unique keys are copied, the rest is left out (PS3.4 §C.4.2.2.1). Nothing is sent before the first `next()`.
///
/// Objects that arrive at the receiver are claimed by the SOP Instance UIDs that are expected, then by Study Instance
/// UID, never by Move Originator alone. Several retrievals, on one association each, can share a receiver.
/// @pre A C-MOVE SOP class was accepted on the association; with the C-FIND one beside it, the account is exact.
/// @throws std::system_error `errc::invalid_argument` when the level or its unique key is missing.
/// @see PS3.4 §C.4.2
[[nodiscard]] retrieval retrieve(association& over, store_receiver& receiver, const data_set& what,
                                 retrieve_options options = {});

/// The same by C-GET: the objects come over the association itself, and the archive need not know us.
/// @pre A C-GET SOP class was accepted, and the storage classes that may come were proposed with
///      `association_options::receive`; `find_instances` tells which they are.
/// @see PS3.4 §C.4.3
[[nodiscard]] retrieval retrieve(association& over, const data_set& what, retrieve_options options = {});

/// Have the peer send it to somebody else, whom it knows by AE title. No object comes here; counted by the peer.
[[nodiscard]] retrieval retrieve_to(association& over, ae_title destination, const data_set& what,
                                    retrieve_options options = {});

}  // namespace codicom::service

#ifndef CODICOM_SEPARATE_COMPILATION
#include <codicom/service/impl/retrieve.hpp>
#endif
