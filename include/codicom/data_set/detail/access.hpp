#pragma once
#include <codicom/data_set/data_set.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <system_error>
#include <utility>
#include <vector>

namespace codicom::detail {

inline constexpr element_tag specific_character_set_tag{0x0008, 0x0005};
inline constexpr std::uint32_t max_value_length = 0xFFFFFFFE;

// A data set of somebody else's arena, as plain numbers: what the builder keeps on its stack.
struct data_set_image {
  element* elements = nullptr;
  std::uint32_t size = 0;
  std::uint8_t flags = 0;
  std::uint8_t character_set = 0;
};

// The inside of elements and data sets: for data_set itself, the builder and the encoder.
struct data_set_access {
  using place = element::place_kind;
  static constexpr std::uint8_t nested_flag = data_set::nested_flag;
  static constexpr std::uint8_t undefined_length_flag = data_set::undefined_length_flag;

  // --- elements

  [[nodiscard]] static element make(element_tag tag, vr v) noexcept {
    element e;
    e.head_ = head(tag, v);
    return e;
  }
  static void set_vr(element& e, vr v) noexcept {
    e.head_ = (e.head_ & ~(std::uint64_t{0xFF} << element::vr_at)) | std::uint64_t{static_cast<std::uint8_t>(v)} << element::vr_at;
  }
  static void set_roomy(element& e, bool roomy) noexcept {
    e.head_ = roomy ? e.head_ | element::roomy_bit : e.head_ & ~element::roomy_bit;
  }
  static void put_small(element& e, const std::byte* from, std::size_t size) noexcept {
    put_place(e, place::small, size);
    std::byte all[8]{};
    std::memcpy(all, from, size);
    std::memcpy(e.value_.small, all, 8);
  }
  static void put_nothing(element& e) noexcept {
    put_place(e, place::small);
    e.value_ = {};
  }
  static void put_block(element& e, std::byte* value) noexcept {
    put_place(e, place::arena);
    e.value_.bytes = value;
  }
  static void put_slice(element& e, arena& a, byte_span value, std::shared_ptr<const void> owner) {
    auto* const node = a.hold(std::move(owner));
    auto* const s = ::new (a.allocate_node()) slice{value.data(), value.size(), node};
    put_place(e, place::large);
    e.value_.large = s;
  }
  static void put_items(element& e, item_list* items, bool undefined_length) noexcept {
    put_place(e, place::items);
    if (undefined_length) e.head_ |= element::undefined_length_bit;
    e.value_.items = items;
  }
  static void put_fragments(element& e, fragment_list* fragments) noexcept {
    put_place(e, place::fragments);
    e.head_ |= element::undefined_length_bit;
    e.value_.fragments = fragments;
  }
  // All of an element that holds up to 8 bytes, zero beyond the value, the first of which is the lowest.
  static void write_small(element& e, element_tag tag, vr v, std::uint64_t bytes, std::size_t size) noexcept {
    e.head_ = head(tag, v, place::small, size);
    store_le(e.value_.small, bytes);
  }
  static void write_block(element& e, element_tag tag, vr v, std::byte* value) noexcept {
    e.head_ = head(tag, v, place::arena);
    e.value_.bytes = value;
  }
  static void write_items(element& e, element_tag tag, vr v, item_list* items, bool undefined_length) noexcept {
    e.head_ = head(tag, v, place::items) | (undefined_length ? element::undefined_length_bit : 0);
    e.value_.items = items;
  }
  // A value of a new element, in its arena or in itself.
  static void put_new(element& e, arena& a, byte_span value) {
    if (value.size() <= 8) return put_small(e, value.data(), value.size());
    std::byte* const at = a.allocate_value(static_cast<std::uint32_t>(value.size()));
    std::memcpy(at, value.data(), value.size());
    put_block(e, at);
  }
  [[nodiscard]] static place place_of(const element& e) noexcept { return e.place(); }
  [[nodiscard]] static const std::byte* small_bytes(const element& e) noexcept { return e.value_.small; }
  [[nodiscard]] static std::uint32_t small_size(const element& e) noexcept { return e.byte_of_head(element::size_at); }
  [[nodiscard]] static const std::byte* block(const element& e) noexcept { return e.value_.bytes; }
  [[nodiscard]] static item_list* items(const element& e) noexcept { return e.value_.items; }

  // --- data sets

