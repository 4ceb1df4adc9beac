// Command sets (PS3.7 §6.3): what decodes is a value that encodes and decodes to itself.
#include "support.hpp"

#include <codicom/dimse/command.hpp>

#include <system_error>
#include <variant>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace codicom;
  std::vector<std::byte> first;
  command value;
  try {
    std::vector<diagnosis> found;
    value = decode_command(fuzz::as_bytes(data, size), {}, &found);
    encode_command(value, first);
  } catch (const std::system_error&) {
    return 0;
  }
  std::vector<std::byte> second;
  encode_command(decode_command(first), second);
  FUZZ_CHECK(first == second);
  return 0;
}
