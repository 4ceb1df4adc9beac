#pragma once
#include <codicom/net/deadlines.hpp>

#include "command_line.hpp"

namespace tools {

/// `--timeout`, when given, is the deadline of every phase in which the peer has the word.
inline void apply_timeout(const common_options& given, codicom::association_deadlines& deadlines) {
  if (!given.timeout) return;
  for (auto* phase : {&deadlines.connect, &deadlines.tls, &deadlines.associate, &deadlines.response, &deadlines.read,
                      &deadlines.write, &deadlines.release})
    *phase = *given.timeout;
}

}  // namespace tools
