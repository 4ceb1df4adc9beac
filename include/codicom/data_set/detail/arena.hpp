#pragma once
#include <codicom/core/detail/inline.hpp>
#include <codicom/core/error.hpp>
#include <codicom/data_set/element.hpp>

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <new>
#include <string_view>
#include <system_error>
#include <utility>

namespace codicom::detail {

// The memory of one data set and everything nested in it. Memory is taken from chunks and given back only when the
// whole tree goes; what a change abandons goes to a list per power of two, so that repeated changes stay bounded.
// The arena itself lies at the start of its first chunk.
class arena {
 public:
  static constexpr std::size_t alignment = 8;

  // `bytes` is what the first chunk can hand out.
  [[nodiscard]] static arena* create(std::size_t bytes) {
    const std::size_t size = header_size + round_up(bytes);
    auto* const memory = static_cast<std::byte*>(::operator new(size));
    auto* const first = ::new (memory) chunk{nullptr, size};
    return ::new (memory + sizeof(chunk)) arena{first, memory + header_size, memory + size};
  }
  static void destroy(arena* a) noexcept {
    for (auto* node = a->owners_; node != nullptr;) {
      auto* const next = node->next;
      node->~owner_node();
      node = next;
    }
    for (auto* c = a->chunks_; c != nullptr;) {  // newest first, so that the arena itself goes last
      auto* const previous = c->previous;
      ::operator delete(c, c->size);
      c = previous;
    }
  }
  arena(const arena&) = delete;
  arena& operator=(const arena&) = delete;

  [[nodiscard]] std::uint64_t bytes() const noexcept { return total_; }
  // More than this throws errc::limit_exceeded.
  void set_limit(std::uint64_t bytes) noexcept { limit_ = bytes; }
  // Would so much more be too much?
  void check(std::uint64_t bytes) const {
    if (total_ > limit_ || bytes > limit_ - total_) exceeds();
  }
  // So much belongs to the tree, but lies elsewhere.
  void charge(std::uint64_t bytes) {
    check(bytes);
    limit_ -= bytes;
  }

  // Aligned to 8.
  [[nodiscard]] CODICOM_ALWAYS_INLINE std::byte* allocate(std::size_t size) {
    auto* const at = next_ + (-reinterpret_cast<std::uintptr_t>(next_) & (alignment - 1));
    if (at > end_ || size > static_cast<std::size_t>(end_ - at)) return grow(round_up(size));
    next_ = at + size;
    return at;
  }
  // A value block: the length, then room for the bytes; aligned to 4, the result points behind the length.
  [[nodiscard]] CODICOM_ALWAYS_INLINE std::byte* allocate_value(std::uint32_t length) {
    const std::size_t size = (std::size_t{length} + 4 + 3) & ~std::size_t{3};
    std::byte* at = next_;
    if (size > static_cast<std::size_t>(end_ - at)) at = grow(round_up(size));
    else next_ = at + size;
    store<std::endian::native>(at, length);
    return at + 4;
  }

  // For changes: a block of a power of two of at least 16 bytes, an abandoned one when there is one.
  [[nodiscard]] std::byte* allocate_roomy(std::size_t size) {
    const auto order = static_cast<std::size_t>(std::bit_width((size < 16 ? 16 : size) - 1));
    if (free_ != nullptr && order < free_orders && free_->heads[order] != nullptr) {
      auto*& head = free_->heads[order];
      std::byte* const block = head;
      std::memcpy(&head, block, sizeof head);
      return block;
    }
    return allocate(std::size_t{1} << order);
  }
  // The same for small things of a fixed size, which are abandoned with `node_size`.
  static constexpr std::size_t node_size = 32;
  [[nodiscard]] std::byte* allocate_node() {
    return free_ != nullptr ? allocate_roomy(node_size) : allocate(node_size);
  }
  [[nodiscard]] bool has_abandoned() const noexcept { return free_ != nullptr; }
  // Whatever lies in [block, block + size) is not used any more.
  void abandon(std::byte* block, std::size_t size) noexcept {
    const auto skew = -reinterpret_cast<std::uintptr_t>(block) & (alignment - 1);
    if (size < skew + 16) return;  // too small to be worth keeping
    block += skew;
    size -= skew;
    if (free_ == nullptr) {  // the table lies in the first block that is big enough; smaller ones before it are lost
      if (size < sizeof(free_table)) return;
      free_ = ::new (block) free_table{};
      return;
    }
    const auto width = static_cast<std::size_t>(std::bit_width(size));
    const auto order = (width < free_orders ? width : free_orders) - 1;
    std::memcpy(block, &free_->heads[order], sizeof(std::byte*));
    free_->heads[order] = block;
  }
  // Have the table, so that from now on nothing abandoned is lost.
  void keep_abandoned() {
    if (free_ == nullptr) free_ = ::new (allocate(sizeof(free_table))) free_table{};
  }

