#pragma once
#include <codicom/core/error.hpp>
#include <codicom/dul/reasons.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <system_error>

namespace codicom::dul {

namespace detail {
// A number per cell of Table 9-10, a row per event; while it is set, the transitions of this thread are counted there.
using cell_counts = std::array<std::array<std::uint64_t, 13>, 19>;
inline constinit thread_local cell_counts* counting = nullptr;
}  // namespace detail

/// PS3.8 Tables 9-1 to 9-5.
enum class state : std::uint8_t {
  sta1 = 1,  ///< idle
  sta2,      ///< connected, waiting for A-ASSOCIATE-RQ
  sta3,      ///< waiting for the local user to answer the association
  sta4,      ///< connecting
  sta5,      ///< waiting for A-ASSOCIATE-AC or -RJ
  sta6,      ///< data transfer
  sta7,      ///< waiting for A-RELEASE-RP
  sta8,      ///< waiting for the local user to answer the release
  sta9,      ///< release collision, requestor: waiting for the local user
  sta10,     ///< release collision, acceptor: waiting for A-RELEASE-RP
  sta11,     ///< release collision, requestor: waiting for A-RELEASE-RP
  sta12,     ///< release collision, acceptor: waiting for the local user
  sta13,     ///< waiting for the peer to close the transport
};

/// The 19 events of PS3.8 Table 9-10, numbered as there. "request" and "response" are the local user's.
enum class event : std::uint8_t {
  a_associate_request = 1,
  transport_connected,  ///< we connected
  a_associate_ac_received,
  a_associate_rj_received,
  transport_accepted,  ///< the peer connected
  a_associate_rq_received,
  a_associate_response_accept,
  a_associate_response_reject,
  p_data_request,
  p_data_received,
  a_release_request,
  a_release_rq_received,
  a_release_rp_received,
  a_release_response,
  a_abort_request,
  a_abort_received,
  transport_closed,
  artim_expired,
  invalid_pdu_received,
};

/// The actions of PS3.8 Tables 9-6 to 9-9.
enum class action : std::uint8_t {
  none,
  ae_1,
  ae_2,
  ae_3,
  ae_4,
  ae_5,
  ae_6,
  ae_7,
  ae_8,
  dt_1,
  dt_2,
  ar_1,
  ar_2,
  ar_3,
  ar_4,
  ar_5,
  ar_6,
  ar_7,
  ar_8,
  ar_9,
  ar_10,
  aa_1,
  aa_2,
  aa_3,
  aa_4,
  aa_5,
  aa_6,
  aa_7,
  aa_8,
};

/// What an action asks of the shell that owns the transport and the timer, in the order in which it is done.
enum class effect : std::uint8_t {
  open_transport,
  accept_transport,
  close_transport,
  send_a_associate_rq,
  send_a_associate_ac,
  send_a_associate_rj,
  send_p_data,
  send_a_release_rq,
  send_a_release_rp,
  send_a_abort_user,      ///< source 0 (reason 0)
  send_a_abort_provider,  ///< source 2; the reason fits the event
  start_artim,            ///< or restart (PS3.8 §9.1.5)
  stop_artim,
  indicate_a_associate,  ///< to the local user
  confirm_a_associate_accept,
  confirm_a_associate_reject,
  indicate_p_data,
  indicate_a_release,
  confirm_a_release,
  indicate_a_abort,  ///< A-ABORT or A-P-ABORT indication, by the source in the PDU that came
  indicate_a_p_abort,
};

/// "Sta6", "AA-8", "A-RELEASE-RQ PDU received".
[[nodiscard]] std::string_view name(state s) noexcept;
[[nodiscard]] std::string_view name(action a) noexcept;
[[nodiscard]] std::string_view name(event e) noexcept;
[[nodiscard]] std::string_view name(effect e) noexcept;

/// The event that the arrival of a PDU is.
[[nodiscard]] event received(pdu_type type) noexcept;

/// Whether the upper layer takes an A-ASSOCIATE-RQ (AE-6): its protocol version, its limits, its application context.
enum class request_check : std::uint8_t { acceptable, rejected };

/// What an event led to. At most four effects, kept in place.
class step {
 public:
  constexpr step() noexcept = default;

  /// `errc::wrong_state` for a local event that the table leaves blank: nothing may be sent, the state is unchanged.
  [[nodiscard]] std::error_code error() const noexcept {
    return wrong_ ? make_error_code(errc::wrong_state) : std::error_code{};
  }
  [[nodiscard]] explicit operator bool() const noexcept { return !wrong_; }
  [[nodiscard]] dul::action action() const noexcept { return action_; }
  [[nodiscard]] const effect* begin() const noexcept { return effects_.data(); }
  [[nodiscard]] const effect* end() const noexcept { return effects_.data() + count_; }
  [[nodiscard]] bool has(effect e) const noexcept {
    for (const auto each : *this)
      if (each == e) return true;
    return false;
  }

 private:
  friend class state_machine;
  constexpr void add(effect e) noexcept { effects_[count_++] = e; }

  std::array<effect, 4> effects_{};
  std::uint8_t count_ = 0;
  dul::action action_ = dul::action::none;
  bool wrong_ = false;
};

/// The upper layer protocol machine (PS3.8 §9.2, Table 9-10): events in, effects out. It holds two bytes, does no
/// I/O, keeps no time and takes no memory.
class state_machine {
 public:
  constexpr state_machine() noexcept = default;
  /// To begin in the middle, for tests and for a shell that takes over an open connection.
  constexpr state_machine(dul::state at, bool is_requestor) noexcept : state_{at}, requestor_{is_requestor} {}

  /// Take the transition. `check` counts only for `a_associate_rq_received` in Sta2. A PDU where the table leaves a
  /// blank is answered as AA-8; another event there is `errc::wrong_state` and changes nothing.
  [[nodiscard]] step on(event e, request_check check = request_check::acceptable) noexcept;

  [[nodiscard]] dul::state current() const noexcept { return state_; }
  /// We asked for the association: decides who answers first when releases collide (PS3.8 §7.2.2.6).
  [[nodiscard]] bool is_requestor() const noexcept { return requestor_; }
  /// Sta6: P-DATA may be sent and received.
  [[nodiscard]] bool is_established() const noexcept { return state_ == dul::state::sta6; }

 private:
  dul::state state_ = dul::state::sta1;
  bool requestor_ = false;
};

}  // namespace codicom::dul

#ifndef CODICOM_SEPARATE_COMPILATION
#include <codicom/dul/impl/state_machine.hpp>
#endif
