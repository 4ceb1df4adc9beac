#pragma once
#include <codicom/core/error.hpp>
#include <codicom/net/detail/buffer_pool.hpp>
#include <codicom/net/tls.hpp>

#include <asio/error.hpp>
#include <asio/execution/context.hpp>
#include <asio/query.hpp>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <exception>
#include <new>
#include <system_error>
#include <utility>
#include <vector>

namespace codicom::detail {

template <auto Free>
struct openssl_deleter {
  template <class T>
  void operator()(T* value) const noexcept {
    Free(value);
  }
};
template <class T, auto Free>
using openssl_ptr = std::unique_ptr<T, openssl_deleter<Free>>;

using ssl_session = openssl_ptr<SSL, &SSL_free>;
using x509_certificate = openssl_ptr<X509, &X509_free>;
using memory_bio = openssl_ptr<BIO, &BIO_free_all>;

// --- what certificates and errors say --------------------------------------------------------------------------------

[[nodiscard]] inline std::string text_in(BIO* bio) {
  char* data = nullptr;
  const auto size = BIO_get_mem_data(bio, &data);
  return size > 0 ? std::string(data, static_cast<std::size_t>(size)) : std::string{};
}

[[nodiscard]] inline std::string text_of(const X509_NAME* name) {
  const memory_bio bio{BIO_new(BIO_s_mem())};
  X509_NAME_print_ex(bio.get(), name, 0, XN_FLAG_RFC2253 & ~static_cast<unsigned long>(ASN1_STRFLGS_ESC_MSB));
  return text_in(bio.get());
}

[[nodiscard]] inline std::string text_of(const ASN1_STRING* text) {
  unsigned char* utf8 = nullptr;
  const int size = text == nullptr ? -1 : ASN1_STRING_to_UTF8(&utf8, text);
  std::string out;
  if (size > 0) out.assign(reinterpret_cast<const char*>(utf8), static_cast<std::size_t>(size));
  OPENSSL_free(utf8);
  return out;
}

[[nodiscard]] inline std::string date_of(const ASN1_TIME* time) {
  const memory_bio bio{BIO_new(BIO_s_mem())};
  ASN1_TIME_print(bio.get(), time);
  return text_in(bio.get());
}

[[nodiscard]] inline certificate describe_certificate(X509* from) {
  certificate out;
  auto* const subject = X509_get_subject_name(from);
  out.subject = text_of(subject);
  out.issuer = text_of(X509_get_issuer_name(from));
  if (const int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1); at >= 0)
    out.common_name = text_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
  const openssl_ptr<GENERAL_NAMES, &GENERAL_NAMES_free> names{
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(from, NID_subject_alt_name, nullptr, nullptr))};
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i)
    if (const auto* name = sk_GENERAL_NAME_value(names.get(), i); name->type == GEN_DNS)
      out.dns_names.push_back(text_of(name->d.dNSName));
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  X509_digest(from, EVP_sha256(), digest.data(), &size);
  constexpr char digits[] = "0123456789abcdef";
  for (unsigned i = 0; i < size; ++i) {
    out.fingerprint += digits[digest[i] >> 4];
    out.fingerprint += digits[digest[i] & 15];
  }
  return out;
}

// The oldest of OpenSSL's errors is the cause; all are taken.
[[nodiscard]] inline unsigned long take_openssl_error() {
  const auto first = ERR_get_error();
  ERR_clear_error();
  return first;
}
[[nodiscard]] inline std::string openssl_text(unsigned long error) {
  const char* const reason = ERR_reason_error_string(error);
  return reason != nullptr ? std::string{reason} : "OpenSSL error " + std::to_string(error);
}

enum class tls_role : bool { client, server };

