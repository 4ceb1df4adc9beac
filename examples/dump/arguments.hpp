#pragma once
#include <codicom/data_set/path.hpp>

#include "../common/command_line.hpp"
#include "picture.hpp"
#include <charconv>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace tools {

/// What codicom-dump is told to do.
class dump_arguments {
 public:
  dump_arguments() = default;

  std::vector<std::filesystem::path> files;
  common_options common;
  std::vector<codicom::element_path> tags;  ///< empty: all
  std::optional<std::size_t> max_length;
  bool check = false;
  bool preview = false;
  std::filesystem::path png;  ///< empty: none
  draw_options drawing;

  [[nodiscard]] bool draws() const noexcept { return preview || !png.empty(); }
};

namespace detail {

// "40,400"
inline value_window window_of(const std::string& text) {
  value_window window;
  const auto comma = text.find(',');
  const auto number = [&](std::size_t from, std::size_t to, double& into) {
    const auto [end, error] = std::from_chars(text.data() + from, text.data() + to, into);
    return error == std::errc{} && end == text.data() + to;
  };
  if (comma == std::string::npos || !number(0, comma, window.center) || !number(comma + 1, text.size(), window.width) ||
      !(window.width > 0))
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
             into.tags.push_back(*path);
           }
         },
         "only this element: a keyword, gggg,eeee, or a path through sequences; repeatable")
      ->type_name("KEY")
      ->expected(1)
      ->allow_extra_args(false)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  app.add_option("--max-length", into.max_length,
                 "characters of a value (default 64), 0 for all; with --json: bytes, longer binary values are referred to")
      ->type_name("N");
  app.add_flag("--check", into.check, "only say where a file departs from the standard; exit code 1 when it does");
  app.add_flag("--preview", into.preview, "draw the image in the terminal");
  app.add_option("--png", into.png, "write the image to this file; - is standard output")->type_name("FILE");
  app.add_option("--frame", into.drawing.frame, "which frame to draw (default 1)")
      ->type_name("N")
      ->check(CLI::PositiveNumber);
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
