#pragma once
#include <codicom/core/bytes.hpp>
#include <codicom/core/tag.hpp>
#include <codicom/core/vr.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <type_traits>

namespace codicom {

class data_set;

namespace detail {

struct data_set_access;

// Keeps a block alive that values of a tree point into. Lives in the tree's arena, which drops it.
struct owner_node {
  std::shared_ptr<const void> block;
  owner_node* previous = nullptr;
  owner_node* next = nullptr;
};

// A value outside the arena: part of a received buffer, of a mapped file, or a vector of its own.
struct slice {
  const std::byte* data = nullptr;
  std::uint64_t size = 0;
  owner_node* owner = nullptr;
};

struct item_list {
  data_set* first = nullptr;
  std::uint32_t count = 0;
  std::uint32_t capacity : 31 = 0;
  std::uint32_t roomy : 1 = 0;  // the array's block is a power of two
};

// With an owner, fragments of at least `referred_fragment` bytes lie in its block; all others lie in the arena.
inline constexpr std::size_t referred_fragment = 64;
struct fragment_list {
  byte_span* first = nullptr;
  std::uint64_t count = 0;
  owner_node* owner = nullptr;
};

}  // namespace detail

/// One data element (PS3.5 §7.1): tag, VR and value, in 16 bytes. The value is kept as it travels in little endian:
/// here when it has up to 8 bytes, else in the arena of its data set's tree, or, when large, in a block that the tree
/// holds by count. An element belongs to its data set and lives until that changes; what it returns, too.
class element {
 public:
  [[nodiscard]] element_tag tag() const noexcept { return element_tag{static_cast<std::uint32_t>(head_)}; }
  [[nodiscard]] vr value_representation() const noexcept { return static_cast<vr>(byte_of_head(vr_at)); }

  /// The value in little endian, padding included; empty for a sequence and for fragments.
  [[nodiscard]] byte_span bytes() const noexcept {
    switch (place()) {
      case place_kind::small: return {value_.small, byte_of_head(size_at)};
      case place_kind::arena: return {value_.bytes, load<std::uint32_t, std::endian::native>(value_.bytes - 4)};
      case place_kind::large: return {value_.large->data, static_cast<std::size_t>(value_.large->size)};
      default: return {};
    }
  }
  /// Bytes of the value, padding included; 0 for a sequence and for fragments.
  [[nodiscard]] std::size_t length() const noexcept { return bytes().size(); }
  /// No bytes, no items, no fragments: "present, but empty" (zero length).
  [[nodiscard]] bool empty() const noexcept;

  /// Its value is a list of items. True for SQ, and for a UN of undefined length, whose content is encoded as an
  /// implicit VR sequence (PS3.5 §6.2.2).
  [[nodiscard]] bool is_sequence() const noexcept { return place() == place_kind::items; }
  /// The items of a sequence, in order; none for another element.
  [[nodiscard]] std::span<const data_set> items() const noexcept;

  /// Encapsulated pixel data (PS3.5 §A.4).
  [[nodiscard]] bool is_encapsulated() const noexcept { return place() == place_kind::fragments; }
  /// The fragments as they came; the first is the basic offset table, which may be empty.
  [[nodiscard]] std::span<const byte_span> fragments() const noexcept {
    if (place() != place_kind::fragments) return {};
    return {value_.fragments->first, static_cast<std::size_t>(value_.fragments->count)};
  }

  /// How a sequence was, and will be, delimited (PS3.5 §7.5.1).
  [[nodiscard]] bool has_undefined_length() const noexcept { return (head_ & undefined_length_bit) != 0; }

 private:
  friend class data_set;
  friend struct detail::data_set_access;

  enum class place_kind : std::uint8_t { small, arena, large, items, fragments };

  [[nodiscard]] place_kind place() const noexcept { return static_cast<place_kind>(byte_of_head(place_at)); }

  // The tag, above it a byte each for VR, place, size when small, and two bits. As one number, so that an element is
  // written in two steps of 8 bytes, and whoever reads it right afterwards does not wait.
  static constexpr unsigned vr_at = 32;
  static constexpr unsigned place_at = 40;
  static constexpr unsigned size_at = 48;
  static constexpr std::uint64_t undefined_length_bit = std::uint64_t{1} << 56;
  static constexpr std::uint64_t roomy_bit = std::uint64_t{1} << 57;  // its arena block is a power of two
  [[nodiscard]] std::uint8_t byte_of_head(unsigned at) const noexcept { return static_cast<std::uint8_t>(head_ >> at); }

  std::uint64_t head_ = 0;
  union value_union {
    std::byte small[8];  // zero beyond the value
    std::byte* bytes;    // the 4-byte length lies just before
    detail::slice* large;
    detail::item_list* items;
    detail::fragment_list* fragments;
  } value_{};
};

static_assert(sizeof(element) == 16 && std::is_trivially_copyable_v<element>);

}  // namespace codicom
