#pragma once
#include <codicom/core/config.hpp>
#include <codicom/dictionary/tags.hpp>
#include <codicom/service/find_provider.hpp>

#include <optional>
#include <system_error>
#include <utility>

namespace codicom::service {

CODICOM_FUNCTION generator<find_match, c_find_response> answer_find(const archive_index& index, ae_title retrieve_from,
                                                                    find_request request) {
  const auto model = model_of(request.command.affected_sop_class_uid);
  if (!model) co_return c_find_response{request.command, status::sop_class_not_supported};
  std::optional<find_cursor> cursor;
  try {
    cursor.emplace(index, *model, request.identifier, retrieve_from);
  } catch (const std::system_error&) {
    // told below
  }
  if (!cursor) {
    c_find_response refusal{request.command, status::data_set_does_not_match_sop_class,
                            "Query/Retrieve Level is none of this model"};
    refusal.offending_elements.push_back(tag::QueryRetrieveLevel);
    co_return refusal;
  }
  const auto pending = cursor->has_unsupported_keys() ? status::pending_with_warning : status::pending;
  while (auto match = cursor->next()) {
    if (request.cancelled()) co_return c_find_response{request.command, status::cancel};
    co_yield find_match{std::move(*match), pending};
  }
  co_return c_find_response{request.command, status::success};
}

}  // namespace codicom::service
