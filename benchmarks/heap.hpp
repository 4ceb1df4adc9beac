#pragma once
#include <cstddef>
#include <cstdint>

// Counts what goes to the heap, while asked to.
namespace heap {

struct count {
  bool known = false;  // false where malloc cannot be taken over
  std::uint64_t allocations = 0;
  std::int64_t live_bytes = 0;  // taken and not given back, as the allocator rounds them
};

void start() noexcept;
count stop() noexcept;

}  // namespace heap
