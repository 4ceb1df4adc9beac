#include "net/support.hpp"

#include <codicom/core/generate_uid.hpp>
#include <codicom/file/read_file.hpp>
#include <codicom/net/handlers.hpp>
#include <codicom/net/serve.hpp>

#include <algorithm>
#include <array>
#include <csignal>
#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>

#if defined(__linux__)
#include <sys/resource.h>
#endif

using namespace codicom_test;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

class folder {
 public:
  folder() : path{fs::temp_directory_path() / ("codicom-test-" + generate_uid().str())} { fs::create_directory(path); }
  folder(const folder&) = delete;
  folder& operator=(const folder&) = delete;
  ~folder() { fs::remove_all(path); }
  [[nodiscard]] std::vector<std::string> names() const {
    std::vector<std::string> all;
    for (const auto& each : fs::directory_iterator{path}) all.push_back(each.path().filename().string());
    std::sort(all.begin(), all.end());
    return all;
  }
  fs::path path;
};

std::vector<std::byte> bytes_after_meta(const fs::path& file) {
  const auto header = read_file_header(file);
  std::ifstream in{file, std::ios::binary};
  in.seekg(static_cast<std::streamoff>(header.data_set_offset));
  std::vector<std::byte> bytes(header.file_size - header.data_set_offset);
  in.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  return bytes;
}

using store_script = std::function<task<>(scripted_peer&)>;

// A scripted sender against a store handler.
void receive(handlers::store_handler handler, script sender, limits within = {}, memory_faults server_side = {}) {
  const auto server = [&](std::unique_ptr<transport> over) -> task<> {
    acceptor_options options;
    options.policy.accept(sop_class::Verification).accept(find_class).accept(move_class).accept(ct);
    options.limits = within;
    handlers with;
    with.on_store(handler);
    const auto ended = co_await as_result(serve_one(std::move(over), options, with));
    static_cast<void>(ended);
  };
  const auto client = [&](std::unique_ptr<transport> over) -> task<> {
    scripted_peer peer{std::move(over)};
    dul::requestor_options titles{"SENDER", "SCP"};
    co_await peer.request(titles, all_services().contexts);
    co_await sender(peer);
  };
  const auto whole = [&]() -> task<> {
    const executor where = co_await asio::this_coro::executor;
    auto pair = testing::make_memory_pair(where, {}, server_side);
    co_await together(client(std::move(pair.first)), server(std::move(pair.second)));
  };
  testing::simulate(whole());
}

task<dimse_status> send_object(scripted_peer& p, std::vector<std::byte> data, unique_id instance = "1.2.3.4.5") {
  co_await p.send_message(context_id{7}, c_store_request{message_id{1}, ct, instance}, std::move(data));
  const auto response = co_await p.expect_command<c_store_response>();
  CHECK(response.affected_sop_instance_uid == instance);
  co_return response.status;
}

task<> release(scripted_peer& p) {
  co_await p.send(dul::a_release_rq{});
  co_await p.expect<dul::a_release_rp>();
  p.close();
}

}  // namespace

