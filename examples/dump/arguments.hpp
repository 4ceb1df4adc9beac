#pragma once
#include <codicom/data_set/path.hpp>

#include "../common/command_line.hpp"
#include "picture.hpp"
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace tools {

/// An element that is asked for, as it was written.
struct wanted_element {
  std::string text;
  codicom::element_path path;
};

/// What codicom-dump is told to do.
class dump_arguments {
 public:
  dump_arguments() = default;

  std::vector<std::filesystem::path> files;
  common_options common;
  std::vector<wanted_element> tags;  ///< empty: all
  std::optional<std::size_t> max_length;
  bool check = false;
  bool preview = false;
  std::filesystem::path png;  ///< empty: none
  draw_options drawing;

  [[nodiscard]] bool draws() const noexcept { return preview || !png.empty(); }
};

namespace detail {

inline std::size_t count_of(const std::string& option, const std::string& text, std::size_t least) {
  std::size_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc{} || end != text.data() + text.size() || count < least)
    reject(option, fmt::format("'{}' is no whole number of at least {}", text, least));
  return count;
}

// "40,400"
inline value_window window_of(const std::string& text) {
  value_window window;
  char* end = nullptr;
  window.center = std::strtod(text.c_str(), &end);
  const bool has_center = end != text.c_str() && *end == ',';
  const char* const width = has_center ? end + 1 : end;
  window.width = std::strtod(width, &end);
  if (!has_center || end == width || *end != '\0' || !std::isfinite(window.center) || !std::isfinite(window.width) ||
      window.width <= 0)
    reject("--window", fmt::format("'{}' is not CENTER,WIDTH, for instance 40,400, with a width above 0", text));
  return window;
}

}  // namespace detail

/// Fills `into`. A number: the program ends with it (help and version: 0, wrong usage: 2).
[[nodiscard]] inline std::optional<int> parse_arguments(int argc, const char* const* argv, dump_arguments& into) {
  CLI::App app{"Show what is in DICOM files: elements as text or JSON, departures from the standard, the image.",
               "codicom-dump"};
  app.add_option("FILE", into.files, "what to show; - is standard input")->type_name("")->required();
  app.add_option_function<std::vector<std::string>>(
         "-t,--tag",
         [&into](const std::vector<std::string>& texts) {
           for (const auto& text : texts) {
             const auto path = codicom::element_path::parse(text);
             if (!path)
               detail::reject("--tag", fmt::format("'{}' is no attribute: write PatientName, 0010,0010 or "
                                                   "RequestAttributesSequence[0].ScheduledProcedureStepID",
                                                   text));
             into.tags.push_back({text, *path});
           }
         },
         "only this element: a keyword, gggg,eeee, or a path through sequences; repeatable")
      ->type_name("KEY")
      ->expected(1)
      ->allow_extra_args(false)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  app.add_option_function<std::string>(
         "--max-length", [&into](const std::string& text) { into.max_length = detail::count_of("--max-length", text, 0); },
         "characters to show of a value (default 64), 0 for all; with --json only a URI for longer binary ones")
      ->type_name("N");
  app.add_flag("--check", into.check, "only say where a file departs from the standard; exit code 1 when it does");
  app.add_flag("--preview", into.preview, "draw the image in the terminal");
  app.add_option("--png", into.png, "write the image to this file; - is standard output")->type_name("FILE");
  app.add_option_function<std::string>(
         "--frame", [&into](const std::string& text) { into.drawing.frame = detail::count_of("--frame", text, 1); },
         "which frame to draw (default 1)")
      ->type_name("N");
  app.add_option_function<std::string>(
         "--window", [&into](const std::string& text) { into.drawing.window = detail::window_of(text); },
         "grey values to show (default: what the object says, else all but the outermost 1 in 100)")
      ->type_name("CENTER,WIDTH");
  add_output(app, into.common);
  app.footer(
      "For instance:\n"
      "  codicom-dump image.dcm\n"
      "  codicom-dump --tag PatientName --tag 0028,0010 image.dcm\n"
      "  codicom-dump --json image.dcm\n"
      "  codicom-dump --check image.dcm\n"
      "  codicom-dump --preview image.dcm\n"
      "  codicom-dump --frame 1 --window 40,400 --png image.png image.dcm\n"
      "Without a terminal, and with NO_COLOR set, nothing is coloured.\n"
      "Exit codes: 0 done, 1 something found by --check, or a file that cannot be shown or drawn, 2 usage,\n"
      "5 local input or output.");
  if (const auto code = parse(app, into.common, argc, argv)) return code;
  if (!into.png.empty() && into.files.size() != 1)
    return usage_error(app, "--png writes one image: give one FILE, or call once for each");
  if (into.check && into.draws()) return usage_error(app, "--check draws nothing: leave out --preview and --png");
  if (into.common.json && into.preview) return usage_error(app, "--preview is for people: leave out --json");
  return std::nullopt;
}

}  // namespace tools
