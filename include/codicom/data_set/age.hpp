#pragma once
#include <codicom/data_set/detail/trimmed.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace codicom {

/// A value of an AS element (PS3.5 §6.2): `nnnD`, `nnnW`, `nnnM` or `nnnY`.
class age {
 public:
  enum class unit : char { days = 'D', weeks = 'W', months = 'M', years = 'Y' };

  constexpr age() noexcept = default;
  /// @param count 0 to 999
  constexpr age(int count, unit of) noexcept : count_{static_cast<std::int16_t>(count)}, unit_{of} {}

  /// Fewer digits than three, a small letter and spaces around it are read over. Nothing when it is no age.
  [[nodiscard]] static constexpr std::optional<age> parse(std::string_view text) noexcept {
    text = detail::trimmed(text);
    if (text.size() < 2 || text.size() > 4) return std::nullopt;
    const char letter = text.back() >= 'a' ? static_cast<char>(text.back() - 'a' + 'A') : text.back();
    if (letter != 'D' && letter != 'W' && letter != 'M' && letter != 'Y') return std::nullopt;
    text.remove_suffix(1);
    int count = 0;
    for (const char c : text) {
      if (c < '0' || c > '9') return std::nullopt;
      count = count * 10 + (c - '0');
    }
    return age{count, static_cast<unit>(letter)};
  }

  [[nodiscard]] constexpr int count() const noexcept { return count_; }
  [[nodiscard]] constexpr unit in() const noexcept { return unit_; }
  [[nodiscard]] constexpr bool is_valid() const noexcept { return count_ >= 0 && count_ <= 999; }
  /// In years of 365.2425 days, months a twelfth of that: for sorting and dosing, not for birthdays.
  [[nodiscard]] constexpr double years() const noexcept {
    switch (unit_) {
      case unit::days: return count_ / 365.2425;
      case unit::weeks: return count_ * 7 / 365.2425;
      case unit::months: return count_ / 12.0;
      default: return count_;
    }
  }
  /// `nnnY`
  [[nodiscard]] std::string str() const {
    const int n = count_;
    return {static_cast<char>('0' + n / 100 % 10), static_cast<char>('0' + n / 10 % 10),
            static_cast<char>('0' + n % 10), static_cast<char>(unit_)};
  }

  /// As written: 12 months are not 1 year.
  friend constexpr bool operator==(const age&, const age&) noexcept = default;

 private:
  std::int16_t count_ = 0;
  unit unit_ = unit::years;
};

}  // namespace codicom
