#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace codicom {

/// A value representation (PS3.5 §6.2). The 34 that stand in files come first, by alphabet; after them the four
/// that PS3.6 leaves to the context ("US or SS") and `none` for items and delimiters. Fits in 6 bits.
enum class vr : std::uint8_t {
  ae, as, at, cs, da, ds, dt, fd, fl, is, lo, lt, ob, od, of, ol, ov, ow, pn, sh, sl, sq, ss, st, sv, tm, uc, ui, ul,
  un, ur, us, ut, uv,
  us_or_ss, ob_or_ow, us_or_ow, us_or_ss_or_ow,
  none,
};

namespace detail {

enum vr_flags : std::uint8_t {
  vr_text = 1,        // characters
  vr_charset = 2,     // ... subject to Specific Character Set (PS3.5 §6.1.2.2)
  vr_long_form = 4,   // explicit VR: 2 reserved bytes and a 32-bit length (PS3.5 §7.1.2)
  vr_single = 8,      // a backslash does not separate values (PS3.5 §6.4)
};

struct vr_facts {
  char code[3];
  std::uint8_t flags;
  std::uint8_t unit;            // bytes that one number or word has: 1, 2, 4, 8; byte order applies to these
  char padding;                 // fills a value to even length (PS3.5 §6.2)
  std::uint32_t max_characters; // per value; 0: no limit of its own
};

inline constexpr std::array<vr_facts, 39> vr_table{{
    {"AE", vr_text, 1, ' ', 16},
    {"AS", vr_text, 1, ' ', 4},
    {"AT", 0, 2, 0, 0},
    {"CS", vr_text, 1, ' ', 16},
    {"DA", vr_text, 1, ' ', 18},
    {"DS", vr_text, 1, ' ', 16},
    {"DT", vr_text, 1, ' ', 54},
    {"FD", 0, 8, 0, 0},
    {"FL", 0, 4, 0, 0},
    {"IS", vr_text, 1, ' ', 12},
    {"LO", vr_text | vr_charset, 1, ' ', 64},
    {"LT", vr_text | vr_charset | vr_single, 1, ' ', 10240},
    {"OB", vr_long_form | vr_single, 1, 0, 0},
    {"OD", vr_long_form | vr_single, 8, 0, 0},
    {"OF", vr_long_form | vr_single, 4, 0, 0},
    {"OL", vr_long_form | vr_single, 4, 0, 0},
    {"OV", vr_long_form | vr_single, 8, 0, 0},
    {"OW", vr_long_form | vr_single, 2, 0, 0},
    {"PN", vr_text | vr_charset, 1, ' ', 64 * 3 + 2},
    {"SH", vr_text | vr_charset, 1, ' ', 16},
    {"SL", 0, 4, 0, 0},
    {"SQ", vr_long_form | vr_single, 1, 0, 0},
    {"SS", 0, 2, 0, 0},
    {"ST", vr_text | vr_charset | vr_single, 1, ' ', 1024},
    {"SV", vr_long_form, 8, 0, 0},
    {"TM", vr_text, 1, ' ', 28},
    {"UC", vr_text | vr_charset | vr_long_form, 1, ' ', 0},
    {"UI", vr_text, 1, 0, 64},
    {"UL", 0, 4, 0, 0},
    {"UN", vr_long_form | vr_single, 1, 0, 0},
    {"UR", vr_text | vr_long_form | vr_single, 1, ' ', 0},
    {"US", 0, 2, 0, 0},
    {"UT", vr_text | vr_charset | vr_long_form | vr_single, 1, ' ', 0},
    {"UV", vr_long_form, 8, 0, 0},
    {"US", 0, 2, 0, 0},                        // us_or_ss
    {"OW", vr_long_form | vr_single, 2, 0, 0}, // ob_or_ow
    {"OW", vr_long_form | vr_single, 2, 0, 0}, // us_or_ow
    {"OW", vr_long_form | vr_single, 2, 0, 0}, // us_or_ss_or_ow
    {"--", 0, 1, 0, 0},
}};

[[nodiscard]] constexpr const vr_facts& facts(vr v) noexcept { return vr_table[static_cast<std::size_t>(v)]; }

// 26 x 26 table from the two capital letters to the VR: one load per element when decoding.
inline constexpr auto vr_by_letters = [] {
  std::array<vr, 26 * 26> table{};
  for (auto& entry : table) entry = vr::none;
  for (std::size_t i = 0; i <= static_cast<std::size_t>(vr::uv); ++i)
    table[static_cast<std::size_t>((vr_table[i].code[0] - 'A') * 26 + (vr_table[i].code[1] - 'A'))] = static_cast<vr>(i);
  return table;
}();

}  // namespace detail

/// The two letters, e.g. "PN". An ambiguous VR gives the one an implicit VR decoder assumes (PS3.5 §A.1).
[[nodiscard]] constexpr std::string_view code(vr v) noexcept { return {detail::facts(v).code, 2}; }

/// The VR of two letters, `vr::none` when there is no such VR.
[[nodiscard]] constexpr vr vr_from_code(char first, char second) noexcept {
  if (first < 'A' || first > 'Z' || second < 'A' || second > 'Z') return vr::none;
  return detail::vr_by_letters[static_cast<std::size_t>((first - 'A') * 26 + (second - 'A'))];
}
[[nodiscard]] constexpr vr vr_from_code(std::string_view letters) noexcept {
  return letters.size() == 2 ? vr_from_code(letters[0], letters[1]) : vr::none;
}

/// One of the 34 that a file may hold.
[[nodiscard]] constexpr bool is_definite(vr v) noexcept { return v <= vr::uv; }
/// Left to the context by PS3.6 (PS3.5 §8.1.1, §A.1).
[[nodiscard]] constexpr bool is_ambiguous(vr v) noexcept { return v >= vr::us_or_ss && v <= vr::us_or_ss_or_ow; }
/// Explicit VR encodes it with a 32-bit length (PS3.5 Table 7.1-1).
[[nodiscard]] constexpr bool has_long_form(vr v) noexcept { return (detail::facts(v).flags & detail::vr_long_form) != 0; }
[[nodiscard]] constexpr bool is_text(vr v) noexcept { return (detail::facts(v).flags & detail::vr_text) != 0; }
/// Its characters are those of Specific Character Set (0008,0005) (PS3.5 §6.1.2.2).
[[nodiscard]] constexpr bool has_character_set(vr v) noexcept { return (detail::facts(v).flags & detail::vr_charset) != 0; }
/// A backslash separates values (PS3.5 §6.4).
[[nodiscard]] constexpr bool is_multi_valued(vr v) noexcept { return (detail::facts(v).flags & detail::vr_single) == 0; }
/// Bytes of one word: what a change of byte order swaps (AT by halves, so 2).
[[nodiscard]] constexpr std::size_t unit_size(vr v) noexcept { return detail::facts(v).unit; }
/// Fills a value to even length: space, or NUL for UI and binary (PS3.5 §6.2).
[[nodiscard]] constexpr char padding(vr v) noexcept { return detail::facts(v).padding; }

}  // namespace codicom
