#include "net/support.hpp"

#include <codicom/core/generate_uid.hpp>
#include <codicom/net/flight_recorder.hpp>

#include <cstdio>
#include <cstdlib>
#include <doctest/doctest.h>
#include <filesystem>

using namespace codicom_test;
using namespace std::chrono_literals;

namespace {

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

// An echo and a store of "SECRET^NAME", recorded by the requestor.
std::shared_ptr<flight_recorder> recorded(recorded_data what, std::size_t capacity = 1 << 20) {
  auto recorder = std::make_shared<flight_recorder>(capacity, what);
  auto options = all_services();
  options.identity.emplace(dul::identity_type::user_name_and_passcode, "JANE", "open sesame");
  handlers with;
  with.on_store([](incoming_object object) -> task<> {
    co_await object.read();
    co_await object.respond(status::success);
  });
  acceptor_options accepts;
  accepts.policy.accept(sop_class::Verification).accept(ct);
  const auto uses = [&](std::unique_ptr<transport> over) -> task<> {
    auto a = co_await associate(record(std::move(over), recorder), options);
    co_await a.echo();
    auto object = ct_object(200'000);
    object.set(tag::PatientName, "SECRET^NAME");
    co_await a.store(object);
    recorder->note("all sent");
    co_await a.release();
  };
  const auto whole = [&]() -> task<> {
    const executor where = co_await asio::this_coro::executor;
    auto pair = testing::make_memory_pair(where);
    co_await together(uses(std::move(pair.first)), serve_one(std::move(pair.second), accepts, with));
  };
  testing::simulate(whole());
  return recorder;
}

std::string output_of(const std::string& command) {
  std::string all;
  if (auto* const pipe = ::popen(command.c_str(), "r")) {
    char part[4096];
    while (const auto size = std::fread(part, 1, sizeof part, pipe)) all.append(part, size);
    ::pclose(pipe);
  }
  return all;
}

}  // namespace

TEST_CASE("a recorder tells the PDUs, commands and remarks of an association, and neither patients nor passwords") {
  const auto recorder = recorded(recorded_data::commands_only);
  const auto text = recorder->text();
  INFO(text);
  CHECK(has(text, "> A-ASSOCIATE-RQ"));
  CHECK(has(text, "SCU calls SCP, 4 contexts"));
  CHECK(has(text, "< A-ASSOCIATE-AC"));
  CHECK(has(text, "2 contexts accepted"));
  CHECK(has(text, "> P-DATA-TF, context 1 command: C-ECHO-RQ, message 1"));
  CHECK(has(text, "< P-DATA-TF, context 1 command: C-ECHO-RSP, message 1, status 0000"));
  CHECK(has(text, "> P-DATA-TF, context 7 command: C-STORE-RQ, message 2, with a data set"));
  CHECK(has(text, "the last"));
  CHECK(has(text, "> A-RELEASE-RQ"));
  CHECK(has(text, "* all sent"));
  const auto capture = recorder->pcap();
  const auto bytes = as_text(capture);
  CHECK(bytes.find("SECRET^NAME") == std::string_view::npos);
  CHECK(bytes.find("open sesame") == std::string_view::npos);
  CHECK(bytes.find("JANE") != std::string_view::npos);
  CHECK(capture.size() < 10'000);
}

TEST_CASE("a recorder that is told to keeps the data sets, and the oldest PDUs go when it is full") {
  const auto all = recorded(recorded_data::all);
  CHECK(as_text(all->pcap()).find("SECRET^NAME") != std::string_view::npos);
  CHECK(all->pcap().size() > 200'000);
  const auto small = recorded(recorded_data::all, 1000);
  CHECK(small->pcap().size() < 3000);
  CHECK_FALSE(has(small->text(), "A-ASSOCIATE-RQ"));
  CHECK(has(small->text(), "A-RELEASE-RP"));
}

TEST_CASE("PDUs are recorded the same in any split, and what is no PDU does no harm") {
  std::vector<std::byte> bytes;
  dul::encode(dul::make_request(dul::requestor_options{"SCU", "SCP"}, all_services().contexts), bytes);
  std::vector<std::byte> command_set;
  encode_command(c_store_request{message_id{1}, ct, "1.2.3"}, command_set);
  append_command_pdus(command_set, context_id{7}, 32, bytes);
  const auto release = dul::encode(dul::a_release_rq{});
  bytes.insert(bytes.end(), release.begin(), release.end());
  flight_recorder whole;
  whole.record(flight_recorder::direction::sent, bytes);
  for (std::size_t at = 1; at < bytes.size(); ++at) {
    flight_recorder split;
    split.record(flight_recorder::direction::sent, byte_span{bytes}.first(at));
    split.record(flight_recorder::direction::sent, byte_span{bytes}.subspan(at));
    REQUIRE(split.pcap().size() == whole.pcap().size());
  }
  CHECK(has(whole.text(), "C-STORE-RQ, message 1"));
  for (unsigned seed = 0; seed < 300; ++seed) {
    flight_recorder confused;
    std::vector<std::byte> rubbish(500);
    unsigned x = seed * 2654435761u + 1;
    for (auto& each : rubbish)
      each = static_cast<std::byte>((x = x * 1664525u + 1013904223u) >> (seed % 2 == 0 ? 24 : 30));
    for (std::size_t i = 0; i < rubbish.size(); i += 11) rubbish[i] = std::byte{static_cast<unsigned char>(seed % 8)};
    confused.record(flight_recorder::direction::received, rubbish);
    CHECK(confused.pcap().size() >= 24);
    static_cast<void>(confused.text());
  }
}

TEST_CASE("tshark reads a recorded association without a malformed packet") {
  if (std::system("command -v tshark > /dev/null 2>&1") != 0) {
    MESSAGE("skipped: no tshark");
    return;
  }
  for (const auto what : {recorded_data::commands_only, recorded_data::all}) {
    const auto file = std::filesystem::temp_directory_path() / ("codicom-test-" + generate_uid().str() + ".pcap");
    recorded(what)->save_pcap(file);
    const auto shown = output_of("tshark -r " + file.string() + " -d tcp.port==104,dicom 2>/dev/null");
    const auto malformed =
        output_of("tshark -r " + file.string() +
                  " -d tcp.port==104,dicom -Y '_ws.malformed || _ws.expert.severity >= 8388608' 2>/dev/null");
    std::filesystem::remove(file);
    INFO(shown);
    CHECK(has(shown, "A-ASSOCIATE request"));
    CHECK(has(shown, "C-ECHO-RQ"));
    CHECK(has(shown, "C-STORE-RQ"));
    CHECK(malformed == "");
  }
}
