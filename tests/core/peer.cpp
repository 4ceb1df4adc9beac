#include <codicom/core/peer.hpp>

#include <doctest/doctest.h>
#include <string>

using namespace codicom;

TEST_CASE("a peer is written as title, host and port") {
  const auto p = peer::parse("ORTHANC@127.0.0.1:4242");
  REQUIRE(p);
  CHECK(p->ae_title == ae_title{"ORTHANC"});
  CHECK(p->host == "127.0.0.1");
  CHECK(p->port == 4242);
  CHECK(to_string(*p) == "ORTHANC@127.0.0.1:4242");
}

TEST_CASE("an IPv6 address stands in brackets") {
  const auto p = peer::parse("PACS@[::1]:104");
  REQUIRE(p);
  CHECK(p->host == "::1");
  CHECK(to_string(*p) == "PACS@[::1]:104");
  CHECK_FALSE(peer::parse("PACS@::1:104"));
}

TEST_CASE("the last @ divides, so a title may have one") {
  const auto p = peer::parse("A@B@pacs.example:11112");
  REQUIRE(p);
  CHECK(p->ae_title == ae_title{"A@B"});
  CHECK(p->host == "pacs.example");
}

TEST_CASE("what is not a peer is refused") {
  for (const char* wrong :
       {"", "PACS", "PACS@", "@host:104", "PACS@host", "PACS@host:", "PACS@host:0", "PACS@host:65536", "PACS@host:1x",
        "PACS@host:-1", "PACS@:104", "PACS@[]:104", "TITLETHATISTOOLONG@host:104", "PA\\CS@host:104", "   @host:104"}) {
    CAPTURE(std::string{wrong});
    CHECK_FALSE(peer::parse(wrong));
  }
}

TEST_CASE("a peer without a port has the well-known one") { CHECK(peer{}.port == 104); }
