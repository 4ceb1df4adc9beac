// The other side of `association_bench --idle`: a plain program on POSIX sockets that has nothing of codicom in it. Opens
// associations of four presentation contexts, each with a C-ECHO, leaves them idle, and sends C-ECHOs on one more.
//     idle_associations PORT COUNT PROCESS_ID_OF_THE_SERVER
#include <algorithm>
#include <arpa/inet.h>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <netinet/tcp.h>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

namespace {

[[noreturn]] void fail(const char* what) { throw std::runtime_error{std::string{what} + ": " + std::strerror(errno)}; }

// --- PDUs (PS3.8 §9.3)

std::string big_endian(std::size_t value, int size) {
  std::string bytes;
  for (int shift = 8 * (size - 1); shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift & 0xFF);
  return bytes;
}
std::string item(int type, const std::string& content) {
  return std::string{static_cast<char>(type)} + '\0' + big_endian(content.size(), 2) + content;
}
std::string pdu(int type, const std::string& content) {
  return std::string{static_cast<char>(type)} + '\0' + big_endian(content.size(), 4) + content;
}

std::string associate_request() {
  const std::string explicit_vr = item(0x40, "1.2.840.10008.1.2.1"), implicit_vr = item(0x40, "1.2.840.10008.1.2");
  std::string contexts;
  char id = 1;
  for (const char* sop_class : {"1.2.840.10008.1.1", "1.2.840.10008.5.1.4.1.2.2.1", "1.2.840.10008.5.1.4.1.2.2.2",
                                "1.2.840.10008.5.1.4.1.1.4"}) {
    contexts += item(0x20, std::string{id} + std::string(3, '\0') + item(0x30, sop_class) + explicit_vr + implicit_vr);
    id = static_cast<char>(id + 2);
  }
  const auto user = item(0x51, big_endian(16384, 4)) + item(0x52, "1.2.826.0.1.3680043.2.1143.9") + item(0x55, "IDLE");
  return pdu(1, big_endian(1, 2) + std::string(2, '\0') + "ANY-SCP         IDLE            " + std::string(32, '\0') +
                    item(0x10, "1.2.840.10008.3.1.1.1") + contexts + item(0x50, user));
}

// C-ECHO-RQ (PS3.7 §9.3.5.1) on the first context, in one PDV.
std::string echo_request() {
  const auto element = [](int number, const std::string& value) {
    return std::string{'\0', '\0', static_cast<char>(number & 0xFF), static_cast<char>(number >> 8)} +
           std::string{static_cast<char>(value.size()), '\0', '\0', '\0'} + value;
  };
  const std::string fields = element(0x0002, std::string{"1.2.840.10008.1.1"} + '\0') +
                             element(0x0100, std::string{'\x30', '\0'}) + element(0x0110, std::string{'\1', '\0'}) +
                             element(0x0800, std::string{'\1', '\1'});
  const std::string group_length{static_cast<char>(fields.size()), '\0', '\0', '\0'};
  const auto command = element(0x0000, group_length) + fields;
  return pdu(4, big_endian(command.size() + 2, 4) + '\1' + '\3' + command);
}

// --- sockets

void send_all(int fd, const std::string& bytes) {
  if (::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(bytes.size())) fail("send");
}
void receive(int fd, int type) {
  std::string header(6, '\0');
  if (::recv(fd, header.data(), header.size(), MSG_WAITALL) != static_cast<ssize_t>(header.size())) fail("recv");
  if (header[0] != type) throw std::runtime_error{"PDU of type " + std::to_string(header[0])};
  std::size_t size = 0;
  for (const char c : header.substr(2)) size = size << 8 | static_cast<unsigned char>(c);
  std::string content(size, '\0');
  if (::recv(fd, content.data(), size, MSG_WAITALL) != static_cast<ssize_t>(size)) fail("recv");
}
int associate(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (fd < 0 || ::connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) fail("connect");
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  static const auto request = associate_request();
  send_all(fd, request);
  receive(fd, 2);
  return fd;
}
void echo(int fd) {
  static const auto request = echo_request();
  send_all(fd, request);
  receive(fd, 4);
}

// KiB that a process has taken for itself.
long anonymous_memory(const std::string& process) {
  std::ifstream status{"/proc/" + process + "/status"};
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("RssAnon:")) return std::strtol(line.c_str() + 8, nullptr, 10);
  throw std::runtime_error{"no RssAnon of process " + process};
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 4) return std::fprintf(stderr, "usage: idle_associations PORT COUNT PROCESS_ID\n"), 2;
  const auto port = static_cast<std::uint16_t>(std::atoi(argv[1]));
  const auto count = static_cast<std::size_t>(std::atol(argv[2]));
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
  if (files.rlim_cur < count + 16) throw std::runtime_error{"ulimit -n allows only " + std::to_string(files.rlim_cur)};

  const int other = associate(port);
  for (int i = 0; i < 100; ++i) echo(other);
  const long before = anonymous_memory(argv[3]);
  std::vector<int> idle;
  for (std::size_t i = 0; i < count; ++i) {
    idle.push_back(associate(port));
    echo(idle.back());
  }
  const double each = static_cast<double>(anonymous_memory(argv[3]) - before) / static_cast<double>(count);

  using milliseconds = std::chrono::duration<double, std::milli>;
  std::vector<double> times;
  for (int i = 0; i < 5000; ++i) {
    const auto start = std::chrono::steady_clock::now();
    echo(other);
    times.push_back(milliseconds{std::chrono::steady_clock::now() - start}.count());
  }
  std::sort(times.begin(), times.end());
  const double median = times[times.size() / 2], high = times[times.size() * 99 / 100];
  std::printf("%zu idle associations: %.2f KiB of memory each (target 8)%s; C-ECHO on another: median %.3f ms, "
              "99th percentile %.3f ms (target 5)%s\n",
              count, each, each > 8 ? ", missed" : "", median, high, high >= 5 ? ", missed" : "");
  return each > 8 || high >= 5 ? 1 : 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "idle_associations: %s\n", error.what());
  return 2;
}
