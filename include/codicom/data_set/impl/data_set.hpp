#pragma once
#include <codicom/data_set/character_set.hpp>
#include <codicom/data_set/data_set.hpp>
#include <codicom/data_set/detail/access.hpp>
#include <codicom/data_set/detail/number_text.hpp>
#include <codicom/dictionary/implicit_vr.hpp>

#include <algorithm>
#include <concepts>
#include <ranges>
#include <string>
#include <type_traits>
#include <utility>

namespace codicom {

namespace detail {
[[nodiscard]] inline vr definite(const data_set& d, vr v, bool negative);
}

// --- copying and moving

inline data_set::data_set(const data_set& other) {
  if (other.size_ == 0) return;
  const std::uint64_t room = other.is_nested() ? detail::data_set_access::first_chunk : other.arena_->bytes();
  arena_ = detail::arena::create(static_cast<std::size_t>(std::min<std::uint64_t>(room, 1u << 20)));
  try {
    detail::data_set_access::clone(*arena_, *this, other);
  } catch (...) {
    detail::arena::destroy(arena_);
    throw;
  }
}

inline data_set::data_set(data_set&& other) noexcept {
  if (other.is_nested()) {
    data_set copy{std::as_const(other)};
    detail::data_set_access::take_all(*this, copy);
  } else {
    detail::data_set_access::take_all(*this, other);
  }
}

inline data_set& data_set::operator=(const data_set& other) {
  if (this == &other) return *this;
  if (!is_nested()) {
    data_set copy{other};
    std::swap(elements_, copy.elements_);
    std::swap(size_, copy.size_);
    std::swap(spare_, copy.spare_);
    std::swap(flags_, copy.flags_);
    std::swap(character_set_, copy.character_set_);
    std::swap(arena_, copy.arena_);
    return *this;
  }
  // An item keeps its place and its arena. `other` may be the tree around it, so it is copied before anything changes.
  data_set copy;
  copy.flags_ = nested_flag;
  copy.arena_ = arena_;
  detail::data_set_access::clone(*arena_, copy, other);
  const auto inherited = character_set_;
  const std::string_view wanted = arena_->character_set(copy.character_set_);
  clear();
  elements_ = copy.elements_;
  size_ = copy.size_;
  spare_ = copy.spare_;
  character_set_ = inherited;
  if (!wanted.empty() && wanted != arena_->character_set(inherited) && !contains(detail::specific_character_set_tag))
    set_bytes(detail::specific_character_set_tag, vr::cs, as_bytes(std::string{wanted}));
  detail::data_set_access::hand_down_character_set(*this);
  return *this;
}

inline data_set& data_set::operator=(data_set&& other) noexcept {
  if (this == &other) return *this;
  if (is_nested() || other.is_nested()) return *this = std::as_const(other);
  if (owns_arena()) detail::arena::destroy(arena_);
  detail::data_set_access::take_all(*this, other);
  return *this;
}

inline void data_set::clear() noexcept {
  if (is_nested()) {
    for (std::uint32_t i = 0; i < size_; ++i) detail::data_set_access::release(*arena_, elements_[i]);
    arena_->abandon(reinterpret_cast<std::byte*>(elements_), (std::size_t{size_} + spare_) * sizeof(element));
  } else if (arena_ != nullptr) {
    detail::arena::destroy(arena_);
    arena_ = nullptr;
  }
  elements_ = nullptr;
  size_ = 0;
  spare_ = 0;
}

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

inline std::string_view data_set::specific_character_set() const noexcept {
  if (const auto* own = find(detail::specific_character_set_tag)) return detail::trimmed(as_text(own->bytes()));
  return arena_ == nullptr ? std::string_view{} : detail::trimmed(arena_->character_set(character_set_));
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

[[nodiscard]] inline bool is_ascii(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80 && c != '\x1B'; });
}

// The same bytes in UTF-8 and in every character set that a value of that VR can have.
[[nodiscard]] inline bool needs_no_conversion(vr v, std::string_view text) noexcept {
  return is_invariant(text) || (!has_character_set(v) && is_ascii(text));
}

// The text of a value in UTF-8, padding still there.
[[nodiscard]] inline std::string decoded_text(const data_set& d, vr v, byte_span bytes) {
  const auto raw = as_text(bytes);
  if (is_invariant(raw) || !(has_character_set(v) || v == vr::un)) return std::string{raw};
  return to_utf8(bytes, specific_character_set{d.specific_character_set()}, v);
}

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

