#pragma once
#include <codicom/core/config.hpp>
#include <codicom/data_set/number_string.hpp>
#include <codicom/dictionary/dictionary.hpp>
#include <codicom/dictionary/tags.hpp>
#include <codicom/service/impl/fold_case.hpp>
#include <codicom/service/impl/fuzzy_name.hpp>
#include <codicom/service/impl/temporal_range.hpp>
#include <codicom/service/matching.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace codicom::service {
namespace detail {

// The VRs in which '*' and '?' are wild cards (PS3.4 §C.2.2.2.4).
[[nodiscard]] constexpr bool has_wild_cards(vr v) noexcept {
  switch (v) {
    case vr::ae:
    case vr::cs:
    case vr::lo:
    case vr::lt:
    case vr::pn:
    case vr::sh:
    case vr::st:
    case vr::uc:
    case vr::ur:
    case vr::ut: return true;
    default: return false;
  }
}

// Leading and trailing spaces mean nothing in these (PS3.5 §6.2); in the others only trailing ones.
[[nodiscard]] inline std::string_view trimmed(vr v, std::string_view text) noexcept {
  while (!text.empty() && (text.back() == ' ' || text.back() == '\0')) text.remove_suffix(1);
  const bool narrative = v == vr::lt || v == vr::st || v == vr::ut || v == vr::ur || v == vr::uc;
  if (!narrative)
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  return text;
}

// Bytes of the UTF-8 character at `at`, so that '?' stands for one character.
[[nodiscard]] inline std::size_t character_size(std::string_view text, std::size_t at) noexcept {
  std::size_t size = 1;
  while (at + size < text.size() && (static_cast<unsigned char>(text[at + size]) & 0xC0) == 0x80) ++size;
  return size;
}

// Linear in practice: after a failure only the last '*' is tried again, one character further on.
[[nodiscard]] inline bool matches_wild_cards(std::string_view pattern, std::string_view text) noexcept {
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;
  std::size_t resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && pattern[p] == '?') {
      ++p;
      t += character_size(text, t);
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      resume += character_size(text, resume);
      t = resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

// Components of a person name that are left empty at the end say nothing (PS3.5 §6.2.1.1).
[[nodiscard]] inline std::string_view without_empty_end(std::string_view group) noexcept {
  while (!group.empty() && (group.back() == '^' || group.back() == ' ')) group.remove_suffix(1);
  return group;
}

[[nodiscard]] inline bool matches_person_name(std::string_view key, std::string_view value) {
  const auto folded_key = folded(key);
  const auto folded_value = folded(value);
  const auto compare = [](std::string_view k, std::string_view v) {
    return matches_wild_cards(without_empty_end(k), without_empty_end(v)) || matches_wild_cards(k, v);
  };
  const std::string_view k = folded_key;
  const std::string_view v = folded_value;
  if (k.find('=') == std::string_view::npos) {  // alphabetic, ideographic or phonetic: whichever group it meets
    for (std::size_t start = 0; start <= v.size();) {
      const auto end = std::min(v.find('=', start), v.size());
      if (compare(k, v.substr(start, end - start))) return true;
      start = end + 1;
    }
    return false;
  }
  std::size_t from_key = 0;  // group by group; a group that the key leaves empty is universal
  std::size_t from_value = 0;
  while (from_key <= k.size()) {
    const auto end_key = std::min(k.find('=', from_key), k.size());
    const auto group = k.substr(from_key, end_key - from_key);
    std::string_view other;
    if (from_value <= v.size()) {
      const auto end_value = std::min(v.find('=', from_value), v.size());
      other = v.substr(from_value, end_value - from_value);
      from_value = end_value + 1;
    }
    if (!group.empty() && !compare(group, other)) return false;
    from_key = end_key + 1;
  }
  return true;
}

[[nodiscard]] inline bool matches_number(std::string_view key, std::string_view value) noexcept {
  if (key == value) return true;  // also 64-bit numbers that a double cannot tell apart
  const auto k = parse_decimal_string(key);
  const auto v = parse_decimal_string(value);
  if (!k || !v) return false;
  return *k == *v && !(key.find_first_of(".eE") == std::string_view::npos && key.size() > 15 && value.size() > 15);
}

// The VRs to which multiple value matching applies (PS3.4 §C.2.2.2.8).
[[nodiscard]] constexpr bool is_matched_by_all_values(vr v) noexcept {
  switch (v) {
    case vr::ae:
    case vr::as:
    case vr::at:
    case vr::cs:
    case vr::lo:
    case vr::pn:
    case vr::sh:
    case vr::uc: return true;
    default: return false;
  }
}

// One value of the key against one value of the object.
[[nodiscard]] inline bool matches_value(vr v, std::string_view key, std::string_view value, std::string_view key_offset,
                                        std::string_view value_offset, query_extensions extensions) {
  switch (v) {
    case vr::da: return matches_date(key, value);
    case vr::tm: return matches_time(key, value);
    case vr::dt: return matches_date_time(key, value, key_offset, value_offset);
    case vr::pn:
      return matches_person_name(key, value) || (extensions.fuzzy_names && matches_fuzzy_name(key, value));
    case vr::is:
    case vr::ds:
    case vr::us:
    case vr::ss:
    case vr::ul:
    case vr::sl:
    case vr::uv:
    case vr::sv:
    case vr::fl:
    case vr::fd: return matches_number(key, value);
    default: return has_wild_cards(v) ? matches_wild_cards(key, value) : key == value;
  }
}

// Calls `f` with each value until it says true.
template <class F>
[[nodiscard]] bool any_value(vr v, std::string_view text, F f) {
  if (!is_multi_valued(v)) return f(trimmed(v, text));
  for (std::size_t start = 0; start <= text.size();) {
    const auto end = std::min(text.find('\\', start), text.size());
    if (f(trimmed(v, text.substr(start, end - start)))) return true;
    start = end + 1;
  }
  return false;
}

[[nodiscard]] inline bool is_never_matched(element_tag key) noexcept {
  return key.is_group_length() || key == tag::SpecificCharacterSet || key == tag::QueryRetrieveLevel ||
         key == tag::TimezoneOffsetFromUTC;
}

// Depth is bounded by what the decoder lets through (`limits::depth`).
[[nodiscard]] inline bool matches_sequence(element_tag key, const data_set& keys, const data_set& object,
                                           query_extensions extensions) {
  const auto items = keys.items(key);
  // A key has one item (PS3.4 §C.2.2.2.6); none, or one whose keys are all universal, matches everything.
  if (items.empty() || matches(items.front(), data_set{})) return true;
  for (const auto& item : object.items(key))
    if (matches(items.front(), item, extensions)) return true;
  return extensions.empty_value && object.items(key).empty() && matches(items.front(), data_set{}, extensions);
}

// A date and the time of the same moment, where an object may have both.
struct date_and_time {
  element_tag day, time;
};
inline constexpr std::array<date_and_time, 9> dates_and_times{{
    {tag::StudyDate, tag::StudyTime},
    {tag::SeriesDate, tag::SeriesTime},
    {tag::AcquisitionDate, tag::AcquisitionTime},
    {tag::ContentDate, tag::ContentTime},
    {tag::InstanceCreationDate, tag::InstanceCreationTime},
    {tag::PresentationCreationDate, tag::PresentationCreationTime},
    {tag::PerformedProcedureStepStartDate, tag::PerformedProcedureStepStartTime},
    {tag::PerformedProcedureStepEndDate, tag::PerformedProcedureStepEndTime},
    {tag::ScheduledProcedureStepStartDate, tag::ScheduledProcedureStepStartTime},
}};
[[nodiscard]] constexpr const date_and_time* moment_of(element_tag key) noexcept {
  for (const auto& each : dates_and_times)
    if (each.day == key || each.time == key) return &each;
  return nullptr;
}

// DA and TM by themselves, or, where negotiated, with the other half of their moment: in the time zone of the query, and
// as one range (PS3.4 §C.2.2.2.5).
[[nodiscard]] inline bool matches_date_or_time(element_tag key, vr v, std::string_view text, const data_set& keys,
                                               const data_set& object, std::string_view key_offset,
                                               query_extensions extensions) {
  const auto* moment = extensions.combined_date_time || extensions.timezone ? moment_of(key) : nullptr;
  if (moment == nullptr) return matches(v, text, object.text(key), {}, {}, extensions);
  auto day = object.text(moment->day);
  auto time = object.text(moment->time);
  if (extensions.timezone) move_to_zone(day, time, object.text(tag::TimezoneOffsetFromUTC), key_offset);
  if (extensions.combined_date_time)
    if (const auto both = matches_combined(keys.text(moment->day), keys.text(moment->time), day, time)) return *both;
  return matches(v, text, key == moment->day ? day : time, {}, {}, extensions);
}

}  // namespace detail

CODICOM_FUNCTION bool is_universal(std::string_view key) noexcept {
  while (!key.empty() && (key.back() == ' ' || key.back() == '\0')) key.remove_suffix(1);
  while (!key.empty() && key.front() == ' ') key.remove_prefix(1);
  return key.empty() || key.find_first_not_of('*') == std::string_view::npos;
}

CODICOM_FUNCTION bool matches(vr v, std::string_view key, std::string_view value, std::string_view key_offset,
                    std::string_view value_offset, query_extensions extensions) {
  if (is_universal(key)) return true;
  if (extensions.empty_value && detail::trimmed(v, key) == "\"\"")
    return !detail::any_value(v, value, [](std::string_view one_value) { return !one_value.empty(); });
  const auto is_met = [&](std::string_view one_key) {
    return detail::any_value(v, value, [&](std::string_view one_value) {
      return !one_value.empty() &&
             detail::matches_value(v, one_key, one_value, key_offset, value_offset, extensions);
    });
  };
  if (extensions.multiple_value && detail::is_matched_by_all_values(v))
    return !detail::any_value(v, key, [&](std::string_view one_key) { return !one_key.empty() && !is_met(one_key); });
  return detail::any_value(v, key, is_met);
}

CODICOM_FUNCTION bool matches(element_tag key, const data_set& keys, const data_set& object, query_extensions extensions) {
  if (detail::is_never_matched(key)) return true;
  const auto* wanted = keys.find(key);
  if (wanted == nullptr) return true;
  auto v = wanted->value_representation();
  if (v == vr::sq) return detail::matches_sequence(key, keys, object, extensions);
  if (v == vr::un || is_ambiguous(v))
    if (const auto entry = find_attribute(key); entry && is_definite(entry->value_representation))
      v = entry->value_representation;
  const auto text = keys.text(key);
  if (is_universal(text)) return true;
  const auto key_offset = v == vr::da || v == vr::tm || v == vr::dt ? keys.text(tag::TimezoneOffsetFromUTC) : "";
  if (v == vr::da || v == vr::tm)
    return detail::matches_date_or_time(key, v, text, keys, object, key_offset, extensions);
  const auto value = object.text(key);
  return matches(v, text, value, key_offset, v == vr::dt ? object.text(tag::TimezoneOffsetFromUTC) : "", extensions);
}

CODICOM_FUNCTION bool matches(const data_set& keys, const data_set& object, query_extensions extensions) {
  for (const auto& key : keys)
    if (!matches(key.tag(), keys, object, extensions)) return false;
  return true;
}

}  // namespace codicom::service