// Why the peer's certificate, or that of an authority behind it, did not do, and what helps.
[[nodiscard]] inline std::string explain_verification(int result, X509* of, bool is_authority, std::string_view host) {
  std::string name = is_authority ? "an authority of the peer's certificate" : "the peer's certificate";
  if (of != nullptr) name += " (" + text_of(X509_get_subject_name(of)) + ')';
  switch (result) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return name + " expired" + (of != nullptr ? " on " + date_of(X509_get0_notAfter(of)) : "") +
             ": the peer needs a new one, or this machine's clock is wrong";
    case X509_V_ERR_CERT_NOT_YET_VALID: return name + " is not valid yet: check the clocks of both machines";
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_CERT_UNTRUSTED:
      return name + " was issued by an authority that we do not trust" +
             (of != nullptr ? " (" + text_of(X509_get_issuer_name(of)) + ')' : "") +
             ": add the certificate of that authority to ours, if it deserves trust";
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return name + " is not for the host '" + std::string{host} +
             "' that we called: call the peer by a name that its certificate has, or switch off the check of the host";
    case X509_V_ERR_CERT_REVOKED: return name + " has been revoked";
    case X509_V_ERR_INVALID_PURPOSE: return name + " is not meant for this side of a TLS connection";
    case X509_V_ERR_EE_KEY_TOO_SMALL:
    case X509_V_ERR_CA_KEY_TOO_SMALL:
    case X509_V_ERR_CA_MD_TOO_WEAK:
      return name + " is too weak: it needs at least RSA with 2048 bits and SHA-256, or ECDSA with 256 bits";
    default: return name + " cannot be verified: " + X509_verify_cert_error_string(result);
  }
}

// What an error of OpenSSL means here.
[[nodiscard]] inline std::string explain_tls(unsigned long error, tls_role role, bool have_certificate) {
  constexpr int alert = 1000;  // SSL_AD_REASON_OFFSET: what the peer says
  const bool client = role == tls_role::client;
  const std::string server_speaks = "the peer does not speak TLS at that port: check the port, or do without TLS";
  const std::string client_speaks = "the peer does not speak TLS: this port is for TLS only";
  switch (ERR_GET_LIB(error) == ERR_LIB_SSL ? ERR_GET_REASON(error) : 0) {
    case SSL_R_WRONG_VERSION_NUMBER:
    case SSL_R_HTTP_REQUEST:
    case SSL_R_HTTPS_PROXY_REQUEST:
    case SSL_R_PACKET_LENGTH_TOO_LONG:
    case SSL_R_UNEXPECTED_MESSAGE: return client ? server_speaks : client_speaks;
    case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
      return "the peer has no certificate of its own to show: give it one, or allow clients without";
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_NO_SHARED_CIPHER:
    case SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM:
    case SSL_R_VERSION_TOO_LOW:
      return "the peer has no TLS version and cipher suite of BCP 195 (TLS 1.2 with ECDHE and AES-GCM, or TLS 1.3): "
             "update it (" + openssl_text(error) + ')';
    case alert + SSL_AD_PROTOCOL_VERSION:
    case alert + SSL_AD_INSUFFICIENT_SECURITY:
      return "the peer takes none of our TLS versions and cipher suites (TLS 1.2 with ECDHE and AES-GCM, or TLS 1.3)";
    case alert + SSL_AD_HANDSHAKE_FAILURE:
      return have_certificate ? "the peer refuses the TLS handshake: it may take none of our cipher suites (TLS 1.2 with "
                                "ECDHE and AES-GCM, or TLS 1.3); see its log"
                              : "the peer refuses the TLS handshake: it may want a certificate of ours; see its log";
    case alert + SSL_AD_CERTIFICATE_EXPIRED: return "the peer says that our certificate has expired: get a new one";
    case alert + SSL_AD_CERTIFICATE_REVOKED: return "the peer says that our certificate has been revoked";
    case alert + SSL_AD_UNKNOWN_CA:
      return "the peer does not trust the authority that issued our certificate: add that authority's certificate to "
             "those that the peer trusts, and those between it and ours to our file";
    case alert + 116:  // certificate_required (RFC 8446 §6.2)
      return "the peer wants a certificate of ours: give one, with its private key";
    case alert + SSL_AD_BAD_CERTIFICATE:
    case alert + SSL_AD_UNSUPPORTED_CERTIFICATE:
    case alert + SSL_AD_CERTIFICATE_UNKNOWN:
    case alert + SSL_AD_ACCESS_DENIED:
      return "the peer does not accept our certificate (" + openssl_text(error) + "): see its log";
    default: return "TLS failed: " + openssl_text(error);
  }
}

