#include "net/support.hpp"

#include <codicom/core/generate_uid.hpp>
#include <codicom/file/write_file.hpp>
#include <codicom/net/handlers.hpp>

#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>

// Each limit where it lies: at the limit and below it passes, beyond it gets its answer on the wire.

using namespace codicom_test;
using namespace std::chrono_literals;

namespace {

using bytes = std::vector<std::byte>;

dul::a_associate_rq request_of_a_peer() {
  dul::requestor_options titles{"SCU", "SCP"};
  titles.max_length = 16384;
  return dul::make_request(titles, all_services().contexts);
}

handlers plain_handlers() {
  handlers with;
  with.on_find([](find_request request) -> generator<find_match, c_find_response> {
    co_return c_find_response{request.command, status::success};
  });
  with.on_store([](incoming_object object) -> task<> {
    co_await object.read();
    co_await object.respond(status::success);
  });
  return with;
}

acceptor_options accepts_all(limits within = {}) {
  acceptor_options options;
  options.policy.accept(sop_class::Verification).accept(find_class).accept(move_class).accept(ct);
  options.policy.max_length = 20'000;
  options.limits = within;
  options.artim = 1s;
  return options;
}

// A script as requestor against `serve_one`, from the first byte on.
void face(const script& does, const acceptor_options& options, const handlers& with = plain_handlers()) {
  const auto server = [&](std::unique_ptr<transport> over) -> task<> {
    const auto ended = co_await as_result(serve_one(std::move(over), options, with));
    static_cast<void>(ended);
  };
  const auto client = [&](std::unique_ptr<transport> over) -> task<> {
    scripted_peer peer{std::move(over)};
    co_await does(peer);
    peer.close();
  };
  const auto whole = [&]() -> task<> {
    const executor where = co_await asio::this_coro::executor;
    auto pair = testing::make_memory_pair(where);
    co_await together(client(std::move(pair.first)), server(std::move(pair.second)));
  };
  testing::simulate(whole());
}

// What the acceptor answers to an A-ASSOCIATE-RQ.
dul::pdu_type answer_to(const dul::a_associate_rq& request, const acceptor_options& options) {
  auto type = dul::pdu_type::p_data_tf;
  face(
      [&](scripted_peer& p) -> task<> {
        const auto begin = clock::now();
        co_await p.send(dul::pdu{request});
        const auto answer = co_await p.receive();
        REQUIRE(answer);
        type = dul::type_of(*answer);
        CHECK(clock::now() - begin <= 1s);
      },
      options);
  return type;
}

// The status of the answer to a message; nothing where the association was aborted. Otherwise it must live on.
std::optional<dimse_status> answer_to(const bytes& message, const acceptor_options& options,
                                      const handlers& with = plain_handlers()) {
  std::optional<dimse_status> outcome;
  face(
      [&](scripted_peer& p) -> task<> {
        co_await p.send(dul::pdu{request_of_a_peer()});
        co_await p.expect<dul::a_associate_ac>();
        const auto sent = co_await as_result(p.send_bytes(message));
        static_cast<void>(sent);
        auto answer = co_await p.receive();
        REQUIRE(answer);
        if (const auto* data = std::get_if<dul::p_data_tf>(&*answer)) {
          outcome = status_of(decode_command(data->pdvs.front().fragment));
          co_await p.send_message(context_id{1}, c_echo_request{message_id{9}});
          const auto echoed = co_await p.expect_command<c_echo_response>();
          CHECK(echoed.status.is_success());
        } else {
          CHECK(dul::type_of(*answer) == dul::pdu_type::a_abort);
        }
      },
      options, with);
  return outcome;
}

std::size_t size_of(const auto& command_of_any_kind) {
  bytes command_set;
  encode_command(command_of_any_kind, command_set);
  return command_set.size();
}

bytes nested(std::size_t depth) {
  data_set inner = patient("1");
  for (std::size_t i = 0; i < depth; ++i) {
    data_set outer;
    outer.add_item(tag::ReferencedStudySequence, inner);
    inner = std::move(outer);
  }
  return encoded(inner);
}

// Sequences of undefined length, none of which ends.
bytes bottomless(std::size_t depth) {
  const std::uint8_t one[] = {0x08, 0x00, 0x10, 0x11, 'S',  'Q',  0x00, 0x00, 0xFF, 0xFF,
                              0xFF, 0xFF, 0xFE, 0xFF, 0x00, 0xE0, 0xFF, 0xFF, 0xFF, 0xFF};
  bytes all;
  for (std::size_t i = 0; i < depth; ++i)
    for (const auto each : one) all.push_back(std::byte{each});
  return all;
}

bytes find_message(const bytes& identifier) {
  return scripted_peer::message_bytes(context_id{3}, c_find_request{message_id{1}, find_class}, identifier);
}
bytes store_message(const bytes& object) {
  return scripted_peer::message_bytes(context_id{7}, c_store_request{message_id{1}, ct, "1.2.3"}, object);
}

}  // namespace

