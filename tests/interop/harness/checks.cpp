#include "checks.hpp"

#include <doctest/doctest.h>

#include <sstream>

namespace interop {

outcome movescu(const entity& archive, const entity& destination, const std::string& study,
                const std::vector<std::string>& options, const fs::path& working_folder) {
  std::vector<std::string> command{"movescu", "-d", "-S", "-aet", "MOVESCU", "-aem", destination.aet, "-aec", archive.aet,
                                   "-k", "QueryRetrieveLevel=STUDY", "-k", "StudyInstanceUID=" + study};
  command.insert(command.end(), options.begin(), options.end());
  command.insert(command.end(), {"127.0.0.1", std::to_string(archive.port)});
  return run(command, 180s, working_folder);
}

std::vector<move_response> move_responses(const std::string& log) {
  std::vector<move_response> found;
  bool is_response = false;
  std::istringstream in{log};
  for (std::string line; std::getline(in, line);) {
    const auto value = [&](std::string_view name) -> std::optional<std::string> {
      const auto at = line.find(name);
      if (at == std::string::npos) return std::nullopt;
      const auto colon = line.find(": ", at);
      return colon == std::string::npos ? std::nullopt : std::optional{line.substr(colon + 2)};
    };
    const auto number = [](const std::string& text) {
      return text.empty() || text[0] == 'n' ? std::nullopt : std::optional{std::stoi(text)};  // "none"
    };
    if (const auto type = value("Message Type ")) {
      is_response = *type == "C-MOVE RSP";
      if (is_response) found.emplace_back();
    }
    if (!is_response) continue;
    auto& response = found.back();
    if (const auto text = value("Remaining Suboperations")) response.remaining = number(*text);
    if (const auto text = value("Completed Suboperations")) response.completed = number(*text);
    if (const auto text = value("Failed Suboperations")) response.failed = number(*text);
    if (const auto text = value("Warning Suboperations")) response.warning = number(*text);
    if (const auto text = value("DIMSE Status")) response.status = static_cast<unsigned>(std::stoul(*text, nullptr, 16));
  }
  return found;
}

void check_counts(const std::vector<move_response>& responses, int total) {
  REQUIRE(!responses.empty());
  int completed = 0;
  for (std::size_t i = 0; i < responses.size(); ++i) {
    const auto& response = responses[i];
    const bool is_last = i + 1 == responses.size();
    CHECK((response.status == 0xFF00) == !is_last);
    CHECK(response.remaining.has_value() == (!is_last || response.status == 0xFE00));
    CHECK(response.completed.value_or(0) >= completed);
    completed = response.completed.value_or(0);
    CHECK(response.remaining.value_or(0) + completed + response.failed.value_or(0) + response.warning.value_or(0) == total);
  }
}

void check_retrieves_everything(const archive& archive, const entity& self, const storescp& reference, std::size_t objects) {
  const auto studies = studies_of(archive);
  CHECK(studies.size() >= 3);
  for (const auto& study : studies) {
    const auto moved = movescu(archive, reference, study);
    CHECK_MESSAGE(moved.code == 0, moved.all() << archive.server->all());
  }
  const auto expected = by_uid(reference.folder());
  CHECK(expected.size() == objects);

  const temp_folder ours;
  const auto result = retrieve(archive, self, ours, {"-k", "StudyInstanceUID"});
  INFO(result.err);
  CHECK(result.code == 0);
  CHECK(result.done("studies") == static_cast<long>(studies.size()));
  CHECK(result.done("received") == static_cast<long>(objects));
  CHECK(result.done("failed") == 0);
  CHECK(result.done("missing") == 0);
  CHECK(result.count("arrived") == objects);
  CHECK(result.count("unexpected") == 0);
  for (const auto& event : result.all("arrived")) {
    const auto uid = event.value("sop_instance_uid", "");
    const auto file = expected.find(uid);
    CHECK_MESSAGE(file != expected.end(), uid << " was not sent to storescp");
    if (file == expected.end()) continue;
    const auto facts = read_part10(file->second);
    CHECK(event.value("transfer_syntax_uid", "") == facts.transfer_syntax_uid);
    CHECK(event.value("sop_class_uid", "") == facts.sop_class_uid);
    CHECK(event.value("bytes", std::uintmax_t{0}) == facts.data_set_size);
    CHECK(event.value("calling_ae_title", "") == archive.aet);
  }
  CHECK(same_objects(by_uid(ours), expected));
  check_only_complete_files(ours);
  MESSAGE(objects << " objects of " << studies.size() << " studies from " << archive.aet << " in " << result.seconds << " s");
}

void check_only_complete_files(const fs::path& folder) {
  for (const auto& file : files_below(folder)) {
    CHECK(file.extension() == ".dcm");
    part10 facts;
    CHECK_NOTHROW_MESSAGE(facts = read_part10(file), file.filename().string());
    CHECK(file.stem() == facts.sop_instance_uid);
  }
}

}  // namespace interop
