#pragma once
#include <codicom/core/utf8.hpp>
#include <codicom/data_set/detail/repertoires.hpp>

#include <string>
#include <string_view>
#include <utility>

namespace codicom::detail {

// Text of a value to UTF-8. What cannot be converted is kept as raw bytes. In a text with code extensions such a run of
// raw bytes has in it the escape sequences that it needs to mean the same when it is written again: `text_encoder`
// begins a run with the sets of the first term.
class text_decoder {
 public:
  text_decoder(const specific_character_set& set, vr representation) noexcept
      : set_{&set}, representation_{representation} {
    reset();
  }

  [[nodiscard]] std::string decode(std::string_view text) {
    out_.reserve(text.size() + text.size() / 2);
    switch (set_->initial()) {
      case repertoire::utf8: decode_utf8(text); break;
      case repertoire::gb18030:
      case repertoire::gbk: decode_variable(text); break;
      default: decode_8_bit(text); break;
    }
    return std::move(out_);
  }
  [[nodiscard]] std::size_t undecodable() const noexcept { return undecodable_; }

 private:
  struct half {
    repertoire set;
    std::string_view escape;  // that designated it
    bool named = false;       // in the run of raw bytes that `out_` ends with
  };

  void reset() noexcept {
    for (const auto which : {code_half::g0, code_half::g1}) {
      const auto set = initial_set(*set_, which);
      (which == code_half::g0 ? g0_ : g1_) = {set, escape_of(set, which), false};
    }
  }

  void put(char32_t c) {
    append_utf8(out_, c);
    g0_.named = g1_.named = any_named_ = false;
  }
  void raw(std::string_view bytes) {
    for (const char c : bytes) append_utf8(out_, raw_byte_base + static_cast<unsigned char>(c));
    undecodable_ += bytes.size();
  }
  // Bytes that the set in a half does not define.
  void undefined(half& h, code_half which, std::string_view bytes) {
    if (!h.named && (h.set != initial_set(*set_, which) || any_named_)) {
      raw(h.escape);
      h.named = any_named_ = true;
    }
    raw(bytes);
  }

  void decode_utf8(std::string_view text) {
    while (!text.empty()) {
      auto next = next_utf8(text);
      if (next.size == 0 || is_raw_byte(next.code)) raw(text.substr(0, next.size = 1));
      else out_.append(text.substr(0, next.size));
      text.remove_prefix(next.size);
    }
  }

  // GBK and GB18030: the second byte of a character may look like a backslash.
  void decode_variable(std::string_view text) {
    while (!text.empty()) {
      const auto size = size_of_variable(text);
      const auto bytes = text.substr(0, size);
      if ((text[0] & 0x80) == 0) out_ += text[0];
      else if (const auto c = size == 1 ? 0 : decode_multi_byte(set_->initial(), bytes)) append_utf8(out_, c);
      else raw(bytes);
      text.remove_prefix(size);
    }
  }

  [[nodiscard]] std::size_t size_of_variable(std::string_view text) const noexcept {
    const auto in = [&text](std::size_t at, unsigned char first, unsigned char last) {
      return at < text.size() && static_cast<unsigned char>(text[at]) >= first &&
             static_cast<unsigned char>(text[at]) <= last;
    };
    if (!in(0, 0x81, 0xFE)) return 1;
    if (in(1, 0x40, 0x7E) || in(1, 0x80, 0xFE)) return 2;
    const bool four = set_->initial() == repertoire::gb18030 && in(1, '0', '9') && in(2, 0x81, 0xFE) && in(3, '0', '9');
    return four ? 4 : 1;
  }

  void decode_8_bit(std::string_view text) {
    while (!text.empty()) {
      const char c = text.front();
      std::size_t size = 1;
      if (c == '\x1B' && set_->has_code_extensions()) size = escape(text);
      else if ((c & 0x80) != 0) size = high(text);
      else if (g0_.set == repertoire::ascii || c <= ' ' || c == '\x7F') plain(c, static_cast<unsigned char>(c));
      else if (g0_.set == repertoire::jis_x_0201) plain(c, decode_romaji(c, representation_));
      else size = low(text);
      text.remove_prefix(size);
    }
  }

  void plain(char c, char32_t code) {
    put(code);
    if (ends_extension(c, representation_)) reset();
  }

  // A byte 80..FF, with the second one of its character.
  std::size_t high(std::string_view text) {
    const auto is_half = [](char c) { return static_cast<unsigned char>(c) > 0xA0 && c != '\xFF'; };
    if (!is_multi_byte(g1_.set)) return character(g1_, code_half::g1, text.substr(0, 1));
    const std::size_t size = text.size() > 1 && is_half(text[0]) && is_half(text[1]) ? 2 : 1;
    return character(g1_, code_half::g1, text.substr(0, size));
  }

  // A byte 21..7E that is half a character.
  std::size_t low(std::string_view text) {
    const std::size_t size = text.size() > 1 && text[1] > ' ' && text[1] < '\x7F' ? 2 : 1;
    return character(g0_, code_half::g0, text.substr(0, size));
  }

  std::size_t character(half& h, code_half which, std::string_view bytes) {
    char32_t c = 0;
    if (!is_multi_byte(h.set)) {
      c = decode_high(h.set, static_cast<unsigned char>(bytes[0]));
    } else if (bytes.size() == 2) {
      const char seven_bits[]{static_cast<char>(bytes[0] & 0x7F), static_cast<char>(bytes[1] & 0x7F)};
      c = decode_multi_byte(h.set, {seven_bits, 2});
    }
    if (c != 0) {
      put(c);
    } else {
      undefined(h, which, bytes);
      if (is_multi_byte(h.set) && bytes.size() == 1) {  // half a character, which must not find its other half
        h.named = false;
        any_named_ = true;
      }
    }
    return bytes.size();
  }

  std::size_t escape(std::string_view text) {
    const auto sequence = read_escape(text);
    const auto bytes = text.substr(0, sequence.size);
    const bool unknown = sequence.set == repertoire::unknown;
    if (sequence.half == code_half::none) g0_.named = false;  // what follows must not look like its end
    else (sequence.half == code_half::g0 ? g0_ : g1_) = {sequence.set, bytes, unknown};
    if (unknown) {
      raw(bytes);
      any_named_ = true;
    }
    return sequence.size;
  }

  const specific_character_set* set_;
  vr representation_;
  half g0_;
  half g1_;
  bool any_named_ = false;  // in that run, whatever set; then all that follow in it are
  std::string out_;
  std::size_t undecodable_ = 0;
};

}  // namespace codicom::detail
