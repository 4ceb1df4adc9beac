#pragma once
#include <codicom/core/utf8.hpp>
#include <codicom/data_set/detail/repertoires.hpp>

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace codicom::detail {

// UTF-8 to the text of a value: the inverse of `text_decoder`.
class text_encoder {
 public:
  text_encoder(const specific_character_set& set, vr representation) noexcept
      : set_{&set}, representation_{representation} {
    reset();
  }

  [[nodiscard]] std::optional<std::string> encode(std::string_view utf8) {
    out_.reserve(utf8.size());
    while (!utf8.empty()) {
      const auto next = next_utf8(utf8);
      if (next.size == 0) return std::nullopt;
      if (is_raw_byte(next.code)) {
        if (!raw_run(utf8)) return std::nullopt;
        continue;
      }
      if (!character(next.code, utf8.substr(0, next.size))) return std::nullopt;
      utf8.remove_prefix(next.size);
    }
    back_to_initial();
    return std::move(out_);
  }

 private:
  struct half {
    repertoire set;
    bool torn = false;  // half a character may stand before
  };

  void reset() noexcept {
    g0_ = {initial_set(*set_, code_half::g0)};
    g1_ = {initial_set(*set_, code_half::g1)};
    segment_ = out_.size();
  }

  // Before a delimiter, before raw bytes and at the end. There is no escape sequence back to a G1 without a set; a
  // delimiter does it alone.
  void back_to_initial() {
    const auto g0 = initial_set(*set_, code_half::g0);
    const auto g1 = initial_set(*set_, code_half::g1);
    if (g0_.set != g0) designate(g0, code_half::g0);
    if (g1_.set != g1 && g1 != repertoire::ascii) designate(g1, code_half::g1);
  }

  void designate(repertoire set, code_half which) {
    const auto escape = escape_of(set, which);
    // Korean text has it at the beginning of the line or component (PS3.5 §I.3), all other where it is needed.
    if (set == repertoire::ks_x_1001 && g1_.set == repertoire::ascii) out_.insert(segment_, escape);
    else out_ += escape;
    (which == code_half::g0 ? g0_ : g1_) = {set};
  }

  // The raw bytes at the front of the text, with the escape sequences among them. False when they belong to a G1
  // without a set, and there is no way back to that.
  [[nodiscard]] bool raw_run(std::string_view& utf8) {
    back_to_initial();
    auto at = out_.size();
    while (!utf8.empty()) {
      const auto next = next_utf8(utf8);
      if (next.size == 0 || !is_raw_byte(next.code)) break;
      out_ += static_cast<char>(static_cast<unsigned char>(next.code - raw_byte_base));
      utf8.remove_prefix(next.size);
    }
    if (!set_->has_code_extensions()) return true;
    bool stranded = g1_.set != initial_set(*set_, code_half::g1);
    while (at < out_.size()) {
      if (out_[at] != '\x1B') {
        if (stranded && (out_[at] & 0x80) != 0) return false;
        ++at;
        continue;
      }
      const auto sequence = read_escape(std::string_view{out_}.substr(at));
      at += sequence.size;
      if (sequence.half == code_half::none) cut_ = at;
      else (sequence.half == code_half::g0 ? g0_ : g1_).set = sequence.set;
      stranded = stranded && sequence.half != code_half::g1;
    }
    g0_.torn = g1_.torn = true;
    segment_ = out_.size();
    return true;
  }

  [[nodiscard]] bool character(char32_t c, std::string_view utf8) {
    std::array<char, 4> bytes{};
    switch (set_->initial()) {
      case repertoire::utf8: out_ += utf8; return true;
      case repertoire::gb18030:
      case repertoire::gbk: {
        const auto size = c < 0x80 ? 0 : encode_multi_byte(set_->initial(), c, bytes);
        if (c < 0x80) out_ += utf8;
        else out_.append(bytes.data(), size);
        return c < 0x80 || size != 0;
      }
      default: break;
    }
    if (c < 0x80 && ends_extension(utf8[0], representation_)) {
      back_to_initial();
      end_escape(utf8[0]);
      out_ += utf8;
      reset();
      return true;
    }
    if (put(c, g0_.set, code_half::g0) || put(c, g1_.set, code_half::g1)) return true;
    if (put(c, initial_set(*set_, code_half::g0), code_half::g0)) return true;
    for (std::size_t term = 0; set_->has_code_extensions() && term < set_->size(); ++term)
      for (const auto& d : designations)
        if ((d.set == (*set_)[term] || (d.set == repertoire::ascii && has_ascii((*set_)[term]))) &&
            put(c, d.set, d.half))
          return true;
    return false;
  }

  // Sets that have ASCII in their other half.
  [[nodiscard]] static bool has_ascii(repertoire set) noexcept {
    return set != repertoire::jis_x_0201 && escape_of(set, code_half::g0).empty();
  }

  // Writes the character when the set has it, designated to that half first where it is not.
  [[nodiscard]] bool put(char32_t c, repertoire set, code_half which) {
    std::array<char, 4> bytes{};
    std::size_t size = 0;
    if (is_multi_byte(set)) {
      size = encode_multi_byte(set, c, bytes);
      if (which == code_half::g1)
        for (auto& byte : bytes) byte = static_cast<char>(byte | '\x80');
    } else {
      if (which == code_half::g1) bytes[0] = static_cast<char>(encode_high(set, c));
      else if (set == repertoire::jis_x_0201) bytes[0] = encode_romaji(c, representation_);
      else if (set == repertoire::ascii && c < 0x80) bytes[0] = static_cast<char>(c);
      size = bytes[0] != 0 || c == 0 ? 1 : 0;
    }
    if (size == 0) return false;
    auto& h = which == code_half::g0 ? g0_ : g1_;
    if (h.set != set || (h.torn && is_multi_byte(set))) designate(set, which);
    end_escape(bytes[0]);
    out_.append(bytes.data(), size);
    return true;
  }

  // After an escape sequence that was cut short: what follows must not look like its end.
  void end_escape(char next) {
    if (cut_ == out_.size() && next >= ' ') out_ += escape_of(g0_.set, code_half::g0);
  }

  const specific_character_set* set_;
  vr representation_;
  half g0_;
  half g1_;
  std::size_t cut_ = std::string::npos;
  std::size_t segment_ = 0;  // where the line, value or component begins, or raw bytes end
  std::string out_;
};

}  // namespace codicom::detail
