#pragma once
// What tshark says of a recorded association, where it is installed.
#include <codicom/core/generate_uid.hpp>
#include <codicom/net/flight_recorder.hpp>

#include <cstdlib>
#include <doctest/doctest.h>
#include <filesystem>
#include <string>
#include <support/output_of.hpp>
#include <vector>

namespace codicom_test {

[[nodiscard]] inline bool have_tshark() {
  const bool found = std::system("command -v tshark > /dev/null 2>&1") == 0;
  if (!found) MESSAGE("skipped: no tshark");
  return found;
}

/// It sees these messages, and calls nothing malformed.
inline void check_with_tshark(const codicom::flight_recorder& recorder, const std::vector<std::string>& messages) {
  using codicom::test_support::output_of;
  const auto file =
      std::filesystem::temp_directory_path() / ("codicom-test-" + codicom::generate_uid().str() + ".pcap");
  recorder.save_pcap(file);
  const auto read = "tshark -r " + file.string() + " -d tcp.port==104,dicom";
  const auto shown = output_of(read + " 2>/dev/null");
  const auto malformed = output_of(read + " -Y '_ws.malformed || _ws.expert.severity >= 8388608' 2>/dev/null");
  std::filesystem::remove(file);
  INFO(shown);
  CHECK(shown.find("A-ASSOCIATE request") != std::string::npos);
  for (const auto& each : messages) CHECK_MESSAGE(shown.find(each) != std::string::npos, each);
  CHECK(malformed == "");
}

}  // namespace codicom_test
