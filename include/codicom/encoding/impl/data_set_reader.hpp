#pragma once
#include <codicom/encoding/data_set_reader.hpp>

#include <system_error>
#include <utility>

namespace codicom {

namespace detail {

[[nodiscard]] inline wire_format inflated_format(wire_format format) {
  if (format.deflated)
    throw std::system_error{errc::unsupported_transfer_syntax, "a deflated data set must be inflated first"};
  return format;
}

}  // namespace detail

inline data_set_reader::data_set_reader(const unique_id& transfer_syntax, const decode_options& options)
    : data_set_reader{wire_format_of(transfer_syntax), options} {}

inline data_set_reader::data_set_reader(wire_format format, const decode_options& options)
    : builder_{options}, decoder_{builder_, detail::inflated_format(format), options} {}

inline std::size_t data_set_reader::feed(byte_span input) {
  if (decoder_.offset() == 0) builder_.expect(input.size());
  return decoder_.feed(input);
}

inline data_set data_set_reader::finish() { return std::move(finish_all().value); }

inline decoded data_set_reader::finish_all() {
  decoder_.finish();
  decoded result;
  result.consumed = decoder_.offset();
  result.value = builder_.take();
  result.diagnoses = decoder_.take_diagnoses();
  for (const auto tag : builder_.guessed())
    result.diagnoses.push_back(
        {deviation::ambiguous_vr_guessed, 0, {tag}, "PS3.5 §A.1", "no Pixel Representation; read as US"});
  return result;
}

inline decoded decode(byte_span bytes, wire_format format, const decode_options& options) {
  data_set_reader reader{format, options};
  reader.feed(bytes);
  return reader.finish_all();
}

inline decoded decode(byte_span bytes, const unique_id& transfer_syntax, const decode_options& options) {
  return decode(bytes, wire_format_of(transfer_syntax), options);
}

}  // namespace codicom