// --- the transport ---------------------------------------------------------------------------------------------------

// TLS over another transport. OpenSSL sees no socket: it takes records from `in_` and appends them to `out_`, so that a
// write that was cancelled in the middle of a record can still be finished later, and a read never loses anything.
class tls_transport final : public transport {
 public:
  tls_transport(std::unique_ptr<transport> over, const std::shared_ptr<SSL_CTX>& context, tls_role role,
                std::string_view host, bool check_host)
      : over_{std::move(over)}, context_{context}, session_{SSL_new(context.get())}, role_{role}, host_{host} {
    auto* const bio = BIO_new(bio_method());
    if (!session_ || bio == nullptr) {
      BIO_free(bio);
      throw std::bad_alloc{};
    }
    BIO_set_data(bio, this);
    BIO_set_init(bio, 1);
    auto* const ssl = session_.get();
    SSL_set_bio(ssl, bio, bio);
    if (SSL_get_verify_callback(ssl) == nullptr) SSL_set_verify(ssl, SSL_get_verify_mode(ssl), &remember_verification);
    SSL_set_mode(ssl, SSL_MODE_RELEASE_BUFFERS);
    if (role == tls_role::server) {
      SSL_set_accept_state(ssl);
      return;
    }
    SSL_set_connect_state(ssl);
    auto* const parameters = SSL_get0_param(ssl);
    const openssl_ptr<ASN1_OCTET_STRING, &ASN1_OCTET_STRING_free> address{a2i_IPADDRESS(host_.c_str())};
    if (!address) SSL_set_tlsext_host_name(ssl, host_.c_str());
    if (!check_host) return;
    if (address) X509_VERIFY_PARAM_set1_ip_asc(parameters, host_.c_str());
    else X509_VERIFY_PARAM_set1_host(parameters, host_.c_str(), host_.size());
    X509_VERIFY_PARAM_set_hostflags(parameters, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  }

  ~tls_transport() override { give_buffer_back(); }

  executor get_executor() override { return over_->get_executor(); }

  task<> handshake(std::error_code& error) override {
    error.clear();
    for (;;) {
      ERR_clear_error();
      const int result = SSL_do_handshake(session_.get());
      const int reason = result == 1 ? SSL_ERROR_NONE : SSL_get_error(session_.get(), result);
      if (reason != SSL_ERROR_NONE && reason != SSL_ERROR_WANT_READ) fail();
      co_await flush(error);  // an alert, too
      if (failed_) error = errc::tls_failed;
      if (error || reason == SSL_ERROR_NONE) break;
      co_await fill(true, error);
      if (error) {
        if (error != asio::error::operation_aborted) {
          why_ = "the peer closed the connection in the TLS handshake: it may not speak TLS at that port, or not accept "
                 "what we offer; see its log";
          error = errc::tls_failed;
        }
        break;
      }
    }
    established_ = !error;
    if (established_) {
      const x509_certificate shown{SSL_get_peer_certificate(session_.get())};
      if (shown) certificate_ = std::make_unique<certificate>(describe_certificate(shown.get()));
    }
  }

  task<std::size_t> read_some(mutable_buffers buffers, std::error_code& error) override {
    error.clear();
    std::size_t room = 0;
    for (const auto& each : buffers) room += each.size();
    for (;;) {
      const std::size_t size = failed_ ? 0 : decrypt(buffers, error);
      if (!out_.empty()) push();  // an answer of the protocol's own
      if (size != 0 || error) co_return size;
      co_await fill(room > small_.size(), error);
      if (failed_) begin_ = end_ = 0;  // read, so that the peer can read our alert, and not looked at
      if (error) {
        if (error != asio::error::operation_aborted && !failed_) explain_loss(error);
        co_return 0;
      }
    }
  }

  task<std::size_t> write(const_buffers buffers, std::error_code& error) override {
    error.clear();
    std::size_t taken = 0;
    std::size_t at = 0, offset = 0;
    do {
      while (out_.size() < chunk && at != buffers.size()) {
        const auto record = gather(buffers, at, offset);
        if (!record.empty() && !encrypt(record, error)) co_return taken;
        taken += record.size();
      }
      // What has been encrypted has gone out as far as the caller is concerned, so nothing may be thrown now.
      try {
        co_await flush(error);
      } catch (const std::system_error& thrown) {
        error = thrown.code();
      }
    } while (!error && at != buffers.size());
    if (!error) shrink();
    co_return taken;
  }

  std::size_t try_write(byte_span bytes, std::error_code& error) noexcept override {
    error.clear();
    if (!established_ || failed_ || flushing_) {
      error = asio::error::would_block;
      return 0;
    }
    for (auto rest = bytes; !rest.empty(); rest = rest.subspan(std::min(rest.size(), record_size)))
      if (!encrypt(rest.first(std::min(rest.size(), record_size)), error)) return 0;
    push();
    return bytes.size();
  }

  void cancel() noexcept override { over_->cancel(); }
  void shutdown_send() noexcept override {
    say_goodbye();
    over_->shutdown_send();
  }
  void close() noexcept override {
    if (over_->is_open()) say_goodbye();
    over_->close();
  }
  bool is_open() const noexcept override { return over_->is_open(); }
  std::string remote_address() const override { return over_->remote_address(); }
  std::uint16_t remote_port() const noexcept override { return over_->remote_port(); }
  const certificate* peer_certificate() const noexcept override { return certificate_.get(); }
  std::string explanation() const override { return why_; }

 private:
  static constexpr std::size_t record_size = 16 << 10;  // RFC 8446 §5.1
  static constexpr std::size_t chunk = 64 << 10;        // encrypted before it is written

  // A BIO without a buffer of its own.
  static const BIO_METHOD* bio_method() {
    static const openssl_ptr<BIO_METHOD, &BIO_meth_free> method = [] {
      openssl_ptr<BIO_METHOD, &BIO_meth_free> made{BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "codicom")};
      BIO_meth_set_read_ex(made.get(), [](BIO* bio, char* into, std::size_t size, std::size_t* got) {
        return static_cast<tls_transport*>(BIO_get_data(bio))->take_input(bio, into, size, *got);
      });
      BIO_meth_set_write_ex(made.get(), [](BIO* bio, const char* from, std::size_t size, std::size_t* done) {
        return static_cast<tls_transport*>(BIO_get_data(bio))->take_output(from, size, *done);
      });
      BIO_meth_set_ctrl(made.get(), [](BIO*, int what, long, void*) -> long { return what == BIO_CTRL_FLUSH ? 1 : 0; });
      return made;
    }();
    return method.get();
  }

