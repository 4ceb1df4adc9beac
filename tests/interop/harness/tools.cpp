#include "tools.hpp"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <mutex>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace interop {

std::size_t report::count(std::string_view event) const { return all(event).size(); }

std::vector<nlohmann::json> report::all(std::string_view event) const {
  std::vector<nlohmann::json> found;
  for (const auto& line : events)
    if (line.value("event", "") == event) found.push_back(line);
  return found;
}

long report::done(std::string_view field) const {
  const auto lines = all("done");
  const std::string name{field};
  return lines.size() == 1 && lines[0].contains(name) ? lines[0][name].get<long>() : -1;
}

std::vector<nlohmann::json> json_lines(const std::string& text) {
  std::vector<nlohmann::json> lines;
  std::istringstream in{text};
  for (std::string line; std::getline(in, line);) {
    auto value = nlohmann::json::parse(line, nullptr, false);
    if (!value.is_discarded()) lines.push_back(std::move(value));
  }
  return lines;
}

report report_of(int code, const process& program) { return {code, json_lines(program.out()), program.err(), 0}; }

entity receiver_entity() {
  entity self;
  self.aet = "CODICOM";
  self.port = free_port();
  return self;
}

std::vector<std::string> retrieve_command(const entity& archive, const entity& self, const fs::path& output,
                                          const std::vector<std::string>& more) {
  std::vector<std::string> command{CODICOM_RETRIEVE, archive.address(), "--json", "--aet", self.aet, "--listen",
                                   "127.0.0.1:" + std::to_string(self.port)};
  if (!output.empty()) command.insert(command.end(), {"-o", output.string()});
  command.insert(command.end(), more.begin(), more.end());
  return command;
}

report retrieve(const entity& archive, const entity& self, const fs::path& output, const std::vector<std::string>& more,
                seconds timeout) {
  auto result = run(retrieve_command(archive, self, output, more), timeout);
  return {result.code, json_lines(result.out), result.err, result.seconds};
}

report retrieve_interrupted(const entity& archive, const entity& self, const fs::path& output, int signal,
                            std::string_view event, std::size_t count, const std::vector<std::string>& more,
                            seconds timeout) {
  process program{retrieve_command(archive, self, output, more)};
  until([&] { return !program.running() || report_of(-1, program).count(event) >= count; }, timeout);
  program.signal(signal);
  const auto code = program.wait(timeout);
  return report_of(code.value_or(-1), program);
}

codicom_pacs::codicom_pacs(const fs::path& folder, const std::vector<entity>& peers,
                           const std::vector<std::string>& options) {
  aet = "CODIPACS";
  std::vector<std::string> command{CODICOM_PACS, folder.string(), "--aet", aet};
  if (std::find(options.begin(), options.end(), "--listen") == options.end())
    command.insert(command.end(), {"--listen", "127.0.0.1:0"});
  for (const auto& peer : peers) command.insert(command.end(), {"--peer", peer.address()});
  command.insert(command.end(), options.begin(), options.end());
  server_ = std::make_unique<process>(command);
  const std::string ready = "listening on 127.0.0.1:";
  if (!server_->wait_for(" as " + aet, 60s)) throw std::runtime_error{"codicom-pacs did not start: " + server_->all()};
  const auto said = server_->all();
  port = static_cast<std::uint16_t>(std::atoi(said.c_str() + said.find(ready) + ready.size()));
}

// ---- memory ---------------------------------------------------------------------------------------------------------

struct memory_watch::state {
  std::atomic<bool> stop = false;
  std::atomic<std::uint64_t> first = 0, most = 0, count = 0;
  std::thread sampler;
};

memory_watch::memory_watch(pid_t pid) : state_{std::make_unique<state>()} {
  state_->sampler = std::thread{[s = state_.get(), status = "/proc/" + std::to_string(pid) + "/status"] {
    while (!s->stop) {
      const auto text = read_text(status);
      const auto at = text.find("RssAnon:");
      if (at != std::string::npos) {
        const auto bytes = std::strtoull(text.c_str() + at + 8, nullptr, 10) << 10;
        if (s->count++ == 0) s->first = bytes;
        s->most = std::max<std::uint64_t>(s->most, bytes);
      }
      pause(100ms);
    }
  }};
}

memory_watch::~memory_watch() {
  state_->stop = true;
  state_->sampler.join();
}

std::size_t memory_watch::samples() const { return state_->count; }
std::uint64_t memory_watch::growth() const { return state_->most - state_->first; }

}  // namespace interop
