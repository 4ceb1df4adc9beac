#pragma once
#include "help.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <string>
#include <string_view>
#include <vector>

// What a shell completes, made from the same description as the help.

namespace tools {

namespace detail {

/// "patient|study|series|image": its words; nothing where the value is something else.
[[nodiscard]] inline std::vector<std::string> choices_of(std::string_view value) {
  std::vector<std::string> words;
  if (value.find('|') == std::string_view::npos) return words;
  for (std::size_t start = 0; start <= value.size();) {
    const auto end = std::min(value.find('|', start), value.size());
    words.emplace_back(value.substr(start, end - start));
    start = end + 1;
  }
  return words;
}

/// "--level", "-k": every name of an option.
[[nodiscard]] inline std::vector<std::string> names_of(const CLI::Option& option) {
  std::vector<std::string> names;
  for (const auto& name : option.get_snames()) names.push_back('-' + name);
  for (const auto& name : option.get_lnames()) names.push_back("--" + name);
  return names;
}

[[nodiscard]] inline std::string joined(const std::vector<std::string>& words, std::string_view by) {
  return fmt::format("{}", fmt::join(words, by));
}

/// "PEER", "PATH": what stands without an option before it.
[[nodiscard]] inline std::vector<std::string> positionals_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const auto* option : app.get_options([](const CLI::Option* each) { return each->get_positional(); }))
    names.push_back(option->get_name());
  return names;
}

[[nodiscard]] inline std::string bash_completion(const CLI::App& app) {
  const auto program = app.get_name();
  auto function = '_' + program;
  std::replace(function.begin(), function.end(), '-', '_');
  std::vector<std::string> all, files, folders, others;
  std::string cases;
  for (const auto* option : app.get_options([](const CLI::Option* each) { return each->nonpositional(); })) {
    const auto names = names_of(*option);
    all.insert(all.end(), names.begin(), names.end());
    const auto value = value_of(*option);
    if (value.empty()) continue;
    if (const auto words = choices_of(value); !words.empty())
      cases += fmt::format("    {}) COMPREPLY=($(compgen -W '{}' -- \"$cur\")); return ;;\n", joined(names, "|"), joined(words, " "));
    else if (value == "FILE") files.insert(files.end(), names.begin(), names.end());
    else if (value == "DIR") folders.insert(folders.end(), names.begin(), names.end());
    else others.insert(others.end(), names.begin(), names.end());
  }
  const auto add = [&cases](const std::vector<std::string>& names, std::string_view what) {
    if (!names.empty()) cases += fmt::format("    {}) {} return ;;\n", joined(names, "|"), what);
  };
  add(files, "COMPREPLY=($(compgen -f -- \"$cur\"));");
  add(folders, "COMPREPLY=($(compgen -d -- \"$cur\"));");
  add(others, "");
  std::string bare;
  for (const auto& name : positionals_of(app))
    bare += name == "PEER" ? fmt::format("-W \"$({} --peers 2>/dev/null)\" ", program) : name == "DIR" ? "-d " : "-f ";
  return fmt::format(
      "# {0}: completion for bash. Source it, or keep it as ~/.local/share/bash-completion/completions/{0}\n"
      "{1}() {{\n"
      "  local cur=${{COMP_WORDS[COMP_CWORD]}} prev=${{COMP_WORDS[COMP_CWORD-1]}}\n"
      "  COMPREPLY=()\n"
      "  case $prev in\n{2}  esac\n"
      "  if [[ $cur == -* ]]; then COMPREPLY=($(compgen -W '{3}' -- \"$cur\"))\n"
      "  else COMPREPLY=($(compgen {4}-- \"$cur\")); fi\n"
      "}}\n"
      "complete -o filenames -F {1} {0}",
      program, function, cases, joined(all, " "), bare);
}

[[nodiscard]] inline std::string zsh_completion(const CLI::App& app) {
  // In a specification brackets, colons and quotes mean something.
  const auto escaped = [](std::string_view text) {
    std::string out;
    for (const char c : text) {
      if (c == '[' || c == ']' || c == ':' || c == '\\') out += '\\';
      if (c == '\'') out += "'\\''";
      else out += c;
    }
    return out;
  };
  std::string specifications;
  const auto action_of = [](const std::string& value) -> std::string {
    if (const auto words = choices_of(value); !words.empty()) return '(' + joined(words, " ") + ')';
    return value == "FILE" ? "_files" : value == "DIR" ? "_files -/" : " ";
  };
  for (const auto* option : app.get_options([](const CLI::Option* each) { return each->nonpositional(); })) {
    const auto value = value_of(*option);
    for (const auto& name : names_of(*option)) {
      const bool repeatable = option->get_expected_max() > 1 || option->get_multi_option_policy() == CLI::MultiOptionPolicy::TakeAll;
      specifications += fmt::format(" \\\n  '{}{}[{}]{}'", repeatable ? "*" : "", name, escaped(option->get_description()),
                                    value.empty() ? "" : fmt::format(":{}:{}", escaped(value), action_of(value)));
    }
  }
  for (const auto& name : positionals_of(app))
    specifications += name == "PEER"  ? fmt::format(" \\\n  \"1:peer:($({} --peers 2>/dev/null))\"", app.get_name())
                      : name == "DIR" ? " \\\n  '1:folder:_files -/'"
                                      : " \\\n  '*:file:_files'";
  return fmt::format("#compdef {0}\n# completion for zsh: keep it as _{0} in a folder of $fpath\n_arguments{1}",
                     app.get_name(), specifications);
}

}  // namespace detail

/// The script for a shell, "bash" or "zsh".
[[nodiscard]] inline std::string completion_for(const CLI::App& app, std::string_view shell) {
  return shell == "zsh" ? detail::zsh_completion(app) : detail::bash_completion(app);
}

}  // namespace tools
