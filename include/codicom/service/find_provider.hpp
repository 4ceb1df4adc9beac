#pragma once
#include <codicom/core/ae_title.hpp>
#include <codicom/coro/generator.hpp>
#include <codicom/net/handlers.hpp>
#include <codicom/service/archive.hpp>

namespace codicom::service {

/// How a C-FIND provider takes its queries.
struct find_provider_options {
  /// A query that leaves out unique keys of the levels above its own, though relational queries were not negotiated
  /// (PS3.4 §C.4.1.2.1), is refused with A900, unless this is set.
  bool answer_any_relational_query = false;
};

/// Answer a C-FIND of Query/Retrieve from an archive (PS3.4 §C.4.1.3):
///
///     handlers.on_find([&](find_request request) { return service::answer_find(index, "ARCHIVE", std::move(request));
///     });
///
/// One pending response per match, FF01 where a key is not supported; A900 for an identifier without a level of the
/// model; FE00 after a C-CANCEL. Matching has the extensions that `accept_extensions` let the association negotiate.
/// @par Lifetime: `from` outlives the generator.
[[nodiscard]] generator<find_match, c_find_response> answer_find(const archive& from, ae_title retrieve_from,
                                                                 find_request request,
                                                                 find_provider_options options = {});

}  // namespace codicom::service

#ifndef CODICOM_SEPARATE_COMPILATION
#include <codicom/service/impl/find_provider.hpp>
#endif
