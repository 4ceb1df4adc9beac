#pragma once
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>

// Dates, times and date-times as intervals: what is not written ("202001", "10") is the whole month or hour, so that a
// single value, a range and values of other precision compare by one rule (PS3.4 §C.2.2.2.5).
namespace codicom::service::detail {

struct interval {  // both ends included; microseconds, or days for dates
  std::int64_t first = std::numeric_limits<std::int64_t>::min();
  std::int64_t last = std::numeric_limits<std::int64_t>::max();
};

[[nodiscard]] constexpr bool overlap(const interval& a, const interval& b) noexcept {
  return a.first <= b.last && b.first <= a.last;
}

// Reads `count` digits; nothing when they are not all there.
[[nodiscard]] constexpr std::optional<std::int64_t> digits(std::string_view text, std::size_t at,
                                                           std::size_t count) noexcept {
  if (at + count > text.size()) return std::nullopt;
  std::int64_t value = 0;
  for (std::size_t i = at; i < at + count; ++i) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

// Days since 1970-01-01 of the proleptic Gregorian calendar (H. Hinnant's algorithm).
[[nodiscard]] constexpr std::int64_t days_from_civil(std::int64_t y, std::int64_t m, std::int64_t d) noexcept {
  y -= m <= 2;
  const std::int64_t era = (y >= 0 ? y : y - 399) / 400;
  const std::int64_t yoe = y - era * 400;
  const std::int64_t doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
  return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}
[[nodiscard]] constexpr std::int64_t days_in_month(std::int64_t y, std::int64_t m) noexcept {
  return m == 12 ? 31 : days_from_civil(y, m + 1, 1) - days_from_civil(y, m, 1);
}

// YYYYMMDD, and YYYY.MM.DD of ACR-NEMA (PS3.5 §6.2, DA).
[[nodiscard]] constexpr std::optional<interval> parse_date(std::string_view text) noexcept {
  std::optional<std::int64_t> y, m, d;
  if (text.size() == 8) {
    y = digits(text, 0, 4), m = digits(text, 4, 2), d = digits(text, 6, 2);
  } else if (text.size() == 10 && text[4] == '.' && text[7] == '.') {
    y = digits(text, 0, 4), m = digits(text, 5, 2), d = digits(text, 8, 2);
  }
  if (!y || !m || !d || *m < 1 || *m > 12 || *d < 1 || *d > days_in_month(*y, *m)) return std::nullopt;
  const auto day = days_from_civil(*y, *m, *d);
  return interval{day, day};
}

inline constexpr std::int64_t second = 1'000'000;

// HH[MM[SS[.F…]]], and HH:MM:SS of ACR-NEMA. `fields` in: where hours begin.
[[nodiscard]] constexpr std::optional<interval> parse_time(std::string_view text) noexcept {
  char plain[16] = {};
  std::size_t size = 0;
  std::size_t at = 0;
  for (; at < text.size() && text[at] != '.'; ++at) {
    if (text[at] == ':') continue;
    if (size == 6) return std::nullopt;
    plain[size++] = text[at];
  }
  const std::string_view t{plain, size};
  if (size != 2 && size != 4 && size != 6) return std::nullopt;
  const auto h = digits(t, 0, 2);
  const auto m = size >= 4 ? digits(t, 2, 2) : std::optional<std::int64_t>{0};
  const auto s = size >= 6 ? digits(t, 4, 2) : std::optional<std::int64_t>{0};
  if (!h || !m || !s || *h > 23 || *m > 59 || *s > 60) return std::nullopt;
  interval result;
  result.first = ((*h * 60 + *m) * 60 + *s) * second;
  std::int64_t unit = size == 2 ? 3600 * second : size == 4 ? 60 * second : second;
  if (at < text.size()) {  // a fraction
    const auto fraction = text.substr(at + 1);
    if (size != 6 || fraction.empty() || fraction.size() > 6) return std::nullopt;
    const auto f = digits(fraction, 0, fraction.size());
    if (!f) return std::nullopt;
    for (std::size_t i = 0; i < fraction.size(); ++i) unit /= 10;
    result.first += *f * unit;
  }
  result.last = result.first + unit - 1;
  return result;
}

// "+0100", "-0500": microseconds to subtract to get to UTC.
[[nodiscard]] constexpr std::optional<std::int64_t> parse_offset(std::string_view text) noexcept {
  if (text.size() != 5 || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  const auto h = digits(text, 1, 2);
  const auto m = digits(text, 3, 2);
  if (!h || !m || *h > 14 || *m > 59) return std::nullopt;
  const auto size = (*h * 60 + *m) * 60 * second;
  return text[0] == '-' ? -size : size;
}

struct date_time {
  interval when;                        // in UTC where `zoned`
  bool zoned = false;
};

// YYYY[MM[DD[HH[MM[SS[.F…]]]]]][&ZZXX] (PS3.5 §6.2, DT)
[[nodiscard]] constexpr std::optional<date_time> parse_date_time(std::string_view text,
                                                                 std::string_view default_offset) noexcept {
  date_time result;
  std::optional<std::int64_t> offset = parse_offset(default_offset);
  if (text.size() > 5 && (text[text.size() - 5] == '+' || text[text.size() - 5] == '-')) {
    offset = parse_offset(text.substr(text.size() - 5));
    if (!offset) return std::nullopt;
    text.remove_suffix(5);
  }
  const auto y = digits(text, 0, 4);
  if (!y || (text.size() < 8 && text.size() != 4 && text.size() != 6)) return std::nullopt;
  const auto m = text.size() >= 6 ? digits(text, 4, 2) : std::optional<std::int64_t>{1};
  const auto d = text.size() >= 8 ? digits(text, 6, 2) : std::optional<std::int64_t>{1};
  if (!m || !d || *m < 1 || *m > 12 || *d < 1 || *d > days_in_month(*y, *m)) return std::nullopt;
  constexpr std::int64_t day = 86400 * second;
  const auto start = days_from_civil(*y, *m, *d) * day;
  if (text.size() == 4) result.when = {start, days_from_civil(*y + 1, 1, 1) * day - 1};
  else if (text.size() == 6) result.when = {start, start + days_in_month(*y, *m) * day - 1};
  else if (text.size() == 8) result.when = {start, start + day - 1};
  else {
    const auto time = parse_time(text.substr(8));
    if (!time) return std::nullopt;
    result.when = {start + time->first, start + time->last};
  }
  if (offset) {
    result.when.first -= *offset;
    result.when.last -= *offset;
    result.zoned = true;
  }
  return result;
}

// "a-b", "-b", "a-" or "a"; a side that is open is nothing.
struct range_text {
  std::string_view first, last;
  bool is_range = false;
};

[[nodiscard]] constexpr std::string_view without_spaces_around(std::string_view text) noexcept {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

[[nodiscard]] constexpr range_text split_range(std::string_view text, std::size_t hyphen) noexcept {
  if (hyphen == std::string_view::npos) return {text, text, false};
  return {without_spaces_around(text.substr(0, hyphen)), without_spaces_around(text.substr(hyphen + 1)), true};
}

template <class Parse>
[[nodiscard]] constexpr std::optional<interval> parse_range(const range_text& range, Parse parse) noexcept {
  interval result;
  if (!range.first.empty()) {
    const auto first = parse(range.first);
    if (!first) return std::nullopt;
    result.first = first->first;
    if (!range.is_range) result.last = first->last;
  }
  if (range.is_range && !range.last.empty()) {
    const auto last = parse(range.last);
    if (!last) return std::nullopt;
    result.last = last->last;
  }
  return result;
}

// A value that is no date matches only the same text: nothing better can be said of it.
[[nodiscard]] constexpr bool matches_date(std::string_view key, std::string_view value) noexcept {
  const auto wanted = parse_range(split_range(key, key.find('-')), parse_date);
  const auto have = parse_date(value);
  return wanted && have ? overlap(*wanted, *have) : key == value;
}

[[nodiscard]] constexpr bool matches_time(std::string_view key, std::string_view value) noexcept {
  const auto wanted = parse_range(split_range(key, key.find('-')), parse_time);
  const auto have = parse_time(value);
  if (!wanted || !have) return key == value;
  if (wanted->first > wanted->last)  // across midnight
    return have->last >= wanted->first || have->first <= wanted->last;
  return overlap(*wanted, *have);
}

// In "20200101-0500-20200102" the first hyphen belongs to the offset: four digits up to 1200 behind it (PS3.4 §C.2.2.2.5.3).
[[nodiscard]] constexpr std::size_t range_hyphen(std::string_view key) noexcept {
  const auto hyphen = key.find('-');
  if (hyphen == std::string_view::npos || hyphen == 0) return hyphen;
  const auto offset = digits(key, hyphen + 1, 4);
  const auto after = hyphen + 5;
  const bool ends = after == key.size() || (after < key.size() && key[after] == '-');
  if (!offset || *offset > 1200 || !ends) return hyphen;
  return after == key.size() ? std::string_view::npos : after;
}

[[nodiscard]] constexpr bool matches_date_time(std::string_view key, std::string_view value, std::string_view key_offset,
                                               std::string_view value_offset) noexcept {
  const auto have = parse_date_time(value, value_offset);
  if (!have) return key == value;
  bool readable = true;
  bool zoned = have->zoned;
  const auto range = split_range(key, range_hyphen(key));
  for (const auto side : {range.first, range.last})
    if (!side.empty()) {
      const auto parsed = parse_date_time(side, key_offset);
      readable = readable && parsed;
      zoned = zoned && parsed && parsed->zoned;
    }
  if (!readable) return key == value;
  // Only one side names its zone: both are taken as they stand, as if in one place.
  const auto strip = [&](std::string_view text, std::string_view offset) -> std::optional<interval> {
    const auto parsed = parse_date_time(text, zoned ? offset : std::string_view{});
    if (!parsed) return std::nullopt;
    if (zoned || !parsed->zoned) return parsed->when;
    const auto own = parse_offset(text.substr(text.size() - 5));
    return own ? interval{parsed->when.first + *own, parsed->when.last + *own} : parsed->when;
  };
  const auto wanted = parse_range(range, [&](std::string_view side) { return strip(side, key_offset); });
  const auto found = strip(value, value_offset);
  return wanted && found && overlap(*wanted, *found);
}

}  // namespace codicom::service::detail
