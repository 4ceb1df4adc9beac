#pragma once
#include "../common/exit_code.hpp"
#include "arguments.hpp"

namespace tools {

/// One run of codicom-retrieve: listen, associate, find, retrieve match after match, account for it.
[[nodiscard]] exit_code retrieve(retrieve_arguments arguments);

}  // namespace tools
