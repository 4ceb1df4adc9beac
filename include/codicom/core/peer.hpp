#pragma once
#include <codicom/core/ae_title.hpp>

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace codicom {

/// Where an application entity listens. Written `AET@host:port`, IPv6 addresses in brackets: `PACS@[::1]:104`.
class peer {
 public:
  peer() = default;
  peer(codicom::ae_title title, std::string host_name, std::uint16_t port_number)
      : ae_title{title}, host{std::move(host_name)}, port{port_number} {}

  /// Nothing when the text is not of that form. The last `@` splits, so a title may hold one.
  [[nodiscard]] static std::optional<peer> parse(std::string_view text);

  codicom::ae_title ae_title;
  std::string host;
  std::uint16_t port = 104;  ///< PS3.8 §9.1.1: well known
};

[[nodiscard]] inline std::string to_string(const peer& p) {
  const bool v6 = p.host.find(':') != std::string::npos;
  return p.ae_title.str() + '@' + (v6 ? '[' + p.host + ']' : p.host) + ':' + std::to_string(p.port);
}

inline std::optional<peer> peer::parse(std::string_view text) {
  const auto at = text.rfind('@');
  if (at == std::string_view::npos || at == 0) return std::nullopt;
  const codicom::ae_title title{text.substr(0, at)};
  auto rest = text.substr(at + 1);
  const auto colon = rest.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  auto host = rest.substr(0, colon);
  const auto digits = rest.substr(colon + 1);
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  else if (host.find(':') != std::string_view::npos) return std::nullopt;
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc{} || end != digits.data() + digits.size() || port == 0 || host.empty() || !title.is_valid())
    return std::nullopt;
  return peer{title, std::string{host}, port};
}

}  // namespace codicom
