#pragma once
#include <codicom/core/config.hpp>
#include <codicom/coro/watchdog.hpp>

#include <algorithm>
#include <system_error>
#include <utility>

namespace codicom {

struct watchdog::state : std::enable_shared_from_this<watchdog::state> {
  static constexpr auto never = clock::time_point::max();

  state(const executor& where, std::function<void(std::size_t)> callback)
      : alarm{where}, on_expiry{std::move(callback)} {
    deadlines.fill(never);
  }

  void arm(clock::time_point at) {
    armed = at;
    alarm.expires_at(at);
    alarm.async_wait([weak = weak_from_this()](const std::error_code& error) {
      if (error) return;  // armed anew, or stopped
      if (const auto self = weak.lock()) self->fired();
    });
  }

  void fired() {
    armed = never;
    const auto now = clock::now();
    for (std::size_t n = 0; n < deadlines.size(); ++n) {
      if (deadlines[n] > now) continue;
      deadlines[n] = never;
      on_expiry(n);
    }
    const auto next = *std::min_element(deadlines.begin(), deadlines.end());
    if (next < armed) arm(next);
  }

  timer alarm;
  std::function<void(std::size_t)> on_expiry;
  std::array<clock::time_point, max_deadlines> deadlines;
  clock::time_point armed = never;
};

CODICOM_FUNCTION watchdog::watchdog(const executor& where, std::function<void(std::size_t)> on_expiry)
    : state_{std::make_shared<state>(where, std::move(on_expiry))} {}

CODICOM_FUNCTION watchdog::~watchdog() = default;

CODICOM_FUNCTION void watchdog::set(std::size_t n, clock::time_point deadline) {
  state_->deadlines[n] = deadline;
  if (deadline < state_->armed) state_->arm(deadline);
}
CODICOM_FUNCTION void watchdog::clear(std::size_t n) noexcept { state_->deadlines[n] = state::never; }
CODICOM_FUNCTION clock::time_point watchdog::at(std::size_t n) const noexcept { return state_->deadlines[n]; }
CODICOM_FUNCTION void watchdog::stop() {
  state_->deadlines.fill(state::never);
  state_->armed = state::never;
  state_->alarm.cancel();
}

}  // namespace codicom
