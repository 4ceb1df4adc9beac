#pragma once
#include <codicom/core/bytes.hpp>
#include <codicom/encoding/decoder.hpp>

#include <cstdint>
#include <vector>

namespace codicom::detail {

// A listener of `decoder` that notes where the items of the Directory Record Sequence begin.
class record_offsets {
 public:
  [[nodiscard]] static std::vector<std::uint64_t> of(byte_span data_set, wire_format format,
                                                     const decode_options& options = {}) {
    record_offsets noted;
    decoder<record_offsets> walk{noted, format, options};
    walk.feed(data_set);
    walk.finish();
    return std::move(noted.offsets_);
  }

  void on_element(const element_header&, byte_span) noexcept {}
  void on_value_begin(const element_header&) noexcept {}
  void on_value_bytes(byte_span) noexcept {}
  void on_value_end() noexcept {}
  void on_sequence_begin(const element_header& header) noexcept {
    if (depth_++ == 0) among_records_ = header.tag == element_tag{0x0004, 0x1220};
  }
  void on_item_begin(const element_header& header) {
    if (depth_ == 1 && among_records_) offsets_.push_back(header.offset);
  }
  void on_item_end() noexcept {}
  void on_sequence_end() noexcept { --depth_; }
  void on_fragments_begin(const element_header&) noexcept {}
  void on_fragment_begin(const element_header&) noexcept {}
  void on_fragment_end() noexcept {}
  void on_fragments_end() noexcept {}

 private:
  std::vector<std::uint64_t> offsets_;
  std::size_t depth_ = 0;
  bool among_records_ = false;
};

}  // namespace codicom::detail
