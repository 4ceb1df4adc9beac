#pragma once
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <fmt/format.h>
#include <iterator>
#include <string>
#include <string_view>
#include <unistd.h>

namespace tools {

/// "12.3 MB"
[[nodiscard]] inline std::string human_bytes(std::uint64_t bytes) {
  if (bytes < 1000) return fmt::format("{} bytes", bytes);
  static constexpr const char* units[] = {"kB", "MB", "GB", "TB", "PB", "EB"};
  double value = static_cast<double>(bytes) / 1000;
  std::size_t unit = 0;
  for (; value >= 1000 && unit + 1 < std::size(units); ++unit) value /= 1000;
  return fmt::format("{:.1f} {}", value, units[unit]);
}

/// A peer's text on one line of a terminal: control characters would let it move the cursor or worse.
[[nodiscard]] inline std::string printable(std::string_view text) {
  std::string line{text};
  for (auto& c : line)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  return line;
}

/// Progress on standard error: a bar that is redrawn on a terminal, now and then a plain line elsewhere.
class progress {
 public:
  progress() : terminal_{::isatty(STDERR_FILENO) == 1} {}
  ~progress() { clear(); }
  progress(const progress&) = delete;
  progress& operator=(const progress&) = delete;

  /// Start counting for one match.
  void begin(std::string_view label) {
    clear();
    label_ = printable(label);
    last_ = std::chrono::steady_clock::now();
    shown_ = 0;
  }

  /// `total` 0: not known; `bytes` 0: not told. Draws at most ten times a second, and always when everything is there.
  void update(std::uint64_t count, std::uint64_t total, std::uint64_t bytes) {
    const auto now = std::chrono::steady_clock::now();
    const bool complete = total != 0 && count >= total;
    const auto pause = terminal_ ? std::chrono::milliseconds{100} : std::chrono::milliseconds{2000};
    if (count == shown_ && bar_) return;
    if (!complete && now - last_ < pause) return;
    last_ = now;
    shown_ = count;
    const auto whole = total == 0 ? std::string{"?"} : std::to_string(total);
    const auto size = bytes == 0 ? std::string{} : ", " + human_bytes(bytes);
    if (terminal_) {
      constexpr std::size_t width = 30;
      const std::size_t full = total == 0 ? 0 : std::min<std::size_t>(width, width * count / total);
      fmt::print(stderr, "\r\033[K[{:#<{}}{:.<{}}] {}/{}{}  {:.40}", "", full, "", width - full, count, whole, size,
                 label_);
      bar_ = true;
    } else {
      fmt::print(stderr, "  {} of {}{}\n", count, whole, size);
    }
    std::fflush(stderr);
  }

  /// One line that stays.
  void line(std::string_view text) {
    clear();
    fmt::print(stderr, "{}\n", text);
    std::fflush(stderr);
  }

  /// Take the bar away.
  void clear() {
    if (!bar_) return;
    fmt::print(stderr, "\r\033[K");
    std::fflush(stderr);
    bar_ = false;
  }

 private:
  bool terminal_;
  bool bar_ = false;
  std::string label_;
  std::uint64_t shown_ = 0;
  std::chrono::steady_clock::time_point last_{};
};

}  // namespace tools
