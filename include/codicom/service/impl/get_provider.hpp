#pragma once
#include <codicom/core/config.hpp>
#include <codicom/coro/result.hpp>
#include <codicom/net/association.hpp>
#include <codicom/service/get_provider.hpp>
#include <codicom/service/impl/retrieve_progress.hpp>

#include <cstddef>
#include <exception>
#include <string>
#include <string_view>

namespace codicom::service {

CODICOM_FUNCTION generator<c_get_response, get_result> answer_get(const archive& from, get_request request,
                                                                 std::size_t max_objects) {
  const auto& command = request.command;
  const auto model = model_of(command.affected_sop_class_uid);
  if (!model) co_return get_result{c_get_response{command, status::sop_class_not_supported}};
  const auto selected = co_await detail::resolve(from, request.identifier, *model, max_objects);
  if (!selected.refusal.is_success())
    co_return get_result{c_get_response{command, selected.refusal, selected.why}};

  detail::retrieve_progress<c_get_request, c_get_response> progress{selected.objects.size()};
  std::string problem;
  for (const auto& object : selected.objects) {
    if (request.cancelled()) co_return progress.final_result(command, status::cancel);
    store_options as;
    as.priority = command.priority;
    auto stored = co_await as_result(request.sender().store(object.file, as));
    if (stored) {
      progress.done(object, stored->status);
      if (stored->status.is_failure()) problem = "the requestor answered " + to_string(stored->status);
    } else {
      // The object is at fault, or else the association is gone.
      const auto error = stored.error();
      if (error != errc::no_presentation_context && error != failure::local_io && error != failure::malformed)
        std::rethrow_exception(stored.exception());
      progress.fail(object);
      problem = error.message();
    }
    if (progress.remaining != 0) co_yield progress.response(command, status::pending);
  }
  co_return progress.final_result(command, progress.outcome(), progress.failed.empty() ? std::string_view{} : problem);
}

}  // namespace codicom::service
