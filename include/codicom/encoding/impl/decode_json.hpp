#pragma once
#include <codicom/core/config.hpp>
#include <codicom/data_set/character_set.hpp>
#include <codicom/data_set/detail/access.hpp>
#include <codicom/data_set/detail/number_text.hpp>
#include <codicom/encoding/data_set_builder.hpp>
#include <codicom/encoding/decode_json.hpp>
#include <codicom/encoding/detail/base64.hpp>
#include <codicom/encoding/detail/json_cursor.hpp>

#include <algorithm>
#include <bit>
#include <charconv>
#include <concepts>
#include <limits>
#include <utility>

namespace codicom {

namespace detail {

// Eight hexadecimal digits, capital letters.
[[nodiscard]] inline std::optional<element_tag> tag_of_digits(std::string_view digits) noexcept {
  if (digits.size() != 8) return std::nullopt;
  std::uint32_t value = 0;
  for (const char c : digits) {
    if (c >= '0' && c <= '9') value = value << 4 | static_cast<std::uint32_t>(c - '0');
    else if (c >= 'A' && c <= 'F') value = value << 4 | static_cast<std::uint32_t>(c - 'A' + 10);
    else return std::nullopt;
  }
  return element_tag{value};
}

// The fragments of a value that is nothing but items (PS3.5 §A.4); none when it is something else.
[[nodiscard]] inline std::vector<byte_span> fragments_in(byte_span value) {
  std::vector<byte_span> fragments;
  while (value.size() >= 8 && load_le<std::uint32_t>(value.data()) == 0xE000FFFE) {
    const auto length = load_le<std::uint32_t>(value.data() + 4);
    if (length % 2 != 0 || length > value.size() - 8) return {};
    fragments.push_back(value.subspan(8, length));
    value = value.subspan(8 + std::size_t{length});
  }
  // Some writers leave the delimiter in.
  constexpr std::uint32_t delimiter = 0xE0DDFFFE;
  if (value.size() == 8 && load_le<std::uint32_t>(value.data()) == delimiter) value = {};
  return value.empty() ? fragments : std::vector<byte_span>{};
}

// Builds data sets with text in UTF-8; `finish_text` then gives it the character set it should have.
class json_decoder {
 public:
  json_decoder(json_cursor& cursor, const json_decode_options& options)
      : cursor_{&cursor}, options_{&options}, builder_{builder_options(options)} {}

  [[nodiscard]] data_set read() {
    elements_ = 0;
    in_order_ = true;
    has_foreign_text_ = false;
    names_character_set_ = false;
    cursor_->expect('{');
    current_ = {};
    while (read_members()) {}
    data_set root = builder_.take();
    if (!in_order_) check_unique(root);
    if (names_character_set_ || has_foreign_text_) finish_text(root);
    return root;
  }

 private:
  struct attribute {
    element_tag tag{};
    std::size_t offset = 0;
    vr representation = vr::none;
    bool first_member = true;
    bool has_vr = false;
    bool has_value = false;  // of any of the three kinds
  };
  struct data_set_state {
    bool first = true;
    std::int64_t last_tag = -1;
  };
  // A sequence whose items are being read.
  struct level {
    attribute sequence;
    data_set_state around;
    bool first_item = true;
  };

  [[nodiscard]] static decode_options builder_options(const json_decode_options& options) {
    decode_options inner;
    inner.limits = options.limits;
    return inner;
  }
  [[noreturn]] static void exceeds(const char* limit) {
    throw std::system_error{errc::limit_exceeded, std::string{"limits."} + limit};
  }

