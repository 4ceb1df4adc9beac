#pragma once
#include "peers.hpp"

#include <nlohmann/json.hpp>

#include <memory>
#include <string>
#include <vector>

// The programs under test, as a person or a script runs them.

namespace interop {

/// What `codicom-retrieve --json` said, line by line.
struct report {
  int code = -1;
  std::vector<nlohmann::json> events;
  std::string err;
  double seconds = 0;

  std::size_t count(std::string_view event) const;
  std::vector<nlohmann::json> all(std::string_view event) const;
  /// A number of the `done` line; -1 when there is none.
  long done(std::string_view field) const;
};

/// Reads the JSON lines that a program has written so far; a broken last line is left out.
std::vector<nlohmann::json> json_lines(const std::string& text);

/// As whom our tool receives, and where: what an archive has to know beforehand.
entity receiver_entity();

/// `codicom-retrieve ARCHIVE --json --receive-as ... --listen ... -o OUTPUT` and what is added.
std::vector<std::string> retrieve_command(const entity& archive, const entity& self, const fs::path& output,
                                          const std::vector<std::string>& more = {});
report retrieve(const entity& archive, const entity& self, const fs::path& output,
                const std::vector<std::string>& more = {}, seconds timeout = 120s);

/// The same, with a signal sent as soon as it has told of so many `event`s.
report retrieve_interrupted(const entity& archive, const entity& self, const fs::path& output, int signal,
                            std::string_view event, std::size_t count, const std::vector<std::string>& more = {},
                            seconds timeout = 60s);

report report_of(int code, const process& program);

/// codicom-pacs over a folder, ready to serve.
class codicom_pacs : public entity {
 public:
  explicit codicom_pacs(const fs::path& folder, const std::vector<entity>& peers = {},
                        const std::vector<std::string>& options = {});
  process& server() { return *server_; }

 private:
  std::unique_ptr<process> server_;
};

/// The memory that a process has for itself (RssAnon), sampled every 100 ms as long as this object lives.
class memory_watch {
 public:
  explicit memory_watch(pid_t pid);
  ~memory_watch();
  memory_watch(const memory_watch&) = delete;
  memory_watch& operator=(const memory_watch&) = delete;

  std::size_t samples() const;
  std::uint64_t growth() const;  ///< highest sample less the first one, in bytes

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace interop
