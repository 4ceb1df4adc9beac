// Cancelling at every point where an operation waits; and what a window is worth.
#include "simulation/two_stacks.hpp"

#include <cstdio>
#include <doctest/doctest.h>
#include <functional>

using namespace codicom_test;

namespace {

using user_operation = std::function<task<>(association&)>;

handlers everything() {
  handlers with;
  with.on_find([](find_request request) -> generator<find_match, c_find_response> {
        for (int i = 0; i < 2; ++i) co_yield find_match{patient(std::to_string(i))};
        co_return c_find_response{request.command, status::success};
      })
      .on_move([](move_request request) -> generator<c_move_response, move_result> {
        for (int i = 0; i < 2; ++i) co_yield c_move_response{request.command, status::pending};
        co_return c_move_response{request.command, status::success};
      })
      .on_get([](get_request request) -> generator<c_get_response, get_result> {
        for (int i = 0; i < 2; ++i) {
          static_cast<void>(co_await request.sender().store(ct_object(300), transfer_syntax::ExplicitVRLittleEndian));
          co_yield c_get_response{request.command, status::pending};
        }
        co_return c_get_response{request.command, status::success};
      })
      .on_store([](incoming_object object) -> task<> {
        static_cast<void>(co_await object.read());
        co_await object.respond(status::success);
      });
  return with;
}

association_options asks() {
  association_options options{"SCU", "SCP"};
  options.propose(sop_class::Verification, find_class, move_class, get_class, sop_class::MRImageStorage).receive(ct);
  options.abort = 200ms;
  options.window = dul::async_window{64, 64};
  return options;
}
acceptor_options accepts() {
  acceptor_options options;
  options.policy.accept(sop_class::Verification).accept(find_class).accept(move_class).accept(get_class).accept(ct);
  options.policy.accept(sop_class::MRImageStorage).allow_requestor_as_scp(ct);
  options.policy.max_length = 128;
  options.artim = 1s;
  options.read = 5s;
  options.write = 5s;
  return options;
}

// One association, and an operation that is cancelled when `now` says so, or when nothing more can happen.
class cut_operation {
 public:
  // Asked after every step of the event loop while the operation runs.
  using trigger = std::function<bool(std::size_t step, std::size_t bytes_written)>;

  bool reached = false;         // the operation was under way still
  bool lives = false;           // the association went on, and was released
  std::size_t begins_at = 0;    // in the stream of the requestor
  std::size_t until_cut = 0;    // bytes that the operation had written
  std::vector<std::byte> sent;  // by the requestor, since the operation began

  cut_operation(const user_operation& operation, const trigger& now, testing::memory_faults ours = {},
                testing::memory_faults theirs = {}) {
    testing::virtual_clock time;
    asio::io_context io{1};
    const executor where{io.get_executor()};
    const auto trace = std::make_shared<testing::wire_trace>();
    const bool hears_nothing = theirs.stall_at != testing::memory_faults::nowhere && theirs.stall_for == no_deadline;
    const auto written = [&] { return trace->written(true).size() - begins_at; };
    scope cuttable{where};
    bool begun = false, ended = false;
    int sides = 0;
    std::exception_ptr error;
    clock::time_point cancelled{};
    const auto requestor = [&](std::unique_ptr<transport> over) -> task<> {
      association a = co_await associate(std::move(over), asks());
      begins_at = written();
      begun = true;
      cuttable.spawn(operation(a));
      const auto outcome = co_await as_result(cuttable.join());
      ended = true;
      if (reached) CHECK(clock::now() - cancelled <= 200ms + grace);
      if (!outcome) CHECK(outcome.error() == failure::cancelled);
      if (!a.is_open() || hears_nothing) co_return;
      const auto echo = co_await a.echo();  // nothing was lost
      CHECK(echo.status.is_success());
      co_await a.release();
      lives = true;
    };
    const auto acceptor = [](std::unique_ptr<transport> over) -> task<> {
      static_cast<void>(co_await as_result(serve_one(std::move(over), accepts(), everything())));
    };
    {
      auto ends = testing::make_memory_pair(where, ours, theirs, trace);
      const auto done = [&](std::exception_ptr thrown) {
        ++sides;
        if (thrown) error = std::move(thrown);
      };
      asio::co_spawn(where, requestor(std::move(ends.first)), done);
      asio::co_spawn(where, acceptor(std::move(ends.second)), done);
    }
    const auto cut = [&] {
      reached = true;
      cancelled = clock::now();
      until_cut = written();
      cuttable.cancel();
    };
    std::size_t step = 0;
    io.restart();
    while (io.poll_one() != 0)
      if (begun && !ended && !reached && now(step++, written())) cut();
    if (begun && !ended && !reached) cut();  // it waits, and nothing comes
    REQUIRE(time.run_until(io, [&] { return sides == 2; }));
    if (error) std::rethrow_exception(error);
    CHECK(trace->open_ends() == 0);
    testing::virtual_clock::settle(io);
    CHECK(io.stopped());
    wire_rules rules;
    rules.check(*trace);
    sent = trace->written(true);
    sent.erase(sent.begin(), sent.begin() + static_cast<std::ptrdiff_t>(begins_at));
  }
};

bool never(std::size_t, std::size_t) { return false; }

task<> echoes(association& a) { static_cast<void>(co_await a.echo()); }
task<> finds(association& a) {
  auto responses = a.find(find_class, patient("X"));
  static_cast<void>(co_await collect(std::move(responses)));
}
task<> moves(association& a) {
  auto responses = a.move(move_class, patient("X"), "ELSEWHERE");
  static_cast<void>(co_await collect(std::move(responses)));
}
task<> gets(association& a) {
  auto responses = a.get(get_class, patient("X"));
  while (auto event = co_await responses.next()) {
    auto* object = event->arrived();
    if (object == nullptr) continue;
    static_cast<void>(co_await object->read());
    co_await object->respond(status::success);
  }
}
task<> stores(association& a) {
  auto object = ct_object(600);
  object.set(tag::SOPClassUID, sop_class::MRImageStorage);
  static_cast<void>(co_await a.store(object));
}
task<> releases(association& a) { co_await a.release(); }

const std::pair<const char*, user_operation> operations[] = {{"echo", echoes}, {"find", finds},   {"move", moves},
                                                             {"get", gets},    {"store", stores}, {"release", releases}};

// Where the PDU ends in which that byte of the stream stands.
std::size_t end_of_pdu(const std::vector<std::byte>& stream, std::size_t byte) {
  std::size_t end = 0;
  while (end <= byte) {
    REQUIRE(stream.size() - end >= 6);
    std::size_t length = 0;
    for (std::size_t i = 2; i < 6; ++i) length = length << 8 | static_cast<std::size_t>(stream[end + i]);
    end += 6 + length;
  }
  return end;
}

}  // namespace

