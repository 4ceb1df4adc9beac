#include "net/support.hpp"

#include <codicom/net/handlers.hpp>
#include <codicom/net/listener.hpp>

#include <asio/io_context.hpp>

#include <atomic>
#include <cstdlib>
#include <doctest/doctest.h>
#include <new>
#include <random>

// Every way in which a peer can misbehave, at every point of every operation of ours: what we do returns in time, and
// nothing is left of it.

// --- the heap, counted in blocks

namespace {
std::atomic<long> blocks_in_use = 0;
}

void* operator new(std::size_t size) {
  void* const block = std::malloc(size == 0 ? 1 : size);
  if (block == nullptr) throw std::bad_alloc{};
  ++blocks_in_use;
  return block;
}
void operator delete(void* block) noexcept {
  if (block != nullptr) --blocks_in_use;
  std::free(block);
}
void operator delete(void* block, std::size_t) noexcept { operator delete(block); }

using namespace codicom_test;
using namespace std::chrono_literals;

namespace {

using bytes = std::vector<std::byte>;

constexpr const unique_id& get_class = sop_class::StudyRootQueryRetrieveInformationModelGet;
constexpr const unique_id& mpps = sop_class::ModalityPerformedProcedureStep;
constexpr const unique_id& commitment = sop_class::StorageCommitmentPushModel;

// --- what is left

int open_transports = 0;

class counted_transport final : public transport {
 public:
  explicit counted_transport(std::unique_ptr<transport> on) : on_{std::move(on)} { ++open_transports; }
  ~counted_transport() override { counted_transport::close(); }

  executor get_executor() override { return on_->get_executor(); }
  task<std::size_t> read_some(mutable_buffers buffers, std::error_code& error) override { return on_->read_some(buffers, error); }
  task<std::size_t> write(const_buffers buffers, std::error_code& error) override { return on_->write(buffers, error); }
  std::size_t try_write(byte_span data, std::error_code& error) noexcept override { return on_->try_write(data, error); }
  void cancel() noexcept override { on_->cancel(); }
  void shutdown_send() noexcept override { on_->shutdown_send(); }
  void close() noexcept override {
    if (on_->is_open()) --open_transports;
    on_->close();
  }
  bool is_open() const noexcept override { return on_->is_open(); }
  std::string remote_address() const override { return on_->remote_address(); }
  std::uint16_t remote_port() const noexcept override { return on_->remote_port(); }

