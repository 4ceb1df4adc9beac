#pragma once
#include "../common/command_line.hpp"
#include "../common/endpoint.hpp"
#include "gather.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace tools {

/// What codicom-send is told to do.
class send_arguments {
 public:
  send_arguments() = default;

  common_options common;
  codicom::peer to;
  std::vector<found_file> files;
  std::size_t parallel = 1;
  unsigned retries = 0;
};

/// Fills `into`. A number: the program ends with it (help and version: 0, wrong usage: 2).
[[nodiscard]] inline std::optional<int> parse_arguments(int argc, const char* const* argv, send_arguments& into) {
  CLI::App app{"Send DICOM files to an archive or another application (C-STORE).", "codicom-send"};
  std::vector<std::string> paths;
  add_peer(app, into.to);
  app.add_option("PATH", paths, "files, folders with all that is in them, or patterns like 'ct/*.dcm'")
      ->type_name("")
      ->required();
  app.add_option("--parallel", into.parallel, "send over N associations at once (default 1)")
      ->type_name("N")
      ->check(CLI::Range(1, 64));
  app.add_option("--retries", into.retries, "how often to try again when an association is lost (default 0)")
      ->type_name("N");
  add_calling(app, into.common);
  app.footer(
      "For instance:\n"
      "  codicom-send ORTHANC@127.0.0.1:4242 image.dcm\n"
      "  codicom-send ORTHANC@127.0.0.1:4242 studies --parallel 4\n"
      "Exit codes: 0 done, 1 partly, 2 usage, 3 no association or nothing of it is accepted there,\n"
      "4 refused, 5 local input or output, 130 cancelled.");
  if (const auto code = parse(app, into.common, argc, argv)) return code;
  try {
    into.files = gather(paths);
  } catch (const std::exception& error) {
    return usage_error(app, error.what());
  }
  return std::nullopt;
}

}  // namespace tools
