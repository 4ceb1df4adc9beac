#pragma once
#include <codicom/core/config.hpp>
#include <codicom/encoding/byte_transform.hpp>
#include <codicom/encoding/data_set_builder.hpp>
#include <codicom/encoding/data_set_reader.hpp>
#include <codicom/encoding/decoder.hpp>

#include <utility>

namespace codicom {

struct data_set_reader::state {
  state(wire_format format, const decode_options& options) : builder{options}, from{builder, format, options} {
    if (!format.deflated) return;
    inflater = detail::find_deflate_codec().make_inflater(options);
    builder.copy_everything();  // what is inflated does not last
  }

  std::size_t feed(byte_span input) {
    if (inflater != nullptr) return feed_deflated(input);
    if (from.offset() == 0) builder.expect(input.size());
    return from.feed(input);
  }

  decoded finish() {
    decoded result;
    if (inflater != nullptr) {
      while (!from.stopped()) {
        const auto piece = inflater->finish();
        if (piece.empty()) break;
        from.feed(piece);
      }
      result.diagnoses = inflater->take_diagnoses();
    }
    from.finish();
    result.consumed = inflater != nullptr ? deflated : from.offset();
    result.value = builder.take();
    for (auto& found : from.take_diagnoses()) result.diagnoses.push_back(std::move(found));
    for (auto& guess : builder.take_guessed()) result.diagnoses.push_back(std::move(guess));
    return result;
  }

  data_set_builder builder;
  decoder<data_set_builder> from;
  std::unique_ptr<byte_transform> inflater;  // of deflated syntaxes only
  std::uint64_t deflated = 0;                // bytes it has taken

 private:
  std::size_t feed_deflated(byte_span input) {
    const auto size = input.size();
    while (!from.stopped()) {
      const auto piece = inflater->next(input);
      if (piece.empty()) break;
      from.feed(piece);
    }
    const auto taken = size - input.size();
    deflated += taken;
    return taken;
  }
};

CODICOM_FUNCTION data_set_reader::data_set_reader(const unique_id& transfer_syntax, const decode_options& options)
    : data_set_reader{wire_format_of(transfer_syntax), options} {}
CODICOM_FUNCTION data_set_reader::data_set_reader(wire_format format, const decode_options& options)
    : state_{std::make_unique<state>(format, options)} {}
CODICOM_FUNCTION data_set_reader::~data_set_reader() = default;

CODICOM_FUNCTION std::size_t data_set_reader::feed(byte_span input) { return state_->feed(input); }
CODICOM_FUNCTION bool data_set_reader::stopped() const noexcept { return state_->from.stopped(); }
CODICOM_FUNCTION bool data_set_reader::at_boundary() const noexcept { return state_->from.at_boundary(); }
CODICOM_FUNCTION std::uint64_t data_set_reader::offset() const noexcept { return state_->from.offset(); }
CODICOM_FUNCTION wire_format data_set_reader::format() const noexcept { return state_->from.format(); }
CODICOM_FUNCTION const std::vector<diagnosis>& data_set_reader::diagnoses() const noexcept {
  return state_->from.diagnoses();
}
CODICOM_FUNCTION data_set data_set_reader::finish() { return std::move(state_->finish().value); }
CODICOM_FUNCTION decoded data_set_reader::finish_all() { return state_->finish(); }

CODICOM_FUNCTION decoded decode(byte_span bytes, wire_format format, const decode_options& options) {
  data_set_reader::state reader{format, options};
  reader.feed(bytes);
  return reader.finish();
}

CODICOM_FUNCTION decoded decode(byte_span bytes, const unique_id& transfer_syntax, const decode_options& options) {
  return decode(bytes, wire_format_of(transfer_syntax), options);
}

}  // namespace codicom
