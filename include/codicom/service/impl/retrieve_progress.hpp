#pragma once
#include <codicom/dictionary/tags.hpp>
#include <codicom/dimse/command.hpp>
#include <codicom/net/responses.hpp>
#include <codicom/service/archive.hpp>
#include <codicom/service/query_model.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace codicom::service::detail {

// What an identifier asks for, or why that is refused (PS3.4 Tables C.4-2 and C.4-3).
class resolved_objects {
 public:
  resolved_objects() {}

  std::vector<stored_object> objects;
  dimse_status refusal = status::success;
  std::string_view why;
};
inline task<resolved_objects> resolve(const archive& from, data_set identifier, query_model model, std::size_t at_most) {
  resolved_objects result;
  try {
    result.objects = co_await from.resolve(std::move(identifier), model, at_most);
  } catch (const std::system_error& error) {
    if (error.code() == errc::invalid_argument) {
      result.refusal = status::data_set_does_not_match_sop_class;
      result.why = "the level or its unique key is missing in the identifier";
    } else if (error.code() == errc::limit_exceeded) {
      result.refusal = status::unable_to_calculate_matches;
      result.why = "more objects than are sent at once; ask by study or series";
    } else {
      throw;
    }
  }
  co_return result;
}

// How far the sub-operations of a C-MOVE or C-GET have come.
template <class Request, class Response>
class retrieve_progress {
 public:
  explicit retrieve_progress(std::size_t count) noexcept : remaining{count}, total{count} {}

  std::size_t remaining, total, completed = 0, warnings = 0;
  std::vector<unique_id> failed;

  void fail(const stored_object& object) {
    failed.push_back(object.sop_instance_uid);
    --remaining;
  }
  void done(const stored_object& object, dimse_status answer) {
    if (answer.is_success()) ++completed;
    else if (answer.is_warning()) ++warnings;
    else failed.push_back(object.sop_instance_uid);
    --remaining;
  }

  // The final status (PS3.4 §C.4.2.1.5, §C.4.3.1.4).
  [[nodiscard]] dimse_status outcome() const noexcept {
    if (!failed.empty() && failed.size() == total) return status::unable_to_perform_suboperations;
    return failed.empty() && warnings == 0 ? status::success : status::suboperations_with_failures;
  }

  [[nodiscard]] Response response(const Request& request, dimse_status outcome, std::string_view comment = {}) const {
    // The counts have 16 bits; a larger retrieval is told as far as they go.
    const auto number = [](std::size_t n) {
      return static_cast<std::uint16_t>(std::min<std::size_t>(n, std::numeric_limits<std::uint16_t>::max()));
    };
    Response result{request, outcome, comment};
    if (outcome.is_pending() || outcome.is_cancel()) result.remaining = number(remaining);
    result.completed = number(completed);
    result.failed = number(failed.size());
    result.warning = number(warnings);
    return result;
  }

  [[nodiscard]] retrieve_result<Response> final_result(const Request& request, dimse_status outcome,
                                                       std::string_view comment = {}) const {
    data_set list;
    if (!failed.empty() && !outcome.is_success()) list.set(tag::FailedSOPInstanceUIDList, failed);
    return retrieve_result<Response>{response(request, outcome, comment), std::move(list)};
  }
};

}  // namespace codicom::service::detail
