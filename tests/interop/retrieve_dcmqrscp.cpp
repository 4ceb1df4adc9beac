#include "harness/checks.hpp"

#include <doctest/doctest.h>

using namespace interop;

TEST_CASE("codicom-retrieve gets every object that dcmqrscp holds, as dcmqrscp sends it") {
  const auto data = samples();
  if (!data || !dcmqrscp::available() || !storescp::available() || !have({"movescu", "dcmconv"})) return;
  const storescp reference;
  const auto self = receiver_entity();
  dcmqrscp archive{{reference, self}};
  const temp_folder scratch;
  auto files = mixed_collection(*data, scratch).uncompressed;
  for (const char* name : {"pyd_SC_rgb_jpeg_dcmtk.dcm", "dcmjs_sample-op.dcm", "d4c_US-PAL-8-10x-echo"})
    files.push_back(*data / name);
  MESSAGE("compressed: three objects; dcmqrscp sends every object of a SOP class in one syntax and converts none");
  CHECK_MESSAGE(archive.load(files), archive.load_log);
  check_retrieves_everything(archive, self, reference, files.size());
}
