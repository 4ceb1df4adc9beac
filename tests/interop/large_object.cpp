// A gigabyte both ways: memory does not follow the size of an object.
#include "harness/checks.hpp"

#include <doctest/doctest.h>

using namespace interop;

namespace {
constexpr std::uint64_t allowed_growth = 32ull << 20;
}

TEST_CASE("codicom-retrieve receives an object of 1 GiB and grows by less than 32 MiB") {
  if (!orthanc::available() || !have({"storescu"})) return;  // dcmqrscp's quota ends below that size
  const auto self = receiver_entity();
  const temp_folder source, folder;
  write_large_object(source / "large.dcm", {"2.25.301", "2.25.302", "2.25.303", 1024});
  orthanc archive{{.destinations = {self}}};
  const auto loaded = run({"storescu", "-R", "-aec", archive.aet, "127.0.0.1", std::to_string(archive.port),
                           (source / "large.dcm").string()},
                          300s);
  CHECK_MESSAGE(loaded.code == 0, loaded.all());

  process tool{retrieve_command(archive, self, folder, {"-k", "StudyInstanceUID"})};
  const memory_watch memory{tool.pid()};
  const auto code = tool.wait(300s);
  const auto result = report_of(code.value_or(-1), tool);
  INFO(result.err);
  CHECK(code == 0);
  CHECK(result.done("received") == 1);
  CHECK(result.done("bytes") > 1l << 30);
  CHECK(memory.samples() >= 5);
  CHECK(memory.growth() < allowed_growth);
  MESSAGE("received 1 GiB: RssAnon grew by " << memory.growth() / 1024 << " KiB over " << memory.samples() << " samples");
  const auto files = files_below(folder);
  REQUIRE(files.size() == 1);
  CHECK(same_object(files[0], source / "large.dcm"));
}

TEST_CASE("codicom-pacs receives and sends an object of 1 GiB and grows by less than 32 MiB") {
  if (!storescp::available() || !have({"storescu", "movescu"})) return;
  const temp_folder source, folder;
  write_large_object(source / "large.dcm", {"2.25.301", "2.25.302", "2.25.303", 1024});
  const storescp destination;
  codicom_pacs pacs{folder, {destination}};
  const memory_watch memory{pacs.server().pid()};
  const auto sent = run({"storescu", "-v", "-R", "-aec", pacs.aet, "127.0.0.1", std::to_string(pacs.port),
                         (source / "large.dcm").string()},
                        300s);
  CHECK_MESSAGE(sent.code == 0, sent.all());
  const auto after_receiving = memory.growth();
  const auto moved = movescu(pacs, destination, "2.25.301");
  CHECK_MESSAGE(moved.code == 0, moved.all());
  CHECK(memory.samples() >= 10);
  CHECK(memory.growth() < allowed_growth);
  MESSAGE("received and sent 1 GiB: RssAnon grew by " << after_receiving / 1024 << " and " << memory.growth() / 1024
                                                      << " KiB over " << memory.samples() << " samples");
  const auto files = files_below(destination.folder());
  REQUIRE(files.size() == 1);
  CHECK(same_object(files[0], source / "large.dcm"));
}
