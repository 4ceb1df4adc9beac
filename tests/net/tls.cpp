#include "net/support.hpp"
#include "net/tshark.hpp"

#include <codicom/core/generate_uid.hpp>
#include <codicom/net/tls.hpp>

#include <support/certificates.hpp>

#include <algorithm>
#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>

using namespace codicom_test;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

// Identities for all tests here. Connections in memory call themselves "memory".
struct credentials {
  credentials() = default;
  ~credentials() {
    std::error_code ignored;
    fs::remove_all(folder, ignored);
  }
  credentials(const credentials&) = delete;
  credentials& operator=(const credentials&) = delete;

  const fs::path folder = fs::temp_directory_path() / ("codicom-tls-" + generate_uid().str());
  struct authorities {
    explicit authorities(const fs::path& in) : ours{in}, other{in, "Other CA"} {}
    test_support::test_authority ours, other;
  };
  const authorities ca{(fs::create_directories(folder), folder)};
  const test_support::identity_files server = ca.ours.issue("archive", "DNS:memory,IP:127.0.0.1");
  const test_support::identity_files client = ca.ours.issue("SCU", "DNS:workstation");
};

const credentials& known() {
  static const credentials all;
  return all;
}

tls_options client_options() {
  tls_options options;
  options.certificate = known().client.certificate;
  options.private_key = known().client.key;
  options.authorities = known().ca.ours.file();
  return options;
}
tls_options server_options() {
  auto options = client_options();
  options.certificate = known().server.certificate;
  options.private_key = known().server.key;
  return options;
}

acceptor_options secure_acceptor(transport_layer security = tls_server(server_options())) {
  acceptor_options options;
  options.policy.accept(sop_class::Verification).accept(find_class).accept(ct);
  options.security = std::move(security);
  return options;
}
association_options secure_requestor(transport_layer security = tls_client(client_options())) {
  auto options = all_services();
  options.security = std::move(security);
  return options;
}

// What each side has to say when an association is tried. Nothing: it came about and was released.
struct ends {
  std::string requestor, acceptor;
  std::error_code requestor_code, acceptor_code;
};
ends try_association(association_options asks, acceptor_options accepts, meeting_faults faults = {}) {
  ends all;
  const auto ours = [&](std::unique_ptr<transport> over) -> task<> {
    try {
      auto a = co_await associate(std::move(over), asks);
      co_await a.echo();
      co_await a.release();
    } catch (const association_error& error) {
      all.requestor = error.what();
      all.requestor_code = error.code();
    }
  };
  const auto theirs = [&](std::unique_ptr<transport> over) -> task<> {
    try {
      co_await serve_one(std::move(over), accepts, handlers{});
    } catch (const association_error& error) {
      all.acceptor = error.what();
      all.acceptor_code = error.code();
    }
  };
  const auto whole = [&]() -> task<> {
    const executor where = co_await asio::this_coro::executor;
    auto pair = testing::make_memory_pair(where, faults.ours, faults.theirs);
    co_await together(ours(std::move(pair.first)), theirs(std::move(pair.second)));
  };
  testing::simulate(whole());
  INFO(all.requestor);
  INFO(all.acceptor);
  return all;
}

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

// A scripted peer behind TLS, and a user of an association.
void meet_behind_tls(user does, script answers, meeting_faults faults = {}) {
  const auto ours = [&](std::unique_ptr<transport> over) -> task<> {
    auto established = co_await associate(std::move(over), secure_requestor());
    co_await does(established);
  };
  const auto theirs = [&](std::unique_ptr<transport> plain) -> task<> {
    auto over = tls_server(server_options())(std::move(plain), {});
    std::error_code error;
    co_await over->handshake(error);
    REQUIRE(!error);
    scripted_peer peer{std::move(over)};
    co_await peer.accept(faults.max_length);
    co_await answers(peer);
  };
  const auto whole = [&]() -> task<> {
    const executor where = co_await asio::this_coro::executor;
    auto pair = testing::make_memory_pair(where, faults.ours, faults.theirs);
    co_await together(ours(std::move(pair.first)), theirs(std::move(pair.second)));
  };
  testing::simulate(whole());
}

}  // namespace

