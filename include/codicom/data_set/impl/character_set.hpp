#pragma once
#include <codicom/core/utf8.hpp>
#include <codicom/data_set/character_set.hpp>
#include <codicom/data_set/generated/single_byte_sets.hpp>

#include <algorithm>

namespace codicom {

namespace detail {

using repertoire = specific_character_set::repertoire;

// Private-use characters U+EF00 + byte stand for bytes that are no text.
inline constexpr char32_t raw_byte_base = 0xEF00;
[[nodiscard]] constexpr bool is_raw_byte(char32_t c) noexcept {
  return c >= raw_byte_base && c <= raw_byte_base + 0xFF;
}

struct character_set_term {
  std::string_view key;  // capital letters and digits of the defined term
  repertoire set;
  bool defined;  // or only met in practice
};

// The defined terms of PS3.3 §C.12.1.1.2 without "ISO 2022 " or "ISO_", and what other writers use.
inline constexpr std::array character_set_terms{
    character_set_term{"IR6", repertoire::ascii, true},       character_set_term{"IR100", repertoire::latin1, true},
    character_set_term{"IR101", repertoire::latin2, true},    character_set_term{"IR109", repertoire::latin3, true},
    character_set_term{"IR110", repertoire::latin4, true},    character_set_term{"IR144", repertoire::cyrillic, true},
    character_set_term{"IR127", repertoire::arabic, true},    character_set_term{"IR126", repertoire::greek, true},
    character_set_term{"IR138", repertoire::hebrew, true},    character_set_term{"IR148", repertoire::latin5, true},
    character_set_term{"IR203", repertoire::latin9, true},    character_set_term{"IR166", repertoire::thai, true},
    character_set_term{"IR13", repertoire::jis_x_0201, true}, character_set_term{"IR192", repertoire::utf8, true},
    character_set_term{"IR87", repertoire::jis_x_0208, true}, character_set_term{"IR159", repertoire::jis_x_0212, true},
    character_set_term{"IR149", repertoire::ks_x_1001, true}, character_set_term{"IR58", repertoire::gb_2312, true},
    character_set_term{"GB18030", repertoire::gb18030, true}, character_set_term{"GBK", repertoire::gbk, true},
    character_set_term{"58", repertoire::gb_2312, false},     character_set_term{"UTF8", repertoire::utf8, false},
    character_set_term{"88591", repertoire::latin1, false},   character_set_term{"LATIN1", repertoire::latin1, false},
};

// The last byte of the escape sequence ESC 2D x that designates a set as G1 (PS3.3 Table C.12-3); 0 for none.
[[nodiscard]] constexpr char g1_final(repertoire set) noexcept {
  switch (set) {
    case repertoire::latin1: return 'A';
    case repertoire::latin2: return 'B';
    case repertoire::latin3: return 'C';
    case repertoire::latin4: return 'D';
    case repertoire::greek: return 'F';
    case repertoire::arabic: return 'G';
    case repertoire::hebrew: return 'H';
    case repertoire::cyrillic: return 'L';
    case repertoire::latin5: return 'M';
    case repertoire::thai: return 'T';
    case repertoire::latin9: return 'b';
    default: return 0;
  }
}

// The whole escape sequence; "" for a set that is no G1.
[[nodiscard]] inline std::string designation_of(repertoire set) {
  if (set == repertoire::jis_x_0201) return "\x1B)I";
  const char last = g1_final(set);
  return last ? std::string{"\x1B-"} + last : std::string{};
}

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

[[nodiscard]] inline bool is_plain_ascii(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(), [](char c) { return (c & 0x80) == 0 && c != '\x1B'; });
}

class text_decoder {
 public:
  text_decoder(const specific_character_set& set, vr representation) noexcept
      : set_{&set}, representation_{representation}, g1_{set.initial()} {}

