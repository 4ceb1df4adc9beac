#pragma once
#include <codicom/core/ae_title.hpp>
#include <codicom/core/config.hpp>
#include <codicom/coro/generator.hpp>
#include <codicom/net/handlers.hpp>
#include <codicom/service/archive_index.hpp>

namespace codicom::service {

/// Answer a C-FIND of the Study Root or Patient Root model from an index (PS3.4 §C.4.1.3):
///
///     handlers.on_find([&](find_request request) { return service::answer_find(index, "ARCHIVE", std::move(request));
///     });
///
/// One pending response per match, FF01 where a key is not supported; A900 for an identifier without a level of the
/// model; FE00 after a C-CANCEL.
/// @par Lifetime: `index` outlives the generator.
[[nodiscard]] CODICOM_FUNCTION generator<find_match, c_find_response> answer_find(const archive_index& index,
                                                                                  ae_title retrieve_from,
                                                                                  find_request request);

}  // namespace codicom::service

#ifndef CODICOM_SEPARATE_COMPILATION
#include <codicom/service/impl/find_provider.hpp>
#endif
