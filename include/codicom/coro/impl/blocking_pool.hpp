#pragma once
#include <codicom/core/config.hpp>

#include <asio/execution_context.hpp>

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace codicom {

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

CODICOM_FUNCTION void blocking_pool::submit(std::function<void()> job) {
  {
    const std::lock_guard lock{mutex_};
    if (stopping_) return;
    jobs_.push_back(std::move(job));
    if (idle_ < jobs_.size() && threads_.size() < max_threads) threads_.emplace_back([this] { work(); });
  }
  changed_.notify_one();  // with the lock held, the thread would wake up to wait for it
}

CODICOM_FUNCTION void blocking_pool::work() {
  std::unique_lock lock{mutex_};
  for (;;) {
    ++idle_;
    changed_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
    --idle_;
    if (stopping_) return;
    {
      const auto job = std::move(jobs_.front());
      jobs_.pop_front();
      lock.unlock();
      job();
    }
    lock.lock();
  }
}

CODICOM_FUNCTION void blocking_pool::shutdown() {
  std::deque<std::function<void()>> dropped;
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
    dropped.swap(jobs_);
  }
  changed_.notify_all();
  for (auto& thread : threads_) thread.join();
  threads_.clear();
}

}  // namespace codicom
