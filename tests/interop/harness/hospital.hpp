#pragma once
#include "peers.hpp"

#include <support/certificates.hpp>

#include <string>
#include <vector>

namespace interop {

/// Certificates of one authority for two sides, and of another one for a third.
class hospital {
 public:
  tls_files server() const { return files_of(server_); }
  tls_files client() const { return files_of(client_); }
  /// From an authority that nobody here trusts.
  tls_files stranger() const {
    auto files = files_of(stranger_);
    files.authorities = other_.file();
    return files;
  }

 private:
  tls_files files_of(const codicom::test_support::identity_files& identity) const {
    return {identity.certificate, identity.key, authority_.file()};
  }

  temp_folder folder_;
  codicom::test_support::test_authority authority_{folder_.path()};
  codicom::test_support::test_authority other_{folder_.path(), "Other CA"};
  codicom::test_support::identity_files server_ = authority_.issue("server", "DNS:localhost,IP:127.0.0.1");
  codicom::test_support::identity_files client_ = authority_.issue("client", "DNS:localhost,IP:127.0.0.1");
  codicom::test_support::identity_files stranger_ = other_.issue("stranger", "DNS:localhost,IP:127.0.0.1");
};

inline std::vector<std::string> options_of(const tls_files& files) {
  return {"--tls", "--ca", files.authorities.string(), "--cert", files.certificate.string(), "--key", files.key.string()};
}

}  // namespace interop
