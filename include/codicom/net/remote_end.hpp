#pragma once
#include <codicom/core/ae_title.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace codicom {

/// What a certificate says of its holder, once its signatures have been verified (X.509, RFC 5280). Texts are UTF-8.
class certificate {
 public:
  certificate() = default;

  std::string subject;                  ///< the whole name: "CN=workstation,O=Hospital"
  std::string common_name;              ///< the CN of it, which DICOM sites often make the AE title
  std::vector<std::string> dns_names;   ///< of the Subject Alternative Name
  std::string issuer;
  std::string fingerprint;              ///< SHA-256, 64 lower-case hexadecimal digits

  /// The common name or one of the DNS names is this AE title; letters of either case.
  [[nodiscard]] bool is_for(const ae_title& title) const;
};

/// Who is at the other end of a connection.
class remote_end {
 public:
  remote_end() = default;

  std::string address;  ///< numeric
  std::uint16_t port = 0;
  const codicom::certificate* certificate = nullptr;  ///< null without TLS, and where none was asked for or given
};

inline bool certificate::is_for(const ae_title& title) const {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  const auto same = [&](std::string_view name) {
    const auto wanted = title.view();
    if (wanted.empty() || name.size() != wanted.size()) return false;
    for (std::size_t i = 0; i < name.size(); ++i)
      if (lower(name[i]) != lower(wanted[i])) return false;
    return true;
  };
  if (same(common_name)) return true;
  for (const auto& each : dns_names)
    if (same(each)) return true;
  return false;
}

}  // namespace codicom
