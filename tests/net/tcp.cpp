#include "net/support.hpp"

#include <codicom/core/generate_uid.hpp>
#include <codicom/coro/run.hpp>
#include <codicom/net/detail/listener_state.hpp>
#include <codicom/net/handlers.hpp>
#include <codicom/net/listener.hpp>
#include <codicom/net/serve.hpp>
#include <codicom/net/tcp.hpp>

#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/post.hpp>
#include <asio/write.hpp>

#include <array>
#include <atomic>
#include <doctest/doctest.h>
#include <filesystem>
#include <string_view>
#include <thread>

using namespace codicom_test;
using namespace std::chrono_literals;

namespace {

acceptor_options accepts_all() {
  acceptor_options options;
  options.policy.accept(sop_class::Verification).accept(find_class).accept(move_class).accept(ct);
  return options;
}

generator<find_match, c_find_response> two_matches(find_request request) {
  for (int i = 0; i < 2; ++i) {
    co_await sleep_for(1ms);
    co_yield find_match{patient(std::to_string(i))};
  }
  co_return c_find_response{request.command, status::success};
}

}  // namespace

TEST_CASE("nobody listening is connection_refused, and the message names the peer") {
  const auto body = []() -> task<> {
    std::uint16_t port = 0;
    {
      const auto gone = co_await listen("127.0.0.1", 0);
      port = gone.port();
    }
    const peer nobody{"NOBODY", "127.0.0.1", port};
    const auto outcome = co_await as_result(associate(nobody, all_services()));
    CHECK(outcome.error() == errc::connection_refused);
    CHECK(outcome.error() == failure::peer_refused);
    try {
      static_cast<void>(outcome.value());
    } catch (const std::exception& e) {
      CHECK(std::string{e.what()}.find("NOBODY@127.0.0.1:" + std::to_string(port)) != std::string::npos);
    }
    const peer nowhere{"NOBODY", "no-such-host.invalid", 104};
    const auto unresolved = co_await as_result(associate(nowhere, all_services()));
    CHECK(unresolved.error() == errc::connection_refused);
  };
  run(body());
}

TEST_CASE("a port in use and an address that is not ours cannot be listened on") {
  const auto body = []() -> task<> {
    const auto first = co_await listen("127.0.0.1", 0);
    const auto second = co_await as_result(listen("127.0.0.1", first.port()));
    CHECK(second.error() == asio::error::address_in_use);
    const auto other = co_await as_result(listen("192.0.2.1", 0));
    CHECK_FALSE(other);
    const auto nonsense = co_await as_result(listen("nonsense", 0));
    CHECK(nonsense.error() == errc::invalid_argument);
  };
  run(body());
}

TEST_CASE("a proposal without contexts is refused before anything is opened") {
  const auto body = []() -> task<> {
    const peer nobody{"NOBODY", "192.0.2.1", 104};
    const association_options nothing{"SCU", "SCP"};
    const auto outcome = co_await as_result(associate(nobody, nothing));
    CHECK(outcome.error() == errc::invalid_argument);
  };
  run(body());
}

TEST_CASE("an address that does not answer ends at the connect deadline, or when cancelled") {
  const auto body = []() -> task<> {
    const peer silent{"NOBODY", "192.0.2.1", 104};
    auto options = all_services();
    options.connect = 50ms;
    const auto begin = clock::now();
    const auto outcome = co_await as_result(associate(silent, options));
    // Without a route there is nothing to wait for.
    const bool expected = outcome.error() == errc::connect_timed_out || outcome.error() == errc::connection_refused;
    CHECK(expected);
    CHECK(clock::now() - begin < 1s);
    options.connect = 1h;
    auto cancelled = co_await race(associate(silent, options), sleep_for(50ms));
    const bool stopped =
        cancelled.first.error() == failure::cancelled || cancelled.first.error() == errc::connection_refused;
    CHECK(stopped);
  };
  run(body());
}

