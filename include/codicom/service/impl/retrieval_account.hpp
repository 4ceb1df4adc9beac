#pragma once
#include <codicom/core/config.hpp>
#include <codicom/service/retrieval_account.hpp>

#include <algorithm>

namespace codicom::service {

CODICOM_FUNCTION void account_keeper::expect(std::vector<unique_id> objects) {
  expected_.insert(objects.begin(), objects.end());
  expected_.erase(unique_id{});
}

CODICOM_FUNCTION void account_keeper::ended(const unique_id& object, dimse_status answered, std::uint64_t data_set_bytes) {
  if (under_way_ != 0) --under_way_;
  if (!answered.is_success() && !answered.is_warning()) {
    refused_.insert(object);
    return;
  }
  ++stored_;
  if (!ok_.insert(object).second) {
    ++duplicates_;
    return;
  }
  received_.push_back(object);
  bytes_ += data_set_bytes;
}

CODICOM_FUNCTION void account_keeper::pending(const c_move_response& response) { pending_ = response; }

CODICOM_FUNCTION void account_keeper::last(const c_move_response& response, std::span<const unique_id> failed_list) {
  last_ = response;
  failed_list_.insert(failed_list.begin(), failed_list.end());
  failed_list_.erase(unique_id{});
}

CODICOM_FUNCTION std::optional<std::size_t> account_keeper::reported() const {
  if (!last_ || (!last_->completed && !last_->warning)) return std::nullopt;
  return std::size_t{last_->completed.value_or(0)} + last_->warning.value_or(0);
}

CODICOM_FUNCTION bool account_keeper::awaits_more() const {
  if (!receives_here_ || !last_) return false;
  if (const auto count = reported()) return stored_ + under_way_ < *count;
  // Counts are optional. Only a success says that everything has been sent.
  if (!last_->status.is_success()) return false;
  return std::any_of(expected_.begin(), expected_.end(), [this](const unique_id& uid) {
    return !ok_.contains(uid) && !failed_list_.contains(uid) && !refused_.contains(uid);
  });
}

CODICOM_FUNCTION std::optional<std::size_t> account_keeper::total() const {
  if (!expected_.empty()) return expected_.size();
  const auto& said = last_ ? last_ : pending_;
  if (!said || (!said->remaining && !last_)) return std::nullopt;
  if (!said->completed && !said->failed && !said->warning && !said->remaining) return std::nullopt;
  return std::size_t{said->remaining.value_or(0)} + said->completed.value_or(0) + said->failed.value_or(0) +
         said->warning.value_or(0);
}

CODICOM_FUNCTION retrieval_account account_keeper::account() const {
  retrieval_account result;
  result.basis = expected_.empty() ? account_basis::counted_by_peer : account_basis::expected_objects;
  result.expected.assign(expected_.begin(), expected_.end());
  result.received = received_;
  result.received_count = received_.size();
  result.unexpected_count = unexpected_;
  result.duplicate_count = duplicates_;
  result.bytes = bytes_;
  result.cancelled = cancelled_;
  result.last = last_;
  if (last_) result.warning_count = last_->warning.value_or(0);
  if (!receives_here_ && reported()) result.received_count = *reported();

  // What has come here is here, whatever the peer thinks of it.
  std::set<unique_id> failed;
  for (const auto* from : {&failed_list_, &refused_})
    for (const auto& uid : *from)
      if (!ok_.contains(uid)) failed.insert(uid);
  std::vector<unique_id> missing;
  for (const auto& uid : expected_)
    if (!ok_.contains(uid) && !failed.contains(uid)) missing.push_back(uid);
  const std::size_t failures_told = last_ ? last_->failed.value_or(0) : 0;
  if (!missing.empty() && failures_told == failed.size() + missing.size()) {
    // Counted as failed without a list, and no other object is left that it could mean.
    failed.insert(missing.begin(), missing.end());
    missing.clear();
  }
  result.failed.assign(failed.begin(), failed.end());
  result.failed_count = std::max(failed.size(), failures_told);
  result.missing_count = missing.size();
  result.missing = std::move(missing);
  if (receives_here_ && last_)
    if (const auto count = reported(); count && *count > stored_ + under_way_)
      result.missing_count = std::max(result.missing_count, *count - stored_ - under_way_);
  return result;
}

}  // namespace codicom::service
