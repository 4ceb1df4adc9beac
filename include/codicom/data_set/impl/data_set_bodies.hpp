#pragma once
#include <codicom/core/config.hpp>
#include <codicom/data_set/character_set.hpp>
#include <codicom/data_set/data_set.hpp>
#include <codicom/data_set/detail/access.hpp>
#include <codicom/data_set/detail/repertoires.hpp>
#include <codicom/dictionary/dictionary.hpp>

#include <algorithm>
#include <string>
#include <utility>

namespace codicom {

namespace detail {

CODICOM_FUNCTION void not_a_value(element_tag tag, vr v, std::string_view text) {
  throw std::system_error{errc::invalid_argument,
                          to_string(tag) + ": '" + std::string{text} + "' is no value of VR " + std::string{code(v)}};
}

[[nodiscard]] inline bool is_ascii(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80 && c != '\x1B'; });
}

// The same bytes in UTF-8 and in every character set that a value of that VR can have.
[[nodiscard]] inline bool needs_no_conversion(vr v, std::string_view text) noexcept {
  return is_invariant(text) || (!has_character_set(v) && is_ascii(text));
}

CODICOM_FUNCTION std::string decoded_text(const data_set& d, vr v, byte_span bytes) {
  const auto raw = as_text(bytes);
  if (is_invariant(raw) || !(has_character_set(v) || v == vr::un)) return std::string{raw};
  return to_utf8(bytes, specific_character_set{d.specific_character_set()}, v);
}

CODICOM_FUNCTION vr definite(const data_set& d, vr v, bool negative) {
  if (v == vr::us_or_ss) {
    const auto* representation = d.find(element_tag{0x0028, 0x0103});
    const bool is_signed = representation != nullptr && representation->length() >= 2 &&
                           load_le<std::uint16_t>(representation->bytes().data()) == 1;
    return is_signed || negative ? vr::ss : vr::us;
  }
  if (v == vr::us_or_ow || v == vr::us_or_ss_or_ow || v == vr::ob_or_ow) return vr::ow;
  return v;
}

CODICOM_FUNCTION void set_encoded_text(data_set& d, element_tag tag, vr v, std::string_view utf8) {
  if (needs_no_conversion(v, utf8)) {
    d.set_bytes(tag, v, as_bytes(utf8));
    return;
  }
  if (!has_character_set(v)) not_a_value(tag, v, utf8);
  if (const auto encoded = from_utf8(utf8, specific_character_set{d.specific_character_set()}, v)) {
    d.set_bytes(tag, v, as_bytes(*encoded));
    return;
  }
  const std::string kept{utf8};  // it may lie in this data set
  d.convert_to_utf8();
  d.set_bytes(tag, v, as_bytes(kept));
}

}  // namespace detail

// --- copying and moving

