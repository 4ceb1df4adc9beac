#pragma once
#include <codicom/core/config.hpp>
#include <codicom/core/log.hpp>

#include <atomic>
#include <mutex>

namespace codicom {
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

CODICOM_FUNCTION std::shared_ptr<const log_callback> current_log() { return log_sink::instance().get(); }

}  // namespace detail

CODICOM_FUNCTION void set_log(log_callback callback) {
  detail::log_sink::instance().set(callback ? std::make_shared<const log_callback>(std::move(callback)) : nullptr);
}

}  // namespace codicom
