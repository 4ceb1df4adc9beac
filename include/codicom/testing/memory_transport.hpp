#pragma once
#include <codicom/coro/event.hpp>
#include <codicom/coro/shield.hpp>
#include <codicom/net/transport.hpp>
#include <codicom/net/transport_acceptor.hpp>
#include <codicom/testing/random.hpp>

#include <asio/error.hpp>
#include <asio/post.hpp>

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

  std::size_t capacity = 256 << 10;                                ///< bytes on the way; a writer waits for room
  std::size_t max_read = std::numeric_limits<std::size_t>::max();  ///< bytes that one read gives at most
  /// The operation of this number (reads and writes, from 1) fails, and all after it: the connection is reset.
  std::size_t fail_at = std::numeric_limits<std::size_t>::max();

  // What comes to this end; offsets are those of the stream that it reads.
  static constexpr std::uint64_t nowhere = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t split_at = nowhere;  ///< no read goes beyond this before having stopped there
  duration latency{};                ///< from the writing of a byte until it can be read
  std::uint64_t stall_at = nowhere;  ///< nothing comes for `stall_for` once everything before has been read
  duration stall_for = no_deadline;
  std::uint64_t reset_at = nowhere;   ///< the connection is reset once everything before has been read
  std::uint64_t end_at = nowhere;     ///< the stream seems to end here
  std::uint64_t damage_at = nowhere;  ///< this byte comes with a bit inverted
  /// With a source, reads and writes take any part of what they could, at once or after other things that are ready.
  std::shared_ptr<random> source;
};

/// What went out of each end, and when.
class wire_trace {
 public:
  enum class what : std::uint8_t { bytes, shut_down, closed, reset };
  struct entry {
    entry(clock::time_point when, bool by_first, what kind) : at{when}, first{by_first}, happened{kind} {}
    clock::time_point at;
    bool first;  ///< by the first end of the pair
    what happened;
    std::vector<std::byte> bytes;
    friend bool operator==(const entry&, const entry&) = default;
  };

  [[nodiscard]] const std::vector<entry>& entries() const noexcept { return entries_; }
  /// All bytes that one end has written.
  [[nodiscard]] std::vector<std::byte> written(bool by_first) const {
    std::vector<std::byte> all;
    for (const auto& each : entries_)
      if (each.first == by_first) all.insert(all.end(), each.bytes.begin(), each.bytes.end());
    return all;
  }
  /// Ends that exist still.
  [[nodiscard]] int open_ends() const noexcept { return open_ends_; }
  friend bool operator==(const wire_trace& a, const wire_trace& b) { return a.entries_ == b.entries_; }

 private:
  friend class memory_transport;
  std::vector<entry> entries_;
  int open_ends_ = 0;
};

namespace detail {

// One direction.
struct memory_pipe {
  explicit memory_pipe(const executor& where) : readable{where}, writable{where} {}

  struct arrival {
    clock::time_point at;
    std::uint64_t end;  // offset behind its last byte
  };

  std::deque<std::byte> bytes;
  std::deque<arrival> arrivals;  // of what is still on its way
  std::uint64_t read = 0;        // offset of the first byte in `bytes`
  clock::time_point stalled_until{};
  bool stalled = false;    // has been, or is
  bool ended = false;      // the writer has shut down
  bool abandoned = false;  // the reader has closed
  event readable, writable;

  void notify() {
    readable.notify_all();
    writable.notify_all();
  }
};

struct memory_link {
  memory_link(const executor& where, std::shared_ptr<wire_trace> into)
      : forth{where}, back{where}, trace{std::move(into)} {}
  memory_pipe forth, back;
  bool reset = false;
  std::shared_ptr<wire_trace> trace;
};

}  // namespace detail

/// One end of a connection in memory. Both ends are used from one thread or strand.
class memory_transport final : public transport {
 public:
  memory_transport(executor where, std::shared_ptr<detail::memory_link> link, bool first, memory_faults faults)
      : executor_{std::move(where)},
        link_{std::move(link)},
        first_{first},
        in_{first ? &link_->back : &link_->forth},
        out_{first ? &link_->forth : &link_->back},
        faults_{std::move(faults)} {
    if (link_->trace) ++link_->trace->open_ends_;
  }
  ~memory_transport() override {
    memory_transport::close();
    if (link_->trace) --link_->trace->open_ends_;
  }

  /// Operations begun so far: what `memory_faults::fail_at` counts.
  [[nodiscard]] std::size_t operations() const noexcept { return operations_; }
  [[nodiscard]] std::uint64_t bytes_read() const noexcept { return in_->read; }

