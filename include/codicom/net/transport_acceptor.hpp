#pragma once
#include <codicom/coro/task.hpp>
#include <codicom/net/transport.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <system_error>

namespace codicom {

/// Where transports come from: TCP, or memory in tests.
class transport_acceptor {
 public:
  transport_acceptor() = default;
  transport_acceptor(const transport_acceptor&) = delete;
  transport_acceptor& operator=(const transport_acceptor&) = delete;
  virtual ~transport_acceptor() = default;

  /// The next connection, to be used on `runs_on`; null with an error.
  [[nodiscard]] virtual task<std::unique_ptr<transport>> accept(executor runs_on, std::error_code& error) = 0;
  virtual void close() noexcept = 0;
  [[nodiscard]] virtual executor get_executor() = 0;
  [[nodiscard]] virtual std::string local_address() const = 0;
  [[nodiscard]] virtual std::uint16_t local_port() const noexcept = 0;
};

}  // namespace codicom
