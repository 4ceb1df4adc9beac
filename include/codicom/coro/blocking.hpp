#pragma once
#include <codicom/coro/event.hpp>

#include <asio/execution_context.hpp>

#include <atomic>
#include <concepts>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

namespace codicom {

/// Tells a function on the blocking pool, or a handler, that nobody waits for its result any more.
class stop_token {
 public:
  /// Never stopped.
  stop_token() = default;
  [[nodiscard]] bool stop_requested() const noexcept { return flag_ && flag_->load(std::memory_order_relaxed); }

 private:
  friend class stop_source;
  explicit stop_token(std::shared_ptr<const std::atomic<bool>> flag) noexcept : flag_{std::move(flag)} {}
  std::shared_ptr<const std::atomic<bool>> flag_;
};

/// The other end of `stop_token`s.
class stop_source {
 public:
  stop_source() : flag_{std::make_shared<std::atomic<bool>>(false)} {}
  void request_stop() noexcept { flag_->store(true, std::memory_order_relaxed); }
  [[nodiscard]] bool stop_requested() const noexcept { return flag_->load(std::memory_order_relaxed); }
  [[nodiscard]] stop_token token() const noexcept { return stop_token{flag_}; }

 private:
  std::shared_ptr<std::atomic<bool>> flag_;
};

/// The threads of an execution context on which functions may block: fsync, rename, folders, databases. They start
/// when first needed and are joined when the context is destroyed.
class blocking_pool : public asio::execution_context::service {
 public:
  using key_type = blocking_pool;
  static inline asio::execution_context::id id;
  static constexpr std::size_t max_threads = 4;

  explicit blocking_pool(asio::execution_context& owner) : service{owner} {}
  ~blocking_pool() override { shutdown(); }

  /// Run `job` on one of the threads. It may not throw.
  void submit(std::function<void()> job);

  void shutdown() override;

 private:
  void work();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> jobs_;
  std::vector<std::thread> threads_;
  std::size_t idle_ = 0;
  bool stopping_ = false;
};

/// Call `f()` or `f(stop_token)` on the blocking pool of the executor's context, and resume on the executor.
///
/// @return what `f` returns. @throws what it throws.
/// @par Cancellation: sets the token; the function is awaited still, then `errc::cancelled` is thrown.
/// @par Lifetime: `f` is kept alive; what it refers to must outlive the task.
template <class F>
[[nodiscard]] auto blocking(executor where, F f);

}  // namespace codicom

#include <codicom/coro/impl/blocking.hpp>