TEST_CASE("what is recorded above TLS is what DICOM says: tshark reads it without a malformed packet") {
  if (!have_tshark()) return;
  auto recorder = std::make_shared<flight_recorder>(1 << 20, recorded_data::all);
  const auto above_tls = [recorder](std::unique_ptr<transport> over, std::string_view host) {
    return record(tls_client(client_options())(std::move(over), host), recorder);
  };
  const auto ended = try_association(secure_requestor(above_tls), secure_acceptor());
  CHECK(ended.requestor == "");
  check_with_tshark(*recorder, {"C-ECHO-RQ", "C-ECHO-RSP", "A-RELEASE response"});
}

TEST_CASE("echo, find and store over TLS with certificates on both sides; the access hook is shown the client's") {
  std::string subject;
  auto accepts = secure_acceptor();
  accepts.access = [&](const dul::a_associate_rq& request,
                       const remote_end& from) -> std::optional<dul::reject_cause> {
    REQUIRE(from.certificate != nullptr);
    subject = from.certificate->subject;
    CHECK(from.certificate->issuer == "CN=Test CA");
    CHECK(from.certificate->fingerprint.size() == 64);
    CHECK(from.certificate->dns_names == std::vector<std::string>{"workstation"});
    if (!from.certificate->is_for(request.calling_ae_title)) return dul::rejection::calling_ae_title_not_recognized;
    return std::nullopt;
  };
  handlers with;
  std::size_t stored = 0;
  with.on_store([&](incoming_object object) -> task<> {
    const auto value = co_await object.read();
    stored = value.find(tag::PixelData)->bytes().size();
    co_await object.respond(status::success);
  });
  with.on_find([](find_request request) -> generator<find_match, c_find_response> {
    co_yield find_match{patient("1")};
    co_return c_find_response{request.command, status::success};
  });
  meet_server(
      [](association& a) -> task<> {
        const auto echoed = co_await a.echo();
        CHECK(echoed.status.is_success());
        const auto found = co_await collect(a.find(find_class, patient("*")));
        CHECK(found.matches.size() == 1);
        const auto response = co_await a.store(ct_object(3'000'000));
        CHECK(response.status.is_success());
      },
      with, accepts, secure_requestor());
  CHECK(subject == "CN=SCU");
  CHECK(stored == 3'000'000);

  auto stranger = secure_requestor();
  stranger.calling_ae_title = "STRANGER";
  const auto refused = try_association(stranger, accepts);
  CHECK(refused.requestor_code == errc::association_rejected);
}

TEST_CASE("TLS works however the stream is cut") {
  for (const std::size_t cut : {1u, 2u, 3u, 5u, 17u, 100u}) {
    CAPTURE(cut);
    meeting_faults faults;
    faults.ours.max_read = faults.theirs.max_read = cut;
    faults.ours.capacity = faults.theirs.capacity = 50 * cut;
    const auto end = try_association(secure_requestor(), secure_acceptor(), faults);
    CHECK(end.requestor == "");
    CHECK(end.acceptor == "");
  }
}

TEST_CASE("a handshake that fails is an error that says on both sides what to do") {
  struct sample {
    const char* what;
    std::function<void(tls_options& client, tls_options& server)> change;
    const char* at_requestor;
    const char* at_acceptor;
  };
  const auto& k = known();
  const auto expired = k.ca.ours.issue("expired", "DNS:memory", -10, -5);
  const auto future = k.ca.ours.issue("future", "DNS:memory", 5, 10);
  const auto elsewhere = k.ca.ours.issue("elsewhere", "DNS:another.host");
  const auto foreign = k.ca.other.issue("foreign", "DNS:memory");
  const auto use = [](tls_options& options, const test_support::identity_files& files) {
    options.certificate = files.certificate;
    options.private_key = files.key;
  };
  const sample samples[] = {
      {"an expired server", [&](auto&, auto& server) { use(server, expired); },
       "(CN=expired) expired on", "says that our certificate has expired: get a new one"},
      {"a server of the future", [&](auto&, auto& server) { use(server, future); },
       "(CN=future) is not valid yet: check the clocks", "see its log"},
      {"a server of another name", [&](auto&, auto& server) { use(server, elsewhere); },
       "(CN=elsewhere) is not for the host 'memory' that we called: call the peer by", "see its log"},
      {"a server of an unknown authority", [&](auto&, auto& server) { use(server, foreign); },
       "issued by an authority that we do not trust (CN=Other CA): add the certificate of that authority",
       "the peer does not trust the authority that issued our certificate"},
      {"a client of an unknown authority", [&](auto& client, auto&) { use(client, foreign); },
       "the peer does not trust the authority that issued our certificate",
       "(CN=foreign) was issued by an authority that we do not trust (CN=Other CA)"},
      {"an expired client", [&](auto& client, auto&) { use(client, expired); },
       "the peer says that our certificate has expired", "(CN=expired) expired on"},
      {"a client without a certificate", [&](auto& client, auto&) { use(client, {}); },
       "the peer wants a certificate of ours: give one, with its private key",
       "no certificate of its own to show: give it one, or allow clients without"},
  };
  for (const auto& each : samples) {
    CAPTURE(each.what);
    auto client = client_options();
    auto server = server_options();
    each.change(client, server);
    const auto end = try_association(secure_requestor(tls_client(client)), secure_acceptor(tls_server(server)));
    CHECK(end.requestor_code == errc::tls_failed);
    CHECK(end.requestor_code == failure::peer_refused);
    CHECK(end.acceptor_code == errc::tls_failed);
    CHECK_MESSAGE(has(end.requestor, each.at_requestor), end.requestor);
    CHECK_MESSAGE(has(end.acceptor, each.at_acceptor), end.acceptor);
    CHECK(has(end.requestor, "A-ASSOCIATE with SCP@memory"));
  }
}