  // One attribute, or the end of a data set. False at the end of the root.
  [[nodiscard]] bool read_members() {
    attribute now;
    if (cursor_->more('}', current_.first)) {
      now.offset = cursor_->offset();
      const auto name = tag_of_digits(cursor_->string());
      if (!name) json_cursor::fail(now.offset, "an attribute is named by eight hexadecimal digits, capital letters");
      now.tag = *name;
      in_order_ = in_order_ && std::int64_t{now.tag.value} > current_.last_tag;
      current_.last_tag = now.tag.value;
      if (++elements_ > options_->limits.elements) exceeds("elements");
      cursor_->expect(':');
      cursor_->expect('{');
    } else {
      if (levels_.empty()) return false;
      builder_.on_item_end();
      if (next_item()) return true;
      now = close_sequence();
    }
    read_attribute(now);
    return true;
  }

  // Comes back when the attribute is complete, or when the first item of its sequence has begun.
  void read_attribute(attribute& now) {
    while (cursor_->more('}', now.first_member)) {
      const auto offset = cursor_->offset();
      const std::string name{cursor_->string()};
      cursor_->expect(':');
      if (name == "vr") {
        if (now.has_vr) json_cursor::fail(offset, "vr twice");
        now.has_vr = true;
        now.representation = read_vr(*cursor_);
        continue;
      }
      const bool is_value = name == "Value";
      const bool is_inline = name == "InlineBinary";
      if (!is_value && !is_inline && name != "BulkDataURI") {
        cursor_->skip_value(skipped_depth());
        continue;
      }
      if (now.has_value) json_cursor::fail(offset, "one of Value, InlineBinary and BulkDataURI, once");
      now.has_value = true;
      if (now.representation == vr::none) now.representation = look_for_vr(now);
      if (!is_value) {
        read_bytes(now, is_inline);
      } else if (now.representation == vr::sq) {
        if (open_sequence(now)) return;
      } else {
        read_values(now);
      }
    }
    if (!now.has_vr) json_cursor::fail(now.offset, "no vr");
    if (now.has_value) return;
    if (now.representation == vr::sq) emit_empty_sequence(now);
    else emit(now, {});
  }

  [[nodiscard]] static vr read_vr(json_cursor& cursor) {
    cursor.peek();
    const auto offset = cursor.offset();
    const auto found = vr_from_code(cursor.string());
    if (found == vr::none) json_cursor::fail(offset, "no such vr");
    return found;
  }
  // The value comes first, so look beyond it.
  [[nodiscard]] vr look_for_vr(const attribute& now) const {
    json_cursor ahead = *cursor_;
    ahead.skip_value(skipped_depth());
    for (bool first = false; ahead.more('}', first);) {
      const bool found = ahead.string() == "vr";
      ahead.expect(':');
      if (found) return read_vr(ahead);
      ahead.skip_value(skipped_depth());
    }
    json_cursor::fail(now.offset, "no vr");
  }
  // Each level of a sequence is an object in an array in an object.
  [[nodiscard]] std::size_t skipped_depth() const noexcept { return 3 * (std::size_t{options_->limits.depth} + 1); }

  // --- sequences

  // False when it has no items.
  [[nodiscard]] bool open_sequence(const attribute& now) {
    if (levels_.size() == options_->limits.depth) exceeds("depth");
    cursor_->expect('[');
    builder_.on_sequence_begin(header(now, 0));
    levels_.push_back({now, current_});
    if (next_item()) return true;
    close_sequence();
    return false;
  }
  [[nodiscard]] bool next_item() {
    if (!cursor_->more(']', levels_.back().first_item)) return false;
    cursor_->expect('{');
    builder_.on_item_begin({element_tag{0xFFFE, 0xE000}, vr::none, false, 0, 0});
    current_ = {};
    return true;
  }
  attribute close_sequence() {
    builder_.on_sequence_end();
    const auto sequence = levels_.back().sequence;
    current_ = levels_.back().around;
    levels_.pop_back();
    return sequence;
  }
  void emit_empty_sequence(const attribute& now) {
    builder_.on_sequence_begin(header(now, 0));
    builder_.on_sequence_end();
  }

  // --- values

