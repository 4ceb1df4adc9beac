#pragma once
#include "tools.hpp"

#include <doctest/doctest.h>
#include <string>
#include <vector>

// codicom-retrieve --doctor, and what it says.

namespace interop {

inline entity at(const std::string& title, std::uint16_t port) {
  entity result;
  result.aet = title;
  result.port = port;
  return result;
}

inline report examine(const entity& archive, const entity& self, std::vector<std::string> more = {}) {
  more.insert(more.begin(), {"--doctor", "--timeout", "3"});
  return retrieve(archive, self, {}, more, 60s);
}

/// The check of that name, or an empty object.
inline nlohmann::json check(const report& result, const std::string& step) {
  for (const auto& line : result.all("check"))
    if (line["step"] == step) return line;
  return nlohmann::json::object();
}

inline void check_breaks_at(const report& result, const std::string& step, int code, const std::string& words) {
  INFO(step << ": " << check(result, step).dump() << result.err);
  CHECK(result.code == code);
  REQUIRE(result.all("done").size() == 1);
  CHECK(result.all("done")[0]["broken"] == step);
  const auto found = check(result, step);
  CHECK(found.value("outcome", "") == "bad");
  const auto said = found.value("text", "") + ' ' + found.value("advice", "");
  CHECK_MESSAGE(said.find(words) != std::string::npos, said);
}

}  // namespace interop
