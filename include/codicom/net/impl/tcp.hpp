#pragma once
#include <codicom/core/config.hpp>
#include <codicom/core/error.hpp>
#include <codicom/coro/detail/blocking_pool.hpp>
#include <codicom/coro/event.hpp>
#include <codicom/coro/result.hpp>
#include <codicom/coro/shield.hpp>
#include <codicom/coro/watchdog.hpp>
#include <codicom/net/tcp.hpp>

#include <asio/execution/context.hpp>
#include <asio/execution/outstanding_work.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/ip/v6_only.hpp>
#include <asio/post.hpp>
#include <asio/prefer.hpp>
#include <asio/query.hpp>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>

#include <algorithm>
#include <span>
#include <utility>
#include <vector>

namespace codicom::detail {

using tcp_socket = asio::basic_stream_socket<asio::ip::tcp, executor>;
using tcp_listener = asio::basic_socket_acceptor<asio::ip::tcp, executor>;

class tcp_transport final : public transport {
 public:
  tcp_transport(tcp_socket socket, const asio::ip::tcp::endpoint& remote)
      : socket_{std::move(socket)}, remote_address_{text_of(remote.address())}, remote_port_{remote.port()} {
    std::error_code ignored;
    socket_.set_option(asio::ip::tcp::no_delay{true}, ignored);
    if (!socket_.non_blocking()) socket_.non_blocking(true, ignored);
  }

  executor get_executor() override { return socket_.get_executor(); }

  task<std::size_t> read_some(mutable_buffers buffers, std::error_code& error) override {
    return socket_.async_read_some(buffers, asio::redirect_error(asio::use_awaitable, error));
  }
  task<std::size_t> write(const_buffers buffers, std::error_code& error) override {
    return asio::async_write(socket_, buffers, whole{}, asio::redirect_error(asio::use_awaitable, error));
  }
  std::size_t read_at_once(mutable_buffers buffers, std::error_code& error) noexcept override {
    const std::size_t size = socket_.read_some(buffers, error);
    if (error == asio::error::would_block) error.clear();
    return size;
  }
  std::size_t write_at_once(const_buffers buffers, std::error_code& error) noexcept override {
    const std::size_t size = socket_.write_some(buffers, error);
    if (error == asio::error::would_block) error.clear();
    return size;
  }
  std::size_t try_write(byte_span bytes, std::error_code& error) noexcept override {
    return socket_.write_some(asio::const_buffer{bytes.data(), bytes.size()}, error);
  }

  void cancel() noexcept override {
    std::error_code ignored;
    socket_.cancel(ignored);
  }
  void shutdown_send() noexcept override {
    std::error_code ignored;
    socket_.shutdown(asio::socket_base::shutdown_send, ignored);
  }
  void close() noexcept override {
    std::error_code ignored;
    socket_.close(ignored);
  }
  bool is_open() const noexcept override { return socket_.is_open(); }

  std::string remote_address() const override { return remote_address_; }
  std::uint16_t remote_port() const noexcept override { return remote_port_; }

 private:
  static std::string text_of(const asio::ip::address& address) {
    if (address.is_v6() && address.to_v6().is_v4_mapped())
      return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string();
    return address.to_string();
  }

  // Without a say, Asio cuts every system call at 64 KiB.
  struct whole {
    std::size_t operator()(const std::error_code& error, std::size_t) const noexcept {
      return error ? 0 : std::size_t{4} << 20;
    }
  };

  tcp_socket socket_;
  std::string remote_address_;
  std::uint16_t remote_port_;
};

class tcp_acceptor final : public transport_acceptor {
 public:
  tcp_acceptor(const executor& where, const std::string& address, std::uint16_t port) : acceptor_{where} {
    const bool any = address.empty();
    std::error_code error;
    const auto at = any ? asio::ip::address{asio::ip::address_v6::any()} : asio::ip::make_address(address, error);
    if (error) throw std::system_error{errc::invalid_argument, "cannot listen on '" + address + "': not an IP address"};
    bind({at, port}, error);
    if (error && any) bind({asio::ip::address_v4::any(), port}, error);  // no IPv6 here
    if (error) {
      std::string text = "cannot listen on port " + std::to_string(port);
      if (!any) text += " of " + address;
      throw std::system_error{error, text};
    }
  }