  [[nodiscard]] std::string decode(std::string_view text) {
    out_.reserve(text.size() + text.size() / 2);
    if (g1_ == repertoire::utf8) decode_utf8(text);
    else if (g1_ == repertoire::gb18030 || g1_ == repertoire::gbk) decode_pairs(text);
    else decode_8_bit(text);
    return std::move(out_);
  }
  [[nodiscard]] std::size_t undecodable() const noexcept { return undecodable_; }

 private:
  void raw(char c) {
    append_utf8(out_, raw_byte_base + static_cast<unsigned char>(c));
    ++undecodable_;
  }

  // A byte that the active set does not define. When an escape sequence made that set active, the byte needs it when it
  // is written again; so both are kept, and all that follows.
  void undefined(char c) {
    if (!kept_ && g1_ != set_->initial()) {
      kept_ = true;
      for (const char e : designation_of(g1_)) raw(e);
    }
    raw(c);
  }

  void decode_utf8(std::string_view text) {
    while (!text.empty()) {
      const auto next = next_utf8(text);
      if (next.size == 0 || is_raw_byte(next.code)) {
        raw(text.front());
        text.remove_prefix(1);
      } else {
        out_.append(text.substr(0, next.size));
        text.remove_prefix(next.size);
      }
    }
  }

  // GBK and GB18030: the byte after a high one belongs to it and may look like a backslash.
  void decode_pairs(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
      if ((text[i] & 0x80) == 0) {
        out_ += text[i];
      } else {
        raw(text[i]);
        if (i + 1 < text.size()) raw(text[++i]);
      }
    }
  }

  void decode_8_bit(std::string_view text) {
    for (std::size_t i = 0; i < text.size();) {
      const char c = text[i];
      if (c == '\x1B' && set_->has_code_extensions()) {
        i += escape(text.substr(i));
        continue;
      }
      ++i;
      if ((c & 0x80) == 0) {
        if (g0_multi_byte_ && c > ' ') {
          raw(c);
          continue;
        }
        out_ += c;
        if (!kept_ && ends_extension(c, representation_)) g1_ = set_->initial();
        if (c < ' ') g0_multi_byte_ = false;
        continue;
      }
      const auto code = kept_ ? 0 : decode_high(g1_, static_cast<unsigned char>(c));
      if (code != 0) append_utf8(out_, code);
      else undefined(c);
    }
  }

  // Reads an escape sequence; returns its size. From the first one that is not understood the text is kept as bytes,
  // later escapes included: taking out some of them would change what the rest means.
  std::size_t escape(std::string_view text) {
    std::size_t size = 1;  // intermediate bytes 20..2F, then a final one (ISO 2022)
    while (size < text.size() && text[size] >= ' ' && text[size] <= '/') ++size;
    if (size < text.size()) ++size;
    const auto sequence = text.substr(1, size - 1);
    if (!kept_) {
      if (sequence == "(B" || sequence == "(J") return size;
      if (sequence == ")I") {
        g1_ = repertoire::jis_x_0201;
        return size;
      }
      if (sequence.size() == 2 && sequence[0] == '-') {
        for (auto set = repertoire::latin1; set <= repertoire::thai; set = next(set)) {
          if (g1_final(set) != sequence[1]) continue;
          g1_ = set;
          return size;
        }
      }
    }
    kept_ = true;
    g0_multi_byte_ = sequence.starts_with('$') && !sequence.starts_with("$)");
    for (const char c : text.substr(0, size)) raw(c);
    return size;
  }

  [[nodiscard]] static constexpr repertoire next(repertoire set) noexcept {
    return static_cast<repertoire>(static_cast<std::uint8_t>(set) + 1);
  }

  const specific_character_set* set_;
  vr representation_;
  repertoire g1_;
  bool kept_ = false;           // as bytes, from an escape sequence on
  bool g0_multi_byte_ = false;  // bytes 21..7E are halves of characters
  std::string out_;
  std::size_t undecodable_ = 0;
};

class text_encoder {
 public:
  text_encoder(const specific_character_set& set, vr representation) noexcept
      : set_{&set}, representation_{representation}, g1_{set.initial()} {}

