#pragma once
#include <codicom/core/unique_id.hpp>
#include <codicom/dimse/command.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <unordered_map>
#include <vector>

namespace codicom::service {

/// Where the numbers of an account come from.
enum class account_basis : std::uint8_t {
  expected_objects,  ///< a C-FIND at IMAGE level named every object before the C-MOVE began
  counted_by_peer,   ///< the peer's own counts; only UIDs that arrived or that it reported failed are known
};

/// What became of a retrieval. An object counts once, however often it came.
class retrieval_account {
 public:
  retrieval_account() {}

  account_basis basis = account_basis::counted_by_peer;
  std::vector<unique_id> expected;  ///< in ascending order; empty when counted by the peer
  std::vector<unique_id> received;  ///< taken here and answered with success or a warning, in order of arrival
  std::vector<unique_id> failed;    ///< reported by the peer in (0008,0058), or refused here; ascending
  std::vector<unique_id> missing;   ///< expected, neither received nor failed: never arrived, or never sent

  std::size_t received_count = 0;    ///< `received.size()`; for a third party what the peer says to have completed
  std::size_t failed_count = 0;      ///< at least `failed.size()`: a peer may count failures without naming them
  std::size_t missing_count = 0;     ///< at least `missing.size()`: a peer may count as completed what never came
  std::size_t warning_count = 0;     ///< the peer's word
  std::size_t unexpected_count = 0;  ///< objects that came meanwhile and that no retrieval expected
  std::size_t duplicate_count = 0;   ///< arrivals of an object that had been received before
  std::uint64_t bytes = 0;           ///< of the data sets received

  std::optional<c_move_response> last;  ///< the final response; nothing while under way or when the association broke
  bool cancelled = false;               ///< `cancel()` was called before the final response

  /// The final response tells no failure and no cancel, and nothing failed or is missing. Warnings do not count.
  [[nodiscard]] bool is_complete() const noexcept {
    return last && !last->status.is_failure() && !last->status.is_cancel() && failed_count == 0 && missing_count == 0;
  }
};

/// Keeps the account while a retrieval runs. No I/O: it is told what happens.
class account_keeper {
 public:
  /// @param receives_here  False for a third-party destination: nothing arrives, the peer's word counts.
  explicit account_keeper(bool receives_here = true) noexcept : receives_here_{receives_here} {}

  /// What is to come, as far as a C-FIND could tell.
  void expect(std::vector<unique_id> objects);
  [[nodiscard]] bool has_expectation() const noexcept { return !expected_.empty(); }
  [[nodiscard]] bool expects(const unique_id& object) const { return expected_.contains(object); }
  [[nodiscard]] bool has_received(const unique_id& object) const { return ok_.contains(object); }

  /// An object has been handed to the user; `ended` tells later what became of it.
  void arrived(const unique_id&) { ++under_way_; }
  /// It was answered. @param data_set_bytes  Its size, where it was read whole.
  void ended(const unique_id& object, dimse_status answered, std::uint64_t data_set_bytes);
  [[nodiscard]] std::size_t under_way() const noexcept { return under_way_; }
  void unexpected() { ++unexpected_; }

  void pending(const c_move_response& response);
  void last(const c_move_response& response, std::span<const unique_id> failed_list);
  void cancelled() { cancelled_ = true; }

  /// After the final response: the peer says it has sent more than has come.
  [[nodiscard]] bool awaits_more() const;

  /// How many objects are to come: as expected, else as the peer counts.
  [[nodiscard]] std::optional<std::size_t> total() const;
  [[nodiscard]] retrieval_account account() const;

 private:
  // What the peer says to have completed, with a warning or without; nothing when it does not say.
  [[nodiscard]] std::optional<std::size_t> reported() const;

  bool receives_here_;
  bool cancelled_ = false;
  std::set<unique_id> expected_;
  std::set<unique_id> ok_;
  std::vector<unique_id> received_;
  std::set<unique_id> refused_;
  std::set<unique_id> failed_list_;
  std::size_t under_way_ = 0;
  std::size_t stored_ = 0;  // arrivals answered with success, the same object twice counted twice
  std::size_t duplicates_ = 0;
  std::size_t unexpected_ = 0;
  std::uint64_t bytes_ = 0;
  std::optional<c_move_response> pending_;
  std::optional<c_move_response> last_;
};

}  // namespace codicom::service

#ifndef CODICOM_SEPARATE_COMPILATION
#include <codicom/service/impl/retrieval_account.hpp>
#endif