  void read_values(const attribute& now) {
    const vr v = now.representation;
    begin_value();
    cursor_->expect('[');
    std::size_t count = 0;
    for (bool first = true; cursor_->more(']', first); ++count) {
      const char next = cursor_->peek();
      const auto offset = cursor_->offset();
      if (!is_text(v) && !is_multi_valued(v)) json_cursor::fail(offset, "an InlineBinary expected");
      if (count == 1 && !is_multi_valued(v)) json_cursor::fail(offset, "this vr has one value");
      if (is_text(v) && count != 0) value_ += '\\';
      if (cursor_->take_null()) {
        if (!is_text(v)) json_cursor::fail(offset, "a value expected");
      } else if (v == vr::pn && next == '{') {
        read_person_name();
      } else if (next == '"') {
        take_string(now, offset, cursor_->string());
      } else {
        take_number(now, offset, cursor_->number());
      }
    }
    emit(now, taken());
  }

  void take_string(const attribute& now, std::size_t offset, std::string_view text) {
    const vr v = now.representation;
    if (is_text(v)) {
      value_ += text;
    } else if (v == vr::at) {
      const auto target = tag_of_digits(text);
      if (!target) json_cursor::fail(offset, "a tag expected: eight hexadecimal digits, capital letters");
      append_stored(value_, target->group());
      append_stored(value_, target->element());
    } else {
      take_number(now, offset, text);
    }
  }

  void take_number(const attribute& now, std::size_t offset, std::string_view digits) {
    bool taken = false;
    switch (now.representation) {
      case vr::us: taken = take<std::uint16_t>(digits); break;
      case vr::ss: taken = take<std::int16_t>(digits); break;
      case vr::ul: taken = take<std::uint32_t>(digits); break;
      case vr::sl: taken = take<std::int32_t>(digits); break;
      case vr::uv: taken = take<std::uint64_t>(digits); break;
      case vr::sv: taken = take<std::int64_t>(digits); break;
      case vr::fl: taken = take<float>(digits); break;
      case vr::fd: taken = take<double>(digits); break;
      case vr::is:
        if (const auto whole = whole_number<std::int64_t>(digits)) {
          value_ += number_text(*whole);
          taken = true;
        }
        break;
      case vr::ds: {
        constexpr std::size_t most = 16;  // PS3.5 Table 6.2-1
        if (digits.size() <= most) {
          value_ += digits;
          taken = true;
        } else if (const auto number = parse_decimal_string(digits)) {
          value_ += format_decimal_string(*number);
          taken = true;
        }
        break;
      }
      default: break;
    }
    if (!taken) json_cursor::fail(offset, "not a value of VR " + std::string{code(now.representation)});
  }

  template <std::integral T>
  [[nodiscard]] static std::optional<T> whole_number(std::string_view digits) {
    T value{};
    const auto* const end = digits.data() + digits.size();
    const auto [stop, error] = std::from_chars(digits.data(), end, value);
    if (error == std::errc{} && stop == end) return value;
    const auto number = parse_decimal_string(digits);  // "1e3" is a whole number too
    return number ? convert_number<T>(*number) : std::nullopt;
  }
  template <class T>
  [[nodiscard]] bool take(std::string_view digits) {
    if constexpr (std::integral<T>) {
      const auto value = whole_number<T>(digits);
      if (!value) return false;
      append_stored(value_, *value);
    } else {
      T value{};
      if (digits == "NaN") value = std::numeric_limits<T>::quiet_NaN();
      else if (digits == "Infinity") value = std::numeric_limits<T>::infinity();
      else if (digits == "-Infinity") value = -std::numeric_limits<T>::infinity();
      else if (digits.find_first_not_of("0123456789+-.eE") != std::string_view::npos || !read_real(digits, value))
        return false;
      append_stored(value_, value);
    }
    return true;
  }

