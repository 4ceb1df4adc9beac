#pragma once
#include <codicom/core/unique_id.hpp>
#include <codicom/dictionary/generated/transfer_syntaxes.hpp>
#include <codicom/dictionary/impl/pool.hpp>

#include <cstddef>
#include <span>
#include <string_view>

namespace codicom {

namespace detail {
// Where it stands in the table; the table's size when it is not a standard one. By place, since g++ 12 takes a pointer
// compared with null for no constant under -fsanitize=null.
[[nodiscard]] constexpr std::size_t transfer_syntax_place(const unique_id& uid) noexcept {
  return find_slot(transfer_syntax_slots, text_hash(uid.view()), transfer_syntax_table.size(),
                   [&](std::size_t i) { return transfer_syntax_table[i].uid == uid; });
}
}  // namespace detail

/// How a transfer syntax encodes a data set (PS3.5 Annex A); nothing when it is not a standard one.
[[nodiscard]] constexpr const transfer_syntax_facts* find_transfer_syntax(const unique_id& uid) noexcept {
  const auto place = detail::transfer_syntax_place(uid);
  return place == detail::transfer_syntax_table.size() ? nullptr : &detail::transfer_syntax_table[place];
}

/// Every transfer syntax that can encode a data set in a file or a message, so that an object in it can pass through:
/// the uncompressed ones first, then the compressed ones, retired ones last. Without the MIME, XML and SMPTE
/// "transfer syntaxes", which are none of this kind.
[[nodiscard]] constexpr std::span<const unique_id> all_transfer_syntaxes() noexcept {
  return detail::pass_through_transfer_syntax_table;
}

/// Pixel data come as fragments (PS3.5 §A.4). False for an unknown one.
[[nodiscard]] constexpr bool is_encapsulated(const unique_id& uid) noexcept {
  const auto place = detail::transfer_syntax_place(uid);
  return place != detail::transfer_syntax_table.size() && detail::transfer_syntax_table[place].encapsulated;
}
/// False only for Implicit VR Little Endian and Papyrus; all later ones, unknown ones too, are explicit (PS3.5 §A.4).
[[nodiscard]] constexpr bool is_explicit_vr(const unique_id& uid) noexcept {
  const auto place = detail::transfer_syntax_place(uid);
  return place == detail::transfer_syntax_table.size() || detail::transfer_syntax_table[place].explicit_vr;
}
[[nodiscard]] constexpr bool is_big_endian(const unique_id& uid) noexcept {
  const auto place = detail::transfer_syntax_place(uid);
  return place != detail::transfer_syntax_table.size() && detail::transfer_syntax_table[place].big_endian;
}
/// The whole data set after the file meta information is one deflated stream (PS3.5 §A.5).
[[nodiscard]] constexpr bool is_deflated(const unique_id& uid) noexcept {
  const auto place = detail::transfer_syntax_place(uid);
  return place != detail::transfer_syntax_table.size() && detail::transfer_syntax_table[place].deflated;
}

}  // namespace codicom