  int take_input(BIO* bio, char* into, std::size_t size, std::size_t& got) noexcept {
    BIO_clear_retry_flags(bio);
    got = std::min(size, end_ - begin_);
    if (got == 0) {
      BIO_set_retry_read(bio);
      return 0;
    }
    std::memcpy(into, input() + begin_, got);
    begin_ += got;
    return 1;
  }
  int take_output(const char* from, std::size_t size, std::size_t& done) noexcept {
    try {
      const auto* const bytes = reinterpret_cast<const std::byte*>(from);
      out_.insert(out_.end(), bytes, bytes + size);
    } catch (const std::exception&) {
      return 0;
    }
    done = size;
    return 1;
  }

  [[nodiscard]] std::byte* input() noexcept { return large_ ? large_.get() : small_.data(); }

  // Read records, as many as come. Called when all of the last have been taken.
  task<> fill(bool much, std::error_code& error) {
    begin_ = end_ = 0;
    if (much && !large_) {
      large_ = asio::use_service<buffer_pool>(asio::query(over_->get_executor(), asio::execution::context)).take();
    } else if (!much) {
      give_buffer_back();
    }
    const asio::mutable_buffer into{input(), large_ ? read_buffer_size : small_.size()};
    end_ = co_await over_->read_some(mutable_buffers{&into, 1}, error);
  }
  void give_buffer_back() noexcept {
    if (!large_) return;
    begin_ = end_ = 0;
    asio::use_service<buffer_pool>(asio::query(over_->get_executor(), asio::execution::context))
        .give_back(std::move(large_));
  }