  [[nodiscard]] owner_node* hold(std::shared_ptr<const void> block) {
    auto* const node = ::new (allocate_node()) owner_node{std::move(block), nullptr, owners_};
    if (owners_ != nullptr) owners_->previous = node;
    owners_ = node;
    return node;
  }
  void drop(owner_node* node) noexcept {
    if (node == nullptr) return;
    if (node->previous != nullptr) node->previous->next = node->next;
    else owners_ = node->next;
    if (node->next != nullptr) node->next->previous = node->previous;
    node->~owner_node();
    abandon(reinterpret_cast<std::byte*>(node), node_size);
  }

  // Specific Character Set values that items inherit, numbered from 1.
  [[nodiscard]] std::string_view character_set(std::uint8_t number) const noexcept {
    if (number == 0) return {};
    const auto* entry = character_sets_;
    while (entry != nullptr && entry->number != number) entry = entry->next;
    return entry == nullptr ? std::string_view{} : entry->text;
  }
  [[nodiscard]] std::uint8_t number_of_character_set(std::string_view text) {
    if (text.empty()) return 0;
    for (const auto* entry = character_sets_; entry != nullptr; entry = entry->next)
      if (entry->text == text) return entry->number;
    const auto number = character_sets_ == nullptr ? 1 : character_sets_->number + 1;
    if (number > std::numeric_limits<std::uint8_t>::max()) return character_sets_->number;
    auto* const copy = reinterpret_cast<char*>(allocate(text.size()));
    std::memcpy(copy, text.data(), text.size());
    character_sets_ = ::new (allocate(sizeof(character_set_entry)))
        character_set_entry{{copy, text.size()}, character_sets_, static_cast<std::uint8_t>(number)};
    return character_sets_->number;
  }

 private:
  struct chunk {
    chunk* previous;
    std::size_t size;
  };
  struct character_set_entry {
    std::string_view text;
    character_set_entry* next;
    std::uint8_t number;
  };
  static constexpr std::size_t free_orders = 33;
  struct free_table {
    std::array<std::byte*, free_orders> heads{};
  };

  arena(chunk* first, std::byte* next, std::byte* end) noexcept
      : next_{next}, end_{end}, chunks_{first}, total_{first->size} {}

  static constexpr std::size_t round_up(std::size_t size) noexcept { return (size + alignment - 1) & ~(alignment - 1); }

  [[noreturn]] CODICOM_COLD static void exceeds() {
    throw std::system_error{errc::limit_exceeded, "limits.arena_bytes"};
  }

  [[nodiscard]] CODICOM_COLD std::byte* grow(std::size_t size) {
    const std::uint64_t quarter = total_ / 4;
    const auto proposed = static_cast<std::size_t>(quarter < 512 ? 512 : quarter > 256u << 10 ? 256u << 10 : quarter);
    const std::size_t payload = proposed < size ? size : proposed;
    const std::size_t whole = sizeof(chunk) + round_up(payload);
    check(whole);
    auto* const memory = static_cast<std::byte*>(::operator new(whole));
    auto* const added = ::new (memory) chunk{chunks_, whole};
    total_ += whole;
    std::byte* const at = memory + sizeof(chunk);
    chunks_ = added;
    // Go on in whichever of the two chunks has more room left.
    const std::size_t left = whole - sizeof(chunk) - size;
    if (left > static_cast<std::size_t>(end_ - next_)) {
      next_ = at + size;
      end_ = memory + whole;
    }
    return at;
  }

  std::byte* next_;
  std::byte* end_;
  chunk* chunks_;
  std::uint64_t total_;
  std::uint64_t limit_ = std::numeric_limits<std::uint64_t>::max();
  owner_node* owners_ = nullptr;
  free_table* free_ = nullptr;
  character_set_entry* character_sets_ = nullptr;

  static constexpr std::size_t header_size = (sizeof(chunk) + 8 * sizeof(void*) + alignment - 1) & ~(alignment - 1);
};

static_assert(sizeof(arena) <= 8 * sizeof(void*));
static_assert(sizeof(owner_node) <= arena::node_size && sizeof(slice) <= arena::node_size);

}  // namespace codicom::detail
