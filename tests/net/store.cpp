// C-STORE of objects that do not go as they are: in another transfer syntax than the peer took, or of odd length.
#include "support.hpp"

#include <codicom/encoding/data_set_reader.hpp>
#include <codicom/encoding/transcode.hpp>
#include <codicom/file/write_file.hpp>
#include <support/sanitized.hpp>
#include <support/temporary_folder.hpp>

#include <asio/bind_cancellation_slot.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/co_spawn.hpp>

#include <algorithm>
#include <cstring>
#include <doctest/doctest.h>
#include <fstream>
#include <limits>
#include <stdexcept>

using namespace codicom_test;
using test_support::temporary_folder;

namespace {

const unique_id& explicit_le = transfer_syntax::ExplicitVRLittleEndian;
const unique_id& implicit_le = transfer_syntax::ImplicitVRLittleEndian;

// CT in these transfer syntaxes only, each in a context of its own, all accepted; Verification to see that it lives on.
template <class... Syntax>
association_options ct_in(const Syntax&... syntax) {
  association_options options{"SCU", "SCP"};
  options.contexts.add(sop_class::Verification, implicit_le);
  (options.contexts.add(ct, syntax), ...);
  return options;
}

void write_bytes(const std::filesystem::path& path, const unique_id& syntax, byte_span data_set) {
  const auto header = encode_file_header(file_meta{ct, "1.2.3.4.5", syntax});
  file_writer out{path};
  out.write(header);
  out.write(data_set);
  out.commit();
}

data_set nested_object(std::size_t pixel_bytes = 1000) {
  auto object = ct_object(pixel_bytes);
  object.add_item(tag::ReferencedStudySequence).set(tag::ReferencedSOPInstanceUID, "1.2.3");
  object.set(tag::SmallestImagePixelValue, -3).set(tag::PixelRepresentation, 1);
  return object;
}

// What the peer gets of a file; the C-STORE must succeed.
testing::raw_message stored(const std::filesystem::path& path, association_options options, meeting_faults faults = {}) {
  testing::raw_message got;
  meet(
      [&](association& a) -> task<> {
        const auto response = co_await a.store(path);
        CHECK(response.status.is_success());
        co_await a.release();
      },
      [&](scripted_peer& p) -> task<> {
        got = co_await p.expect_message();
        co_await p.send_message(got.context, c_store_response{std::get<c_store_request>(got.command), status::success});
        co_await p.expect_release();
      },
      options, faults);
  CHECK(got.data_set.size() % 2 == 0);
  return got;
}

// The C-STORE must fail before a byte is sent, and the association live on.
std::error_code refused(const std::filesystem::path& path, association_options options) {
  std::error_code error;
  meet(
      [&](association& a) -> task<> {
        error = co_await error_of([&] { return a.store(path); });
        const auto echoed = co_await a.echo();
        CHECK(echoed.status.is_success());
        co_await a.release();
      },
      [](scripted_peer& p) -> task<> {
        const auto request = co_await p.expect_command<c_echo_request>();
        co_await p.send_message(context_id{1}, c_echo_response{request, status::success});
        co_await p.expect_release();
      },
      options);
  return error;
}

// A data set whose last value has an odd length.
const std::vector<std::byte>& odd_bytes() {
  static const auto bytes = [] {
    auto all = encode(ct_object(), explicit_le);
    const std::array odd{std::byte{0xE1}, std::byte{0x7F}, std::byte{0x10}, std::byte{0x00}, std::byte{'L'}, std::byte{'O'},
                         std::byte{0x03}, std::byte{0x00}, std::byte{'a'},  std::byte{'b'},  std::byte{'c'}};
    all.insert(all.end(), odd.begin(), odd.end());
    return all;
  }();
  return bytes;
}

}  // namespace

TEST_CASE("a file goes in the transfer syntax that the peer took, converted on its way") {
  const temporary_folder folder;
  const auto path = folder.path() / "convert.dcm";
  const auto object = nested_object();
  for (const auto& from : {explicit_le, implicit_le, transfer_syntax::ExplicitVRBigEndian})
    for (const auto& to : {explicit_le, implicit_le, transfer_syntax::ExplicitVRBigEndian}) {
      CAPTURE(from.str());
      CAPTURE(to.str());
      write_file(path, object, from);
      const auto got = stored(path, ct_in(to));
      CHECK(decode(got.data_set, to, strictness::strict).value == object);
      if (from == to) CHECK(got.data_set == encode(object, to));
    }
}

