#pragma once
#include <codicom/data_set/date_time.hpp>

#include <optional>
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

}  // namespace codicom::service::detail
