#pragma once
// Optional: needs OpenSSL 1.1.1 or later; link codicom::tls beside codicom::codicom.
#include <codicom/net/transport.hpp>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

struct ssl_ctx_st;  // SSL_CTX of OpenSSL

namespace codicom {

/// Keys and certificates (PEM files), and whom to trust. What is negotiated is fixed: TLS 1.2 with ECDHE and AES-GCM, or
/// TLS 1.3 (BCP 195: RFC 8996 and 9325; PS3.15 §B.12).
class tls_options {
 public:
  tls_options() {}

  /// Ours, followed by the authorities between it and one that the peer trusts. A server needs one; a client where the
  /// server asks for it, as it does for mutual authentication.
  std::filesystem::path certificate;
  std::filesystem::path private_key;  ///< empty: it is in the file of the certificate
  std::string passphrase;             ///< of the private key
  /// Certificates of the authorities that we trust: a file, or a folder as `openssl rehash` makes it. Empty: those of
  /// the system, for a client only.
  std::filesystem::path authorities;
  /// Client: the certificate must be for the host that we called, by name or address. Many in hospitals are not.
  bool check_host = true;
  /// Server: also take clients that have no certificate. One that is given must be valid in any case.
  bool anonymous_clients = false;
};

/// For `association_options::security`. The files are read now, once for all associations.
/// @throws std::system_error `errc::file_error`: one cannot be read or does not fit; `errc::invalid_argument`.
[[nodiscard]] transport_layer tls_client(const tls_options& options);

/// For `acceptor_options::security`. The handshake of a connection is part of its association: it delays no other.
/// Who holds the certificate is told to `acceptor_options::access`.
/// @throws as `tls_client`
[[nodiscard]] transport_layer tls_server(const tls_options& options);

/// The same with a context made otherwise, by OpenSSL's functions or as the native handle of an `asio::ssl::context`.
[[nodiscard]] transport_layer tls_client(std::shared_ptr<ssl_ctx_st> context, bool check_host = true);
[[nodiscard]] transport_layer tls_server(std::shared_ptr<ssl_ctx_st> context);

}  // namespace codicom

#include <codicom/net/impl/tls.hpp>
