#pragma once
#include <codicom/data_set/date_time.hpp>
#include <codicom/data_set/detail/trimmed.hpp>

#include <array>
#include <cstddef>
#include <type_traits>

namespace codicom {

namespace detail {

// Takes `count` digits off the front; -1 when there are fewer.
[[nodiscard]] constexpr int take_digits(std::string_view& text, std::size_t count) noexcept {
  if (text.size() < count) return -1;
  int value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (text[i] < '0' || text[i] > '9') return -1;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(count);
  return value;
}

[[nodiscard]] constexpr int days_in_month(int year, int month) noexcept {
  constexpr std::array<std::int8_t, 12> days{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return month == 2 && leap ? 29 : days[static_cast<std::size_t>(month - 1)];
}

inline void append_digits(std::string& text, std::int64_t value, std::size_t count) {
  const auto at = text.size();
  text.resize(at + count);
  for (std::size_t i = count; i-- > 0; value /= 10) text[at + i] = static_cast<char>('0' + value % 10);
}

inline constexpr std::int64_t micros_per_day = 86'400'000'000;

}  // namespace detail

constexpr bool date::is_valid() const noexcept {
  return month_ >= 1 && month_ <= 12 && day_ >= 1 && year_ >= 0 && year_ <= 9999 &&
         day_ <= detail::days_in_month(year_, month_);
}

constexpr std::optional<date> date::parse(std::string_view text) noexcept {
  text = detail::trimmed(text);
  const bool dots = text.size() == 10 && text[4] == '.' && text[7] == '.';
  if (!dots && text.size() != 8) return std::nullopt;
  const int year = detail::take_digits(text, 4);
  if (dots) text.remove_prefix(1);
  const int month = detail::take_digits(text, 2);
  if (dots && !text.empty()) text.remove_prefix(1);
  const int day = detail::take_digits(text, 2);
  if (year < 0 || month < 0 || day < 0) return std::nullopt;
  const date value{year, month, day};
  return value.is_valid() ? std::optional{value} : std::nullopt;
}

constexpr std::int64_t date::days() const noexcept {  // H. Hinnant's days_from_civil: years start in March
  const std::int64_t y = std::int64_t{year_} - (month_ <= 2);
  const std::int64_t era = (y >= 0 ? y : y - 399) / 400;
  const std::int64_t year_of_era = y - era * 400;
  const std::int64_t day_of_year = (153 * (month_ + (month_ > 2 ? -3 : 9)) + 2) / 5 + day_ - 1;
  return era * 146'097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719'468;
}

inline std::string date::str() const {
  std::string text;
  detail::append_digits(text, year_, 4);
  detail::append_digits(text, month_, 2);
  detail::append_digits(text, day_, 2);
  return text;
}

constexpr std::optional<time_of_day> time_of_day::parse(std::string_view text) noexcept {
  text = detail::trimmed(text);
  const bool colons = text.size() > 2 && text[2] == ':';
  std::array<int, 3> parts{};
  auto precision = time_precision::hour;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i != 0) {
      if (text.empty()) break;
      if (colons) {
        if (text.front() != ':') return std::nullopt;
        text.remove_prefix(1);
      }
      precision = i == 1 ? time_precision::minute : time_precision::second;
    }
    parts[i] = detail::take_digits(text, 2);
    if (parts[i] < 0) return std::nullopt;
  }
  int micros = 0;
  std::uint8_t digits_of_fraction = 0;
  if (!text.empty()) {
    if (text.front() != '.' || precision != time_precision::second || text.size() < 2 || text.size() > 7)
      return std::nullopt;
    text.remove_prefix(1);
    const auto digits = text.size();
    digits_of_fraction = static_cast<std::uint8_t>(digits);
    micros = detail::take_digits(text, digits);
    if (micros < 0) return std::nullopt;
    for (std::size_t i = digits; i < 6; ++i) micros *= 10;
    precision = time_precision::fraction;
  }
  if (parts[0] > 23 || parts[1] > 59 || parts[2] > 60) return std::nullopt;
  const bool leap = parts[2] == 60;
  time_of_day value{parts[0], parts[1], leap ? 59 : parts[2], micros, precision};
  value.leap_ = leap;
  value.digits_ = digits_of_fraction;
  return value;
}

// The microseconds after the first one that the precision leaves open.
constexpr std::int64_t time_of_day::open() const noexcept {
  switch (precision_) {
    case time_precision::hour: return 3'600'000'000 - 1;
    case time_precision::minute: return 60'000'000 - 1;
    case time_precision::second: return 1'000'000 - 1;
    case time_precision::fraction: {
      std::int64_t unit = 1;
      for (int i = digits_; i < 6; ++i) unit *= 10;
      return unit - 1;
    }
    default: return detail::micros_per_day - 1;
  }
}

inline std::string time_of_day::str() const {
  std::string text;
  detail::append_digits(text, hour(), 2);
  if (precision_ >= time_precision::minute) detail::append_digits(text, minute(), 2);
  if (precision_ >= time_precision::second) detail::append_digits(text, second(), 2);
  if (precision_ == time_precision::fraction) {
    std::string fraction;
    detail::append_digits(fraction, microsecond(), 6);
    (text += '.').append(fraction, 0, digits_);
  }
  return text;
}

constexpr std::optional<int> parse_utc_offset(std::string_view text) noexcept {
  text = detail::trimmed(text);
  if (text.empty() || (text.front() != '+' && text.front() != '-')) return std::nullopt;
  const int sign = text.front() == '-' ? -1 : 1;
  text.remove_prefix(1);
  const int hours = detail::take_digits(text, 2);
  const int minutes = detail::take_digits(text, 2);
  if (hours < 0 || minutes < 0 || minutes > 59 || !text.empty()) return std::nullopt;
  const int total = (hours * 60 + minutes) * sign;
  return total < -12 * 60 || total > 14 * 60 ? std::nullopt : std::optional{total};
}

