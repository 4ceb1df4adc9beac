// One C-ECHO with Asio alone, which the other units are compared with: connect, request an association (PS3.8 §9.3.2),
// send a C-ECHO-RQ (PS3.7 §9.3.5), read the answers, release; a timer ends it when it takes too long.
#include <asio/awaitable.hpp>
#include <asio/co_spawn.hpp>
#include <asio/connect.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/read.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <string>

namespace {

using asio::use_awaitable;
using asio::ip::tcp;

std::string number(std::size_t value, int bytes) {
  std::string text;
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) text += static_cast<char>(value >> shift & 0xFF);
  return text;
}
std::string item(char type, const std::string& body) { return std::string{type, 0} + number(body.size(), 2) + body; }
std::string pdu(char type, const std::string& body) { return std::string{type, 0} + number(body.size(), 4) + body; }
std::string element(char number, const std::string& value) {
  return std::string{0, 0, number, 0, static_cast<char>(value.size()), 0, 0, 0} + value;
}

std::string association_request() {
  const auto context = std::string{1, 0, 0, 0} + item(0x30, "1.2.840.10008.1.1") + item(0x40, "1.2.840.10008.1.2");
  return pdu(1, std::string{0, 1, 0, 0} + "ARCHIVE         BARE            " + std::string(32, 0) +
                    item(0x10, "1.2.840.10008.3.1.1.1") + item(0x20, context) +
                    item(0x50, item(0x51, number(16384, 4)) + item(0x52, "1.2.3")));
}

std::string echo_request() {
  // Its numbers are little endian, its element numbers those of the bytes after (0000,00xx): 0x01xx and 0x08xx.
  std::string command = element(0x02, std::string{"1.2.840.10008.1.1"} + '\0');
  for (const auto& [high, low, value] : {std::array{1, 0x00, 0x30}, std::array{1, 0x10, 1}, std::array{8, 0x00, 0x0101}}) {
    auto each = element(static_cast<char>(low), {static_cast<char>(value & 0xFF), static_cast<char>(value >> 8)});
    each[3] = static_cast<char>(high);
    command += each;
  }
  command = element(0x00, {static_cast<char>(command.size()), 0, 0, 0}) + command;
  return pdu(4, number(command.size() + 2, 4) + std::string{1, 3} + command);
}

asio::awaitable<std::string> read_pdu(tcp::socket& socket) {
  std::string bytes(6, '\0');
  co_await asio::async_read(socket, asio::buffer(bytes), use_awaitable);
  std::size_t size = 0;
  for (std::size_t i = 2; i < 6; ++i) size = size << 8 | static_cast<unsigned char>(bytes[i]);
  bytes.resize(6 + size);
  co_await asio::async_read(socket, asio::buffer(bytes.data() + 6, size), use_awaitable);
  co_return bytes;
}

asio::awaitable<void> echo(std::string host, std::string port) {
  const auto where = co_await asio::this_coro::executor;
  tcp::resolver resolver{where};
  const auto endpoints = co_await resolver.async_resolve(host, port, use_awaitable);
  tcp::socket socket{where};
  asio::steady_timer deadline{where, std::chrono::seconds{30}};
  deadline.async_wait([&socket](const std::error_code& error) {
    if (!error) socket.close();
  });
  co_await asio::async_connect(socket, endpoints, use_awaitable);
  socket.set_option(tcp::no_delay{true});
  const auto request = association_request();
  co_await asio::async_write(socket, asio::buffer(request), use_awaitable);
  const auto accepted = co_await read_pdu(socket);
  if (accepted[0] != 2) throw std::runtime_error{"the peer refuses the association"};
  const auto ping = echo_request();
  co_await asio::async_write(socket, asio::buffer(ping), use_awaitable);
  const auto answer = co_await read_pdu(socket);
  std::printf("%zu bytes came back\n", answer.size());
  const auto release = pdu(5, std::string(4, '\0'));
  co_await asio::async_write(socket, asio::buffer(release), use_awaitable);
  const auto released = co_await read_pdu(socket);
  if (released[0] != 6) throw std::runtime_error{"the peer does not release"};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return std::fprintf(stderr, "usage: bare_asio HOST PORT\n"), 2;
  try {
    asio::io_context io{1};
    asio::co_spawn(io, echo(argv[1], argv[2]), [](std::exception_ptr error) {
      if (error) std::rethrow_exception(error);
    });
    io.run();
  } catch (const std::exception& error) {
    return std::fprintf(stderr, "bare_asio: %s\n", error.what()), 3;
  }
}
