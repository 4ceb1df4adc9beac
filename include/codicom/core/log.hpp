#pragma once
#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string_view>
#include <utility>

namespace codicom {

enum class log_level { debug, info, warning, error };

/// Receives one line; may be called on any thread that runs codicom's operations.
using log_callback = std::function<void(log_level, std::string_view)>;

namespace detail {

// A mutex in place of std::atomic<std::shared_ptr>, which libc++ lacks; nobody takes it while the log is silent.
struct log_sink {
  std::atomic<bool> listening{false};
  std::mutex mutex;
  std::shared_ptr<const log_callback> callback;

  [[nodiscard]] static log_sink& instance() noexcept {
    static log_sink sink;
    return sink;
  }
  [[nodiscard]] std::shared_ptr<const log_callback> get() {
    if (!listening.load(std::memory_order_relaxed)) return nullptr;
    const std::lock_guard lock{mutex};
    return callback;
  }
  void set(std::shared_ptr<const log_callback> replacement) {
    const std::lock_guard lock{mutex};
    listening.store(replacement != nullptr, std::memory_order_relaxed);
    callback.swap(replacement);  // the former one goes after the lock
  }
};

}  // namespace detail

/// Hand the library's log to `callback`; an empty one makes it silent, as it is at first. Lines name peers, UIDs and
/// statuses, never patient data.
inline void set_log(log_callback callback) {
  detail::log_sink::instance().set(callback ? std::make_shared<const log_callback>(std::move(callback)) : nullptr);
}

/// `make_line` is called only when somebody listens; it returns the line.
template <class MakeLine>
void log(log_level level, MakeLine&& make_line) {
  if (const auto sink = detail::log_sink::instance().get()) (*sink)(level, std::forward<MakeLine>(make_line)());
}

}  // namespace codicom
