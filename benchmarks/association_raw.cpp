// Plain blocking sockets: as many bytes in the same pieces, and an answer of the size of a C-STORE-RSP for each message.
#include "association_stack.hpp"

#include <algorithm>
#include <array>
#include <arpa/inet.h>
#include <chrono>
#include <cstring>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdexcept>
#include <string>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>
#include <vector>

namespace association_bench {
namespace {

constexpr std::size_t header_size = 12;  // PDU and PDV
constexpr std::size_t answer_size = 150;
constexpr std::size_t at_once = 1 << 20;

[[noreturn]] void fail(const char* what) { throw std::runtime_error{std::string{what} + ": " + std::strerror(errno)}; }

void read_all(int fd, char* to, std::size_t size) {
  while (size != 0) {
    const auto got = ::read(fd, to, size);
    if (got <= 0) fail("read");
    to += got;
    size -= static_cast<std::size_t>(got);
  }
}
void write_all(int fd, std::vector<iovec>& parts) {
  auto* at = parts.data();
  auto left = parts.size();
  while (left != 0) {
    auto sent = ::writev(fd, at, static_cast<int>(std::min<std::size_t>(left, 64)));
    if (sent < 0) fail("writev");
    for (; left != 0 && static_cast<std::size_t>(sent) >= at->iov_len; ++at, --left) sent -= static_cast<ssize_t>(at->iov_len);
    if (left == 0) break;
    at->iov_base = static_cast<char*>(at->iov_base) + sent;
    at->iov_len -= static_cast<std::size_t>(sent);
  }
}
void no_delay(int fd) {
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

class raw final : public stack {
 public:
  const char* name() const override { return "raw TCP"; }

  // A message is its length in 8 bytes, then as many, headers included; a file of a message is written in pieces of
  // 256 KiB. The end of a connection ends the process's turn with it, not the process.
  void serve(const settings& how, const std::function<void(std::uint16_t)>& ready) override {
    const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    if (::bind(listener, reinterpret_cast<sockaddr*>(&at), size) != 0 || ::listen(listener, 16) != 0) fail("listen");
    ::getsockname(listener, reinterpret_cast<sockaddr*>(&at), &size);
    ready(ntohs(at.sin_port));
    std::vector<char> buffer(256 << 10);
    const std::array<char, answer_size> answer{};
    std::size_t number = 0;
    for (;;) {
      const int fd = ::accept(listener, nullptr, nullptr);
      if (fd < 0) fail("accept");
      no_delay(fd);
      for (;;) {
        std::uint64_t left = 0;
        if (::recv(fd, &left, sizeof left, MSG_WAITALL) != sizeof left) break;
        int file = -1;
        if (!how.folder.empty())
          file = ::open((how.folder / std::to_string(number++)).c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
        while (left != 0) {
          std::size_t filled = 0;
          const auto want = static_cast<std::size_t>(std::min<std::uint64_t>(left, buffer.size()));
          while (filled < want) {
            const auto got = ::read(fd, buffer.data() + filled, want - filled);
            if (got <= 0) fail("read");
            filled += static_cast<std::size_t>(got);
            if (file < 0) break;
          }
          left -= filled;
          if (file >= 0 && ::write(file, buffer.data(), filled) < 0) fail("write");
        }
        if (file >= 0) ::close(file);
        if (::write(fd, answer.data(), answer.size()) < 0) break;
      }
      ::close(fd);
    }
  }

  double store(std::uint16_t port, const settings& how, const object& what, std::size_t times) override {
    const int fd = connect(port);
    std::array<char, header_size> header{};
    std::array<char, answer_size> answer;
    const std::size_t fragment = how.max_pdu - 6;
    const auto count = (what.bytes.size() + fragment - 1) / fragment;
    std::uint64_t length = answer_size + what.bytes.size() + count * header_size;
    const auto start = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < times; ++i) {
      std::vector<iovec> parts;
      std::size_t bytes = 0;
      parts.push_back({&length, sizeof length});
      parts.push_back({answer.data(), answer.size()});  // stands for the command
      for (std::size_t at = 0; at < what.bytes.size(); at += fragment) {
        const auto size = std::min(fragment, what.bytes.size() - at);
        parts.push_back({header.data(), header.size()});
        parts.push_back({const_cast<std::byte*>(what.bytes.data() + at), size});
        bytes += size;
        if (parts.size() >= 64 || bytes >= at_once) {
          write_all(fd, parts);
          parts.clear();
          bytes = 0;
        }
      }
      write_all(fd, parts);
      read_all(fd, answer.data(), answer.size());
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    ::close(fd);
    return took.count();
  }

  double echo(std::uint16_t port, std::size_t times) override {
    const object small{"", "", {}};
    return store(port, {}, small, times);
  }
  double find(std::uint16_t, const settings&) override { return 0; }
  double associate(std::uint16_t port, std::size_t times) override {
    const auto start = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < times; ++i) echo(port, 3);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    return took.count();
  }

 private:
  static int connect(std::uint16_t port) {
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0) fail("connect");
    no_delay(fd);
    return fd;
  }
};

}  // namespace

stack& raw_stack() {
  static raw one;
  return one;
}

}  // namespace association_bench
