#include <codicom/dul/state_machine.hpp>
#include <support/folders.hpp>

#include <doctest/doctest.h>
#include <fstream>
#include <map>
#include <ostream>
#include <set>
#include <string>
#include <vector>

using namespace codicom;
using namespace codicom::dul;

namespace {

// PS3.8 Table 9-10, transcribed from the standard: event number, name, state, action, next state. An empty action is a
// blank cell; "A|B": the action decides.
struct row {
  int event = 0;
  std::string name;
  int state = 0;
  std::string action;
  std::vector<int> next;
};

int number_of(const std::string& state) { return std::stoi(state.substr(3)); }

std::vector<row> expected_table() {
  std::vector<row> rows;
  std::ifstream file{codicom::test_support::source_folder() / "tests/dul/state_table.tsv"};
  std::string line;
  while (std::getline(file, line)) {
    if (line.empty() || line.front() == '#') continue;
    std::vector<std::string> fields{""};
    for (const char c : line) {
      if (c == '\t') fields.emplace_back();
      else fields.back() += c;
    }
    fields.resize(5);
    row r;
    r.event = std::stoi(fields[0]);
    r.name = fields[1];
    r.state = number_of(fields[2]);
    r.action = fields[3];
    if (!fields[4].empty()) {
      const auto bar = fields[4].find('|');
      r.next.push_back(number_of(fields[4].substr(0, bar)));
      if (bar != std::string::npos) r.next.push_back(number_of(fields[4].substr(bar + 1)));
    }
    rows.push_back(std::move(r));
  }
  return rows;
}

bool is_pdu(int event) {
  return event == 3 || event == 4 || event == 6 || event == 10 || event == 12 || event == 13 || event == 16 ||
         event == 19;
}

int number(dul::state s) { return static_cast<int>(s); }

std::vector<effect> effects_of(const step& s) { return {s.begin(), s.end()}; }

// PS3.8 Tables 9-6 to 9-9: what each action does, in order.
const std::map<std::string, std::vector<effect>> expected_effects{
    {"AE-1", {effect::open_transport}},
    {"AE-2", {effect::send_a_associate_rq}},
    {"AE-3", {effect::confirm_a_associate_accept}},
    {"AE-4", {effect::confirm_a_associate_reject, effect::close_transport}},
    {"AE-5", {effect::accept_transport, effect::start_artim}},
    {"AE-6", {effect::stop_artim, effect::indicate_a_associate}},
    {"AE-7", {effect::send_a_associate_ac}},
    {"AE-8", {effect::send_a_associate_rj, effect::start_artim}},
    {"DT-1", {effect::send_p_data}},
    {"DT-2", {effect::indicate_p_data}},
    {"AR-1", {effect::send_a_release_rq}},
    {"AR-2", {effect::indicate_a_release}},
    {"AR-3", {effect::confirm_a_release, effect::close_transport}},
    {"AR-4", {effect::send_a_release_rp, effect::start_artim}},
    {"AR-5", {effect::stop_artim}},
    {"AR-6", {effect::indicate_p_data}},
    {"AR-7", {effect::send_p_data}},
    {"AR-8", {effect::indicate_a_release}},
    {"AR-9", {effect::send_a_release_rp}},
    {"AR-10", {effect::confirm_a_release}},
    {"AA-1", {effect::send_a_abort_user, effect::start_artim}},
    {"AA-2", {effect::stop_artim, effect::close_transport}},
    {"AA-3", {effect::indicate_a_abort, effect::close_transport}},
    {"AA-4", {effect::indicate_a_p_abort}},
    {"AA-5", {effect::stop_artim}},
    {"AA-6", {}},
    {"AA-7", {effect::send_a_abort_provider}},
    {"AA-8", {effect::send_a_abort_provider, effect::indicate_a_p_abort, effect::start_artim}},
};

}  // namespace

TEST_CASE("the expected table has a row for each of 19 events in each of 13 states, 123 of them filled") {
  const auto table = expected_table();
  REQUIRE(table.size() == 247);
  std::set<std::pair<int, int>> cells;
  int filled = 0;
  for (const auto& r : table) {
    cells.emplace(r.event, r.state);
    filled += r.action.empty() ? 0 : 1;
    CHECK(r.action.empty() == r.next.empty());
  }
  CHECK(cells.size() == 247);
  CHECK(filled == 123);
}

