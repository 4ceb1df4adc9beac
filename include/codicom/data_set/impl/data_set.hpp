#pragma once
#include <codicom/data_set/data_set.hpp>
#include <codicom/data_set/detail/access.hpp>
#include <codicom/data_set/detail/number_text.hpp>
#include <codicom/dictionary/implicit_vr.hpp>

#include <concepts>
#include <string>
#include <type_traits>
#include <utility>

namespace codicom {

// --- finding

inline const element* data_set::find(element_tag tag) const noexcept {
  const auto at = detail::data_set_access::lower_bound(*this, tag);
  return at != size_ && elements_[at].tag() == tag ? elements_ + at : nullptr;
}

inline byte_span data_set::bytes(element_tag tag) const noexcept {
  const auto* e = find(tag);
  return e == nullptr ? byte_span{} : e->bytes();
}

inline std::span<const data_set> data_set::items(element_tag tag) const noexcept {
  const auto* e = find(tag);
  return e == nullptr ? std::span<const data_set>{} : e->items();
}
inline std::span<data_set> data_set::items(element_tag tag) noexcept {
  const auto* e = find(tag);
  if (e == nullptr || !e->is_sequence() || e->value_.items == nullptr) return {};
  return {e->value_.items->first, e->value_.items->count};
}

inline std::optional<unique_id> data_set::uid(element_tag tag) const noexcept {
  const auto text = as_text(bytes(tag));
  const unique_id first{text.substr(0, text.find('\\'))};
  return first.empty() ? std::nullopt : std::optional{first};
}

// --- reading values

namespace detail {

// Calls f with one number after the other, in the type that they are stored in; f returns false to stop.
template <class Stored, class F>
void each_stored(byte_span bytes, F& f) {
  using bits =
      std::conditional_t<sizeof(Stored) == 1, std::uint8_t,
                         std::conditional_t<sizeof(Stored) == 2, std::uint16_t,
                                            std::conditional_t<sizeof(Stored) == 4, std::uint32_t, std::uint64_t>>>;
  for (std::size_t at = 0; at + sizeof(Stored) <= bytes.size(); at += sizeof(Stored))
    if (!f(std::bit_cast<Stored>(load_le<bits>(bytes.data() + at)))) return;
}

// The numbers of a binary VR. False when it has none.
template <class F>
bool each_number(vr v, byte_span bytes, F f) {
  switch (v) {
    case vr::us:
    case vr::ow:
    case vr::us_or_ow:
    case vr::ob_or_ow:
    case vr::us_or_ss:
    case vr::us_or_ss_or_ow: each_stored<std::uint16_t>(bytes, f); return true;
    case vr::ss: each_stored<std::int16_t>(bytes, f); return true;
    case vr::ul:
    case vr::ol: each_stored<std::uint32_t>(bytes, f); return true;
    case vr::sl: each_stored<std::int32_t>(bytes, f); return true;
    case vr::uv:
    case vr::ov: each_stored<std::uint64_t>(bytes, f); return true;
    case vr::sv: each_stored<std::int64_t>(bytes, f); return true;
    case vr::fl:
    case vr::of: each_stored<float>(bytes, f); return true;
    case vr::fd:
    case vr::od: each_stored<double>(bytes, f); return true;
    case vr::ob: each_stored<std::uint8_t>(bytes, f); return true;
    default: return false;
  }
}

// The parts of a text between backslashes; f returns false to stop.
template <class F>
void each_part(std::string_view text, bool multi_valued, F f) {
  for (;;) {
    const auto end = multi_valued ? text.find('\\') : std::string_view::npos;
    if (!f(text.substr(0, end)) || end == std::string_view::npos) return;
    text.remove_prefix(end + 1);
  }
}

// Leading spaces mean something only where a value is a text of lines (PS3.5 §6.2).
[[nodiscard]] inline std::string_view without_padding(std::string_view text, vr v) noexcept {
  if (v != vr::lt && v != vr::st && v != vr::ut) return trimmed(text);
  return without_end(text, std::string_view{" \0", 2});
}

// The text of a value in UTF-8, padding still there.
[[nodiscard]] std::string decoded_text(const data_set& d, vr v, byte_span bytes);

// Dates, times, ages: value types of ASCII text.
template <class T>
concept has_parse = requires(std::string_view text) { T::parse(text); };

// Values of an element as T, one after the other. An element of VR UN is read as `instead`.
template <class T, class F>
void each_value(const data_set& d, const element& e, vr instead, F f) {
  const auto bytes = e.bytes();
  if (bytes.empty()) return;
  const vr v = e.value_representation() == vr::un ? instead : e.value_representation();
  if constexpr (std::is_same_v<T, std::string>) {
    if (is_text(v) || v == vr::un) {
      each_part(decoded_text(d, v, bytes), is_multi_valued(v),
                [&](std::string_view part) { return f(std::string{without_padding(part, v)}); });
    } else if (v == vr::at) {
      for (std::size_t at = 0; at + 4 <= bytes.size(); at += 4)
        if (!f(to_string(
                element_tag{load_le<std::uint16_t>(bytes.data() + at), load_le<std::uint16_t>(bytes.data() + at + 2)})))
          return;
    } else if (is_multi_valued(v)) {
      each_number(v, bytes, [&](auto number) { return f(number_text(number)); });
    }
  } else if constexpr (std::is_same_v<T, unique_id>) {
    each_part(as_text(bytes), true, [&](std::string_view part) {
      const unique_id uid{trimmed(part)};
      return uid.empty() || f(uid);
    });
  } else if constexpr (std::is_same_v<T, element_tag>) {
    if (v != vr::at) return;
    for (std::size_t at = 0; at + 4 <= bytes.size(); at += 4)
      if (!f(element_tag{load_le<std::uint16_t>(bytes.data() + at), load_le<std::uint16_t>(bytes.data() + at + 2)}))
        return;
  } else if constexpr (std::is_same_v<T, byte_span>) {
    f(bytes);
  } else if constexpr (has_parse<T>) {
    if (!is_text(v)) return;
    each_part(as_text(bytes), true, [&](std::string_view part) {
      const std::optional<T> value = T::parse(part);
      return !value || f(*value);
    });
  } else if constexpr (std::is_class_v<T> && std::constructible_from<T, std::string_view>) {
    each_value<std::string>(d, e, instead, [&](const std::string& text) { return f(T{std::string_view{text}}); });
  } else {
    static_assert(std::is_arithmetic_v<T>, "a value is a number, text, a type made of text, element_tag or byte_span");
    if (is_text(v)) {
      each_part(as_text(bytes), true, [&](std::string_view part) {
        const auto number = parse_number<T>(part);
        return !number || f(*number);
      });
    } else {
      each_number(v, bytes, [&](auto stored) {
        const auto number = convert_number<T>(stored);
        return !number || f(*number);
      });
    }
  }
}

}  // namespace detail

template <vr V, std::uint32_t Min, std::uint32_t Max>
std::optional<value_type<V>> data_set::get(attribute<V, Min, Max> tag) const {
  static_assert(V != vr::sq, "the items of a sequence: items(tag)");
  std::optional<value_type<V>> result;
  if (const auto* e = find(static_cast<element_tag>(tag)))
    detail::each_value<value_type<V>>(*this, *e, V, [&](value_type<V> value) {
      result = std::move(value);
      return false;
    });
  if constexpr (std::is_same_v<value_type<V>, std::string>)
    if (result && result->empty()) result.reset();
  return result;
}

template <class T>
std::vector<T> data_set::values(element_tag tag) const {
  std::vector<T> result;
  if (const auto* e = find(tag))
    detail::each_value<T>(*this, *e, implicit_vr(tag), [&](T value) {
      result.push_back(std::move(value));
      return true;
    });
  return result;
}

}  // namespace codicom

#include <codicom/data_set/impl/set_values.hpp>
#ifndef CODICOM_SEPARATE_COMPILATION
#include <codicom/data_set/impl/data_set_bodies.hpp>
#endif
