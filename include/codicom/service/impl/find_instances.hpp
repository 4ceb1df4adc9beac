#pragma once
#include <codicom/core/config.hpp>
#include <codicom/dictionary/tags.hpp>
#include <codicom/service/find_instances.hpp>

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace codicom::service {

namespace detail {

// Walks down the levels by C-FIND. `cancelled` ends it between two answers.
class instance_finder {
 public:
  instance_finder(association& over, query_model model, const bool& cancelled)
      : association_{&over}, model_{model}, cancelled_{&cancelled} {}

  // Nothing when the archive cannot say.
  [[nodiscard]] task<std::optional<std::vector<instance_reference>>> all_of(data_set identifier);

 private:
  [[nodiscard]] task<bool> walk(data_set keys, query_level level);
  void add(const data_set& keys, const unique_id& instance, unique_id sop_class) {
    if (instance.empty()) return;
    instance_reference found;
    found.study_instance_uid = keys.uid(tag::StudyInstanceUID).value_or(unique_id{});
    found.series_instance_uid = keys.uid(tag::SeriesInstanceUID).value_or(unique_id{});
    found.sop_instance_uid = instance;
    found.sop_class_uid = sop_class;
    found_.push_back(found);
  }

  association* association_;
  query_model model_;
  const bool* cancelled_;
  unique_id sop_class_;
  std::vector<instance_reference> found_;
};

// The unique keys one level below what `keys` fixes.
CODICOM_FUNCTION task<bool> instance_finder::walk(data_set keys, query_level level) {
  const auto own_key = unique_key(level);
  keys.set(tag::QueryRetrieveLevel, to_string(level)).set(own_key);
  auto asked = keys;
  if (level == query_level::image) asked.set(tag::SOPClassUID);
  std::vector<unique_id> below;
  auto matches = association_->find(sop_class_, std::move(asked));
  while (auto match = co_await matches.next()) {
    if (*cancelled_) break;
    const auto uid = match->identifier.uid(own_key);
    if (!uid) continue;
    if (level == query_level::image) add(keys, *uid, match->identifier.uid(tag::SOPClassUID).value_or(unique_id{}));
    else if (std::find(below.begin(), below.end(), *uid) == below.end()) below.push_back(*uid);
  }
  if (*cancelled_) co_return false;  // the rest of the answers is skipped by the association
  if (!matches.last().status.is_success()) co_return false;
  for (const auto& uid : below) {
    keys.set_text(own_key, uid.view());
    const bool known = co_await walk(keys, static_cast<query_level>(static_cast<int>(level) + 1));
    if (!known) co_return false;
  }
  co_return true;
}

CODICOM_FUNCTION task<std::optional<std::vector<instance_reference>>> instance_finder::all_of(data_set identifier) {
  const auto level = *level_of(identifier);
  if (level == query_level::image) {  // asked for by name
    for (const auto& uid : identifier.values<unique_id>(tag::SOPInstanceUID)) add(identifier, uid, {});
    co_return std::move(found_);
  }
  if (lowest_level(model_) != query_level::image) co_return std::nullopt;
  const auto& parameters = association_->parameters();
  const auto other = model_ == query_model::study_root ? query_model::patient_root : query_model::study_root;
  sop_class_ = find_class(model_);
  if (parameters.accepted(sop_class_) == nullptr && level != query_level::patient) sop_class_ = find_class(other);
  if (parameters.accepted(sop_class_) == nullptr) co_return std::nullopt;
  const auto own_key = unique_key(level);
  // One question for each value: not every archive takes a list of UIDs above the level asked for.
  std::vector<std::string> values;
  if (level == query_level::patient) values.push_back(identifier.text(own_key));
  else
    for (const auto& uid : identifier.values<unique_id>(own_key)) values.push_back(uid.str());
  for (const auto& value : values) {
    identifier.set_text(own_key, value);
    const bool known = co_await walk(identifier, static_cast<query_level>(static_cast<int>(level) + 1));
    if (!known) co_return std::nullopt;
  }
  co_return std::move(found_);
}

}  // namespace detail

CODICOM_FUNCTION task<std::optional<std::vector<instance_reference>>> find_instances(association& over, data_set what,
                                                                                     std::optional<query_model> model) {
  const auto level = level_of(what);
  const auto chosen =
      model.value_or(level == query_level::patient ? query_model::patient_root : query_model::study_root);
  const bool never = false;
  detail::instance_finder finder{over, chosen, never};
  auto identifier = retrieve_identifier(what, chosen);
  auto found = co_await finder.all_of(std::move(identifier));
  co_return found;
}

CODICOM_FUNCTION std::vector<instance_batch> make_batches(std::span<const instance_reference> instances,
                                                          std::string_view patient_id, std::size_t batch) {
  constexpr std::size_t longest_value = 65'534;
  std::map<std::pair<unique_id, unique_id>, std::vector<instance_reference>> by_series;
  for (const auto& each : instances) by_series[{each.study_instance_uid, each.series_instance_uid}].push_back(each);
  std::vector<instance_batch> batches;
  for (auto& [key, members] : by_series) {
    for (std::size_t next = 0; next < members.size();) {
      instance_batch one;
      std::vector<unique_id> uids;
      for (std::size_t bytes = 0; next < members.size() && uids.size() < std::max<std::size_t>(batch, 1); ++next) {
        bytes += members[next].sop_instance_uid.view().size() + 1;
        if (bytes > longest_value) break;
        uids.push_back(members[next].sop_instance_uid);
        one.instances.push_back(members[next]);
      }
      one.identifier.set(tag::QueryRetrieveLevel, to_string(query_level::image));
      if (!patient_id.empty()) one.identifier.set_text(tag::PatientID, patient_id);
      one.identifier.set(tag::StudyInstanceUID, key.first).set(tag::SeriesInstanceUID, key.second);
      one.identifier.set(tag::SOPInstanceUID, uids);
      batches.push_back(std::move(one));
    }
  }
  return batches;
}

}  // namespace codicom::service
