#pragma once
#include <codicom/core/bytes.hpp>
#include <codicom/core/detail/inline.hpp>
#include <codicom/data_set/data_set.hpp>
#include <codicom/data_set/detail/access.hpp>
#include <codicom/encoding/decode_options.hpp>
#include <codicom/encoding/decoder.hpp>
#include <codicom/encoding/detail/stack.hpp>

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
  /// Refer to nothing, whatever the options say: what comes lives for the time of a call.
  void copy_everything() noexcept { owner_.reset(); }
  /// What has been built; the builder is empty afterwards.
  [[nodiscard]] data_set take();
  /// Elements of "US or SS" of the data set last taken that became US because nothing told (PS3.5 §A.1); no more than
  /// `limits.diagnoses`.
  [[nodiscard]] std::vector<diagnosis> take_guessed() noexcept { return std::move(guessed_); }

  CODICOM_ALWAYS_INLINE void on_element(const element_header& header, byte_span value);
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
    element_tag tag;
    vr value_representation;
    bool undefined_length;
    std::uint32_t first_waiting;
    std::size_t first_item;  // on the stack of items
  };
  // An element of "US or SS" that nothing has told about yet.
  struct waiting_element {
    element_tag tag;
    std::uint64_t offset;
  };
  // Those from one to another lie in a sequence.
  struct waiting_in_sequence {
    std::uint32_t first;
    std::uint32_t last;
    element_tag tag;
  };
  struct open_data_set {
    std::size_t first_element;     // on the stack of elements
    std::uint32_t last_tag;
    std::uint8_t inherited;        // character set
    std::uint8_t character_set;    // in force inside, so far
    bool undefined_length;
    bool sorted;
    bool undecided;                // holds "US or SS"
    std::uint32_t first_waiting;
  };
  // What grows with the data set and can serve the next one.
  struct stacks {
    std::vector<element> elements;  // room for them; those in use end at `top_`
    detail::stack<detail::data_set_image> items;
    detail::stack<open_sequence> sequences;
    detail::stack<open_data_set> data_sets;  // the root first
    std::vector<byte_span> fragments;
    std::vector<waiting_element> waiting;
    std::vector<waiting_in_sequence> waiting_in;
    void clear() noexcept {
      items.clear();
      sequences.clear();
      data_sets.clear();
      fragments.clear();
      waiting.clear();
      waiting_in.clear();
    }
  };
  [[nodiscard]] static std::unique_ptr<stacks>& spare_stacks() noexcept {
    thread_local std::unique_ptr<stacks> spare;
    return spare;
  }

  [[nodiscard]] detail::arena& memory() {
    if (arena_ == nullptr) [[unlikely]] make_memory();
    return *arena_;
  }
  void make_memory();
  void open_one(std::uint8_t character_set, bool undefined_length);
  [[nodiscard]] CODICOM_ALWAYS_INLINE element& push(element_tag tag);
  void grow_elements();
  [[nodiscard]] std::size_t element_count() const noexcept {
    return static_cast<std::size_t>(top_ - stacks_->elements.data());
  }
  void keep_elements(std::size_t count) noexcept { top_ = stacks_->elements.data() + count; }
  void put_long_value(element& e, bool big_endian, byte_span value);
  void note_character_set(byte_span value);
  static void sort(element* first, std::size_t count);
  [[nodiscard]] byte_span copy_of(byte_span bytes);
  void put_value(element& e, bool big_endian, byte_span value);
  void close_data_set(detail::data_set_image& image);
  void decide(element* first, element* last, bool is_signed) noexcept;
  void decide_all(data_set& root);
  void wait(const element_header& header);
  void stop_waiting(std::uint32_t first) noexcept;
  void report_waiting();

  static constexpr std::size_t own_block_from = 64 << 10;
  static constexpr std::size_t short_value = 256;  // less than that is copied without further thought

  std::size_t by_reference_from_;
  std::uint64_t arena_limit_;
  std::uint32_t most_diagnoses_;
  std::shared_ptr<const void> owner_;
  std::size_t expected_ = 0;
  detail::arena* arena_ = nullptr;
  std::unique_ptr<stacks> stacks_;
  element* top_;
  element* limit_;
  open_data_set* current_;          // the innermost
  bool undecided_left_ = false;
  std::uint32_t waiting_ = 0;       // that many elements of "US or SS"
  std::vector<diagnosis> guessed_;
  bool in_fragment_ = false;
  bool copied_fragment_ = false;    // a long one, of the pixel data at hand
  element_header pending_header_;
  std::vector<std::byte> pending_;  // a value or fragment that comes in pieces
};

}  // namespace codicom

#ifndef CODICOM_SEPARATE_COMPILATION
#include <codicom/encoding/impl/data_set_builder.hpp>
#endif
