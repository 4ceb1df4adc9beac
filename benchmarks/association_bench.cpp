// What associations cost beside plain TCP and DCMTK: two processes on 127.0.0.1, each of one thread. Prints the table of
// benchmarks/ASSOCIATIONS.md. benchmarks/associations.sh builds and runs it.
//     association_bench [--rounds N] [--quick] [--only PART_OF_A_ROW'S_NAME]
//     association_bench --large GIB    how much memory both sides take for so many objects of 1 GiB, and one of that many
//     association_bench --idle COUNT   what so many idle associations cost a server of ours
#include "association_stack.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <filesystem>
#include <fstream>
#include <functional>
#include <stdexcept>
#include <string>
#include <thread>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <csignal>
#include <vector>

using namespace association_bench;

namespace {

// A server in a process of its own, killed at the end.
class server {
 public:
  server(stack& of, const settings& how) {
    std::array<int, 2> pipe_ends{};
    if (::pipe(pipe_ends.data()) != 0) throw std::runtime_error{"pipe"};
    pid_ = ::fork();
    if (pid_ == 0) {
      ::close(pipe_ends[0]);
      try {
        of.serve(how, [&](std::uint16_t port) {
          if (::write(pipe_ends[1], &port, sizeof port) != sizeof port) std::_Exit(1);
        });
      } catch (const std::exception& error) {
        std::fprintf(stderr, "%s server: %s\n", of.name(), error.what());
      }
      std::_Exit(1);
    }
    ::close(pipe_ends[1]);
    const auto size = ::read(pipe_ends[0], &port_, sizeof port_);
    ::close(pipe_ends[0]);
    if (size != sizeof port_) throw std::runtime_error{std::string{of.name()} + ": the server did not start"};
  }
  server(const server&) = delete;
  server& operator=(const server&) = delete;
  ~server() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] pid_t process() const { return pid_; }

 private:
  pid_t pid_ = 0;
  std::uint16_t port_ = 0;
};

// An MR image of 512 KiB of pixels, in Explicit VR Little Endian.
std::vector<std::byte> image(std::size_t pixel_bytes) {
  std::vector<std::byte> bytes;
  const auto put = [&](const void* data, std::size_t size) {
    const auto* from = static_cast<const std::byte*>(data);
    bytes.insert(bytes.end(), from, from + size);
  };
  const auto element = [&](unsigned group, unsigned number, const char* vr, std::string value) {
    if (value.size() % 2 != 0) value += std::strcmp(vr, "UI") == 0 ? '\0' : ' ';
    const std::array<unsigned char, 4> tag{static_cast<unsigned char>(group & 0xFF), static_cast<unsigned char>(group >> 8),
                                           static_cast<unsigned char>(number & 0xFF), static_cast<unsigned char>(number >> 8)};
    const auto size = static_cast<std::uint16_t>(value.size());
    put(tag.data(), 4), put(vr, 2), put(&size, 2), put(value.data(), value.size());
  };
  element(0x0008, 0x0016, "UI", "1.2.840.10008.5.1.4.1.1.4");
  element(0x0008, 0x0018, "UI", "1.2.826.0.1.3680043.2.1143.1");
  element(0x0008, 0x0060, "CS", "MR");
  element(0x0010, 0x0010, "PN", "ALLISON^EDWARD");
  element(0x0010, 0x0020, "LO", "1234567");
  element(0x0020, 0x000D, "UI", "1.2.826.0.1.3680043.2.1143.2");
  element(0x0020, 0x000E, "UI", "1.2.826.0.1.3680043.2.1143.3");
  element(0x0028, 0x0010, "US", std::string{"\0\2", 2});
  element(0x0028, 0x0011, "US", std::string{"\0\2", 2});
  element(0x0028, 0x0100, "US", std::string{"\x10\0", 2});
  const std::array<unsigned char, 8> pixels{0xE0, 0x7F, 0x10, 0x00, 'O', 'W', 0, 0};
  const auto size = static_cast<std::uint32_t>(pixel_bytes);
  put(pixels.data(), pixels.size()), put(&size, 4);
  bytes.resize(bytes.size() + pixel_bytes, std::byte{0x5A});
  return bytes;
}

struct row {
  const char* work;
  const char* against;  // the one that the target names
  double target;
  settings how;
  std::size_t times;
  bool megabytes;
  std::function<double(stack&, std::uint16_t, const row&)> run;
};

// The clients are a program of their own, which has nothing of ours in it.
int leave_idle(const char* count) {
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
  const server at{codicom_stack(), settings{}};
  const auto clients = std::filesystem::read_symlink("/proc/self/exe").replace_filename("idle_associations");
  const auto port = std::to_string(at.port()), process = std::to_string(at.process());
  const pid_t child = ::fork();
  if (child == 0) {
    ::execl(clients.c_str(), clients.c_str(), port.c_str(), count, process.c_str(), nullptr);
    std::perror(clients.c_str());
    std::_Exit(2);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 2;
}

// KiB that a process has taken for itself.
long anonymous_memory(const std::string& process) {
  std::ifstream status{"/proc/" + process + "/status"};
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("RssAnon:")) return std::strtol(line.c_str() + 8, nullptr, 10);
  throw std::runtime_error{"no RssAnon of process " + process};
}

