#pragma once
#include "../common/command_line.hpp"
#include "../common/endpoint.hpp"
#include "../common/layout.hpp"
#include "../common/question.hpp"
#include "work_list.hpp"

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

namespace tools {

/// What codicom-retrieve is told to do.
class retrieve_arguments {
 public:
  retrieve_arguments() = default;

  common_options common;
  codicom::peer archive;
  codicom::data_set keys;  ///< without Query/Retrieve Level
  std::vector<codicom::data_set> work_list;  ///< of --from, with `keys` in each; empty: `keys` alone
  query_level level = query_level::study;
  query_model model = query_model::study_root;
  std::optional<codicom::ae_title> receive_as;  ///< the title that the archive's table maps to our port
  endpoint listen{11112};
  std::filesystem::path folder = ".";
  std::optional<codicom::ae_title> destination;  ///< somebody else: nothing is received here
  folder_layout layout;
  bool get = false;
  bool resume = false;
  bool dry_run = false;
  bool doctor = false;
  std::size_t parallel = 1;
  std::size_t batch = 100;
  std::optional<unsigned> retries;

  /// Who starts again after a failure wants it to go on through the next one.
  [[nodiscard]] unsigned times_to_retry() const { return retries.value_or(resume ? 5 : 0); }
  [[nodiscard]] codicom::ae_title own_destination() const { return receive_as.value_or(common.aet); }
};

/// Fills `into`. A number: the program ends with it (help and version: 0, wrong usage: 2).
[[nodiscard]] inline std::optional<int> parse_arguments(int argc, const char* const* argv, retrieve_arguments& into) {
  CLI::App app{"Find studies in a DICOM archive and retrieve them: here by C-MOVE or C-GET, or to another AE by C-MOVE.",
               "codicom-retrieve"};
  std::vector<std::string> keys;
  std::string level;
  std::string model;
  std::string from;

  add_peer(app, into.archive);
  add_keys(app, keys);
  add_level(app, level, "what to find and retrieve (default study)");
  add_model(app, model, {"study", "patient"});
  add_ae_title(app, "--receive-as", into.receive_as, "AE title that we receive as (default: --aet)");
  add_listen(app, into.listen);
  app.add_option("-o,--output", into.folder, "folder for the files, created when absent (default .)")->type_name("DIR");
  add_ae_title(app, "--destination", into.destination, "move to this AE instead; nothing is received here");
  app.add_flag("--get", into.get, "retrieve by C-GET: the archive needs no entry for us and no way back to us");
  app.add_option("--parallel", into.parallel, "retrieve over N associations at once (default 1)")
      ->type_name("N")
      ->check(CLI::Range(1, 64));
  app.add_flag("--resume", into.resume, "ask only for what is not in the output folder, whole, already");
  app.add_option("--retries", into.retries,
                 "how often to ask again in vain for what did not come (default 0; 5 with --resume)")
      ->type_name("N");
  app.add_option("--batch", into.batch, "objects in one request where they are asked for by name (default 100)")
      ->type_name("N")
      ->check(CLI::Range(1, 10000));
  app.add_flag("--dry-run", into.dry_run, "only say what would be retrieved, and how large it is where the archive tells");
  app.add_flag("--doctor", into.doctor,
               "test the whole way, there and back, with one object, and say where it breaks and what to do");
  app.add_option("--from", from,
                 "a list of what to retrieve, - for standard input: CSV whose first line names attributes, or a Study "
                 "Instance UID on each line")
      ->type_name("FILE");
  add_layout(app, into.layout);
  add_calling(app, into.common);
  app.footer(
      "For instance:\n"
      "  codicom-retrieve ORTHANC@127.0.0.1:4242 -k 'PatientName=ALLISON*' -o studies\n"
      "  codicom-retrieve ORTHANC@127.0.0.1:4242 -k StudyDate=20240101-20241231 --dry-run\n"
      "  codicom-retrieve ORTHANC@127.0.0.1:4242 --from list.csv --parallel 4 --resume -o studies\n"
      "  codicom-retrieve ORTHANC@127.0.0.1:4242 -k Modality=CT --level series --get --layout '{PatientID}'\n"
      "  codicom-retrieve --doctor ORTHANC@127.0.0.1:4242\n"
      "The archive sends only to whom it knows: its table of remote AEs must have our AE title\n"
      "(--receive-as, else CODICOM) with this machine's address and the port of --listen (11112).\n"
      "With --get it need not know us. --doctor tells what is missing.\n"
      "Exit codes: 0 done, 1 partly, 2 usage, 3 no association, 4 refused and nothing arrived,\n"
      "5 local input or output, 130 cancelled.");

  if (const auto code = parse(app, into.common, argc, argv)) return code;

  if (!into.destination && !into.get && !into.dry_run && !into.common.tls.can_serve())
    return usage_error(app, "to receive over TLS we need --cert, --key and --ca; without them use --get or --destination");
  try {
    into.level = read_keys(into.keys, keys, level);
    into.model = read_model(model, into.level);
  } catch (const std::invalid_argument& error) {
    return usage_error(app, error.what());
  }
  if (into.destination && (into.get || into.resume || into.parallel > 1 || into.retries || !into.layout.empty()))
    return usage_error(app, "with --destination nothing comes here: leave out --get, --resume, --parallel, --retries and "
                            "--layout");
  if (!from.empty()) {
    try {
      std::ifstream file;
      if (from != "-") {
        file.open(from);
        if (!file) return usage_error(app, fmt::format("--from {}: the file cannot be read", from));
      }
      into.work_list = read_work_list(from == "-" ? std::cin : file, into.keys);
    } catch (const std::invalid_argument& error) {
      return usage_error(app, fmt::format("--from {}: {}", from, error.what()));
    }
    if (into.work_list.empty()) return usage_error(app, fmt::format("--from {}: nothing is listed there", from));
  }
  return std::nullopt;
}

}  // namespace tools
