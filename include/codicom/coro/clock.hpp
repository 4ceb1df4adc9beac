#pragma once
#include <codicom/coro/task.hpp>

#include <asio/basic_waitable_timer.hpp>

#include <chrono>

namespace codicom {

namespace detail {
struct virtual_time;
}

/// The clock of all deadlines: `std::chrono::steady_clock`, unless a `testing::virtual_clock` drives this thread.
class clock {
 public:
  using duration = std::chrono::steady_clock::duration;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<clock>;
  static constexpr bool is_steady = true;

  [[nodiscard]] static time_point now() noexcept;
};

/// A length of time in options and deadlines; `no_deadline` waits for ever.
using duration = clock::duration;
inline constexpr duration no_deadline = duration::max();

/// The moment that lies `after` from now; `time_point::max()` for `no_deadline`.
[[nodiscard]] inline clock::time_point deadline_in(duration after) noexcept {
  const auto now = clock::now();
  return after >= clock::time_point::max() - now ? clock::time_point::max() : now + after;
}

namespace detail {

// A simulated present. `earliest` is what the timer queue said last about its first timer.
struct virtual_time {
  clock::time_point now{};
  duration earliest = duration::max();
};
inline constinit thread_local virtual_time* simulated = nullptr;

struct clock_wait_traits {
  static duration to_wait_duration(const duration& until) noexcept {
    if (simulated != nullptr) simulated->earliest = until;
    return until;
  }
  static duration to_wait_duration(const clock::time_point& at) noexcept { return to_wait_duration(at - clock::now()); }
};

}  // namespace detail

inline clock::time_point clock::now() noexcept {
  if (detail::simulated != nullptr) return detail::simulated->now;
  return time_point{std::chrono::steady_clock::now().time_since_epoch()};
}

/// The one timer type of the library.
using timer = asio::basic_waitable_timer<clock, detail::clock_wait_traits, executor>;

}  // namespace codicom
