#include "simulation/two_stacks.hpp"

#include <cstdio>
#include <cstdlib>
#include <doctest/doctest.h>

using namespace codicom_test;

namespace {

// CODICOM_SIMULATION_SEEDS: how many, "100000"; CODICOM_SIMULATION_FIRST: where to begin, to see one seed again.
std::uint64_t number_in(const char* variable, std::uint64_t otherwise) {
  const char* text = std::getenv(variable);
  return text != nullptr ? std::strtoull(text, nullptr, 10) : otherwise;
}
const std::uint64_t seeds = number_in("CODICOM_SIMULATION_SEEDS", 1000);
const std::uint64_t first_seed = number_in("CODICOM_SIMULATION_FIRST", 1);

}  // namespace

TEST_CASE("two stacks get everything right on a network of any kind, or end in time") {
  std::size_t most_outstanding = 0;
  testing::for_seeds(first_seed, seeds, [&](testing::simulation& world) {
    two_stacks both{world};
    both.run();
    most_outstanding = std::max(most_outstanding, both.most_outstanding);
  });
  if (seeds >= 100) CHECK(most_outstanding > 1);
}

TEST_CASE("a seed gives the same run again, byte for byte") {
  for (std::uint64_t seed = first_seed; seed < first_seed + 20; ++seed) {
    testing::simulation one{seed}, again{seed};
    two_stacks{one}.run();
    two_stacks{again}.run();
    CHECK(one.trace() == again.trace());
    CHECK_FALSE(one.trace().entries().empty());
  }
}