TEST_CASE("the check of the host can be switched off, and clients without a certificate can be allowed") {
  auto server = server_options();
  const auto elsewhere = known().ca.ours.issue("elsewhere2", "DNS:another.host");
  server.certificate = elsewhere.certificate;
  server.private_key = elsewhere.key;
  server.anonymous_clients = true;
  auto client = client_options();
  client.certificate = client.private_key = fs::path{};
  client.check_host = false;
  auto accepts = secure_acceptor(tls_server(server));
  bool anonymous = false;
  accepts.access = [&](const dul::a_associate_rq&, const remote_end& from) -> std::optional<dul::reject_cause> {
    anonymous = from.certificate == nullptr;
    return std::nullopt;
  };
  const auto end = try_association(secure_requestor(tls_client(client)), accepts);
  CHECK(end.requestor == "");
  CHECK(anonymous);
  server.authorities.clear();
  CHECK(try_association(secure_requestor(tls_client(client)), secure_acceptor(tls_server(server))).requestor == "");
}

TEST_CASE("a peer that speaks no TLS, or an old one, is told apart") {
  const auto no_server = try_association(secure_requestor(), secure_acceptor(transport_layer{}));
  CHECK(no_server.requestor_code == errc::tls_failed);
  CHECK_MESSAGE(has(no_server.requestor, "the peer does not speak TLS at that port: check the port"), no_server.requestor);

  const auto no_client = try_association(all_services(), secure_acceptor());
  CHECK(no_client.acceptor_code == errc::tls_failed);
  CHECK_MESSAGE(has(no_client.acceptor, "the peer does not speak TLS: this port is for TLS only"), no_client.acceptor);
  CHECK(no_client.requestor_code != std::error_code{});

  const std::shared_ptr<SSL_CTX> old{SSL_CTX_new(TLS_client_method()), &SSL_CTX_free};
  SSL_CTX_set_security_level(old.get(), 0);
  SSL_CTX_set_min_proto_version(old.get(), TLS1_VERSION);
  SSL_CTX_set_max_proto_version(old.get(), TLS1_1_VERSION);
  const auto version = try_association(secure_requestor(tls_client(old, false)), secure_acceptor());
  CHECK(version.acceptor_code == errc::tls_failed);
  CHECK_MESSAGE(has(version.acceptor, "no TLS version and cipher suite of BCP 195"), version.acceptor);
  CHECK_MESSAGE(has(version.requestor, "takes none of our TLS versions"), version.requestor);

  const std::shared_ptr<SSL_CTX> no_aead{SSL_CTX_new(TLS_client_method()), &SSL_CTX_free};
  SSL_CTX_set_max_proto_version(no_aead.get(), TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(no_aead.get(), "AES256-SHA:ECDHE-ECDSA-AES256-SHA");
  const auto cipher = try_association(secure_requestor(tls_client(no_aead, false)), secure_acceptor());
  CHECK_MESSAGE(has(cipher.acceptor, "no TLS version and cipher suite of BCP 195"), cipher.acceptor);
}

TEST_CASE("TLS 1.2 with ECDHE and AES-GCM is taken") {
  const std::shared_ptr<SSL_CTX> context = detail::make_tls_context(client_options(), detail::tls_role::client);
  SSL_CTX_set_max_proto_version(context.get(), TLS1_2_VERSION);
  meeting_faults faults;
  faults.ours.max_read = faults.theirs.max_read = 7;
  const auto end = try_association(secure_requestor(tls_client(context)), secure_acceptor(), faults);
  CHECK(end.requestor == "");
  CHECK(end.acceptor == "");
}

TEST_CASE("a peer that connects and says nothing delays nobody, and is dropped at the deadline of the handshake") {
  const auto whole = []() -> task<> {
    const executor where = co_await asio::this_coro::executor;
    auto source = std::make_unique<testing::memory_acceptor>(where);
    const auto door = source->entrance();
    listener at{std::move(source)};
    auto accepts = secure_acceptor();
    accepts.runs_on = association_executor::of_the_server;
    accepts.tls = 5s;
    const auto clients = [&]() -> task<> {
      std::vector<std::unique_ptr<testing::memory_transport>> silent;
      for (int i = 0; i < 20; ++i) silent.push_back(door.connect());
      const auto began = clock::now();
      auto a = co_await associate(door.connect(), secure_requestor());
      const auto echoed = co_await a.echo();
      CHECK(echoed.status.is_success());
      co_await a.release();
      CHECK(clock::now() - began < 1s);
      std::byte rest[100];
      const asio::mutable_buffer into{rest, sizeof rest};
      std::error_code error;
      co_await silent.front()->read_some(mutable_buffers{&into, 1}, error);
      CHECK(error == asio::error::eof);
      CHECK(clock::now() - began >= 5s);
      CHECK(clock::now() - began < 6s);
      at.stop();
    };
    co_await together(serve(at, accepts, handlers{}), clients());
  };
  testing::simulate(whole());
}

TEST_CASE("a server that never answers the handshake: the requestor gives up at its deadline") {
  const auto whole = []() -> task<> {
    const executor where = co_await asio::this_coro::executor;
    auto pair = testing::make_memory_pair(where);
    auto asks = secure_requestor();
    asks.tls = 3s;
    const auto began = clock::now();
    const auto outcome = co_await as_result(associate(std::move(pair.first), asks));
    CHECK(outcome.error() == errc::tls_timed_out);
    CHECK(outcome.error() == failure::timed_out);
    CHECK(clock::now() - began < 3200ms);
  };
  testing::simulate(whole());
}

TEST_CASE("cancelled while the peer does not read: the record is finished, the PDU, and then comes the A-ABORT") {
  for (const std::size_t capacity : {100u, 1000u, 20'000u, 100'000u}) {
    CAPTURE(capacity);
    meeting_faults faults;
    faults.ours.capacity = capacity;
    std::size_t whole_pdus = 0;
    meet_behind_tls(
        [](association& a) -> task<> {
          const auto ended = co_await race(a.store(ct_object(2'000'000)), sleep_for(10s));
          CHECK(ended.winner == 2);
          CHECK_FALSE(a.is_open());
        },
        [&whole_pdus](scripted_peer& p) -> task<> {
          co_await sleep_for(11s);
          for (;;) {
            const auto bytes = co_await p.receive_bytes();
            REQUIRE(!bytes.empty());
            if (bytes[0] == std::byte{7}) break;
            REQUIRE(bytes[0] == std::byte{4});
            ++whole_pdus;
          }
          co_await p.expect_end();
          p.close();
        },
        faults);
    CHECK(whole_pdus > 0);
  }
}

TEST_CASE("both ends of a TLS stream end in order, and one that is only closed ends as well") {
  const auto whole = []() -> task<> {
    const executor where = co_await asio::this_coro::executor;
    for (const bool in_order : {true, false}) {
      CAPTURE(in_order);
      auto pair = testing::make_memory_pair(where);
      auto* const below = pair.first.get();
      auto one = tls_client(client_options())(std::move(pair.first), "memory");
      auto other = tls_server(server_options())(std::move(pair.second), {});
      const auto greet = [](transport& t) -> task<> {
        std::error_code error;
        co_await t.handshake(error);
        CHECK(!error);
      };
      co_await together(greet(*one), greet(*other));
      if (in_order) one->shutdown_send();
      else below->shutdown_send();
      std::byte rest[100];
      const asio::mutable_buffer into{rest, sizeof rest};
      std::error_code error;
      const auto nothing = co_await other->read_some(mutable_buffers{&into, 1}, error);
      CHECK(nothing == 0);
      CHECK(error == asio::error::eof);
      // The other direction stands.
      const asio::const_buffer last{"last words", 10};
      co_await other->write(const_buffers{&last, 1}, error);
      CHECK(!error);
      const auto heard = co_await one->read_some(mutable_buffers{&into, 1}, error);
      CHECK(heard == 10);
    }
  };
  testing::simulate(whole());
}

TEST_CASE("every byte of a handshake and of an association may be the last: both sides come to an end") {
  std::size_t tried = 0;
  for (std::size_t at = 1; at < 60; ++at) {
    meeting_faults faults;
    faults.ours.fail_at = at;
    const auto end = try_association(secure_requestor(), secure_acceptor(), faults);
    ++tried;
    if (end.requestor.empty()) break;
    CHECK((end.requestor_code == failure::peer_refused || end.requestor_code == failure::peer_gone));
  }
  CHECK(tried > 5);
  CHECK(tried < 59);
}

TEST_CASE("files that do not do are told when the context is made") {
  const auto message = [](auto make) {
    try {
      static_cast<void>(make());
    } catch (const std::system_error& error) {
      return std::string{error.what()};
    }
    return std::string{};
  };
  auto options = server_options();
  options.private_key = known().client.key;
  CHECK(has(message([&] { return tls_server(options); }), "private key"));
  options = server_options();
  options.certificate = known().folder / "none.crt";
  CHECK(has(message([&] { return tls_server(options); }), "cannot use the certificate"));
  CHECK(has(message([&] { return tls_server(options); }), "none.crt"));
  options = client_options();
  options.authorities = known().folder / "none.crt";
  CHECK(has(message([&] { return tls_client(options); }), "cannot use the authorities"));
  options = server_options();
  options.authorities.clear();
  CHECK(has(message([&] { return tls_server(options); }), "authorities"));
  CHECK(has(message([&] { return tls_server(tls_options{}); }), "needs a certificate"));

  const auto locked = known().folder / "locked.key";
  {
    auto* const in = BIO_new_file(known().client.key.string().c_str(), "r");
    auto* const key = PEM_read_bio_PrivateKey(in, nullptr, nullptr, nullptr);
    auto* const out = BIO_new_file(locked.string().c_str(), "w");
    char word[] = "open sesame";
    PEM_write_bio_PrivateKey(out, key, EVP_aes_128_cbc(), reinterpret_cast<unsigned char*>(word), 11, nullptr, nullptr);
    EVP_PKEY_free(key);
    BIO_free(in);
    BIO_free(out);
  }
  options = client_options();
  options.private_key = locked;
  CHECK(has(message([&] { return tls_client(options); }), "cannot use the private key"));
  options.passphrase = "open sesame";
  CHECK(message([&] { return tls_client(options); }) == "");
}

TEST_CASE("a certificate is for an AE title when its name or one of its DNS names says so") {
  certificate shown;
  shown.common_name = "Workstation1";
  shown.dns_names = {"ct.example.org", "CT1"};
  CHECK(shown.is_for("WORKSTATION1"));
  CHECK(shown.is_for("ct1"));
  CHECK_FALSE(shown.is_for("WORKSTATION"));
  CHECK_FALSE(shown.is_for("CT12"));
  CHECK_FALSE(certificate{}.is_for("CT1"));
  CHECK_FALSE(shown.is_for(ae_title{}));
}

TEST_CASE("the recorder of an association over TLS holds what was encrypted") {
  auto asks = secure_requestor();
  std::string text;
  asks.recording = recording{[&](const flight_recorder& recorder, const association_error&) { text = recorder.text(); }};
  auto accepts = secure_acceptor();
  accepts.access = [](const dul::a_associate_rq&, const remote_end&) -> std::optional<dul::reject_cause> {
    return dul::rejection::calling_ae_title_not_recognized;
  };
  static_cast<void>(try_association(asks, accepts));
  INFO(text);
  CHECK(has(text, "> A-ASSOCIATE-RQ"));
  CHECK(has(text, "SCU calls SCP, 4 contexts"));
  CHECK(has(text, "< A-ASSOCIATE-RJ"));
}
