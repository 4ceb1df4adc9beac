// codicom-send: send DICOM files to an archive (C-STORE).
//
//     codicom-send ORTHANC@127.0.0.1:4242 studies
#include "../common/calling.hpp"
#include "../common/interrupts.hpp"
#include "../common/json_lines.hpp"
#include "../common/listening.hpp"
#include "../common/run_tool.hpp"
#include "../common/status_text.hpp"
#include "../common/tally.hpp"
#include "arguments.hpp"

#include <codicom/coro/blocking.hpp>
#include <codicom/coro/result.hpp>
#include <codicom/coro/run.hpp>
#include <codicom/coro/scope.hpp>
#include <codicom/dictionary/sop_classes.hpp>
#include <codicom/dul/association_error.hpp>
#include <codicom/service/classes.hpp>
#include <codicom/service/send.hpp>
#include <codicom/service/storage_commitment.hpp>

#include <chrono>
#include <exception>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace tools {
namespace {

using namespace codicom;

const char* word_of(service::send_outcome outcome) {
  static constexpr const char* words[] = {"stored", "refused", "not_accepted", "unreadable", "lost", "not_sent"};
  return words[static_cast<std::size_t>(outcome)];
}

class send_session {
 public:
  explicit send_session(send_arguments arguments) : arguments_{std::move(arguments)}, json_{arguments_.common.json} {}

  [[nodiscard]] task<exit_code> run();

 private:
  task<> look_at_files();
  task<> send();
  task<> commit();
  void tell(const service::commitment_outcome& outcome);
  task<> interrupted();
  void tell(const service::send_result& result);
  exit_code summarize();

  void say(std::string_view text) { progress_.line(fmt::format("codicom-send: {}", text)); }

  send_arguments arguments_;
  json_lines json_;
  progress progress_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  std::vector<service::outgoing_file> files_;
  std::optional<service::bulk_sending> sending_;

