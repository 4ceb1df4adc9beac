#include "harness/checks.hpp"

#include <doctest/doctest.h>

using namespace interop;

TEST_CASE("codicom-echo: Orthanc and dcmqrscp answer, nobody does not, and each has its exit code") {
  const temp_folder folder;
  const auto nobody = run({CODICOM_ECHO, "NOBODY@127.0.0.1:" + std::to_string(free_port())}, 30s);
  CHECK(nobody.code == 3);
  CHECK(!nobody.err.empty());
  CHECK(run({CODICOM_ECHO, "no-peer"}, 30s).code == 2);
  CHECK(run({CODICOM_ECHO, "--help"}, 30s).code == 0);
  if (orthanc::available()) {
    const orthanc archive;
    const auto result = run({CODICOM_ECHO, archive.address(), "--json", "--count", "2"}, 30s);
    CHECK_MESSAGE(result.code == 0, result.err);
    const auto lines = json_lines(result.out);
    REQUIRE(lines.size() == 2);
    CHECK(lines[0]["event"] == "echo");
    CHECK(lines[0]["status"] == "0000");
  }
  if (dcmqrscp::available()) {
    const dcmqrscp archive{{}};
    const auto result = run({CODICOM_ECHO, archive.address()}, 30s);
    CHECK_MESSAGE(result.code == 0, result.err);
    CHECK(result.out.find("success") != std::string::npos);
  }
}
