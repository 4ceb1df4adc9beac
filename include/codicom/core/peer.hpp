#pragma once
#include <codicom/core/ae_title.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

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

[[nodiscard]] std::string to_string(const peer& p);

}  // namespace codicom

#ifndef CODICOM_SEPARATE_COMPILATION
#include <codicom/core/impl/peer.hpp>
#endif