constexpr std::optional<date_time> date_time::parse(std::string_view text) noexcept {
  text = detail::trimmed(text);
  date_time value;
  if (const auto sign = text.find_first_of("+-"); sign != std::string_view::npos) {
    value.offset_ = parse_utc_offset(text.substr(sign));
    if (!value.offset_) return std::nullopt;
    text = text.substr(0, sign);
  }
  const int year = detail::take_digits(text, 4);
  if (year < 0) return std::nullopt;
  int month = 1;
  int day = 1;
  value.precision_ = time_precision::year;
  if (!text.empty()) {
    month = detail::take_digits(text, 2);
    value.precision_ = time_precision::month;
  }
  if (!text.empty()) {
    day = detail::take_digits(text, 2);
    value.precision_ = time_precision::day;
  }
  if (month < 0 || day < 0) return std::nullopt;
  value.date_ = codicom::date{year, month, day};
  if (!value.date_.is_valid()) return std::nullopt;
  if (!text.empty()) {
    const auto time = text.find(':') != std::string_view::npos ? std::nullopt : time_of_day::parse(text);
    if (!time) return std::nullopt;
    value.time_ = *time;
    value.precision_ = time->precision();
  }
  return value;
}

constexpr std::int64_t date_time::earliest(int default_offset) const noexcept {
  return date_.days() * detail::micros_per_day + time_.earliest() -
         std::int64_t{offset_.value_or(default_offset)} * 60'000'000;
}

constexpr std::int64_t date_time::latest(int default_offset) const noexcept {
  auto open = precision_ < time_precision::hour ? detail::micros_per_day - 1 : time_.open();
  if (precision_ == time_precision::year) {
    const codicom::date end{date_.year(), 12, 31};
    open += (end.days() - date_.days()) * detail::micros_per_day;
  } else if (precision_ == time_precision::month) {
    open += (detail::days_in_month(date_.year(), date_.month()) - 1) * detail::micros_per_day;
  }
  return earliest(default_offset) + open;
}

inline std::string date_time::str() const {
  auto text = date_.str();
  if (precision_ == time_precision::year) text.resize(4);
  if (precision_ == time_precision::month) text.resize(6);
  if (precision_ >= time_precision::hour) text += time_.str();
  if (offset_) {
    const int minutes = *offset_ < 0 ? -*offset_ : *offset_;
    text += *offset_ < 0 ? '-' : '+';
    detail::append_digits(text, minutes / 60, 2);
    detail::append_digits(text, minutes % 60, 2);
  }
  return text;
}

namespace detail {

constexpr std::int64_t first_moment(const date& value) noexcept { return value.days(); }
constexpr std::int64_t last_moment(const date& value) noexcept { return value.days(); }
constexpr std::int64_t first_moment(const time_of_day& value) noexcept { return value.earliest(); }
constexpr std::int64_t last_moment(const time_of_day& value) noexcept { return value.latest(); }
constexpr std::int64_t first_moment(const date_time& value) noexcept { return value.earliest(); }
constexpr std::int64_t last_moment(const date_time& value) noexcept { return value.latest(); }

// The hyphen that divides a range. In a date-time a hyphen may also belong to an offset: then four digits follow it,
// at most 1200, and after them comes the end or the dividing hyphen (PS3.5 Table 6.2-1, DT).
template <class Value>
[[nodiscard]] constexpr std::size_t range_hyphen(std::string_view text) noexcept {
  auto at = text.find('-');
  if constexpr (std::is_same_v<Value, date_time>) {
    if (at == 0 || at == std::string_view::npos) return at;
    auto after = text.substr(at + 1);
    const int offset = take_digits(after, 4);
    if (offset >= 0 && offset <= 1200 && (after.empty() || after.front() == '-')) return text.find('-', at + 1);
  }
  return at;
}

}  // namespace detail

template <class Value>
constexpr std::optional<value_range<Value>> value_range<Value>::parse(std::string_view text) noexcept {
  text = detail::trimmed(text);
  const auto hyphen = detail::range_hyphen<Value>(text);
  if (hyphen == std::string_view::npos) {
    const auto value = Value::parse(text);
    return value ? std::optional{value_range{value, value}} : std::nullopt;
  }
  value_range range;
  const auto from = detail::trimmed(text.substr(0, hyphen));
  const auto to = detail::trimmed(text.substr(hyphen + 1));
  if (from.empty() && to.empty()) return std::nullopt;
  if (!from.empty() && !(range.first = Value::parse(from))) return std::nullopt;
  if (!to.empty() && !(range.last = Value::parse(to))) return std::nullopt;
  return range;
}

template <class Value>
constexpr bool value_range<Value>::contains(const Value& value) const noexcept {
  const bool after = !first || detail::first_moment(*first) <= detail::last_moment(value);
  const bool before = !last || detail::first_moment(value) <= detail::last_moment(*last);
  return after && before;
}

constexpr bool contains_combined(const date_range& days, const time_range& times, const date& day,
                                 const time_of_day& time) noexcept {
  const auto moment = day.days() * detail::micros_per_day + time.earliest();
  if (days.first && moment < days.first->days() * detail::micros_per_day + (times.first ? times.first->earliest() : 0))
    return false;
  return !days.last || moment <= days.last->days() * detail::micros_per_day +
                                     (times.last ? times.last->latest() : detail::micros_per_day - 1);
}

}  // namespace codicom
