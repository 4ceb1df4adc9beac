#pragma once
/// For tests of programs that use codicom: a network in memory, time that stands still, peers that follow a script.
#include <codicom/testing/memory_transport.hpp>
#include <codicom/testing/random.hpp>
#include <codicom/testing/scripted_peer.hpp>
#include <codicom/testing/simulation.hpp>
#include <codicom/testing/transition_counts.hpp>
#include <codicom/testing/virtual_clock.hpp>