TEST_CASE("whatever the peer's limit, a converted object comes in even fragments up to its end") {
  const temporary_folder folder;
  const auto path = folder.path() / "limits.dcm";
  for (const std::size_t pixels : {std::size_t{0}, std::size_t{300}, std::size_t{600'000}})
    for (const std::uint32_t limit : {0u, 128u, 16384u, 131072u}) {
      if (limit == 128 && pixels > 1000) continue;
      const auto object = nested_object(pixels);
      write_file(path, object, explicit_le);
      meeting_faults faults;
      faults.max_length = limit;
      CHECK(decode(stored(path, ct_in(implicit_le), faults).data_set, implicit_le, strictness::strict).value == object);
    }
}

TEST_CASE("of several transfer syntaxes that an object can be converted to, the one that keeps its VRs is taken") {
  const temporary_folder folder;
  const auto path = folder.path() / "choose.dcm";
  write_file(path, nested_object(), transfer_syntax::ExplicitVRBigEndian);
  const auto got = stored(path, ct_in(implicit_le, explicit_le));
  CHECK(got.context == context_id{5});
  CHECK(decode(got.data_set, explicit_le, strictness::strict).value == nested_object());
}

TEST_CASE("an object of odd length is repaired: its values become even") {
  const temporary_folder folder;
  const auto path = folder.path() / "odd.dcm";
  write_bytes(path, explicit_le, odd_bytes());
  REQUIRE(odd_bytes().size() % 2 == 1);
  for (const auto& to : {explicit_le, implicit_le}) {
    const auto got = stored(path, ct_in(to));
    const auto d = decode(got.data_set, to, strictness::strict).value;
    REQUIRE(d.find(element_tag{0x7FE1, 0x0010}) != nullptr);
    CHECK(as_text(d.find(element_tag{0x7FE1, 0x0010})->bytes()) == "abc ");
    CHECK(d.find(tag::PixelData)->length() == 1000);
  }
  testing::raw_message got;
  meet(
      [&](association& a) -> task<> {
        const auto response = co_await a.store(ct, "1.2.3.4.5", odd_bytes(), explicit_le);
        CHECK(response.status.is_success());
        co_await a.release();
      },
      [&](scripted_peer& p) -> task<> {
        got = co_await p.expect_message();
        co_await p.send_message(got.context, c_store_response{std::get<c_store_request>(got.command), status::success});
        co_await p.expect_release();
      },
      ct_in(explicit_le));
  CHECK_NOTHROW(static_cast<void>(decode(got.data_set, explicit_le, strictness::strict)));
}

TEST_CASE("a deflated object and a private encoding of odd length are padded with a NUL") {
  const temporary_folder folder;
  const auto path = folder.path() / "pad.dcm";
  for (const auto& syntax : {transfer_syntax::DeflatedExplicitVRLittleEndian, unique_id{"1.2.3.99"}}) {
    const std::vector<std::byte> odd{std::byte{0x03}, std::byte{0x00}, std::byte{0x01}};
    write_bytes(path, syntax, odd);
    const auto got = stored(path, ct_in(syntax));
    CHECK(got.data_set == std::vector{std::byte{0x03}, std::byte{0x00}, std::byte{0x01}, std::byte{0x00}});
  }
}

TEST_CASE("what cannot be converted is refused before a byte is sent") {
  const temporary_folder folder;
  const auto path = folder.path() / "refused.dcm";
  // Fragments where the transfer syntax has none.
  auto fragments = encode(data_set{}.set(tag::SOPClassUID, ct), explicit_le);
  data_set jpeg;
  const std::array<byte_span, 1> none{};
  jpeg.set_fragments(tag::PixelData, vr::ob, none);
  const auto encapsulated = encode(jpeg, transfer_syntax::JPEGBaseline8Bit);
  fragments.insert(fragments.end(), encapsulated.begin(), encapsulated.end());
  write_bytes(path, explicit_le, fragments);
  CHECK(refused(path, ct_in(implicit_le)) == errc::invalid_argument);
  // Cut off inside a value.
  auto cut = encode(ct_object(), explicit_le);
  cut.resize(cut.size() - 100);
  write_bytes(path, explicit_le, cut);
  CHECK(refused(path, ct_in(implicit_le)) == errc::truncated);
  // Compressed, for a peer that takes none of it.
  write_bytes(path, transfer_syntax::JPEGBaseline8Bit, encapsulated);
  CHECK(refused(path, ct_in(implicit_le)) == errc::no_presentation_context);
  // Deflated, in a program without zlib.
  write_bytes(path, transfer_syntax::DeflatedExplicitVRLittleEndian, std::vector{std::byte{3}, std::byte{0}});
  CHECK(refused(path, ct_in(implicit_le)) == errc::no_presentation_context);
}

TEST_CASE("a long object that turns out to be cut off aborts the association at a PDU boundary") {
  const temporary_folder folder;
  const auto path = folder.path() / "long.dcm";
  auto cut = encode(ct_object(2'000'000), explicit_le);
  cut.resize(cut.size() - 100);
  write_bytes(path, explicit_le, cut);
  meet(
      [&](association& a) -> task<> {
        const auto error = co_await error_of([&] { return a.store(path); });
        CHECK(error == errc::truncated);
        CHECK_FALSE(a.is_open());
      },
      [](scripted_peer& p) -> task<> {
        for (;;) {
          const auto pdu = co_await p.receive();
          REQUIRE(pdu.has_value());
          if (std::holds_alternative<dul::a_abort>(*pdu)) break;
        }
      },
      ct_in(implicit_le));
}

// Gives bytes `at_once` at a time, each after a while, and throws when `broken_at` of them have been given.
object_source slowly(byte_span bytes, std::size_t at_once, std::size_t broken_at = std::numeric_limits<std::size_t>::max()) {
  const auto given = std::make_shared<std::size_t>(0);
  return [=](std::span<std::byte> into) -> task<std::size_t> {
    co_await sleep_for(std::chrono::milliseconds{1});
    if (*given >= broken_at) throw std::runtime_error{"the source is broken"};
    const auto size = std::min({at_once, into.size(), bytes.size() - *given});
    std::memcpy(into.data(), bytes.data() + *given, size);
    *given += size;
    co_return size;
  };
}

TEST_CASE("an object is sent from a source that waits, in any pieces, and converted where the peer wants that") {
  const auto object = nested_object(1'500'000);
  const auto bytes = encode(object, explicit_le);
  for (const auto& to : {explicit_le, implicit_le})
    for (const std::size_t at_once : {std::size_t{1'001}, std::size_t{300'000}, bytes.size()})
      for (const std::uint32_t limit : {0u, 16383u}) {
        CAPTURE(to.str());
        CAPTURE(at_once);
        CAPTURE(limit);
        meeting_faults faults;
        faults.max_length = limit;
        testing::raw_message got;
        meet(
            [&](association& a) -> task<> {
              const auto source = slowly(bytes, at_once);
              const auto response = co_await a.store(ct, "1.2.3.4.5", source, explicit_le);
              CHECK(response.status.is_success());
              co_await a.release();
            },
            [&](scripted_peer& p) -> task<> {
              got = co_await p.expect_message();
              co_await p.send_message(got.context, c_store_response{std::get<c_store_request>(got.command), status::success});
              co_await p.expect_release();
            },
            ct_in(to), faults);
        if (to == explicit_le) CHECK(got.data_set == bytes);
        else CHECK(decode(got.data_set, to, strictness::strict).value == object);
      }
}

TEST_CASE("a source that breaks before its first piece costs nothing, one that breaks later the association") {
  const auto bytes = encode(nested_object(1'500'000), explicit_le);
  for (const std::size_t broken_at : {std::size_t{0}, std::size_t{1'400'000}}) {
    CAPTURE(broken_at);
    const auto script = [&](scripted_peer& p) -> task<> {
      if (broken_at == 0) {
        co_await p.expect_release();
        co_return;
      }
      for (;;) {
        const auto pdu = co_await p.receive();
        REQUIRE(pdu.has_value());
        if (std::holds_alternative<dul::a_abort>(*pdu)) break;
      }
    };
    meet(
        [&](association& a) -> task<> {
          const auto source = slowly(bytes, 100'000, broken_at);
          const auto outcome = co_await as_result(a.store(ct, "1.2.3.4.5", source, explicit_le));
          CHECK_FALSE(outcome);
          CHECK(a.is_open() == (broken_at == 0));
          if (a.is_open()) co_await a.release();
        },
        script, ct_in(explicit_le));
  }
}

TEST_CASE("a large object is converted and sent in bounded memory") {
  const auto resident = [] {
    std::ifstream in{"/proc/self/statm"};
    std::uint64_t pages = 0;
    in >> pages >> pages;
    return pages * 4096;
  };
  const temporary_folder folder;
  const auto path = folder.path() / "large.dcm";
  constexpr std::uint32_t pixels = 200u << 20;
  {
    auto start = encode(ct_object(8), explicit_le);
    start.resize(start.size() - 8);
    store_le(start.data() + start.size() - 4, pixels);
    write_bytes(path, explicit_le, start);
    std::filesystem::resize_file(path, std::filesystem::file_size(path) + pixels);
  }
  std::uint64_t before = 0, most = 0, received = 0;
  meet(
      [&](association& a) -> task<> {
        before = most = resident();
        const auto response = co_await a.store(path);
        CHECK(response.status.is_success());
        co_await a.release();
      },
      [&](scripted_peer& p) -> task<> {
        std::vector<std::byte> command_set;
        for (bool ended = false; !ended;) {
          const auto data = co_await p.expect<dul::p_data_tf>();
          for (const auto& pdv : data.pdvs) {
            if (pdv.header.is_command) command_set.insert(command_set.end(), pdv.fragment.begin(), pdv.fragment.end());
            else received += pdv.fragment.size();
            ended = pdv.header.is_last && !pdv.header.is_command;
          }
          most = std::max(most, resident());
        }
        const auto request = std::get<c_store_request>(decode_command(command_set));
        co_await p.send_message(context_id{3}, c_store_response{request, status::success});
        co_await p.expect_release();
      },
      ct_in(implicit_le), [] {
        meeting_faults faults;
        faults.max_length = 131072;
        return faults;
      }());
  CHECK(received > pixels);
  if constexpr (!test_support::sanitized) CHECK(most - before < 32u << 20);
}

namespace {

// Of every write, 100 bytes go out at once.
class piecemeal_transport final : public transport {
 public:
  explicit piecemeal_transport(std::unique_ptr<transport> over) : over_{std::move(over)} {}

  executor get_executor() override { return over_->get_executor(); }
  task<std::size_t> read_some(mutable_buffers buffers, std::error_code& error) override { return over_->read_some(buffers, error); }
  task<std::size_t> write(const_buffers buffers, std::error_code& error) override { return over_->write(buffers, error); }
  std::size_t write_at_once(const_buffers buffers, std::error_code& error) noexcept override {
    const byte_span first{static_cast<const std::byte*>(buffers.front().data()), buffers.front().size()};
    return over_->try_write(first.first(std::min<std::size_t>(first.size(), 100)), error);
  }
  std::size_t try_write(byte_span data, std::error_code& error) noexcept override { return over_->try_write(data, error); }
  void cancel() noexcept override { over_->cancel(); }
  void shutdown_send() noexcept override { over_->shutdown_send(); }
  void close() noexcept override { over_->close(); }
  bool is_open() const noexcept override { return over_->is_open(); }
  std::string remote_address() const override { return over_->remote_address(); }
  std::uint16_t remote_port() const noexcept override { return over_->remote_port(); }

 private:
  std::unique_ptr<transport> over_;
};

std::vector<dul::pdu_type> pdus_in(byte_span bytes) {
  std::vector<dul::pdu_type> found;
  while (bytes.size() >= dul::pdu_header_size) {
    found.push_back(static_cast<dul::pdu_type>(bytes[0]));
    const std::size_t size = dul::pdu_header_size + load_be<std::uint32_t>(bytes.data() + 2);
    if (size > bytes.size()) break;
    bytes = bytes.subspan(size);
  }
  CHECK(bytes.empty());
  return found;
}

}  // namespace

TEST_CASE("cancelled when a part of a PDU has just gone out, a message is left at the PDU's end, by an A-ABORT") {
  const auto trace = std::make_shared<testing::wire_trace>();
  const auto whole = [&]() -> task<> {
    const executor where = co_await asio::this_coro::executor;
    auto pair = testing::make_memory_pair(where, {}, {}, trace);
    asio::cancellation_signal signal;
    event ended{where};
    bool has_ended = false;
    const auto ours = [&]() -> task<> {
      auto a = co_await associate(std::make_unique<piecemeal_transport>(std::move(pair.first)), all_services());
      int calls = 0;
      const object_source source = [&](std::span<std::byte> into) -> task<std::size_t> {
        if (++calls == 2) signal.emit(asio::cancellation_type::terminal);
        co_return calls == 1 ? std::min<std::size_t>(into.size(), 1000) : 0;
      };
      const auto outcome = co_await as_result(a.store(ct, "1.2.3.4.5", source, explicit_le));
      CHECK(outcome.error() == failure::cancelled);
      CHECK(calls == 2);
    };
    const auto told = [&](std::exception_ptr) {
      has_ended = true;
      ended.notify_all();
    };
    asio::co_spawn(where, ours(), asio::bind_cancellation_slot(signal.slot(), told));
    scripted_peer peer{std::move(pair.second)};
    co_await peer.accept(131'072, "1.2.3.4");
    while (!has_ended) co_await ended.wait();
  };
  testing::simulate(whole());
  const auto found = pdus_in(trace->written(true));
  REQUIRE(found.size() > 2);
  CHECK(found.back() == dul::pdu_type::a_abort);
}
