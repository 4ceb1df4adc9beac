#pragma once

namespace tools {

/// What a tool ends with; scripts rely on these numbers.
enum class exit_code : int {
  done = 0,    ///< also: nothing matched, or warnings only (a message says so)
  partly = 1,  ///< something failed or never arrived
  usage = 2,
  no_association = 3,  ///< could not connect or associate, or no presentation context was accepted
  refused = 4,         ///< by the peer's status, and nothing arrived
  local_io = 5,        ///< port in use, folder not writable, disk full
  cancelled = 130,     ///< Ctrl-C
};

}  // namespace tools
