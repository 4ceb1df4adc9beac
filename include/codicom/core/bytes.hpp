#pragma once
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

namespace codicom {

using byte_span = std::span<const std::byte>;

namespace detail {

template <std::unsigned_integral T>
[[nodiscard]] constexpr T swapped(T value) noexcept {
  if constexpr (sizeof(T) == 1) return value;
  else if constexpr (sizeof(T) == 2) return static_cast<T>(__builtin_bswap16(value));
  else if constexpr (sizeof(T) == 4) return __builtin_bswap32(value);
  else return __builtin_bswap64(value);
}

}  // namespace detail

/// Read a number of the given byte order at `from`, which need not be aligned.
template <std::unsigned_integral T, std::endian Order>
[[nodiscard]] inline T load(const std::byte* from) noexcept {
  T value;
  std::memcpy(&value, from, sizeof value);
  if constexpr (Order != std::endian::native) value = detail::swapped(value);
  return value;
}
template <std::unsigned_integral T>
[[nodiscard]] inline T load_le(const std::byte* from) noexcept { return load<T, std::endian::little>(from); }
template <std::unsigned_integral T>
[[nodiscard]] inline T load_be(const std::byte* from) noexcept { return load<T, std::endian::big>(from); }

template <std::endian Order, std::unsigned_integral T>
inline void store(std::byte* to, T value) noexcept {
  if constexpr (Order != std::endian::native) value = detail::swapped(value);
  std::memcpy(to, &value, sizeof value);
}
template <std::unsigned_integral T>
inline void store_le(std::byte* to, T value) noexcept { store<std::endian::little>(to, value); }
template <std::unsigned_integral T>
inline void store_be(std::byte* to, T value) noexcept { store<std::endian::big>(to, value); }

namespace detail {

// 0 to 8 bytes as they lie there, zeros behind, without a loop and without reading beyond.
[[nodiscard]] inline std::uint64_t load_small(const std::byte* from, std::size_t size) noexcept {
  if (size >= 4)
    return load_le<std::uint32_t>(from) | std::uint64_t{load_le<std::uint32_t>(from + size - 4)} << ((size - 4) * 8);
  if (size >= 2)
    return load_le<std::uint16_t>(from) | std::uint64_t{load_le<std::uint16_t>(from + size - 2)} << ((size - 2) * 8);
  return size == 0 ? 0 : std::to_integer<std::uint64_t>(*from);
}

}  // namespace detail

[[nodiscard]] inline byte_span as_bytes(std::string_view text) noexcept {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}
[[nodiscard]] inline std::string_view as_text(byte_span bytes) noexcept {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Walks big-endian fields of a PDU (PS3.8 §9.3.1). Reading past the end gives zeros and makes the cursor `failed`;
/// so a decoder reads a whole structure and asks once.
class byte_cursor {
 public:
  constexpr explicit byte_cursor(byte_span bytes) noexcept : bytes_{bytes} {}

  [[nodiscard]] std::uint8_t u8() noexcept { return number<std::uint8_t>(); }
  [[nodiscard]] std::uint16_t u16() noexcept { return number<std::uint16_t>(); }
  [[nodiscard]] std::uint32_t u32() noexcept { return number<std::uint32_t>(); }
  /// The next `size` bytes, a view of the input; empty and failed when fewer are left.
  [[nodiscard]] byte_span take(std::size_t size) noexcept {
    if (size > remaining()) {
      failed_ = true;
      return {};
    }
    const auto part = bytes_.subspan(offset_, size);
    offset_ += size;
    return part;
  }
  [[nodiscard]] std::string_view text(std::size_t size) noexcept { return as_text(take(size)); }
  void skip(std::size_t size) noexcept { static_cast<void>(take(size)); }

  [[nodiscard]] std::size_t offset() const noexcept { return offset_; }
  [[nodiscard]] std::size_t remaining() const noexcept { return failed_ ? 0 : bytes_.size() - offset_; }
  [[nodiscard]] bool failed() const noexcept { return failed_; }

 private:
  template <class T>
  T number() noexcept {
    const auto part = take(sizeof(T));
    return part.empty() ? T{0} : load_be<T>(part.data());
  }

  byte_span bytes_;
  std::size_t offset_ = 0;
  bool failed_ = false;
};

/// Appends big-endian fields; lengths that are known only afterwards are patched in.
class byte_sink {
 public:
  explicit byte_sink(std::vector<std::byte>& out) noexcept : out_{&out} {}

  byte_sink& u8(std::uint8_t value) { return number(value); }
  byte_sink& u16(std::uint16_t value) { return number(value); }
  byte_sink& u32(std::uint32_t value) { return number(value); }
  byte_sink& bytes(byte_span value);
  byte_sink& text(std::string_view value) { return bytes(as_bytes(value)); }
  byte_sink& fill(std::size_t count, std::byte value = std::byte{0});
  [[nodiscard]] std::size_t size() const noexcept { return out_->size(); }

  /// Leave room for a length field; the result goes to `end_length` when what it counts has been written.
  template <std::unsigned_integral T>
  [[nodiscard]] std::size_t begin_length() {
    number(T{0});
    return size();
  }
  /// Patch the length. False when it does not fit in the field.
  template <std::unsigned_integral T>
  [[nodiscard]] bool end_length(std::size_t start) noexcept {
    const std::size_t length = size() - start;
    store_be(out_->data() + start - sizeof(T), static_cast<T>(length));
    return length == static_cast<T>(length);
  }

 private:
  template <class T>
  byte_sink& number(T value) {
    store_be(grow(sizeof(T)), value);
    return *this;
  }
  // Room for that many bytes at the end.
  [[nodiscard]] std::byte* grow(std::size_t size);

  std::vector<std::byte>* out_;
};

}  // namespace codicom

#ifndef CODICOM_SEPARATE_COMPILATION
#include <codicom/core/impl/bytes.hpp>
#endif
