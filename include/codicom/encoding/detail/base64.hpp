#pragma once
#include <codicom/core/bytes.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace codicom::detail {

inline constexpr std::string_view base64_digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// Base64 (RFC 4648 §4) of bytes that come in pieces.
class base64_encoder {
 public:
  explicit base64_encoder(std::string& out) noexcept : out_{&out} {}

  void append(byte_span bytes) {
    std::size_t at = 0;
    for (; at < bytes.size() && held_ != 0; ++at) add(bytes[at]);
    const auto whole = (bytes.size() - at) / 3;
    const auto start = out_->size();
    out_->resize(start + 4 * whole);
    auto* to = out_->data() + start;
    for (std::size_t i = 0; i < whole; ++i, at += 3, to += 4) {
      const auto byte = [&](std::size_t n) { return std::to_integer<std::uint32_t>(bytes[at + n]); };
      const auto bits = byte(0) << 16 | byte(1) << 8 | byte(2);
      for (unsigned n = 0; n < 4; ++n) to[n] = base64_digits[bits >> (18 - 6 * n) & 63];
    }
    for (; at < bytes.size(); ++at) add(bytes[at]);
  }
  void finish() {
    if (held_ == 0) return;
    const auto held = held_;
    bits_ <<= 8 * (3 - held);
    put(held + 1);
    out_->append(3 - held, '=');
  }

 private:
  void add(std::byte byte) {
    bits_ = bits_ << 8 | std::to_integer<std::uint32_t>(byte);
    if (++held_ == 3) put(4);
  }
  void put(unsigned digits) {
    for (unsigned i = 0; i < digits; ++i) *out_ += base64_digits[bits_ >> (18 - 6 * i) & 63];
    bits_ = 0;
    held_ = 0;
  }

  std::string* out_;
  std::uint32_t bits_ = 0;
  unsigned held_ = 0;
};

// Appends what `text` stands for. Strict: no space, no missing padding, no bits that mean nothing. Returns where it is
// wrong, or npos.
[[nodiscard]] inline std::size_t append_base64(std::string& out, std::string_view text) {
  static constexpr auto values = [] {
    std::array<std::uint8_t, 256> table{};
    table.fill(64);
    for (std::size_t i = 0; i < 64; ++i) table[static_cast<unsigned char>(base64_digits[i])] = static_cast<std::uint8_t>(i);
    return table;
  }();
  const auto end = text.size();
  if (end % 4 != 0) return end;
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  for (std::size_t at = 0; at < end; at += 4) {
    const std::size_t digits = at + 4 == end ? 4 - padding : 4;
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < 4; ++i) {
      const std::uint32_t value = i < digits ? values[static_cast<unsigned char>(text[at + i])] : 0;
      if (value == 64) return at + i;
      bits = bits << 6 | value;
    }
    if ((bits & ((1u << (8 * (4 - digits))) - 1)) != 0) return at + digits - 1;
    for (std::size_t i = 0; i + 1 < digits; ++i) out += static_cast<char>(bits >> (16 - 8 * i) & 0xFF);
  }
  return std::string_view::npos;
}

}  // namespace codicom::detail
