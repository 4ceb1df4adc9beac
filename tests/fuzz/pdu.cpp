// PDUs (PS3.8 §9.3): what decodes can be encoded, and encodes to the same again; any split reads alike.
#include "support.hpp"

#include <codicom/dul/pdu.hpp>
#include <codicom/dul/pdu_reader.hpp>

#include <algorithm>
#include <optional>
#include <system_error>
#include <vector>

namespace {

using namespace codicom;

// Everything that a reader makes of a stream fed `step` bytes at a time: counts and sizes.
std::vector<std::uint64_t> read_in_steps(byte_span bytes, std::size_t step) {
  std::vector<std::uint64_t> seen;
  dul::pdu_reader reader;
  while (!bytes.empty()) {
    auto part = bytes.first(std::min(step, bytes.size()));
    const auto size = part.size();
    for (bool more = false; !more;) {
      switch (reader.next(part)) {
        case dul::pdu_reader::need_more: more = true; break;
        case dul::pdu_reader::whole_pdu: seen.push_back(1000 + static_cast<std::uint64_t>(dul::type_of(reader.take()))); break;
        case dul::pdu_reader::fragment: {
          if (reader.fragment_left() == reader.header().size) seen.push_back(reader.header().size + (1ull << 40));
          const auto taken = std::min<std::size_t>(part.size(), reader.fragment_left());
          reader.consumed(taken);
          part = part.subspan(taken);
          more = part.empty();
          break;
        }
        case dul::pdu_reader::fault:
          seen.push_back(1ull << 50 | static_cast<std::uint64_t>(reader.error().code().value()));
          return seen;
      }
    }
    bytes = bytes.subspan(size);
  }
  return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = fuzz::as_bytes(data, size);
  static_cast<void>(read_in_steps(bytes, 1));
  static_cast<void>(read_in_steps(bytes, 4096));
  std::vector<std::byte> first;
  try {
    encode(dul::decode(bytes), first);
  } catch (const std::system_error&) {
    return 0;  // said so; nothing more is asked of what is no PDU
  }
  std::vector<std::byte> second;
  encode(dul::decode(first), second);
  FUZZ_CHECK(first == second);
  return 0;
}
