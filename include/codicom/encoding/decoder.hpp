#pragma once
#include <codicom/core/bytes.hpp>
#include <codicom/core/detail/inline.hpp>
#include <codicom/core/diagnosis.hpp>
#include <codicom/core/error.hpp>
#include <codicom/core/tag.hpp>
#include <codicom/core/vr.hpp>
#include <codicom/encoding/decode_options.hpp>
#include <codicom/encoding/detail/stack.hpp>
#include <codicom/encoding/wire_format.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace codicom {

/// What stands before a value (PS3.5 §7.1.2, §7.1.3).
struct element_header {
  static constexpr std::uint32_t undefined_length = 0xFFFFFFFF;

  element_tag tag;
  vr value_representation = vr::un;  ///< of implicit VR: the dictionary's, which may be ambiguous
  bool big_endian = false;           ///< the words of the value are
  std::uint32_t length = 0;          ///< of the value in bytes, or `undefined_length`
  std::uint64_t offset = 0;          ///< of the header, from the start of the data set
};

enum class decoder_state : std::uint8_t {
  more,     ///< at or inside an element; `finish` tells whether the data set may end here
  stopped,  ///< before the element that the options name
};

/// Walks an encoded data set that is fed in any split of bytes, and tells a listener what it meets. Holds no input but
/// a header that is not complete yet (and the names of private creators, when their elements are to be looked up), takes no memory by a length field, and goes to any depth without recursion.
///
/// `Listener` has these members, called in the order of the data set:
///
///     void on_element(const element_header&, byte_span value);   // fed in one piece, the header right before it
///     void on_value_begin(const element_header&);                // a value that comes in pieces,
///     void on_value_bytes(byte_span);                            //   ... any number of these,
///     void on_value_end();                                       //   fewer bytes than announced when the input ends
///     void on_sequence_begin(const element_header&);
///     void on_item_begin(const element_header&);                 // tag (FFFE,E000)
///     void on_item_end();
///     void on_sequence_end();
///     void on_fragments_begin(const element_header&);            // encapsulated pixel data (PS3.5 §A.4);
///     void on_fragment_begin(const element_header&);             //   then on_value_bytes
///     void on_fragment_end();
///     void on_fragments_end();
///
/// Words of big-endian values come as they are. Errors: errc::limit_exceeded; of strict decoding
/// errc::malformed_data_set and errc::truncated, with tag and offset. After an error nothing more may be fed.
template <class Listener>
class decoder {
 public:
  /// `listener` must outlive the decoder. Deflated syntaxes are fed inflated.
  decoder(Listener& listener, wire_format format, const decode_options& options = {});

  /// Bytes taken from `input`: all of them, unless `stopped()`.
  std::size_t feed(byte_span input);
  /// The input ends here: closes what is open. Nothing more may be fed.
  void finish();

  [[nodiscard]] bool stopped() const noexcept { return state_ == decoder_state::stopped; }
  /// Between two elements of the root: the data set may end here.
  [[nodiscard]] bool at_boundary() const noexcept { return levels_.empty() && !in_value_ && carried_ == 0; }
  /// Up to where the data set is understood; when stopped, the start of the element that stopped it.
  [[nodiscard]] std::uint64_t offset() const noexcept { return offset_; }
  /// The format of the root, which can differ from the one that was announced (a deviation).
  [[nodiscard]] wire_format format() const noexcept { return root_format_; }

  [[nodiscard]] const std::vector<diagnosis>& diagnoses() const noexcept { return diagnoses_; }
  [[nodiscard]] std::vector<diagnosis> take_diagnoses() noexcept { return std::move(diagnoses_); }
  /// Also those beyond `limits.diagnoses`.
  [[nodiscard]] std::uint64_t diagnosis_count() const noexcept { return diagnosis_count_; }

 private:
  enum class level_kind : std::uint8_t { sequence, item, fragments };
  struct level {
    std::uint64_t end;     // offset where a defined length ends; no_end when undefined
    std::uint64_t bound;   // the least `end` of this level and those around it
    element_tag tag;       // of the sequence
    level_kind kind;
    bool explicit_vr;      // around the sequence, to come back to
    bool big_endian;
    bool undecided;        // said to be implicit VR inside, of which no element has been seen yet
  };
  static constexpr std::uint64_t no_end = ~std::uint64_t{0};
  enum class content : std::uint8_t { value, items, no_items, items_of_unknown, out_of_reach };
  enum class header_oddity : std::uint8_t { none, unknown_vr, implicit };
  // A group length (gggg,0000) of a data set that is open, whose group has not ended yet.
  struct open_group {
    std::size_t depth;     // levels around the data set
    element_tag tag;
    std::uint32_t length;  // that it says
    std::uint64_t offset;
    std::uint64_t start;   // of what it counts
  };
  struct private_creator {
    std::size_t depth;
    element_tag tag;
    std::string name;
  };

