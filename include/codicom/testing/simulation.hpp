#pragma once
#include <codicom/coro/result.hpp>
#include <codicom/coro/task.hpp>
#include <codicom/testing/memory_transport.hpp>
#include <codicom/testing/random.hpp>
#include <codicom/testing/virtual_clock.hpp>

#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>

#include <algorithm>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

namespace codicom::testing {

/// What goes wrong on a simulated network.
enum class network_fault : std::uint8_t {
  none,
  reset,   ///< the connection is reset
  end,     ///< one side sees the end of the stream
  stall,   ///< nothing more comes to one side
  pause,   ///< nothing comes to one side for a while
  damage,  ///< one bit is inverted
};

/// A connection between two coroutines in memory, in simulated time. The seed decides how the network behaves: how
/// long bytes travel, into which pieces they fall, what gets ready before what, how much fits on the way, and one fault
/// at one place or none. The same seed gives the same run, byte for byte.
///
///     testing::for_seeds(1, 1000, [](testing::simulation& world) {
///       world.run([](auto over) { return asks(std::move(over)); },     // task<>, with a transport
///                 [](auto over) { return answers(std::move(over)); });
///     });
class simulation {
 public:
  using side = std::function<task<>(std::unique_ptr<transport>)>;

  explicit simulation(std::uint64_t seed) : seed_{seed}, draw_{seed} {
    const auto source = std::make_shared<random>(draw_.next());
    for (auto* end : {&first, &second}) {
      end->source = source;
      end->latency = draw_.one_of<duration>({duration{}, duration{}, std::chrono::milliseconds{1},
                                             std::chrono::milliseconds{10}, std::chrono::milliseconds{100}});
      end->capacity = draw_.one_of<std::size_t>({256 << 10, 256 << 10, 4096, 100, 1});
      end->max_read = draw_.one_of<std::size_t>({1 << 20, 1 << 20, 1 << 20, 1000, 7, 1});
      if (draw_.chance(50)) end->split_at = draw_.below(2000);
    }
    // A long way that takes few bytes is as slow as a stall.
    if (first.latency + second.latency != duration{})
      for (auto* end : {&first, &second}) end->capacity = std::max<std::size_t>(end->capacity, 64 << 10);
    const auto fault = draw_.one_of({network_fault::none, network_fault::none, network_fault::none, network_fault::reset,
                                     network_fault::end, network_fault::stall, network_fault::pause, network_fault::damage});
    const bool on_first = draw_.chance(50);
    // Most of what is interesting is in the first bytes: negotiation, then one message after the other.
    const std::uint64_t offset = draw_.below(draw_.one_of<std::size_t>({20, 300, 1000, 3000, 30000}));
    duration pause{};
    if (fault == network_fault::pause) pause = std::chrono::milliseconds{1} * draw_.one_of({1, 10, 1000, 10000, 30000});
    inflict(fault, on_first, offset, pause);
  }
  simulation(const simulation&) = delete;
  simulation& operator=(const simulation&) = delete;

  [[nodiscard]] std::uint64_t seed() const noexcept { return seed_; }
  /// For what the scenario draws itself.
  [[nodiscard]] random& draw() noexcept { return draw_; }
  /// With `none`, or a `pause` shorter than all deadlines, everything must succeed.
  [[nodiscard]] network_fault fault() const noexcept { return fault_; }
  void without_fault() noexcept {
    fault_ = network_fault::none;
    for (auto* end : {&first, &second}) {
      end->reset_at = end->end_at = end->stall_at = end->damage_at = memory_faults::nowhere;
      end->stall_for = no_deadline;
      end->fail_at = memory_faults::nowhere;
    }
  }
  /// This fault instead of the one that was drawn, at an offset of the stream that the first or the second side reads.
  void inflict(network_fault what, bool on_first, std::uint64_t offset, duration pause = {}) noexcept {
    without_fault();
    fault_ = what;
    auto& at = on_first ? first : second;
    switch (what) {
      case network_fault::none: break;
      case network_fault::reset: at.reset_at = offset; break;
      case network_fault::end: at.end_at = offset; break;
      case network_fault::stall: at.stall_at = offset; break;
      case network_fault::pause:
        at.stall_at = offset;
        at.stall_for = pause;
        break;
      case network_fault::damage: at.damage_at = offset; break;
    }
  }

  /// What was drawn for either end; may be changed before `run`.
  memory_faults first, second;
  /// Simulated time in which both sides must have ended.
  duration patience = std::chrono::hours{1};

  /// Run both sides to their end, once.
  /// @throws what a side throws; std::logic_error when they never end, or leave behind a coroutine, a timer or an open
  ///         transport.
  void run(side one, side other) {
    virtual_clock time;
    asio::io_context io{1};
    const executor where{io.get_executor()};
    trace_ = std::make_shared<wire_trace>();
    struct outcome {
      bool ended = false;
      std::exception_ptr error;
    };
    outcome outcomes[2];
    const auto start = [&](const side& body, std::unique_ptr<transport> over, outcome& into) {
      asio::co_spawn(where, body(std::move(over)), [&into](std::exception_ptr error) {
        into.error = std::move(error);
        into.ended = true;
      });
    };
    {
      auto ends = make_memory_pair(where, first, second, trace_);
      start(one, std::move(ends.first), outcomes[0]);
      start(other, std::move(ends.second), outcomes[1]);
    }
    const auto limit = time.now() + patience;
    time.run_until(io, [&] { return (outcomes[0].ended && outcomes[1].ended) || time.now() > limit; });
    for (const auto& each : outcomes)
      if (each.error) std::rethrow_exception(each.error);
    for (const auto& each : outcomes)
      if (!each.ended)
        throw std::logic_error{std::string{&each == outcomes ? "the first" : "the second"} + " side never ends"};
    virtual_clock::settle(io);
    if (trace_->open_ends() != 0) throw std::logic_error{"a transport has been left open"};
    if (!io.stopped()) throw std::logic_error{"a coroutine or a timer has been left behind"};
  }

  /// What the last run sent.
  [[nodiscard]] const wire_trace& trace() const noexcept { return *trace_; }

 private:
  std::uint64_t seed_;
  random draw_;
  network_fault fault_ = network_fault::none;
  std::shared_ptr<wire_trace> trace_ = std::make_shared<wire_trace>();
};

/// Run a scenario, a callable of `simulation&`, with one seed after the other.
/// @throws std::runtime_error what the first failing one threw, with its seed.
template <class Scenario>
void for_seeds(std::uint64_t first, std::uint64_t count, Scenario scenario) {
  for (std::uint64_t seed = first; seed - first < count; ++seed) {
    try {
      simulation world{seed};
      scenario(world);
    } catch (const std::exception& error) {
      throw std::runtime_error{"seed " + std::to_string(seed) + ": " + error.what()};
    }
  }
}

}  // namespace codicom::testing
