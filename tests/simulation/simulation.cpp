#include "simulation/raw_peers.hpp"
#include "simulation/two_stacks.hpp"

#include <codicom/dul/detail/transition_table.hpp>
#include <codicom/testing/transition_counts.hpp>

#include <algorithm>
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

// The local user of the upper layer is our own code, which answers in the same step of the event loop in which it was
// asked: an association (Sta3), and a release that collides with ours (Sta9, Sta12). So nothing else happens there.
bool is_passed_through(dul::state at) {
  return at == dul::state::sta3 || at == dul::state::sta9 || at == dul::state::sta12;
}

}  // namespace

TEST_CASE("two stacks get everything right on a network of any kind, or end in time") {
  const testing::transition_counts counts;
  std::size_t most_outstanding = 0;
  testing::for_seeds(first_seed, seeds, [&](testing::simulation& world) {
    INFO("seed " << world.seed());  // if it crashes
    two_stacks both{world};
    both.run();
    most_outstanding = std::max(most_outstanding, both.most_outstanding);
    testing::simulation other{world.seed()};
    meet_raw_peer(other);
  });
  if (seeds >= 100) CHECK(most_outstanding > 1);
  // Every cell that can be reached has been, in proportion.
  std::size_t reachable = 0, never = 0;
  for (std::size_t at = 1; at <= 13; ++at) {
    for (std::size_t event = 1; event <= 19; ++event) {
      const auto state = static_cast<dul::state>(at);
      const auto happened = static_cast<dul::event>(event);
      const bool in_table = dul::detail::transition_table[event - 1][at - 1] != dul::action::none;
      const auto count = counts.of(state, happened);
      INFO((std::string{name(state)} + ", " + std::string{name(happened)} + ": " + std::to_string(count)));
      if (is_passed_through(state) && happened != dul::event::a_associate_response_accept &&
          happened != dul::event::a_associate_response_reject && happened != dul::event::a_release_response) {
        CHECK(count == 0);
        if (in_table) ++never;
      } else if (in_table) {
        ++reachable;
        if (seeds >= 10000) CHECK(count >= seeds / 1000);
      }
    }
  }
  MESSAGE((counts.table() + std::to_string(reachable) + " cells that can be reached, " + std::to_string(never) + " that cannot"));
}

TEST_CASE("whatever goes wrong wherever in a retrieval, its negotiation included, does no harm") {
  const auto run = [](std::uint64_t seed, auto&& disturb) {
    testing::simulation world{seed};
    world.without_fault();
    disturb(world);
    two_stacks both{world};
    operation get;
    get.what = verb::get;
    get.responses = 1;
    get.pixel_bytes = 20;
    both.only(get);
    both.run();
    return std::pair{world.trace().written(false).size(), world.trace().written(true).size()};
  };
  const auto step = number_in("CODICOM_SIMULATION_STEP", 97);
  for (std::uint64_t seed = first_seed; seed < first_seed + 3; ++seed) {
    const auto [to_first, to_second] = run(seed, [](auto&) {});
    for (const auto fault : {testing::network_fault::reset, testing::network_fault::end, testing::network_fault::stall,
                             testing::network_fault::pause, testing::network_fault::damage}) {
      for (const bool on_first : {true, false}) {
        const auto length = std::min<std::uint64_t>(on_first ? to_first : to_second, 2000);
        for (std::uint64_t at = 0; at < length; at += step) {
          INFO("seed " << seed << ", fault " << static_cast<int>(fault) << std::string{on_first ? ", first" : ", second"} << " at " << at);
          CHECK_NOTHROW(run(seed, [&](auto& world) { world.inflict(fault, on_first, at, 7s); }));
        }
      }
    }
  }
}

TEST_CASE("on a damaged stream a side keeps to what it was told, not to what was said") {
  const auto trace = std::make_shared<testing::wire_trace>();
  const auto talk = [&]() -> task<> {
    const executor where = co_await asio::this_coro::executor;
    auto ends = testing::make_memory_pair(where, {}, {}, trace);
    testing::scripted_peer requestor{std::move(ends.first)}, acceptor{std::move(ends.second)};
    association_options options{"SCU", "SCP"};
    options.max_length = 16;  // as it is sent
    options.propose(sop_class::Verification);
    co_await requestor.send(dul::pdu{dul::make_request(options, options.contexts)});
    static_cast<void>(co_await acceptor.accept());
    const c_echo_request request{message_id{1}};
    co_await acceptor.send_message(context_id{1}, request, {}, 16384);
  };
  testing::simulate(talk());
  CHECK_THROWS_WITH(wire_rules{true}.check(*trace), "on the wire, the acceptor: a P-DATA-TF longer than the other side takes");
  CHECK_NOTHROW(wire_rules{false}.check(*trace));
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
