// codicom-retrieve --doctor: each link of the chain broken in turn, and what it says then.
#include "harness/examine.hpp"
#include "harness/loaded_archive.hpp"
#include "harness/proxy.hpp"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace interop;

namespace {

/// A port where connections are taken, by the system, and nothing is ever said.
class silent_port {
 public:
  silent_port() : socket_{::socket(AF_INET, SOCK_STREAM, 0)} {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    REQUIRE(::bind(socket_, reinterpret_cast<sockaddr*>(&address), size) == 0);
    REQUIRE(::listen(socket_, 8) == 0);
    REQUIRE(::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    port = ntohs(address.sin_port);
  }
  ~silent_port() { ::close(socket_); }
  silent_port(const silent_port&) = delete;
  silent_port& operator=(const silent_port&) = delete;

  std::uint16_t port = 0;

 private:
  int socket_;
};

}  // namespace

TEST_CASE("doctor: nothing is broken with Orthanc and dcmqrscp, by C-MOVE and by C-GET") {
  const auto data = samples();
  if (!data) return;
  const auto whole = [&](auto& archive, const entity& self) {
    REQUIRE_MESSAGE(archive.load(mr_study_files(*data)), archive.load_log);
    const auto moved = examine(archive, self);
    INFO(moved.err << check(moved, "move").dump());
    CHECK(moved.code == 0);
    CHECK(check(moved, "move").value("outcome", "") == "good");
    CHECK(moved.all("check").size() == 7);
    const auto got = examine(archive, self, {"--get"});
    INFO(got.err << check(got, "get").dump());
    CHECK(got.code == 0);
    CHECK(check(got, "get").value("outcome", "") == "good");
  };
  const auto self = receiver_entity();
  if (orthanc::available()) {
    orthanc archive{{.destinations = {self}}};
    whole(archive, self);
  }
  if (dcmqrscp::available()) {
    dcmqrscp archive{{self}, false};
    whole(archive, self);
  }
}

TEST_CASE("doctor: the way there: name, port, what answers") {
  const auto self = receiver_entity();
  auto unknown = run({CODICOM_RETRIEVE, "PACS@no-such-host.invalid:104", "--doctor", "--json", "--listen", "0"}, 60s);
  check_breaks_at({unknown.code, json_lines(unknown.out), unknown.err, 0}, "name", 3, "no-such-host.invalid");
  check_breaks_at(examine(at("PACS", free_port()), self), "connect", 3, "nobody listens");
  const silent_port silent;
  check_breaks_at(examine(at("PACS", silent.port), self), "associate", 3, "does not answer as a DICOM archive");
  const tcp_proxy closes{free_port(), 0};  // takes a connection and ends it: its target is not there
  check_breaks_at(examine(at("PACS", closes.port()), self), "associate", 3, "TLS");
  if (have({"/usr/bin/python3"})) {
    const auto port = free_port();
    process web{{"/usr/bin/python3", "-u", "-m", "http.server", "--bind", "127.0.0.1", std::to_string(port)}};
    REQUIRE(web.wait_for("Serving", 20s));
    const auto result = examine(at("PACS", port), self);
    CHECK(result.code == 3);
    CHECK(result.all("done")[0]["broken"] == "associate");
  }
}

TEST_CASE("doctor: titles that are not known, and a server that only stores") {
  const auto data = samples();
  if (!data || !orthanc::available()) return;
  const auto self = receiver_entity();
  orthanc strict{{.destinations = {self}, .check_called = true}};
  check_breaks_at(examine(at("WRONG", strict.port), self), "associate", 3, "does not answer to the AE title WRONG");
  if (dcmqrscp::available()) {
    dcmqrscp archive{{self}};
    check_breaks_at(examine(at("WRONG", archive.port), self), "associate", 3, "WRONG");
  }
  const temp_folder folder;
  const codicom_pacs wary{folder, {}, {"--allow", "SOMEBODY"}};
  check_breaks_at(examine(wary, self), "associate", 3, "AE title CODICOM");
  if (storescp::available()) {
    const storescp keeper;
    check_breaks_at(examine(keeper, self), "associate", 3, "only stores");
  }
}

TEST_CASE("doctor: nothing to ask for") {
  if (!orthanc::available()) return;
  const auto self = receiver_entity();
  orthanc empty{{.destinations = {self}}};
  check_breaks_at(examine(empty, self), "find", 1, "-k PatientID=4711");
}

TEST_CASE("doctor: our port is taken, or is one that nobody else can reach; the way there is tried all the same") {
  const auto data = samples();
  if (!data || !orthanc::available()) return;
  const silent_port taken;
  orthanc archive;
  REQUIRE(archive.load(mr_study_files(*data)));
  const auto result = examine(archive, at("CODICOM", taken.port));
  check_breaks_at(result, "listen", 5, "in use");
  CHECK(check(result, "find").value("outcome", "") == "good");
}

TEST_CASE("doctor, the way back: the archive does not know our AE title") {
  const auto data = samples();
  if (!data) return;
  const auto self = receiver_entity();
  const auto stranger = std::vector<std::string>{"--receive-as", "STRANGER"};
  if (dcmqrscp::available()) {
    dcmqrscp archive{{self}};
    REQUIRE(archive.load(mr_study_files(*data)));
    const auto result = examine(archive, self, stranger);
    check_breaks_at(result, "move", 4, "does not know STRANGER as a destination");
    CHECK(check(result, "move")["advice"].get<std::string>().find(
              "AE title STRANGER, host 127.0.0.1, port " + std::to_string(self.port)) != std::string::npos);
  }
  if (orthanc::available()) {  // it says C000, as for everything
    orthanc archive{{.destinations = {self}}};
    REQUIRE(archive.load(mr_study_files(*data)));
    const auto result = examine(archive, self, stranger);
    check_breaks_at(result, "move", 4, "does not know STRANGER");
    CHECK(check(result, "get").value("text", "").find("--get") != std::string::npos);
  }
}

TEST_CASE("doctor, the way back: another port in the archive's table") {
  const auto data = samples();
  if (!data || !orthanc::available()) return;
  const auto self = receiver_entity();
  SUBCASE("where nobody listens") {
    orthanc archive{{.destinations = {at(self.aet, free_port())}}};
    REQUIRE(archive.load(mr_study_files(*data)));
    check_breaks_at(examine(archive, self), "move", 4, "no connection came here");
  }
  SUBCASE("where somebody else takes it") {
    if (!storescp::available()) return;
    const storescp elsewhere{self.aet};
    orthanc archive{{.destinations = {elsewhere}}};
    REQUIRE(archive.load(mr_study_files(*data)));
    check_breaks_at(examine(archive, self), "move", 1, "somebody took the object");
  }
  SUBCASE("where a firewall swallows it") {
    const silent_port swallows;
    orthanc archive{{.destinations = {at(self.aet, swallows.port)}}};
    REQUIRE(archive.load(mr_study_files(*data)));
    check_breaks_at(examine(archive, self), "move", 4, "firewall");
  }
}

TEST_CASE("doctor, the way back: the archive does not let us move") {
  const auto data = samples();
  if (!data || !orthanc::available()) return;
  const auto self = receiver_entity();
  orthanc archive{{.destinations = {at("OTHER", self.port)}, .allow_move = false}};
  REQUIRE(archive.load(mr_study_files(*data)));
  check_breaks_at(examine(archive, self), "move", 4, "may not allow our AE title");
}

TEST_CASE("doctor in words for people") {
  const auto data = samples();
  if (!data || !orthanc::available()) return;
  const auto self = receiver_entity();
  orthanc archive{{.destinations = {self}}};
  REQUIRE(archive.load(mr_study_files(*data)));
  const auto result = run({CODICOM_RETRIEVE, "--doctor", archive.address(), "--listen",
                           "127.0.0.1:" + std::to_string(self.port)}, 60s);
  INFO(result.all());
  CHECK(result.code == 0);
  CHECK(count_of(result.out, "[ ok ]") == 7);
  CHECK(result.out.find("The whole way works") != std::string::npos);
}
