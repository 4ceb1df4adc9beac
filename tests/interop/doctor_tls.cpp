// codicom-retrieve --doctor where the way there, the way back or both are TLS.
#include "harness/examine.hpp"
#include "harness/hospital.hpp"

using namespace interop;

namespace {

// Takes connections in the clear, and goes on over TLS with a certificate that is not the archive's own.
constexpr const char* other_hand = R"(
import socket, ssl, sys, threading
listen_at, go_to, certificate, key = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4]
context = ssl.create_default_context()
context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
context.load_cert_chain(certificate, key)
def copy(a, b):
    try:
        while data := a.recv(65536): b.sendall(data)
    except OSError: pass
    for each in (a, b):
        try: each.shutdown(socket.SHUT_RDWR)
        except OSError: pass
server = socket.create_server(('127.0.0.1', listen_at))
print('ready', flush=True)
while True:
    here, _ = server.accept()
    try: there = context.wrap_socket(socket.create_connection(('127.0.0.1', go_to)))
    except OSError:
        here.close()
        continue
    threading.Thread(target=copy, args=(here, there), daemon=True).start()
    threading.Thread(target=copy, args=(there, here), daemon=True).start()
)";

/// What the doctor says of an Orthanc that is set up in some way.
report examine_orthanc(const fs::path& samples, const orthanc_options& set_up, const entity& self,
                       const std::vector<std::string>& options) {
  orthanc archive{set_up};
  REQUIRE_MESSAGE(archive.load(mr_study_files(samples)), archive.load_log);
  return examine(archive, self, options);
}

}  // namespace

TEST_CASE("doctor: TLS there and back") {
  const auto data = samples();
  if (!data || !orthanc::available()) return;
  const hospital all;
  const auto self = receiver_entity();
  const auto result = examine_orthanc(*data, {.destinations = {self}, .tls = all.server()}, self, options_of(all.client()));
  INFO(result.err << check(result, "move").dump());
  CHECK(result.code == 0);
  CHECK(check(result, "move").value("outcome", "") == "good");
}

TEST_CASE("doctor, the way back: the archive calls in the clear where we want TLS") {
  const auto data = samples();
  if (!data || !orthanc::available()) return;
  const hospital all;
  const auto self = receiver_entity();
  const auto result = examine_orthanc(*data, {.destinations = {self}, .tls = all.server(), .calls_secure = false}, self,
                                      options_of(all.client()));
  check_breaks_at(result, "move", 4, "the peer does not speak TLS");
  check_breaks_at(result, "move", 4, "the archive's entry for us must say so");
  CHECK(check(result, "associate").value("outcome", "") == "good");
}

TEST_CASE("doctor, the way back: the archive calls with TLS where we want none") {
  const auto data = samples();
  if (!data || !orthanc::available()) return;
  const hospital all;
  const auto self = receiver_entity();
  const auto result = examine_orthanc(*data, {.destinations = {self}, .tls = all.server(), .secure_port = false}, self, {});
  check_breaks_at(result, "move", 4, "entry for us say TLS? Then use --tls here");
  CHECK(check(result, "associate").value("outcome", "") == "good");
}

TEST_CASE("doctor, the way back: a certificate that we do not trust") {
  const auto data = samples();
  if (!data || !orthanc::available() || !have({"/usr/bin/python3"})) return;
  const hospital all;
  const auto self = receiver_entity();
  const auto stranger = all.stranger();
  const auto hand = at(self.aet, free_port());
  process other{{"/usr/bin/python3", "-u", "-c", other_hand, std::to_string(hand.port), std::to_string(self.port),
                 stranger.certificate.string(), stranger.key.string()}};
  REQUIRE_MESSAGE(other.wait_for("ready", 20s), other.all());
  const auto result = examine_orthanc(*data, {.destinations = {hand}, .tls = all.server(), .calls_secure = false}, self,
                                      options_of(all.client()));
  check_breaks_at(result, "move", 4, "was issued by an authority that we do not trust (CN=Other CA)");
  check_breaks_at(result, "move", 4, "of an authority that --ca names");
}

TEST_CASE("doctor: TLS to a port that speaks none") {
  const auto data = samples();
  if (!data || !orthanc::available()) return;
  const hospital all;
  const auto self = receiver_entity();
  const auto result = examine_orthanc(*data, {.destinations = {self}, .tls = all.server(), .secure_port = false}, self,
                                      options_of(all.client()));
  check_breaks_at(result, "associate", 3, "it may not speak TLS at that port");
}
