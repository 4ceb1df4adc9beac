#pragma once
#include <atomic>
#include <functional>
#include <memory>
#include <string_view>
#include <utility>

namespace codicom {

enum class log_level { debug, info, warning, error };

/// Receives one line; may be called on any thread that runs codicom's operations.
using log_callback = std::function<void(log_level, std::string_view)>;

namespace detail {

inline std::atomic<std::shared_ptr<const log_callback>>& log_sink() noexcept {
  static std::atomic<std::shared_ptr<const log_callback>> sink;
  return sink;
}

}  // namespace detail

/// Hand the library's log to `callback`; an empty one makes it silent, as it is at first. Lines name peers, UIDs and
/// statuses, never patient data.
inline void set_log(log_callback callback) {
  detail::log_sink().store(callback ? std::make_shared<const log_callback>(std::move(callback)) : nullptr);
}

/// `make_line` is called only when somebody listens; it returns the line.
template <class MakeLine>
void log(log_level level, MakeLine&& make_line) {
  if (const auto sink = detail::log_sink().load()) (*sink)(level, std::forward<MakeLine>(make_line)());
}

}  // namespace codicom
