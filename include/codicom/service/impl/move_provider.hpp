#pragma once
#include <codicom/core/config.hpp>
#include <codicom/coro/result.hpp>
#include <codicom/dictionary/tags.hpp>
#include <codicom/dictionary/transfer_syntaxes.hpp>
#include <codicom/encoding/transcode.hpp>
#include <codicom/net/association.hpp>
#include <codicom/service/move_provider.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

namespace codicom::service {
namespace detail {

// What one association is to carry.
class sub_operations {
 public:
  sub_operations() = default;

  dul::proposal contexts;
  std::vector<const stored_object*> objects;
};

// Add what an object needs: its own transfer syntax in a context alone, so that it can go as it is; and the
// uncompressed ones for a destination that knows no other than Implicit VR Little Endian.
inline void propose(dul::proposal& contexts, const stored_object& object) {
  contexts.add(object.sop_class_uid, object.transfer_syntax_uid);
  if (is_transcodable(object.transfer_syntax_uid, transfer_syntax::ExplicitVRLittleEndian)) {
    constexpr std::array plain{transfer_syntax::ExplicitVRLittleEndian, transfer_syntax::ImplicitVRLittleEndian};
    contexts.add(object.sop_class_uid, plain);
  }
}

// In order, as few associations as the limit of 128 contexts each allows.
[[nodiscard]] inline std::vector<sub_operations> plan(const std::vector<const stored_object*>& objects) {
  std::vector<sub_operations> batches;
  std::map<std::pair<unique_id, unique_id>, std::size_t> batch_of;  // SOP class and transfer syntax
  for (const auto* object : objects) {
    const auto [place, is_new] = batch_of.try_emplace({object->sop_class_uid, object->transfer_syntax_uid}, 0);
    if (is_new) {
      bool fits = false;
      if (!batches.empty()) {
        auto contexts = batches.back().contexts;
        propose(contexts, *object);
        fits = contexts.fits();
        if (fits) batches.back().contexts = std::move(contexts);
      }
      if (!fits) propose(batches.emplace_back().contexts, *object);
      place->second = batches.size() - 1;
    }
    batches[place->second].objects.push_back(object);
  }
  return batches;
}

class move_progress {
 public:
  explicit move_progress(std::size_t total) noexcept : remaining{total} {}

  std::size_t remaining, completed = 0, warnings = 0;
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

  [[nodiscard]] c_move_response response(const c_move_request& request, dimse_status outcome,
                                         std::string_view comment = {}) const {
    // The counts have 16 bits; a larger retrieval is told as far as they go.
    const auto number = [](std::size_t n) {
      return static_cast<std::uint16_t>(std::min<std::size_t>(n, std::numeric_limits<std::uint16_t>::max()));
    };
    c_move_response result{request, outcome, comment};
    if (outcome.is_pending() || outcome.is_cancel()) result.remaining = number(remaining);
    result.completed = number(completed);
    result.failed = number(failed.size());
    result.warning = number(warnings);
    return result;
  }

  [[nodiscard]] move_result final_result(const c_move_request& request, dimse_status outcome,
                                         std::string_view comment = {}) const {
    data_set list;
    if (!failed.empty() && !outcome.is_success()) list.set(tag::FailedSOPInstanceUIDList, failed);
    return move_result{response(request, outcome, comment), std::move(list)};
  }
};

}  // namespace detail

CODICOM_FUNCTION generator<c_move_response, move_result> answer_move(const archive_index& index, ae_title own_title,
                                                                     move_request request,
                                                                     move_provider_options options) {
  const auto& command = request.command;
  const auto model = model_of(command.affected_sop_class_uid);
  if (!model) co_return move_result{c_move_response{command, status::sop_class_not_supported}};

  const auto to = std::find_if(options.destinations.begin(), options.destinations.end(),
                               [&](const peer& each) { return each.ae_title == command.move_destination; });
  if (to == options.destinations.end())
    co_return move_result{c_move_response{command, status::move_destination_unknown,
                                          "no address is known for " + command.move_destination.str()}};

  std::optional<std::vector<const stored_object*>> selected;
  try {
    selected = index.select(request.identifier, *model);
  } catch (const std::system_error&) {
    // told below
  }
  if (!selected)
    co_return move_result{c_move_response{command, status::data_set_does_not_match_sop_class,
                                          "the level or its unique key is missing in the identifier"}};

  detail::move_progress progress{selected->size()};
  std::string problem;
  auto batches = detail::plan(*selected);
  for (auto& batch : batches) {
    auto how = options.association;
    how.calling_ae_title = own_title;
    how.called_ae_title = to->ae_title;
    how.contexts = std::move(batch.contexts);
    association destination;
    int lost_in_a_row = 0;
    for (std::size_t i = 0; i < batch.objects.size(); ++i) {
      const auto& object = *batch.objects[i];
      if (request.cancelled()) {
        if (destination.is_open()) {
          const auto ended = co_await as_result(destination.release());
          if (ended.error() == failure::cancelled) std::rethrow_exception(ended.exception());
        }
        co_return progress.final_result(command, status::cancel);
      }
      if (!destination.is_open()) {
        auto opened = co_await as_result(associate(*to, how));
        if (opened.error() == failure::cancelled) std::rethrow_exception(opened.exception());
        if (opened) {
          destination = std::move(*opened);
        } else {
          problem = opened.error().message();
          for (; i < batch.objects.size(); ++i) progress.fail(*batch.objects[i]);
          break;
        }
      }
      store_options as;
      as.priority = command.priority;
      as.move_originator_ae_title = request.calling_ae_title();
      as.move_originator_message_id = command.id;
      auto stored = co_await as_result(destination.store(object.file, as));
      if (stored.error() == failure::cancelled) std::rethrow_exception(stored.exception());
      if (stored) {
        progress.done(object, stored->status);
        if (stored->status.is_failure()) problem = "the destination answered " + to_string(stored->status);
        lost_in_a_row = 0;
      } else {
        progress.fail(object);
        problem = stored.error().message();
        if (!destination.is_open() && ++lost_in_a_row == 2)  // it will not do better with the rest
          for (++i; i < batch.objects.size(); ++i) progress.fail(*batch.objects[i]);
      }
      if (progress.remaining != 0) co_yield progress.response(command, status::pending);
    }
    if (destination.is_open()) {
      const auto released = co_await as_result(destination.release());
      if (released.error() == failure::cancelled) std::rethrow_exception(released.exception());
    }
  }
  const bool all_failed = !progress.failed.empty() && progress.failed.size() == selected->size();
  const auto outcome = all_failed                                           ? status::unable_to_perform_suboperations
                       : !progress.failed.empty() || progress.warnings != 0 ? status::suboperations_with_failures
                                                                            : status::success;
  co_return progress.final_result(command, outcome, progress.failed.empty() ? std::string_view{} : problem);
}

}  // namespace codicom::service
