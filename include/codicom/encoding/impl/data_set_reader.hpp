#pragma once
#include <codicom/core/config.hpp>
#include <codicom/encoding/data_set_reader.hpp>

#include <utility>

namespace codicom {

CODICOM_FUNCTION data_set_reader::data_set_reader(const unique_id& transfer_syntax, const decode_options& options)
    : data_set_reader{wire_format_of(transfer_syntax), options} {}

CODICOM_FUNCTION data_set_reader::data_set_reader(wire_format format, const decode_options& options)
    : builder_{options}, decoder_{builder_, format, options} {
  if (!format.deflated) return;
  inflater_ = detail::find_deflate_codec().make_inflater(options);
  builder_.copy_everything();  // what is inflated does not last
}

CODICOM_FUNCTION std::size_t data_set_reader::feed(byte_span input) {
  if (inflater_ != nullptr) return feed_deflated(input);
  if (decoder_.offset() == 0) builder_.expect(input.size());
  return decoder_.feed(input);
}

CODICOM_FUNCTION std::size_t data_set_reader::feed_deflated(byte_span input) {
  const auto size = input.size();
  while (!decoder_.stopped()) {
    const auto piece = inflater_->next(input);
    if (piece.empty()) break;
    decoder_.feed(piece);
  }
  const auto taken = size - input.size();
  deflated_ += taken;
  return taken;
}

CODICOM_FUNCTION data_set data_set_reader::finish() { return std::move(finish_all().value); }

CODICOM_FUNCTION decoded data_set_reader::finish_all() {
  decoded result;
  if (inflater_ != nullptr) {
    while (!decoder_.stopped()) {
      const auto piece = inflater_->finish();
      if (piece.empty()) break;
      decoder_.feed(piece);
    }
    result.diagnoses = inflater_->take_diagnoses();
  }
  decoder_.finish();
  result.consumed = inflater_ != nullptr ? deflated_ : decoder_.offset();
  result.value = builder_.take();
  for (auto& found : decoder_.take_diagnoses()) result.diagnoses.push_back(std::move(found));
  for (auto& guess : builder_.take_guessed()) result.diagnoses.push_back(std::move(guess));
  return result;
}

CODICOM_FUNCTION decoded decode(byte_span bytes, wire_format format, const decode_options& options) {
  data_set_reader reader{format, options};
  reader.feed(bytes);
  return reader.finish_all();
}

CODICOM_FUNCTION decoded decode(byte_span bytes, const unique_id& transfer_syntax, const decode_options& options) {
  return decode(bytes, wire_format_of(transfer_syntax), options);
}

}  // namespace codicom
