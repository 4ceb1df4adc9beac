#pragma once
#include <codicom/core/config.hpp>
#include <codicom/dictionary/generated/uid_table.hpp>
#include <codicom/dictionary/impl/pool.hpp>
#include <codicom/dictionary/uids.hpp>

namespace codicom {

namespace detail {

inline constexpr std::size_t no_uid = ~std::size_t{0};

[[nodiscard]] inline std::string_view uid_text(std::size_t row) noexcept {
  return {uid_texts[uid_rows[row].literal] + uid_rows[row].offset, uid_rows[row].uid_size};
}
[[nodiscard]] inline std::string_view uid_keyword_text(std::size_t row) noexcept {
  const auto uid = uid_text(row);
  return {uid.data() + uid.size(), uid_rows[row].keyword_size};
}

}  // namespace detail

CODICOM_FUNCTION std::optional<uid_entry> find_uid(const unique_id& uid) noexcept {
  const auto text = uid.view();
  const auto row = detail::find_slot(detail::uid_slots, detail::text_hash(text), detail::no_uid,
                                     [text](std::size_t r) { return detail::uid_text(r) == text; });
  if (row == detail::no_uid) return std::nullopt;
  const auto& facts = detail::uid_rows[row];
  uid_entry entry;
  entry.kind = facts.kind;
  entry.keyword = detail::uid_keyword_text(row);
  entry.name = {entry.keyword.data() + entry.keyword.size(), facts.name_size};
  entry.retired = facts.retired;
  return entry;
}

CODICOM_FUNCTION std::string_view uid_name(const unique_id& uid) noexcept {
  const auto entry = find_uid(uid);
  return entry ? entry->name : std::string_view{};
}

CODICOM_FUNCTION std::string_view uid_keyword(const unique_id& uid) noexcept {
  const auto entry = find_uid(uid);
  return entry ? entry->keyword : std::string_view{};
}

CODICOM_FUNCTION std::optional<unique_id> uid_from_keyword(std::string_view keyword) noexcept {
  if (keyword.empty()) return std::nullopt;
  const auto row = detail::find_slot(detail::uid_keyword_slots, detail::text_hash(keyword), detail::no_uid,
                                     [keyword](std::size_t r) { return detail::uid_keyword_text(r) == keyword; });
  if (row == detail::no_uid) return std::nullopt;
  return unique_id{detail::uid_text(row)};
}

}  // namespace codicom
