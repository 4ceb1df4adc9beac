#pragma once
#include "progress.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <fmt/format.h>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace tools {

/// "1 file", "2 files".
[[nodiscard]] inline std::string counted(std::uint64_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

/// Why things failed, and how many for each reason: what a summary ends with.
class tally {
 public:
  explicit tally(std::string noun) : noun_{std::move(noun)} {}

  void add(const std::string& why, std::size_t count = 1) { reasons_[why] += count; }
  void print(std::FILE* out) const {
    for (const auto& [why, count] : reasons_) fmt::print(out, "  {}: {}\n", counted(count, noun_), why);
  }

 private:
  std::string noun_;
  std::map<std::string, std::size_t> reasons_;
};

/// MB/s
[[nodiscard]] inline double rate(std::uint64_t bytes, double seconds) {
  return static_cast<double>(bytes) / 1e6 / std::max(seconds, 1e-3);
}
/// "12.3 MB in 2.0 s, 6.1 MB/s"
[[nodiscard]] inline std::string speed(std::uint64_t bytes, double seconds) {
  return fmt::format("{} in {:.1f} s, {:.1f} MB/s", human_bytes(bytes), seconds, rate(bytes, seconds));
}

}  // namespace tools
