#include "simulation/raw_peers.hpp"

#include "net/support.hpp"

#include <codicom/coro/result.hpp>
#include <codicom/coro/shield.hpp>
#include <codicom/testing/scripted_peer.hpp>

#include <algorithm>
#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace codicom_test {
namespace {

using namespace std::chrono_literals;

constexpr const unique_id& retrieve_class = sop_class::StudyRootQueryRetrieveInformationModelGet;
constexpr const unique_id& mr = sop_class::MRImageStorage;

enum class place : std::uint8_t { sta2, sta4, sta5, sta6, sta7, sta8, sta10, sta11, sta13 };
enum class thing : std::uint8_t {
  associate_rq,
  associate_ac,
  associate_rj,
  p_data,
  release_rq,
  release_rp,
  abort,
  invalid,
  close,
  half_a_pdu,
  silence
};

// A transport whose establishment ends with a byte of the peer's, as TLS ends with a message.
class with_handshake final : public transport {
 public:
  explicit with_handshake(std::unique_ptr<transport> over) : over_{std::move(over)} {}
  task<> handshake(std::error_code& error) override {
    std::byte byte{};
    const asio::mutable_buffer buffer{&byte, 1};
    co_await over_->read_some(mutable_buffers{&buffer, 1}, error);
  }
  executor get_executor() override { return over_->get_executor(); }
  task<std::size_t> read_some(mutable_buffers buffers, std::error_code& error) override {
    return over_->read_some(buffers, error);
  }
  task<std::size_t> write(const_buffers buffers, std::error_code& error) override {
    return over_->write(buffers, error);
  }
  std::size_t try_write(byte_span bytes, std::error_code& error) noexcept override {
    return over_->try_write(bytes, error);
  }
  void cancel() noexcept override { over_->cancel(); }
  void shutdown_send() noexcept override { over_->shutdown_send(); }
  void close() noexcept override { over_->close(); }
  bool is_open() const noexcept override { return over_->is_open(); }
  std::string remote_address() const override { return over_->remote_address(); }
  std::uint16_t remote_port() const noexcept override { return over_->remote_port(); }

 private:
  std::unique_ptr<transport> over_;
};

class raw_meeting {
 public:
  explicit raw_meeting(testing::simulation& world) : world_{world} {
    auto& draw = world.draw();
    world_.without_fault();
    where_ = draw.one_of({place::sta2, place::sta4, place::sta5, place::sta6, place::sta7, place::sta8, place::sta10,
                          place::sta11, place::sta13});
    what_ = static_cast<thing>(draw.below(11));
    switch (where_) {
      case place::sta2:
      case place::sta8:
      case place::sta10: asks_ = false; break;
      case place::sta4:
      case place::sta5:
      case place::sta11: asks_ = true; break;
      default: asks_ = draw.chance(50);
    }
    refuses_ = where_ == place::sta13 && !asks_ && draw.chance(50);
    leaves_ = where_ != place::sta7 && where_ != place::sta11 && draw.chance(50);
    garbage_ = draw.below(6);
    // A peer that does not read for a while takes small PDUs all the same.
    for (auto* end : {&world_.first, &world_.second}) end->capacity = std::max<std::size_t>(end->capacity, 4096);
    world_.patience = 5min;
  }

  void run() {
    world_.run([this](std::unique_ptr<transport> over) { return asks_ ? ask(std::move(over)) : answer(std::move(over)); },
               [this](std::unique_ptr<transport> over) { return disturb(std::move(over)); });
    require(reached_ || where_ == place::sta4, "the state has not been reached");
    judge();
    // Establishment, the response and the release at most, and an idle time before.
    require(ended_ - disturbed_ <= 20s, "our side has not ended in time");
  }

 private:
  void require(bool kept, const std::string& what) const {
    if (kept) return;
    throw std::logic_error{what + " (state " + std::to_string(static_cast<int>(where_)) + ", event " +
                           std::to_string(static_cast<int>(what_)) + (asks_ ? ", requestor)" : ", acceptor)")};
  }
  static void set(association_deadlines& of) {
    of.tls = 2s;
    of.associate = of.response = of.read = of.write = of.drain = 5s;
    of.artim = 1s;
    of.release = 2s;
    of.abort = 300ms;
  }

  // --- our side

  task<> ask(std::unique_ptr<transport> over) {
    association_options options{"SCU", "SCP"};
    options.propose(sop_class::Verification);
    set(options);
    if (where_ == place::sta4) over = std::make_unique<with_handshake>(std::move(over));
    std::optional<association> a;
    const auto establish = [&]() -> task<> { a.emplace(co_await associate(std::move(over), options)); };
    if (where_ == place::sta4 && what_ == thing::abort) {
      static_cast<void>(co_await race(as_result(establish()), sleep_for(500ms)));
    } else {
      static_cast<void>(co_await as_result(establish()));
    }
    if (a && where_ != place::sta7 && where_ != place::sta11) static_cast<void>(co_await as_result(a->echo()));
    if (a && leaves_ && a->is_open()) static_cast<void>(co_await as_result(a->abort()));
    else if (a) static_cast<void>(co_await as_result(a->release()));
    ended_ = clock::now();
  }