  executor get_executor() override { return executor_; }

  task<std::size_t> read_some(mutable_buffers buffers, std::error_code& error) override {
    error.clear();
    if (begin_fails(error)) co_return 0;
    const std::size_t room = asio::buffer_size(buffers);
    const auto generation = generation_;
    if (faults_.source) co_await let_others(generation, error);
    std::size_t size = 0;
    for (;;) {
      if (!open_) error = asio::error::operation_aborted;
      else if (link_->reset) error = asio::error::connection_reset;
      if (error) co_return 0;
      auto again = clock::time_point::max();
      size = std::min(room, arrived(again));
      if (size != 0) break;
      if (in_->read >= faults_.reset_at) {
        reset();
        continue;
      }
      if (in_->read >= faults_.end_at || (in_->ended && in_->bytes.empty())) {
        error = asio::error::eof;
        co_return 0;
      }
      co_await wait(in_->readable, again, generation, error);
      if (error) co_return 0;
    }
    co_return take(buffers, size);
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
        if (faults_.source) co_await let_others(generation, error);
        if (!open_) error = asio::error::operation_aborted;
        else if (link_->reset || out_->abandoned) error = asio::error::connection_reset;
        if (error) co_return done;
        const std::size_t room = faults_.capacity - std::min(faults_.capacity, out_->bytes.size());
        if (room == 0) {
          co_await wait(out_->writable, clock::time_point::max(), generation, error);
          if (error) co_return done;
          continue;
        }
        std::size_t part = std::min(left, room);
        if (faults_.source && faults_.source->chance(20)) part = 1 + faults_.source->below(part);
        put({data, part});
        data += part;
        left -= part;
        done += part;
      }
    }
    co_return done;
  }

  std::size_t read_at_once(mutable_buffers buffers, std::error_code& error) noexcept override {
    error.clear();
    if (!does_it_at_once() || link_->reset) return 0;
    auto again = clock::time_point::max();
    const std::size_t size = std::min(asio::buffer_size(buffers), arrived(again));
    return size == 0 ? 0 : take(buffers, size);
  }
  std::size_t write_at_once(const_buffers buffers, std::error_code& error) noexcept override {
    error.clear();
    if (!does_it_at_once() || link_->reset || out_->abandoned) return 0;
    std::size_t room = faults_.capacity - std::min(faults_.capacity, out_->bytes.size());
    room = std::min(room, asio::buffer_size(buffers));
    if (room != 0 && faults_.source->chance(50)) room = 1 + faults_.source->below(room);
    std::size_t done = 0;
    for (const auto& buffer : buffers) {
      const std::size_t part = std::min(buffer.size(), room - done);
      if (part != 0) put({static_cast<const std::byte*>(buffer.data()), part});
      done += part;
    }
    return done;
  }

  std::size_t try_write(byte_span bytes, std::error_code& error) noexcept override {
    error.clear();
    if (!open_ || link_->reset || out_->abandoned) {
      error = asio::error::connection_reset;
      return 0;
    }
    const std::size_t size = std::min(bytes.size(), faults_.capacity - std::min(faults_.capacity, out_->bytes.size()));
    put(bytes.first(size));
    if (size == 0) error = asio::error::would_block;
    return size;
  }

  void cancel() noexcept override {
    ++generation_;
    in_->notify();
    out_->notify();
  }
  void shutdown_send() noexcept override {
    if (!out_->ended) note(wire_trace::what::shut_down);
    out_->ended = true;
    out_->notify();
  }
  void close() noexcept override {
    if (!std::exchange(open_, false)) return;
    note(wire_trace::what::closed);
    if (!in_->bytes.empty()) reset();  // as TCP does with unread input
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
    reset();
    error = asio::error::connection_reset;
    return true;
  }
  void reset() noexcept {
    if (!std::exchange(link_->reset, true)) note(wire_trace::what::reset);
    in_->notify();
    out_->notify();
  }
  [[nodiscard]] bool does_it_at_once() { return open_ && faults_.source && faults_.source->chance(50); }

  // What has arrived, at most `size` bytes.
  std::size_t take(mutable_buffers buffers, std::size_t size) {
    size = std::min(size, faults_.max_read);
    if (faults_.source && faults_.source->chance(50)) size = 1 + faults_.source->below(size);
    std::size_t done = 0;
    for (const auto& buffer : buffers) {
      const std::size_t part = std::min(buffer.size(), size - done);
      std::copy_n(in_->bytes.begin() + static_cast<std::ptrdiff_t>(done), part, static_cast<std::byte*>(buffer.data()));
      const auto from = in_->read + done;
      if (faults_.damage_at >= from && faults_.damage_at < from + part)
        static_cast<std::byte*>(buffer.data())[faults_.damage_at - from] ^= std::byte{1} << (faults_.damage_at % 8);
      done += part;
    }
    in_->bytes.erase(in_->bytes.begin(), in_->bytes.begin() + static_cast<std::ptrdiff_t>(size));
    in_->read += size;
    while (!in_->arrivals.empty() && in_->arrivals.front().end <= in_->read) in_->arrivals.pop_front();
    in_->writable.notify_all();
    return size;
  }
  void note(wire_trace::what happened) noexcept {
    if (link_->trace) link_->trace->entries_.emplace_back(clock::now(), first_, happened);
  }

  void put(byte_span bytes) {
    out_->bytes.insert(out_->bytes.end(), bytes.begin(), bytes.end());
    out_->arrivals.push_back({clock::now(), out_->read + out_->bytes.size()});
    if (link_->trace && !bytes.empty()) {
      note(wire_trace::what::bytes);
      link_->trace->entries_.back().bytes.assign(bytes.begin(), bytes.end());
    }
    out_->readable.notify_all();
  }

  // Bytes that can be read now; with none, when to look again unless something happens before.
  std::size_t arrived(clock::time_point& again) {
    const auto now = clock::now();
    std::uint64_t end = in_->read;
    for (const auto& each : in_->arrivals) {
      if (each.at + faults_.latency > now) {
        again = each.at + faults_.latency;
        break;
      }
      end = each.end;
    }
    for (const auto stop : {faults_.split_at, faults_.stall_at})
      if (in_->read < stop) end = std::min(end, stop);
    end = std::min({end, faults_.reset_at, faults_.end_at});
    if (in_->read == faults_.stall_at && end != in_->read) {
      if (!std::exchange(in_->stalled, true)) in_->stalled_until = deadline_in(faults_.stall_for);
      if (now < in_->stalled_until) {
        again = in_->stalled_until;
        return 0;
      }
    }
    return end > in_->read ? static_cast<std::size_t>(end - in_->read) : 0;
  }

  // What else is ready gets its turn.
  task<> let_others(std::size_t generation, std::error_code& error) {
    const auto turns = faults_.source->below(3);
    try {
      for (std::size_t i = 0; i < turns; ++i) co_await asio::post(executor_, asio::use_awaitable);
      const auto state = co_await asio::this_coro::cancellation_state;
      if (codicom::detail::is_cancelled(state)) error = asio::error::operation_aborted;
    } catch (const std::system_error&) {
      error = asio::error::operation_aborted;
    }
    if (generation != generation_) error = asio::error::operation_aborted;
  }

  // The event belongs to the link, which this keeps: the transport may be closed meanwhile, but not destroyed.
  task<> wait(event& change, clock::time_point until, std::size_t generation, std::error_code& error) {
    try {
      static_cast<void>(co_await change.wait_until(until));
      const auto state = co_await asio::this_coro::cancellation_state;
      if (codicom::detail::is_cancelled(state)) error = asio::error::operation_aborted;
    } catch (const std::system_error&) {
      error = asio::error::operation_aborted;
    }
    if (generation != generation_) error = asio::error::operation_aborted;
  }

  executor executor_;
  std::shared_ptr<detail::memory_link> link_;
  bool first_;
  detail::memory_pipe* in_;
  detail::memory_pipe* out_;
  memory_faults faults_;
  std::size_t operations_ = 0;
  std::size_t generation_ = 0;
  bool open_ = true;
};

using memory_pair = std::pair<std::unique_ptr<memory_transport>, std::unique_ptr<memory_transport>>;

/// Two ends of a new connection.
[[nodiscard]] inline memory_pair make_memory_pair(const executor& where, memory_faults first = {},
                                                  memory_faults second = {}, std::shared_ptr<wire_trace> trace = {}) {
  const auto link = std::make_shared<detail::memory_link>(where, std::move(trace));
  return {std::make_unique<memory_transport>(where, link, true, std::move(first)),
          std::make_unique<memory_transport>(where, link, false, std::move(second))};
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
    [[nodiscard]] std::unique_ptr<memory_transport> connect(memory_faults ours = {}, memory_faults theirs = {},
                                                            std::shared_ptr<wire_trace> trace = {}) const {
      if (shared_->closed) throw std::system_error{asio::error::connection_refused};
      auto both = make_memory_pair(shared_->where, std::move(ours), std::move(theirs), std::move(trace));
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
