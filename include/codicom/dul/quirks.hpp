#pragma once
#include <codicom/core/unique_id.hpp>

#include <array>
#include <string_view>

namespace codicom::dul {

/// What a peer does not bear, and is spared: our A-ASSOCIATE-RQ or -AC is changed accordingly, or what we send later.
class peer_quirks {
 public:
  constexpr peer_quirks() noexcept = default;

  /// Leave the Asynchronous Operations Window out (PS3.7 §D.3.3.3): one operation at a time.
  bool no_window = false;
  /// Where we would announce a maximum length of 0, no limit (PS3.8 §D.1), announce 128 KiB.
  bool no_unlimited_length = false;
  /// Propose one presentation context for each transfer syntax: the peer takes the simplest of several, and so
  /// compressed objects would have to be decompressed.
  bool one_syntax_per_context = false;
  /// Send no C-CANCEL-RQ (PS3.7 §9.3.2.3): what is left early is read to its end. A requestor needs not be told: it goes
  /// by the Implementation Class UID of the answer too.
  bool no_cancel = false;
};

namespace detail {

struct known_implementation {
  std::string_view class_uid;  // ends with a dot: the beginning of all its versions
  peer_quirks quirks;
};

[[nodiscard]] constexpr peer_quirks without_window() noexcept {
  peer_quirks quirks;
  quirks.no_window = true;
  return quirks;
}
[[nodiscard]] constexpr peer_quirks without_unlimited_length() noexcept {
  peer_quirks quirks;
  quirks.no_unlimited_length = true;
  return quirks;
}
[[nodiscard]] constexpr peer_quirks without_cancel() noexcept {
  peer_quirks quirks;
  quirks.no_cancel = true;
  return quirks;
}

inline constexpr std::array known_implementations{
    // GE: drops the connection at the first message after an A-ASSOCIATE-RQ with a window (dcm4che issue 1120).
    known_implementation{"1.2.840.113619.6.55", without_window()},
    // PixelMed: sends everything all the same, and aborts when it then finds the C-CANCEL-RQ (its toolkit of 2022).
    known_implementation{"1.3.6.1.4.1.5962.99.2", without_cancel()},
    // pynetdicom 0: takes a maximum length of 0 for a negative size of fragments (pynetdicom pull request 202).
    known_implementation{"1.2.826.0.1.3680043.9.3811.0.", without_unlimited_length()},
};

}  // namespace detail

/// Those of an implementation, by its Implementation Class UID (PS3.7 §D.3.3.2), as far as they are on record. An acceptor
/// applies them by itself; a requestor hears that UID with the answer only, so it is told beforehand: by a table of its
/// user's, or from an earlier association.
[[nodiscard]] constexpr peer_quirks known_quirks(const unique_id& implementation_class) noexcept {
  for (const auto& each : detail::known_implementations) {
    const auto uid = implementation_class.view();
    if (each.class_uid.ends_with('.') ? uid.starts_with(each.class_uid) : uid == each.class_uid) return each.quirks;
  }
  return {};
}

}  // namespace codicom::dul