TEST_CASE("what TCP can do at once it does, and what takes a wait is no error") {
  const auto body = []() -> task<> {
    const executor where = co_await asio::this_coro::executor;
    asio::ip::tcp::acceptor at{where, {asio::ip::address_v4::loopback(), 0}};
    const auto ours = co_await connect_tcp("127.0.0.1", at.local_endpoint().port(), 5s);
    auto theirs = at.accept();
    std::array<char, 16> room{};
    const asio::mutable_buffer one{room.data(), 1}, all{room.data(), room.size()};
    std::error_code error;
    CHECK(ours->read_at_once({&all, 1}, error) == 0);
    CHECK_FALSE(error);
    asio::write(theirs, asio::buffer("abc", 3));
    const auto first = co_await ours->read_some({&one, 1}, error);
    CHECK(first == 1);
    CHECK(ours->read_at_once({&all, 1}, error) == 2);
    const std::string much(1 << 20, 'x');
    const asio::const_buffer out{much.data(), much.size()};
    std::size_t last = much.size();
    for (int i = 0; i < 1000 && last != 0; ++i) last = ours->write_at_once({&out, 1}, error);
    CHECK(last == 0);
    CHECK_FALSE(error);
    theirs.shutdown(asio::socket_base::shutdown_send);
    const auto end = co_await ours->read_some({&all, 1}, error);
    CHECK(end == 0);
    CHECK(ours->read_at_once({&all, 1}, error) == 0);
    CHECK(error == asio::error::eof);
  };
  run(body());
}

TEST_CASE("a C-STORE that is cancelled on TCP ends with whole PDUs and an A-ABORT") {
  const auto server = [](listener& at) -> task<> {
    const executor where = co_await asio::this_coro::executor;
    std::error_code error;
    auto accepted = co_await at.shared()->source->accept(where, error);
    scripted_peer p{std::move(accepted)};
    co_await p.accept(16384);
    co_await p.receive_bytes();
    co_await sleep_for(300ms);
    std::vector<std::byte> stream;
    std::vector<std::byte> piece(1 << 20);
    while (!error) {
      const asio::mutable_buffer into{piece.data(), piece.size()};
      const auto size = co_await p.stream().read_some(mutable_buffers{&into, 1}, error);
      stream.insert(stream.end(), piece.begin(), piece.begin() + static_cast<std::ptrdiff_t>(size));
    }
    CHECK(error == asio::error::eof);
    std::size_t at_byte = 0, pdus = 0;
    auto last = dul::pdu_type::p_data_tf;
    while (at_byte + dul::pdu_header_size <= stream.size()) {
      CHECK(last == dul::pdu_type::p_data_tf);
      const auto header = dul::parse_pdu_header(byte_span{stream}.subspan(at_byte));
      last = header.type;
      at_byte += dul::pdu_header_size + header.length;
      ++pdus;
    }
    CHECK(at_byte == stream.size());
    CHECK(last == dul::pdu_type::a_abort);
    CHECK(pdus > 1);
  };
  const auto client = [](std::uint16_t port) -> task<> {
    const peer to{"SCP", "127.0.0.1", port};
    auto a = co_await associate(to, all_services());
    auto outcome = co_await race(a.store(ct_object(64 << 20)), sleep_for(100ms));
    CHECK(outcome.first.error() == failure::cancelled);
  };
  const auto body = [&]() -> task<> {
    auto at = co_await listen("127.0.0.1", 0);
    co_await together(server(at), client(at.port()));
  };
  run(body());
}

