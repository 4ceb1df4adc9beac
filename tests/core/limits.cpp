#include <codicom/core/limits.hpp>

#include <doctest/doctest.h>
#include <type_traits>

using namespace codicom;

// Copied from listener to association to decoder, in coroutines too.
static_assert(std::is_trivially_copyable_v<limits> && std::is_trivially_destructible_v<limits>);

TEST_CASE("the limits let through what the standard and usual archives do") {
  constexpr limits l;
  CHECK(l.presentation_contexts == 128);  // PS3.8 §9.3.2.2: ids 1, 3 ... 255
  CHECK(l.transfer_syntaxes >= 63);       // all that PS3.6 registers
  CHECK(l.pdu_bytes >= 131072);
  CHECK(l.data_set_bytes > 0xFFFFFFFFull);  // an object may have more than one value of 4 GiB
  CHECK(l.depth >= 32);
  CHECK(l.arena_bytes <= l.data_set_bytes);
}
