#pragma once
#include <codicom/core/ae_title.hpp>
#include <codicom/core/limits.hpp>
#include <codicom/coro/task.hpp>
#include <codicom/net/acceptor_options.hpp>
#include <codicom/net/incoming_object.hpp>
#include <codicom/net/listener.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace codicom {

namespace service::detail {
class receiver_state;
}

/// What a store receiver accepts.
struct store_receiver_options {
  store_receiver_options() {}  // not an aggregate, so that a temporary is safe beside co_await

  /// Who may store; empty: any calling AE title. Others get A-ASSOCIATE-RJ (PS3.8 §9.3.4, reason 3).
  std::vector<ae_title> calling_ae_titles;
  /// Reject associations that call us by another title than ours (reason 7). Off: archives are often set up loosely.
  bool check_called_ae_title = false;
  /// Accept abstract syntaxes that are no storage SOP class of the dictionary, e.g. private ones.
  bool unknown_sop_classes = false;
  /// Deadlines, sizes and limits of the incoming associations.
  acceptor_options acceptor;
};

/// A Storage SCP that one awaits: it listens, accepts associations that store, and hands over one object after the
/// other. It accepts every storage SOP class in every transfer syntax that can pass through, and answers C-ECHO.
///
/// An object is handed over when its C-STORE-RQ has been read and before its data set is: nothing is read that nobody
/// takes, and TCP holds the sender back. Objects of a `service::retrieve` that shares this receiver go to it; all
/// others go to `next()`.
///
/// A movable handle: the listening and the incoming associations belong to it and end with it. Used from the executor
/// that awaited `listen` only.
/// @see PS3.4 Annex B
class store_receiver {
 public:
  /// Listen on all addresses, or on one. Port 0 picks a free one.
  /// @throws std::system_error when the port is in use or the address is not ours.
  [[nodiscard]] static task<store_receiver> listen(ae_title title, std::uint16_t port,
                                                   store_receiver_options options = {});
  [[nodiscard]] static task<store_receiver> listen(ae_title title, std::string address, std::uint16_t port,
                                                   store_receiver_options options = {});
  /// Take associations from a listener that is there already, which need not be of TCP.
  [[nodiscard]] static task<store_receiver> listen(ae_title title, listener bound, store_receiver_options options = {});

  store_receiver(store_receiver&&) noexcept;
  store_receiver& operator=(store_receiver&&) noexcept;
  /// Closes the sockets: peers see the connection end, partial files are removed. `stop` is the orderly way.
  ~store_receiver();

  /// The next object that no retrieval claims; nothing once stopped. Save, read or drop it; the peer waits for that.
  /// @par Cancellation: `terminal`. No object is lost: it waits for the next call.
  [[nodiscard]] task<std::optional<incoming_object>> next();

  /// Stop listening, let objects under way be finished, refuse those not taken yet (A700), and wait for all of it.
  [[nodiscard]] task<> stop();

  /// Our AE title: the destination of a C-MOVE.
  [[nodiscard]] const ae_title& title() const noexcept;
  [[nodiscard]] std::uint16_t port() const noexcept;
  [[nodiscard]] bool is_listening() const noexcept;

  /// For `service::retrieve`.
  [[nodiscard]] const std::shared_ptr<service::detail::receiver_state>& state() const noexcept { return state_; }

 private:
  explicit store_receiver(std::shared_ptr<service::detail::receiver_state> state) noexcept;
  std::shared_ptr<service::detail::receiver_state> state_;
};

}  // namespace codicom

#ifndef CODICOM_SEPARATE_COMPILATION
#include <codicom/service/impl/store_receiver.hpp>
#endif
