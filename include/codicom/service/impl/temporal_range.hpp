#pragma once
#include <codicom/data_set/date_time.hpp>

#include <optional>
#include <string>
#include <string_view>

// Range matching of dates, times and date-times (PS3.4 §C.2.2.2.5). A key or value that is none matches only the same
// text: nothing better can be said of it.
namespace codicom::service::detail {

[[nodiscard]] constexpr bool matches_date(std::string_view key, std::string_view value) noexcept {
  const auto wanted = date_range::parse(key);
  const auto have = date::parse(value);
  return wanted && have ? wanted->contains(*have) : key == value;
}

[[nodiscard]] constexpr bool matches_time(std::string_view key, std::string_view value) noexcept {
  const auto wanted = time_range::parse(key);
  const auto have = time_of_day::parse(value);
  return wanted && have ? wanted->contains(*have) : key == value;
}

// `key_offset` and `value_offset` are the Timezone Offset From UTC (0008,0201) of each side, "" when it has none.
[[nodiscard]] constexpr bool matches_date_time(std::string_view key, std::string_view value,
                                               std::string_view key_offset, std::string_view value_offset) noexcept {
  auto wanted = date_time_range::parse(key);
  auto have = date_time::parse(value);
  if (!wanted || !have) return key == value;
  // Every date-time with its offset, or, as soon as one has none, all as they stand, as if in one place.
  const auto locate = [](std::optional<date_time>& when, std::string_view zone) {
    if (when && !when->utc_offset()) when = when->with_offset(parse_utc_offset(zone));
  };
  locate(wanted->first, key_offset);
  locate(wanted->last, key_offset);
  locate(have, value_offset);
  const auto lost = [](const std::optional<date_time>& when) { return when && !when->utc_offset(); };
  if (lost(wanted->first) || lost(wanted->last) || lost(have))
    for (auto* when : {&wanted->first, &wanted->last, &have})
      if (*when) *when = (*when)->with_offset(std::nullopt);
  return wanted->contains(*have);
}

// A range of days and one of times of the same form, matched as one range of moments (PS3.4 §C.2.2.2.5). Nothing: they
// are none such, and are matched each for itself.
[[nodiscard]] constexpr std::optional<bool> matches_combined(std::string_view day_key, std::string_view time_key,
                                                             std::string_view day, std::string_view time) noexcept {
  if (day_key.find('-') == std::string_view::npos || time_key.find('-') == std::string_view::npos) return std::nullopt;
  const auto days = date_range::parse(day_key);
  const auto times = time_range::parse(time_key);
  if (!days || !times || days->first.has_value() != times->first.has_value() ||
      days->last.has_value() != times->last.has_value())
    return std::nullopt;
  const auto have_day = date::parse(day);
  const auto have_time = time_of_day::parse(time);
  return have_day && have_time && contains_combined(*days, *times, *have_day, *have_time);
}

[[nodiscard]] constexpr date day_after(const date& day) noexcept {
  for (const date next : {date{day.year(), day.month(), day.day() + 1}, date{day.year(), day.month() + 1, 1}})
    if (next.is_valid()) return next;
  return date{day.year() + 1, 1, 1};
}
[[nodiscard]] constexpr date day_before(const date& day) noexcept {
  if (day.day() > 1) return date{day.year(), day.month(), day.day() - 1};
  for (const int last : {31, 30, 29, 28})
    if (const date before{day.year(), day.month() - 1, last}; before.is_valid()) return before;
  return date{day.year() - 1, 12, 31};
}

// What a date and a time are at another offset from UTC. Left alone unless both are there, and both offsets.
inline void move_to_zone(std::string& day, std::string& time, std::string_view from, std::string_view to) {
  const auto from_minutes = parse_utc_offset(from);
  const auto to_minutes = parse_utc_offset(to);
  const auto have_day = date::parse(day);
  const auto have_time = time_of_day::parse(time);
  if (!from_minutes || !to_minutes || *from_minutes == *to_minutes || !have_day || !have_time) return;
  constexpr std::int64_t day_length = std::int64_t{24} * 60 * 60 * 1'000'000;
  auto moment = have_time->earliest() + std::int64_t{*to_minutes - *from_minutes} * 60 * 1'000'000;
  auto moved = *have_day;
  while (moment < 0) {
    moment += day_length;
    moved = day_before(moved);
  }
  while (moment >= day_length) {
    moment -= day_length;
    moved = day_after(moved);
  }
  day = moved.str();
  const auto seconds = moment / 1'000'000;
  const auto precision = have_time->precision() == time_precision::hour && *from_minutes % 60 != *to_minutes % 60
                             ? time_precision::minute
                             : have_time->precision();
  time = time_of_day{static_cast<int>(seconds / 3600), static_cast<int>(seconds / 60 % 60), static_cast<int>(seconds % 60),
                     static_cast<int>(moment % 1'000'000), precision}
             .str();
}

}  // namespace codicom::service::detail
