#pragma once
#include <cstddef>
#include <cstdint>
#include <initializer_list>

namespace codicom::testing {

/// Numbers that look drawn and follow from a seed alone, the same on every machine (SplitMix64).
class random {
 public:
  explicit random(std::uint64_t seed) noexcept : state_{seed} {}

  std::uint64_t next() noexcept {
    std::uint64_t z = state_ += 0x9E3779B97F4A7C15;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    return z ^ (z >> 31);
  }
  /// 0 to `count` - 1. @pre count > 0
  std::size_t below(std::size_t count) noexcept { return static_cast<std::size_t>(next() % count); }
  /// True in `percent` of a hundred cases.
  bool chance(unsigned percent) noexcept { return below(100) < percent; }
  template <class T>
  T one_of(std::initializer_list<T> values) noexcept {
    return values.begin()[below(values.size())];
  }

 private:
  std::uint64_t state_;
};

}  // namespace codicom::testing
