#pragma once
#include <algorithm>
#include <cstddef>
#include <memory>
#include <type_traits>

namespace codicom::detail {

// A stack of plain things that hands out the place of a new one, for its parts to be written right there: a whole that
// is copied straight after its parts have been stored makes the processor wait for every store.
template <class T>
class stack {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  [[nodiscard]] bool empty() const noexcept { return top_ == first_.get(); }
  [[nodiscard]] std::size_t size() const noexcept { return static_cast<std::size_t>(top_ - first_.get()); }
  [[nodiscard]] std::size_t capacity() const noexcept { return static_cast<std::size_t>(limit_ - first_.get()); }
  [[nodiscard]] T* begin() const noexcept { return first_.get(); }
  [[nodiscard]] T* end() const noexcept { return top_; }
  [[nodiscard]] T& operator[](std::size_t i) const noexcept { return first_[i]; }
  [[nodiscard]] T& back() const noexcept { return top_[-1]; }
  // Whatever stood there before: all of it is to be assigned.
  [[nodiscard]] T& push() {
    if (top_ == limit_) [[unlikely]] grow();
    return *top_++;
  }
  void pop() noexcept { --top_; }
  void shrink(std::size_t size) noexcept { top_ = first_.get() + size; }
  void clear() noexcept { top_ = first_.get(); }

 private:
  void grow() {
    const std::size_t used = size();
    const std::size_t room = std::max<std::size_t>(used * 2, 8);
    auto larger = std::make_unique_for_overwrite<T[]>(room);
    std::copy(first_.get(), top_, larger.get());
    first_ = std::move(larger);
    top_ = first_.get() + used;
    limit_ = first_.get() + room;
  }

  std::unique_ptr<T[]> first_;
  T* top_ = nullptr;
  T* limit_ = nullptr;
};

}  // namespace codicom::detail
