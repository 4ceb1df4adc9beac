// Part 10 files (PS3.10 §7), whole or broken, from memory.
#include "support.hpp"

#include <codicom/data_set.hpp>

#include <system_error>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace codicom;
  for (const auto mode : {strictness::tolerant, strictness::strict}) {
    decode_options options{mode};
    options.limits = fuzz::small_limits();
    try {
      const auto file = read_file(fuzz::as_bytes(data, size), options);
      FUZZ_CHECK(file.data_set_offset <= size);
      FUZZ_CHECK(file.consumed <= size);
    } catch (const std::system_error&) {
      // says why it cannot be read
    }
  }
  return 0;
}
