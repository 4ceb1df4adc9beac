// The DICOM JSON model (PS3.18 Annex F), read and written: what was read is written so that it reads the same again.
#include "support.hpp"

#include <codicom/encoding/data_set_reader.hpp>
#include <codicom/encoding/decode_json.hpp>
#include <codicom/encoding/encode_json.hpp>

#include <string>
#include <string_view>
#include <system_error>

namespace {

using namespace codicom;

json_decode_options small_options() {
  json_decode_options options;
  options.limits = fuzz::small_limits();
  options.bulk_data = [](std::string_view uri, element_tag, vr) -> std::optional<std::vector<std::byte>> {
    if (uri.empty()) return std::nullopt;
    return std::vector<std::byte>(as_bytes(uri).begin(), as_bytes(uri).end());
  };
  return options;
}

void check_round_trip(const data_set& d) {
  const auto json = encode_json(decode_json(encode_json(d)));  // what was odd is even, what was twice is once
  FUZZ_CHECK(json == encode_json(decode_json(json)));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = fuzz::as_bytes(data, size);
  static const auto options = small_options();
  try {
    check_round_trip(decode_json(as_text(bytes), options));
  } catch (const json_error& e) {
    FUZZ_CHECK(e.offset() <= size);
  } catch (const std::system_error& e) {
    FUZZ_CHECK(e.code() == errc::limit_exceeded);
  }
  try {
    for (const auto& d : decode_json_array(as_text(bytes), options)) check_round_trip(d);
  } catch (const std::system_error&) {
    // says why it cannot be read
  }
  // A data set as it comes from anywhere, which nobody has looked at before it is written.
  decode_options tolerant;
  tolerant.limits = fuzz::small_limits();
  try {
    check_round_trip(decode(bytes, wire_format{}, tolerant).value);
  } catch (const std::system_error& e) {
    FUZZ_CHECK(e.code() == errc::limit_exceeded);
  }
  return 0;
}