inline std::string data_set::text(element_tag tag) const {
  const auto* e = find(tag);
  return e == nullptr ? std::string{} : text(*e);
}

inline std::string data_set::text(const element& of) const {
  const vr v = of.value_representation();
  if (const auto raw = as_text(of.bytes()); is_text(v) && detail::is_invariant(raw))
    return std::string{detail::without_padding(raw, v)};
  std::string all;
  bool first = true;
  detail::each_value<std::string>(*this, of, v == vr::un ? implicit_vr(of.tag()) : v, [&](const std::string& part) {
    if (!first) all += '\\';
    first = false;
    all += part;
    return true;
  });
  return all;
}

// --- changing

inline data_set& data_set::set_empty(element_tag tag, vr representation) {
  auto& e = detail::data_set_access::slot(*this, tag);
  detail::data_set_access::release(*arena_, e);
  detail::data_set_access::set_vr(e, representation);
  if (representation == vr::sq) detail::data_set_access::put_items(e, nullptr, false);
  if (tag == detail::specific_character_set_tag) detail::data_set_access::hand_down_character_set(*this);
  return *this;
}

inline data_set& data_set::set(element_tag tag) {
  return set_empty(tag, detail::definite(*this, implicit_vr(tag), false));
}

inline data_set& data_set::set(const element& from) {
  if (find(from.tag()) == &from) return *this;
  // The element may lie in this very array, which can move; its value may lie in what is released.
  const element source = from;
  std::vector<std::pair<const data_set*, data_set*>> left_to_do;
  auto& a = detail::data_set_access::memory(*this);
  element copy = detail::data_set_access::make(source.tag(), source.value_representation());
  detail::data_set_access::copy_value(a, copy, source, left_to_do);
  for (const auto& [item, target] : left_to_do) detail::data_set_access::clone(a, *target, *item);
  auto& e = detail::data_set_access::slot(*this, source.tag());
  detail::data_set_access::release(a, e);
  e = copy;
  if (source.tag() == detail::specific_character_set_tag || source.is_sequence())
    detail::data_set_access::hand_down_character_set(*this);
  return *this;
}

inline data_set& data_set::set_bytes(element_tag tag, vr representation, byte_span value) {
  if (detail::data_set_access::append(*this, tag, representation, value)) return *this;
  std::byte local[8];
  if (value.size() <= sizeof local && !value.empty()) {  // it may lie in this very array, which can move
    std::memcpy(local, value.data(), value.size());
    value = {local, value.size()};
  }
  auto& e = detail::data_set_access::slot(*this, tag);
  detail::data_set_access::assign(*this, e, representation, value);
  if (tag == detail::specific_character_set_tag) detail::data_set_access::hand_down_character_set(*this);
  return *this;
}

inline data_set& data_set::set_bytes(element_tag tag, vr representation, std::vector<std::byte>&& value) {
  if (value.size() < 4096) return set_bytes(tag, representation, byte_span{value});
  if ((value.size() & 1u) != 0) value.push_back(static_cast<std::byte>(padding(representation)));
  auto block = std::make_shared<std::vector<std::byte>>(std::move(value));
  const byte_span all{*block};
  return set_bytes(tag, representation, all, std::move(block));
}

inline data_set& data_set::set_bytes(element_tag tag, vr representation, byte_span value,
                                     std::shared_ptr<const void> owner) {
  if (value.size() > detail::max_value_length)
    throw std::system_error{errc::invalid_argument, "a value of 4 GiB or more: " + to_string(tag)};
  auto& a = detail::data_set_access::memory(*this);
  element fresh = detail::data_set_access::make(tag, representation);
  detail::data_set_access::put_slice(fresh, a, value, std::move(owner));
  auto& e = detail::data_set_access::slot(*this, tag);
  detail::data_set_access::release(a, e);
  e = fresh;
  return *this;
}