  std::size_t decrypt(mutable_buffers buffers, std::error_code& error) {
    std::size_t total = 0;
    for (const auto& each : buffers)
      for (std::size_t at = 0; at < each.size();) {
        std::size_t size = 0;
        ERR_clear_error();
        const int result = SSL_read_ex(session_.get(), static_cast<char*>(each.data()) + at, each.size() - at, &size);
        if (result == 1) {
          at += size;
          total += size;
          continue;
        }
        const int reason = SSL_get_error(session_.get(), result);
        if (total == 0 && reason == SSL_ERROR_ZERO_RETURN) {  // close_notify
          error = asio::error::eof;
          explain_loss(error);
        } else if (reason != SSL_ERROR_WANT_READ && reason != SSL_ERROR_ZERO_RETURN) {
          fail();
          if (total == 0) error = errc::tls_failed;
        }
        heard_ = heard_ || total != 0;
        return total;
      }
    heard_ = heard_ || total != 0;
    return total;
  }

  bool encrypt(byte_span record, std::error_code& error) noexcept {
    std::size_t done = 0;
    ERR_clear_error();
    if (!failed_ && SSL_write_ex(session_.get(), record.data(), record.size(), &done) == 1) return true;
    if (!failed_) fail();
    error = errc::tls_failed;
    return false;
  }

  // The next record's worth of small and large buffers, gathered in `plain_` unless it lies in one of them.
  byte_span gather(const_buffers buffers, std::size_t& at, std::size_t& offset) {
    plain_.clear();
    while (at != buffers.size()) {
      const auto& from = buffers[at];
      const auto size = std::min(from.size() - offset, record_size - plain_.size());
      const byte_span part{static_cast<const std::byte*>(from.data()) + offset, size};
      offset += size;
      if (offset == from.size()) {
        ++at;
        offset = 0;
      }
      if (plain_.empty() && size == record_size) return part;
      plain_.insert(plain_.end(), part.begin(), part.end());
      if (plain_.size() == record_size) break;
    }
    return plain_;
  }

  task<> flush(std::error_code& error) {
    while (sent_ != sending_.size() || !out_.empty()) {
      load();
      const asio::const_buffer rest{sending_.data() + sent_, sending_.size() - sent_};
      const busy writing{flushing_};
      sent_ += co_await over_->write(const_buffers{&rest, 1}, error);
      if (error) co_return;
    }
  }
  // What can go at once.
  void push() noexcept {
    if (flushing_) return;
    while (sent_ != sending_.size() || !out_.empty()) {
      load();
      std::error_code error;
      const auto size = over_->try_write(byte_span{sending_}.subspan(sent_), error);
      sent_ += size;
      if (error || size == 0) return;
    }
  }
  void load() noexcept {
    if (sent_ != sending_.size()) return;
    sending_.clear();
    sending_.swap(out_);
    sent_ = 0;
  }
  // An idle association keeps none of these.
  void shrink() noexcept {
    for (auto* each : {&sending_, &out_, &plain_}) *each = std::vector<std::byte>{};
    sent_ = 0;
  }

  void say_goodbye() noexcept {
    if (!established_ || failed_ || flushing_ || std::exchange(goodbye_said_, true)) return;
    ERR_clear_error();
    SSL_shutdown(session_.get());
    ERR_clear_error();
    push();
  }

