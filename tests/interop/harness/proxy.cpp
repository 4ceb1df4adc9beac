#include "proxy.hpp"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <vector>

namespace interop {

struct tcp_proxy::state {
  std::uint16_t target = 0;
  std::uint64_t rate = 0;
  int listening = -1;
  std::uint16_t port = 0;
  std::atomic<bool> stop = false;
  std::atomic<std::uint64_t> forth = 0, back = 0;
  std::thread accepting;
  std::mutex mutex;
  std::chrono::steady_clock::time_point free_at = std::chrono::steady_clock::now();
  std::vector<std::thread> pumps;

  void pass(std::size_t size) {
    if (rate == 0) return;
    std::chrono::steady_clock::time_point until;
    {
      const std::lock_guard lock{mutex};
      const auto now = std::chrono::steady_clock::now();
      free_at = std::max(free_at, now) + std::chrono::nanoseconds{1'000'000'000ull * size / rate};
      until = free_at;
    }
    std::this_thread::sleep_until(until);
  }

  // Until either side ends; what one has written reaches the other before it is told of the end.
  void pump(int from, int to, std::atomic<std::uint64_t>& count) {
    std::vector<char> buffer(32 << 10);
    for (;;) {
      pollfd ready{from, POLLIN, 0};
      const int polled = ::poll(&ready, 1, 100);
      if (stop) break;
      if (polled == 0) continue;
      const auto size = ::recv(from, buffer.data(), buffer.size(), 0);
      if (size <= 0) break;
      pass(static_cast<std::size_t>(size));
      std::size_t done = 0;
      while (done < static_cast<std::size_t>(size)) {
        const auto sent = ::send(to, buffer.data() + done, static_cast<std::size_t>(size) - done, MSG_NOSIGNAL);
        if (sent <= 0) break;
        done += static_cast<std::size_t>(sent);
        count += static_cast<std::uint64_t>(sent);
      }
      if (done < static_cast<std::size_t>(size)) break;
    }
    ::shutdown(to, SHUT_WR);
    ::shutdown(from, SHUT_RD);
  }

  void serve(int client) {
    const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(target);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int on = 1, small = 64 << 10;
    for (const int each : {client, server}) {
      ::setsockopt(each, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      ::setsockopt(each, SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
      ::setsockopt(each, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    }
    if (::connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
      std::thread backward{[this, client, server] { pump(server, client, back); }};
      pump(client, server, forth);
      backward.join();
    }
    ::close(server);
    ::close(client);
  }

  void accept() {
    while (!stop) {
      pollfd ready{listening, POLLIN, 0};
      if (::poll(&ready, 1, 100) <= 0) continue;
      const int client = ::accept4(listening, nullptr, nullptr, SOCK_CLOEXEC);
      if (client < 0) continue;
      pumps.emplace_back([this, client] { serve(client); });
    }
  }
};

tcp_proxy::tcp_proxy(std::uint16_t target, std::uint64_t bytes_per_second) : state_{std::make_shared<state>()} {
  state_->target = target;
  state_->rate = bytes_per_second;
  state_->listening = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(state_->listening, reinterpret_cast<const sockaddr*>(&address), size) != 0 ||
      ::listen(state_->listening, 64) != 0 ||
      ::getsockname(state_->listening, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    throw std::runtime_error{"the proxy cannot listen"};
  state_->port = ntohs(address.sin_port);
  state_->accepting = std::thread{[s = state_.get()] { s->accept(); }};
}

tcp_proxy::~tcp_proxy() {
  state_->stop = true;
  state_->accepting.join();
  for (auto& each : state_->pumps) each.join();
  ::close(state_->listening);
}

std::uint16_t tcp_proxy::port() const noexcept { return state_->port; }
std::uint64_t tcp_proxy::bytes() const noexcept { return state_->forth; }
std::uint64_t tcp_proxy::bytes_back() const noexcept { return state_->back; }

}  // namespace interop
