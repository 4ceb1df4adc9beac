// Data sets (PS3.5 §7): read in one piece and bit by bit alike, encoded and read again to the same bytes; text comes
// out of anything; what strict decoding reads, tolerant decoding does not complain of. The first byte chooses the
// transfer syntax, the second the size of the bits. Of a file, the data set is taken, in the file's syntax.
#include "support.hpp"

#include <codicom/data_set.hpp>

#include <algorithm>
#include <array>
#include <system_error>
#include <vector>

namespace {

using namespace codicom;

std::size_t walk(const data_set& value) {
  std::size_t sum = 0;
  for (const auto& element : value) {
    if (element.is_sequence())
      for (const auto& item : element.items()) sum += walk(item);
    else sum += value.text(element.tag()).size();
  }
  return sum;
}

// What strict decoding takes has nothing to be told but guesses, which it does not make itself.
void check_strict(byte_span bytes, const unique_id& syntax, decode_options options, const decoded& tolerant) {
  options.mode = strictness::strict;
  try {
    if (!(decode(bytes, syntax, options).value == tolerant.value)) return;  // it does not look into UN
    for (const auto& d : tolerant.diagnoses) FUZZ_CHECK(d.what == deviation::ambiguous_vr_guessed);
  } catch (const std::system_error&) {
    // says what is wrong
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  static const std::array syntaxes{transfer_syntax::ImplicitVRLittleEndian, transfer_syntax::ExplicitVRLittleEndian,
                                   transfer_syntax::ExplicitVRBigEndian, transfer_syntax::RLELossless};
  auto syntax = syntaxes[data[0] % syntaxes.size()];
  const std::size_t step = 1 + data[1];
  auto bytes = fuzz::as_bytes(data + 2, size - 2);
  decode_options options;
  options.limits = fuzz::small_limits();

  std::vector<std::byte> first;
  try {
    if (size > 140 && std::equal(data + 128, data + 132, "DICM")) {
      auto until = options;
      until.stop_before = element_tag{0x0004, 0x0000};
      const auto start = read_file(fuzz::as_bytes(data, size), until);
      bytes = fuzz::as_bytes(data, size).subspan(static_cast<std::size_t>(start.data_set_offset));
      syntax = start.meta.transfer_syntax_uid;
    }
    const auto whole = decode(bytes, syntax, options);
    FUZZ_CHECK(whole.consumed <= bytes.size());
    static_cast<void>(walk(whole.value));

    data_set_reader reader{syntax, options};
    auto rest = bytes;
    while (!rest.empty() && !reader.stopped()) {
      const auto part = rest.first(std::min(step, rest.size()));
      FUZZ_CHECK(reader.feed(part) <= part.size());
      rest = rest.subspan(part.size());
    }
    FUZZ_CHECK(reader.finish() == whole.value);
    check_strict(bytes, syntax, options, whole);
    encode(whole.value, syntax, first);
  } catch (const std::system_error&) {
    return 0;
  }
  std::vector<std::byte> second;
  encode(decode(first, syntax, options).value, syntax, second);
  FUZZ_CHECK(first == second);
  return 0;
}
