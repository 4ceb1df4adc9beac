// codicom-find: what is in a DICOM archive or worklist (C-FIND)?
//
//     codicom-find ORTHANC@127.0.0.1:4242 -k 'PatientName=ALLISON*'
#include "../common/calling.hpp"
#include "../common/csv.hpp"
#include "../common/find_advice.hpp"
#include "../common/interrupts.hpp"
#include "../common/json_lines.hpp"
#include "../common/query.hpp"
#include "../common/run_tool.hpp"
#include "../common/table.hpp"
#include "arguments.hpp"

#include <codicom/coro/run.hpp>
#include <codicom/coro/scope.hpp>
#include <codicom/dictionary/dictionary.hpp>
#include <codicom/dictionary/uids.hpp>
#include <codicom/dul/association_error.hpp>
#include <codicom/encoding/encode_json.hpp>
#include <codicom/service/classes.hpp>

#include <cstdio>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace tools {
namespace {

using namespace codicom;

/// The last attribute of a path, as a heading.
std::string heading_of(std::string_view path) {
  const auto name = path.substr(path.rfind('.') + 1);
  const auto tag = parse_tag(name);
  const auto known = tag ? keyword(*tag) : std::string_view{};
  return std::string{known.empty() ? path : known};
}

/// What stands in a cell for a person: UIDs of classes by name, peers' control characters blotted out.
std::string cell_of(const data_set& match, const std::string& path) {
  auto text = printable(match.text(path));
  if (heading_of(path) == "SOPClassUID")
    if (const auto name = uid_name(unique_id{text}); !name.empty()) return std::string{name};
  return text;
}

class find_session {
 public:
  explicit find_session(find_arguments arguments) : arguments_{std::move(arguments)}, json_{arguments_.common.json} {}

  [[nodiscard]] task<exit_code> run();

 private:
  task<> find();
  void show() const;

  void say(std::string_view text) { progress_.line(fmt::format("codicom-find: {}", text)); }

  find_arguments arguments_;
  json_lines json_;
  progress progress_;
  std::optional<query> query_;
  std::vector<data_set> matches_;
  exit_code outcome_ = exit_code::done;
  bool interrupted_ = false;
};

task<exit_code> find_session::run() {
  const auto on_signal = [this]() -> task<> {
    interrupted_ = true;
    if (query_) co_await query_->cancel();
  };
  auto ended = co_await race(find(), until_interrupted_twice(on_signal));
  if (ended.first.exception() && !interrupted_) {
    try {
      std::rethrow_exception(ended.first.exception());
    } catch (const std::system_error& error) {
      say(error.what());
      outcome_ = error.code() == failure::local_io ? exit_code::local_io : exit_code::no_association;
    }
  }
  progress_.clear();
  if (interrupted_) outcome_ = exit_code::cancelled;
  auto line = event("done");
  line["matches"] = matches_.size();
  line["limited"] = query_ && query_->limited();
  line["exit_code"] = static_cast<int>(outcome_);
  if (json_.is_on()) show();
  json_.write(line);
  if (json_.is_on() || (outcome_ != exit_code::done && matches_.empty())) co_return outcome_;
  show();
  say(matches_.empty() ? "nothing matches"
                       : fmt::format("{} {}{}", matches_.size(), matches_.size() == 1 ? "match" : "matches",
                                     query_->limited() ? ", perhaps there are more" : ""));
  co_return outcome_;
}

task<> find_session::find() {
  const auto sop_class = arguments_.worklist ? service::modality_worklist : service::find_class(arguments_.model);
  auto options = calling(arguments_.common, arguments_.to);
  options.propose(sop_class);
  auto over = co_await associate(arguments_.to, std::move(options));
  const auto add_columns = [this](data_set& keys, query_level level) {
    const auto ask = [&keys](const std::string& path) {
      if (keys.find(path) == nullptr) keys.set_text(path, "");
    };
    if (level != arguments_.level) {
      for (const char* name : {"PatientName", "PatientID", "StudyDate", "StudyDescription"})
        if (level_of_key(*parse_tag(name), arguments_.model) == level) ask(name);
      ask(std::string{keyword(service::unique_key(level))});
    } else {
      for (const auto& path : arguments_.columns) ask(path);
    }
  };
  progress_.begin(to_string(arguments_.to));
  query_.emplace(over, arguments_.model, add_columns);
  query_->limit = arguments_.limit;
  query_->on_count = [this](std::size_t count) { progress_.update(count, 0, 0); };
  if (arguments_.worklist) {
    auto identifier = arguments_.keys;
    add_columns(identifier, arguments_.level);
    matches_ = co_await query_->ask(sop_class, std::move(identifier));
  } else {
    matches_ = co_await query_->matches(arguments_.keys, arguments_.level);
  }
  if (query_->refused()) {
    outcome_ = exit_code::refused;
    say(arguments_.worklist
            ? fmt::format("the worklist refuses the C-FIND: {}. Leave out keys, or look into its log.",
                          status_text(status_service::modality_worklist_find, *query_->refused()))
            : find_advice(*query_->refused(), query_->refused_at()));
  }
  if (over.is_open()) co_await over.release();
}

void find_session::show() const {
  if (json_.is_on()) {
    for (const auto& match : matches_) {
      auto line = event("match");
      line["data_set"] = json_object::parse(encode_json(match));
      json_.write(line);
    }
    return;
  }
  std::vector<std::string> heading;
  std::vector<std::vector<std::string>> rows;
  for (const auto& path : arguments_.columns) heading.push_back(arguments_.csv ? path : heading_of(path));
  if (arguments_.csv) fmt::print("{}\n", join_csv(heading));
  for (const auto& match : matches_) {
    std::vector<std::string> row;
    for (const auto& path : arguments_.columns) row.push_back(arguments_.csv ? match.text(path) : cell_of(match, path));
    if (arguments_.csv) fmt::print("{}\n", join_csv(row));
    else rows.push_back(std::move(row));
  }
  if (!rows.empty()) fmt::print("{}", table_of(heading, rows));
  std::fflush(stdout);
}

task<exit_code> run_session(find_arguments arguments) {
  find_session session{std::move(arguments)};
  co_return co_await session.run();
}

}  // namespace
}  // namespace tools

int main(int argc, char** argv) {
  const auto work = [](tools::find_arguments arguments) {
    return codicom::run(tools::run_session(std::move(arguments)));
  };
  return tools::run_tool<tools::find_arguments>("codicom-find", argc, argv, work);
}
