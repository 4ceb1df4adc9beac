#pragma once
#include <codicom/core/config.hpp>
#include <codicom/data_set/character_set.hpp>
#include <codicom/data_set/detail/number_text.hpp>
#include <codicom/encoding/detail/base64.hpp>
#include <codicom/encoding/encode_json.hpp>

#include <charconv>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <vector>

namespace codicom {

namespace detail {

// Any double holds that many digits, and prints them again (DBL_DIG).
inline constexpr std::size_t exact_digits = 15;
// Beyond it, a reader that keeps numbers as doubles does not tell neighbours apart (RFC 8259 §6).
inline constexpr std::int64_t greatest_exact_integer = (std::int64_t{1} << 53) - 1;

// Is a value of DS or IS what every reader prints again when it has read it as a JSON number? Below 0.0001 some print
// an exponent.
[[nodiscard]] inline bool prints_back(std::string_view text) noexcept {
  const auto digits_from = [&text](std::size_t at) {
    while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
    return at;
  };
  const std::size_t first = text.starts_with('-') ? 1 : 0;
  const auto point = digits_from(first);
  if (point == first || point - first > exact_digits || (text[first] == '0' && point > first + 1)) return false;
  if (point == text.size()) return text != "-0";
  if (text[point] != '.' || digits_from(point + 1) != text.size() || text.back() == '0' || text.back() == '.')
    return false;
  if (text.size() - first - 1 > exact_digits) return false;
  return text[first] != '0' || text.find_first_not_of('0', point + 1) <= point + 4;
}

// PS3.18 §F.2.2: these VRs may be bulk data.
[[nodiscard]] constexpr bool may_be_bulk_data(vr v) noexcept {
  switch (v) {
    case vr::ae: case vr::as: case vr::at: case vr::cs: case vr::da: case vr::dt: case vr::lo: case vr::pn: case vr::sh:
    case vr::sq: case vr::tm: case vr::ui: case vr::ur: case vr::none: return false;
    default: return true;
  }
}

class json_encoder {
 public:
  using flush_function = void (*)(void*, std::string_view);

  json_encoder(std::string& out, const json_encode_options& options, flush_function flush = nullptr,
               void* sink = nullptr) noexcept
      : out_{&out}, options_{&options}, flush_{flush}, sink_{sink} {}

  void write(const data_set& root) {
    open(root, specific_character_set{root.specific_character_set()});
    while (!levels_.empty()) {
      auto& now = levels_.back();
      if (now.sequence != nullptr) {
        const auto items = now.sequence->items();
        if (now.item == items.size()) {
          *out_ += "]}";
          now.sequence = nullptr;
          continue;
        }
        if (now.item != 0) *out_ += ',';
        const auto& item = items[now.item++];
        const auto* own = item.find(specific_character_set_tag);
        open(item, own == nullptr ? now.set : specific_character_set{trimmed(as_text(own->bytes()))});
        continue;
      }
      if (now.next == now.d->end()) {
        *out_ += '}';
        levels_.pop_back();
        continue;
      }
      write(now, *now.next++);
      flush_when_full();
    }
  }
  void write(std::span<const data_set> all) {
    *out_ += '[';
    for (const auto& one : all) {
      if (&one != all.data()) *out_ += ',';
      write(one);
    }
    *out_ += ']';
  }
  void flush() {
    if (flush_ == nullptr || out_->empty()) return;
    flush_(sink_, *out_);
    out_->clear();
  }

 private:
  struct level {
    const data_set* d;
    const element* next;
    specific_character_set set;
    const element* sequence = nullptr;  // whose items are being written
    std::size_t item = 0;               // the next of them
    std::int64_t last_tag = -1;
  };

  void open(const data_set& d, const specific_character_set& set) {
    *out_ += '{';
    levels_.push_back({&d, d.begin(), set});
  }

  void flush_when_full() {
    constexpr std::size_t full = 64 << 10;
    if (out_->size() >= full) flush();
  }

