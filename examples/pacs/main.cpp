// codicom-pacs: a small archive. It serves a folder of DICOM files: C-ECHO, C-STORE, C-FIND, C-MOVE, C-GET, storage
// commitment, performed procedure steps, and a modality worklist from another folder.
//
//     codicom-pacs studies --listen 11112 --peer CODICOM@127.0.0.1:11113
//
// Whoever shall receive by C-MOVE needs a --peer, which maps its AE title to its address; so does who wants to hear of
// storage commitment after it has left.
#include "archive.hpp"
#include "command_line.hpp"
#include "endpoint.hpp"
#include "timeout.hpp"

#include <codicom/coro/blocking.hpp>
#include <codicom/coro/run.hpp>
#include <codicom/coro/scope.hpp>
#include <codicom/net/serve.hpp>

#include <asio/signal_set.hpp>
#include <asio/this_coro.hpp>

#include <csignal>
#include <cstdlib>
#include <exception>
#include <fmt/format.h>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace {

using namespace codicom;

struct pacs_arguments {
  pacs_arguments() { common.aet = "CODICOMPACS"; }

  tools::common_options common;
  std::filesystem::path folder;
  tools::endpoint listen;
  std::vector<peer> peers;
  std::vector<ae_title> allowed;
  std::uint32_t max_associations = 64;
  std::filesystem::path index;
  std::filesystem::path state;
  std::filesystem::path worklist;
  std::filesystem::path log;
  save_options saving;
  bool answer_any_relational_query = false;
};

std::optional<int> parse_arguments(int argc, char** argv, pacs_arguments& arguments) {
  CLI::App app{"Serve a folder of DICOM files as an archive: C-ECHO, C-STORE, C-FIND, C-MOVE, C-GET, storage commitment, performed "
               "procedure steps, modality worklist.", "codicom-pacs"};
  app.add_option("DIR", arguments.folder, "the folder; what is stored goes there")
      ->type_name("")
      ->required()
      ->check(CLI::ExistingDirectory);
  tools::add_listen(app, arguments.listen);
  app.add_option_function<std::vector<std::string>>(
         "--peer",
         [&](const std::vector<std::string>& texts) {
           for (const auto& text : texts) arguments.peers.push_back(tools::detail::peer_of(text));
         },
         "a destination of C-MOVE and of reports of storage commitment: AET@host:port; repeatable")
      ->type_name("PEER")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  tools::add_allow(app, arguments.allowed);
  app.add_option("--max-associations", arguments.max_associations, "associations open at once (default 64)")
      ->type_name("N")
      ->check(CLI::Range(1u, 100000u));
  app.add_option("--index", arguments.index, "the index, an SQLite database (default: hidden in DIR); it can be deleted")
      ->type_name("FILE");
  app.add_option("--worklist", arguments.worklist,
                 "a folder of worklist items, one a file, answered as a modality worklist; read again when it changes")
      ->type_name("DIR")
      ->check(CLI::ExistingDirectory);
  app.add_option("--state", arguments.state,
                 "what the files do not tell, an SQLite database (default: hidden in DIR); keep it")
      ->type_name("FILE");
  tools::add_saving(app, arguments.saving);
  app.add_flag("--relational", arguments.answer_any_relational_query,
               "answer C-FIND without the unique keys of the levels above, also where that was not negotiated");
  app.add_option("--log", arguments.log, "a structured log: one JSON object a line, what happened and who asked")
      ->type_name("FILE");
  app.set_config("--config", "", "options from a TOML file, without their dashes: peer = [\"AET@host:port\", ...]")
      ->type_name("FILE")
      ->check(CLI::ExistingFile);
  tools::add_tls(app, arguments.common.tls);
  tools::add_record(app, arguments.common.recording);
  tools::add_common(app, arguments.common);
  app.footer(
      "For instance:\n"
      "  codicom-pacs studies --listen 11112 --peer CODICOM@127.0.0.1:11113\n"
      "  codicom-pacs studies --allow WORKSTATION --log pacs.log\n"
      "Exit codes: 0 stopped by Ctrl-C or SIGTERM, 2 usage, 5 port in use, folder or index not usable.");
  if (const auto code = tools::parse(app, arguments.common, argc, argv)) return code;
  if (!arguments.common.tls.can_serve())
    return tools::usage_error(app, "--tls needs --cert and --key, which prove who we are, and --ca, which tells whom to let in");
  return std::nullopt;
}

