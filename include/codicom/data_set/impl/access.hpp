#pragma once
#include <codicom/core/config.hpp>
#include <codicom/core/detail/copy.hpp>
#include <codicom/data_set/detail/access.hpp>

#include <algorithm>
#include <string>

namespace codicom::detail {

CODICOM_FUNCTION void data_set_access::grow(data_set& d) {
  auto& a = memory(d);
  const std::size_t wanted = d.size_ == 0 ? first_elements : std::size_t{d.size_} + d.size_ / 2 + 2;
  const std::size_t size = std::bit_ceil(wanted * sizeof(element));
  auto* const array = reinterpret_cast<element*>(a.allocate_roomy(size));
  if (d.size_ != 0) {
    std::memcpy(static_cast<void*>(array), d.elements_, d.size_ * sizeof(element));
    a.abandon(reinterpret_cast<std::byte*>(d.elements_), (std::size_t{d.size_} + d.spare_) * sizeof(element));
  }
  d.elements_ = array;
  d.spare_ = static_cast<std::uint16_t>(std::min<std::size_t>(size / sizeof(element) - d.size_, 0xFFFF));
}

CODICOM_FUNCTION element& data_set_access::slot(data_set& d, element_tag tag) {
  std::size_t at = d.size_;
  if (at != 0 && !(d.elements_[at - 1].tag() < tag)) {
    at = lower_bound(d, tag);
    if (d.elements_[at].tag() == tag) return d.elements_[at];
  }
  if (d.spare_ == 0) grow(d);
  if (at != d.size_)
    std::memmove(static_cast<void*>(d.elements_ + at + 1), d.elements_ + at, (d.size_ - at) * sizeof(element));
  ++d.size_;
  --d.spare_;
  d.elements_[at] = make(tag, vr::un);
  return d.elements_[at];
}

CODICOM_FUNCTION bool data_set_access::append(data_set& d, element_tag tag, vr v, byte_span value) {
  constexpr std::size_t long_value = 4096;
  if (d.size_ == 0 || !(d.elements_[d.size_ - 1].tag() < tag) || value.size() > long_value ||
      tag == specific_character_set_tag || d.arena_->has_abandoned())
    return false;
  auto& a = *d.arena_;
  const std::size_t odd = value.size() & 1u;
  const auto length = value.size() + odd;
  const auto pad = static_cast<unsigned char>(padding(v));
  if (length <= 8) {  // read before the array moves, in which it may lie
    auto bytes = load_small(value.data(), value.size());
    if (odd != 0) bytes |= std::uint64_t{pad} << (value.size() * 8);
    if (d.spare_ == 0) grow(d);
    write_small(d.elements_[d.size_], tag, v, bytes, length);
  } else {
    std::byte* const at = a.allocate_value(static_cast<std::uint32_t>(length));
    at[length - 1] = static_cast<std::byte>(pad);
    copy_8_or_more(at, value.data(), value.size());
    if (d.spare_ == 0) grow(d);
    write_block(d.elements_[d.size_], tag, v, at);
  }
  ++d.size_;
  --d.spare_;
  return true;
}

CODICOM_FUNCTION void data_set_access::release_one(arena& a, element& e, std::vector<item_list*>& lists) {
  switch (e.place()) {
    case place::small: break;
    case place::arena: a.abandon(e.value_.bytes - 4, block_size(e)); break;
    case place::large: {
      auto* const s = e.value_.large;
      a.drop(s->owner);
      a.abandon(reinterpret_cast<std::byte*>(s), arena::node_size);
      break;
    }
    case place::items:
      if (e.value_.items != nullptr) lists.push_back(e.value_.items);
      break;
    case place::fragments: {
      auto* const list = e.value_.fragments;
      for (std::uint64_t i = 0; i < list->count; ++i)
        if (list->owner == nullptr || list->first[i].size() < referred_fragment)
          a.abandon(const_cast<std::byte*>(list->first[i].data()), list->first[i].size());
      a.drop(list->owner);
      a.abandon(reinterpret_cast<std::byte*>(list->first), list->count * sizeof(byte_span));
      a.abandon(reinterpret_cast<std::byte*>(list), sizeof(fragment_list));
      break;
    }
  }
}

CODICOM_FUNCTION void data_set_access::release(arena& a, element& e) {
  if (e.place() != place::small) {
    a.keep_abandoned();
    std::vector<item_list*> lists;
    release_one(a, e, lists);
    while (!lists.empty()) {
      auto* const list = lists.back();
      lists.pop_back();
      for (std::uint32_t i = 0; i < list->count; ++i) {
        auto& item = list->first[i];
        for (std::uint32_t k = 0; k < item.size_; ++k) release_one(a, item.elements_[k], lists);
        a.abandon(reinterpret_cast<std::byte*>(item.elements_),
                  (std::size_t{item.size_} + item.spare_) * sizeof(element));
      }
      a.abandon(reinterpret_cast<std::byte*>(list->first), block_size(*list));
      a.abandon(reinterpret_cast<std::byte*>(list), sizeof(item_list));
    }
  }
  put_nothing(e);
}

CODICOM_FUNCTION void data_set_access::assign(data_set& d, element& e, vr v, byte_span value) {
  auto& a = memory(d);
  const std::size_t odd = value.size() & 1u;
  const std::size_t length = value.size() + odd;
  if (length > max_value_length) throw std::system_error{errc::invalid_argument, "a value of 4 GiB or more"};
  const auto pad = static_cast<std::byte>(padding(v));
  if (length <= 8) {
    std::byte local[8]{};
    if (!value.empty()) std::memcpy(local, value.data(), value.size());
    if (odd != 0) local[length - 1] = pad;
    release(a, e);
    put_small(e, local, length);
    set_vr(e, v);
    return;
  }
  const bool fresh = e.place() == place::small;
  std::byte* to = nullptr;
  bool roomy = false;
  if (e.place() == place::arena) {  // write over it where the block stays of the same power of two
    const std::size_t have = block_size(e);
    const std::size_t need = length + 4;
    const bool was_roomy = (e.head_ & element::roomy_bit) != 0;
    if (was_roomy ? std::bit_ceil(std::max<std::size_t>(need, 16)) == have : need <= have) {
      to = e.value_.bytes;
      roomy = was_roomy;
    }
  }
  if (to != nullptr) {
    std::memmove(to, value.data(), value.size());
    store<std::endian::native>(to - 4, static_cast<std::uint32_t>(length));
  } else {
    if (fresh && !a.has_abandoned()) {
      to = a.allocate_value(static_cast<std::uint32_t>(length));
    } else {
      to = a.allocate_roomy(length + 4) + 4;
      store<std::endian::native>(to - 4, static_cast<std::uint32_t>(length));
      roomy = true;
    }
    std::memcpy(to, value.data(), value.size());
    release(a, e);
  }
  if (odd != 0) to[length - 1] = pad;
  put_block(e, to);
  set_roomy(e, roomy);
  set_vr(e, v);
}

// Room for one more item; those that are there move.
CODICOM_FUNCTION void data_set_access::add_item_room(arena& a, item_list& list) {
  if (list.count != list.capacity) return;
  const std::size_t size = std::bit_ceil((std::size_t{list.count} + list.count / 2 + 1) * sizeof(data_set));
  auto* const first = reinterpret_cast<data_set*>(a.allocate_roomy(size));
  for (std::uint32_t i = 0; i < list.count; ++i) {
    auto* const moved = ::new (static_cast<void*>(first + i)) data_set;
    take_all(*moved, list.first[i]);
  }
  if (list.first != nullptr) a.abandon(reinterpret_cast<std::byte*>(list.first), block_size(list));
  list.first = first;
  list.capacity = static_cast<std::uint32_t>(size / sizeof(data_set)) & 0x7FFFFFFFu;
  list.roomy = 1;
}

CODICOM_FUNCTION void data_set_access::copy_value(arena& a, element& to, const element& from,
                                        std::vector<std::pair<const data_set*, data_set*>>& left_to_do) {
  switch (from.place()) {
    case place::small: put_small(to, from.value_.small, small_size(from)); break;
    case place::arena: put_new(to, a, from.bytes()); break;
    case place::large: put_slice(to, a, from.bytes(), from.value_.large->owner->block); break;
    case place::items: {
      const auto* const list = from.value_.items;
      item_list* copy = nullptr;
      if (list != nullptr && list->count != 0) {
        auto* const first = allocate_items(a, list->count);
        copy = ::new (a.allocate(sizeof(item_list))) item_list{first, list->count, list->count & 0x7FFFFFFFu, 0};
        for (std::uint32_t i = 0; i < list->count; ++i) left_to_do.emplace_back(list->first + i, first + i);
      }
      put_items(to, copy, from.has_undefined_length());
      break;
    }
    case place::fragments: {
      const auto fragments = from.fragments();
      auto* const list = ::new (a.allocate(sizeof(fragment_list))) fragment_list{};
      list->first = reinterpret_cast<byte_span*>(a.allocate(fragments.size() * sizeof(byte_span)));
      if (from.value_.fragments->owner != nullptr) list->owner = a.hold(from.value_.fragments->owner->block);
      for (const auto& fragment : fragments) {
        byte_span copy = fragment;
        if (!fragment.empty() && (list->owner == nullptr || fragment.size() < referred_fragment)) {
          auto* const at = a.allocate(fragment.size());
          std::memcpy(at, fragment.data(), fragment.size());
          copy = {at, fragment.size()};
        }
        ::new (static_cast<void*>(list->first + list->count)) byte_span{copy};
        ++list->count;
      }
      put_fragments(to, list);
      break;
    }
  }
}

CODICOM_FUNCTION void data_set_access::clone(arena& a, data_set& to, const data_set& from) {
  std::vector<std::pair<const data_set*, data_set*>> left_to_do{{&from, &to}};
  while (!left_to_do.empty()) {
    const auto [source, target] = left_to_do.back();
    left_to_do.pop_back();
    element* array = nullptr;
    if (source->size_ != 0) {
      array = reinterpret_cast<element*>(a.allocate(source->size_ * sizeof(element)));
      for (std::uint32_t i = 0; i < source->size_; ++i) {
        const auto& e = source->elements_[i];
        array[i] = make(e.tag(), e.value_representation());
        copy_value(a, array[i], e, left_to_do);
      }
    }
    const std::uint32_t size = source->size_;
    const std::uint8_t number = source->character_set_ == 0
                                    ? std::uint8_t{0}
                                    : a.number_of_character_set(source->arena_->character_set(source->character_set_));
    const auto undefined = static_cast<std::uint8_t>(source->flags_ & undefined_length_flag);
    target->elements_ = array;
    target->size_ = size;
    target->spare_ = 0;
    target->character_set_ = number;
    target->flags_ = static_cast<std::uint8_t>((target->flags_ & nested_flag) | undefined);
  }
}

CODICOM_FUNCTION void data_set_access::hand_down_character_set(data_set& d) {
  std::vector<data_set*> left_to_do{&d};
  while (!left_to_do.empty()) {
    auto& parent = *left_to_do.back();
    left_to_do.pop_back();
    std::uint8_t number = 0;
    bool known = false;
    for (std::uint32_t i = 0; i < parent.size_; ++i) {
      auto& e = parent.elements_[i];
      if (e.place() != place::items || e.value_.items == nullptr) continue;
      if (!known) number = character_set_of_items(parent);
      known = true;
      for (std::uint32_t k = 0; k < e.value_.items->count; ++k) {
        auto& item = e.value_.items->first[k];
        item.character_set_ = number;
        if (item.find(specific_character_set_tag) == nullptr) left_to_do.push_back(&item);
      }
    }
  }
}

}  // namespace codicom::detail
