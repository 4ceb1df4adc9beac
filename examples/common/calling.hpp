#pragma once
#include "command_line.hpp"
#include "timeout.hpp"

#include <codicom/net/association_options.hpp>

namespace tools {

/// How to call a peer, but for what to propose.
[[nodiscard]] inline codicom::association_options calling(const common_options& given, const codicom::peer& to) {
  codicom::association_options options{given.aet, to.ae_title};
  options.identity = given.user;
  options.recording = given.recording;
  options.security = given.tls.client();
  apply_timeout(given, options);
  return options;
}

}  // namespace tools
