#pragma once
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tools {

/// Where a tool listens. Written `[ADDR:]PORT`, IPv6 addresses in brackets; no address: every interface.
class endpoint {
 public:
  explicit endpoint(std::uint16_t port_number = 11112) : port{port_number} {}

  [[nodiscard]] static std::optional<endpoint> parse(std::string_view text);

  std::string address;
  std::uint16_t port;  ///< 0: the system picks a free one
};

inline std::optional<endpoint> endpoint::parse(std::string_view text) {
  endpoint result{0};
  auto digits = text;
  if (const auto colon = text.rfind(':'); colon != std::string_view::npos) {
    auto host = text.substr(0, colon);
    digits = text.substr(colon + 1);
    if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
    else if (host.empty() || host.find(':') != std::string_view::npos) return std::nullopt;
    result.address = host;
  }
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), result.port);
  if (digits.empty() || error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return result;
}

/// "ADDR:PORT" as a person would write it back.
[[nodiscard]] inline std::string to_string(const endpoint& e) {
  if (e.address.empty()) return std::to_string(e.port);
  const bool v6 = e.address.find(':') != std::string::npos;
  return (v6 ? '[' + e.address + ']' : e.address) + ':' + std::to_string(e.port);
}

}  // namespace tools
