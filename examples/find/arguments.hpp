#pragma once
#include "../common/command_line.hpp"
#include "../common/question.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace tools {

/// What codicom-find is told to do.
class find_arguments {
 public:
  find_arguments() = default;

  common_options common;
  codicom::peer to;
  codicom::data_set keys;  ///< without Query/Retrieve Level
  std::vector<std::string> columns;  ///< paths of the attributes to be shown, in order
  query_level level = query_level::study;
  query_model model = query_model::study_root;
  bool worklist = false;
  bool csv = false;
  std::size_t limit = 0;
};

/// What is shown of a match, if nothing else is asked for.
[[nodiscard]] inline std::vector<std::string> usual_columns(query_level level, bool worklist) {
  if (worklist)
    return {"ScheduledProcedureStepSequence[0].ScheduledProcedureStepStartDate",
            "ScheduledProcedureStepSequence[0].ScheduledProcedureStepStartTime",
            "ScheduledProcedureStepSequence[0].Modality",
            "ScheduledProcedureStepSequence[0].ScheduledStationAETitle",
            "PatientName",
            "PatientID",
            "AccessionNumber",
            "RequestedProcedureDescription",
            "ScheduledProcedureStepSequence[0].ScheduledProcedureStepID"};
  switch (level) {
    case query_level::patient: return {"PatientName", "PatientID", "PatientBirthDate", "PatientSex"};
    case query_level::study:
      return {"StudyDate",        "PatientName",      "PatientID",
              "AccessionNumber",  "ModalitiesInStudy", "StudyDescription",
              "NumberOfStudyRelatedInstances", "StudyInstanceUID"};
    case query_level::series:
      return {"Modality", "SeriesNumber", "SeriesDescription", "NumberOfSeriesRelatedInstances", "StudyInstanceUID",
              "SeriesInstanceUID"};
    case query_level::image:
      return {"InstanceNumber", "SOPClassUID", "StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID"};
  }
  return {};
}

/// Fills `into`. A number: the program ends with it (help and version: 0, wrong usage: 2).
[[nodiscard]] inline std::optional<int> parse_arguments(int argc, const char* const* argv, find_arguments& into) {
  CLI::App app{"Find patients, studies, series, images or worklist items in a DICOM archive (C-FIND).", "codicom-find"};
  std::vector<std::string> keys;
  std::string level, model;
  add_peer(app, into.to);
  add_keys(app, keys);
  add_level(app, level, "what to find (default study)");
  add_model(app, model, {"study", "patient", "worklist"});
  app.add_flag("-W,--worklist", into.worklist, "ask for the modality worklist: the same as --model worklist");
  app.add_option("--limit", into.limit, "N matches are enough: the search is cancelled then")
      ->type_name("N")
      ->check(CLI::Range(1, 100'000'000));
  auto* const csv = app.add_flag("--csv", into.csv, "comma-separated values, which codicom-retrieve --from reads");
  add_calling(app, into.common);
  app.get_option("--json")->excludes(csv)->description("one JSON object a line, with each match in the DICOM JSON model");
  app.footer(
      "A key without a value is shown. For instance:\n"
      "  codicom-find ORTHANC@127.0.0.1:4242 -k 'PatientName=ALLISON*'\n"
      "  codicom-find ORTHANC@127.0.0.1:4242 -k StudyDate=20200101- -k ModalitiesInStudy=CT --csv\n"
      "  codicom-find ORTHANC@127.0.0.1:4242 --level series -k StudyInstanceUID=1.2.3 -k SeriesDate\n"
      "  codicom-find WORKLIST@127.0.0.1:4242 -W -k 'ScheduledProcedureStepSequence[0].Modality=CT'\n"
      "Exit codes: 0 done, also when nothing matches, 2 usage, 3 no association, 4 refused, 130 cancelled.");
  if (const auto code = parse(app, into.common, argc, argv)) return code;
  try {
    into.level = read_keys(into.keys, keys, level);
    if (CLI::detail::to_lower(model) == "worklist") into.worklist = true;
    else if (into.worklist && !model.empty())
      return usage_error(app, fmt::format("--worklist and --model {} contradict each other", model));
    if (into.worklist && !level.empty()) return usage_error(app, "a worklist has no levels: leave out --level");
    into.model = read_model(model, into.level);
  } catch (const std::invalid_argument& error) {
    return usage_error(app, error.what());
  }

  into.columns = usual_columns(into.level, into.worklist);
  for (const auto& key : keys) {
    const auto path = key.substr(0, key.find('='));
    const auto tag = codicom::parse_tag(path);
    const bool shown = std::any_of(into.columns.begin(), into.columns.end(), [&](const std::string& column) {
      return column == path || (tag && codicom::parse_tag(column) == tag);
    });
    if (!shown && tag != codicom::tag::QueryRetrieveLevel && tag != codicom::tag::SpecificCharacterSet)
      into.columns.insert(into.columns.end() - 1, path);  // the unique key, which is long, stays last
  }
  return std::nullopt;
}

}  // namespace tools