TEST_CASE("four threads serve and use many associations at once") {
  const auto folder = std::filesystem::temp_directory_path() / ("codicom-test-" + generate_uid().str());
  std::filesystem::create_directory(folder);
  asio::io_context io{4};
  std::atomic<int> saved = 0, done = 0;
  constexpr int clients = 8, rounds = 3;
  std::atomic<std::uint16_t> port = 0;
  std::function<void()> stop;

  const auto client = [&](int number) -> task<> {
    const peer to{"SCP", "127.0.0.1", port};
    auto a = co_await associate(to, all_services());
    for (int i = 0; i < rounds; ++i) {
      const auto echoed = co_await a.echo();
      CHECK(echoed.status.is_success());
      const auto found = co_await collect(a.find(find_class, patient("*")));
      CHECK(found.matches.size() == 2);
      const auto uid = "1.2." + std::to_string(number) + '.' + std::to_string(i);
      const auto response = co_await a.store(ct_object(300'000, uid));
      CHECK(response.status.is_success());
    }
    co_await a.release();
    if (++done == clients) stop();
  };
  const auto server = [&]() -> task<> {
    auto at = co_await listen("127.0.0.1", 0);
    const executor where = co_await asio::this_coro::executor;
    stop = [where, &at] { asio::post(where, [&at] { at.stop(); }); };
    handlers with;
    with.on_find(two_matches).on_store([&](incoming_object object) -> task<> {
      co_await object.save(folder);
      ++saved;
    });
    port = at.port();
    for (int i = 0; i < clients; ++i) spawn(io, client(i));
    co_await serve(at, accepts_all(), with);
  };
  spawn(io, server());
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back([&io] { io.run(); });
  for (auto& thread : threads) thread.join();
  CHECK(done == clients);
  CHECK(saved == clients * rounds);
  std::filesystem::remove_all(folder);
}

TEST_CASE("an io_context that goes away takes its associations with it, in whatever they are") {
  for (int polls = 1; polls < 60; ++polls) {
    asio::io_context io{1};
    const auto body = [](asio::io_context&) -> task<> {
      auto at = co_await listen("127.0.0.1", 0);
      handlers with;
      with.on_find(two_matches);
      const auto client = [](std::uint16_t port) -> task<> {
        const peer to{"SCP", "127.0.0.1", port};
        auto a = co_await associate(to, all_services());
        for (;;) {
          auto found = co_await collect(a.find(find_class, patient("*")));
          static_cast<void>(found);
        }
      };
      co_await together(serve(at, accepts_all(), with), client(at.port()));
    };
    asio::co_spawn(executor{io.get_executor()}, body(io), [](std::exception_ptr) {});
    for (int i = 0; i < polls; ++i) io.run_one_for(20ms);
  }
}

TEST_CASE("a listener takes associations by IPv4, by IPv6, and by both") {
  const auto echoes = [](std::string host, std::uint16_t port) -> task<> {
    const peer to{"SCP", host, port};
    auto a = co_await associate(to, all_services());
    const auto echoed = co_await a.echo();
    CHECK(echoed.status.is_success());
    co_await a.release();
  };
  const auto body = [&]() -> task<> {
    const auto has_v6 = co_await as_result(listen("::1", 0));
    if (!has_v6) MESSAGE("no IPv6 here: skipped");
    const std::array<std::string_view, 3> addresses{"127.0.0.1", "::1", ""};
    for (const auto each : addresses) {
      const std::string address{each};
      CAPTURE(address);
      if (!has_v6 && address == "::1") continue;
      auto from = co_await listen(address, 0);
      const auto asks = [&]() -> task<> {
        if (address != "::1") co_await echoes("127.0.0.1", from.port());
        if (has_v6 && address != "127.0.0.1") co_await echoes("::1", from.port());
        from.stop();
      };
      co_await together(serve(from, accepts_all(), handlers{}), asks());
    }
  };
  run(body());
}

TEST_CASE("with 1 MiB in flight a peer still reads why its A-ASSOCIATE-RQ was refused") {
  const auto body = []() -> task<> {
    auto options = accepts_all();
    options.policy.called_ae_titles.push_back("SOMEBODY");
    options.artim = 1s;
    const dul::requestor_options titles{"SCU", "SCP"};
    std::vector<std::byte> refused;
    dul::encode(dul::pdu{dul::make_request(titles, all_services().contexts)}, refused);
    auto malformed = refused, endless = refused;
    malformed[80] = std::byte{0xFF};
    for (std::size_t i = 2; i < 6; ++i) endless[i] = std::byte{0xFF};
    auto from = co_await listen("127.0.0.1", 0);
    const auto asks = [&]() -> task<> {
      for (const auto* const each : {&refused, &malformed, &endless}) {
        const auto& request = *each;
        auto stream = co_await connect_tcp("127.0.0.1", from.port(), 5s);
        scripted_peer p{std::move(stream)};
        auto flood = request;
        flood.resize(request.size() + (1 << 20));
        co_await p.send_bytes(flood);
        co_await sleep_for(200ms);
        const auto answer = co_await p.receive();
        REQUIRE(answer);
        const auto type = dul::type_of(*answer);
        const bool says_why = type == dul::pdu_type::a_associate_rj || type == dul::pdu_type::a_abort;
        CHECK(says_why);
        co_await p.expect_end();
      }
      from.stop();
    };
    co_await together(serve(from, options, handlers{}), asks());
  };
  run(body());
}
