#include "harness/checks.hpp"

#include <doctest/doctest.h>

using namespace interop;

TEST_CASE("codicom-retrieve gets every object that PixelMed's archive holds, as PixelMed sends it") {
  const auto data = samples();
  if (!data || !pixelmed_archive::available() || !storescp::available() || !have({"movescu", "dcmconv"})) return;
  const storescp reference;
  const auto self = receiver_entity();
  pixelmed_archive archive{{reference, self}};
  const temp_folder scratch;
  const auto files = mixed_collection(*data, scratch);
  CHECK_MESSAGE(archive.load(files.uncompressed), archive.load_log);
  // Its Storage SCP takes the uncompressed syntaxes only.
  MESSAGE(files.compressed.size() << " compressed objects are not offered to PixelMed: it refuses their syntaxes");
  check_retrieves_everything(archive, self, reference, files.uncompressed.size());
}
