#include "harness/checks.hpp"

#include <doctest/doctest.h>

using namespace interop;

TEST_CASE("codicom-retrieve gets every object that Orthanc holds, as Orthanc sends it") {
  const auto data = samples();
  if (!data || !orthanc::available() || !storescp::available() || !have({"movescu", "dcmconv"})) return;
  const storescp reference;
  const auto self = receiver_entity();
  orthanc archive{{.destinations = {reference, self}}};
  const temp_folder scratch;
  const auto files = mixed_collection(*data, scratch).all();
  CHECK_MESSAGE(archive.load(files), archive.load_log);
  check_retrieves_everything(archive, self, reference, files.size());
}