TEST_CASE("an object is saved bit for bit, with a file meta information that says where it comes from") {
  const folder into;
  const auto data = encoded(ct_object(700'000));
  receive(
      [&](incoming_object object) -> task<> {
        CHECK(object.request().affected_sop_instance_uid == unique_id{"1.2.3.4.5"});
        CHECK(object.association().calling_ae_title() == ae_title{"SENDER"});
        const auto saved = co_await object.save(into.path);
        CHECK(saved.outcome == save_outcome::created);
        CHECK(saved.bytes == data.size());
        CHECK_FALSE(saved.sop_instance_differs);
        CHECK(object.is_answered());
      },
      [&](scripted_peer& p) -> task<> {
        const auto answered = co_await send_object(p, data);
        CHECK(answered.is_success());
        co_await release(p);
      });
  REQUIRE(into.names() == std::vector<std::string>{"1.2.3.4.5.dcm"});
  const auto file = into.path / "1.2.3.4.5.dcm";
  CHECK(bytes_after_meta(file) == data);
  const auto header = read_file_header(file);
  CHECK(header.meta.transfer_syntax_uid == transfer_syntax::ExplicitVRLittleEndian);
  CHECK(header.meta.media_storage_sop_class_uid == ct);
  CHECK(header.meta.source_application_entity_title == ae_title{"SENDER"});
}

TEST_CASE("an object in odd fragments, one byte at a time, with several PDVs in a PDU, is the same object") {
  const folder into;
  const auto data = encoded(ct_object(500));
  memory_faults bytewise;
  bytewise.max_read = 1;
  receive([&](incoming_object object) -> task<> { co_await object.save(into.path); },
          [&](scripted_peer& p) -> task<> {
            std::vector<std::byte> command_set, pdus;
            encode_command(c_store_request{message_id{1}, ct, "1.2.3.4.5"}, command_set);
            dul::p_data_tf pdu;
            pdu.pdvs.push_back({{context_id{7}, true, true, 0}, command_set});
            byte_span rest{data};
            std::size_t size = 1;
            while (!rest.empty()) {
              size = std::min(size, rest.size());
              pdu.pdvs.push_back({{context_id{7}, false, size == rest.size(), 0}, rest.first(size)});
              rest = rest.subspan(size);
              size += 2;
            }
            dul::encode(pdu, pdus);
            co_await p.send_bytes(pdus);
            const auto response = co_await p.expect_command<c_store_response>();
            CHECK(response.status.is_success());
            co_await release(p);
          },
          {}, bytewise);
  CHECK(bytes_after_meta(into.path / "1.2.3.4.5.dcm") == data);
}

TEST_CASE("the same object again is kept once; another one under the same UID gets a new name") {
  const folder into;
  std::vector<save_outcome> outcomes;
  receive(
      [&](incoming_object object) -> task<> {
        const auto saved = co_await object.save(into.path, durability::cached);
        outcomes.push_back(saved.outcome);
      },
      [&](scripted_peer& p) -> task<> {
        for (const std::size_t size : {1000u, 1000u, 2000u, 2000u, 1000u}) {
          const auto answered = co_await send_object(p, encoded(ct_object(size)));
          CHECK(answered.is_success());
        }
        co_await release(p);
      });
  CHECK(into.names() == std::vector<std::string>{"1.2.3.4.5.1.dcm", "1.2.3.4.5.dcm"});
  using enum save_outcome;
  CHECK(outcomes == std::vector{created, already_there, renamed_conflict, already_there, already_there});
}

TEST_CASE("a UID from the network never leaves the folder") {
  const folder into;
  fs::create_directory(into.path / "sub");
  std::vector<fs::path> paths;
  const std::vector<std::string> hostile{"../../etc/passwd", "/etc/passwd", "..", ".", "", "a\\b", "x/../../y", ".hidden", "C:evil", "nul\1"};
  receive(
      [&](incoming_object object) -> task<> {
        const auto saved = co_await object.save(into.path / "sub");
        paths.push_back(saved.path);
      },
      [&](scripted_peer& p) -> task<> {
        for (const auto& uid : hostile) {
          const auto answered = co_await send_object(p, encoded(ct_object(10)), unique_id{uid});
          CHECK(answered.is_success());
        }
        co_await release(p);
      });
  REQUIRE(paths.size() == hostile.size());
  for (const auto& path : paths) {
    CHECK(fs::canonical(path).parent_path() == fs::canonical(into.path / "sub"));
    CHECK(path.filename().string().front() != '.');
  }
  CHECK(into.names() == std::vector<std::string>{"sub"});
}

TEST_CASE("a command UID that differs from the data set's is reported") {
  const folder into;
  receive(
      [&](incoming_object object) -> task<> {
        const auto saved = co_await object.save(into.path);
        CHECK(saved.sop_instance_differs);
        CHECK(saved.data_set_sop_instance_uid == unique_id{"1.2.3.4.5"});
        CHECK(saved.path.filename() == "9.9.dcm");
      },
      [&](scripted_peer& p) -> task<> {
        const auto answered = co_await send_object(p, encoded(ct_object(10)), "9.9");
        CHECK(answered.is_success());
        co_await release(p);
      });
}

TEST_CASE("head looks at the first elements and takes nothing away") {
  const auto data = encoded(ct_object(100'000));
  receive(
      [&](incoming_object object) -> task<> {
        const auto first = co_await object.head(tag::SOPInstanceUID);
        CHECK(first.size() == 1);
        const auto second = co_await object.head(tag::PixelData);
        CHECK(second.text(tag::PatientName) == "TEST^A");
        CHECK_FALSE(second.contains(tag::PixelData));
        CHECK(object.bytes_read() == 0);
        const auto whole = co_await object.read();
        CHECK(encoded(whole) == data);
        co_await object.respond(status::success);
        const auto twice = co_await as_result(object.respond(status::success));
        CHECK(twice.error() == errc::wrong_state);
      },
      [&](scripted_peer& p) -> task<> {
        const auto answered = co_await send_object(p, data);
        CHECK(answered.is_success());
        co_await release(p);
      });
}

TEST_CASE("a refused object is skipped and answered; nothing reaches the disk") {
  receive([](incoming_object object) -> task<> { co_await object.respond(status::not_authorized, "not for you"); },
          [](scripted_peer& p) -> task<> {
            const auto answered = co_await send_object(p, encoded(ct_object(500'000)));
            CHECK(answered == status::not_authorized);
            co_await release(p);
          });
}

TEST_CASE("a dropped object is answered A700, and its owner learns how it ended") {
  std::vector<dimse_status> ends;
  receive(
      [&](incoming_object object) -> task<> {
        object.on_finished([&](dimse_status s, std::uint64_t) { ends.push_back(s); });
        std::vector<std::byte> some(1000);
        co_await object.read_some(some);
      },
      [](scripted_peer& p) -> task<> {
        const auto answered = co_await send_object(p, encoded(ct_object(500'000)));
        CHECK(answered == status::out_of_resources);
        const auto again = co_await send_object(p, encoded(ct_object(500)));
        CHECK(again == status::out_of_resources);
        co_await release(p);
      });
  CHECK(ends == std::vector{status::out_of_resources, status::out_of_resources});
}

TEST_CASE("a dropped object beyond the limit of what is skipped aborts the association") {
  limits within;
  within.drain_bytes = 100'000;
  receive([](incoming_object) -> task<> { co_return; },
          [](scripted_peer& p) -> task<> {
            const auto sent = co_await as_result(
                p.send_message(context_id{7}, c_store_request{message_id{1}, ct, "1.2.3"}, encoded(ct_object(1'000'000))));
            static_cast<void>(sent);
            const auto answer = co_await as_result(p.expect<dul::a_abort>());
            CHECK(answer);
          },
          within);
}

TEST_CASE("an object may be finished elsewhere: serve waits for it") {
  std::optional<incoming_object> elsewhere;
  const folder into;
  const auto finish = [&]() -> task<> {
    while (!elsewhere) co_await sleep_for(100ms);
    co_await sleep_for(50s);
    co_await elsewhere->save(into.path);
    elsewhere.reset();
  };
  const auto sends = [&](scripted_peer& p) -> task<> {
    const auto answered = co_await send_object(p, encoded(ct_object(500'000)));
    CHECK(answered.is_success());
    co_await release(p);
  };
  receive([&](incoming_object object) -> task<> {
            elsewhere.emplace(std::move(object));
            co_return;
          },
          [&](scripted_peer& p) -> task<> { co_await together(sends(p), finish()); });
  CHECK(into.names().size() == 1);
}

TEST_CASE("an object that nobody takes for too long is refused, and taken away from who has it") {
  std::optional<incoming_object> kept;
  dimse_status end;
  receive([&](incoming_object object) -> task<> {
            object.on_finished([&](dimse_status s, std::uint64_t) { end = s; });
            kept.emplace(std::move(object));
            co_return;
          },
          [&](scripted_peer& p) -> task<> {
            const auto begin = clock::now();
            const auto answered = co_await send_object(p, encoded(ct_object(500'000)));
            CHECK(answered == status::out_of_resources);
            CHECK(clock::now() - begin == 60s);
            const auto late = co_await as_result(kept->read());
            CHECK_FALSE(late);
            kept.reset();
            co_await release(p);
          });
  CHECK(end == status::out_of_resources);
}

TEST_CASE("a reader that stops half-way loses its object; what is longer than may be skipped aborts the association") {
  for (const bool too_long : {false, true}) {
    CAPTURE(too_long);
    limits within;
    if (too_long) within.drain_bytes = 100'000;
    std::error_code outcome;
    receive([&](incoming_object object) -> task<> {
              std::vector<std::byte> some(1000);
              co_await object.read_some(some);
              co_await sleep_for(61s);
              const auto late = co_await as_result(object.read_some(some));
              outcome = late.error();
            },
            [&](scripted_peer& p) -> task<> {
              co_await p.send_message(context_id{7}, c_store_request{message_id{1}, ct, "1.2.3"}, encoded(ct_object(250'000)));
              if (too_long) {
                co_await p.expect<dul::a_abort>();
              } else {
                const auto response = co_await p.expect_command<c_store_response>();
                CHECK(response.status == status::out_of_resources);
                co_await sleep_for(10s);
                co_await release(p);
              }
            },
            within);
    CHECK(outcome == (too_long ? std::error_code{} : std::error_code{errc::cancelled}));  // the handler has been ended
  }
}

TEST_CASE("an acceptor may abort instead of refusing what nobody takes") {
  const auto serves = [](std::unique_ptr<transport> over) -> task<> {
    acceptor_options options;
    options.policy.accept(sop_class::Verification).accept(find_class).accept(move_class).accept(ct);
    options.stalled = stalled_object::abort;
    options.consumer_stall = 5s;
    handlers with;
    with.on_store([](incoming_object) -> task<> { co_await sleep_for(1h); });
    const auto ended = co_await as_result(serve_one(std::move(over), options, with));
    CHECK_FALSE(ended);
  };
  const auto sends = [](std::unique_ptr<transport> over) -> task<> {
    scripted_peer p{std::move(over)};
    dul::requestor_options titles{"SENDER", "SCP"};
    co_await p.request(titles, all_services().contexts);
    co_await p.send_message(context_id{7}, c_store_request{message_id{1}, ct, "1.2.3"}, encoded(ct_object(1000)));
    const auto begin = clock::now();
    co_await p.expect<dul::a_abort>();
    CHECK(clock::now() - begin == 5s);
    p.close();
  };
  const auto whole = [&]() -> task<> {
    const executor where = co_await asio::this_coro::executor;
    auto pair = testing::make_memory_pair(where);
    co_await together(sends(std::move(pair.first)), serves(std::move(pair.second)));
  };
  testing::simulate(whole());
}

TEST_CASE("an object is decided upon by its command and its head: where to, whether, and how much of it at most") {
  const folder into;
  int number = 0;  // of those whose head pleased
  receive(
      [&](incoming_object object) -> task<> {
        const auto head = co_await object.head(element_tag{0x0010, 0x0020});
        const auto name = head.text(tag::PatientName);
        if (name != "TEST^A") co_return co_await object.respond(status::not_authorized);
        object.cap(100'000);
        const auto saved = co_await as_result(object.save(into.path));
        CHECK(object.is_answered());
        CHECK(saved.error() == (++number == 1 ? std::error_code{errc::limit_exceeded} : std::error_code{}));
      },
      [&](scripted_peer& p) -> task<> {
        auto stranger = ct_object(50'000);
        stranger.set(tag::PatientName, "OTHER");
        const auto refused = co_await send_object(p, encoded(stranger));
        CHECK(refused == status::not_authorized);
        const auto too_long = co_await send_object(p, encoded(ct_object(200'000)));
        CHECK(too_long == status::out_of_resources);
        CHECK(into.names().empty());
        const auto kept = co_await send_object(p, encoded(ct_object(20'000)));
        CHECK(kept.is_success());
        co_await release(p);
      });
  CHECK(into.names().size() == 1);
}

TEST_CASE("no partial file stays when the sender aborts, vanishes, stalls or breaks the rules at any point") {
  const auto data = encoded(ct_object(600'000));
  const auto pdus = scripted_peer::message_bytes(context_id{7}, c_store_request{message_id{1}, ct, "1.2.3.4.5"}, data);
  enum how { abort, vanish, stall, garbage };
  for (const auto end : {abort, vanish, stall, garbage})
    for (const std::size_t sent : {200u, 20'000u, 300'001u, 599'000u}) {
      CAPTURE(static_cast<int>(end));
      CAPTURE(sent);
      if (end == garbage && sent == 599'000) continue;  // it would complete the last fragment
      const folder into;
      std::error_code outcome;
      receive(
          [&](incoming_object object) -> task<> {
            const auto saved = co_await as_result(object.save(into.path));
            CHECK_FALSE(saved);
            outcome = saved.error();
          },
          [&](scripted_peer& p) -> task<> {
            std::vector<std::byte> part{pdus.begin(), pdus.begin() + static_cast<std::ptrdiff_t>(sent)};
            if (end == abort) {  // at a PDU boundary
              std::size_t at = 0;
              while (at + dul::pdu_header_size + dul::parse_pdu_header(byte_span{part}.subspan(at)).length <= part.size()) {
                at += dul::pdu_header_size + dul::parse_pdu_header(byte_span{part}.subspan(at)).length;
                if (at + dul::pdu_header_size > part.size()) break;
              }
              part.resize(at);
            }
            co_await p.send_bytes(part);
            co_await sleep_for(1s);
            if (end == abort) co_await p.send(dul::a_abort{});
            if (end == vanish) p.close();
            if (end == garbage) co_await p.send_bytes(std::vector<std::byte>(20'000, std::byte{0x55}));
            for (;;) {
              const auto rest = co_await as_result(p.receive_bytes());
              if (!rest || rest->empty()) break;
            }
          });
      CHECK(into.names().empty());
      CHECK(outcome);
    }
}

TEST_CASE("whatever follows a long fragment, an object is read bit for bit, and so is what lies behind it") {
  constexpr std::size_t header_size = 6;
  const auto data = encoded(ct_object(100'000));
  const auto put = [](std::vector<std::byte>& to, byte_span from) { to.insert(to.end(), from.begin(), from.end()); };
  // Fragments of these sizes, the last of what is left; a PDU has as many as `at_once` says.
  const auto cut = [&](const std::vector<std::size_t>& sizes, std::size_t at_once) {
    std::vector<std::byte> bytes, body;
    byte_span left{data};
    for (std::size_t i = 0, in_pdu = 0; !left.empty(); ++i) {
      const auto size = std::min(left.size(), i < sizes.size() ? sizes[i] : left.size());
      const auto whole = dul::p_data_header({context_id{7}, false, size == left.size(), static_cast<std::uint32_t>(size)});
      put(body, byte_span{whole}.subspan(header_size));
      put(body, left.first(size));
      left = left.subspan(size);
      if (++in_pdu != at_once && !left.empty()) continue;
      std::array<std::byte, header_size> pdu{std::byte{4}};
      for (std::size_t n = 0; n < 4; ++n) pdu[2 + n] = static_cast<std::byte>(body.size() >> 8 * (3 - n));
      put(bytes, pdu);
      put(bytes, body);
      body.clear();
      in_pdu = 0;
    }
    return bytes;
  };
  const std::vector<std::vector<std::size_t>> ways{
      {33'000, 33'000, 33'000}, {34'000, 10, 34'000, 2}, {50'000, 40'000}, {33'000, 0, 33'000, 100}, {60'000, 40'000}, {99'998}};
  for (const auto& sizes : ways)
    for (const std::size_t at_once : {1u, 2u, 3u})
      for (const std::size_t most_read : {1'000'000u, 40'000u, 40'007u, 4'000u}) {
        CAPTURE(sizes[0]);
        CAPTURE(sizes.back());
        CAPTURE(at_once);
        CAPTURE(most_read);
        std::vector<std::byte> received;
        memory_faults server_side;
        server_side.max_read = most_read;
        receive(
            [&](incoming_object object) -> task<> {
              std::vector<std::byte> buffer(100'000);
              for (;;) {
                const auto size = co_await object.read_some(buffer);
                if (size == 0) break;
                received.insert(received.end(), buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(size));
              }
              co_await object.respond(status::success);
            },
            [&](scripted_peer& p) -> task<> {
              std::vector<std::byte> command_set, bytes;
              encode_command(c_store_request{message_id{1}, ct, "1.2.3"}, command_set);
              append_command_pdus(command_set, context_id{7}, 0, bytes);
              put(bytes, cut(sizes, at_once));
              put(bytes, scripted_peer::message_bytes(context_id{1}, c_echo_request{message_id{2}}));
              co_await p.send_bytes(bytes);
              const auto stored = co_await p.expect_command<c_store_response>();
              CHECK(stored.status.is_success());
              const auto echoed = co_await p.expect_command<c_echo_response>();
              CHECK(echoed.responded_to == message_id{2});
              co_await release(p);
            },
            {}, server_side);
        CHECK(received == data);
      }
}

TEST_CASE("saving that is cancelled leaves no file, and the object can be answered") {
  const folder into;
  receive(
      [&](incoming_object object) -> task<> {
        auto outcome = co_await race(object.save(into.path), sleep_for(1s));
        CHECK(outcome.first.error() == failure::cancelled);
        co_await object.respond(status::out_of_resources);
      },
      [](scripted_peer& p) -> task<> {
        const auto data = encoded(ct_object(100'000));
        std::vector<std::byte> command_set, pdus;
        encode_command(c_store_request{message_id{1}, ct, "1.2.3.4.5"}, command_set);
        append_command_pdus(command_set, context_id{7}, 16384, pdus);
        co_await p.send_bytes(pdus);
        co_await sleep_for(2s);
        fragmenter cut{context_id{7}, message_part::data_set, 0};
        const auto size = cut.next(data.size(), true);
        CHECK(size == data.size());
        const auto header = cut.current_header();
        std::vector<std::byte> rest{header.begin(), header.end()};
        rest.insert(rest.end(), data.begin(), data.end());
        co_await p.send_bytes(rest);
        const auto response = co_await p.expect_command<c_store_response>();
        CHECK(response.status == status::out_of_resources);
        co_await release(p);
      });
  CHECK(into.names().empty());
}

TEST_CASE("an object that was kept is kept, also when its sender is gone before it hears so") {
  const folder into;
  std::optional<dimse_status> ended;
  receive(
      [&](incoming_object object) -> task<> {
        object.on_finished([&](dimse_status status, std::uint64_t) { ended = status; });
        const auto saved = co_await as_result(object.save(into.path));
        REQUIRE_MESSAGE(saved, saved.error().message());
        CHECK(saved->path == into.path / "1.2.3.4.5.dcm");
      },
      [](scripted_peer& p) -> task<> {
        const auto data = encoded(ct_object(100'000));
        co_await p.send_bytes(
            scripted_peer::message_bytes(context_id{7}, c_store_request{message_id{1}, ct, "1.2.3.4.5"}, data));
        p.close();
      });
  CHECK(ended == status::success);
  CHECK(into.names() == std::vector<std::string>{"1.2.3.4.5.dcm"});
}

TEST_CASE("an object that was kept counts as kept, also when its handler is cancelled before it has answered") {
  const folder into;
  std::optional<dimse_status> ended;
  receive(
      [&](incoming_object object) -> task<> {
        const executor where = co_await asio::this_coro::executor;
        scope saving{where};
        object.on_finished([&](dimse_status status, std::uint64_t) { ended = status; });
        object.before_success([&](const saved_object&) -> task<> {
          saving.cancel();
          co_return;
        });
        const auto save = [&]() -> task<> { static_cast<void>(co_await object.save(into.path)); };
        saving.spawn(save());
        const auto joined = co_await as_result(saving.join());
        CHECK_FALSE(joined);
      },
      [](scripted_peer& p) -> task<> {
        static_cast<void>(co_await send_object(p, encoded(ct_object(100'000))));
        co_await release(p);
      });
  CHECK(ended == status::success);
  CHECK(into.names() == std::vector<std::string>{"1.2.3.4.5.dcm"});
}

TEST_CASE("a folder that is not there gives C000 to the peer and file_error to the owner") {
  receive(
      [](incoming_object object) -> task<> {
        const auto saved = co_await as_result(object.save("/nonexistent/folder"));
        CHECK(saved.error() == errc::file_error);
        CHECK(saved.error() == failure::local_io);
      },
      [](scripted_peer& p) -> task<> {
        const auto answered = co_await send_object(p, encoded(ct_object(100'000)));
        CHECK(answered == status::cannot_understand);
        co_await release(p);
      });
}

#if defined(__linux__)
TEST_CASE("a full disk gives A700 to the peer, disk_full to the owner, and no half object") {
  const folder into;
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit small = before;
  small.rlim_cur = 300'000;
  setrlimit(RLIMIT_FSIZE, &small);
  receive(
      [&](incoming_object object) -> task<> {
        const auto saved = co_await as_result(object.save(into.path));
        CHECK(saved.error() == errc::disk_full);
      },
      [](scripted_peer& p) -> task<> {
        const auto answered = co_await send_object(p, encoded(ct_object(1'000'000)));
        CHECK(answered == status::out_of_resources);
        co_await release(p);
      });
  setrlimit(RLIMIT_FSIZE, &before);
  CHECK(into.names().empty());
}
#endif

TEST_CASE("another object under the same UID: both are kept, the new one replaces, or is refused; the same one is a success") {
  const auto first = encoded(ct_object(1000)), second = encoded(ct_object(2000));
  struct expectation {
    duplicate_policy policy;
    save_outcome outcome;
    dimse_status status;
    std::size_t files;
    bool second_is_there;
  };
  for (const auto& each : {expectation{duplicate_policy::keep, save_outcome::renamed_conflict, status::success, 2, false},
                           expectation{duplicate_policy::replace, save_outcome::replaced, status::success, 1, true},
                           expectation{duplicate_policy::refuse, save_outcome::refused, status::duplicate_sop_instance, 1,
                                       false}}) {
    CAPTURE(static_cast<int>(each.policy));
    const folder into;
    std::vector<save_outcome> outcomes;
    int entered = 0;
    receive(
        [&](incoming_object object) -> task<> {
          save_options how{durability::cached};
          how.duplicates = each.policy;
          object.before_success([&](const saved_object&) -> task<> {
            ++entered;
            co_return;
          });
          const auto saved = co_await object.save(into.path, how);
          outcomes.push_back(saved.outcome);
        },
        [&](scripted_peer& p) -> task<> {
          for (const auto* data : {&first, &first, &second}) {
            const auto answer = co_await send_object(p, *data);
            CHECK(answer == (data == &second ? each.status : status::success));
          }
          co_await release(p);
        });
    CHECK(outcomes == std::vector{save_outcome::created, save_outcome::already_there, each.outcome});
    CHECK(entered == (each.outcome == save_outcome::refused ? 2 : 3));
    CHECK(into.names().size() == each.files);
    CHECK(bytes_after_meta(into.path / "1.2.3.4.5.dcm") == (each.second_is_there ? second : first));
  }
}

TEST_CASE("a data set of another class or instance than its command is kept, kept with B007, or refused with A900") {
  auto other_class = ct_object(100);
  other_class.set(tag::SOPClassUID, sop_class::MRImageStorage);
  struct expectation {
    mismatch_policy policy;
    dimse_status status;
    std::size_t files;
  };
  for (const auto& each : {expectation{mismatch_policy::accept, status::success, 1},
                           expectation{mismatch_policy::warn, dimse_status{0xB007}, 1},
                           expectation{mismatch_policy::refuse, dimse_status{0xA900}, 0}}) {
    for (const bool wrong_class : {true, false}) {
      const folder into;
      const auto data = encoded(wrong_class ? other_class : ct_object(100, "1.9"));
      receive(
          [&](incoming_object object) -> task<> {
            save_options how;
            how.mismatches = each.policy;
            const auto saved = co_await object.save(into.path, how);
            CHECK(saved.sop_class_differs == wrong_class);
            CHECK(saved.sop_instance_differs != wrong_class);
            CHECK(saved.status == each.status);
          },
          [&](scripted_peer& p) -> task<> {
            for (int i = 0; i < 2; ++i) {
              const auto answer = co_await send_object(p, data);
              CHECK(answer == each.status);
            }
            co_await release(p);
          });
      CHECK(into.names().size() == each.files);
    }
  }
}

TEST_CASE("elements may be changed before an object is kept: its sender hears B000, the rest stays bit for bit") {
  const folder into;
  const auto original = ct_object(300'000);
  receive(
      [&](incoming_object object) -> task<> {
        auto head = co_await object.head(element_tag{0x0010, 0x0021});
        CHECK(head.text(tag::PatientName) == "TEST^A");
        head.set(tag::PatientName, "SOMEBODY^ELSE^ALTOGETHER").set(tag::PatientID, "4711");
        object.change_head(head);
        auto behind = head;
        behind.set(tag::StudyID, "1");
        CHECK_THROWS_AS(object.change_head(behind), std::system_error);
        const auto again = co_await object.head(element_tag{0x0010, 0x0021});
        CHECK(again == head);
        const auto saved = co_await object.save(into.path);
        CHECK(saved.status == status::coercion_of_data_elements);
      },
      [&](scripted_peer& p) -> task<> {
        const auto answer = co_await send_object(p, encoded(original));
        CHECK(answer == dimse_status{0xB000});
        co_await release(p);
      });
  auto expected = original;
  expected.set(tag::PatientName, "SOMEBODY^ELSE^ALTOGETHER").set(tag::PatientID, "4711");
  CHECK(bytes_after_meta(into.path / "1.2.3.4.5.dcm") == encoded(expected));
}
