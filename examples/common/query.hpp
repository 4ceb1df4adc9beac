#pragma once
#include "levels.hpp"

#include <codicom/coro/task.hpp>
#include <codicom/data_set/data_set.hpp>
#include <codicom/dictionary/tags.hpp>
#include <codicom/net/association.hpp>

#include <cstddef>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace tools {

/// C-FINDs for what matches keys at a level, each match once. Archives that are not asked relationally want the unique
/// keys of all levels above (PS3.4 §C.4.1.2.1): where they are not given, they are found level by level, with the keys of
/// each.
class query {
 public:
  using return_keys = std::function<void(codicom::data_set& keys, query_level level)>;

  /// @param add_return_keys  what is asked for besides the keys, at each level
  query(codicom::association& over, query_model model, return_keys add_return_keys)
      : over_{&over}, model_{model}, add_return_keys_{std::move(add_return_keys)} {}

  std::size_t limit = 0;                       ///< so many matches at the level are enough; 0: all
  std::function<void(std::size_t)> on_count;  ///< how many there are so far

  /// What was found before it was refused, cancelled, or enough.
  [[nodiscard]] codicom::task<std::vector<codicom::data_set>> matches(codicom::data_set keys, query_level level);
  /// The same with an identifier that is complete, for any query class.
  [[nodiscard]] codicom::task<std::vector<codicom::data_set>> ask(codicom::unique_id sop_class, codicom::data_set identifier,
                                                                  std::optional<codicom::element_tag> unique_key = {});

  /// A C-CANCEL for what is under way, and nothing more is asked.
  [[nodiscard]] codicom::task<> cancel() {
    cancelled_ = true;
    if (current_ != nullptr) co_await current_->request_cancel();
  }

  /// The answer that ended it, where that was neither success nor our wish.
  [[nodiscard]] const std::optional<codicom::c_find_response>& refused() const noexcept { return refused_; }
  [[nodiscard]] query_level refused_at() const noexcept { return level_; }
  /// There may be more: the limit was reached.
  [[nodiscard]] bool limited() const noexcept { return limited_; }

 private:
  [[nodiscard]] codicom::task<std::vector<codicom::data_set>> at_level(query_level level, codicom::data_set identifier);

  codicom::association* over_;
  query_model model_;
  return_keys add_return_keys_;
  codicom::find_responses* current_ = nullptr;
  std::optional<codicom::c_find_response> refused_;
  query_level level_ = query_level::study;
  std::size_t count_ = 0;
  bool counting_ = true;  // at the level that was asked for
  bool cancelled_ = false, limited_ = false;
};

inline codicom::task<std::vector<codicom::data_set>> query::ask(codicom::unique_id sop_class, codicom::data_set identifier,
                                                                std::optional<codicom::element_tag> unique_key) {
  std::vector<codicom::data_set> found;
  std::set<std::string> seen;  // some archives answer once per image
  auto responses = over_->find(sop_class, identifier);
  current_ = &responses;
  while (auto match = co_await responses.next()) {
    // An archive need not repeat the keys above the level, and some leave the level out.
    auto answer = std::move(match->identifier);
    for (const auto& element : identifier)
      if (!answer.contains(element.tag()) && !element.empty() && is_single_value(identifier, element.tag()))
        answer.set(element);
    if (unique_key) {
      const auto key = answer.text(*unique_key);
      const bool fresh = !key.empty() && seen.insert(key).second;
      if (!fresh) continue;
    }
    if (limited_) continue;  // came before the peer saw the C-CANCEL
    found.push_back(std::move(answer));
    if (!counting_) continue;
    ++count_;
    if (on_count) on_count(count_);
    if (count_ != limit) continue;
    limited_ = true;
    co_await responses.request_cancel();
  }
  current_ = nullptr;
  const auto& last = responses.last();
  const bool wished = last.status.is_cancel() && (limited_ || cancelled_);
  if (!last.status.is_success() && !wished) refused_ = last;
  co_return found;
}

inline codicom::task<std::vector<codicom::data_set>> query::at_level(query_level level, codicom::data_set identifier) {
  level_ = level;
  identifier.set(codicom::tag::QueryRetrieveLevel, codicom::service::to_string(level));
  add_return_keys_(identifier, level);
  co_return co_await ask(codicom::service::find_class(model_), std::move(identifier), codicom::service::unique_key(level));
}

inline codicom::task<std::vector<codicom::data_set>> query::matches(codicom::data_set all_keys, query_level wanted) {
  namespace tag = codicom::tag;
  using codicom::service::unique_key;
  const auto index = [](query_level level) { return static_cast<int>(level); };
  const auto top = codicom::service::top_level(model_);

  bool given = true;
  for (int i = index(top); i < index(wanted); ++i)
    given = given && is_single_value(all_keys, unique_key(static_cast<query_level>(i)));
  if (given) co_return co_await at_level(wanted, std::move(all_keys));

  static constexpr codicom::element_tag inherited[] = {tag::PatientName, tag::PatientID, tag::StudyDate,
                                                       tag::StudyDescription};
  std::vector<codicom::data_set> parents(1);
  for (int i = index(top); i <= index(wanted); ++i) {
    const auto level = static_cast<query_level>(i);
    counting_ = level == wanted;
    codicom::data_set keys;
    if (const auto* charset = all_keys.find(tag::SpecificCharacterSet)) keys.set(*charset);
    for (const auto& element : all_keys)
      if (level_of_key(element.tag(), model_).value_or(wanted) == level && element.tag() != tag::SpecificCharacterSet)
        keys.set(element);

    std::vector<codicom::data_set> found;
    for (const auto& parent : parents) {
      if (refused_ || cancelled_ || limited_) break;
      auto identifier = keys;
      for (int above = index(top); above < i; ++above)
        if (const auto* key = parent.find(unique_key(static_cast<query_level>(above)))) identifier.set(*key);
      auto of_parent = co_await at_level(level, std::move(identifier));
      for (auto& match : of_parent) {
        // The line for a person names the patient, which only the upper levels tell.
        for (const auto key : inherited)
          if (const auto* known = parent.find(key); known != nullptr && !match.contains(key))
            match.set_text(key, parent.text(key));
        found.push_back(std::move(match));
      }
    }
    if (refused_) co_return std::vector<codicom::data_set>{};
    parents = std::move(found);
  }
  co_return parents;
}

}  // namespace tools