  [[nodiscard]] static std::uint64_t arena_bytes(const data_set& d) noexcept {
    return d.arena_ == nullptr ? 0 : d.arena_->bytes();
  }
  [[nodiscard]] static element* elements(data_set& d) noexcept { return d.elements_; }
  [[nodiscard]] static arena& memory(data_set& d) {
    if (d.arena_ == nullptr) d.arena_ = arena::create(first_chunk);
    return *d.arena_;
  }
  static void adopt(data_set& root, arena* memory, const data_set_image& image) noexcept {
    root.arena_ = memory;
    fill(root, image);
  }
  static void fill(data_set& d, const data_set_image& image) noexcept {
    d.elements_ = image.elements;
    d.size_ = image.size;
    d.spare_ = 0;
    d.flags_ = image.flags;
    d.character_set_ = image.character_set;
  }
  // `count` items in the arena, empty, nested.
  [[nodiscard]] static data_set* allocate_items(arena& a, std::size_t count) {
    return make_items(a, a.allocate(count * sizeof(data_set)), count);
  }
  [[nodiscard]] static data_set* make_items(arena& a, std::byte* at, std::size_t count) {
    auto* const first = reinterpret_cast<data_set*>(at);
    for (std::size_t i = 0; i < count; ++i) {
      auto* const d = ::new (static_cast<void*>(first + i)) data_set;
      d->flags_ = nested_flag;
      d->arena_ = &a;
    }
    return first;
  }
  // The same of what the builder has kept.
  [[nodiscard]] static data_set* make_items(arena& a, std::byte* at, std::size_t count, const data_set_image* images) {
    auto* const first = reinterpret_cast<data_set*>(at);
    for (std::size_t i = 0; i < count; ++i) {
      auto* const d = ::new (static_cast<void*>(first + i)) data_set;
      fill(*d, images[i]);
      d->arena_ = &a;
    }
    return first;
  }
  [[nodiscard]] static std::uint8_t inherited_character_set(const data_set& d) noexcept { return d.character_set_; }
  static void set_inherited_character_set(data_set& d, std::uint8_t number) noexcept { d.character_set_ = number; }
  // What items of `d` inherit.
  [[nodiscard]] static std::uint8_t character_set_of_items(data_set& d) {
    const auto* own = d.find(specific_character_set_tag);
    return own == nullptr ? d.character_set_ : memory(d).number_of_character_set(as_text(own->bytes()));
  }
  static void hand_down_character_set(data_set& d);

  [[nodiscard]] static std::size_t lower_bound(const data_set& d, element_tag tag) noexcept {
    const element* first = d.elements_;
    std::size_t count = d.size_;
    while (count != 0) {
      const std::size_t half = count / 2;
      const bool below = first[half].tag() < tag;
      first = below ? first + half + 1 : first;
      count = below ? count - half - 1 : half;
    }
    return static_cast<std::size_t>(first - d.elements_);
  }
  // The element of that tag; a new one is empty, of VR UN.
  [[nodiscard]] static element& slot(data_set& d, element_tag tag);
  static void grow(data_set& d);
  // A new element behind all others, the common case of building. False, with nothing done, when it is not that.
  [[nodiscard]] static bool append(data_set& d, element_tag tag, vr v, byte_span value);
  // Make the value empty, and what it took free again.
  static void release(arena& a, element& e);
  // Replace the value, padded to even length.
  static void assign(data_set& d, element& e, vr v, byte_span value);
  // Replace the value by a copy of that of another data set's element.
  static void copy_value(arena& a, element& to, const element& from,
                         std::vector<std::pair<const data_set*, data_set*>>& left_to_do);
  // Give `to`, whose own elements are forgotten, the elements of `from`, in the arena `a`.
  static void clone(arena& a, data_set& to, const data_set& from);
  static void take_all(data_set& to, data_set& from) noexcept {
    to.elements_ = std::exchange(from.elements_, nullptr);
    to.size_ = std::exchange(from.size_, 0u);
    to.spare_ = std::exchange(from.spare_, std::uint16_t{0});
    to.flags_ = std::exchange(from.flags_, std::uint8_t{0});
    to.character_set_ = std::exchange(from.character_set_, std::uint8_t{0});
    to.arena_ = std::exchange(from.arena_, nullptr);
  }

  static void add_item_room(arena& a, item_list& list);

  static constexpr std::size_t first_chunk = 768;
  static constexpr std::size_t first_elements = 16;

 private:
  [[nodiscard]] static std::uint64_t head(element_tag tag, vr v, place where = place::small, std::size_t size = 0) noexcept {
    return tag.value | std::uint64_t{static_cast<std::uint8_t>(v)} << element::vr_at |
           std::uint64_t{static_cast<std::uint8_t>(where)} << element::place_at | std::uint64_t{size} << element::size_at;
  }
  static void put_place(element& e, place where, std::size_t size = 0) noexcept {
    e.head_ = head(e.tag(), e.value_representation(), where, size);
  }
  [[nodiscard]] static std::size_t block_size(const element& e) noexcept {
    const std::size_t used = e.bytes().size() + 4;
    return (e.head_ & element::roomy_bit) != 0 ? std::bit_ceil(used < 16 ? std::size_t{16} : used) : (used + 3) & ~std::size_t{3};
  }
  [[nodiscard]] static std::size_t block_size(const item_list& list) noexcept {
    const std::size_t used = list.capacity * sizeof(data_set);
    return list.roomy ? std::bit_ceil(used) : used;
  }
  static void release_one(arena& a, element& e, std::vector<item_list*>& lists);
};

}  // namespace codicom::detail

#ifndef CODICOM_SEPARATE_COMPILATION
#include <codicom/data_set/impl/access.hpp>
#endif
