#pragma once
#include "picture.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <fmt/format.h>
#include <string>
#include <string_view>
#include <sys/ioctl.h>
#include <unistd.h>

namespace tools {

/// NO_COLOR is not set (no-color.org), and the terminal can do it.
[[nodiscard]] inline bool wants_colours() {
  const char* no = std::getenv("NO_COLOR");
  const char* term = std::getenv("TERM");
  return (no == nullptr || *no == '\0') && (term == nullptr || std::string_view{term} != "dumb");
}
[[nodiscard]] inline bool is_terminal() { return ::isatty(STDOUT_FILENO) == 1; }

/// Characters on a line of the terminal; COLUMNS, or 80, where there is none.
[[nodiscard]] inline unsigned terminal_width() {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col != 0) return size.ws_col;
  unsigned columns = 0;
  if (const char* set = std::getenv("COLUMNS")) {
    const std::string_view text{set};
    std::from_chars(text.data(), text.data() + text.size(), columns);
  }
  return columns != 0 ? columns : 80;
}

/// Smaller, never larger: each pixel is the mean of those it stands for.
[[nodiscard]] inline picture scaled_to(const picture& from, unsigned width) {
  if (from.width <= width) return from;
  picture to;
  to.width = width;
  to.height = std::max(1u, static_cast<unsigned>(std::uint64_t{from.height} * width / from.width));
  to.channels = from.channels;
  to.bytes.reserve(std::size_t{to.width} * to.height * to.channels);
  const auto edge = [](std::uint64_t i, std::uint64_t whole, std::uint64_t parts) { return i * whole / parts; };
  for (unsigned y = 0; y < to.height; ++y) {
    const auto top = edge(y, from.height, to.height), bottom = std::max(edge(y + 1, from.height, to.height), top + 1);
    for (unsigned x = 0; x < to.width; ++x) {
      const auto left = edge(x, from.width, to.width), right = std::max(edge(x + 1, from.width, to.width), left + 1);
      for (unsigned c = 0; c < from.channels; ++c) {
        std::uint64_t sum = 0;
        for (auto row = top; row < bottom; ++row)
          for (auto column = left; column < right; ++column)
            sum += from.bytes[static_cast<std::size_t>((row * from.width + column) * from.channels + c)];
        const auto count = (bottom - top) * (right - left);
        to.bytes.push_back(static_cast<std::uint8_t>((sum + count / 2) / count));
      }
    }
  }
  return to;
}

/// Two rows of pixels in a line: the upper half of a block in the foreground's colour, the lower in the background's
/// (24 bits). Without colours, one of five shades.
[[nodiscard]] inline std::string to_half_blocks(const picture& image, unsigned width, bool colours) {
  const auto small = scaled_to(image, width);
  const auto at = [&](unsigned x, unsigned y, unsigned c) -> unsigned {
    return small.bytes[(std::size_t{y} * small.width + x) * small.channels + (small.channels == 1 ? 0 : c)];
  };
  std::string out;
  for (unsigned y = 0; y < small.height; y += 2) {
    const bool both = y + 1 < small.height;
    std::string last;
    for (unsigned x = 0; x < small.width; ++x) {
      if (!colours) {
        unsigned sum = 0;
        for (unsigned c = 0; c < 3; ++c) sum += at(x, y, c) + at(x, both ? y + 1 : y, c);
        constexpr const char* shades[] = {" ", "░", "▒", "▓", "█"};
        out += shades[std::min(4u, sum * 5 / (6 * 256))];
        continue;
      }
      auto paint = fmt::format("\033[38;2;{};{};{}", at(x, y, 0), at(x, y, 1), at(x, y, 2));
      if (both) paint += fmt::format(";48;2;{};{};{}", at(x, y + 1, 0), at(x, y + 1, 1), at(x, y + 1, 2));
      if (paint != last) (out += paint) += 'm';
      last = std::move(paint);
      out += "▀";
    }
    out += colours ? "\033[0m\n" : "\n";
  }
  return out;
}

}  // namespace tools