  void write(level& now, const element& e) {
    if (e.tag().is_group_length() || e.tag().value == now.last_tag) return;
    if (now.last_tag >= 0) *out_ += ',';
    now.last_tag = e.tag().value;
    const vr v = e.value_representation();
    const bool misplaced = v == vr::sq && !e.is_sequence() && !e.empty();
    *out_ += '"';
    tag_digits(e.tag());
    (*out_ += "\":{\"vr\":\"") += e.is_sequence() ? "SQ" : misplaced ? "UN" : code(v);
    *out_ += '"';
    if (e.is_sequence() && !e.empty()) {
      *out_ += ",\"Value\":[";
      now.sequence = &e;
      now.item = 0;
      return;
    }
    if (!e.empty() && !bulk_data(e)) value(now, e);
    *out_ += '}';
  }

  [[nodiscard]] bool bulk_data(const element& e) {
    if (!options_->bulk_data_uri || !may_be_bulk_data(e.value_representation())) return false;
    std::string path;
    for (const auto& one : levels_) {
      const auto tag = to_string(one.sequence == nullptr ? e.tag() : one.sequence->tag());
      path.append(tag, 1, 4).append(tag, 6, 4);
      if (one.sequence != nullptr) path.append("[").append(std::to_string(one.item - 1)) += "].";
    }
    const auto uri = options_->bulk_data_uri(path, e);
    if (uri.empty()) return false;
    *out_ += ",\"BulkDataURI\":";
    string(uri);
    return true;
  }

  void value(const level& now, const element& e) {
    const vr v = e.value_representation();
    const auto bytes = e.bytes();
    if (is_text(v)) {
      const auto raw = as_text(bytes);
      if (needs_no_conversion(v, raw)) return text(v, raw);
      return text(v, to_utf8(bytes, has_character_set(v) ? now.set : specific_character_set{""}, v));
    }
    const std::size_t unit = v == vr::at ? 4 : unit_size(v);
    if (e.is_encapsulated() || !is_multi_valued(v) || bytes.size() % unit != 0) return inline_binary(e);
    begin_values();
    if (v == vr::at) {
      for (std::size_t at = 0; at < bytes.size(); at += 4) {
        next_value();
        *out_ += '"';
        tag_digits(element_tag{load_le<std::uint16_t>(bytes.data() + at), load_le<std::uint16_t>(bytes.data() + at + 2)});
        *out_ += '"';
        flush_when_full();
      }
    } else {
      each_number(v, bytes, [this](auto number) {
        next_value();
        put(number);
        flush_when_full();
        return true;
      });
    }
    *out_ += ']';
  }

  void text(vr v, std::string_view utf8) {
    const auto cut = [](std::string_view from, std::string_view ends) {
      return from.substr(0, from.find_last_not_of(ends) + 1);
    };
    constexpr std::string_view padding{" \0=", 3};
    utf8 = cut(utf8, v == vr::pn ? padding : padding.substr(0, 2));  // an empty group at the end of a name says nothing
    if (utf8.empty()) return;
    begin_values();
    each_part(utf8, is_multi_valued(v), [&](std::string_view part) {
      next_value();
      if (v == vr::pn) part = cut(part, "=");
      if (part.empty()) *out_ += "null";
      else if (v == vr::pn) person_name(part);
      else if ((v == vr::is || v == vr::ds) && prints_back(part)) *out_ += part;
      else string(part);
      flush_when_full();
      return true;
    });
    *out_ += ']';
  }

  // Component groups as they are; what follows a third `=` stays in the last.
  void person_name(std::string_view name) {
    *out_ += '{';
    bool first = true;
    for (const auto* group : {"Alphabetic", "Ideographic", "Phonetic"}) {
      const bool last = group[0] == 'P';
      const auto end = last ? std::string_view::npos : name.find('=');
      if (const auto part = name.substr(0, end); !part.empty()) {
        ((*out_ += first ? "\"" : ",\"") += group) += "\":";
        string(part);
        first = false;
      }
      if (end == std::string_view::npos) break;
      name.remove_prefix(end + 1);
    }
    *out_ += '}';
  }

