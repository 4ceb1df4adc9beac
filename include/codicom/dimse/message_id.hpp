#pragma once
#include <compare>
#include <cstdint>
#include <string>

namespace codicom {

/// Message ID (0000,0110): unique among the operations outstanding on an association (PS3.7 §9.1).
struct message_id {
  std::uint16_t value = 0;

  constexpr message_id() noexcept = default;
  constexpr explicit message_id(std::uint16_t number) noexcept : value{number} {}
  friend constexpr auto operator<=>(message_id, message_id) noexcept = default;
};

[[nodiscard]] inline std::string to_string(message_id id) { return std::to_string(id.value); }

}  // namespace codicom