  bool cancelled_ = false;
  std::optional<exit_code> broken_;
  std::uint64_t passed_over_ = 0, unreadable_ = 0, told_ = 0;
  std::uint64_t stored_ = 0, warnings_ = 0, refused_ = 0, not_accepted_ = 0, lost_ = 0;
  std::uint64_t committed_ = 0, uncommitted_ = 0;
  std::vector<service::instance_reference> kept_;  // by the peer's word, each once
  std::set<unique_id> kept_uids_;
  std::uint64_t bytes_ = 0;
  tally reasons_{"file"};
};

/// What of it can be sent: a file named by itself has to be, others are passed over.
task<> send_session::look_at_files() {
  struct look {
    std::optional<service::outgoing_file> file;
    std::string why;
  };
  const auto where = co_await asio::this_coro::executor;
  const auto read = [&given = arguments_.files] {
    std::vector<look> looks(given.size());
    for (std::size_t i = 0; i < given.size(); ++i) {
      try {
        service::outgoing_file file{given[i].path};
        if (file.sop_class_uid == sop_class::MediaStorageDirectoryStorage) looks[i].why = "a DICOMDIR lists files and is not sent";
        else if (file.sop_class_uid.empty() || file.sop_instance_uid.empty()) looks[i].why = "it has no SOP Class or Instance UID";
        else looks[i].file = std::move(file);
      } catch (const std::system_error& error) {
        looks[i].why = error.what();
      }
    }
    return looks;
  };
  auto looks = co_await blocking(where, read);
  for (std::size_t i = 0; i < looks.size(); ++i) {
    if (looks[i].file) {
      files_.push_back(std::move(*looks[i].file));
      continue;
    }
    const auto& given = arguments_.files[i];
    ++(given.named ? unreadable_ : passed_over_);
    auto line = event(given.named ? "failed" : "passed_over");
    line["file"] = given.path.string();
    if (given.named) line["reason"] = word_of(service::send_outcome::unreadable);
    line["comment"] = looks[i].why;
    json_.write(line);
    if (given.named || arguments_.common.verbose) say(fmt::format("{}: {}", given.path.string(), looks[i].why));
  }
  arguments_.files.clear();
}

task<exit_code> send_session::run() {
  co_await look_at_files();
  if (files_.empty()) {
    say(passed_over_ == 0 ? "there is nothing to send"
                          : fmt::format("there is no DICOM file among {}", counted(passed_over_, "file")));
    co_return exit_code::local_io;
  }
  auto ended = co_await race(send(), until_interrupted_twice([this] { return interrupted(); }));
  if (ended.first.exception() && !cancelled_) {
    try {
      std::rethrow_exception(ended.first.exception());
    } catch (const std::system_error& error) {
      say(error.what());
      broken_ = error.code() == failure::local_io ? exit_code::local_io : exit_code::no_association;
    }
  }
  co_return summarize();
}

task<> send_session::send() {
  progress_.begin(to_string(arguments_.to));
  service::send_handlers with;
  with.connect = [this](dul::proposal contexts) -> task<association> {
    auto options = calling(arguments_.common, arguments_.to);
    options.contexts = std::move(contexts);
    co_return co_await associate(arguments_.to, std::move(options));
  };
  with.on_result = [this](const service::send_result& result) { tell(result); };
  service::send_options how;
  how.parallel = arguments_.parallel;
  how.retries = arguments_.retries;
  sending_.emplace(std::move(files_), std::move(with), how);
  co_await sending_->run();
  if (arguments_.commit && !cancelled_ && !kept_.empty()) co_await commit();
}

/// Does the archive keep what it has stored (PS3.4 Annex J)?
task<> send_session::commit() {
  progress_.begin("storage commitment");
  std::optional<service::commitment_receiver> reports;
  std::string why;
  try {
    if (arguments_.listen) {
      acceptor_options accepted;
      accepted.security = arguments_.common.tls.server();
      accepted.recording = arguments_.common.recording;
      reports.emplace(co_await service::commitment_receiver::listen(arguments_.listen->address, arguments_.listen->port,
                                                                    std::move(accepted)));
    }
    auto options = calling(arguments_.common, arguments_.to);
    options.propose(service::storage_commitment);
    auto over = co_await associate(arguments_.to, std::move(options));
    service::commitment_options how;
    how.receiver = reports ? &*reports : nullptr;
    how.wait = arguments_.commit_wait;
    const auto outcome = co_await service::commit(over, kept_, how);
    tell(outcome);
    if (over.is_open()) {
      const auto released = co_await as_result(over.release());
      static_cast<void>(released);
    }
  } catch (const std::system_error& error) {
    if (error.code() == failure::cancelled) throw;
    why = arguments_.listen && !reports ? why_not_listening(*arguments_.listen, error) : error.what();
  }
  if (!why.empty()) {
    uncommitted_ = kept_.size();
    reasons_.add("sent, but not committed: " + why, kept_.size());
  }
  if (reports) co_await reports->stop();
}

void send_session::tell(const service::commitment_outcome& outcome) {
  const auto write = [this, &outcome](const char* name, const service::instance_reference& instance, std::string_view why) {
    auto line = event(name);
    line["transaction_uid"] = outcome.transaction_uid.view();
    line["sop_class_uid"] = instance.sop_class_uid.view();
    line["sop_instance_uid"] = instance.sop_instance_uid.view();
    if (!why.empty()) line["reason"] = why;
    json_.write(line);
  };
  for (const auto& each : outcome.committed) write("committed", each, {});
  for (const auto& each : outcome.failed) {
    const auto why = status_text(status_service::storage_commitment_failure_reason, each.reason, {});
    write("not_committed", each.instance, why);
    reasons_.add("sent, but not committed: " + why);
  }
  const auto why = outcome.request_status.is_failure()
                       ? "the archive refuses to commit: " +
                             status_text(status_service::general, outcome.request_status, outcome.comment)
                   : arguments_.listen ? "no report came in time"
                                       : "no report came in time on this association; most archives call back: "
                                         "--listen PORT, with us in their table";
  for (const auto& each : outcome.unanswered) {
    write("not_committed", each, why);
    reasons_.add("sent, but not committed: " + why);
  }
  committed_ = outcome.committed.size();
  uncommitted_ = outcome.failed.size() + outcome.unanswered.size();
}

task<> send_session::interrupted() {
  cancelled_ = true;
  say("finishing what is under way; once more to abort");
  if (sending_) sending_->stop();
  co_return;
}

void send_session::tell(const service::send_result& result) {
  using service::send_outcome;
  const auto& file = result.file;
  const bool stored = result.outcome == send_outcome::stored;
  auto line = event(stored ? "stored" : "failed");
  line["file"] = file.path.string();
  line["sop_class_uid"] = file.sop_class_uid.view();
  line["sop_instance_uid"] = file.sop_instance_uid.view();
  line["transfer_syntax_uid"] = file.transfer_syntax_uid.view();
  line["bytes"] = file.bytes;
  if (!stored) line["reason"] = word_of(result.outcome);
  if (result.status) line["status"] = to_string(*result.status);
  if (!result.comment.empty()) line["comment"] = result.comment;
  json_.write(line);

  const auto answer = result.status ? status_text(status_service::storage, *result.status, result.comment) : result.comment;
  switch (result.outcome) {
    case send_outcome::stored:
      ++stored_;
      if (kept_uids_.insert(file.sop_instance_uid).second) kept_.emplace_back(file.sop_class_uid, file.sop_instance_uid);
      bytes_ += file.bytes;
      if (result.status->is_warning()) {
        ++warnings_;
        say(fmt::format("{}: stored with a warning: {}", file.path.string(), answer));
      }
      break;
    case send_outcome::refused: ++refused_; break;
    case send_outcome::not_accepted: ++not_accepted_; break;
    case send_outcome::unreadable: ++unreadable_; break;
    case send_outcome::lost:
    case send_outcome::not_sent: ++lost_; break;
  }
  if (!stored) {
    reasons_.add(answer);
    // Why an association does not take a kind of file, or was never made, is said once, in the summary.
    if (result.outcome != send_outcome::not_accepted && result.outcome != send_outcome::not_sent)
      say(fmt::format("{}: {}: {}", file.path.string(), word_of(result.outcome), answer));
  }
  if (arguments_.common.verbose && stored)
    progress_.line(fmt::format("{}  {}  {}", to_string(*result.status), file.path.string(), human_bytes(file.bytes)));
  progress_.update(++told_, sending_->results().size(), bytes_);
}

exit_code send_session::summarize() {
  progress_.clear();
  const auto failed = refused_ + not_accepted_ + unreadable_ + lost_;
  auto code = failed + uncommitted_ == 0 ? exit_code::done : exit_code::partly;
  if (stored_ == 0) {
    if (refused_ != 0) code = exit_code::refused;
    else if (not_accepted_ != 0) code = exit_code::no_association;
    else if (lost_ == 0) code = exit_code::local_io;
    if (broken_) code = *broken_;
  }
  if (cancelled_) code = exit_code::cancelled;
  const auto seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();

  auto line = event("done");
  line["stored"] = stored_;
  line["failed"] = failed;
  line["warnings"] = warnings_;
  if (arguments_.commit) line["committed"] = committed_;
  line["passed_over"] = passed_over_;
  line["bytes"] = bytes_;
  line["seconds"] = seconds;
  line["cancelled"] = cancelled_;
  line["exit_code"] = static_cast<int>(code);
  json_.write(line);

  auto* const out = json_.is_on() ? stderr : stdout;
  auto text = fmt::format("sent {}, {} failed", counted(stored_, "file"), failed);
  if (warnings_ != 0) text += ", " + counted(warnings_, "warning");
  if (passed_over_ != 0) text += fmt::format(", {} passed over that are no DICOM files", passed_over_);
  if (arguments_.commit) text += fmt::format(", {} committed", committed_);
  if (cancelled_) text += ", cancelled";
  fmt::print(out, "{}\n", text);
  if (bytes_ != 0) fmt::print(out, "  {}\n", speed(bytes_, seconds));
  reasons_.print(out);
  return code;
}

task<exit_code> run_session(send_arguments arguments) {
  send_session session{std::move(arguments)};
  co_return co_await session.run();
}

}  // namespace
}  // namespace tools

int main(int argc, char** argv) {
  const auto work = [](tools::send_arguments arguments) {
    return codicom::run(tools::run_session(std::move(arguments)));
  };
  return tools::run_tool<tools::send_arguments>("codicom-send", argc, argv, work);
}
