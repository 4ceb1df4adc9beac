#include "heap.hpp"

#include <cerrno>
#include <cstdlib>

// glibc's malloc, which operator new and every shared library call, is replaced by one that counts and hands on.
// Outside start/stop that costs one predictable branch.

namespace heap {
namespace {
bool counting = false;
count counted;
}  // namespace

void start() noexcept {
  counted = {};
  counting = true;
}
count stop() noexcept {
  counting = false;
  return counted;
}

}  // namespace heap

#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#include <malloc.h>

extern "C" {
void* __libc_malloc(std::size_t);
void __libc_free(void*);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);

static void* taken(void* block) noexcept {
  if (heap::counting && block != nullptr) {
    heap::counted.known = true;
    ++heap::counted.allocations;
    heap::counted.live_bytes += static_cast<std::int64_t>(malloc_usable_size(block));
  }
  return block;
}
static void given_back(void* block) noexcept {
  if (heap::counting && block != nullptr)
    heap::counted.live_bytes -= static_cast<std::int64_t>(malloc_usable_size(block));
}

void* malloc(std::size_t size) { return taken(__libc_malloc(size)); }
void free(void* block) {
  given_back(block);
  __libc_free(block);
}
void* calloc(std::size_t count, std::size_t size) { return taken(__libc_calloc(count, size)); }
void* realloc(void* block, std::size_t size) {
  given_back(block);
  return taken(__libc_realloc(block, size));
}
void* memalign(std::size_t alignment, std::size_t size) { return taken(__libc_memalign(alignment, size)); }
void* aligned_alloc(std::size_t alignment, std::size_t size) { return taken(__libc_memalign(alignment, size)); }
int posix_memalign(void** block, std::size_t alignment, std::size_t size) {
  *block = taken(__libc_memalign(alignment, size));
  return *block == nullptr ? ENOMEM : 0;
}
}
#endif