  // OpenSSL has failed for good.
  void fail() noexcept {
    failed_ = true;
    const auto error = take_openssl_error();
    try {
      const bool refused = ERR_GET_LIB(error) == ERR_LIB_SSL && ERR_GET_REASON(error) == SSL_R_CERTIFICATE_VERIFY_FAILED;
      why_ = refused && !verification_.empty() ? verification_ : explain_tls(error, role_, has_certificate());
    } catch (const std::exception&) {
      why_.clear();
    }
  }

  // Changes nothing; only here OpenSSL tells which certificate it was.
  static int remember_verification(int acceptable, X509_STORE_CTX* of) {
    if (acceptable == 1) return 1;
    auto* const ssl = static_cast<SSL*>(X509_STORE_CTX_get_ex_data(of, SSL_get_ex_data_X509_STORE_CTX_idx()));
    auto* const self = static_cast<tls_transport*>(BIO_get_data(SSL_get_rbio(ssl)));
    try {
      self->verification_ = explain_verification(X509_STORE_CTX_get_error(of), X509_STORE_CTX_get_current_cert(of),
                                                 X509_STORE_CTX_get_error_depth(of) > 0, self->host_);
    } catch (const std::exception&) {
      self->verification_.clear();
    }
    return 0;
  }

  [[nodiscard]] bool has_certificate() const noexcept { return SSL_get_certificate(session_.get()) != nullptr; }

  // With TLS 1.3 a server judges our certificate after our handshake is over, and may just close.
  void explain_loss(std::error_code& error) {
    if (heard_ || !established_ || role_ == tls_role::server || SSL_version(session_.get()) < TLS1_3_VERSION) return;
    if (has_certificate()) {
      why_ = "the peer closed it right after the TLS handshake: it may not accept our certificate; see its log";
    } else {
      why_ = "the peer closed it right after the TLS handshake: it may want a certificate of ours; give one, with its "
             "private key";
      error = errc::tls_failed;
    }
  }

  class busy {
   public:
    explicit busy(bool& flag) noexcept : flag_{flag} { flag_ = true; }
    busy(const busy&) = delete;
    busy& operator=(const busy&) = delete;
    ~busy() { flag_ = false; }

   private:
    bool& flag_;
  };

  std::unique_ptr<transport> over_;
  std::shared_ptr<SSL_CTX> context_;
  ssl_session session_;
  tls_role role_;
  std::string host_;
  std::unique_ptr<certificate> certificate_;
  std::string verification_;  // why a certificate was refused
  std::string why_;

  bool established_ = false;
  bool failed_ = false;
  bool flushing_ = false;      // `sending_` is with the transport below
  bool goodbye_said_ = false;
  bool heard_ = false;         // anything but the handshake

  std::array<std::byte, 512> small_;
  std::unique_ptr<std::byte[]> large_;  // borrowed
  std::size_t begin_ = 0, end_ = 0;     // of what OpenSSL has not taken yet
  std::vector<std::byte> plain_;
  std::vector<std::byte> out_, sending_;
  std::size_t sent_ = 0;
};

// --- contexts --------------------------------------------------------------------------------------------------------

[[noreturn]] inline void throw_tls(const char* what, const std::filesystem::path& file, errc code = errc::file_error) {
  const auto error = take_openssl_error();
  throw std::system_error{code, std::string{what} + " '" + file.string() + "': " + openssl_text(error)};
}

