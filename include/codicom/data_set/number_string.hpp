#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace codicom {

/// One value of an IS element (PS3.5 §6.2): spaces around it and a plus sign are read over. Nothing when it is empty,
/// not an integer or beyond 64 bits; the standard allows 32, and other writers more.
[[nodiscard]] std::optional<std::int64_t> parse_integer_string(std::string_view text) noexcept;

/// One value of a DS element (PS3.5 §6.2), spaces around it read over. Nothing when it is empty, not a number or
/// not finite.
[[nodiscard]] std::optional<double> parse_decimal_string(std::string_view text) noexcept;

/// An IS value: at most 12 characters for what the standard allows (32 bits).
[[nodiscard]] inline std::string format_integer_string(std::int64_t value) { return std::to_string(value); }

/// A DS value of at most 16 characters: the shortest that reads back as `value`, else the nearest that fits. "" for
/// what DS cannot say (infinities, not a number).
[[nodiscard]] std::string format_decimal_string(double value);

}  // namespace codicom

#ifndef CODICOM_SEPARATE_COMPILATION
#include <codicom/data_set/impl/number_string.hpp>
#endif
