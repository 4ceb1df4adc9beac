#pragma once
#include <codicom/core/config.hpp>

#include <asio/execution_context.hpp>

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
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

  CODICOM_FUNCTION void shutdown() override;

 private:
  void work();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> jobs_;
  std::vector<std::thread> threads_;
  std::size_t idle_ = 0;
  bool stopping_ = false;
};

}  // namespace codicom

#ifndef CODICOM_SEPARATE_COMPILATION
#include <codicom/coro/impl/blocking_pool.hpp>
#endif