inline void use_own_certificate(SSL_CTX* context, const tls_options& options) {
  if (options.certificate.empty()) return;
  SSL_CTX_set_default_passwd_cb_userdata(context, const_cast<std::string*>(&options.passphrase));
  SSL_CTX_set_default_passwd_cb(context, [](char* into, int room, int, void* from) -> int {
    const auto& passphrase = *static_cast<const std::string*>(from);
    const auto size = std::min(passphrase.size(), static_cast<std::size_t>(std::max(room, 0)));
    std::memcpy(into, passphrase.data(), size);
    return static_cast<int>(size);
  });
  const auto& key = options.private_key.empty() ? options.certificate : options.private_key;
  ERR_clear_error();
  if (SSL_CTX_use_certificate_chain_file(context, options.certificate.string().c_str()) != 1)
    throw_tls("cannot use the certificate", options.certificate);
  if (SSL_CTX_use_PrivateKey_file(context, key.string().c_str(), SSL_FILETYPE_PEM) != 1)
    throw_tls("cannot use the private key", key);
  if (SSL_CTX_check_private_key(context) != 1) throw_tls("the certificate does not belong to the private key", key);
  SSL_CTX_set_default_passwd_cb_userdata(context, nullptr);
  SSL_CTX_set_default_passwd_cb(context, nullptr);
}

[[nodiscard]] inline std::shared_ptr<SSL_CTX> make_tls_context(const tls_options& options, tls_role role) {
  const bool server = role == tls_role::server;
  if (server && options.certificate.empty())
    throw std::system_error{errc::invalid_argument, "a TLS server needs a certificate and its private key"};
  if (server && options.authorities.empty() && !options.anonymous_clients)
    throw std::system_error{errc::invalid_argument,
                            "a TLS server needs the certificates of the authorities that issue those of its clients, or "
                            "must allow clients without a certificate"};
  const std::shared_ptr<SSL_CTX> context{SSL_CTX_new(TLS_method()), &SSL_CTX_free};
  if (!context) throw std::bad_alloc{};
  auto* const raw = context.get();
  SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(raw, "ECDHE+AESGCM");
  SSL_CTX_set_security_level(raw, 2);  // RSA of 2048 bits, ECDSA of 224
  SSL_CTX_set_options(raw, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET |
                               SSL_OP_CIPHER_SERVER_PREFERENCE);
  // Nothing is resumed: every association proves anew who is there.
  SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(raw, 0);
  use_own_certificate(raw, options);

  const auto& trusted = options.authorities;
  const bool folder = !trusted.empty() && std::filesystem::is_directory(trusted);
  ERR_clear_error();
  if (trusted.empty()) {
    if (!server) SSL_CTX_set_default_verify_paths(raw);
  } else if (SSL_CTX_load_verify_locations(raw, folder ? nullptr : trusted.string().c_str(),
                                           folder ? trusted.string().c_str() : nullptr) != 1) {
    throw_tls("cannot use the authorities", trusted);
  }
  if (server && !trusted.empty() && !folder) SSL_CTX_set_client_CA_list(raw, SSL_load_client_CA_file(trusted.string().c_str()));
  int verify = SSL_VERIFY_PEER;
  if (server && !options.anonymous_clients) verify |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
  if (server && trusted.empty()) verify = SSL_VERIFY_NONE;  // a certificate would prove nothing
  SSL_CTX_set_verify(raw, verify, nullptr);
  return context;
}

}  // namespace codicom::detail

namespace codicom {

inline transport_layer tls_client(std::shared_ptr<ssl_ctx_st> context, bool check_host) {
  return [context = std::move(context), check_host](std::unique_ptr<transport> over, std::string_view host) {
    return std::unique_ptr<transport>{std::make_unique<detail::tls_transport>(
        std::move(over), context, detail::tls_role::client, host, check_host)};
  };
}
inline transport_layer tls_server(std::shared_ptr<ssl_ctx_st> context) {
  return [context = std::move(context)](std::unique_ptr<transport> over, std::string_view) {
    return std::unique_ptr<transport>{std::make_unique<detail::tls_transport>(
        std::move(over), context, detail::tls_role::server, std::string_view{}, false)};
  };
}
inline transport_layer tls_client(const tls_options& options) {
  return tls_client(detail::make_tls_context(options, detail::tls_role::client), options.check_host);
}
inline transport_layer tls_server(const tls_options& options) {
  return tls_server(detail::make_tls_context(options, detail::tls_role::server));
}

}  // namespace codicom
