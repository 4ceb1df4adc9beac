#pragma once
#include <codicom/coro/event.hpp>
#include <codicom/coro/shield.hpp>
#include <codicom/net/transport.hpp>
#include <codicom/net/transport_acceptor.hpp>

#include <asio/error.hpp>

#include <algorithm>
#include <cstring>
#include <deque>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace codicom::testing {

/// What a transport in memory does to make life hard.
class memory_faults {
 public:
  memory_faults() {}

  std::size_t capacity = 256 << 10;  ///< bytes on the way; a writer waits for room
  std::size_t max_read = std::numeric_limits<std::size_t>::max();  ///< bytes that one read gives at most
  /// No read goes beyond this offset of the stream before having stopped there.
  std::uint64_t split_at = std::numeric_limits<std::uint64_t>::max();
  /// The operation of this number (reads and writes, from 1) fails, and all after it: the connection is reset.
  std::size_t fail_at = std::numeric_limits<std::size_t>::max();
};

namespace detail {

// One direction.
struct memory_pipe {
  explicit memory_pipe(const executor& where) : changed{where} {}

  std::deque<std::byte> bytes;
  std::uint64_t read = 0;   // offset of the first byte in `bytes`
  bool ended = false;       // the writer has shut down
  bool abandoned = false;   // the reader has closed
  event changed;
};

struct memory_link {
  explicit memory_link(const executor& where) : forth{where}, back{where} {}
  memory_pipe forth, back;
  bool reset = false;
};

}  // namespace detail

/// One end of a connection in memory. Both ends are used from one thread or strand.
class memory_transport final : public transport {
 public:
  memory_transport(executor where, std::shared_ptr<detail::memory_link> link, bool first, memory_faults faults)
      : executor_{std::move(where)},
        link_{std::move(link)},
        in_{first ? &link_->back : &link_->forth},
        out_{first ? &link_->forth : &link_->back},
        faults_{faults} {}
  ~memory_transport() override { memory_transport::close(); }

  /// Operations begun so far: what `memory_faults::fail_at` counts.
  [[nodiscard]] std::size_t operations() const noexcept { return operations_; }
  [[nodiscard]] std::uint64_t bytes_read() const noexcept { return in_->read; }

  executor get_executor() override { return executor_; }

  task<std::size_t> read_some(mutable_buffers buffers, std::error_code& error) override {
    error.clear();
    if (begin_fails(error)) co_return 0;
    std::size_t room = 0;
    for (const auto& buffer : buffers) room += buffer.size();
    const auto generation = generation_;
    for (;;) {
      if (!open_) error = asio::error::operation_aborted;
      else if (link_->reset) error = asio::error::connection_reset;
      if (error) co_return 0;
      if (!in_->bytes.empty()) break;
      if (in_->ended) {
        error = asio::error::eof;
        co_return 0;
      }
      co_await wait(*in_, generation, error);
      if (error) co_return 0;
    }
    std::size_t size = std::min({room, in_->bytes.size(), faults_.max_read});
    if (in_->read < faults_.split_at) size = static_cast<std::size_t>(std::min<std::uint64_t>(size, faults_.split_at - in_->read));
    std::size_t done = 0;
    for (const auto& buffer : buffers) {
      const std::size_t part = std::min(buffer.size(), size - done);
      std::copy_n(in_->bytes.begin() + static_cast<std::ptrdiff_t>(done), part, static_cast<std::byte*>(buffer.data()));
      done += part;
    }
    in_->bytes.erase(in_->bytes.begin(), in_->bytes.begin() + static_cast<std::ptrdiff_t>(size));
    in_->read += size;
    in_->changed.notify_all();
    co_return size;
  }

  task<std::size_t> write(const_buffers buffers, std::error_code& error) override {
    error.clear();
    std::size_t done = 0;
    if (begin_fails(error)) co_return 0;
    const auto generation = generation_;
    for (const auto& buffer : buffers) {
      const auto* data = static_cast<const std::byte*>(buffer.data());
      std::size_t left = buffer.size();
      while (left != 0) {
        if (!open_) error = asio::error::operation_aborted;
        else if (link_->reset || out_->abandoned) error = asio::error::connection_reset;
        if (error) co_return done;
        const std::size_t room = faults_.capacity - std::min(faults_.capacity, out_->bytes.size());
        if (room == 0) {
          co_await wait(*out_, generation, error);
          if (error) co_return done;
          continue;
        }
        const std::size_t part = std::min(left, room);
        out_->bytes.insert(out_->bytes.end(), data, data + part);
        out_->changed.notify_all();
        data += part;
        left -= part;
        done += part;
      }
    }
    co_return done;
  }

