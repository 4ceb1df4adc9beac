#pragma once
// What a program of the shell prints.
#include <cstdio>
#include <string>

namespace codicom::test_support {

inline std::string output_of(const std::string& command) {
  std::string all;
  if (auto* const pipe = ::popen(command.c_str(), "r")) {
    char buffer[4096];
    while (const auto count = std::fread(buffer, 1, sizeof buffer, pipe)) all.append(buffer, count);
    ::pclose(pipe);
  }
  return all;
}

}  // namespace codicom::test_support
