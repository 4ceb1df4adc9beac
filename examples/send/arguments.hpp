#pragma once
#include "../common/command_line.hpp"
#include "../common/endpoint.hpp"
#include "gather.hpp"

#include <chrono>
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
  bool commit = false;
  std::chrono::seconds commit_wait{60};
  std::optional<endpoint> listen;  ///< for reports on associations that the archive opens
};

/// Fills `into`. A number: the program ends with it (help and version: 0, wrong usage: 2).
[[nodiscard]] inline std::optional<int> parse_arguments(int argc, const char* const* argv, send_arguments& into) {
  CLI::App app{"Send DICOM files to an archive or another application (C-STORE).", "codicom-send"};
  std::vector<std::string> paths;
  endpoint listen;
  add_peer(app, into.to);
  app.add_option("PATH", paths, "files, folders with all that is in them, or patterns like 'ct/*.dcm'")
      ->type_name("")
      ->required();
  app.add_option("--parallel", into.parallel, "send over N associations at once (default 1)")
      ->type_name("N")
      ->check(CLI::Range(1, 64));
  app.add_option("--retries", into.retries, "how often to try again when an association is lost (default 0)")
      ->type_name("N");
  auto* const commit = app.add_flag(
      "--commit", into.commit, "ask the archive afterwards to confirm that it keeps each object (storage commitment)");
  app.add_option_function<long>(
         "--commit-wait", [&into](long seconds) { into.commit_wait = std::chrono::seconds{seconds}; },
         "how long to wait for that (default 60)")
      ->type_name("SECONDS")
      ->check(CLI::Range(1L, 604'800L))
      ->needs(commit);
  add_listen(app, listen)
      ->description("where the archive may report it on an association of its own, if its table has us there")
      ->needs(commit);
  add_calling(app, into.common);
  app.footer(
      "For instance:\n"
      "  codicom-send ORTHANC@127.0.0.1:4242 image.dcm\n"
      "  codicom-send ORTHANC@127.0.0.1:4242 studies --parallel 4\n"
      "  codicom-send ORTHANC@127.0.0.1:4242 studies --commit\n"
      "Exit codes: 0 done, 1 partly, 2 usage, 3 no association or nothing of it is accepted there,\n"
      "4 refused, 5 local input or output, 130 cancelled.");
  if (const auto code = parse(app, into.common, argc, argv)) return code;
  if (app.count("--listen") != 0) into.listen = listen;
  if (into.listen && !into.common.tls.can_serve())
    return usage_error(app, "to be called over TLS we need --cert, --key and --ca; without them leave out --listen");
  try {
    into.files = gather(paths);
  } catch (const std::exception& error) {
    return usage_error(app, error.what());
  }
  return std::nullopt;
}

}  // namespace tools
