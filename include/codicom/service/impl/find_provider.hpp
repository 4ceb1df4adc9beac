#pragma once
#include <codicom/core/config.hpp>
#include <codicom/dictionary/tags.hpp>
#include <codicom/service/find_provider.hpp>
#include <codicom/service/query_extensions.hpp>

#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

namespace codicom::service {

CODICOM_FUNCTION generator<find_match, c_find_response> answer_find(const archive& from, ae_title retrieve_from,
                                                                    find_request request,
                                                                    find_provider_options options) {
  const auto& sop_class = request.command.affected_sop_class_uid;
  const auto model = model_of(sop_class);
  if (!model) co_return c_find_response{request.command, status::sop_class_not_supported};
  const auto negotiated = negotiated_extensions(request.association(), sop_class);
  std::optional<archive_query> asked;
  try {
    asked.emplace(*model, request.identifier, retrieve_from, negotiated);
  } catch (const std::system_error&) {
    // told below
  }
  if (!asked) {
    c_find_response refusal{request.command, status::data_set_does_not_match_sop_class,
                            "Query/Retrieve Level is none of this model"};
    refusal.offending_elements.push_back(tag::QueryRetrieveLevel);
    co_return refusal;
  }
  if (!negotiated.relational && !options.answer_any_relational_query) {
    if (const auto key = missing_unique_key(asked->keys(), *model)) {
      c_find_response refusal{request.command, status::data_set_does_not_match_sop_class,
                              "unique key of an upper level needed: relational not negotiated"};
      refusal.offending_elements.push_back(*key);
      co_return refusal;
    }
  }
  const auto pending = asked->has_unsupported_keys() ? status::pending_with_warning : status::pending;
  const auto source = from.query(std::move(*asked));
  for (;;) {
    auto page = co_await source->next_page();
    if (page.empty()) break;
    for (auto& match : page) {
      if (request.cancelled()) co_return c_find_response{request.command, status::cancel};
      co_yield find_match{std::move(match), pending};
    }
  }
  co_return c_find_response{request.command, status::success};
}

}  // namespace codicom::service
