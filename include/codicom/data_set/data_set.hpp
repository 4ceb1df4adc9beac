#pragma once
#include <codicom/core/bytes.hpp>
#include <codicom/core/error.hpp>
#include <codicom/core/tag.hpp>
#include <codicom/core/unique_id.hpp>
#include <codicom/core/vr.hpp>
#include <codicom/data_set/detail/arena.hpp>
#include <codicom/data_set/element.hpp>
#include <codicom/data_set/value.hpp>
#include <codicom/dictionary/attribute.hpp>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace codicom {

/// A data set (PS3.5 §7): elements in the order of their tags, sequences with items that are data sets themselves.
///
/// A data set and everything nested in it share one arena, which is freed at once. Copying is deep; moving costs a few
/// pointers. Two data sets never share anything that can change, so separate ones may be used on separate threads, and
/// one may be read by many at once.
///
/// What it lends has an end: a view of a value lasts until its data set is changed, a `data_set&` of an item until
/// its sequence gains or loses items.
///
/// Text goes in and out as UTF-8 and is kept in the data set's Specific Character Set (0008,0005), which an item
/// inherits from the data set around it (PS3.5 §6.1.2). Text that this set cannot hold turns the data set to ISO_IR
/// 192.
class data_set {
 public:
  data_set() noexcept = default;
  data_set(const data_set& other);
  data_set& operator=(const data_set& other);
  /// An item cannot be torn out of its tree: moving from one copies it.
  data_set(data_set&& other) noexcept;
  data_set& operator=(data_set&& other) noexcept;
  ~data_set() {
    if (owns_arena()) detail::arena::destroy(arena_);
  }

  // --- what is there

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  /// In ascending order of tags. Of a tag that came more than once, all stand side by side.
  [[nodiscard]] const element* begin() const noexcept { return elements_; }
  [[nodiscard]] const element* end() const noexcept { return elements_ + size_; }

  /// The (first) element of that tag, null when there is none.
  [[nodiscard]] const element* find(element_tag tag) const noexcept;
  /// By path: `PatientID`, `0010,0020`, `SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0].SliceThickness`;
  /// an index left out is 0. Null when there is none, and when it is not a path.
  [[nodiscard]] const element* find(std::string_view path) const;
  [[nodiscard]] bool contains(element_tag tag) const noexcept { return find(tag) != nullptr; }

  // --- values; what is absent, empty or unreadable gives nothing

  /// The first value, in the type that the dictionary gives the attribute. Views (OB, OW, UN ...) last as `bytes` does.
  template <vr V, std::uint32_t Min, std::uint32_t Max>
  [[nodiscard]] std::optional<value_type<V>> get(attribute<V, Min, Max> tag) const;
  /// All values of an element as T: a number, `std::string` (UTF-8), `unique_id`, `element_tag`, or one of the types of
  /// date_time.hpp, age.hpp and person_name.hpp. Values that cannot be read as T are left out.
  template <class T>
  [[nodiscard]] std::vector<T> values(element_tag tag) const;
  template <vr V, std::uint32_t Min, std::uint32_t Max>
  [[nodiscard]] std::vector<value_type<V>> values(attribute<V, Min, Max> tag) const {
    return values<value_type<V>>(static_cast<element_tag>(tag));
  }
  /// All values as UTF-8 text, separated by backslashes, without padding; numbers in decimal. "" when there is none.
  [[nodiscard]] std::string text(element_tag tag) const;
  [[nodiscard]] std::string text(std::string_view path) const;
  [[nodiscard]] std::string text(const element& of) const;
  /// A non-empty UID. It may still be invalid.
  [[nodiscard]] std::optional<unique_id> uid(element_tag tag) const noexcept;
  /// The value as it travels, in little endian.
  [[nodiscard]] byte_span bytes(element_tag tag) const noexcept;
  /// The items of a sequence; none when absent.
  [[nodiscard]] std::span<const data_set> items(element_tag tag) const noexcept;
  [[nodiscard]] std::span<data_set> items(element_tag tag) noexcept;

  // --- changing; every `set` replaces what was there. Errors: errc::invalid_argument