  void read_person_name() {
    constexpr std::array<std::string_view, 3> names{"Alphabetic", "Ideographic", "Phonetic"};
    std::array<std::optional<std::string>, 3> groups;
    cursor_->expect('{');
    for (bool first = true; cursor_->more('}', first);) {
      const auto offset = cursor_->offset();
      const auto which =
          static_cast<std::size_t>(std::find(names.begin(), names.end(), cursor_->string()) - names.begin());
      if (which == names.size() || groups[which]) json_cursor::fail(offset, "no member of a person name, or twice");
      cursor_->expect(':');
      groups[which] = cursor_->take_null() ? std::string{} : std::string{cursor_->string()};
    }
    const std::size_t start = value_.size();
    for (std::size_t i = 0; i < groups.size(); ++i) {
      if (i != 0) value_ += '=';
      if (groups[i]) value_ += *groups[i];
    }
    while (value_.size() > start && value_.back() == '=') value_.pop_back();
  }

  void read_bytes(const attribute& now, bool is_inline) {
    const bool in_array = cursor_->take('[');
    cursor_->peek();
    const auto offset = cursor_->offset();
    const auto text = cursor_->string();
    begin_value();
    if (is_inline) {
      if (is_text(now.representation) || now.representation == vr::sq)
        json_cursor::fail(offset, "a vr without InlineBinary");
      const auto wrong = append_base64(value_, text);
      if (wrong != std::string_view::npos) json_cursor::fail(offset + 1 + wrong, "not base64");
    } else if (options_->bulk_data) {
      if (const auto found = options_->bulk_data(text, now.tag, now.representation)) {
        if (found->size() > options_->limits.value_bytes) exceeds("value_bytes");
        value_ += as_text(*found);
      }
    }
    if (in_array) cursor_->expect(']');
    if (now.representation == vr::sq) return emit_empty_sequence(now);
    if (now.tag == pixel_data_tag && (now.representation == vr::ob || now.representation == vr::ow))
      if (const auto fragments = fragments_in(as_bytes(taken())); !fragments.empty())
        return emit_fragments(now, fragments);
    emit(now, taken());
  }

  // --- what the builder hears

  [[nodiscard]] static element_header header(const attribute& now, std::size_t length) noexcept {
    return {now.tag, now.representation, false, static_cast<std::uint32_t>(length), now.offset};
  }

  // The value at hand lies behind eight bytes, as the builder wants to read them.
  void begin_value() { value_.assign(8, '\0'); }
  [[nodiscard]] std::string_view taken() const noexcept { return std::string_view{value_}.substr(8); }

  void emit(const attribute& now, std::string_view value) {
    if (now.tag.is_group_length()) return;
    const vr v = now.representation;
    if (value.empty()) begin_value();
    else if (value.size() % 2 != 0) value_ += padding(v);
    value = taken();
    if (value.size() > std::min<std::uint64_t>(options_->limits.value_bytes, max_value_length)) exceeds("value_bytes");
    names_character_set_ = names_character_set_ || now.tag == specific_character_set_tag;
    has_foreign_text_ = has_foreign_text_ || (is_text(v) && !needs_no_conversion(v, value));
    builder_.on_element(header(now, value.size()), as_bytes(value));
  }

  void emit_fragments(const attribute& now, const std::vector<byte_span>& fragments) {
    if (fragments.size() > options_->limits.fragments) exceeds("fragments");
    auto encapsulated = header(now, 0);
    encapsulated.length = element_header::undefined_length;
    builder_.on_fragments_begin(encapsulated);
    for (const auto& fragment : fragments) {
      builder_.on_fragment_begin(
          {element_tag{0xFFFE, 0xE000}, vr::none, false, static_cast<std::uint32_t>(fragment.size()), 0});
      if (!fragment.empty()) builder_.on_value_bytes(fragment);
      builder_.on_fragment_end();
    }
    builder_.on_fragments_end();
  }

  // --- afterwards

