#pragma once
#include <codicom/core/bytes.hpp>
#include <codicom/data_set/data_set.hpp>
#include <codicom/encoding/decode_options.hpp>
#include <codicom/encoding/decoder.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace codicom {

/// A listener of `decoder` that makes a data set of what it hears.
class data_set_builder {
 public:
  explicit data_set_builder(const decode_options& options = {});
  data_set_builder(const data_set_builder&) = delete;
  data_set_builder& operator=(const data_set_builder&) = delete;
  ~data_set_builder();

  /// About so many bytes are in hand: sizes the first piece of memory. Once, before the first event.
  void expect(std::size_t bytes);
  /// What has been built; the builder is empty afterwards.
  [[nodiscard]] data_set take();

  void on_element(const element_header& header, byte_span value);
  void on_value_begin(const element_header& header);
  void on_value_bytes(byte_span bytes);
  void on_value_end();
  void on_sequence_begin(const element_header& header);
  void on_item_begin(const element_header& header);
  void on_item_end();
  void on_sequence_end();
  void on_fragments_begin(const element_header& header);
  void on_fragment_begin(const element_header& header);
  void on_fragment_end();
  void on_fragments_end();

 private:
  struct open_sequence {
    element_header header;
    std::size_t first_item;  // on the stack of items
  };
  struct open_item {
    std::size_t first_element;  // on the stack of elements
    std::uint8_t character_set;  // in force inside, so far
    std::uint8_t inherited;
    bool undefined_length;
    bool sorted;
    bool has_ambiguous;
  };

  [[nodiscard]] detail::arena& memory();
  void add_value(const element_header& header, byte_span value, std::shared_ptr<const void> owner);
  void push(const element& e);
  void close_data_set(data_set& into, const open_item& from);
  void resolve_ambiguous(data_set& root);

  std::size_t by_reference_from_;
  std::uint64_t value_limit_;
  std::uint64_t arena_limit_;
  std::shared_ptr<const void> owner_;
  std::size_t expected_ = 0;
  detail::arena* arena_ = nullptr;
  std::vector<element> elements_;
  std::vector<detail::data_set_image> items_;
  std::vector<open_sequence> sequences_;
  std::vector<open_item> open_items_;
  open_item current_{0, 0, 0, false, true, false};
  bool ambiguous_left_ = false;
  std::vector<byte_span> fragments_;
  element_header value_header_;
  std::vector<std::byte> pending_;  // a value, or all fragments, that come in pieces
};

}  // namespace codicom

#include <codicom/encoding/impl/data_set_builder.hpp>
