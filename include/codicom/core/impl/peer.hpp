#pragma once
#include <codicom/core/config.hpp>
#include <codicom/core/peer.hpp>

#include <charconv>
#include <system_error>

namespace codicom {

CODICOM_FUNCTION std::string to_string(const peer& p) {
  const bool v6 = p.host.find(':') != std::string::npos;
  return p.ae_title.str() + '@' + (v6 ? '[' + p.host + ']' : p.host) + ':' + std::to_string(p.port);
}

CODICOM_FUNCTION std::optional<peer> peer::parse(std::string_view text) {
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