  // Members in another order may hide one that is there twice.
  void check_unique(const data_set& root) const {
    std::vector<const data_set*> left_to_do{&root};
    while (!left_to_do.empty()) {
      const auto& d = *left_to_do.back();
      left_to_do.pop_back();
      const element* before = nullptr;
      for (const auto& e : d) {
        if (before != nullptr && before->tag() == e.tag()) cursor_->fail("twice in a data set: " + to_string(e.tag()));
        before = &e;
        for (const auto& item : e.items()) left_to_do.push_back(&item);
      }
    }
  }

  static void finish_text(data_set& root) {
    // Each item inherits its character set, wherever in the data set around it that was named.
    data_set_access::hand_down_character_set(root);
    if (!encode_text(root, false)) encode_text(root, true);
  }

  // Text of all data sets from UTF-8 to the character set of each, or as ISO_IR 192. False, and nothing changed, when
  // a character set lacks a character.
  static bool encode_text(data_set& root, bool as_utf8) {
    std::vector<std::pair<data_set*, std::pair<element_tag, std::string>>> changes;
    std::vector<data_set*> left_to_do{&root};
    while (!left_to_do.empty()) {
      auto& d = *left_to_do.back();
      left_to_do.pop_back();
      const bool own = d.contains(specific_character_set_tag);
      if (own) data_set_access::hand_down_character_set(d);
      if (as_utf8 && (own || &d == &root))
        changes.push_back({&d, {specific_character_set_tag, std::string{"ISO_IR 192"}}});
      const auto set = as_utf8 ? specific_character_set::utf8() : specific_character_set{d.specific_character_set()};
      for (const auto& e : d) {
        for (auto& item : d.items(e.tag())) left_to_do.push_back(&item);
        const auto text = as_text(e.bytes());
        const vr v = e.value_representation();
        if (!is_text(v) || needs_no_conversion(v, text) || (as_utf8 && e.tag() == specific_character_set_tag)) continue;
        auto encoded = from_utf8(text, has_character_set(v) ? set : specific_character_set{""}, v);
        // Other VRs are ASCII, but many a writer knows better.
        if (!encoded && !has_character_set(v)) encoded = from_utf8(text, set, v);
        if (!encoded && !as_utf8) return false;
        if (!encoded) continue;
        std::string_view unpadded = *encoded;
        while (!unpadded.empty() && unpadded.back() == padding(v)) unpadded.remove_suffix(1);
        changes.push_back({&d, {e.tag(), std::string{unpadded}}});
      }
    }
    for (const auto& [d, change] : changes) {
      const auto* e = d->find(change.first);
      d->set_bytes(change.first, e == nullptr ? vr::cs : e->value_representation(), as_bytes(change.second));
    }
    return true;
  }

  static constexpr element_tag pixel_data_tag{0x7FE0, 0x0010};

  json_cursor* cursor_;
  const json_decode_options* options_;
  data_set_builder builder_;
  std::vector<level> levels_;
  data_set_state current_;
  std::string value_;
  std::uint64_t elements_ = 0;
  bool in_order_ = true;
  bool has_foreign_text_ = false;
  bool names_character_set_ = false;
};

[[nodiscard]] inline json_cursor json_to_read(std::string_view text, const json_decode_options& options) {
  if (text.size() > options.limits.data_set_bytes)
    throw std::system_error{errc::limit_exceeded, "limits.data_set_bytes"};
  return json_cursor{text};
}

}  // namespace detail

CODICOM_FUNCTION data_set decode_json(std::string_view text, const json_decode_options& options) {
  auto cursor = detail::json_to_read(text, options);
  auto result = detail::json_decoder{cursor, options}.read();
  cursor.expect_end();
  return result;
}

CODICOM_FUNCTION std::vector<data_set> decode_json_array(std::string_view text, const json_decode_options& options) {
  auto cursor = detail::json_to_read(text, options);
  detail::json_decoder decoder{cursor, options};
  std::vector<data_set> all;
  cursor.expect('[');
  for (bool first = true; cursor.more(']', first);) all.push_back(decoder.read());
  cursor.expect_end();
  return all;
}

}  // namespace codicom