  std::size_t try_write(byte_span bytes, std::error_code& error) noexcept override {
    error.clear();
    if (!open_ || link_->reset || out_->abandoned) {
      error = asio::error::connection_reset;
      return 0;
    }
    const std::size_t size = std::min(bytes.size(), faults_.capacity - std::min(faults_.capacity, out_->bytes.size()));
    out_->bytes.insert(out_->bytes.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
    out_->changed.notify_all();
    if (size == 0) error = asio::error::would_block;
    return size;
  }

  void cancel() noexcept override {
    ++generation_;
    in_->changed.notify_all();
    out_->changed.notify_all();
  }
  void shutdown_send() noexcept override {
    out_->ended = true;
    out_->changed.notify_all();
  }
  void close() noexcept override {
    if (!std::exchange(open_, false)) return;
    if (!in_->bytes.empty()) link_->reset = true;  // as TCP does with unread input
    in_->abandoned = true;
    out_->ended = true;
    cancel();
  }
  bool is_open() const noexcept override { return open_; }
  std::string remote_address() const override { return "memory"; }
  std::uint16_t remote_port() const noexcept override { return 0; }

 private:
  bool begin_fails(std::error_code& error) {
    if (++operations_ < faults_.fail_at) return false;
    link_->reset = true;
    in_->changed.notify_all();
    out_->changed.notify_all();
    error = asio::error::connection_reset;
    return true;
  }

  // The pipe belongs to the link, which this keeps: the transport may be closed meanwhile, but not destroyed.
  task<> wait(detail::memory_pipe& pipe, std::size_t generation, std::error_code& error) {
    try {
      co_await pipe.changed.wait();
      const auto state = co_await asio::this_coro::cancellation_state;
      if (codicom::detail::is_cancelled(state)) error = asio::error::operation_aborted;
    } catch (const std::system_error&) {
      error = asio::error::operation_aborted;
    }
    if (generation != generation_) error = asio::error::operation_aborted;
  }

  executor executor_;
  std::shared_ptr<detail::memory_link> link_;
  detail::memory_pipe* in_;
  detail::memory_pipe* out_;
  memory_faults faults_;
  std::size_t operations_ = 0;
  std::size_t generation_ = 0;
  bool open_ = true;
};

using memory_pair = std::pair<std::unique_ptr<memory_transport>, std::unique_ptr<memory_transport>>;

/// Two ends of a new connection.
[[nodiscard]] inline memory_pair make_memory_pair(const executor& where, memory_faults first = {}, memory_faults second = {}) {
  const auto link = std::make_shared<detail::memory_link>(where);
  return {std::make_unique<memory_transport>(where, link, true, first),
          std::make_unique<memory_transport>(where, link, false, second)};
}

/// Listens in memory: hand it to a `listener`, and `connect` to it.
class memory_acceptor final : public transport_acceptor {
  struct waiting {
    explicit waiting(const executor& at) : where{at}, changed{at} {}
    executor where;
    std::deque<std::unique_ptr<memory_transport>> accepted;
    bool closed = false;
    event changed;
  };

 public:
  explicit memory_acceptor(executor where)
      : executor_{std::move(where)}, shared_{std::make_shared<waiting>(executor_)} {}

  /// The other side's way in; may outlive the acceptor.
  class door {
   public:
    /// @throws std::system_error when nobody listens any more.
    [[nodiscard]] std::unique_ptr<memory_transport> connect(memory_faults ours = {}, memory_faults theirs = {}) const {
      if (shared_->closed) throw std::system_error{asio::error::connection_refused};
      auto both = make_memory_pair(shared_->where, ours, theirs);
      shared_->accepted.push_back(std::move(both.second));
      shared_->changed.notify_all();
      return std::move(both.first);
    }

   private:
    friend class memory_acceptor;
    explicit door(std::shared_ptr<memory_acceptor::waiting> shared) noexcept : shared_{std::move(shared)} {}
    std::shared_ptr<memory_acceptor::waiting> shared_;
  };
  [[nodiscard]] door entrance() const { return door{shared_}; }

  task<std::unique_ptr<transport>> accept(executor, std::error_code& error) override {
    const auto shared = shared_;
    std::unique_ptr<transport> next;
    error.clear();
    while (shared->accepted.empty() && !shared->closed && !error) {
      try {
        co_await shared->changed.wait();
      } catch (const std::system_error&) {
        error = asio::error::operation_aborted;
      }
    }
    if (shared->closed) error = asio::error::operation_aborted;
    if (!error) {
      next = std::move(shared->accepted.front());
      shared->accepted.pop_front();
    }
    co_return next;
  }
  void close() noexcept override {
    shared_->closed = true;
    shared_->accepted.clear();
    shared_->changed.notify_all();
  }
  executor get_executor() override { return executor_; }
  std::string local_address() const override { return "memory"; }
  std::uint16_t local_port() const noexcept override { return 0; }

 private:
  executor executor_;
  std::shared_ptr<waiting> shared_;
};

}  // namespace codicom::testing