  task<> answer(std::unique_ptr<transport> over) {
    acceptor_options options;
    options.policy.accept(sop_class::Verification).accept(retrieve_class).accept(mr).allow_requestor_as_scp(mr);
    set(options);
    options.idle = 3s;
    if (refuses_) options.access = [](const auto&, const auto&) { return std::optional{dul::rejection::no_reason_given}; };
    handlers with;
    // A provider that begins a sub-operation when it is told to end, since its peer wants to release: Sta8 lasts, and
    // it sends there (AR-7).
    const auto stubborn = [](get_request request) -> generator<c_get_response, get_result> {
      const auto late = [](back_channel to) -> task<> {
        auto object = ct_object(20);
        object.set(tag::SOPClassUID, mr);
        static_cast<void>(co_await to.store(object, transfer_syntax::ImplicitVRLittleEndian));
      };
      const auto insist = [late, to = request.sender()](std::exception_ptr) { return detail::shielded(late(to)); };
      static_cast<void>(co_await as_result(detail::finally(sleep_for(1s), insist)));
      co_return c_get_response{request.command, status::success};
    };
    with.on_get(stubborn);
    static_cast<void>(co_await as_result(serve_one(std::move(over), options, with)));
    ended_ = clock::now();
  }

  // --- the peer

  task<> disturb(std::unique_ptr<transport> over) {
    scripted_peer peer{std::move(over)};
    const auto there = co_await as_result(go(peer));
    reached_ = static_cast<bool>(there);
    disturbed_ = clock::now();
    if (reached_) static_cast<void>(co_await as_result(act(peer)));
    static_cast<void>(co_await as_result(listen(peer)));
  }

  // Bring our side into that state.
  task<> go(scripted_peer& peer) {
    if (where_ == place::sta2 || where_ == place::sta4) co_return;
    if (asks_) {
      if (where_ == place::sta5) {
        co_await peer.expect<dul::a_associate_rq>();
        co_return;
      }
      co_await peer.accept();
      if (where_ == place::sta6 || where_ == place::sta13) static_cast<void>(co_await peer.expect_message());
      else co_await peer.expect<dul::a_release_rq>();
      if (where_ == place::sta11) {
        co_await peer.send(dul::pdu{dul::a_release_rq{}});
        co_await peer.expect<dul::a_release_rp>();
      }
    } else {
      if (refuses_) {
        co_await peer.send(request_of_association());
        co_await peer.expect<dul::a_associate_rj>();
        co_return;
      }
      const auto options = peer_options();
      static_cast<void>(co_await peer.request(options, options.contexts));
      if (where_ == place::sta7 || where_ == place::sta10) co_await peer.expect<dul::a_release_rq>();
      if (where_ == place::sta10) co_await peer.send(dul::pdu{dul::a_release_rq{}});
      if (where_ == place::sta8) {
        c_get_request get{message_id{1}, retrieve_class};
        get.has_data_set = true;
        std::vector<std::byte> identifier;
        encode(patient("1"), transfer_syntax::ImplicitVRLittleEndian, identifier);
        co_await peer.send_message(context_id{3}, get, identifier);
        co_await peer.send(dul::pdu{dul::a_release_rq{}});
        static_cast<void>(co_await peer.expect_message());
      }
    }
    if (where_ == place::sta13) co_await peer.send(dul::pdu{dul::a_release_rp{}});  // where nobody asked for it
  }

  task<> act(scripted_peer& peer) {
    if (where_ == place::sta4) {  // whatever is no failure lets the transport be established
      if (what_ == thing::close) peer.close();
      else if (what_ != thing::silence && what_ != thing::abort) co_await peer.send_bytes(std::vector<std::byte>(1));
      co_return;
    }
    switch (what_) {
      case thing::associate_rq: co_await peer.send(request_of_association()); break;
      case thing::associate_ac: co_await peer.send(acceptance()); break;
      case thing::associate_rj: co_await peer.send(dul::pdu{dul::a_associate_rj{}}); break;
      case thing::p_data: co_await peer.send_message(context_id{1}, c_echo_request{message_id{7}}); break;
      case thing::release_rq: co_await peer.send(dul::pdu{dul::a_release_rq{}}); break;
      case thing::release_rp: co_await peer.send(dul::pdu{dul::a_release_rp{}}); break;
      case thing::abort: co_await peer.send(dul::pdu{dul::a_abort{}}); break;
      case thing::invalid: co_await peer.send_bytes(garbage()); break;
      case thing::close: peer.close(); break;
      case thing::half_a_pdu: co_await peer.send_bytes(std::vector<std::byte>(1, std::byte{4})); break;
      case thing::silence: co_await sleep_for(15s); break;
    }
  }
  static task<> listen(scripted_peer& peer) {
    for (;;) {
      const auto got = co_await peer.receive_bytes();
      if (got.empty()) break;
    }
  }

