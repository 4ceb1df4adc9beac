#pragma once
#include <codicom/coro/generator.hpp>
#include <codicom/net/handlers.hpp>
#include <codicom/service/archive.hpp>

#include <cstddef>

namespace codicom::service {

/// Answer a C-GET of the Study Root or Patient Root model (PS3.4 §C.4.3.3): the objects that the archive has are sent by
/// C-STORE over the association that asked, with pending responses in between; in their own transfer syntax where it
/// was accepted, else converted when both are uncompressed.
///
///     handlers.on_get([&](get_request request) { return service::answer_get(index, std::move(request)); });
///
/// The requestor must have been accepted as SCP of their classes (`acceptor_policy::allow_requestor_as_scp`); what it
/// does not take has failed. Final status as of `answer_move`, A701 for more than `max_objects` included.
/// @par Lifetime: `from` outlives the generator.
[[nodiscard]] generator<c_get_response, get_result> answer_get(const archive& from, get_request request,
                                                               std::size_t max_objects = default_max_objects);

}  // namespace codicom::service

#ifndef CODICOM_SEPARATE_COMPILATION
#include <codicom/service/impl/get_provider.hpp>
#endif
