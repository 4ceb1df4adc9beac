#pragma once
#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

namespace tools {

/// Fields in the order in which they were written, `event` first.
using json_object = nlohmann::ordered_json;

/// One JSON object a line on standard output, flushed at once so that a reader can follow; silent unless switched on.
class json_lines {
 public:
  explicit json_lines(bool on) noexcept : on_{on} {}

  [[nodiscard]] bool is_on() const noexcept { return on_; }

  void write(const json_object& line) const {
    if (!on_) return;
    // A peer's text may be anything: bytes that are not UTF-8 become U+FFFD instead of ending the run.
    const auto text = line.dump(-1, ' ', false, json_object::error_handler_t::replace) + '\n';
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fflush(stdout);
  }

 private:
  bool on_;
};

[[nodiscard]] inline json_object event(const char* name) { return json_object{{"event", name}}; }

}  // namespace tools
