#pragma once
#include <codicom/core/bytes.hpp>
#include <codicom/core/limits.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

// What the fuzz targets share.

#define FUZZ_CHECK(condition)                                                          \
  do {                                                                                 \
    if (!(condition)) {                                                                \
      std::fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition); \
      std::abort();                                                                    \
    }                                                                                  \
  } while (false)

namespace fuzz {

inline codicom::byte_span as_bytes(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const std::byte*>(data), size};
}

/// Limits that keep an input of some kilobytes from costing more than some megabytes.
inline codicom::limits small_limits() {
  codicom::limits limits;
  limits.data_set_bytes = 1 << 20;
  limits.value_bytes = 1 << 20;
  limits.arena_bytes = 4 << 20;
  limits.elements = 20'000;
  limits.fragments = 20'000;
  return limits;
}

}  // namespace fuzz
