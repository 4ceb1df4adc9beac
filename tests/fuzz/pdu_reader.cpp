// PS3.8 §9.3: any stream of bytes is taken apart the same, in whatever pieces it comes.
#include "support.hpp"

#include <codicom/dul/pdu_reader.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace {

using namespace codicom;

std::vector<std::byte> read_in_pieces(byte_span bytes, std::size_t piece) {
  dul::pdu_reader reader;
  std::vector<std::byte> seen;
  const auto note = [&seen](std::size_t value) { seen.push_back(static_cast<std::byte>(value)); };
  bool open = false;
  while (!bytes.empty()) {
    auto input = bytes.first(std::min(piece, bytes.size()));
    bytes = bytes.subspan(input.size());
    for (bool go = true; go;) {
      switch (reader.next(input)) {
        case dul::pdu_reader::need_more:
          FUZZ_CHECK(input.empty());
          go = false;
          break;
        case dul::pdu_reader::whole_pdu: note(static_cast<std::size_t>(dul::type_of(reader.take()))); break;
        case dul::pdu_reader::fault:
          FUZZ_CHECK(reader.error().diagnostics().answer.has_value());
          note(0xFF);
          note(static_cast<std::size_t>(*reader.error().diagnostics().offset));
          return seen;
        case dul::pdu_reader::fragment: {
          if (!open) note(reader.header().context.value);
          open = true;
          const auto part = input.first(std::min<std::size_t>(input.size(), reader.fragment_left()));
          seen.insert(seen.end(), part.begin(), part.end());
          input = input.subspan(part.size());
          reader.consumed(part.size());
          open = reader.fragment_left() != 0;
          go = !open;
        }
      }
    }
  }
  return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = fuzz::as_bytes(data, size);
  const auto whole = read_in_pieces(bytes, std::max<std::size_t>(size, 1));
  FUZZ_CHECK(read_in_pieces(bytes, 1) == whole);
  FUZZ_CHECK(read_in_pieces(bytes, 5) == whole);
  return 0;
}
