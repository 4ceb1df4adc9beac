#pragma once
#include <codicom/core/config.hpp>
#include <codicom/core/utf8.hpp>
#include <codicom/data_set/character_set.hpp>
#include <codicom/data_set/dump.hpp>
#include <codicom/data_set/private_block.hpp>
#include <codicom/dictionary/dictionary.hpp>
#include <codicom/dictionary/uids.hpp>

#include <limits>
#include <string_view>

namespace codicom {

namespace detail {

class dump_writer {
 public:
  explicit dump_writer(const dump_options& options) noexcept
      : options_{options},
        most_{options.max_characters == 0 ? std::numeric_limits<std::size_t>::max() : options.max_characters} {}

  void write(const data_set& object, std::size_t level) {
    for (const auto& e : object) write(object, e, level);
  }
  void write(const data_set& object, const element& e, std::size_t level) {
    line(object, e, level);
    std::size_t number = 0;
    for (const auto& item : e.items()) {
      out_.append((level * 2 + 1) * options_.indentation, ' ');
      colour(faint);
      out_ += "item " + std::to_string(++number);
      colour(plain_colour);
      out_ += '\n';
      write(item, level + 1);
    }
  }
  [[nodiscard]] std::string take() && { return std::move(out_); }

 private:
  static constexpr std::size_t value_column = 15;   // behind "(0008,0060) CS "
  static constexpr std::size_t remark_column = 68;  // of "#"

  void line(const data_set& object, const element& e, std::size_t level) {
    const auto indentation = level * 2 * options_.indentation;
    out_.append(indentation, ' ');
    colour(cyan);
    out_ += to_string(e.tag());
    colour(yellow);
    (out_ += ' ').append(code(e.value_representation())) += ' ';
    colour(plain_colour);
    const auto width = value_column + indentation + value(object, e);
    out_.append(width < remark_column ? remark_column - width : 1, ' ');
    colour(green);
    out_ += "# ";
    if (!e.is_sequence() && !e.is_encapsulated()) out_ += std::to_string(e.length()) + ' ';
    out_ += remark(object, e);
    while (out_.back() == ' ') out_.pop_back();
    colour(plain_colour);
    out_ += '\n';
  }

  static constexpr std::string_view plain_colour = "\033[0m", faint = "\033[2m", green = "\033[32m",
                                    yellow = "\033[33m", cyan = "\033[36m";
  void colour(std::string_view sequence) {
    if (options_.colours) out_ += sequence;
  }

  // Appends the value; returns its number of characters.
  std::size_t value(const data_set& object, const element& e) {
    if (e.is_sequence()) return plain(count(e.items().size(), "item"));
    if (e.is_encapsulated()) {
      std::size_t bytes = 0;
      for (const auto& fragment : e.fragments()) bytes += fragment.size();
      return plain(count(e.fragments().size(), "fragment") + ", " + count(bytes, "byte"));
    }
    const auto v = e.value_representation();
    // A table of numbers is not worth its text when only the first few will be shown.
    constexpr std::size_t many = 4096;
    if (!is_text(v) && (!is_multi_valued(v) || e.length() > many)) return words(e.bytes(), unit_size(v));
    const auto text = object.text(e);
    auto width = shown(text);
    if (v == vr::ui && !text.empty())
      if (const auto name = uid_name(text); !name.empty()) width += plain(" (" + std::string{name} + ')');
    return width;
  }

  [[nodiscard]] static std::string count(std::size_t n, std::string_view what) {
    return std::to_string(n).append(" ").append(what) + (n == 1 ? "" : "s");
  }

  std::size_t plain(std::string_view text) {
    out_ += text;
    return text.size();
  }

  // Binary words in hexadecimal digits, the most significant first.
  std::size_t words(byte_span bytes, std::size_t unit) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::size_t width = 0;
    for (std::size_t at = 0; at < bytes.size(); at += unit) {
      const auto size = std::min(unit, bytes.size() - at);
      const std::size_t gap = at == 0 ? 0 : 1;
      if (width + gap + 2 * size > most_) return width + plain("...");
      out_.append(gap, ' ');
      for (std::size_t i = size; i-- > 0;) {
        const auto byte = std::to_integer<unsigned>(bytes[at + i]);
        (out_ += digits[byte >> 4]) += digits[byte & 15];
      }
      width += gap + 2 * size;
    }
    return width;
  }

  // Text, cut at the limit, with everything that a terminal would obey made visible.
  std::size_t shown(std::string_view utf8) {
    std::size_t width = 0;
    while (!utf8.empty()) {
      if (width >= most_) return width + plain("...");
      const auto next = next_utf8(utf8);
      const auto size = next.size == 0 ? 1 : next.size;
      if (next.size == 0) {
        width += hexadecimal(static_cast<unsigned char>(utf8.front()));
      } else if (is_raw_byte(next.code)) {
        width += hexadecimal(static_cast<unsigned char>(next.code - raw_byte_base));
      } else if (next.code < 0x20 || (next.code >= 0x7F && next.code < 0xA0)) {
        width += next.code == '\n'   ? plain("<LF>")
                 : next.code == '\r' ? plain("<CR>")
                                     : hexadecimal(static_cast<unsigned char>(next.code));
      } else {
        out_ += utf8.substr(0, size);
        ++width;
      }
      utf8.remove_prefix(size);
    }
    return width;
  }

  std::size_t hexadecimal(unsigned char byte) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    return plain(std::string{'<', digits[byte >> 4], digits[byte & 15], '>'});
  }

  [[nodiscard]] static std::string remark(const data_set& object, const element& e) {
    const auto tag = e.tag();
    if (const auto word = keyword(tag); !word.empty()) return std::string{word};
    const auto creator = private_creator(object, tag);
    if (creator.empty()) return {};
    dump_writer safe{dump_options{}};
    safe.shown(creator);
    return '[' + std::move(safe).take() + ']';
  }

  dump_options options_;
  std::size_t most_;
  std::string out_;
};

}  // namespace detail

CODICOM_FUNCTION std::string dump(const data_set& object, const dump_options& options) {
  detail::dump_writer writer{options};
  writer.write(object, 0);
  return std::move(writer).take();
}

CODICOM_FUNCTION std::string dump(const data_set& object, const element& one, const dump_options& options) {
  detail::dump_writer writer{options};
  writer.write(object, one, 0);
  return std::move(writer).take();
}

}  // namespace codicom
