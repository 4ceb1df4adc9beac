#pragma once
#include "../common/exit_code.hpp"
#include "arguments.hpp"

namespace tools {

/// codicom-retrieve --doctor: one object all the way from the archive to us, step by step, and in words where it breaks
/// and what to do.
[[nodiscard]] exit_code diagnose(retrieve_arguments arguments);

}  // namespace tools
