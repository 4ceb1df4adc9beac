#pragma once
#include "exit_code.hpp"

#include <csignal>
#include <exception>
#include <fmt/format.h>
#include <optional>
#include <utility>

namespace tools {

/// What `main` does: parse the command line, do the work with it, and say what went wrong.
/// @param work  takes the arguments and returns an exit code
template <class Arguments, class Work>
[[nodiscard]] int run_tool(const char* name, int argc, char** argv, Work work) {
  Arguments arguments;
  if (const auto code = parse_arguments(argc, argv, arguments)) return *code;
  std::signal(SIGPIPE, SIG_IGN);  // who reads our JSON may leave; what is under way is still finished
  try {
    return static_cast<int>(work(std::move(arguments)));
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}: {}\n", name, error.what());
    return static_cast<int>(exit_code::local_io);
  }
}

}  // namespace tools
