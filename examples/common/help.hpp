#pragma once
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace tools {

/// What stands for the value of an option: "N", "FILE", "patient|study|series|image"; empty for a flag.
[[nodiscard]] inline std::string value_of(const CLI::Option& option) {
  if (!option.get_option_text().empty()) return option.get_option_text();
  if (option.get_type_size() == 0) return {};
  // CLI11 appends what its checks say: "N:INT in [1 - 64]". Colons in brackets are ours.
  const auto text = option.get_type_name();
  int depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '[') ++depth;
    else if (text[i] == ']') --depth;
    else if (text[i] == ':' && depth == 0) return text.substr(0, i);
  }
  return text;
}

/// Lines of at most `width` columns, the second and further ones indented; a line end in the text stays.
[[nodiscard]] inline std::string wrapped(std::string_view text, std::size_t indent, std::size_t width) {
  std::string out;
  std::size_t column = indent;
  while (!text.empty()) {
    const auto end = std::min(text.find(' '), text.size());
    if (column != indent && column + 1 + end > width) {
      out += '\n' + std::string(indent, ' ');
      column = indent;
    } else if (column != indent) {
      out += ' ';
      ++column;
    }
    out += text.substr(0, end);
    column += end;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

/// The help of all tools: names and values at the left, sentences at the right, for a terminal of 100 columns.
class help_format : public CLI::Formatter {
 public:
  std::string make_description(const CLI::App* app) const override {
    return wrapped(app->get_description(), 0, 100) + '\n';
  }
  std::string make_option(const CLI::Option* option, bool is_positional) const override {
    constexpr std::size_t indent = 34, width = 100;
    auto line = "  " + make_option_name(option, is_positional);
    if (const auto value = is_positional ? std::string{} : value_of(*option); !value.empty()) line += ' ' + value;
    if (line.size() + 2 > indent) line += '\n' + std::string(indent, ' ');
    else line.append(indent - line.size(), ' ');
    return line + wrapped(option->get_description(), indent, width) + '\n';
  }
};

}  // namespace tools
