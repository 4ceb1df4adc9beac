#pragma once
#include <codicom/core/bytes.hpp>
#include <codicom/core/detail/installed.hpp>
#include <codicom/data_set/character_set.hpp>
#include <codicom/data_set/generated/single_byte_sets.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

// What a byte means in each set, and the escape sequences that name the sets (PS3.3 §C.12.1.1.2).
namespace codicom::detail {

using repertoire = specific_character_set::repertoire;

// The same bytes in every set and under every escape sequence.
[[nodiscard]] inline bool is_invariant(std::string_view text) noexcept {
  // Eight at a time, the last ones once more. The highest bit of a byte tells of '~' and all above it, and of the two
  // characters: of what is 0 once they are taken away.
  constexpr std::uint64_t ones = 0x0101010101010101;
  constexpr std::uint64_t high = ones << 7;
  const auto found = [](std::uint64_t word) {
    const auto zero_byte = [](std::uint64_t w) { return (w - ones) & ~w; };
    return ((word | ((word & ~high) + ones * 2) | zero_byte(word ^ (ones * '\\')) | zero_byte(word ^ (ones * 0x1B))) & high) != 0;
  };
  const auto* const from = as_bytes(text).data();
  if (text.size() < 8) return !found(load_small(from, text.size()));
  for (std::size_t at = 0; at + 8 < text.size(); at += 8)
    if (found(load_le<std::uint64_t>(from + at))) return false;
  return !found(load_le<std::uint64_t>(from + text.size() - 8));
}

// Private-use characters U+EF00 + byte stand for bytes that are no text.
inline constexpr char32_t raw_byte_base = 0xEF00;
[[nodiscard]] constexpr bool is_raw_byte(char32_t c) noexcept {
  return c >= raw_byte_base && c <= raw_byte_base + 0xFF;
}

// --- escape sequences

// Which half of the code table a set is designated to: bytes 21..7E (G0) or A1..FE (G1).
enum class code_half : std::uint8_t { g0, g1, none };

struct designation {
  repertoire set;
  code_half half;
  std::string_view escape;
};

// PS3.3 Tables C.12-3 and C.12-4. In G0, `jis_x_0201` is its Romaji (ISO-IR 14), in G1 its Katakana (ISO-IR 13).
inline constexpr std::array designations{
    designation{repertoire::ascii, code_half::g0, "\x1B(B"},
    designation{repertoire::latin1, code_half::g1, "\x1B-A"},
    designation{repertoire::latin2, code_half::g1, "\x1B-B"},
    designation{repertoire::latin3, code_half::g1, "\x1B-C"},
    designation{repertoire::latin4, code_half::g1, "\x1B-D"},
    designation{repertoire::cyrillic, code_half::g1, "\x1B-L"},
    designation{repertoire::arabic, code_half::g1, "\x1B-G"},
    designation{repertoire::greek, code_half::g1, "\x1B-F"},
    designation{repertoire::hebrew, code_half::g1, "\x1B-H"},
    designation{repertoire::latin5, code_half::g1, "\x1B-M"},
    designation{repertoire::latin9, code_half::g1, "\x1B-b"},
    designation{repertoire::thai, code_half::g1, "\x1B-T"},
    designation{repertoire::jis_x_0201, code_half::g0, "\x1B(J"},
    designation{repertoire::jis_x_0201, code_half::g1, "\x1B)I"},
    designation{repertoire::jis_x_0208, code_half::g0, "\x1B$B"},
    designation{repertoire::jis_x_0212, code_half::g0, "\x1B$(D"},
    designation{repertoire::ks_x_1001, code_half::g1, "\x1B$)C"},
    designation{repertoire::gb_2312, code_half::g1, "\x1B$)A"},
};

// The escape sequence that designates a set to a half; "" when there is none.
[[nodiscard]] constexpr std::string_view escape_of(repertoire set, code_half half) noexcept {
  for (const auto& d : designations)
    if (d.set == set && d.half == half) return d.escape;
  return {};
}

// An escape sequence at the front of a text: the bytes it takes, and what it designates.
struct escape_sequence {
  std::size_t size;
  code_half half;  // `none` for a sequence cut short
  repertoire set;  // `unknown` for one that DICOM does not have
};

[[nodiscard]] constexpr escape_sequence read_escape(std::string_view text) noexcept {
  std::size_t size = 1;  // intermediate bytes 20..2F, then a final one 30..7E (ISO 2022)
  while (size < text.size() && text[size] >= ' ' && text[size] <= '/') ++size;
  if (size == text.size() || text[size] < '0' || text[size] > '~') return {size, code_half::none, repertoire::unknown};
  ++size;
  const auto sequence = text.substr(0, size);
  for (const auto& d : designations)
    if (d.escape == sequence) return {size, d.half, d.set};
  const bool to_g0 = sequence[1] == '(' || (sequence[1] == '$' && (size == 3 || sequence[2] == '('));
  return {size, to_g0 ? code_half::g0 : code_half::g1, repertoire::unknown};
}

// What the halves hold where a value begins (PS3.5 §6.1.2.5.4). ASCII in G1 stands for nothing.
[[nodiscard]] constexpr repertoire initial_set(const specific_character_set& set, code_half half) noexcept {
  const auto first = set.initial();
  if (half == code_half::g0) return first == repertoire::jis_x_0201 ? first : repertoire::ascii;
  return escape_of(first, half).empty() ? repertoire::ascii : first;
}

// Where a code extension ends: the set of the first term is active again (PS3.5 §6.1.2.5.3).
[[nodiscard]] constexpr bool ends_extension(char c, vr representation) noexcept {
  switch (c) {
    case '\n':
    case '\r':
    case '\f':
    case '\t': return true;
    case '\\': return is_multi_valued(representation);
    case '^':
    case '=': return representation == vr::pn;
    default: return false;
  }
}

// --- sets of one byte

[[nodiscard]] constexpr const upper_half* upper_half_of(repertoire set) noexcept {
  switch (set) {
    case repertoire::latin2: return &latin2_upper_half;
    case repertoire::latin3: return &latin3_upper_half;
    case repertoire::latin4: return &latin4_upper_half;
    case repertoire::latin5: return &latin5_upper_half;
    case repertoire::latin9: return &latin9_upper_half;
    case repertoire::cyrillic: return &cyrillic_upper_half;
    case repertoire::arabic: return &arabic_upper_half;
    case repertoire::greek: return &greek_upper_half;
    case repertoire::hebrew: return &hebrew_upper_half;
    case repertoire::thai: return &thai_upper_half;
    default: return nullptr;
  }
}

// The character of a byte 80..FF; 0 when the set has none.
[[nodiscard]] constexpr char32_t decode_high(repertoire set, unsigned char byte) noexcept {
  if (byte < 0xA0) return 0;
  if (set == repertoire::latin1) return byte;
  if (set == repertoire::jis_x_0201) return byte >= 0xA1 && byte <= 0xDF ? 0xFF61u + (byte - 0xA1u) : 0u;
  const auto* table = upper_half_of(set);
  return table ? (*table)[byte - 0xA0u] : 0u;
}

// The byte of a character beyond ASCII; 0 when the set lacks it.
[[nodiscard]] constexpr unsigned char encode_high(repertoire set, char32_t c) noexcept {
  if (set == repertoire::latin1) return c >= 0xA0 && c <= 0xFF ? static_cast<unsigned char>(c) : 0;
  if (set == repertoire::jis_x_0201)
    return c >= 0xFF61 && c <= 0xFF9F ? static_cast<unsigned char>(c - 0xFF61 + 0xA1) : 0;
  const auto* table = upper_half_of(set);
  if (!table || c < 0xA0 || c > 0xFFFF) return 0;
  const auto found = std::find(table->begin(), table->end(), static_cast<std::uint16_t>(c));
  return found == table->end() ? 0 : static_cast<unsigned char>(0xA0 + (found - table->begin()));
}

// Romaji differs from ASCII in two places: a yen sign and an overline (ISO-IR 14). A backslash between values stays
// one.
[[nodiscard]] constexpr char32_t decode_romaji(char byte, vr representation) noexcept {
  if (byte == '~') return 0x203E;
  return byte == '\\' && !ends_extension(byte, representation) ? char32_t{0xA5} : static_cast<unsigned char>(byte);
}
// 0 when Romaji lacks it.
[[nodiscard]] constexpr char encode_romaji(char32_t c, vr representation) noexcept {
  if (c == 0x203E) return '~';
  if (c == 0xA5) return ends_extension('\\', representation) ? '\0' : '\\';
  if (c >= 0x80 || c == '~') return '\0';
  return c == '\\' && !ends_extension('\\', representation) ? '\0' : static_cast<char>(c);
}

// --- sets of several bytes, whose tables the library does not have

// Who has them. A program has nobody until one of its units includes <codicom/data_set/iconv.hpp>, which asks iconv.
// The bytes are those in the value; of a set in a half of the code table they have 7 bits, 21..7E.
struct multi_byte_codec {
  char32_t (*decode)(repertoire set, std::string_view bytes) noexcept;                     // 0 when there is none
  std::size_t (*encode)(repertoire set, char32_t c, std::array<char, 4>& bytes) noexcept;  // their number, or 0
};

[[nodiscard]] constexpr bool is_multi_byte(repertoire set) noexcept {
  return set >= repertoire::jis_x_0208 && set <= repertoire::gbk;
}

[[nodiscard]] inline std::size_t encode_multi_byte(repertoire set, char32_t c, std::array<char, 4>& bytes) noexcept {
  const auto* codec = installed<multi_byte_codec>();
  return codec != nullptr && is_multi_byte(set) && c >= 0x80 ? codec->encode(set, c, bytes) : 0;
}

// 0 also when the character would not be written as these bytes again.
[[nodiscard]] inline char32_t decode_multi_byte(repertoire set, std::string_view bytes) noexcept {
  const auto* codec = installed<multi_byte_codec>();
  if (codec == nullptr) return 0;
  const auto c = codec->decode(set, bytes);
  std::array<char, 4> again{};
  if (is_raw_byte(c)) return 0;
  return std::string_view{again.data(), encode_multi_byte(set, c, again)} == bytes ? c : 0;
}

}  // namespace codicom::detail
