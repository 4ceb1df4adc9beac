#pragma once
#include <asio/execution_context.hpp>

#include <cstddef>
#include <memory>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

namespace codicom::detail {

inline constexpr std::size_t read_buffer_size = (128 << 10) + 64;  // a fragment of our size and the header before it

// Read buffers of an execution context, lent while a message is under way, so that an idle association needs none.
class buffer_pool : public asio::execution_context::service {
 public:
  using key_type = buffer_pool;
  static inline asio::execution_context::id id;
  static constexpr std::size_t max_kept = 16;

  explicit buffer_pool(asio::execution_context& owner) : service{owner} {}
  void shutdown() override {}

  [[nodiscard]] std::unique_ptr<std::byte[]> take() {
    {
      const std::lock_guard lock{mutex_};
      if (!kept_.empty()) {
        auto buffer = std::move(kept_.back());
        kept_.pop_back();
        return buffer;
      }
    }
    return std::make_unique_for_overwrite<std::byte[]>(read_buffer_size);
  }
  void give_back(std::unique_ptr<std::byte[]> buffer) {
    const std::lock_guard lock{mutex_};
    if (kept_.size() < max_kept) kept_.push_back(std::move(buffer));
  }

 private:
  std::mutex mutex_;
  std::vector<std::unique_ptr<std::byte[]>> kept_;
};

// One of them, for the time of a message.
class borrowed_buffer {
 public:
  explicit borrowed_buffer(asio::execution_context& from)
      : pool_{&asio::use_service<buffer_pool>(from)}, bytes_{pool_->take()} {}
  borrowed_buffer(const borrowed_buffer&) = delete;
  borrowed_buffer& operator=(const borrowed_buffer&) = delete;
  ~borrowed_buffer() { pool_->give_back(std::move(bytes_)); }

  [[nodiscard]] std::span<std::byte> get() const noexcept { return {bytes_.get(), read_buffer_size}; }

 private:
  buffer_pool* pool_;
  std::unique_ptr<std::byte[]> bytes_;
};

}  // namespace codicom::detail
