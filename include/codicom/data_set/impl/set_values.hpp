#pragma once
#include <codicom/data_set/data_set.hpp>
#include <codicom/data_set/detail/access.hpp>
#include <codicom/data_set/detail/number_text.hpp>

#include <concepts>
#include <iterator>
#include <string>
#include <type_traits>

namespace codicom {
namespace detail {

[[noreturn]] void not_a_value(element_tag tag, vr v, std::string_view text);
// The VR an element gets: ambiguous ones are decided by the value and by Pixel Representation (0028,0103).
[[nodiscard]] vr definite(const data_set& d, vr v, bool negative);
// Text in UTF-8, as an element of the data set's character set.
void set_encoded_text(data_set& d, element_tag tag, vr v, std::string_view utf8);

// A range, without the whole of <ranges>.
template <class T>
concept iterable = requires(const T& values) {
  std::begin(values);
  std::end(values);
};
template <class T>
concept text_like = std::convertible_to<const T&, std::string_view>;
template <class T>
concept has_text_view = !text_like<T> && requires(const T& value) {
  { value.view() } -> std::convertible_to<std::string_view>;
};
template <class T>
concept has_text = !text_like<T> && !has_text_view<T> && requires(const T& value) {
  { value.str() } -> std::convertible_to<std::string>;
};
// Text, UIDs, AE titles, dates, names: whatever is written as characters.
template <class T>
concept written_as_text = text_like<T> || has_text_view<T> || has_text<T>;

template <class T>
void append_text(std::string& to, const T& value) {
  if constexpr (text_like<T>) to += std::string_view{value};
  else if constexpr (has_text_view<T>) to += value.view();
  else to += value.str();
}

template <class Stored>
void append_stored(std::string& to, Stored value) {
  std::byte bytes[sizeof(Stored)];
  if constexpr (std::endian::native == std::endian::little) std::memcpy(bytes, &value, sizeof value);
  else {
    const auto raw = std::bit_cast<std::array<std::byte, sizeof(Stored)>>(value);
    for (std::size_t i = 0; i < sizeof bytes; ++i) bytes[i] = raw[sizeof bytes - 1 - i];
  }
  to.append(reinterpret_cast<const char*>(bytes), sizeof bytes);
}

template <class Stored, class T>
void append_number(std::string& to, element_tag tag, vr v, T value) {
  const auto stored = convert_number<Stored>(value);
  if (!stored) not_a_value(tag, v, number_text(value));
  append_stored(to, *stored);
}

// A number in the binary form of a VR. False when the VR has none.
template <class T>
bool append_binary(std::string& to, element_tag tag, vr v, T value) {
  switch (v) {
    case vr::us: append_number<std::uint16_t>(to, tag, v, value); return true;
    case vr::us_or_ss:
    case vr::us_or_ow:
    case vr::us_or_ss_or_ow:
      if (std::is_signed_v<T> && value < T{}) append_number<std::int16_t>(to, tag, v, value);
      else append_number<std::uint16_t>(to, tag, v, value);
      return true;
    case vr::ss: append_number<std::int16_t>(to, tag, v, value); return true;
    case vr::ul: append_number<std::uint32_t>(to, tag, v, value); return true;
    case vr::sl: append_number<std::int32_t>(to, tag, v, value); return true;
    case vr::uv: append_number<std::uint64_t>(to, tag, v, value); return true;
    case vr::sv: append_number<std::int64_t>(to, tag, v, value); return true;
    case vr::fl: append_number<float>(to, tag, v, value); return true;
    case vr::fd: append_number<double>(to, tag, v, value); return true;
    default: return false;
  }
}

// One value in the form in which it is kept; text in UTF-8.
template <vr V, class T>
void append_value(std::string& to, element_tag tag, const T& value) {
  if constexpr (V == vr::at) {
    static_assert(std::convertible_to<const T&, element_tag>, "a value of this attribute is a tag");
    const element_tag target = value;
    append_stored(to, target.group());
    append_stored(to, target.element());
  } else if constexpr (is_text(V)) {
    if constexpr (std::is_arithmetic_v<T> && V == vr::is) {
      static_assert(!std::is_same_v<T, bool>);
      const auto whole = convert_number<std::int64_t>(value);
      if (!whole) not_a_value(tag, V, number_text(value));
      to += format_integer_string(*whole);
    } else if constexpr (std::is_arithmetic_v<T> && V == vr::ds) {
      to += format_decimal_string(static_cast<double>(value));
    } else {
      static_assert(written_as_text<T>, "a value of this attribute is text (a UID, a date, a name ...)");
      append_text(to, value);
    }
  } else {
    static_assert(std::is_arithmetic_v<T> && !std::is_same_v<T, bool>, "a value of this attribute is a number");
    append_binary(to, tag, V, value);
  }
}

template <vr V, class Range>
std::string joined_values(element_tag tag, const Range& values) {
  std::string all;
  bool first = true;
  for (const auto& value : values) {
    if (is_text(V) && !first) all += '\\';
    first = false;
    append_value<V>(all, tag, value);
  }
  return all;
}

template <class T>
[[nodiscard]] bool any_negative(const T& value) {
  if constexpr (std::is_arithmetic_v<T>) return std::is_signed_v<T> && value < T{};
  else if constexpr (iterable<T> && !text_like<T>) {
    for (const auto& one : value)
      if (any_negative(one)) return true;
    return false;
  } else return false;
}

}  // namespace detail

template <vr V, std::uint32_t Min, std::uint32_t Max, class T>
data_set& data_set::set(attribute<V, Min, Max> tag, const T& value) {
  const element_tag where = tag;
  if constexpr (V == vr::sq) {
    if constexpr (std::is_same_v<T, data_set>) {
      const data_set copy{value};
      set(where);
      add_item(where, copy);
    } else {
      static_assert(detail::iterable<T>, "a value of a sequence is a data_set or a range of them");
      std::vector<data_set> copies(std::begin(value), std::end(value));
      set(where);
      for (const auto& item : copies) add_item(where, item);
    }
    return *this;
  } else if constexpr (is_text(V)) {
    if constexpr (detail::text_like<T>) {
      detail::set_encoded_text(*this, where, V, std::string_view{value});
    } else {
      std::string all;
      if constexpr (detail::iterable<T> && !detail::written_as_text<T>) all = detail::joined_values<V>(where, value);
      else detail::append_value<V>(all, where, value);
      detail::set_encoded_text(*this, where, V, all);
    }
    return *this;
  } else if constexpr (std::convertible_to<const T&, byte_span>) {
    return set_bytes(where, detail::definite(*this, V, false), byte_span{value});
  } else {
    std::string all;
    if constexpr (detail::iterable<T>) all = detail::joined_values<V>(where, value);
    else detail::append_value<V>(all, where, value);
    return set_bytes(where, detail::definite(*this, V, detail::any_negative(value)), as_bytes(all));
  }
}

template <vr V, std::uint32_t Min, std::uint32_t Max, class T>
data_set& data_set::set(attribute<V, Min, Max> tag, std::initializer_list<T> values) {
  return set(tag, std::span<const T>{values.begin(), values.size()});
}

}  // namespace codicom
