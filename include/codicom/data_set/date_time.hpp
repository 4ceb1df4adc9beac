#pragma once
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace codicom {

/// A value of a DA element (PS3.5 §6.2): a day of the Gregorian calendar.
class date {
 public:
  constexpr date() noexcept = default;
  constexpr date(int year, int month, int day) noexcept
      : year_{static_cast<std::int16_t>(year)},
        month_{static_cast<std::int8_t>(month)},
        day_{static_cast<std::int8_t>(day)} {}

  /// `YYYYMMDD`, or `YYYY.MM.DD` of old; spaces around it are read over. Nothing when there is no such day.
  [[nodiscard]] static constexpr std::optional<date> parse(std::string_view text) noexcept;

  [[nodiscard]] constexpr int year() const noexcept { return year_; }
  [[nodiscard]] constexpr int month() const noexcept { return month_; }
  [[nodiscard]] constexpr int day() const noexcept { return day_; }
  [[nodiscard]] constexpr bool is_valid() const noexcept;
  /// Days since 1970-01-01.
  [[nodiscard]] constexpr std::int64_t days() const noexcept;
  /// `YYYYMMDD`
  [[nodiscard]] std::string str() const;

  friend constexpr auto operator<=>(const date&, const date&) noexcept = default;

 private:
  std::int16_t year_ = 1;
  std::int8_t month_ = 1;
  std::int8_t day_ = 1;
};

/// How much of a time or date-time was given; the rest is open.
enum class time_precision : std::uint8_t { year, month, day, hour, minute, second, fraction };

/// A value of a TM element (PS3.5 §6.2): `HH`, `HHMM`, `HHMMSS` or `HHMMSS.F` with up to six digits.
class time_of_day {
 public:
  constexpr time_of_day() noexcept = default;
  constexpr time_of_day(int hour, int minute, int second, int microsecond = 0,
                        time_precision precision = time_precision::fraction) noexcept
      : micros_{((std::int64_t{hour} * 60 + minute) * 60 + second) * 1'000'000 + microsecond},
        precision_{precision},
        digits_{static_cast<std::uint8_t>(precision == time_precision::fraction ? 6 : 0)} {}

  /// Also `HH:MM:SS.F` of old; spaces around it are read over. Second 60 is a leap second.
  [[nodiscard]] static constexpr std::optional<time_of_day> parse(std::string_view text) noexcept;

  [[nodiscard]] constexpr int hour() const noexcept { return static_cast<int>(whole() / 3600); }
  [[nodiscard]] constexpr int minute() const noexcept { return static_cast<int>(whole() / 60 % 60); }
  [[nodiscard]] constexpr int second() const noexcept { return static_cast<int>(whole() % 60) + (leap_ ? 1 : 0); }
  [[nodiscard]] constexpr int microsecond() const noexcept { return static_cast<int>(micros_ % 1'000'000); }
  [[nodiscard]] constexpr time_precision precision() const noexcept { return precision_; }

  /// The first and the last microsecond since midnight that the value can mean: "10" is 10:00:00.000000 to
  /// 10:59:59.999999.
  [[nodiscard]] constexpr std::int64_t earliest() const noexcept { return micros_ + (leap_ ? 1'000'000 : 0); }
  [[nodiscard]] constexpr std::int64_t latest() const noexcept { return earliest() + open(); }
  /// As much as was given, a fraction with as many digits.
  [[nodiscard]] std::string str() const;

  friend constexpr auto operator<=>(const time_of_day&, const time_of_day&) noexcept = default;

 private:
  friend class date_time;
  [[nodiscard]] constexpr std::int64_t whole() const noexcept { return micros_ / 1'000'000; }
  [[nodiscard]] constexpr std::int64_t open() const noexcept;

  std::int64_t micros_ = 0;  // a leap second counts as second 59 here
  bool leap_ = false;
  time_precision precision_ = time_precision::fraction;
  std::uint8_t digits_ = 6;  // of the fraction
};

/// `+0100`, `-0500`: minutes east of UTC, -1200 to +1400 (PS3.5 §6.2, DT; also Timezone Offset From UTC (0008,0201)).
[[nodiscard]] constexpr std::optional<int> parse_utc_offset(std::string_view text) noexcept;

/// A value of a DT element (PS3.5 §6.2): `YYYYMMDDHHMMSS.FFFFFF&ZZXX`, cut short anywhere after the year.
class date_time {
 public:
  constexpr date_time() noexcept = default;
  constexpr date_time(codicom::date day, time_of_day time,
                      std::optional<int> utc_offset_minutes = std::nullopt) noexcept
      : date_{day}, time_{time}, precision_{time.precision()}, offset_{utc_offset_minutes} {}

  [[nodiscard]] static constexpr std::optional<date_time> parse(std::string_view text) noexcept;

  /// Components beyond `precision()` are the first possible ones.
  [[nodiscard]] constexpr const codicom::date& date() const noexcept { return date_; }
  [[nodiscard]] constexpr const time_of_day& time() const noexcept { return time_; }
  [[nodiscard]] constexpr time_precision precision() const noexcept { return precision_; }
  /// Minutes east of UTC; nothing means Timezone Offset From UTC (0008,0201), or local time.
  [[nodiscard]] constexpr std::optional<int> utc_offset() const noexcept { return offset_; }

  /// The first and last microsecond since 1970-01-01 UTC that the value can mean; without an offset of its own it has
  /// `default_offset` (minutes).
  [[nodiscard]] constexpr std::int64_t earliest(int default_offset = 0) const noexcept;
  [[nodiscard]] constexpr std::int64_t latest(int default_offset = 0) const noexcept;
  /// The same date and time at another offset, or at none.
  [[nodiscard]] constexpr date_time with_offset(std::optional<int> utc_offset_minutes) const noexcept {
    auto moved = *this;
    moved.offset_ = utc_offset_minutes;
    return moved;
  }
  [[nodiscard]] std::string str() const;

  friend constexpr bool operator==(const date_time&, const date_time&) noexcept = default;

 private:
  codicom::date date_;
  time_of_day time_;
  time_precision precision_ = time_precision::fraction;
  std::optional<int> offset_;
};

/// A range of a query key (PS3.4 §C.2.2.2.5): `A-B`, `-B`, `A-`, or one value alone, which is from its first to its
/// last moment. `Value` is `date`, `time_of_day` or `date_time`.
template <class Value>
class value_range {
 public:
  constexpr value_range() noexcept = default;  ///< everything
  constexpr value_range(std::optional<Value> from, std::optional<Value> to) noexcept : first{from}, last{to} {}

  /// Nothing when the text is no range of such values; "-" alone is none.
  [[nodiscard]] static constexpr std::optional<value_range> parse(std::string_view text) noexcept;

  /// Does any moment that `value` can mean lie in it? Both ends belong to it, up to their last moment. Nothing lies in a
  /// range whose first is after its last: one of times does not go across midnight.
  [[nodiscard]] constexpr bool contains(const Value& value) const noexcept;

  std::optional<Value> first;
  std::optional<Value> last;

  friend constexpr bool operator==(const value_range&, const value_range&) noexcept = default;
};

using date_range = value_range<date>;
using time_range = value_range<time_of_day>;
using date_time_range = value_range<date_time>;

/// A date and a time attribute matched as one moment (PS3.4 §C.2.2.2.5.1, combined datetime matching): lies
/// `day`, `time` between the first moment of the two ranges and the last?
[[nodiscard]] constexpr bool contains_combined(const date_range& days, const time_range& times, const date& day,
                                               const time_of_day& time) noexcept;

}  // namespace codicom

#include <codicom/data_set/impl/date_time.hpp>
