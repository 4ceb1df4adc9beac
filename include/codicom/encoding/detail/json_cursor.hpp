#pragma once
#include <codicom/core/utf8.hpp>
#include <codicom/encoding/decode_json.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace codicom::detail {

// Walks JSON (RFC 8259), strictly: the caller says what may come next, everything else is a json_error.
class json_cursor {
 public:
  explicit json_cursor(std::string_view text) noexcept : text_{text} {}

  [[nodiscard]] std::size_t offset() const noexcept { return at_; }
  [[noreturn]] void fail(const std::string& what) const { throw json_error{at_, what}; }
  [[noreturn]] static void fail(std::size_t offset, const std::string& what) { throw json_error{offset, what}; }

  // The next character that is no space; NUL at the end.
  char peek() noexcept {
    while (at_ < text_.size() && std::string_view{" \t\r\n"}.find(text_[at_]) != std::string_view::npos) ++at_;
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  bool take(char c) noexcept {
    if (peek() != c || at_ == text_.size()) return false;
    ++at_;
    return true;
  }
  void expect(char c) {
    if (!take(c)) fail(std::string{"'"} + c + "' expected");
  }
  // Inside an array or object: is there one more value, or member? `first` is true before the first. Stops where it
  // begins.
  [[nodiscard]] bool more(char close, bool& first) {
    if (take(close)) return false;
    if (!first) expect(',');
    first = false;
    peek();
    return true;
  }
  void expect_end() {
    peek();
    if (at_ != text_.size()) fail("nothing more expected");
  }

  bool take_null() { return peek() == 'n' && word("null"); }

  // Lasts until the next one is read.
  std::string_view string() {
    expect('"');
    const auto start = at_;
    for (; at_ < text_.size(); ++at_) {
      const auto c = static_cast<unsigned char>(text_[at_]);
      if (c == '"') return text_.substr(start, at_++ - start);
      if (c < ' ' || c == '\\' || c >= 0x80) break;
    }
    scratch_.assign(text_.substr(start, at_ - start));
    for (;;) {
      if (at_ == text_.size()) fail("a string without end");
      const auto c = static_cast<unsigned char>(text_[at_]);
      if (c == '"') {
        ++at_;
        return scratch_;
      }
      if (c < ' ') fail("a control character in a string");
      if (c == '\\') {
        escape();
        continue;
      }
      const auto size = next_utf8(text_.substr(at_)).size;
      if (size == 0) fail("not UTF-8");
      scratch_ += text_.substr(at_, size);
      at_ += size;
    }
  }

  [[nodiscard]] std::string_view number() {
    peek();
    const auto start = at_;
    const auto digits = [this] {
      const auto from = at_;
      while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9') ++at_;
      if (at_ == from) fail("a digit expected");
    };
    const auto is = [this](std::string_view any) {
      return at_ < text_.size() && any.find(text_[at_]) != std::string_view::npos;
    };
    if (is("-")) ++at_;
    if (is("0")) ++at_;
    else digits();
    if (is(".")) {
      ++at_;
      digits();
    }
    if (is("eE")) {
      ++at_;
      if (is("+-")) ++at_;
      digits();
    }
    return text_.substr(start, at_ - start);
  }

  // Whatever it is, looked through all the same. `depth` arrays and objects, one in another.
  void skip_value(std::size_t depth) {
    std::string open;  // the brackets that will close them
    bool first = true;
    for (;;) {
      if (!open.empty()) {
        if (!more(open.back(), first)) {
          open.pop_back();
          first = false;
          if (open.empty()) return;
          continue;
        }
        if (open.back() == '}') {
          string();
          expect(':');
        }
      }
      const char c = peek();
      if (c == '{' || c == '[') {
        if (open.size() == depth) fail("nested too deep");
        ++at_;
        open += c == '{' ? '}' : ']';
        first = true;
        continue;
      }
      if (c == '"') string();
      else if (c == 't') word("true");
      else if (c == 'f') word("false");
      else if (c == 'n') word("null");
      else static_cast<void>(number());
      if (open.empty()) return;
    }
  }

 private:
  bool word(std::string_view expected) {
    if (text_.substr(at_, expected.size()) != expected) fail("'" + std::string{expected} + "' expected");
    at_ += expected.size();
    return true;
  }

  void escape() {
    const auto start = at_++;
    const char c = at_ < text_.size() ? text_[at_++] : '\0';
    constexpr std::string_view letters = "\"\\/bfnrt";
    if (const auto which = letters.find(c); c != '\0' && which != std::string_view::npos) {
      scratch_ += "\"\\/\b\f\n\r\t"[which];
      return;
    }
    if (c != 'u') fail(start, "no such escape");
    char32_t code = four_digits();
    if (code >= 0xD800 && code < 0xDC00) {  // the first half of a surrogate pair
      if (text_.substr(at_, 2) != "\\u") fail(start, "half a surrogate pair");
      at_ += 2;
      const char32_t low = four_digits();
      if (low < 0xDC00 || low > 0xDFFF) fail(start, "half a surrogate pair");
      code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    } else if (code >= 0xDC00 && code <= 0xDFFF) {
      fail(start, "half a surrogate pair");
    }
    append_utf8(scratch_, code);
  }

  [[nodiscard]] char32_t four_digits() {
    char32_t code = 0;
    for (int i = 0; i < 4; ++i, ++at_) {
      const char c = at_ < text_.size() ? text_[at_] : '\0';
      if (c >= '0' && c <= '9') code = code << 4 | static_cast<char32_t>(c - '0');
      else if (c >= 'A' && c <= 'F') code = code << 4 | static_cast<char32_t>(c - 'A' + 10);
      else if (c >= 'a' && c <= 'f') code = code << 4 | static_cast<char32_t>(c - 'a' + 10);
      else fail("four hexadecimal digits expected");
    }
    return code;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string scratch_;
};

}  // namespace codicom::detail
