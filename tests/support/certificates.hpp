#pragma once
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <atomic>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>

namespace codicom::test_support {

/// A certificate and its key in two PEM files.
struct identity_files {
  std::filesystem::path certificate, key;
};

/// Issues certificates of a day's life, ECDSA P-256, for tests.
class test_authority {
 public:
  explicit test_authority(std::filesystem::path folder, std::string name = "Test CA")
      : folder_{std::move(folder)}, key_{make_key()} {
    certificate_ = make(name, key_.get(), "", -1, 1);
    write(name, certificate_.get(), nullptr);
    file_ = folder_ / (name + ".crt");
  }

  [[nodiscard]] const std::filesystem::path& file() const noexcept { return file_; }

  /// @param names of the Subject Alternative Name, as OpenSSL writes them: "DNS:localhost,IP:127.0.0.1"
  /// @param begins,ends in days from now
  identity_files issue(const std::string& common_name, const std::string& names, int begins = -1, int ends = 1) const {
    const auto key = make_key();
    const auto made = make(common_name, key.get(), names, begins, ends);
    return write(common_name, made.get(), key.get());
  }

 private:
  struct free_key {
    void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
  };
  struct free_certificate {
    void operator()(X509* certificate) const noexcept { X509_free(certificate); }
  };
  using key_ptr = std::unique_ptr<EVP_PKEY, free_key>;
  using certificate_ptr = std::unique_ptr<X509, free_certificate>;

  static key_ptr make_key() {
    EVP_PKEY* key = nullptr;
    auto* const context = EVP_PKEY_CTX_new_id(EVP_PKEY_EC, nullptr);
    const bool made = context != nullptr && EVP_PKEY_keygen_init(context) == 1 &&
                      EVP_PKEY_CTX_set_ec_paramgen_curve_nid(context, NID_X9_62_prime256v1) == 1 &&
                      EVP_PKEY_keygen(context, &key) == 1;
    EVP_PKEY_CTX_free(context);
    if (!made) throw std::runtime_error{"no key"};
    return key_ptr{key};
  }

  static void extend(X509* certificate, int nid, const std::string& value) {
    auto* const extension = X509V3_EXT_conf_nid(nullptr, nullptr, nid, value.c_str());
    if (extension == nullptr) throw std::runtime_error{"no extension " + value};
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
  }

  // Self-signed as long as there is no authority.
  certificate_ptr make(const std::string& name, EVP_PKEY* key, const std::string& names, int begins, int ends) const {
    static std::atomic<long> serial{1};
    certificate_ptr made{X509_new()};
    X509_set_version(made.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(made.get()), serial++);
    constexpr long day = 86'400;
    X509_gmtime_adj(X509_getm_notBefore(made.get()), begins * day);
    X509_gmtime_adj(X509_getm_notAfter(made.get()), ends * day);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(made.get()), "CN", MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
    X509_set_issuer_name(made.get(), X509_get_subject_name(certificate_ ? certificate_.get() : made.get()));
    X509_set_pubkey(made.get(), key);
    extend(made.get(), NID_basic_constraints, certificate_ ? "CA:FALSE" : "critical,CA:TRUE");
    if (!names.empty()) extend(made.get(), NID_subject_alt_name, names);
    if (X509_sign(made.get(), key_.get(), EVP_sha256()) == 0) throw std::runtime_error{"not signed"};
    return made;
  }

  identity_files write(const std::string& name, X509* certificate, EVP_PKEY* key) const {
    const identity_files files{folder_ / (name + ".crt"), folder_ / (name + ".key")};
    auto* bio = BIO_new_file(files.certificate.string().c_str(), "w");
    PEM_write_bio_X509(bio, certificate);
    BIO_free(bio);
    if (key == nullptr) return files;
    bio = BIO_new_file(files.key.string().c_str(), "w");
    PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
    BIO_free(bio);
    return files;
  }

  std::filesystem::path folder_, file_;
  key_ptr key_;
  certificate_ptr certificate_;
};

}  // namespace codicom::test_support
