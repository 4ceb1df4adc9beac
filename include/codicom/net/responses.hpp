#pragma once
#include <codicom/coro/task.hpp>
#include <codicom/data_set/data_set.hpp>
#include <codicom/dimse/command.hpp>
#include <codicom/net/incoming_object.hpp>

#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace codicom {

namespace detail {
class connection;
class query_exchange;
}  // namespace detail

/// One match of a C-FIND: a pending response and its identifier (PS3.4 §C.4.1.1.3). Also what a provider yields.
class find_match {
 public:
  find_match() = default;
  explicit find_match(data_set found, dimse_status pending = codicom::status::pending)
      : status{pending}, identifier{std::move(found)} {}

  dimse_status status = codicom::status::pending;  ///< FF00, or FF01: optional keys are not supported
  data_set identifier;
};

/// The final response of a C-MOVE or C-GET with the data set that may come with it, as a provider returns it.
template <class Response>
class retrieve_result {
 public:
  retrieve_result() = default;
  retrieve_result(Response final_response, data_set failed = {})  // NOLINT: mostly there is no data set
      : response{std::move(final_response)}, identifier{std::move(failed)} {}

  Response response;
  data_set identifier;  ///< Failed SOP Instance UID List (0008,0058), PS3.4 §C.4.2.1.4.2; may be empty
};
using move_result = retrieve_result<c_move_response>;
using get_result = retrieve_result<c_get_response>;

/// What a C-GET brings: an object, or a pending response.
class get_event {
 public:
  explicit get_event(incoming_object brought) noexcept : object_{std::move(brought)} {}
  explicit get_event(c_get_response pending) noexcept : response_{std::move(pending)} {}

  /// An object. Save or read it; dropped unanswered it is refused (A700).
  [[nodiscard]] incoming_object* arrived() noexcept { return object_ ? &*object_ : nullptr; }
  [[nodiscard]] const c_get_response* pending() const noexcept { return response_ ? &*response_ : nullptr; }

 private:
  std::optional<incoming_object> object_;
  std::optional<c_get_response> response_;
};

/// The responses of one C-FIND. The request is sent by the first `next()`.
///
/// Movable; may outlive its association, whose end it then reports. Dropped before the final response, the exchange is
/// abandoned: the next operation on the association sends the C-CANCEL and skips what still comes.
class find_responses {
 public:
  using value_type = find_match;
  using final_type = c_find_response;

  find_responses(find_responses&&) noexcept;
  find_responses& operator=(find_responses&&) noexcept;
  ~find_responses();

  /// The next match; nothing once the final response has come. Not re-entrant.
  /// @throws association_error `errc::no_presentation_context` before anything is sent; whatever ends the association.
  /// @par Cancellation: `terminal`. While waiting nothing is lost: `next` may be called again. While the request is
  ///      being written: the PDU is finished, then the association aborts.
  [[nodiscard]] task<std::optional<find_match>> next();

  /// The final response. @pre `next` has given nothing.
  [[nodiscard]] const c_find_response& last() const noexcept;

  /// Send the request now, if it has not been sent; `next` does it otherwise.
  [[nodiscard]] task<> start();
  /// Send the C-CANCEL-RQ (PS3.7 §9.3.2.3), once. `next`, which may be awaited meanwhile, goes on to the final response.
  [[nodiscard]] task<> request_cancel();
  /// Send the C-CANCEL-RQ and skip to the final response, within `association_deadlines::drain`.
  [[nodiscard]] task<c_find_response> cancel();

  [[nodiscard]] message_id id() const noexcept;

 private:
  friend class association;
  explicit find_responses(std::unique_ptr<detail::query_exchange> exchange) noexcept;
  std::unique_ptr<detail::query_exchange> exchange_;
};

/// The responses of one C-MOVE; like `find_responses`.
class move_responses {
 public:
  using value_type = c_move_response;
  using final_type = c_move_response;

  move_responses(move_responses&&) noexcept;
  move_responses& operator=(move_responses&&) noexcept;
  ~move_responses();

  /// The next pending response; nothing once the final one has come. As `find_responses::next`.
  [[nodiscard]] task<std::optional<c_move_response>> next();
  [[nodiscard]] const c_move_response& last() const noexcept;
  /// The data set of the final response; empty when none came.
  [[nodiscard]] const data_set& last_identifier() const noexcept;
  /// Its Failed SOP Instance UID List (0008,0058).
  [[nodiscard]] std::vector<unique_id> failed_instances() const;

  [[nodiscard]] task<> start();
  [[nodiscard]] task<> request_cancel();
  [[nodiscard]] task<c_move_response> cancel();

  /// The peer is known to be at work, as when its objects arrive: the deadline for its next response begins anew.
  void renew_deadline();

  [[nodiscard]] message_id id() const noexcept;

 private:
  friend class association;
  explicit move_responses(std::unique_ptr<detail::query_exchange> exchange) noexcept;
  std::unique_ptr<detail::query_exchange> exchange_;
};

/// The objects and responses of one C-GET, in order; like `find_responses`.
class get_responses {
 public:
  using value_type = get_event;
  using final_type = c_get_response;

  get_responses(get_responses&&) noexcept;
  get_responses& operator=(get_responses&&) noexcept;
  ~get_responses();

  /// The next object or pending response; nothing once the final one has come. As `find_responses::next`. The object
  /// given before must have been answered or dropped: nothing else comes over the association meanwhile.
  [[nodiscard]] task<std::optional<get_event>> next();
  [[nodiscard]] const c_get_response& last() const noexcept;
  /// The data set of the final response; empty when none came.
  [[nodiscard]] const data_set& last_identifier() const noexcept;
  /// Its Failed SOP Instance UID List (0008,0058).
  [[nodiscard]] std::vector<unique_id> failed_instances() const;

  [[nodiscard]] task<> start();
  [[nodiscard]] task<> request_cancel();
  /// As `find_responses::cancel`; objects that still come are refused.
  [[nodiscard]] task<c_get_response> cancel();

  [[nodiscard]] message_id id() const noexcept;

 private:
  friend class association;
  explicit get_responses(std::unique_ptr<detail::query_exchange> exchange) noexcept;
  std::unique_ptr<detail::query_exchange> exchange_;
};

/// All responses of an operation.
template <class T, class Final>
class collected {
 public:
  collected(std::vector<T> all, Final final_response) : matches{std::move(all)}, last{std::move(final_response)} {}

  std::vector<T> matches;  ///< the pending ones, in order of arrival
  Final last;
};

/// Wait for all responses. `Responses` has `next()` and `last()`, as those here and `generator` have.
template <class Responses>
[[nodiscard]] task<collected<typename Responses::value_type, typename Responses::final_type>> collect(Responses responses) {
  std::vector<typename Responses::value_type> all;
  while (auto one = co_await responses.next()) all.push_back(std::move(*one));
  co_return collected<typename Responses::value_type, typename Responses::final_type>{std::move(all), responses.last()};
}

}  // namespace codicom

#ifndef CODICOM_SEPARATE_COMPILATION
#include <codicom/net/impl/responses.hpp>
#endif
