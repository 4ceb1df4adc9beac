#pragma once
#include <codicom/core/bytes.hpp>
#include <codicom/core/vr.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace codicom {

/// The value of Specific Character Set (0008,0005), read once (PS3.3 §C.12.1.1.2). A small value; no memory of its own.
///
/// All defined terms are understood, and the code extensions of ISO 2022 that switch between sets. The tables of the
/// multi-byte sets of Japanese, Korean and Chinese (JIS X 0208, JIS X 0212, KS X 1001, GB 2312, GBK, GB18030) come with
/// <codicom/data_set/iconv.hpp>, which one source file of a program includes; without it text in them is kept as bytes:
/// see `to_utf8`.
class specific_character_set {
 public:
  enum class repertoire : std::uint8_t {
    ascii,
    latin1,
    latin2,
    latin3,
    latin4,
    latin5,
    latin9,
    cyrillic,
    arabic,
    greek,
    hebrew,
    thai,
    jis_x_0201,
    utf8,
    jis_x_0208,
    jis_x_0212,
    ks_x_1001,
    gb_2312,
    gb18030,
    gbk,
    unknown,
  };
  static constexpr std::size_t max_terms = 8;

  /// The default repertoire, ISO 646 (ISO_IR 6): what an absent or empty attribute means.
  constexpr specific_character_set() noexcept = default;
  /// The value as it stands in the data set, `\` between the terms. Lower case letters and missing or wrong separators
  /// are read over ("ISO-IR 100"), also the undefined `ISO_IR 6` and `ISO 2022 GBK`.
  specific_character_set(std::string_view value) noexcept;  // NOLINT: it is written as text everywhere
  specific_character_set(const char* value) noexcept : specific_character_set{std::string_view{value}} {}  // NOLINT
  specific_character_set(const std::string& value) noexcept
      : specific_character_set{std::string_view{value}} {}  // NOLINT
  /// ISO_IR 192.
  [[nodiscard]] static constexpr specific_character_set utf8() noexcept {
    specific_character_set set;
    set.terms_[0] = repertoire::utf8;
    return set;
  }

  /// The set of the first term, which text starts in.
  [[nodiscard]] constexpr repertoire initial() const noexcept { return terms_[0]; }
  [[nodiscard]] constexpr std::size_t size() const noexcept { return size_; }
  [[nodiscard]] constexpr repertoire operator[](std::size_t term) const noexcept { return terms_[term]; }
  /// Escape sequences may switch sets: more than one term, or one that starts with `ISO 2022` (PS3.5 §6.1.2.4).
  [[nodiscard]] constexpr bool has_code_extensions() const noexcept { return code_extensions_; }
  /// Text in it can be converted: no term is unknown, or a multi-byte set that nobody has tables for.
  [[nodiscard]] bool is_convertible() const noexcept;
  /// Every term is a defined one.
  [[nodiscard]] constexpr bool is_known() const noexcept { return known_; }

  friend constexpr bool operator==(const specific_character_set&, const specific_character_set&) noexcept = default;

 private:
  std::array<repertoire, max_terms> terms_{};
  std::uint8_t size_ = 1;
  bool code_extensions_ = false;
  bool known_ = true;
};

/// The multi-byte sets of Japanese, Korean and Chinese are converted: <codicom/data_set/iconv.hpp> is part of this
/// program.
[[nodiscard]] bool has_multi_byte_sets() noexcept;

/// Text of a value as valid UTF-8, `\` between values kept. `representation` tells where code extensions end: also at
/// `^` and `=` in PN (PS3.5 §6.1.2.5.3). A backslash in the result is one: never half of a character, and in the texts
/// of JIS X 0201 that have no values (LT, ST, UT) a yen sign.
///
/// Nothing is lost: a byte that cannot be converted becomes U+EF00 + byte (private use), which `from_utf8` turns
/// back into that byte; their number is added to `*undecodable`. Escape sequences that such bytes need are among them.
[[nodiscard]] std::string to_utf8(byte_span value, const specific_character_set& set, vr representation = vr::lo,
                                         std::size_t* undecodable = nullptr);

/// The bytes of UTF-8 text in a character set, with escape sequences where the set has code extensions; U+EF00..EFFF
/// give the bytes 00..FF. Nothing when the set lacks a character, or the text is not UTF-8.
[[nodiscard]] std::optional<std::string> from_utf8(std::string_view utf8, const specific_character_set& set,
                                                          vr representation = vr::lo);

}  // namespace codicom

#ifndef CODICOM_SEPARATE_COMPILATION
#include <codicom/data_set/impl/character_set.hpp>
#endif