  /// Present, but empty; the VR is the dictionary's. For a sequence: no items.
  data_set& set(element_tag tag);
  /// A value, or a range of them, of the attribute's type: text as UTF-8, numbers that fit, UIDs, tags, bytes,
  /// data sets as items of a sequence.
  template <vr V, std::uint32_t Min, std::uint32_t Max, class T>
  data_set& set(attribute<V, Min, Max> tag, const T& value);
  template <vr V, std::uint32_t Min, std::uint32_t Max, class T>
  data_set& set(attribute<V, Min, Max> tag, std::initializer_list<T> values);
  /// A copy of an element of any data set, items included; text is not converted.
  data_set& set(const element& from);
  /// From text as a person writes it: `512`, `1\2`, `ALLISON*`. The VR is the dictionary's; other elements than those
  /// of text and numbers take only "".
  data_set& set_text(element_tag tag, std::string_view utf8);
  data_set& set_text(element_tag tag, vr representation, std::string_view utf8);
  /// By path, see `find`; sequences and items on the way are made.
  data_set& set_text(std::string_view path, std::string_view utf8);
  /// The value as it travels, in little endian; padded to even length.
  data_set& set_bytes(element_tag tag, vr representation, byte_span value);
  /// Taken over without copying when large.
  data_set& set_bytes(element_tag tag, vr representation, std::vector<std::byte>&& value);
  /// By reference to a block that `owner` keeps; it must not change any more.
  data_set& set_bytes(element_tag tag, vr representation, byte_span value, std::shared_ptr<const void> owner);
  /// Encapsulated pixel data (PS3.5 §A.4); the first fragment is the basic offset table, which may be empty.
  data_set& set_fragments(element_tag tag, vr representation, std::span<const byte_span> fragments);

  /// A new item at the end of a sequence, which is made when absent.
  data_set& add_item(element_tag sequence);
  data_set& add_item(element_tag sequence, const data_set& item);
  /// True when there was such an element.
  bool erase(element_tag tag);
  void clear() noexcept;

  /// Specific Character Set as it stands here or in the data set around; "" is the default repertoire.
  [[nodiscard]] std::string_view specific_character_set() const noexcept;
  /// Turn all text, that of the items included, to another Specific Character Set, `\` between terms. False, and
  /// nothing changed, when that lacks a character, or would make characters of bytes that are none now.
  bool convert_text(std::string_view character_set);
  /// The same to ISO_IR 192, which lacks nothing.
  void convert_to_utf8();
  /// What `convert_text` can turn all text to, of few bytes and few terms: the set in use, unless that is ISO_IR 192;
  /// the default repertoire (""); a single-byte set; code extensions between up to three of them, or with multi-byte
  /// ones, where `has_multi_byte_sets()`; else ISO_IR 192.
  [[nodiscard]] std::string smallest_character_set() const;

  /// How an item was, and will be, delimited (PS3.5 §7.5.1).
  [[nodiscard]] bool has_undefined_length() const noexcept { return (flags_ & undefined_length_flag) != 0; }

  /// The same elements with the same VRs and values; how items are delimited does not matter.
  friend bool operator==(const data_set& a, const data_set& b) noexcept { return equal(a, b); }

 private:
  friend struct detail::data_set_access;

  static constexpr std::uint8_t nested_flag = 1;
  static constexpr std::uint8_t undefined_length_flag = 2;

  [[nodiscard]] bool is_nested() const noexcept { return (flags_ & nested_flag) != 0; }
  [[nodiscard]] bool owns_arena() const noexcept { return arena_ != nullptr && !is_nested(); }
  data_set& set_empty(element_tag tag, vr representation);
  [[nodiscard]] static bool equal(const data_set& a, const data_set& b) noexcept;

  element* elements_ = nullptr;
  std::uint32_t size_ = 0;
  std::uint16_t spare_ = 0;  // elements that fit behind `size_`
  std::uint8_t flags_ = 0;
  std::uint8_t character_set_ = 0;  // inherited: 0 is the default repertoire, else place in the arena's list, plus 1
  detail::arena* arena_ = nullptr;  // owned, unless nested
};

static_assert(sizeof(data_set) == 24);

inline bool element::empty() const noexcept {
  switch (place()) {
    case place_kind::items: return value_.items == nullptr || value_.items->count == 0;
    case place_kind::fragments: return value_.fragments->count == 0;
    default: return length() == 0;
  }
}
inline std::span<const data_set> element::items() const noexcept {
  if (place() != place_kind::items || value_.items == nullptr) return {};
  return {value_.items->first, value_.items->count};
}

}  // namespace codicom

#include <codicom/data_set/impl/data_set.hpp>
