#pragma once
#include <codicom/coro/task.hpp>
#include <codicom/net/acceptor_options.hpp>
#include <codicom/net/handlers.hpp>
#include <codicom/net/listener.hpp>
#include <codicom/net/transport.hpp>

#include <memory>

namespace codicom {

/// Accept associations and answer their requests, until `listener::stop`. Every association and every handler has ended
/// when this returns.
///
/// Requests of one association are read while its handlers work, so that C-CANCEL, A-ABORT and A-RELEASE are seen at
/// once; what lies behind the data set of a C-STORE waits until that has been read.
///
/// @par Cancellation: `terminal`: stops without waiting; associations are aborted.
/// @par Lifetime: `from` outlives the task.
[[nodiscard]] task<> serve(listener& from, acceptor_options options, handlers with);

/// Serve one connection, on the executor that awaits this.
[[nodiscard]] task<> serve_one(std::unique_ptr<transport> over, acceptor_options options, handlers with);

}  // namespace codicom

#ifndef CODICOM_SEPARATE_COMPILATION
#include <codicom/net/impl/serve.hpp>
#endif
