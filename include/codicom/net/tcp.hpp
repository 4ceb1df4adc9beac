#pragma once
#include <codicom/coro/clock.hpp>
#include <codicom/net/transport_acceptor.hpp>

#include <cstdint>
#include <memory>
#include <string>

namespace codicom {

/// Connect to a host by name or address. Every address it has is tried in turn.
/// @throws std::system_error `errc::connection_refused`, `errc::connect_timed_out`, `errc::cancelled`.
[[nodiscard]] task<std::unique_ptr<transport>> connect_tcp(std::string host, std::uint16_t port, duration within);

}  // namespace codicom

#ifndef CODICOM_SEPARATE_COMPILATION
#include <codicom/net/impl/tcp.hpp>
#endif