TEST_CASE("every cell of PS3.8 Table 9-10 has the action and the next state of the standard") {
  int checked = 0;
  for (const auto& r : expected_table()) {
    CAPTURE(r.event);
    CAPTURE(r.name);
    CAPTURE(r.state);
    for (const bool requestor : {true, false}) {
      for (const auto check : {request_check::acceptable, request_check::rejected}) {
        state_machine machine{static_cast<dul::state>(r.state), requestor};
        const auto result = machine.on(static_cast<event>(r.event), check);
        if (!r.action.empty()) {
          REQUIRE(result);
          CHECK(name(result.action()) == r.action);
          auto next = r.next.front();
          if (r.action == "AE-6" && check == request_check::rejected) next = r.next.back();
          if (r.action == "AR-8" && !requestor) next = r.next.back();
          CHECK(number(machine.current()) == next);
        } else if (is_pdu(r.event)) {
          CHECK(name(result.action()) == "AA-8");
          CHECK(machine.current() == dul::state::sta13);
        } else {
          CHECK(result.error() == errc::wrong_state);
          CHECK(result.begin() == result.end());
          CHECK(number(machine.current()) == r.state);
        }
      }
    }
    ++checked;
  }
  CHECK(checked == 247);
}

TEST_CASE("every action does what PS3.8 Tables 9-6 to 9-9 say, and nothing else") {
  std::set<std::string> seen;
  for (const auto& r : expected_table()) {
    if (r.action.empty()) continue;
    state_machine machine{static_cast<dul::state>(r.state), true};
    const auto result = machine.on(static_cast<event>(r.event));
    CAPTURE(r.action);
    CHECK(effects_of(result) == expected_effects.at(r.action));
    seen.insert(r.action);
  }
  CHECK(seen.size() == expected_effects.size());
}

TEST_CASE("a request that the upper layer itself refuses is rejected, and ARTIM starts again") {
  state_machine machine{dul::state::sta2, false};
  const auto result = machine.on(event::a_associate_rq_received, request_check::rejected);
  CHECK(effects_of(result) == std::vector{effect::stop_artim, effect::send_a_associate_rj, effect::start_artim});
  CHECK(machine.current() == dul::state::sta13);
}

TEST_CASE("an association from request to release, as its requestor sees it") {
  state_machine machine;
  CHECK(machine.on(event::a_associate_request).has(effect::open_transport));
  CHECK(machine.is_requestor());
  CHECK(machine.on(event::transport_connected).has(effect::send_a_associate_rq));
  CHECK(machine.on(event::a_associate_ac_received).has(effect::confirm_a_associate_accept));
  CHECK(machine.is_established());
  CHECK(machine.on(event::p_data_request).has(effect::send_p_data));
  CHECK(machine.on(event::p_data_received).has(effect::indicate_p_data));
  CHECK(machine.on(event::a_release_request).has(effect::send_a_release_rq));
  CHECK(machine.on(event::a_release_request).error() == errc::wrong_state);
  CHECK(machine.on(event::a_release_rp_received).has(effect::close_transport));
  CHECK(machine.current() == dul::state::sta1);
}

TEST_CASE("when both ask for release the acceptor's answer comes first") {
  state_machine requestor{dul::state::sta7, true};
  state_machine acceptor{dul::state::sta7, false};
  CHECK(requestor.on(event::a_release_rq_received).has(effect::indicate_a_release));
  CHECK(acceptor.on(event::a_release_rq_received).has(effect::indicate_a_release));
  CHECK(acceptor.on(event::a_release_response).error() == errc::wrong_state);
  CHECK(requestor.on(event::a_release_response).has(effect::send_a_release_rp));
  CHECK(acceptor.on(event::a_release_rp_received).has(effect::confirm_a_release));
  CHECK(acceptor.on(event::a_release_response).has(effect::send_a_release_rp));
  CHECK(acceptor.current() == dul::state::sta13);
  CHECK(requestor.on(event::a_release_rp_received).has(effect::close_transport));
  CHECK(requestor.current() == dul::state::sta1);
}

TEST_CASE("each type of PDU is its event, and an unknown one is an invalid PDU") {
  CHECK(received(pdu_type::a_associate_rq) == event::a_associate_rq_received);
  CHECK(received(pdu_type::a_associate_ac) == event::a_associate_ac_received);
  CHECK(received(pdu_type::a_associate_rj) == event::a_associate_rj_received);
  CHECK(received(pdu_type::p_data_tf) == event::p_data_received);
  CHECK(received(pdu_type::a_release_rq) == event::a_release_rq_received);
  CHECK(received(pdu_type::a_release_rp) == event::a_release_rp_received);
  CHECK(received(pdu_type::a_abort) == event::a_abort_received);
  CHECK(received(static_cast<pdu_type>(8)) == event::invalid_pdu_received);
  CHECK(received(static_cast<pdu_type>(0)) == event::invalid_pdu_received);
}

TEST_CASE("states, actions, events and effects have names for a trace") {
  CHECK(name(dul::state::sta13) == "Sta13");
  CHECK(name(dul::action::ar_10) == "AR-10");
  CHECK(name(event::artim_expired) == "ARTIM timer expired");
  CHECK(name(effect::indicate_a_p_abort) == "A-P-ABORT indication");
  CHECK(sizeof(state_machine) == 2);
}
