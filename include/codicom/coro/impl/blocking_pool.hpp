#pragma once
#include <codicom/core/config.hpp>
#include <codicom/coro/detail/blocking_pool.hpp>

#include <utility>

namespace codicom {

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