  [[nodiscard]] std::optional<std::string> encode(std::string_view utf8) {
    out_.reserve(utf8.size());
    while (!utf8.empty()) {
      const auto next = next_utf8(utf8);
      if (next.size == 0) return std::nullopt;
      if (is_raw_byte(next.code)) raw(static_cast<unsigned char>(next.code - raw_byte_base));
      else if (set_->initial() == repertoire::utf8) out_.append(utf8.substr(0, next.size));
      else if (next.code < 0x80) ascii(utf8.front());
      else if (!high(next.code)) return std::nullopt;
      utf8.remove_prefix(next.size);
    }
    back_to_initial();
    return std::move(out_);
  }

 private:
  void raw(unsigned char byte) {
    back_to_initial();
    out_ += static_cast<char>(byte);
    kept_ = kept_ || byte == 0x1B;
  }

  void ascii(char c) {
    if (ends_extension(c, representation_)) back_to_initial();
    out_ += c;
  }

  [[nodiscard]] bool high(char32_t code) {
    if (const auto byte = encode_high(g1_, code)) {
      out_ += static_cast<char>(byte);
      return true;
    }
    for (std::size_t term = 0; set_->has_code_extensions() && term < set_->size(); ++term) {
      const auto set = (*set_)[term];
      const auto byte = encode_high(set, code);
      if (byte == 0) continue;
      designate(set);
      out_ += static_cast<char>(byte);
      return true;
    }
    return false;
  }

  void designate(repertoire set) {
    g1_ = set;
    out_ += designation_of(set);
  }

  // Before a delimiter and at the end. The default repertoire has no G1 and so no escape sequence to return to it.
  void back_to_initial() {
    if (g1_ != set_->initial() && !kept_) designate(set_->initial());
  }

  const specific_character_set* set_;
  vr representation_;
  repertoire g1_;
  bool kept_ = false;  // a decoder takes no escape sequence after one that it does not understand
  std::string out_;
};

}  // namespace detail

inline specific_character_set::specific_character_set(std::string_view value) noexcept {
  size_ = 0;
  bool more = true;
  while (more && size_ < max_terms) {
    const auto end = value.find('\\');
    more = end != std::string_view::npos;
    const auto term = value.substr(0, end);
    if (more) value.remove_prefix(end + 1);

    // Capital letters and digits only, so that "iso-ir 100" reads as ISO_IR 100.
    std::array<char, 24> letters{};
    std::size_t count = 0;
    for (const char c : term) {
      const bool small = c >= 'a' && c <= 'z';
      if (count < letters.size() && (small || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')))
        letters[count++] = small ? static_cast<char>(c - 'a' + 'A') : c;
    }
    std::string_view key{letters.data(), count};
    if (key.starts_with("ISO2022")) {
      key.remove_prefix(7);
      code_extensions_ = true;
    } else if (key.starts_with("ISO")) {
      key.remove_prefix(3);
    }
    auto& set = terms_[size_++];
    if (count == 0) {
      set = repertoire::ascii;
      continue;
    }
    const auto& all = detail::character_set_terms;
    const auto found = std::find_if(all.begin(), all.end(), [key](const auto& t) { return t.key == key; });
    set = found == all.end() ? repertoire::unknown : found->set;
    known_ = known_ && found != all.end() && found->defined;
  }
  known_ = known_ && !more;
  code_extensions_ = code_extensions_ || size_ > 1;
}

inline std::string to_utf8(byte_span value, const specific_character_set& set, vr representation,
                           std::size_t* undecodable) {
  const auto text = as_text(value);
  if (detail::is_plain_ascii(text)) return std::string{text};
  detail::text_decoder decoder{set, representation};
  auto utf8 = decoder.decode(text);
  if (undecodable) *undecodable += decoder.undecodable();
  return utf8;
}

inline std::optional<std::string> from_utf8(std::string_view utf8, const specific_character_set& set,
                                            vr representation) {
  if (detail::is_plain_ascii(utf8)) return std::string{utf8};
  return detail::text_encoder{set, representation}.encode(utf8);
}

}  // namespace codicom