CODICOM_FUNCTION data_set::data_set(const data_set& other) {
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

CODICOM_FUNCTION data_set::data_set(data_set&& other) noexcept {
  if (other.is_nested()) {
    data_set copy{std::as_const(other)};
    detail::data_set_access::take_all(*this, copy);
  } else {
    detail::data_set_access::take_all(*this, other);
  }
}

CODICOM_FUNCTION data_set& data_set::operator=(const data_set& other) {
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

CODICOM_FUNCTION data_set& data_set::operator=(data_set&& other) noexcept {
  if (this == &other) return *this;
  if (is_nested() || other.is_nested()) return *this = std::as_const(other);
  if (owns_arena()) detail::arena::destroy(arena_);
  detail::data_set_access::take_all(*this, other);
  return *this;
}

CODICOM_FUNCTION void data_set::clear() noexcept {
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

// --- reading

CODICOM_FUNCTION std::string_view data_set::specific_character_set() const noexcept {
  if (const auto* own = find(detail::specific_character_set_tag)) return detail::trimmed(as_text(own->bytes()));
  return arena_ == nullptr ? std::string_view{} : detail::trimmed(arena_->character_set(character_set_));
}

CODICOM_FUNCTION std::string data_set::text(element_tag tag) const {
  const auto* e = find(tag);
  return e == nullptr ? std::string{} : text(*e);
}

CODICOM_FUNCTION std::string data_set::text(const element& of) const {
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

CODICOM_FUNCTION data_set& data_set::set_empty(element_tag tag, vr representation) {
  auto& e = detail::data_set_access::slot(*this, tag);
  detail::data_set_access::release(*arena_, e);
  detail::data_set_access::set_vr(e, representation);
  if (representation == vr::sq) detail::data_set_access::put_items(e, nullptr, false);
  if (tag == detail::specific_character_set_tag) detail::data_set_access::hand_down_character_set(*this);
  return *this;
}

CODICOM_FUNCTION data_set& data_set::set(element_tag tag) {
  return set_empty(tag, detail::definite(*this, implicit_vr(tag), false));
}

CODICOM_FUNCTION data_set& data_set::set(const element& from) {
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

CODICOM_FUNCTION data_set& data_set::set_bytes(element_tag tag, vr representation, byte_span value) {
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

CODICOM_FUNCTION data_set& data_set::set_bytes(element_tag tag, vr representation, std::vector<std::byte>&& value) {
  if (value.size() < 4096) return set_bytes(tag, representation, byte_span{value});
  if ((value.size() & 1u) != 0) value.push_back(static_cast<std::byte>(padding(representation)));
  auto block = std::make_shared<std::vector<std::byte>>(std::move(value));
  const byte_span all{*block};
  return set_bytes(tag, representation, all, std::move(block));
}

CODICOM_FUNCTION data_set& data_set::set_bytes(element_tag tag, vr representation, byte_span value,
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

CODICOM_FUNCTION data_set& data_set::set_fragments(element_tag tag, vr representation, std::span<const byte_span> fragments) {
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

CODICOM_FUNCTION data_set& data_set::add_item(element_tag sequence) {
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

CODICOM_FUNCTION data_set& data_set::add_item(element_tag sequence, const data_set& item) {
  const data_set copy{item};  // `item` may lie in the list that grows
  auto& added = add_item(sequence);
  added = copy;
  return added;
}

CODICOM_FUNCTION bool data_set::erase(element_tag tag) {
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

CODICOM_FUNCTION bool data_set::equal(const data_set& a, const data_set& b) noexcept {
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
CODICOM_FUNCTION data_set& data_set::set_text(element_tag tag, vr representation, std::string_view utf8) {
  const vr v = detail::definite(*this, representation, utf8.find('-') != std::string_view::npos);
  if (is_text(v) || v == vr::un) {
    detail::set_encoded_text(*this, tag, v, utf8);
    return *this;
  }
  if (utf8.empty()) {
    if (v == vr::sq) return set_empty(tag, v);
    return set_bytes(tag, v, byte_span{});
  }
  std::string all;
  detail::each_part(utf8, true, [&](std::string_view part) {
    bool done = false;
    if (v == vr::at) {
      if (const auto target = parse_tag(detail::trimmed(part))) {
        detail::append_stored(all, target->group());
        detail::append_stored(all, target->element());
        done = true;
      }
    } else if (v == vr::fl || v == vr::fd) {
      if (const auto number = detail::parse_number<double>(part)) done = detail::append_binary(all, tag, v, *number);
    } else if (v == vr::uv) {
      if (const auto number = detail::parse_number<std::uint64_t>(part))
        done = detail::append_binary(all, tag, v, *number);
    } else if (const auto number = detail::parse_number<std::int64_t>(part)) {
      done = detail::append_binary(all, tag, v, *number);
    }
    if (!done) detail::not_a_value(tag, v, part);
    return true;
  });
  return set_bytes(tag, v, as_bytes(all));
}

CODICOM_FUNCTION data_set& data_set::set_text(element_tag tag, std::string_view utf8) {
  return set_text(tag, implicit_vr(tag), utf8);
}

}  // namespace codicom

#include <codicom/data_set/impl/convert_text.hpp>
#include <codicom/data_set/impl/path.hpp>