  void inline_binary(const element& e) {
    *out_ += ",\"InlineBinary\":\"";
    base64_encoder base64{*out_};
    const auto append = [&](byte_span bytes) {
      constexpr std::size_t step = 48 << 10;
      for (std::size_t at = 0; at < bytes.size(); at += step) {
        base64.append(bytes.subspan(at, std::min(step, bytes.size() - at)));
        flush_when_full();
      }
    };
    append(e.bytes());
    for (const auto& fragment : e.fragments()) {
      std::byte header[8] = {std::byte{0xFE}, std::byte{0xFF}, std::byte{0x00}, std::byte{0xE0}};
      const auto odd = fragment.size() % 2;
      store_le(header + 4, static_cast<std::uint32_t>(fragment.size() + odd));
      append(header);
      append(fragment);
      append(byte_span{header}.subspan(2, odd));  // a zero
    }
    base64.finish();
    *out_ += '"';
  }

  void begin_values() {
    *out_ += ",\"Value\":[";
    first_value_ = true;
  }
  void next_value() {
    if (!first_value_) *out_ += ',';
    first_value_ = false;
  }

  template <class T>
  void put(T number) {
    if constexpr (std::floating_point<T>) {
      if (std::isnan(number)) *out_ += "\"NaN\"";
      else if (std::isinf(number)) *out_ += number < 0 ? "\"-Infinity\"" : "\"Infinity\"";
      else if (number == 0 && std::signbit(number)) *out_ += "-0.0";  // "-0" is an integer to some
      else *out_ += number_text(number);
    } else if constexpr (sizeof(T) == 8) {
      constexpr auto greatest = static_cast<T>(greatest_exact_integer);
      const bool exact = number <= greatest && (std::is_unsigned_v<T> || number >= T{} - greatest);
      if (!exact) *out_ += '"';
      *out_ += number_text(number);
      if (!exact) *out_ += '"';
    } else {
      *out_ += number_text(number);
    }
  }

  void tag_digits(element_tag tag) { hexadecimal(tag.value, 8); }
  void hexadecimal(std::uint32_t value, unsigned digits) {
    while (digits-- > 0) *out_ += "0123456789ABCDEF"[value >> (4 * digits) & 15];
  }

  // RFC 8259 §7. `utf8` is valid.
  void string(std::string_view utf8) {
    *out_ += '"';
    std::size_t plain = 0;
    for (std::size_t at = 0; at < utf8.size(); ++at) {
      const auto c = static_cast<unsigned char>(utf8[at]);
      if (c >= ' ' && c != '"' && c != '\\') continue;
      *out_ += utf8.substr(plain, at - plain);
      plain = at + 1;
      *out_ += '\\';
      if (c == '"' || c == '\\') *out_ += static_cast<char>(c);
      else if (c == '\n') *out_ += 'n';
      else if (c == '\r') *out_ += 'r';
      else if (c == '\t') *out_ += 't';
      else {
        *out_ += 'u';
        hexadecimal(c, 4);
      }
    }
    *out_ += utf8.substr(plain);
    *out_ += '"';
  }

  std::string* out_;
  const json_encode_options* options_;
  flush_function flush_;
  void* sink_;
  std::vector<level> levels_;
  bool first_value_ = true;
};

}  // namespace detail

CODICOM_FUNCTION std::string encode_json(const data_set& from, const json_encode_options& options) {
  std::string out;
  detail::json_encoder{out, options}.write(from);
  return out;
}

CODICOM_FUNCTION std::string encode_json(std::span<const data_set> from, const json_encode_options& options) {
  std::string out;
  detail::json_encoder{out, options}.write(from);
  return out;
}

CODICOM_FUNCTION void detail::encode_json_to(const data_set& from, void (*sink)(void*, std::string_view), void* target,
                                             const json_encode_options& options) {
  std::string piece;
  json_encoder encoder{piece, options, sink, target};
  encoder.write(from);
  encoder.flush();
}

}  // namespace codicom