 private:
  std::unique_ptr<transport> on_;
};

// Runs `ours` against `theirs` in simulated time. Afterwards nothing may be pending: no timer, no coroutine, no socket.
template <class Ours, class Theirs>
void meet_over(std::size_t capacity, const Ours& ours, const Theirs& theirs) {
  testing::virtual_clock time;
  asio::io_context io{1};
  const executor where{io.get_executor()};
  bool ended = false;
  std::exception_ptr error;
  const auto whole = [](executor on, std::size_t room, const Ours& one, const Theirs& other) -> task<> {
    memory_faults narrow;
    narrow.capacity = room;
    auto pair = testing::make_memory_pair(on, narrow);
    std::unique_ptr<transport> counted = std::make_unique<counted_transport>(std::move(pair.first));
    co_await together(one(std::move(counted)), other(std::move(pair.second)));
  };
  asio::co_spawn(where, whole(where, capacity, ours, theirs), [&](std::exception_ptr e) {
    ended = true;
    error = e;
  });
  CHECK(time.run_until(io, [&ended] { return ended; }));
  time.settle(io);
  CHECK(io.stopped());
  CHECK(open_transports == 0);
  if (error) std::rethrow_exception(error);
}

// The second run of the same must leave the heap as the first did.
template <class Run>
void leaves_nothing(const Run& run) {
  run();
  const auto baseline = blocks_in_use.load();
  run();
  CHECK(blocks_in_use == baseline);
}

// --- misbehaviour

struct behaviour {
  std::string name;
  // What the peer does, given what it should have sent.
  std::function<task<>(scripted_peer&, bytes)> does;
  bool reads = true;
};

bytes raw_pdu(std::uint8_t type, std::uint32_t length, std::size_t follow = 0) {
  bytes all{std::byte{type}, std::byte{0}};
  for (int shift = 24; shift >= 0; shift -= 8) all.push_back(static_cast<std::byte>(length >> shift));
  all.resize(all.size() + follow);
  return all;
}

bytes pdv(std::uint8_t context, std::uint8_t control, bytes content) {
  const auto size = static_cast<std::uint32_t>(content.size() + 2);
  auto all = raw_pdu(4, size + 4);
  for (int shift = 24; shift >= 0; shift -= 8) all.push_back(static_cast<std::byte>(size >> shift));
  all.push_back(std::byte{context});
  all.push_back(std::byte{control});
  all.insert(all.end(), content.begin(), content.end());
  return all;
}

behaviour sends(std::string name, bytes what) {
  return {std::move(name), [what](scripted_peer& p, bytes) -> task<> {
            const auto sent = co_await as_result(p.send_bytes(what));
            static_cast<void>(sent);
          }};
}

std::vector<behaviour> behaviours() {
  std::vector<behaviour> all;
  all.push_back({"silent", [](scripted_peer&, bytes) -> task<> { co_return; }});
  all.push_back({"never reads", [](scripted_peer&, bytes) -> task<> { co_await sleep_for(1h); }, false});
  all.push_back({"one byte a second", [](scripted_peer& p, bytes right) -> task<> {
                   for (const auto byte : right) {
                     const auto sent = co_await as_result(p.send_bytes(bytes(1, byte)));
                     if (!sent) co_return;
                     co_await sleep_for(1s);
                   }
                 }});
  all.push_back({"half", [](scripted_peer& p, bytes right) -> task<> {
                   right.resize(right.size() / 2);
                   const auto sent = co_await as_result(p.send_bytes(right));
                   static_cast<void>(sent);
                 }});
  all.push_back({"half-close", [](scripted_peer& p, bytes) -> task<> {
                   p.stream().shutdown_send();
                   co_return;
                 }});
  all.push_back({"half, then close", [](scripted_peer& p, bytes right) -> task<> {
                   right.resize(right.size() / 2);
                   const auto sent = co_await as_result(p.send_bytes(right));
                   static_cast<void>(sent);
                   p.close();
                 }});
  all.push_back({"reset", [](scripted_peer& p, bytes) -> task<> {
                   p.close();
                   co_return;
                 }, false});
  all.push_back(sends("garbage", bytes(300, std::byte{0x41})));
  std::mt19937 random{7};
  for (int i = 0; i < 5; ++i) {
    bytes noise(200);
    for (auto& each : noise) each = static_cast<std::byte>(random());
    all.push_back(sends("noise " + std::to_string(i), noise));
    noise[0] = static_cast<std::byte>(1 + i);
    noise[2] = noise[3] = noise[4] = std::byte{0};
    all.push_back(sends("noise in a PDU of type " + std::to_string(1 + i), noise));
  }
  all.push_back({"an answer with a bit turned over", [](scripted_peer& p, bytes right) -> task<> {
                   for (std::size_t i = 6; i < right.size(); i += 9) right[i] ^= std::byte{0x10};
                   const auto sent = co_await as_result(p.send_bytes(right));
                   static_cast<void>(sent);
                 }});
  for (std::uint8_t type = 0; type <= 9; ++type) {
    const auto number = "type " + std::to_string(type);
    all.push_back(sends("PDU of " + number + " and length 0", raw_pdu(type, 0)));
    all.push_back(sends("PDU of " + number + " and length 2^32-1", raw_pdu(type, 0xFFFFFFFF, 2000)));
    all.push_back(sends("PDU of " + number + " and length 4", raw_pdu(type, 4, 4)));
  }
  const auto sent_whole = [&all](std::string name, dul::pdu value) {
    bytes encoded_pdu;
    dul::encode(value, encoded_pdu);
    all.push_back(sends(std::move(name), encoded_pdu));
  };
  sent_whole("A-ASSOCIATE-RQ", dul::pdu{dul::make_request(dul::requestor_options{"A", "B"}, all_services().contexts)});
  sent_whole("A-ASSOCIATE-AC", dul::pdu{dul::a_associate_ac{}});
  sent_whole("A-ASSOCIATE-RJ", dul::pdu{dul::a_associate_rj{}});
  sent_whole("A-RELEASE-RQ", dul::pdu{dul::a_release_rq{}});
  sent_whole("A-RELEASE-RP", dul::pdu{dul::a_release_rp{}});
  sent_whole("A-ABORT", dul::pdu{dul::a_abort{}});
  all.push_back(sends("PDV of a context that was not accepted", pdv(99, 3, bytes(20))));
  all.push_back(sends("PDV of context 0", pdv(0, 3, bytes(20))));
  all.push_back(sends("empty PDV that is last", pdv(1, 3, {})));
  all.push_back(sends("data set without a command", pdv(1, 2, bytes(20))));
  all.push_back(sends("PDV of length 0", raw_pdu(4, 4, 4)));
  {
    auto longer = raw_pdu(4, 20, 20);
    longer[9] = std::byte{200};
    all.push_back(sends("PDV longer than its PDU", longer));
  }
  {
    bytes command_set;
    encode_command(c_echo_response{message_id{1}, status::success}, command_set);
    command_set.resize(command_set.size() - 5);
    all.push_back(sends("command that is cut off", pdv(1, 3, command_set)));
    all.push_back(sends("command of zeros", pdv(1, 3, bytes(64))));
  }
  all.push_back({"fragments without end", [](scripted_peer& p, bytes) -> task<> {
                   for (;;) {
                     const auto sent = co_await as_result(p.send_bytes(pdv(1, 1, bytes(8000))));
                     if (!sent) break;
                     co_await sleep_for(1ms);
                   }
                 }});
  all.push_back({"empty fragments without end", [](scripted_peer& p, bytes) -> task<> {
                   bytes many;
                   for (int i = 0; i < 1000; ++i) {
                     const auto one = pdv(1, 1, {});
                     many.insert(many.end(), one.begin(), one.end());
                   }
                   for (;;) {
                     const auto sent = co_await as_result(p.send_bytes(many));
                     if (!sent) break;
                     co_await sleep_for(1ms);
                   }
                 }});
  all.push_back({"requests without end", [](scripted_peer& p, bytes) -> task<> {
                   for (std::uint16_t i = 1;; ++i) {
                     const auto sent = co_await as_result(p.send_message(context_id{1}, c_echo_request{message_id{i}}));
                     if (!sent) break;
                     co_await sleep_for(1ms);
                   }
                 }});
  return all;
}

// Read and throw away, until the other side has closed.
task<> read_to_the_end(scripted_peer& p) {
  bytes rubbish(10'000);
  std::error_code error;
  const asio::mutable_buffer into{rubbish.data(), rubbish.size()};
  while (!error) co_await p.stream().read_some(mutable_buffers{&into, 1}, error);
}

// --- what we do

association_options impatient() {
  association_options options{"SCU", "SCP"};
  options.propose(sop_class::Verification, find_class, move_class, ct, get_class, mpps, commitment);
  options.contexts.role(commitment, true, true);
  options.associate = 3s;
  options.artim = 2s;
  options.response = 5s;
  options.read = 4s;
  options.write = 6s;
  options.release = 3s;
  options.abort = 1s;
  options.drain = 2s;
  options.limits.message_fragments = 10'000;
  return options;
}

struct call {
  std::string name;
  std::function<task<>(association&)> does;
  duration within;         // every deadline that it may meet, one after the other
  bool is_query = false;   // has a pending response first
};

template <class Responses>
task<> query(Responses responses, bool cancels) {
  while (auto one = co_await responses.next()) {
    if (!cancels) continue;
    co_await responses.cancel();
    co_return;
  }
}

std::vector<call> calls() {
  // Written, the response awaited, read; a second time where there is a pending one.
  const duration once = 5s + 4s, twice = once + once;
  const unique_id instance{"1.2.3"};
  return {
      {"echo", [](association& a) -> task<> { co_await a.echo(); }, once},
      {"store", [](association& a) -> task<> { co_await a.store(ct_object(20'000)); }, 6s + 9s},
      {"find", [](association& a) -> task<> { co_await query(a.find(find_class, patient("1")), false); }, twice, true},
      {"find, cancelled", [](association& a) -> task<> { co_await query(a.find(find_class, patient("1")), true); }, twice, true},
      {"move", [](association& a) -> task<> { co_await query(a.move(move_class, patient("1"), "X"), false); }, twice, true},
      {"move, cancelled", [](association& a) -> task<> { co_await query(a.move(move_class, patient("1"), "X"), true); }, twice, true},
      {"get", [](association& a) -> task<> { co_await query(a.get(get_class, patient("1")), false); }, twice, true},
      {"get, cancelled", [](association& a) -> task<> { co_await query(a.get(get_class, patient("1")), true); }, twice, true},
      {"n_get", [=](association& a) -> task<> { co_await a.n_get(mpps, instance); }, once},
      {"n_set", [=](association& a) -> task<> { co_await a.n_set(mpps, instance, patient("1")); }, once},
      {"n_action", [=](association& a) -> task<> { co_await a.n_action(mpps, instance, 1, patient("1")); }, once},
      {"n_create", [=](association& a) -> task<> { co_await a.n_create(mpps, instance, patient("1")); }, once},
      {"n_delete", [=](association& a) -> task<> { co_await a.n_delete(mpps, instance); }, once},
      {"n_event_report",
       [=](association& a) -> task<> { co_await a.n_event_report(commitment, instance, 1, patient("1")); }, once},
      {"release", [](association& a) -> task<> { co_await a.release(); }, 3s},
      {"abort", [](association& a) -> task<> { co_await a.abort(); }, 1s},
  };
}

// The response that a request should get.
bytes response_to(const testing::raw_message& request, bool pending) {
  const auto outcome = pending ? status::pending : status::success;
  return std::visit(
      [&](const auto& each) -> bytes {
        using type = std::decay_t<decltype(each)>;
        const auto sends_back = [&](const auto& response) { return scripted_peer::message_bytes(request.context, response); };
        if constexpr (std::is_same_v<type, c_find_request>) {
          const c_find_response response{each, outcome};
          return scripted_peer::message_bytes(request.context, response, pending ? encoded(patient("1")) : bytes{});
        } else if constexpr (std::is_same_v<type, c_echo_request>) {
          return sends_back(c_echo_response{each});
        } else if constexpr (std::is_same_v<type, c_store_request>) {
          return sends_back(c_store_response{each, outcome});
        } else if constexpr (std::is_same_v<type, c_move_request>) {
          return sends_back(c_move_response{each, outcome});
        } else if constexpr (std::is_same_v<type, c_get_request>) {
          return sends_back(c_get_response{each, outcome});
        } else if constexpr (requires { typename type::response; }) {
          return sends_back(typename type::response{each, outcome});
        } else {
          return {};
        }
      },
      request.command);
}

enum class point { before, instead, after_pending };

}  // namespace

TEST_CASE("whatever a peer does instead of answering, every operation returns within its deadlines and leaves nothing") {
  const auto options = impatient();
  std::size_t cells = 0;
  for (const auto& each : calls()) {
    for (const auto& peer : behaviours()) {
      for (const auto at : {point::before, point::instead, point::after_pending}) {
        if (at == point::after_pending && !each.is_query) continue;
        if (at == point::instead && !peer.reads) continue;
        CAPTURE(each.name);
        CAPTURE(peer.name);
        CAPTURE(static_cast<int>(at));
        const auto ours = [&](std::unique_ptr<transport> over) -> task<> {
          auto begin = clock::now();
          const auto user = [&](std::unique_ptr<transport> stream) -> task<> {
            auto a = co_await associate(std::move(stream), options);
            begin = clock::now();
            const auto outcome = co_await as_result(each.does(a));
            CHECK(clock::now() - begin <= each.within + 100ms);
          };
          co_await user(std::move(over));
        };
        const auto theirs = [&](std::unique_ptr<transport> over) -> task<> {
          scripted_peer p{std::move(over)};
          co_await p.accept();
          bytes right;
          dul::encode(dul::pdu{dul::a_release_rp{}}, right);
          if (at != point::before && each.name != "release" && each.name != "abort") {
            const auto request = co_await p.expect_message();
            right = response_to(request, each.is_query);
            if (at == point::after_pending) {
              co_await p.send_bytes(right);
              right = response_to(request, false);
            }
          }
          co_await sleep_for(10ms);
          co_await peer.does(p, right);
          if (peer.reads) co_await read_to_the_end(p);
        };
        leaves_nothing([&] { meet_over(4000, ours, theirs); });
        ++cells;
      }
    }
  }
  MESSAGE(cells, " cells");
}

TEST_CASE("whatever a peer does instead of accepting, associate returns within its deadline and leaves nothing") {
  const auto options = impatient();
  for (const auto& peer : behaviours()) {
    for (const auto at : {point::before, point::instead}) {
      if (at == point::instead && !peer.reads) continue;
      CAPTURE(peer.name);
      CAPTURE(static_cast<int>(at));
      for (const std::size_t capacity : {100u, 4000u}) {  // the request does not fit, or does
        const auto ours = [&](std::unique_ptr<transport> over) -> task<> {
          const auto begin = clock::now();
          const auto outcome = co_await as_result(associate(std::move(over), options));
          CHECK_FALSE(outcome);
          CHECK(clock::now() - begin <= options.associate + 100ms);
        };
        const auto theirs = [&](std::unique_ptr<transport> over) -> task<> {
          scripted_peer p{std::move(over)};
          dul::a_associate_ac answer;
          answer.contexts.emplace_back(context_id{1}, dul::context_result::acceptance, transfer_syntax::ImplicitVRLittleEndian);
          answer.user.max_length = 16384;
          bytes right;
          dul::encode(dul::pdu{answer}, right);
          if (at == point::instead) co_await p.expect<dul::a_associate_rq>();
          co_await sleep_for(10ms);
          co_await peer.does(p, right);
          if (peer.reads) co_await read_to_the_end(p);
        };
        leaves_nothing([&] { meet_over(capacity, ours, theirs); });
      }
    }
  }
}

// --- serving

namespace {

acceptor_options impatient_acceptor() {
  acceptor_options options;
  options.policy.accept(sop_class::Verification).accept(find_class).accept(ct).accept(mpps);
  static_cast<association_deadlines&>(options) = impatient();
  options.idle = 7s;
  options.consumer_stall = 3s;
  options.limits.message_fragments = 10'000;
  return options;
}

handlers slow_handlers() {
  handlers with;
  with.on_find([](find_request request) -> generator<find_match, c_find_response> {
    for (int i = 0; i < 100 && !request.cancelled(); ++i) {
      co_yield find_match{patient(std::to_string(i))};
      co_await sleep_for(10ms);
    }
    co_return c_find_response{request.command, status::success};
  });
  with.on_store([](incoming_object object) -> task<> {
    co_await object.read();
    co_await sleep_for(1s);
    co_await object.respond(status::success);
  });
  with.on_n_get([](incoming_request<n_get_request>) -> task<n_result> { co_return n_result{status::success}; });
  return with;
}

// Where the peer stops behaving.
struct stage {
  std::string name;
  std::function<task<>(scripted_peer&)> before;  // what it does right
  bytes next;                                    // what should come then
  duration within;                               // what serve may take from then on
};

std::vector<stage> stages() {
  const dul::requestor_options titles{"SCU", "SCP"};
  dul::proposal contexts;
  contexts.add(sop_class::Verification).add(find_class).add(ct).add(mpps);
  bytes request;
  dul::encode(dul::pdu{dul::make_request(titles, contexts)}, request);
  const auto establish = [=](scripted_peer& p) -> task<> { co_await p.request(titles, contexts); };
  const auto find = scripted_peer::message_bytes(context_id{3}, c_find_request{message_id{1}, find_class}, encoded(patient("1")));
  const auto store = scripted_peer::message_bytes(context_id{5}, c_store_request{message_id{1}, ct, "1.2.3"}, encoded(ct_object(20'000)));
  const auto both = [=](scripted_peer& p, bytes first) -> task<> {
    co_await p.request(titles, contexts);
    co_await p.send_bytes(std::move(first));
  };
  bytes half_store{store};
  half_store.resize(store.size() / 2);
  const bytes other_half(store.begin() + static_cast<std::ptrdiff_t>(half_store.size()), store.end());
  // Handlers at work, the last answer written, idle, released without an answer.
  const duration whole = 4s + 6s + 2s + 7s + 3s;
  return {
      {"before A-ASSOCIATE-RQ", [](scripted_peer&) -> task<> { co_return; }, request, 2s + 7s + 3s},
      {"when established", establish, find, whole},
      {"while a query is answered", [=](scripted_peer& p) -> task<> { co_await both(p, find); }, {std::byte{5}}, whole},
      {"in the middle of an object", [=](scripted_peer& p) -> task<> { co_await both(p, half_store); }, other_half, whole},
      {"while an object is stored", [=](scripted_peer& p) -> task<> { co_await both(p, store); }, {std::byte{5}}, whole},
      {"when it is released", [=](scripted_peer& p) -> task<> {
         co_await establish(p);
         co_await p.expect<dul::a_release_rq>();
       }, raw_pdu(6, 4, 4), 3s + 1s},
  };
}

}  // namespace

TEST_CASE("whatever a peer does, whenever, serving it ends in time and leaves nothing") {
  const auto options = impatient_acceptor();
  const auto with = slow_handlers();
  std::size_t cells = 0;
  for (const auto& at : stages()) {
    for (const auto& peer : behaviours()) {
      if (peer.name == "requests without end") continue;  // it may have as many C-ECHOs as it likes
      CAPTURE(at.name);
      CAPTURE(peer.name);
      clock::time_point began;
      const auto ours = [&](std::unique_ptr<transport> over) -> task<> {
        const auto ended = co_await as_result(serve_one(std::move(over), options, with));
        static_cast<void>(ended);
        CHECK(clock::now() - began <= at.within + 100ms);
      };
      const auto theirs = [&](std::unique_ptr<transport> over) -> task<> {
        scripted_peer p{std::move(over)};
        began = clock::now();
        co_await at.before(p);
        began = clock::now();
        co_await peer.does(p, at.next);
        if (peer.reads) co_await read_to_the_end(p);
      };
      leaves_nothing([&] { meet_over(4000, ours, theirs); });
      ++cells;
    }
  }
  MESSAGE(cells, " cells");
}

TEST_CASE("a server faces all of them at once, and serves a good one meanwhile; then it stops") {
  testing::virtual_clock time;
  asio::io_context io{1};
  const executor where{io.get_executor()};
  bool ended = false;
  int served = 0;
  const auto whole = [&]() -> task<> {
    auto acceptor = std::make_unique<testing::memory_acceptor>(where);
    const auto door = acceptor->entrance();
    listener from{std::move(acceptor)};
    auto options = impatient_acceptor();
    options.runs_on = association_executor::of_the_server;
    const auto all = behaviours();
    const auto bad = [&](const stage& at, const behaviour& peer) -> task<> {
      scripted_peer p{door.connect()};
      const auto does = [&]() -> task<> {
        co_await at.before(p);
        co_await peer.does(p, at.next);
        if (peer.reads) co_await read_to_the_end(p);
      };
      const auto outcome = co_await as_result(race(does(), sleep_for(60s)));
      static_cast<void>(outcome);
    };
    const auto good = [&]() -> task<> {
      for (int i = 0; i < 50; ++i) {
        auto asks = impatient();
        asks.contexts = {};
        asks.propose(sop_class::Verification);
        auto a = co_await associate(door.connect(), asks);
        const auto echoed = co_await a.echo();
        if (echoed.status.is_success()) ++served;
        co_await a.release();
        co_await sleep_for(100ms);
      }
    };
    const auto at = stages();
    const auto everybody = [&]() -> task<> {
      scope peers{where};
      for (const auto& each : at)
        for (const auto& peer : all) peers.spawn(bad(each, peer));
      peers.spawn(good());
      co_await peers.join();
      from.stop();
    };
    co_await together(serve(from, options, slow_handlers()), everybody());
  };
  asio::co_spawn(where, whole(), [&ended](std::exception_ptr error) {
    ended = true;
    if (error) std::rethrow_exception(error);
  });
  CHECK(time.run_until(io, [&ended] { return ended; }));
  time.settle(io);
  CHECK(io.stopped());
  CHECK(served == 50);
}