int store_large_objects(std::size_t count) {
  constexpr double most_mib = 32;
  const server at{codicom_stack(), settings{}};
  const std::array<std::string, 2> sides{"self", std::to_string(at.process())};
  const std::array<long, 2> before{anonymous_memory(sides[0]), anonymous_memory(sides[1])};
  auto most = before;
  std::atomic<bool> ended = false;
  std::size_t samples = 0;
  std::thread watcher{[&] {
    for (; !ended; ++samples, std::this_thread::sleep_for(std::chrono::milliseconds{100}))
      for (std::size_t side = 0; side < 2; ++side) most[side] = std::max(most[side], anonymous_memory(sides[side]));
  }};
  const auto start = std::chrono::steady_clock::now();
  const auto bytes = static_cast<double>(store_large(at.port(), count, count));
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  ended = true;
  watcher.join();
  const auto grown = [&](std::size_t side) { return static_cast<double>(most[side] - before[side]) / 1024; };
  const bool missed = grown(0) >= most_mib || grown(1) >= most_mib;
  std::printf("%zu native objects of 1 GiB and an encapsulated one of %zu GiB: %.1f GB in %.0f s; memory grew by %.1f MiB "
              "in the sender, %.1f MiB in the receiver, most of %zu samples (target %.0f)%s\n",
              count, count, bytes / 1e9, took.count(), grown(0), grown(1), samples, most_mib, missed ? ", missed" : "");
  return missed ? 1 : 0;
}

double median(std::vector<double> all) {
  std::sort(all.begin(), all.end());
  return all[all.size() / 2];
}

}  // namespace

int main(int argc, char** argv) {
  std::size_t rounds = 5;
  std::size_t part = 1;
  const char* only = "";
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--rounds") == 0 && i + 1 < argc) rounds = std::strtoul(argv[++i], nullptr, 10);
    else if (std::strcmp(argv[i], "--only") == 0 && i + 1 < argc) only = argv[++i];
    else if (std::strcmp(argv[i], "--quick") == 0) part = 10;
    else if (std::strcmp(argv[i], "--idle") == 0 && i + 1 < argc) return leave_idle(argv[++i]);
    else if (std::strcmp(argv[i], "--large") == 0 && i + 1 < argc)
      return store_large_objects(std::strtoul(argv[++i], nullptr, 10));
    else
      return std::fprintf(stderr, "usage: association_bench [--rounds N] [--quick] [--only TEXT] | --idle COUNT | --large GIB\n"), 2;
  }
  const auto folder = std::filesystem::temp_directory_path() / ("association_bench." + std::to_string(::getpid()));
  std::filesystem::create_directory(folder);
  const auto bytes = image(512 << 10);
  const object what{"1.2.840.10008.5.1.4.1.1.4", "1.2.826.0.1.3680043.2.1143.1", bytes};
  const auto store = [&](stack& by, std::uint16_t port, const row& r) { return by.store(port, r.how, what, r.times); };
  const auto echo = [](stack& by, std::uint16_t port, const row& r) { return by.echo(port, r.times); };
  const auto find = [](stack& by, std::uint16_t port, const row& r) { return by.find(port, r.how); };
  const auto associate = [](stack& by, std::uint16_t port, const row& r) { return by.associate(port, r.times); };
  const std::array rows{
      row{"1,000 × 512 KiB, memory to memory", "raw TCP", 0.85, {131'072, {}, 0}, 1000 / part, true, store},
      row{"the same in PDUs of 16 KiB", "raw TCP", 0.6, {16'384, {}, 0}, 1000 / part, true, store},
      row{"1,000 × 512 KiB into files", "raw TCP", 0.8, {131'072, folder, 0}, 1000 / part, true, store},
      row{"10,000 responses to a C-FIND", "DCMTK", 5, {131'072, {}, 10'000 / part}, 10'000 / part, false, find},
      row{"C-ECHO", "DCMTK", 1.3, {131'072, {}, 0}, 5000 / part, false, echo},
      row{"association, C-ECHO, release", "DCMTK", 1.5, {131'072, {}, 0}, 500 / part, false, associate},
  };
  std::vector<stack*> stacks{&raw_stack(), &codicom_stack()};
  if (auto* dcmtk = dcmtk_stack()) stacks.push_back(dcmtk);

  int missed = 0;
  std::printf("| work | raw TCP | codicom | DCMTK | unit | target | codicom is |\n|---|--:|--:|--:|---|--:|--:|\n");
  for (const auto& r : rows) {
    if (std::strstr(r.work, only) == nullptr) continue;
    std::vector<std::vector<double>> rates(stacks.size());
    std::vector<double> ratios;
    for (std::size_t round = 0; round < rounds; ++round) {
      double ours = 0, other = 0;
      for (std::size_t s = 0; s < stacks.size(); ++s) {
        const server at{*stacks[s], r.how};
        const double seconds = r.run(*stacks[s], at.port(), r);
        for (const auto& file : std::filesystem::directory_iterator{folder}) std::filesystem::remove(file);
        if (seconds == 0) continue;
        const double rate = static_cast<double>(r.times) * (r.megabytes ? static_cast<double>(bytes.size()) / 1e6 : 1.0) / seconds;
        rates[s].push_back(rate);
        if (stacks[s] == &codicom_stack()) ours = rate;
        else if (std::strcmp(stacks[s]->name(), r.against) == 0) other = rate;
      }
      if (other != 0) ratios.push_back(ours / other);
    }
    std::printf("| %s |", r.work);
    for (std::size_t s = 0; s < 3; ++s)
      if (s < rates.size() && !rates[s].empty()) std::printf(" %.0f |", median(rates[s]));
      else std::printf(" – |");
    std::printf(" %s | %.2f × %s |", r.megabytes ? "MB/s" : "per second", r.target, r.against);
    if (ratios.empty()) {
      std::printf(" not measured |\n");
    } else {
      const double ratio = median(ratios);
      missed += ratio < r.target ? 1 : 0;
      std::printf(" %.2f ×%s |\n", ratio, ratio < r.target ? ", missed" : "");
    }
    std::fflush(stdout);
  }
  std::filesystem::remove_all(folder);
  return missed == 0 ? 0 : 1;
}
