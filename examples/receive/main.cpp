// codicom-receive: receive DICOM objects (C-STORE) and keep them as files.
//
//     codicom-receive inbox --aet WORKSTATION --listen 11112
#include "../common/interrupts.hpp"
#include "../common/json_lines.hpp"
#include "../common/listening.hpp"
#include "../common/progress.hpp"
#include "../common/run_tool.hpp"
#include "../common/status_text.hpp"
#include "../common/tally.hpp"
#include "../common/timeout.hpp"
#include "arguments.hpp"

#include <codicom/coro/event.hpp>
#include <codicom/coro/run.hpp>
#include <codicom/coro/scope.hpp>
#include <codicom/dimse/dimse_status.hpp>

#include <chrono>
#include <csignal>
#include <exception>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

namespace tools {
namespace {

using namespace codicom;

class receive_session {
 public:
  explicit receive_session(receive_arguments arguments)
      : arguments_{std::move(arguments)}, json_{arguments_.common.json} {}

  [[nodiscard]] task<exit_code> run();

 private:
  task<> take_objects();
  task<> keep(incoming_object object);
  task<> stop();
  void tell_ready() const;
  exit_code summarize();

  void say(std::string_view text) { progress_.line(fmt::format("codicom-receive: {}", text)); }

  receive_arguments arguments_;
  json_lines json_;
  progress progress_;
  std::optional<store_receiver> receiver_;
  std::optional<codicom::event> changed_;
  bool stopping_ = false, stopped_ = false, finished_ = false;
  std::uint64_t received_ = 0, refused_ = 0, failed_ = 0, bytes_ = 0;
  tally reasons_{"object"};
};

task<exit_code> receive_session::run() {
  if (const auto error = make_writable_folder(arguments_.folder)) {
    say(fmt::format("cannot write to the folder {}: {}", arguments_.folder.string(), error.message()));
    co_return exit_code::local_io;
  }
  store_receiver_options options;
  options.unknown_sop_classes = true;
  options.calling_ae_titles = arguments_.allowed;
  options.check_called_ae_title = arguments_.check_called;
  options.acceptor.limits.associations = arguments_.max_associations;
  options.acceptor.recording = arguments_.common.recording;
  std::string why;
  try {
    options.acceptor.security = arguments_.common.tls.server();
    apply_timeout(arguments_.common, options.acceptor);
    receiver_.emplace(co_await listen(arguments_.listen, arguments_.common.aet, options));
  } catch (const std::system_error& error) {
    why = why_not_listening(arguments_.listen, error);
  }
  if (!receiver_) {
    say(why);
    co_return exit_code::local_io;
  }
  progress_.begin(arguments_.common.aet.view());
  changed_.emplace(co_await asio::this_coro::executor);
  auto ended = co_await race(take_objects(), until_interrupted_twice([this] { return stop(); }, [this] { tell_ready(); }));
  if (ended.first.exception() && !stopping_) std::rethrow_exception(ended.first.exception());
  finished_ = ended.first.has_value();
  co_return summarize();
}

void receive_session::tell_ready() const {
  auto where = arguments_.listen;
  where.port = receiver_->port();
  if (where.address.empty()) where.address = "0.0.0.0";
  if (json_.is_on()) {
    auto line = event("listening");
    line["address"] = to_string(where);
    line["aet"] = arguments_.common.aet.view();
    json_.write(line);
  } else {
    fmt::print("listening on {} as {}\n", to_string(where), arguments_.common.aet.view());
    std::fflush(stdout);
  }
}

/// Each association waits for its own objects only.
task<> receive_session::take_objects() {
  const auto where = co_await asio::this_coro::executor;
  scope under_way{where};
  while (auto object = co_await receiver_->next()) under_way.spawn(keep(std::move(*object)));
  co_await under_way.join();
  while (!stopped_) co_await changed_->wait();  // associations are released, too
}

task<> receive_session::stop() {
  stopping_ = true;
  say("stopping: what is under way is finished; once more to abort");
  co_await receiver_->stop();
  stopped_ = true;
  changed_->notify_all();
}

task<> receive_session::keep(incoming_object object) {
  const auto request = object.request();
  const auto sender = object.association().calling_ae_title();
  auto line = event("arrived");
  line["calling_ae_title"] = sender.view();
  line["sop_class_uid"] = request.affected_sop_class_uid.view();
  line["sop_instance_uid"] = request.affected_sop_instance_uid.view();
  line["transfer_syntax_uid"] = object.transfer_syntax().view();
  std::string problem;
  try {
    const auto folder = co_await folder_for(object, arguments_.folder, arguments_.layout);
    const auto saved = co_await object.save(folder, arguments_.saving);
    if (saved.outcome == save_outcome::refused) {
      ++refused_;
      line["event"] = "refused";
      line["status"] = to_string(saved.status);
      json_.write(line);
      reasons_.add(fmt::format("refused: {}", status_text(status_service::storage, saved.status, {})));
      co_return;
    }
    if (saved.outcome == save_outcome::renamed_conflict)
      say(fmt::format("another object with the UID {} is there already: this one is kept as {}",
                      printable(request.affected_sop_instance_uid.view()), saved.path.string()));
    ++received_;
    bytes_ += saved.bytes;
    line["file"] = saved.path.string();
    line["bytes"] = saved.bytes;
    json_.write(line);
    if (arguments_.common.verbose)
      progress_.line(fmt::format("{}  {}  {}", sender.view(), saved.path.string(), human_bytes(saved.bytes)));
    progress_.update(received_, 0, bytes_);
  } catch (const std::system_error& error) {
    if (error.code() == failure::cancelled) throw;
    problem = error.what();
  }
  if (problem.empty()) co_return;
  ++failed_;
  line["event"] = "failed";
  line["comment"] = problem;
  json_.write(line);
  reasons_.add(problem);
  say(fmt::format("cannot keep {} of {}: {}", printable(request.affected_sop_instance_uid.view()), printable(sender.view()),
                  problem));
}

exit_code receive_session::summarize() {
  progress_.clear();
  const auto code = !finished_ ? exit_code::cancelled : failed_ == 0 ? exit_code::done : exit_code::partly;
  auto line = event("done");
  line["received"] = received_;
  line["refused"] = refused_;
  line["failed"] = failed_;
  line["bytes"] = bytes_;
  line["exit_code"] = static_cast<int>(code);
  json_.write(line);
  auto* const out = json_.is_on() ? stderr : stdout;
  fmt::print(out, "received {}, {}; {} refused, {} failed\n", counted(received_, "object"), human_bytes(bytes_), refused_,
             failed_);
  reasons_.print(out);
  return code;
}

task<exit_code> run_session(receive_arguments arguments) {
  receive_session session{std::move(arguments)};
  co_return co_await session.run();
}

}  // namespace
}  // namespace tools

int main(int argc, char** argv) {
  std::signal(SIGXFSZ, SIG_IGN);  // a file size limit is an error like a full disk
  const auto work = [](tools::receive_arguments arguments) {
    return codicom::run(tools::run_session(std::move(arguments)));
  };
  return tools::run_tool<tools::receive_arguments>("codicom-receive", argc, argv, work);
}