  const std::byte* walk(const std::byte* at, const std::byte* end);
  template <bool Explicit, bool Big>
  const std::byte* run(const std::byte* at, const std::byte* end);
  template <bool Explicit, bool Big>
  const std::byte* run_plain(const std::byte* at, const std::byte* end);
  template <bool Explicit, bool Big>
  bool read_header(const std::byte* from, std::size_t available, element_header& header, std::size_t& size);
  void take_header(element_header header, std::size_t size, content what);
  void take_item_tag(const element_header& header, std::size_t size);
  void take_undefined_length(element_header header);
  CODICOM_ALWAYS_INLINE void push(level_kind kind, element_tag tag, std::uint64_t end, std::uint64_t bound, bool undecided);
  void open_level(level_kind kind, element_tag tag, std::uint64_t end, bool undecided);
  void open_sequence(const element_header& header);
  void close_level();
  CODICOM_COLD void forget_level();
  void close_ended_levels();
  [[nodiscard]] static const char* what_ends(level_kind kind) noexcept;
  void end_value();
  [[nodiscard]] bool reach(std::size_t needed, std::size_t available) noexcept;
  [[nodiscard]] content look_at_value(const element_header& header, const std::byte* value, std::size_t available);
  [[nodiscard]] content look_at_unknown(const element_header& header, const std::byte* value, std::size_t available);
  CODICOM_COLD void begin_group(const element_header& header, std::uint32_t length);
  CODICOM_COLD void end_group(std::uint64_t offset);
  [[nodiscard]] bool is_named_creator(const element_header& header) const noexcept {
    return private_vr_ != nullptr && header.tag.is_private_creator();
  }
  CODICOM_COLD void note_creator(element_tag tag, byte_span piece);
  [[nodiscard]] vr private_vr(element_tag tag) const noexcept;
  CODICOM_COLD void detect_format(const std::byte* start);
  CODICOM_COLD void detect_format_in_sequence(const std::byte* from);
  CODICOM_COLD void deviates(deviation what, element_tag tag, std::uint64_t offset, std::string_view section, std::string detail = {});
  [[noreturn]] void exceeds(const char* limit) const;
  [[nodiscard]] bool wanted(std::uint32_t tag) const noexcept { return tag - first_wanted_ < wanted_here_; }

  Listener* listener_;
  codicom::limits limits_;
  strictness mode_;
  private_vr_lookup private_vr_;
  std::uint32_t first_wanted_ = 0;  // tag of the root: the first that is wanted,
  std::uint64_t wanted_;            // and how many from there on are
  std::uint64_t wanted_here_;       // the same in the root, all in an item
  wire_format root_format_;

  decoder_state state_ = decoder_state::more;
  bool explicit_vr_;
  bool big_endian_;
  bool in_value_ = false;
  bool in_fragment_ = false;
  bool elements_stand_here_ = true; // else items, fragments or delimiters
  bool undecided_ = true;           // the format: look at the next element
  bool starved_ = false;            // what is left is too little to go on
  bool ended_ = false;              // nothing more will come
  header_oddity oddity_ = header_oddity::none;  // of the last header
  std::array<char, 2> odd_vr_{};
  std::uint64_t offset_ = 0;
  std::uint64_t bound_ = no_end;    // of the innermost level
  std::uint64_t root_plain_end_;      // first tag of the root that `run_plain` leaves to others
  std::uint64_t group_end_ = no_end;  // first tag behind the group whose length is to be compared
  std::size_t remembered_ = 0;        // groups and creators
  std::uint64_t value_left_ = 0;
  std::uint64_t skip_ = 0;          // bytes that nobody can make sense of
  std::int64_t last_tag_ = -1;      // the highest so far in the data set at hand
  std::uint32_t elements_ = 0;
  std::uint32_t fragments_ = 0;
  element_header current_;
  std::array<std::byte, 32> carry_{};  // a header, and what must be seen of its value
  std::size_t carried_ = 0;
  detail::stack<level> levels_;
  std::vector<open_group> groups_;
  std::vector<private_creator> creators_;
  std::vector<diagnosis> diagnoses_;
  std::uint64_t diagnosis_count_ = 0;
};

}  // namespace codicom

#include <codicom/encoding/impl/decoder.hpp>
