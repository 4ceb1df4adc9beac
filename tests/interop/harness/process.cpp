#include "process.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <random>
#include <set>
#include <stdexcept>
#include <system_error>
#include <thread>

extern "C" char** environ;

namespace interop {

namespace {

fs::path output_file() {
  static const temp_folder folder;
  static std::atomic<int> number = 0;
  return folder / std::to_string(number++);
}

int exit_code(int status) { return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status); }

}  // namespace

temp_folder::temp_folder() {
  std::string name = (fs::temp_directory_path() / "codicom-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) throw std::system_error(errno, std::generic_category(), name);
  path_ = name;
}

temp_folder::~temp_folder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

fs::path temp_folder::make(std::string_view name) const {
  const auto folder = path_ / name;
  fs::create_directories(folder);
  return folder;
}

process::process(std::vector<std::string> command, fs::path working_folder) : out_{output_file()}, err_{output_file()} {
  static const bool no_delay = setenv("TCP_NODELAY", "1", 1) == 0;
  static_cast<void>(no_delay);
  std::vector<char*> arguments;
  for (auto& word : command) arguments.push_back(word.data());
  arguments.push_back(nullptr);

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, out_.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  posix_spawn_file_actions_addopen(&actions, 2, err_.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  if (!working_folder.empty()) posix_spawn_file_actions_addchdir_np(&actions, working_folder.c_str());
  const int failed = posix_spawnp(&pid_, arguments.front(), &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) throw std::system_error(failed, std::generic_category(), command.front());
}

process::~process() {
  if (pid_ > 0) stop();
}

process::process(process&& other) noexcept
    : pid_{other.pid_}, code_{other.code_}, out_{std::move(other.out_)}, err_{std::move(other.err_)} {
  other.pid_ = -1;
}

bool process::running() { return !wait(0s); }

void process::signal(int number) {
  if (running()) kill(pid_, number);
}

std::optional<int> process::wait(seconds timeout) {
  if (!code_) {
    int status = 0;
    const auto ended = [&] { return waitpid(pid_, &status, WNOHANG) == pid_; };
    if (until(ended, timeout)) code_ = exit_code(status);
  }
  return code_;
}

int process::stop(seconds patience) {
  signal(SIGTERM);
  if (const auto code = wait(patience)) return *code;
  signal(SIGKILL);
  return wait(5s).value_or(-1);
}

std::string process::out() const { return read_text(out_); }
std::string process::err() const { return read_text(err_); }

bool process::wait_for(std::string_view text, seconds timeout) {
  bool alive = true;
  const auto said = [&] { return all().find(text) != std::string::npos; };
  const auto over = [&] { return said() || !(alive = running()); };
  until(over, timeout);
  return said();
}

outcome run(std::vector<std::string> command, seconds timeout, fs::path working_folder) {
  const auto start = std::chrono::steady_clock::now();
  process program{std::move(command), std::move(working_folder)};
  const auto code = program.wait(timeout);
  if (!code) {
    program.signal(SIGKILL);
    program.wait(5s);
  }
  const seconds time = std::chrono::steady_clock::now() - start;
  return {code.value_or(-1), program.out(), program.err(), time.count()};
}

bool has_program(const std::string& name) {
  if (name.find('/') != std::string::npos) return access(name.c_str(), X_OK) == 0;
  std::string path = std::getenv("PATH") != nullptr ? std::getenv("PATH") : "";
  path += ":/usr/sbin:";
  for (std::size_t at = 0, end; (end = path.find(':', at)) != std::string::npos; at = end + 1)
    if (access((fs::path{path.substr(at, end - at)} / name).c_str(), X_OK) == 0) return true;
  return false;
}

bool have(const std::vector<std::string>& programs) {
  bool all = true;
  for (const auto& name : programs) {
    if (has_program(name)) continue;
    std::cout << "skipped: there is no program " << name << '\n';
    all = false;
  }
  return all;
}

std::uint16_t free_port() {
  static std::mt19937 random{std::random_device{}()};
  static std::set<std::uint16_t> given;
  // Below the range that the system gives to outgoing connections, so that none of those takes it meanwhile.
  std::uniform_int_distribution<int> range{12000, 31000};
  for (int attempt = 0; attempt < 1000; ++attempt) {
    const auto port = static_cast<std::uint16_t>(range(random));
    if (!given.insert(port).second) continue;
    const int handle = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int on = 1;
    setsockopt(handle, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    const bool is_free = bind(handle, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 && listen(handle, 1) == 0;
    close(handle);
    if (is_free) return port;
  }
  throw std::runtime_error{"no free TCP port found"};
}

void pause(seconds time) { std::this_thread::sleep_for(time); }

std::string read_text(const fs::path& file) {
  std::ifstream in{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

void write_text(const fs::path& file, std::string_view text) {
  std::ofstream{file, std::ios::binary} << text;
}

std::size_t count_of(std::string_view text, std::string_view what) {
  std::size_t count = 0;
  for (auto at = text.find(what); at != std::string_view::npos; at = text.find(what, at + what.size())) ++count;
  return count;
}

}  // namespace interop
