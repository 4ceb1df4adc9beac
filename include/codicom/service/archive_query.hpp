#pragma once
#include <codicom/core/ae_title.hpp>
#include <codicom/core/tag.hpp>
#include <codicom/data_set/data_set.hpp>
#include <codicom/service/matching.hpp>
#include <codicom/service/query_model.hpp>

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace codicom::service {

/// What an archive keeps of an object's head for one level: the keys of PS3.4 Tables C.6-1 to C.6-4, and optional ones
/// that clients ask for, in the character set of the head. Elements from Pixel Data on are not needed.
[[nodiscard]] data_set archive_record(const data_set& head, query_level level);

/// A range of index terms, both ends included, compared byte by byte.
class term_range {
 public:
  term_range(std::string from, std::string to) : first{std::move(from)}, last{std::move(to)} {}
  std::string first, last;
};

/// The values of an attribute as terms of a sorted index, in which what a key can match lies in one range
/// (`archive_query::narrow`): dates as YYYYMMDD, person names folded and by component group, other text as it stands.
[[nodiscard]] std::vector<std::string> index_terms(const data_set& record, element_tag attribute);

/// One C-FIND as an archive sees it: which records match, and what the answer to a match is (PS3.4 §C.4.1.3). Keys of
/// the level asked for and of those above it are matched. Attributes that no record has are ignored, and left out of the
/// answers.
class archive_query {
 public:
  /// The records of a match, from its patient down to its level; null below.
  using records = std::array<const data_set*, 4>;
  /// The value, as text, of an attribute that is no part of a record: counts, Modalities in Study, SOP Classes in Study,
  /// Available Transfer Syntax UID. Asked only for what the query asks for.
  using computed = std::function<std::string(element_tag)>;

  /// @param retrieve_from  our AE title, returned as Retrieve AE Title (0008,0054)
  /// @throws std::system_error `errc::invalid_argument` when the level is missing or none of the model.
  archive_query(query_model model, data_set keys, ae_title retrieve_from, query_extensions extensions = {});

  [[nodiscard]] query_level level() const noexcept { return level_; }
  [[nodiscard]] const data_set& keys() const noexcept { return keys_; }
  [[nodiscard]] query_extensions extensions() const noexcept { return extensions_; }
  /// A key was given that is not supported: answers carry status FF01 (PS3.4 Table C.4-1).
  [[nodiscard]] bool has_unsupported_keys() const noexcept { return has_unsupported_keys_; }

  /// Does the record of one level meet the keys of that level?
  [[nodiscard]] bool matches(query_level level, const data_set& record) const;
  /// The identifier for a match whose records meet the keys; nothing when a computed attribute does not.
  [[nodiscard]] std::optional<data_set> answer(const records& found, const computed& compute) const;

  /// Where in a sorted index of `index_terms` all matches of a key are, and more perhaps; nothing: they may be
  /// anywhere. For single values, wild cards behind a beginning, and ranges of dates.
  [[nodiscard]] std::optional<term_range> narrow(element_tag key) const;

  /// Whether the attribute can be matched and returned at that level.
  [[nodiscard]] static bool supports(element_tag key, query_level level) noexcept;

 private:
  data_set keys_;
  ae_title retrieve_from_;
  query_extensions extensions_;
  query_level level_{};
  bool has_unsupported_keys_ = false;
};

}  // namespace codicom::service

#ifndef CODICOM_SEPARATE_COMPILATION
#include <codicom/service/impl/archive_query.hpp>
#endif
