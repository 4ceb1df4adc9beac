#pragma once
// A stack of ours, and a peer that sends what it must not, or nothing, or leaves, in each state of PS3.8 Table 9-10.
#include <codicom/testing/simulation.hpp>

namespace codicom_test {

// Which state and what happens there is drawn from the seed.
// @throws std::logic_error when our side does not do what the table says, or not in time
void meet_raw_peer(codicom::testing::simulation& world);

}  // namespace codicom_test
