#pragma once
#include "progress.hpp"

#include <algorithm>
#include <cstddef>
#include <fmt/format.h>
#include <string>
#include <string_view>
#include <vector>

namespace tools {

/// Characters of UTF-8, as a terminal's columns count them: two for those of East Asia.
[[nodiscard]] inline std::size_t width_of(std::string_view text) {
  std::size_t width = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte & 0xC0) == 0x80) continue;
    // U+1100 to U+115F, and from U+2E80 to U+FFDC, but for what is narrow among them; and all beyond the 16 bits.
    const auto next = i + 1 < text.size() ? static_cast<unsigned char>(text[i + 1]) : 0u;
    const bool wide = byte >= 0xF0 || (byte == 0xE1 && next == 0x84) || (byte == 0xE2 && next >= 0xBA) ||
                      (byte >= 0xE3 && byte <= 0xED);
    width += wide ? 2 : 1;
  }
  return width;
}

/// As much of the text as fits, without half a character.
[[nodiscard]] inline std::string shortened(std::string text, std::size_t width) {
  if (width_of(text) <= width) return text;
  while (!text.empty() && width_of(text) > width - 3) {
    while ((static_cast<unsigned char>(text.back()) & 0xC0) == 0x80) text.pop_back();
    text.pop_back();
  }
  return text + "...";
}

/// Rows with a heading, aligned; a column in which nothing stands is left out.
[[nodiscard]] inline std::string table_of(const std::vector<std::string>& heading,
                                          const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths(heading.size(), 0);
  for (const auto& row : rows)
    for (std::size_t i = 0; i < heading.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
  std::string text;
  const auto add = [&](const std::vector<std::string>& row) {
    std::string line;
    for (std::size_t i = 0; i < heading.size(); ++i) {
      if (widths[i] == 0) continue;
      if (!line.empty()) line += "  ";
      line += row[i];
      line.append(std::max(widths[i], width_of(heading[i])) - width_of(row[i]), ' ');
    }
    text += line.substr(0, line.find_last_not_of(' ') + 1) + '\n';
  };
  add(heading);
  for (const auto& row : rows) add(row);
  return text;
}

}  // namespace tools
