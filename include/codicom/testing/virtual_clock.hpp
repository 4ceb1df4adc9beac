#pragma once
#include <codicom/coro/clock.hpp>
#include <codicom/coro/result.hpp>

#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>

#include <functional>
#include <stdexcept>
#include <utility>

namespace codicom::testing {

/// Time that passes only when told: while it lives, `codicom::clock` of this thread stands still, and `run` jumps from
/// one timer to the next when nothing else can happen. A deadline of a minute costs no minute, and every run is the
/// same. For transports in memory; a real socket would not keep up.
class virtual_clock {
 public:
  virtual_clock() {
    time_.now = clock::time_point{std::chrono::hours{1}};
    previous_ = std::exchange(codicom::detail::simulated, &time_);
  }
  virtual_clock(const virtual_clock&) = delete;
  virtual_clock& operator=(const virtual_clock&) = delete;
  ~virtual_clock() { codicom::detail::simulated = previous_; }

  [[nodiscard]] clock::time_point now() const noexcept { return time_.now; }

  /// Let everything happen that can happen without time passing.
  /// @throws std::logic_error when that has no end: something waits without waiting.
  static void settle(asio::io_context& io) {
    io.restart();
    for (std::size_t steps = 0; io.poll_one() != 0; ++steps)
      if (steps == most_steps) throw std::logic_error{"the simulation is busy for ever, and no time passes"};
  }

  /// Run until `done()`. False: nothing can happen any more, and it is not.
  bool run_until(asio::io_context& io, const std::function<bool()>& done) {
    for (;;) {
      settle(io);
      if (done()) return true;
      const auto step = until_next_timer(io);
      if (step > never) return done();
      if (step > duration::zero()) time_.now += step;
      settle(io);
    }
  }

  /// Let `length` pass.
  void run_for(asio::io_context& io, duration length) {
    const auto end = time_.now + length;
    for (;;) {
      settle(io);
      const auto step = until_next_timer(io);
      if (step > end - time_.now) break;
      if (step > duration::zero()) time_.now += step;
    }
    time_.now = end;
    kick(io);
    settle(io);
  }

 private:
  // A wait for an event has its timer at the end of time.
  static constexpr duration never = std::chrono::hours{24 * 365};
  static constexpr std::size_t most_steps = 20'000'000;

  // The timer queue looks at its timers, and so tells about the first of them, when one has expired.
  void kick(asio::io_context& io) {
    bool fired = false;
    timer alarm{io.get_executor(), clock::time_point{}};
    alarm.async_wait([&fired](const std::error_code&) { fired = true; });
    time_.earliest = duration::max();
    while (!fired) {
      io.restart();
      io.poll();
    }
  }
  duration until_next_timer(asio::io_context& io) {
    kick(io);
    return time_.earliest;
  }

  codicom::detail::virtual_time time_;
  codicom::detail::virtual_time* previous_ = nullptr;
};

/// Run a task in simulated time on an io_context of its own.
/// @throws what the task throws; std::logic_error when it can never end: everybody waits for something that nobody
/// does.
template <class T>
auto simulate(task<T> work) {
  virtual_clock time;
  asio::io_context io{1};
  result<T> outcome;
  bool ended = false;
  const auto keep = [](task<T> inner, result<T>& where) -> task<> { where = co_await as_result(std::move(inner)); };
  asio::co_spawn(executor{io.get_executor()}, keep(std::move(work), outcome),
                 [&ended](std::exception_ptr) { ended = true; });
  if (!time.run_until(io, [&ended] { return ended; }))
    throw std::logic_error{"the simulation stands still: everybody waits and no timer runs"};
  return std::move(outcome).value();
}

}  // namespace codicom::testing
