#pragma once
#include <chrono>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace interop {

using namespace std::chrono_literals;
namespace fs = std::filesystem;
using seconds = std::chrono::duration<double>;

/// A folder that is removed with everything in it when it goes out of scope.
class temp_folder {
 public:
  temp_folder();
  ~temp_folder();
  temp_folder(const temp_folder&) = delete;
  temp_folder& operator=(const temp_folder&) = delete;

  const fs::path& path() const noexcept { return path_; }
  operator const fs::path&() const noexcept { return path_; }  // NOLINT
  fs::path operator/(const fs::path& name) const { return path_ / name; }
  /// A new empty folder in it.
  fs::path make(std::string_view name) const;

 private:
  fs::path path_;
};

/// A program that runs beside the test, its output in files. It ends with this object: SIGTERM, after five seconds
/// SIGKILL. TCP_NODELAY=1 is set for it (DCMTK leaves Nagle on otherwise, which costs 90 ms per object).
class process {
 public:
  explicit process(std::vector<std::string> command, fs::path working_folder = {});
  ~process();
  process(process&& other) noexcept;
  process& operator=(process&&) = delete;

  pid_t pid() const noexcept { return pid_; }
  bool running();
  void signal(int number);
  /// The exit code, 128 + signal where a signal ended it; nothing when it still runs after that time.
  std::optional<int> wait(seconds timeout);
  /// SIGTERM and wait; SIGKILL when it does not listen.
  int stop(seconds patience = 5s);

  std::string out() const;  ///< standard output so far
  std::string err() const;  ///< standard error so far
  std::string all() const { return out() + err(); }
  /// Wait until standard output or error holds this text.
  bool wait_for(std::string_view text, seconds timeout);

 private:
  pid_t pid_ = -1;
  std::optional<int> code_;
  fs::path out_;
  fs::path err_;
};

struct outcome {
  int code = -1;  ///< -1: killed because it took too long
  std::string out;
  std::string err;
  double seconds = 0;

  std::string all() const { return out + err; }
};

/// Run a program to its end.
outcome run(std::vector<std::string> command, seconds timeout = 60s, fs::path working_folder = {});

/// In the PATH, or a path that exists.
bool has_program(const std::string& name);
/// False, and says why, when one is missing: the test then ends without a verdict.
bool have(const std::vector<std::string>& programs);

/// A TCP port that nobody listens on now, never given twice by one test program.
std::uint16_t free_port();

/// Poll a condition.
template <class F>
bool until(F condition, seconds timeout);

void pause(seconds time);

template <class F>
bool until(F condition, seconds timeout) {
  const auto end = std::chrono::steady_clock::now() + timeout;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    pause(20ms);
  }
  return true;
}

std::string read_text(const fs::path& file);
void write_text(const fs::path& file, std::string_view text);
std::size_t count_of(std::string_view text, std::string_view what);

}  // namespace interop
