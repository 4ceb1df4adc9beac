#pragma once
#include <atomic>

namespace codicom::detail {

// What an optional header provides to code that does not include it: one table of functions of each type, none until a
// unit of the program includes that header, which installs it before `main`.
template <class Functions>
inline constinit std::atomic<const Functions*> installed_functions{nullptr};

template <class Functions>
[[nodiscard]] bool install(const Functions& functions) noexcept {
  installed_functions<Functions>.store(&functions, std::memory_order_release);
  return true;
}

// Null when nobody provides it.
template <class Functions>
[[nodiscard]] const Functions* installed() noexcept {
  return installed_functions<Functions>.load(std::memory_order_acquire);
}

}  // namespace codicom::detail
