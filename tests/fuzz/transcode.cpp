// Transcoding (PS3.5 Annex A): the same comes out however the input is cut; what is repaired is even, and repaired again
// it stays as it is. In implicit VR once more: there the dictionary says what a value is whose VR was a wrong one, and may
// find a sequence. The first byte chooses the syntaxes and whether to repair, the second the size of the bits.
#include "support.hpp"

#include <codicom/data_set.hpp>
#include <codicom/encoding/transcode.hpp>

#include <algorithm>
#include <array>
#include <system_error>
#include <vector>

namespace {

using namespace codicom;

std::vector<std::byte> in_pieces(byte_span bytes, std::size_t step, const unique_id& from, const unique_id& to,
                                 const transcode_options& options) {
  std::vector<std::byte> all;
  transcoder between{[&](byte_span piece) { all.insert(all.end(), piece.begin(), piece.end()); }, from, to, options};
  for (; !bytes.empty(); bytes = bytes.subspan(std::min(step, bytes.size()))) between.feed(bytes.first(std::min(step, bytes.size())));
  between.finish();
  return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  static const std::array syntaxes{transfer_syntax::ImplicitVRLittleEndian, transfer_syntax::ExplicitVRLittleEndian,
                                   transfer_syntax::ExplicitVRBigEndian, transfer_syntax::RLELossless};
  const auto from = syntaxes[data[0] % 4];
  const auto to = data[0] % 4 == 3 ? from : syntaxes[data[0] / 4 % 3];
  const auto bytes = fuzz::as_bytes(data + 2, size - 2);
  transcode_options options;
  options.limits = fuzz::small_limits();
  options.limits.held_bytes = 100'000;
  options.repair = data[0] / 16 % 2 == 1;
  std::vector<std::byte> whole;
  try {
    whole = transcode(bytes, from, to, options);
    FUZZ_CHECK(in_pieces(bytes, 1 + data[1], from, to, options) == whole);
    if (!options.repair) return 0;
  } catch (const std::system_error&) {
    return 0;
  }
  FUZZ_CHECK(whole.size() % 2 == 0);
  options.limits = {};  // undefined lengths and explicit VR take more
  const auto again = transcode(whole, to, to, options);
  if (to == transfer_syntax::ImplicitVRLittleEndian) FUZZ_CHECK(transcode(again, to, to, options) == again);
  else FUZZ_CHECK(again == whole);
  return 0;
}