TEST_CASE("the limits of an A-ASSOCIATE-RQ: beyond them it is refused within a second") {
  const auto request = request_of_a_peer();
  bytes encoded_request;
  dul::encode(request, encoded_request);
  struct row {
    std::string name;
    std::uint32_t limits::*which;
    std::uint32_t has;
    dul::pdu_type refused;
  };
  const row rows[] = {
      {"PDU length", &limits::pdu_bytes, static_cast<std::uint32_t>(encoded_request.size() - dul::pdu_header_size),
       dul::pdu_type::a_associate_rj},
      {"presentation contexts", &limits::presentation_contexts, 4, dul::pdu_type::a_associate_rj},
      {"transfer syntaxes", &limits::transfer_syntaxes, 2, dul::pdu_type::a_associate_rj},
      {"user information items", &limits::user_information_items, 3, dul::pdu_type::a_associate_rj},
  };
  for (const auto& each : rows) {
    CAPTURE(each.name);
    limits within;
    within.*each.which = each.has + 1;
    CHECK(answer_to(request, accepts_all(within)) == dul::pdu_type::a_associate_ac);
    within.*each.which = each.has;
    CHECK(answer_to(request, accepts_all(within)) == dul::pdu_type::a_associate_ac);
    within.*each.which = each.has - 1;
    const auto answer = answer_to(request, accepts_all(within));
    CHECK_MESSAGE(answer == each.refused, std::string{dul::name(answer)});
  }
}

TEST_CASE("the limits of messages: beyond them the association is aborted, or the request gets a status") {
  const auto object = encoded(ct_object(50'000));
  const c_echo_request echo{message_id{1}};
  struct row {
    std::string name;
    std::function<void(limits&, std::size_t)> set;
    std::size_t has;
    bytes message;
    std::optional<dimse_status> refused;
    bool drops = false;
  };
  const auto lower = [](auto limits::*which) {
    return [which](limits& in, std::size_t value) { in.*which = static_cast<std::decay_t<decltype(in.*which)>>(value); };
  };
  const auto identifier = encoded(patient("12345678"));
  const std::vector<row> rows{
      {"command", lower(&limits::command_bytes), size_of(echo), scripted_peer::message_bytes(context_id{1}, echo), {}},
      {"identifier", lower(&limits::identifier_bytes), identifier.size(), find_message(identifier), status::out_of_resources},
      {"data set", lower(&limits::data_set_bytes), object.size(), store_message(object), {}},
      {"fragments", lower(&limits::message_fragments), (object.size() + 16377) / 16378 + 1, store_message(object), {}},
      {"nesting", lower(&limits::depth), 10, find_message(nested(10)), status::cannot_understand},
      {"skipped", lower(&limits::drain_bytes), object.size(), store_message(object), {}, true},
  };
  auto dropping = plain_handlers();
  dropping.on_store([](incoming_object) -> task<> { co_return; });
  for (const auto& each : rows) {
    CAPTURE(each.name);
    const auto right = each.drops ? status::out_of_resources : status::success;
    for (const std::size_t spare : {1u, 0u}) {
      limits within;
      each.set(within, each.has + spare);
      const auto outcome = answer_to(each.message, accepts_all(within), each.drops ? dropping : plain_handlers());
      REQUIRE(outcome);
      CHECK(*outcome == right);
    }
    limits within;
    each.set(within, each.has - 1);
    const auto outcome = answer_to(each.message, accepts_all(within), each.drops ? dropping : plain_handlers());
    CHECK(outcome == each.refused);
  }
}

TEST_CASE("a P-DATA-TF may be a little longer than announced, for peers that count its header; not more") {
  for (const std::uint32_t length : {20'000u, 21'023u, 21'024u, 21'025u, 0xFFFFFFFFu}) {
    CAPTURE(length);
    const bytes data(length == 0xFFFFFFFFu ? 30'000 : length - 6, std::byte{0});
    auto message = scripted_peer::message_bytes(context_id{7}, c_store_request{message_id{1}, ct, "1.2.3"});
    std::byte header[dul::p_data_header_size];
    dul::write_p_data_header(header, {context_id{7}, false, true, static_cast<std::uint32_t>(data.size())});
    message.insert(message.end(), std::begin(header), std::end(header));
    message.insert(message.end(), data.begin(), data.end());
    if (length == 0xFFFFFFFFu)
      for (std::size_t i = 2; i < 6; ++i) message[message.size() - data.size() - dul::p_data_header_size + i] = std::byte{0xFF};
    const auto outcome = answer_to(message, accepts_all());
    CHECK(outcome.has_value() == (length <= 21'024));
  }
}

TEST_CASE("what cannot be decoded gets a status, and the association lives on") {
  const bytes nonsense(1000, std::byte{0xA5});
  const auto asked = answer_to(find_message(nonsense), accepts_all());
  REQUIRE(asked);
  CHECK(*asked == status::cannot_understand);
  const auto stored = answer_to(store_message(nonsense), accepts_all());
  REQUIRE(stored);
  CHECK(*stored == status::cannot_understand);
}

TEST_CASE("20,000 nested sequences get a status") {
  const auto deep = bottomless(20'000);
  const auto asked = answer_to(find_message(deep), accepts_all());
  REQUIRE(asked);
  CHECK(*asked == status::cannot_understand);
  const auto stored = answer_to(store_message(deep), accepts_all());
  REQUIRE(stored);
  CHECK(stored->is_failure());
}

TEST_CASE("a file that shrinks while it is sent ends its C-STORE, not the process") {
  const auto file = std::filesystem::temp_directory_path() / ("codicom-shrinks-" + generate_uid().str() + ".dcm");
  write_file(file, ct_object(8 << 20), transfer_syntax::ExplicitVRLittleEndian);
  meet(
      [&](association& a) -> task<> {
        const auto outcome = co_await as_result(a.store(file));
        CHECK(outcome.error() == errc::file_error);
        CHECK_FALSE(a.is_open());
      },
      [&](scripted_peer& p) -> task<> {
        for (int i = 0; i < 3; ++i) co_await p.expect<dul::p_data_tf>();
        std::filesystem::resize_file(file, 100'000);
        for (;;) {
          auto next = co_await p.receive();
          REQUIRE(next);  // whole PDUs, up to an A-ABORT
          if (std::holds_alternative<dul::a_abort>(*next)) break;
        }
      });
  std::filesystem::remove(file);
}
