#include <codicom/coro/scope.hpp>
#include <codicom/testing/memory_transport.hpp>
#include <codicom/testing/scripted_peer.hpp>
#include <codicom/testing/virtual_clock.hpp>

#include <array>
#include <doctest/doctest.h>

using namespace codicom;
using namespace std::chrono_literals;
using testing::memory_faults;

namespace {

task<std::string> read(transport& from, std::size_t most, std::error_code& error) {
  std::string text(most, '\0');
  const asio::mutable_buffer into{text.data(), text.size()};
  const auto size = co_await from.read_some(mutable_buffers{&into, 1}, error);
  text.resize(size);
  co_return text;
}

task<std::size_t> write(transport& to, std::string text, std::error_code& error) {
  const asio::const_buffer from{text.data(), text.size()};
  co_return co_await to.write(const_buffers{&from, 1}, error);
}

template <class Body>
void with_pair(Body body, memory_faults first = {}, memory_faults second = {}) {
  const auto whole = [&]() -> task<> {
    const executor where = co_await asio::this_coro::executor;
    auto pair = testing::make_memory_pair(where, first, second);
    co_await body(*pair.first, *pair.second);
  };
  testing::simulate(whole());
}

}  // namespace

TEST_CASE("bytes arrive in order, then the end") {
  with_pair([](transport& a, transport& b) -> task<> {
    std::error_code error;
    const auto sent = co_await write(a, "hello", error);
    CHECK(sent == 5);
    const auto first = co_await read(b, 2, error);
    CHECK(first == "he");
    const auto rest = co_await read(b, 100, error);
    CHECK(rest == "llo");
    a.shutdown_send();
    const auto none = co_await read(b, 100, error);
    CHECK(none.empty());
    CHECK(error == asio::error::eof);
    co_await write(b, "back", error);
    const auto back = co_await read(a, 100, error);
    CHECK(back == "back");
  });
}

TEST_CASE("reads stop at a split, and give as little as they are told") {
  memory_faults split;
  split.split_at = 3;
  with_pair(
      [](transport& a, transport& b) -> task<> {
        std::error_code error;
        co_await write(a, "abcdef", error);
        const auto first = co_await read(b, 100, error);
        const auto second = co_await read(b, 100, error);
        CHECK(first == "abc");
        CHECK(second == "def");
      },
      {}, split);
  memory_faults small;
  small.max_read = 2;
  with_pair(
      [](transport& a, transport& b) -> task<> {
        std::error_code error;
        co_await write(a, "abcdef", error);
        const auto first = co_await read(b, 100, error);
        CHECK(first == "ab");
      },
      {}, small);
}

TEST_CASE("a writer waits for room, and cancelled it says how much has gone") {
  memory_faults narrow;
  narrow.capacity = 10;
  with_pair(
      [](transport& a, transport& b) -> task<> {
        std::error_code error, ignored;
        auto outcome = co_await race(write(a, std::string(25, 'x'), error), sleep_for(1s));
        CHECK(outcome.first.value() == 10);
        CHECK(error == asio::error::operation_aborted);
        const auto got = co_await read(b, 100, ignored);
        CHECK(got.size() == 10);
      },
      narrow);
}

TEST_CASE("with a source, some of it is done at once, and in parts; without one, nothing is") {
  for (const bool fickle : {false, true}) {
    memory_faults faults;
    if (fickle) faults.source = std::make_shared<testing::random>(7);
    const auto body = [fickle](transport& a, transport& b) -> task<> {
      const std::string text(1000, 'x');
      const asio::const_buffer out{text.data(), text.size()};
      std::array<char, 2000> room;
      const asio::mutable_buffer in{room.data(), room.size()};
      std::size_t written = 0, read = 0, whole = 0;
      std::error_code error;
      for (int i = 0; i < 50; ++i) {
        const auto size = a.write_at_once({&out, 1}, error);
        CHECK_FALSE(error);
        CHECK(size <= text.size());
        whole += size == text.size() ? 1 : 0;
        written += size;
        read += b.read_at_once({&in, 1}, error);
        CHECK_FALSE(error);
        CHECK(read <= written);
      }
      CHECK((written != 0) == fickle);
      CHECK((read != 0) == fickle);
      CHECK((whole != 0 && written != whole * text.size()) == fickle);
      co_await sleep_for(1s);
    };
    with_pair(body, faults, faults);
  }
}

TEST_CASE("the n-th operation fails on both sides") {
  memory_faults second;
  second.fail_at = 2;
  with_pair(
      [](transport& a, transport& b) -> task<> {
        std::error_code error;
        co_await write(a, "one", error);
        CHECK_FALSE(error);
        co_await write(a, "two", error);
        CHECK(error == asio::error::connection_reset);
        co_await read(b, 10, error);
        CHECK(error == asio::error::connection_reset);
      },
      second);
}

TEST_CASE("closing with unread input resets, as TCP does; cancel wakes a reader") {
  with_pair([](transport& a, transport& b) -> task<> {
    std::error_code error;
    const auto cancels = [&a]() -> task<> {
      co_await sleep_for(1s);
      a.cancel();
    };
    const executor where = co_await asio::this_coro::executor;
    scope both{where};
    both.spawn(cancels());
    const auto none = co_await read(a, 10, error);
    CHECK(none.empty());
    CHECK(error == asio::error::operation_aborted);
    co_await both.join();
    co_await write(a, "unread", error);
    b.close();
    co_await read(a, 10, error);
    CHECK(error == asio::error::connection_reset);
  });
}

TEST_CASE("a scripted peer finds fragments that mix") {
  const auto whole = []() -> task<> {
    const executor where = co_await asio::this_coro::executor;
    auto pair = testing::make_memory_pair(where);
    testing::scripted_peer a{std::move(pair.first)}, b{std::move(pair.second)};
    co_await a.send_message(context_id{1}, c_echo_request{message_id{1}});
    const auto request = co_await b.expect_command<c_echo_request>();
    CHECK(request.id == message_id{1});
    std::vector<std::byte> data(10);
    dul::p_data_tf wrong;
    wrong.pdvs.push_back({{context_id{1}, false, true, 0}, data});
    std::vector<std::byte> bytes;
    dul::encode(wrong, bytes);
    co_await a.send_bytes(bytes);
    const auto mixed = co_await as_result(b.expect_message());
    CHECK_FALSE(mixed);
    a.close();
    const auto end = co_await b.receive();
    CHECK_FALSE(end);
  };
  testing::simulate(whole());
}