/// Until SIGTERM or SIGINT: then nobody new is let in, and what is under way is finished. A second one ends at once.
/// `ready` is printed once signals are taken.
task<> stop_on_signal(listener& where, std::string ready) {
  const auto own = co_await asio::this_coro::executor;
  asio::signal_set signals{own, SIGTERM, SIGINT};
  fmt::print("{}\n", ready);
  std::fflush(stdout);
  co_await signals.async_wait(asio::use_awaitable);
  fmt::print(stderr, "codicom-pacs: stopping\n");
  where.stop();
  co_await signals.async_wait(asio::use_awaitable);
  std::_Exit(static_cast<int>(tools::exit_code::cancelled));
}

task<int> serve_archive(const pacs_arguments& arguments) {
  tools::archive_options how;
  how.title = arguments.common.aet;
  how.index = arguments.index;
  how.state = arguments.state;
  how.worklist = arguments.worklist;
  how.saving = arguments.saving;
  how.queries.answer_any_relational_query = arguments.answer_any_relational_query;
  how.moves.destinations = arguments.peers;
  how.json = tools::json_lines{arguments.common.json};
  how.moves.association.recording = arguments.common.recording;
  how.moves.association.security = arguments.common.tls.client();
  tools::apply_timeout(arguments.common, how.moves.association);
  if (!arguments.log.empty()) {
    how.events = std::make_shared<tools::event_log>(arguments.log);
    set_log([events = how.events, verbose = arguments.common.verbose](log_level level, std::string_view line) {
      events->write(level, {{"event", "message"}, {"text", line}});
      if (verbose) fmt::print(stderr, "codicom-pacs: {}\n", line);
    });
  }
  tools::archive archive{arguments.folder, std::move(how)};
  const auto where = co_await asio::this_coro::executor;
  const auto look = [&archive] {
    archive.update();
    return archive.count();
  };
  const auto have = co_await blocking(where, look);
  fmt::print(stderr, "codicom-pacs: {} objects in {} series of {} studies; {} files passed over\n", have.instances,
             have.series, have.studies, have.passed_over);

  auto options = archive.accepted();
  options.policy.calling_ae_titles = arguments.allowed;
  options.limits.associations = arguments.max_associations;
  options.recording = arguments.common.recording;
  options.security = arguments.common.tls.server();
  tools::apply_timeout(arguments.common, options);

  auto bound = co_await listen(arguments.listen.address, arguments.listen.port);
  const auto address = bound.address().find(':') == std::string::npos ? bound.address() : '[' + bound.address() + ']';
  const auto ready = fmt::format("listening on {}:{} as {}", address, bound.port(), arguments.common.aet.view());

  auto served = archive.handlers();
  auto serving = [](listener& from, acceptor_options accepts, handlers with, tools::archive& of) -> task<> {
    auto ended = co_await race(serve(from, std::move(accepts), std::move(with)), of.run());
    if (ended.winner == 2) static_cast<void>(ended.second.value());
    static_cast<void>(ended.first.value());
  };
  auto ended = co_await race(serving(bound, std::move(options), std::move(served), archive), stop_on_signal(bound, ready));
  static_cast<void>(ended.first.value());  // what ended the server, if it was no signal
  co_return 0;
}

}  // namespace

int main(int argc, char** argv) {
  pacs_arguments arguments;
  if (const auto code = parse_arguments(argc, argv, arguments)) return *code;
  std::signal(SIGPIPE, SIG_IGN);  // who reads our standard output may leave
  std::signal(SIGXFSZ, SIG_IGN);  // a file size limit is an error like a full disk
  try {
    return run(serve_archive(arguments));
  } catch (const std::system_error& error) {
    const bool listening = std::string_view{error.what()}.starts_with("cannot listen");
    fmt::print(stderr, "codicom-pacs: {}{}\n", error.what(),
               listening ? ". Choose another address with --listen [ADDR:]PORT; 0 picks a free port" : "");
    return static_cast<int>(tools::exit_code::local_io);
  } catch (const tools::database_error& error) {
    fmt::print(stderr, "codicom-pacs: {}. Choose another place with --index FILE\n", error.what());
    return static_cast<int>(tools::exit_code::local_io);
  } catch (const std::exception& error) {
    fmt::print(stderr, "codicom-pacs: {}\n", error.what());
    return static_cast<int>(tools::exit_code::local_io);
  }
}
