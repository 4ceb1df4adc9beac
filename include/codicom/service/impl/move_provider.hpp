#pragma once
#include <codicom/core/config.hpp>
#include <codicom/coro/result.hpp>
#include <codicom/dul/plan.hpp>
#include <codicom/encoding/transcode.hpp>
#include <codicom/net/association.hpp>
#include <codicom/service/impl/retrieve_progress.hpp>
#include <codicom/service/move_provider.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace codicom::service {

namespace detail {

[[nodiscard]] inline std::vector<dul::association_plan> in_batches(const std::vector<stored_object>& objects) {
  std::vector<dul::outgoing_object> outgoing;
  outgoing.reserve(objects.size());
  for (const auto& each : objects) outgoing.emplace_back(each.sop_class_uid, each.transfer_syntax_uid);
  return dul::plan(outgoing, &is_transcodable);
}

}  // namespace detail

CODICOM_FUNCTION generator<c_move_response, move_result> answer_move(const archive& from, ae_title own_title,
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

  const auto selected = co_await detail::resolve(from, request.identifier, *model, options.max_objects);
  if (!selected.refusal.is_success())
    co_return move_result{c_move_response{command, selected.refusal, selected.why}};

  detail::retrieve_progress<c_move_request, c_move_response> progress{selected.objects.size()};
  std::string problem;
  auto batches = detail::in_batches(selected.objects);
  for (auto& batch : batches) {
    auto how = options.association;
    how.calling_ae_title = own_title;
    how.called_ae_title = to->ae_title;
    how.contexts = std::move(batch.contexts);
    association destination;
    int lost_in_a_row = 0;
    for (std::size_t i = 0; i < batch.objects.size(); ++i) {
      const auto& object = selected.objects[batch.objects[i]];
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
          for (; i < batch.objects.size(); ++i) progress.fail(selected.objects[batch.objects[i]]);
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
          for (++i; i < batch.objects.size(); ++i) progress.fail(selected.objects[batch.objects[i]]);
      }
      if (progress.remaining != 0) co_yield progress.response(command, status::pending);
    }
    if (destination.is_open()) {
      const auto released = co_await as_result(destination.release());
      if (released.error() == failure::cancelled) std::rethrow_exception(released.exception());
    }
  }
  co_return progress.final_result(command, progress.outcome(), progress.failed.empty() ? std::string_view{} : problem);
}

}  // namespace codicom::service