  static association_options peer_options() {
    association_options options{"SCU", "SCP"};
    options.propose(sop_class::Verification, retrieve_class).receive(mr);
    return options;
  }
  static dul::pdu request_of_association() {
    const auto options = peer_options();
    return dul::pdu{dul::make_request(options, options.contexts)};
  }
  static dul::pdu acceptance() {
    dul::a_associate_ac answer;
    answer.called_ae_title = "SCP";
    answer.calling_ae_title = "SCU";
    answer.contexts.emplace_back(context_id{1}, dul::context_result::acceptance, transfer_syntax::ImplicitVRLittleEndian);
    answer.user.max_length = 16384;
    answer.user.implementation_class_uid = unique_id{"1.2.3.4"};
    return dul::pdu{std::move(answer)};
  }
  [[nodiscard]] static std::vector<std::byte> raw(std::initializer_list<int> values) {
    std::vector<std::byte> all;
    for (const int each : values) all.push_back(static_cast<std::byte>(each));
    return all;
  }
  // PDUs of no type, too short, too long, or whose parts do not fit.
  [[nodiscard]] std::vector<std::byte> garbage() const {
    switch (garbage_) {
      case 0: return raw({0, 0, 0, 0, 0, 4, 0, 0, 0, 0});
      case 1: return raw({'G', 'E', 'T', ' ', '/', ' ', 'H', 'T', 'T', 'P'});
      case 2: return raw({5, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0});
      case 3: return raw({4, 0, 0, 0, 0, 0});
      case 4: return raw({4, 0, 0, 0, 0, 8, 0, 0, 0, 9, 1, 3, 0, 0});
      default: return raw({4, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 4, 1, 3, 0, 0});
    }
  }

  // --- what must have come of it, by PS3.8 Tables 9-6 to 9-10

  enum class abort_is : std::uint8_t { required, forbidden, possible };
  [[nodiscard]] abort_is by_the_table() const noexcept {
    using enum abort_is;
    if (where_ == place::sta4) return possible;
    if (where_ == place::sta13 && refuses_) return forbidden;
    if (where_ == place::sta13) return what_ == thing::close ? possible : required;  // the one that led there
    if (what_ == thing::abort || what_ == thing::close) return forbidden;
    const bool waits = what_ == thing::silence || what_ == thing::half_a_pdu;
    switch (where_) {
      case place::sta2: return waits ? forbidden : what_ == thing::associate_rq ? possible : required;
      case place::sta5:
        if (what_ == thing::associate_rj) return forbidden;
        return what_ == thing::associate_ac ? possible : required;
      case place::sta6:
        if (what_ == thing::release_rq) return forbidden;
        return waits || what_ == thing::p_data ? possible : required;
      case place::sta7:
        if (what_ == thing::release_rp) return forbidden;
        return what_ == thing::p_data || what_ == thing::release_rq ? possible : required;
      case place::sta8: return what_ == thing::silence ? possible : required;
      default: return what_ == thing::release_rp ? forbidden : required;
    }
  }
  void judge() const {
    const auto bytes = world_.trace().written(true);
    std::vector<unsigned> sent;
    for (std::size_t at = 0; at != bytes.size();) {
      if (what_ == thing::close && bytes.size() - at < 6) break;
      require(bytes.size() - at >= 6, "our stream ends inside a PDU");
      std::size_t length = 0;
      for (std::size_t i = 2; i < 6; ++i) length = length << 8 | static_cast<std::size_t>(bytes[at + i]);
      if (what_ == thing::close && bytes.size() - at - 6 < length) break;
      require(bytes.size() - at - 6 >= length, "our stream ends inside a PDU");
      require(sent.empty() || (sent.back() != 7 && sent.back() != 3), "a PDU after our A-ABORT or A-ASSOCIATE-RJ");
      sent.push_back(static_cast<unsigned>(bytes[at]));
      at += 6 + length;
    }
    const bool aborted = !sent.empty() && sent.back() == 7;
    const auto wanted = by_the_table();
    require(aborted || wanted != abort_is::required, "no A-ABORT was sent");
    require(!aborted || wanted != abort_is::forbidden, "an A-ABORT was sent");
    if (where_ == place::sta6 && what_ == thing::release_rq)
      require(!sent.empty() && sent.back() == 6, "an A-RELEASE-RQ was not answered");
    if (where_ == place::sta10 && what_ == thing::release_rp)
      require(sent.back() == 6, "the acceptor has not answered the collision of releases");
  }

  testing::simulation& world_;
  place where_ = place::sta2;
  thing what_ = thing::silence;
  bool asks_ = false;     // our side is the requestor
  bool refuses_ = false;  // the association
  bool leaves_ = false;   // by A-ABORT
  std::size_t garbage_ = 0;
  bool reached_ = false;
  clock::time_point disturbed_{}, ended_{};
};

}  // namespace

void meet_raw_peer(testing::simulation& world) {
  raw_meeting meeting{world};
  meeting.run();
}

}  // namespace codicom_test
