// Frames of native and encapsulated pixel data (PS3.5 §8, §A.4), tables right or wrong, and RLE (PS3.5 Annex G).
#include "support.hpp"

#include <codicom/data_set.hpp>

#include <system_error>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace codicom;
  const auto bytes = fuzz::as_bytes(data, size);
  decode_options options;
  options.limits = fuzz::small_limits();
  try {
    const auto file = read_file(bytes, options);
    const frames all{file.value, file.meta.transfer_syntax_uid};
    std::vector<std::byte> room;
    std::uint64_t bits = 0;
    std::size_t count = 0;
    for (const auto& f : all) {
      if (++count > 1000) break;
      const auto whole = f.bytes(room);
      FUZZ_CHECK(whole.size() == f.size());
      bits += all.is_encapsulated() ? whole.size() * 8 : all.format().frame_bits();
      try {
        const auto decoded = decode_rle(whole, all.format());
        FUZZ_CHECK(decoded.bytes.size() <= whole.size() * 64 + 64 * 15);
      } catch (const std::system_error&) {
        // says why it is no RLE
      }
    }
    FUZZ_CHECK(bits <= size * 8 + (std::uint64_t{1} << 36));
    if (!all.is_encapsulated() || all.empty() || all.size() > 1000) return 0;
    // What is put together again has the same frames.
    std::vector<std::vector<std::byte>> copies;
    for (const auto& f : all) copies.push_back(f.copy());
    std::vector<byte_span> spans{copies.begin(), copies.end()};
    data_set again;
    set_encapsulated_frames(again, spans, offset_table::extended);
    const frames same{again};
    FUZZ_CHECK(same.size() == all.size());
    for (std::size_t i = 0; i < same.size(); ++i) FUZZ_CHECK(same[i].copy() == copies[i]);
  } catch (const std::system_error&) {
    // says why it cannot be read
  }
  return 0;
}
