#pragma once
#include "../common/command_line.hpp"
#include "../common/endpoint.hpp"
#include "../common/keys.hpp"
#include "../common/levels.hpp"

#include <filesystem>
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
  query_level level = query_level::study;
  query_model model = query_model::study_root;
  std::optional<codicom::ae_title> receive_as;  ///< the title that the archive's table maps to our port
  endpoint listen{11112};
  std::filesystem::path folder = ".";
  std::optional<codicom::dul::user_identity> user;
  std::optional<codicom::ae_title> destination;  ///< somebody else: nothing is received here

  [[nodiscard]] codicom::ae_title own_destination() const { return receive_as.value_or(common.aet); }
};

/// Fills `into`. A number: the program ends with it (help and version: 0, wrong usage: 2).
[[nodiscard]] inline std::optional<int> parse_arguments(int argc, const char* const* argv, retrieve_arguments& into) {
  CLI::App app{"Find studies in a DICOM archive and retrieve them by C-MOVE: here, or to another AE.",
               "codicom-retrieve"};
  std::vector<std::string> keys;
  std::string level;
  std::string model;
  bool get = false;
  bool resume = false;
  bool dry_run = false;
  std::string parallel;

  add_peer(app, into.archive);
  add_keys(app, keys);
  const auto* level_option = app.add_option("--level", level, "what to find and retrieve (default study)")
                                 ->option_text("patient|study|series|image")
                                 ->check(CLI::IsMember({"patient", "study", "series", "image"}, CLI::ignore_case));
  const auto* model_option =
      app.add_option("--model", model, "information model (default study; patient for --level patient)")
          ->option_text("study|patient")
          ->check(CLI::IsMember({"study", "patient"}, CLI::ignore_case));
  add_ae_title(app, "--receive-as", into.receive_as, "AE title that we receive as (default: --aet)");
  add_listen(app, into.listen);
  app.add_option("-o,--output", into.folder, "folder for the files, created when absent (default .)")->type_name("DIR");
  add_ae_title(app, "--destination", into.destination, "move to this AE instead; nothing is received here");
  add_user(app, into.user);
  add_tls(app, into.common.tls);
  add_record(app, into.common.recording);
  add_common(app, into.common);
  // Spelled as they will be, so that a script learns that they are missing and not that they are wrong.
  constexpr const char* later = "Not there yet";
  app.add_flag("--get", get, "retrieve by C-GET")->group(later);
  app.add_option("--parallel", parallel, "retrieve over N associations")->type_name("N")->group(later);
  app.add_flag("--resume", resume, "leave out what is in the folder already")->group(later);
  app.add_flag("--dry-run", dry_run, "find only")->group(later);
  app.footer(
      "For instance: codicom-retrieve ORTHANC@127.0.0.1:4242 -k 'PatientName=ALLISON*' -o studies\n"
      "Exit codes: 0 done, 1 partly, 2 usage, 3 no association, 4 refused and nothing arrived,\n"
      "5 local input or output, 130 cancelled.");

  if (const auto code = parse(app, into.common, argc, argv)) return code;

  const char* missing = get                 ? "--get"
                        : !parallel.empty() ? "--parallel"
                        : resume            ? "--resume"
                        : dry_run           ? "--dry-run"
                                            : nullptr;
  if (missing != nullptr)
    return usage_error(app, fmt::format("{} is not there yet: leave it out to retrieve by C-MOVE, one study after "
                                        "the other",
                                        missing));
  if (!into.destination && !into.common.tls.can_serve())
    return usage_error(app, "to receive over TLS we need --cert, --key and --ca; without them only --destination works");
  try {
    for (const auto& key : keys) add_key(into.keys, key);
    if (const auto given = take_level(into.keys)) {
      if (!level_option->empty() && codicom::service::parse_level(level) != *given)
        return usage_error(app, fmt::format("--level {} and -k QueryRetrieveLevel={} contradict each other", level,
                                            to_string(*given)));
      into.level = *given;
    } else if (!level_option->empty()) {
      into.level = codicom::service::parse_level(level).value_or(query_level::study);
    }
  } catch (const std::invalid_argument& error) {
    return usage_error(app, error.what());
  }
  if (!model_option->empty())
    into.model = CLI::detail::to_lower(model) == "patient" ? query_model::patient_root : query_model::study_root;
  else if (into.level == query_level::patient) into.model = query_model::patient_root;
  if (into.level == query_level::patient && into.model == query_model::study_root)
    return usage_error(app, "the study root model has no patient level: use --model patient");
  return std::nullopt;
}

}  // namespace tools
