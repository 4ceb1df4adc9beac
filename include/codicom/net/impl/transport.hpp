#pragma once
#include <codicom/core/config.hpp>
#include <codicom/net/transport.hpp>

namespace codicom {

CODICOM_FUNCTION task<> transport::handshake(std::error_code& error) {
  error.clear();
  co_return;
}

}  // namespace codicom