TEST_CASE(
    "cancelled wherever it waits, an operation leaves whole PDUs and an A-ABORT, or an association that goes on") {
  for (const auto& [name, operation] : operations) {
    for (const bool slow_peer : {false, true}) {
      std::size_t points = 0, went_on = 0;
      for (;; ++points) {
        INFO((std::string{name} + " " + std::to_string(points)));
        testing::memory_faults ours, theirs;
        if (slow_peer) {
          ours.capacity = 10;
          theirs.max_read = 7;
        }
        const auto now = [points](std::size_t step, std::size_t) { return step == points; };
        const cut_operation cut{operation, now, ours, theirs};
        if (!cut.reached) break;
        if (cut.lives) ++went_on;
      }
      CHECK(points > 2);
      MESSAGE((std::string{name} + (slow_peer ? ", a peer that reads slowly: " : ": ") + std::to_string(points) +
               " points; the association went on after " + std::to_string(went_on)));
    }
  }
}

TEST_CASE("cancelled at any byte of its message, an operation ends that PDU and sends an A-ABORT, or sends nothing more") {
  const std::vector<std::byte> abort{std::byte{7}, {}, {}, {}, {}, std::byte{4}, {}, {}, {}, {}};
  for (const auto& [name, operation] : operations) {
    testing::memory_faults theirs;
    theirs.stall_at = cut_operation{operation, never}.begins_at;
    const cut_operation whole{operation, never, {}, theirs};
    const std::vector<std::byte> message{whole.sent.begin(),
                                         whole.sent.begin() + static_cast<std::ptrdiff_t>(whole.until_cut)};
    REQUIRE(message.size() >= 10);
    std::size_t points = 0;
    for (const bool peer_reads : {true, false}) {
      theirs.stall_for = peer_reads ? 50ms : no_deadline;
      for (std::size_t taken = 1; taken <= message.size(); ++taken, ++points) {
        INFO((std::string{name} + ", byte " + std::to_string(taken) + (peer_reads ? "" : ", a peer that is stalled")));
        testing::memory_faults ours;
        ours.capacity = taken;  // the transport takes no more, until the peer reads on
        const auto now = [taken](std::size_t, std::size_t written) { return written == taken; };
        const cut_operation cut{operation, now, ours, theirs};
        CHECK(cut.reached);
        CHECK(cut.until_cut == taken);
        if (taken == message.size()) continue;  // the message has been sent
        const std::size_t end = peer_reads ? end_of_pdu(message, taken - 1) : taken;
        std::vector<std::byte> expected{message.begin(), message.begin() + static_cast<std::ptrdiff_t>(end)};
        if (peer_reads) expected.insert(expected.end(), abort.begin(), abort.end());
        CHECK(cut.sent == expected);
      }
    }
    MESSAGE((std::string{name} + ": a message of " + std::to_string(message.size()) +
             " bytes, cancelled at each of them, with a peer that reads and one that is stalled: " +
             std::to_string(points) + " times"));
  }
}

TEST_CASE("throughput of small objects scales with the window") {
  std::vector<double> seconds;
  for (const std::uint16_t window : std::initializer_list<std::uint16_t>{1, 4, 64}) {
    testing::memory_faults far;
    far.latency = 10ms;  // there, and back
    const auto whole = [&]() -> task<duration> {
      const executor where = co_await asio::this_coro::executor;
      auto ends = testing::make_memory_pair(where, far, far);
      auto options = asks();
      options.window = dul::async_window{window, 1};
      auto takes = accepts();
      takes.policy.window = dul::async_window{64, 1};
      takes.policy.max_length = 16384;
      scope both{where};
      both.spawn(serve_one(std::move(ends.second), takes, everything()));
      association a = co_await associate(std::move(ends.first), options);
      const auto begun = clock::now();
      std::size_t left = 1000;
      const auto worker = [&]() -> task<> {
        while (left != 0) {
          --left;
          co_await stores(a);
        }
      };
      for (std::uint16_t i = 0; i < window; ++i) both.spawn(worker());
      co_await both.wait_below(2);
      const auto took = clock::now() - begun;
      co_await a.release();
      co_await both.join();
      co_return took;
    };
    seconds.push_back(std::chrono::duration<double>(testing::simulate(whole())).count());
    MESSAGE(("window " + std::to_string(window) + ", 20 ms there and back: 1000 C-STOREs in " +
             std::to_string(seconds.back()) + " s"));
  }
  // Simulated, so always the same. The acceptor works on 32 at once.
  CHECK(seconds[0] >= 20.0);
  CHECK(seconds[1] < seconds[0] / 3.9);
  CHECK(seconds[2] < seconds[0] / 30);
}
