#pragma once
#include <codicom/dul/state_machine.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

namespace codicom::testing {

/// Counts, while it lives, how often each cell of PS3.8 Table 9-10 is taken by the associations of this thread.
class transition_counts {
 public:
  transition_counts() noexcept : previous_{std::exchange(dul::detail::counting, &counts_)} {}
  transition_counts(const transition_counts&) = delete;
  transition_counts& operator=(const transition_counts&) = delete;
  ~transition_counts() { dul::detail::counting = previous_; }

  [[nodiscard]] std::uint64_t of(dul::state at, dul::event happened) const noexcept {
    return counts_[static_cast<std::size_t>(happened) - 1][static_cast<std::size_t>(at) - 1];
  }

  /// A line per event, a column per state.
  [[nodiscard]] std::string table() const {
    std::string text;
    const auto column = [&text](std::string_view value, std::size_t width) {
      text.append(width - std::min(width, value.size()), ' ').append(value);
    };
    column({}, 36);
    for (std::size_t at = 0; at < counts_.front().size(); ++at) column(name(static_cast<dul::state>(at + 1)), 9);
    for (std::size_t event = 0; event < counts_.size(); ++event) {
      text += '\n';
      column(name(static_cast<dul::event>(event + 1)), 36);
      for (const auto each : counts_[event]) column(each == 0 ? "" : std::to_string(each), 9);
    }
    return text + '\n';
  }

 private:
  dul::detail::cell_counts counts_{};
  dul::detail::cell_counts* previous_;
};

}  // namespace codicom::testing
