#pragma once
#include "../common/command_line.hpp"
#include "../common/endpoint.hpp"

#include <codicom/net/incoming_object.hpp>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace tools {

/// What codicom-receive is told to do.
class receive_arguments {
 public:
  receive_arguments() = default;

  common_options common;
  std::filesystem::path folder;
  endpoint listen{11112};
  folder_layout layout;
  std::vector<codicom::ae_title> allowed;
  bool check_called = false;
  std::uint32_t max_associations = 64;
  codicom::save_options saving;
};

/// Fills `into`. A number: the program ends with it (help and version: 0, wrong usage: 2).
[[nodiscard]] inline std::optional<int> parse_arguments(int argc, const char* const* argv, receive_arguments& into) {
  CLI::App app{"Receive DICOM objects (C-STORE) and keep them as files, until Ctrl-C.", "codicom-receive"};
  app.add_option("DIR", into.folder, "the folder for the files, created when absent")->type_name("")->required();
  add_listen(app, into.listen);
  add_layout(app, into.layout);
  add_allow(app, into.allowed);
  app.add_flag("--check-called", into.check_called, "turn away who calls another AE title than ours");
  app.add_option("--max-associations", into.max_associations, "associations open at once (default 64)")
      ->type_name("N")
      ->check(CLI::Range(1u, 100000u));
  add_saving(app, into.saving);
  add_tls(app, into.common.tls);
  add_record(app, into.common.recording);
  add_common(app, into.common);
  app.footer(
      "For instance:\n"
      "  codicom-receive inbox --aet WORKSTATION --listen 11112\n"
      "  codicom-receive inbox --layout '{PatientID}/{StudyInstanceUID}' --duplicates refuse\n"
      "Whoever sends must know our AE title, this machine's address and that port.\n"
      "Exit codes: 0 stopped by Ctrl-C, 1 something could not be kept, 2 usage,\n"
      "5 port in use or folder not writable, 130 stopped by a second Ctrl-C.");
  if (const auto code = parse(app, into.common, argc, argv)) return code;
  if (!into.common.tls.can_serve())
    return usage_error(app, "--tls needs --cert and --key, which prove who we are, and --ca, which tells whom to let in");
  return std::nullopt;
}

}  // namespace tools
