// codicom-echo: does a DICOM peer answer?
//
//     codicom-echo ORTHANC@127.0.0.1:4242 --count 3
#include "../common/calling.hpp"
#include "../common/json_lines.hpp"

#include <codicom/coro/event.hpp>
#include <codicom/coro/run.hpp>
#include <codicom/net/association.hpp>
#include <codicom/service/classes.hpp>

#include <chrono>
#include <exception>

namespace {

using namespace codicom;
using tools::exit_code;

task<exit_code> echo(peer to, tools::common_options common, unsigned count) {
  const tools::json_lines json{common.json};
  auto options = tools::calling(common, to);
  options.propose(service::verification);
  auto over = co_await associate(to, options);
  auto outcome = exit_code::done;
  for (unsigned i = 0; i < count; ++i) {
    if (i != 0) co_await sleep_for(std::chrono::seconds{1});
    const auto start = std::chrono::steady_clock::now();
    const auto answer = co_await over.echo();
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
    auto line = tools::event("echo");
    line["status"] = to_string(answer.status);
    line["milliseconds"] = took.count();
    json.write(line);
    if (!json.is_on())
      fmt::print("{} answers {} in {:.1f} ms\n", to_string(to),
                 answer.status.is_success() ? std::string{"success"} : to_string(answer.status), took.count());
    if (!answer.status.is_success()) outcome = exit_code::refused;
  }
  co_await over.release();
  co_return outcome;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Ask a DICOM peer for a sign of life (C-ECHO).", "codicom-echo"};
  tools::common_options common;
  peer to;
  unsigned count = 1;
  tools::add_peer(app, to);
  app.add_option("--count", count, "how often, a second apart (default 1)")->type_name("N")->check(CLI::Range(1, 1000000));
  tools::add_calling(app, common);
  app.footer(
      "For instance:\n"
      "  codicom-echo ORTHANC@127.0.0.1:4242\n"
      "  codicom-echo ORTHANC@127.0.0.1:4242 --aet WORKSTATION --timeout 5\n"
      "Exit codes: 0 answered, 2 usage, 3 no association, 4 refused.");
  if (const auto code = tools::parse(app, common, argc, argv)) return *code;
  try {
    return static_cast<int>(run(echo(to, common, count)));
  } catch (const std::exception& error) {
    fmt::print(stderr, "codicom-echo: {}\n", error.what());
    return static_cast<int>(exit_code::no_association);
  }
}