  task<std::unique_ptr<transport>> accept(executor runs_on, std::error_code& error) override {
    asio::ip::tcp::endpoint remote;
    auto socket = co_await acceptor_.async_accept(runs_on, remote, asio::redirect_error(asio::use_awaitable, error));
    std::unique_ptr<transport> accepted;
    if (!error) accepted = std::make_unique<tcp_transport>(std::move(socket), remote);
    co_return accepted;
  }
  void close() noexcept override {
    std::error_code ignored;
    acceptor_.close(ignored);
  }
  executor get_executor() override { return acceptor_.get_executor(); }
  std::string local_address() const override {
    std::error_code ignored;
    return acceptor_.local_endpoint(ignored).address().to_string();
  }
  std::uint16_t local_port() const noexcept override {
    std::error_code ignored;
    return acceptor_.local_endpoint(ignored).port();
  }

 private:
  void bind(const asio::ip::tcp::endpoint& endpoint, std::error_code& error) {
    std::error_code ignored;
    acceptor_.close(ignored);
    acceptor_.open(endpoint.protocol(), error);
    if (error) return;
    if (endpoint.address().is_v6() && endpoint.address().is_unspecified())
      acceptor_.set_option(asio::ip::v6_only{false}, ignored);
#if !defined(_WIN32)
    acceptor_.set_option(asio::socket_base::reuse_address{true}, ignored);  // on Windows it would share the port
#endif
    acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
  }

  tcp_listener acceptor_;
};

// Name look-up cannot be interrupted, so it runs on the blocking pool and is left behind when time is up.
class name_lookup {
 public:
  explicit name_lookup(const executor& where) : executor_{where}, done_event_{where} {}

  static task<std::vector<asio::ip::tcp::endpoint>> run(std::string host, std::uint16_t port,
                                                        clock::time_point deadline) {
    std::error_code no_address;
    const auto literal = asio::ip::make_address(host, no_address);
    if (!no_address) co_return std::vector<asio::ip::tcp::endpoint>(1, asio::ip::tcp::endpoint{literal, port});

    const executor where = co_await asio::this_coro::executor;
    const auto self = std::make_shared<name_lookup>(where);
    auto& pool = asio::use_service<blocking_pool>(asio::query(where, asio::execution::context));
    pool.submit([self, host, port] {
      asio::io_context io{1};
      asio::ip::tcp::resolver resolver{io};
      std::error_code error;
      std::vector<asio::ip::tcp::endpoint> found;
      for (const auto& entry : resolver.resolve(host, std::to_string(port), error)) found.push_back(entry.endpoint());
      asio::post(self->executor_, [self, found, error] {
        self->found_ = found;
        self->error_ = error;
        self->done_ = true;
        self->done_event_.notify_all();
      });
    });
    bool in_time = true;
    while (!self->done_ && in_time) in_time = co_await self->done_event_.wait_until(deadline);
    if (!self->done_) throw std::system_error{errc::connect_timed_out, "looking up '" + host + '\''};
    if (self->error_ || self->found_.empty())
      throw std::system_error{errc::connection_refused, "cannot resolve '" + host + "': " + self->error_.message()};
    co_return self->found_;
  }

 private:
  executor executor_;
  event done_event_;
  bool done_ = false;
  std::error_code error_;
  std::vector<asio::ip::tcp::endpoint> found_;
};

}  // namespace codicom::detail

namespace codicom {

CODICOM_FUNCTION task<std::unique_ptr<transport>> connect_tcp(std::string host, std::uint16_t port, duration within) {
  const executor where = co_await asio::this_coro::executor;
  const auto deadline = deadline_in(within);
  const std::string name = host + ':' + std::to_string(port);
  const auto endpoints = co_await detail::name_lookup::run(host, port, deadline);
  detail::tcp_socket socket{where};
  bool expired = false;
  watchdog alarm{where, [&](std::size_t) {
                   expired = true;
                   std::error_code ignored;
                   socket.close(ignored);
                 }};
  alarm.set(0, deadline);
  std::error_code error;
  for (const auto& endpoint : endpoints) {
    std::error_code ignored;
    socket.close(ignored);
    socket.open(endpoint.protocol(), error);
    if (error) continue;
    socket.non_blocking(true, ignored);  // now: asynchronous operations would do half of it
    co_await socket.async_connect(endpoint, asio::redirect_error(asio::use_awaitable, error));
    const bool throws = co_await asio::this_coro::throw_if_cancelled();
    const auto cancellation = co_await asio::this_coro::cancellation_state;
    detail::check_cancelled(throws, cancellation);
    if (expired) throw std::system_error{errc::connect_timed_out, name};
    if (!error) {
      std::unique_ptr<transport> connected = std::make_unique<detail::tcp_transport>(std::move(socket), endpoint);
      co_return connected;
    }
  }
  throw std::system_error{errc::connection_refused, name + ": " + error.message()};
}

}  // namespace codicom
