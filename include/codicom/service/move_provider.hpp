#pragma once
#include <codicom/core/ae_title.hpp>
#include <codicom/core/peer.hpp>
#include <codicom/coro/generator.hpp>
#include <codicom/net/association_options.hpp>
#include <codicom/net/handlers.hpp>
#include <codicom/service/archive.hpp>

#include <cstddef>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

namespace codicom::service {

/// How a C-MOVE provider sends.
struct move_provider_options {
  move_provider_options() {}

  /// Where destinations listen; no other can be moved to (PS3.4 §C.4.2.1.4). Looked up by AE title.
  std::vector<peer> destinations;
  /// Deadlines, limits and maximum length of the associations to destinations. Their titles and contexts are set by the
  /// provider.
  association_options association;
  /// More are refused with A701, before they are all in memory.
  std::size_t max_objects = default_max_objects;
};

/// Answer a C-MOVE of the Study Root or Patient Root model (PS3.4 §C.4.2.3): the objects that the archive has are sent to
/// the destination by C-STORE, in the transfer syntax that they have; pending responses in between.
///
///     handlers.on_move([&](move_request request) {
///       return service::answer_move(index, "ARCHIVE", std::move(request), options);
///     });
///
/// One association carries all, or several where one has not enough presentation contexts. Final status: 0000; B000
/// with failures or warnings; A702 when all failed; A801 for an unknown destination; A701 for too many objects; A900 for
/// an identifier without its unique key; FE00 after a C-CANCEL, at the latest one object later. Remaining stands in
/// pending responses and with FE00; the Failed SOP Instance UID List goes with B000, A702 and FE00.
/// @par Lifetime: `from` outlives the generator.
[[nodiscard]] generator<c_move_response, move_result> answer_move(const archive& from, ae_title own_title,
                                                                  move_request request, move_provider_options options);

}  // namespace codicom::service

#ifndef CODICOM_SEPARATE_COMPILATION
#include <codicom/service/impl/move_provider.hpp>
#endif
