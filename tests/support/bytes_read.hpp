#pragma once
// What this process has asked the system to read so far.
#include <cstdint>
#include <fstream>
#include <optional>
#include <string>

namespace codicom::test_support {

/// Bytes of all `read` calls, files and pipes alike; nothing where the system does not tell.
[[nodiscard]] inline std::optional<std::uint64_t> bytes_read() {
  std::ifstream io{"/proc/self/io"};
  std::string name;
  std::uint64_t count = 0;
  if (io >> name >> count && name == "rchar:") return count;
  return std::nullopt;
}

}  // namespace codicom::test_support
