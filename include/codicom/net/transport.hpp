#pragma once
#include <codicom/core/bytes.hpp>
#include <codicom/coro/task.hpp>
#include <codicom/net/remote_end.hpp>

#include <asio/buffer.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <system_error>

namespace codicom {

using mutable_buffers = std::span<const asio::mutable_buffer>;
using const_buffers = std::span<const asio::const_buffer>;

/// A stream of bytes with a peer at its other end: TCP, TLS, or memory in tests. An association owns one. One read and
/// one write may be pending at the same time. Errors come as codes; the end of the stream is `asio::error::eof`.
class transport {
 public:
  transport() = default;
  transport(const transport&) = delete;
  transport& operator=(const transport&) = delete;
  virtual ~transport() = default;

  [[nodiscard]] virtual executor get_executor() = 0;

  /// Read at least one byte, filling the buffers in order. Cancelled, it has consumed nothing.
  [[nodiscard]] virtual task<std::size_t> read_some(mutable_buffers buffers, std::error_code& error) = 0;
  /// Write all of it. With an error: how many bytes have gone out.
  [[nodiscard]] virtual task<std::size_t> write(const_buffers buffers, std::error_code& error) = 0;
  /// As much of these as can be done at once. 0 without an error: it takes a wait, as does everything unless overridden.
  virtual std::size_t read_at_once(mutable_buffers, std::error_code&) noexcept { return 0; }
  virtual std::size_t write_at_once(const_buffers, std::error_code&) noexcept { return 0; }
  /// Write what can be written at once, never waiting.
  virtual std::size_t try_write(byte_span bytes, std::error_code& error) noexcept = 0;

  /// Let pending operations end with `asio::error::operation_aborted`.
  virtual void cancel() noexcept = 0;
  /// Tell the peer that nothing more comes.
  virtual void shutdown_send() noexcept = 0;
  virtual void close() noexcept = 0;
  [[nodiscard]] virtual bool is_open() const noexcept = 0;

  /// Numeric; empty when there is none.
  [[nodiscard]] virtual std::string remote_address() const = 0;
  [[nodiscard]] virtual std::uint16_t remote_port() const noexcept = 0;

  /// What must be done before the first byte, as TLS needs it. Waits for the peer, so its owner sets a deadline. The task is
  /// not valid where nothing is to be done.
  [[nodiscard]] virtual task<> handshake(std::error_code&) { return {}; }
  /// Who the peer has proved to be; null where nothing proves it.
  [[nodiscard]] virtual const certificate* peer_certificate() const noexcept { return nullptr; }
  /// What a person should know of the last error besides its code; may be empty.
  [[nodiscard]] virtual std::string explanation() const { return {}; }
};

/// Makes a secure transport of a connected one: `tls_client` and `tls_server` (codicom/net/tls.hpp) make these.
/// `host` is whom we called, empty on the side that was called. The handshake comes later.
using transport_layer =
    std::function<std::unique_ptr<transport>(std::unique_ptr<transport> over, std::string_view host)>;

}  // namespace codicom
