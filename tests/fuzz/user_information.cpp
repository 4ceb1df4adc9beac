// PS3.7 §D.3.3: any bytes as the user information of an A-ASSOCIATE-RQ or -AC.
#include "support.hpp"

#include <codicom/dul.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

using namespace codicom;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0 || size > 60'000) return 0;
  const auto items = fuzz::as_bytes(data + 1, size - 1);
  const bool request = (data[0] & 1) == 0;

  std::vector<std::byte> bytes;
  byte_sink sink{bytes};
  sink.u8(static_cast<std::uint8_t>(request ? dul::pdu_type::a_associate_rq : dul::pdu_type::a_associate_ac)).u8(0);
  const auto pdu = sink.begin_length<std::uint32_t>();
  sink.u16(1).u16(0).text("ARCHIVE         CODICOM         ").fill(32);
  sink.u8(0x50).u8(0);
  const auto item = sink.begin_length<std::uint16_t>();
  sink.bytes(items);
  FUZZ_CHECK(sink.end_length<std::uint16_t>(item) && sink.end_length<std::uint32_t>(pdu));

  try {
    const auto value = dul::decode(bytes);
    std::vector<std::byte> out;
    dul::encode(value, out);
    const auto again = dul::decode(out);
    FUZZ_CHECK(request ? std::get<dul::a_associate_rq>(again) == std::get<dul::a_associate_rq>(value)
                       : std::get<dul::a_associate_ac>(again) == std::get<dul::a_associate_ac>(value));
  } catch (const association_error& e) {
    // Written again, items may be longer than they came (a common extended item regains its last field).
    FUZZ_CHECK(e.code() == errc::malformed_pdu || e.code() == errc::limit_exceeded ||
               e.code() == errc::invalid_argument);
  }
  return 0;
}