inline data_set& data_set::set_fragments(element_tag tag, vr representation, std::span<const byte_span> fragments) {
  auto& a = detail::data_set_access::memory(*this);
  auto* const list = ::new (a.allocate(sizeof(detail::fragment_list))) detail::fragment_list{};
  list->first = reinterpret_cast<byte_span*>(a.allocate(fragments.size() * sizeof(byte_span)));
  for (const auto& fragment : fragments) {
    const std::size_t size = fragment.size() + (fragment.size() & 1u);
    byte_span copy;
    if (size != 0) {
      auto* const at = a.allocate(size);
      at[size - 1] = std::byte{0};
      std::memcpy(at, fragment.data(), fragment.size());
      copy = {at, size};
    }
    ::new (static_cast<void*>(list->first + list->count)) byte_span{copy};
    ++list->count;
  }
  auto& e = detail::data_set_access::slot(*this, tag);
  detail::data_set_access::release(a, e);
  detail::data_set_access::set_vr(e, representation);
  detail::data_set_access::put_fragments(e, list);
  return *this;
}

inline data_set& data_set::add_item(element_tag sequence) {
  auto& a = detail::data_set_access::memory(*this);
  auto& e = detail::data_set_access::slot(*this, sequence);
  if (!e.is_sequence()) {
    detail::data_set_access::release(a, e);
    detail::data_set_access::set_vr(e, vr::sq);
    detail::data_set_access::put_items(e, nullptr, false);
  }
  auto*& list = e.value_.items;
  if (list == nullptr) list = ::new (a.allocate_roomy(sizeof(detail::item_list))) detail::item_list{};
  detail::data_set_access::add_item_room(a, *list);
  auto* const item = ::new (static_cast<void*>(list->first + list->count)) data_set;
  item->flags_ = nested_flag;
  item->arena_ = &a;
  ++list->count;
  item->character_set_ = detail::data_set_access::character_set_of_items(*this);
  return *item;
}

inline data_set& data_set::add_item(element_tag sequence, const data_set& item) {
  const data_set copy{item};  // `item` may lie in the list that grows
  auto& added = add_item(sequence);
  added = copy;
  return added;
}

inline bool data_set::erase(element_tag tag) {
  const auto at = detail::data_set_access::lower_bound(*this, tag);
  if (at == size_ || elements_[at].tag() != tag) return false;
  auto last = at;
  while (last != size_ && elements_[last].tag() == tag) detail::data_set_access::release(*arena_, elements_[last++]);
  std::memmove(static_cast<void*>(elements_ + at), elements_ + last, (size_ - last) * sizeof(element));
  size_ -= static_cast<std::uint32_t>(last - at);
  spare_ = static_cast<std::uint16_t>(std::min<std::size_t>(spare_ + (last - at), 0xFFFF));
  if (tag == detail::specific_character_set_tag) detail::data_set_access::hand_down_character_set(*this);
  return true;
}

// --- comparing

inline bool data_set::equal(const data_set& a, const data_set& b) noexcept {
  std::vector<std::pair<const data_set*, const data_set*>> left_to_do{{&a, &b}};
  while (!left_to_do.empty()) {
    const auto [left, right] = left_to_do.back();
    left_to_do.pop_back();
    if (left->size_ != right->size_) return false;
    for (std::uint32_t i = 0; i < left->size_; ++i) {
      const auto& x = left->elements_[i];
      const auto& y = right->elements_[i];
      if (x.tag() != y.tag() || x.value_representation() != y.value_representation() || x.is_sequence() != y.is_sequence() ||
          x.is_encapsulated() != y.is_encapsulated())
        return false;
      if (x.is_sequence()) {
        const auto xs = x.items();
        const auto ys = y.items();
        if (xs.size() != ys.size()) return false;
        for (std::size_t k = 0; k < xs.size(); ++k) left_to_do.emplace_back(&xs[k], &ys[k]);
      } else if (x.is_encapsulated()) {
        if (!std::ranges::equal(x.fragments(), y.fragments(),
                                [](byte_span m, byte_span n) { return std::ranges::equal(m, n); }))
          return false;
      } else if (const auto m = x.bytes(), n = y.bytes();
                 m.size() != n.size() || (!m.empty() && std::memcmp(m.data(), n.data(), m.size()) != 0)) {
        return false;
      }
    }
  }
  return true;
}

}  // namespace codicom

#include <codicom/data_set/impl/convert_text.hpp>
#include <codicom/data_set/impl/path.hpp>
#include <codicom/data_set/impl/set_values.hpp>
