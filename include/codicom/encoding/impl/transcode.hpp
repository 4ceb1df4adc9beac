#pragma once
#include <codicom/core/config.hpp>
#include <codicom/dictionary/transfer_syntaxes.hpp>
#include <codicom/encoding/byte_transform.hpp>
#include <codicom/encoding/decoder.hpp>
#include <codicom/encoding/encode.hpp>
#include <codicom/encoding/transcode.hpp>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <optional>
#include <string>
#include <system_error>

namespace codicom {

namespace detail {

// JPIP leaves the pixels at a server: such an object stays one.
[[nodiscard]] constexpr int jpip_kind(const unique_id& syntax) noexcept {
  if (syntax == transfer_syntax::JPIPReferenced || syntax == transfer_syntax::JPIPReferencedDeflate) return 1;
  if (syntax == transfer_syntax::JPIPHTJ2KReferenced || syntax == transfer_syntax::JPIPHTJ2KReferencedDeflate) return 2;
  return 0;
}

[[nodiscard]] constexpr bool same_layout(wire_format a, wire_format b) noexcept {
  return a.explicit_vr == b.explicit_vr && a.big_endian == b.big_endian && a.encapsulated == b.encapsulated;
}

}  // namespace detail

CODICOM_FUNCTION bool is_transcodable(const unique_id& from, const unique_id& to) noexcept {
  if (from == to) return true;
  const auto* a = find_transfer_syntax(from);
  const auto* b = find_transfer_syntax(to);
  if (a == nullptr || b == nullptr || a->encapsulated || b->encapsulated || !a->file_or_dimse || !b->file_or_dimse)
    return false;
  if ((a->deflated || b->deflated) && !can_deflate()) return false;
  return detail::jpip_kind(from) == detail::jpip_kind(to);
}

// Listens to the decoder and writes what it hears. Output gathers in a buffer that goes to the sink when it is full;
// large values go by without stopping there.
class transcoder::machine {
 public:
  machine(sink output, const unique_id& from, const unique_id& to, const transcode_options& options)
      : sink_{std::move(output)},
        limits_{options.limits},
        repair_{options.repair},
        format_{wire_format_of(to)},
        explicit_vr_{format_.explicit_vr},
        big_endian_{format_.big_endian} {
    const auto source = wire_format_of(from);
    if (from == to && !repair_) return;
    decode_options how{options.mode};
    how.limits = options.limits;
    how.private_vr = options.private_vr;
    if (source.deflated) inflater_ = detail::find_deflate_codec().make_inflater(how);
    if (format_.deflated) deflater_ = detail::find_deflate_codec().make_deflater();
    if (!is_transcodable(from, to))
      throw std::system_error{errc::unsupported_transfer_syntax,
                              "from " + from.str() + " to " + to.str() + " is more than a matter of encoding"};
    if (detail::same_layout(source, format_) && !repair_) return;
    contexts_.emplace_back();
    grow(short_value);
    decoder_.emplace(*this, source, how);
  }

  void feed(byte_span input) {
    if (inflater_ == nullptr) return take(input);
    for (byte_span piece; !(piece = inflater_->next(input)).empty();) take(piece);
  }

  void finish() {
    if (inflater_ != nullptr)
      for (byte_span piece; !(piece = inflater_->finish()).empty();) take(piece);
    if (decoder_) {
      ending_ = true;
      decoder_->finish();
      if (cut_off_ && repair_) throw std::system_error{errc::truncated, "the data set is cut off inside a value"};
      leave_context(0);
      flush();
    }
    if (deflater_ != nullptr)
      for (byte_span piece; !(piece = deflater_->finish()).empty();) sink_(piece);
  }

  [[nodiscard]] std::vector<diagnosis> take_diagnoses() {
    std::vector<diagnosis> all;
    const auto append = [&all](std::vector<diagnosis> more) {
      all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
    };
    if (inflater_ != nullptr) append(inflater_->take_diagnoses());
    if (decoder_) append(decoder_->take_diagnoses());
    append(std::exchange(guessed_, {}));
    return all;
  }

  // --- what the decoder says

  void on_element(const element_header& header, byte_span value) {
    if (!begin_value(header)) return;
    value_left_ = 0;
    if (header.tag == pixel_representation) [[unlikely]] note_pixel_representation(value);
    put(value);
    end_value();
  }
  void on_value_begin(const element_header& header) {
    left_out_ = !begin_value(header);
    value_left_ = header.length;
    representation_size_ = 0;
    in_representation_ = header.tag == pixel_representation;
  }
  void on_value_bytes(byte_span bytes) {
    if (left_out_) return;
    value_left_ -= bytes.size();
    if (in_representation_) [[unlikely]]
      for (std::size_t i = 0; i < bytes.size() && representation_size_ < representation_.size(); ++i)
        representation_[representation_size_++] = bytes[i];
    put(bytes);
  }
  void on_value_end() {
    if (std::exchange(left_out_, false)) return;
    if (std::exchange(in_representation_, false))
      note_pixel_representation(byte_span{representation_}.first(representation_size_));
    end_value();
  }

  void on_sequence_begin(const element_header& header) {
    reach(header.tag);
    open_level(header);
    if (header.value_representation == vr::un) explicit_vr_ = big_endian_ = false;  // PS3.5 §6.2.2
  }
  void on_item_begin(const element_header& header) {
    open_level(header);
    contexts_.emplace_back().first_undecided = undecided_.size();
  }
  void on_item_end() {
    close_level(detail::item_delimiter_tag);
    leave_context(contexts_.size() - 1);
    contexts_.pop_back();
  }
  void on_sequence_end() { close_level(detail::sequence_delimiter_tag); }

  void on_fragments_begin(const element_header& header) {
    if (!format_.encapsulated)
      throw std::system_error{errc::invalid_argument,
                              to_string(header.tag) + " holds fragments, which this transfer syntax cannot"};
    reach(header.tag);
    put_header(header.tag, header.value_representation, element_header::undefined_length);
  }
  void on_fragment_begin(const element_header& header) {
    unit_ = 1;
    pads_ = header.length & 1u;
    padding_ = 0;
    value_left_ = header.length;
    put_item_tag(detail::item_tag, header.length + pads_);
  }
  void on_fragment_end() { end_value(); }
  void on_fragments_end() {
    if (!cut_off_) put_item_tag(detail::sequence_delimiter_tag, 0);
  }

 private:
  static constexpr element_tag pixel_representation{0x0028, 0x0103};
  static constexpr std::uint32_t beyond_all_tags = 0xFFFFFFFF;
  static constexpr std::size_t buffer_size = 64 << 10;
  static constexpr std::size_t short_value = 4096;
  static constexpr std::uint64_t delimited = ~std::uint64_t{0};

  // A sequence or an item.
  struct level {
    std::uint64_t end;    // of the output, where its length says that it ends, or `delimited`
    std::uint64_t bound;  // the least `end` of this level and those around it
    bool explicit_vr;     // around it, to come back to
    bool big_endian;
  };
  // What "US or SS" in a data set and in its items follow.
  struct context {
    std::uint32_t last_tag = 0;
    vr signedness = vr::none;         // what Pixel Representation said
    std::size_t first_undecided = 0;  // those from there on stand in this data set
    std::size_t waiting = 0;          // so many wait for this one
  };
  // "US" in the buffer that may become "SS".
  struct undecided {
    std::size_t letters;
    std::size_t waits_for;  // the context that may yet tell
    element_tag tag;
    std::uint64_t offset;
  };

  // --- output

  void take(byte_span piece) {
    if (decoder_) decoder_->feed(piece);
    else emit(piece);
  }
  void emit(byte_span bytes) {
    flushed_ += bytes.size();
    if (bytes.empty()) return;
    if (deflater_ == nullptr) return sink_(bytes);
    for (byte_span piece; !(piece = deflater_->next(bytes)).empty();) sink_(piece);
  }
  [[nodiscard]] std::uint64_t written() const noexcept { return flushed_ + used_; }
  // All but the start of a word whose rest has not come yet.
  void flush() {
    const auto ready = used_ - half_word_;
    emit({buffer_.get(), ready});
    if (half_word_ != 0) std::memmove(buffer_.get(), buffer_.get() + ready, half_word_);
    used_ = half_word_;
  }
  // Where `size` bytes can be written, behind what is in the buffer.
  [[nodiscard]] CODICOM_ALWAYS_INLINE std::byte* room(std::size_t size) {
    if (size > room_ - used_) [[unlikely]] make_room(size);
    return buffer_.get() + used_;
  }
  CODICOM_COLD void make_room(std::size_t size) {
    if (used_ + size + undecided_.size() * sizeof(undecided) > limits_.held_bytes) guess_all();
    if (undecided_.empty() && room_ >= buffer_size) flush();
    if (size > room_ - used_) grow(std::max({room_ * 2, used_ + size, buffer_size}));
  }
  void grow(std::size_t size) {
    auto larger = std::make_unique_for_overwrite<std::byte[]>(size);
    if (used_ != 0) std::memcpy(larger.get(), buffer_.get(), used_);
    buffer_ = std::move(larger);
    room_ = size;
  }

  void put_header(element_tag tag, vr v, std::uint32_t length) {
    using encoding = detail::encoding;
    std::byte* const at = room(12);
    const auto e = detail::data_set_access::make(tag, v);
    std::byte* const end = !explicit_vr_  ? encoding::put_header<false, std::endian::little>(at, e, length)
                           : big_endian_ ? encoding::put_header<true, std::endian::big>(at, e, length)
                                         : encoding::put_header<true, std::endian::little>(at, e, length);
    used_ += static_cast<std::size_t>(end - at);
  }
  void put_item_tag(std::uint32_t tag, std::uint32_t length) {
    using encoding = detail::encoding;
    std::byte* const at = room(8);
    if (big_endian_) store_be(encoding::put_tag<std::endian::big>(at, element_tag{tag}), length);
    else store_le(encoding::put_tag<std::endian::little>(at, element_tag{tag}), length);
    used_ += 8;
  }

  // --- values

  // False: the element is left out.
  [[nodiscard]] bool begin_value(const element_header& header) {
    reach(header.tag);
    if (header.tag.is_group_length() && !keeps_lengths()) [[unlikely]] return false;
    vr v = header.value_representation;
    pads_ = bound() == delimited ? header.length & 1u : 0u;
    const auto length = header.length + pads_;
    if (is_ambiguous(v)) [[unlikely]] {
      const bool signed_or_not = v == vr::us_or_ss;
      v = signed_or_not ? vr::us : vr::ow;
      if (signed_or_not && explicit_vr_ && length <= 0xFFFF) v = signedness_of(header);
    }
    const bool as_un = explicit_vr_ && !has_long_form(v) && length > 0xFFFF;
    padding_ = padding(v);
    from_big_endian_ = header.big_endian;
    unit_ = header.big_endian != (big_endian_ && !as_un) ? unit_size(v) : 1;
    put_header(header.tag, v, length);
    return true;
  }
  void put(byte_span bytes) {
    if (unit_ != 1) return put_swapped(bytes);
    if (bytes.size() <= short_value) return append(bytes);
    if (undecided_.empty()) {
      flush();
      return emit(bytes);
    }
    for (; !bytes.empty(); bytes = bytes.subspan(std::min(bytes.size(), short_value)))
      append(bytes.first(std::min(bytes.size(), short_value)));
  }
  void put_swapped(byte_span bytes) {
    while (!bytes.empty()) {
      const auto piece = bytes.first(std::min(bytes.size(), short_value));
      append(piece);
      const auto size = piece.size() + half_word_;
      half_word_ = 0;
      detail::swap_words(buffer_.get() + used_ - size, size / unit_ * unit_, unit_);
      half_word_ = size % unit_;
      bytes = bytes.subspan(piece.size());
    }
  }
  void append(byte_span bytes) {
    if (bytes.empty()) return;
    std::memcpy(room(bytes.size()), bytes.data(), bytes.size());
    used_ += bytes.size();
  }
  void end_value() {
    half_word_ = 0;
    if (value_left_ != 0) {  // cut off: whatever followed would be read as the rest of it
      cut_off_ = true;
    } else if (pads_ != 0) {
      *room(1) = static_cast<std::byte>(padding_);
      ++used_;
    }
  }

  // --- sequences and items

  // Headers come and go with the same size.
  [[nodiscard]] bool keeps_lengths() const noexcept {
    return !repair_ && decoder_->format().explicit_vr == format_.explicit_vr;
  }
  [[nodiscard]] std::uint64_t bound() const noexcept { return levels_.empty() ? delimited : levels_.back().bound; }

  void open_level(const element_header& header) {
    const bool is_item = header.tag.value == detail::item_tag;
    level l{delimited, bound(), explicit_vr_, big_endian_};
    // In implicit VR its tag would make it a group length, which is left out when it is read again.
    const bool hidden = !explicit_vr_ && header.tag.is_group_length() && !keeps_lengths();
    auto length = header.length;
    if ((length == 0 && !hidden) || (length != element_header::undefined_length && keeps_lengths())) {
      const auto begin = written() + (is_item || !explicit_vr_ ? 8 : 12);
      l.end = std::min(begin + length, std::max(l.bound, begin));
      l.bound = std::min(l.bound, l.end);
      length = static_cast<std::uint32_t>(l.end - begin);
    } else {
      length = element_header::undefined_length;
    }
    levels_.push_back(l);
    if (is_item) put_item_tag(detail::item_tag, length);
    else put_header(header.tag, header.value_representation, length);
  }
  void close_level(std::uint32_t delimiter) {
    const level l = levels_.back();
    levels_.pop_back();
    if (l.end != delimited && l.end != written() && !ending_)
      throw std::system_error{errc::malformed_data_set,
                              "a length that lies, before offset " + std::to_string(decoder_->offset()) +
                                  ", cannot stay as it is: set transcode_options::repair"};
    if (l.end == delimited && !cut_off_) put_item_tag(delimiter, 0);
    explicit_vr_ = l.explicit_vr;
    big_endian_ = l.big_endian;
  }

  // --- US or SS

  void reach(element_tag tag) {
    auto& here = contexts_.back();
    here.last_tag = std::max(here.last_tag, tag.value);
    if (here.waiting != 0 && tag > pixel_representation) [[unlikely]] settle(contexts_.size() - 1);
  }
  // From that data set outwards, the one that tells or may yet tell; else the root.
  [[nodiscard]] std::size_t teller_from(std::size_t depth) const noexcept {
    while (depth != 0 && contexts_[depth].signedness == vr::none &&
           contexts_[depth].last_tag > pixel_representation.value)
      --depth;
    return depth;
  }
  [[nodiscard]] bool may_yet_tell(const context& c) const noexcept {
    return c.signedness == vr::none && c.last_tag <= pixel_representation.value;
  }
  // Of an element whose header is written next.
  [[nodiscard]] vr signedness_of(const element_header& header) {
    const auto teller = teller_from(contexts_.size() - 1);
    auto& told = contexts_[teller];
    if (may_yet_tell(told)) {
      static_cast<void>(room(12));  // the header will stand where it is written: here
      undecided_.push_back({used_ + 4, teller, header.tag, header.offset});
      ++told.waiting;
      return vr::us;
    }
    if (told.signedness == vr::none) guess(header.tag, header.offset);
    return told.signedness == vr::ss ? vr::ss : vr::us;
  }
  void note_pixel_representation(byte_span value) {
    if (value.size() < 2) return;
    const auto number = from_big_endian_ ? load_be<std::uint16_t>(value.data()) : load_le<std::uint16_t>(value.data());
    contexts_.back().signedness = number == 1 ? vr::ss : vr::us;
    settle(contexts_.size() - 1);
  }
  void leave_context(std::size_t depth) {
    contexts_[depth].last_tag = beyond_all_tags;
    settle(depth);
  }
  // That context has told, or will not tell any more: those that waited for it are decided, or turn to one further out.
  void settle(std::size_t depth) {
    auto& here = contexts_[depth];
    if (here.waiting == 0) return;
    here.waiting = 0;
    const auto teller = teller_from(depth);
    auto& told = contexts_[teller];
    const bool wait_on = may_yet_tell(told);
    const auto decided = [&](undecided& each) {
      if (each.waits_for != depth) return false;
      if (wait_on) {
        each.waits_for = teller;
        ++told.waiting;
        return false;
      }
      if (told.signedness == vr::none) guess(each.tag, each.offset);
      if (told.signedness == vr::ss) buffer_[each.letters] = std::byte{'S'};
      return true;
    };
    const auto first = undecided_.begin() + static_cast<std::ptrdiff_t>(here.first_undecided);
    undecided_.erase(std::remove_if(first, undecided_.end(), decided), undecided_.end());
  }
  void guess(element_tag tag, std::uint64_t offset) {
    if (guessed_.size() < limits_.diagnoses)
      guessed_.push_back({deviation::ambiguous_vr_guessed, offset, {tag}, "PS3.5 §A.1", "no Pixel Representation; written as US"});
  }
  void guess_all() {
    for (const auto& each : undecided_) guess(each.tag, each.offset);
    undecided_.clear();
    for (auto& c : contexts_) c.waiting = c.first_undecided = 0;
  }

  sink sink_;
  codicom::limits limits_;
  bool repair_;
  wire_format format_;  // of the output
  std::unique_ptr<byte_transform> inflater_;
  std::unique_ptr<byte_transform> deflater_;
  std::optional<decoder<machine>> decoder_;  // none where bytes just pass

  std::unique_ptr<std::byte[]> buffer_;  // small, and not cleared, until more comes: many data sets are tiny
  std::size_t room_ = 0;
  std::size_t used_ = 0;
  std::uint64_t flushed_ = 0;

  bool explicit_vr_;  // here
  bool big_endian_;
  std::vector<level> levels_;
  bool ending_ = false;

  // the value at hand
  std::size_t unit_ = 1;       // of words to swap
  std::size_t half_word_ = 0;  // bytes of one that is not complete, at the end of the buffer
  std::uint32_t pads_ = 0;
  char padding_ = 0;
  bool from_big_endian_ = false;
  bool left_out_ = false;
  bool cut_off_ = false;
  std::uint64_t value_left_ = 0;

  std::vector<context> contexts_;
  std::vector<undecided> undecided_;
  std::vector<diagnosis> guessed_;
  bool in_representation_ = false;
  std::array<std::byte, 2> representation_{};
  std::size_t representation_size_ = 0;
};

CODICOM_FUNCTION transcoder::transcoder(sink output, const unique_id& from, const unique_id& to, const transcode_options& options)
    : machine_{std::make_unique<machine>(std::move(output), from, to, options)} {}
CODICOM_FUNCTION transcoder::transcoder(transcoder&&) noexcept = default;
CODICOM_FUNCTION transcoder& transcoder::operator=(transcoder&&) noexcept = default;
CODICOM_FUNCTION transcoder::~transcoder() = default;

CODICOM_FUNCTION void transcoder::feed(byte_span input) { machine_->feed(input); }
CODICOM_FUNCTION void transcoder::finish() { machine_->finish(); }
CODICOM_FUNCTION std::vector<diagnosis> transcoder::take_diagnoses() { return machine_->take_diagnoses(); }

CODICOM_FUNCTION std::vector<std::byte> transcode(byte_span bytes, const unique_id& from, const unique_id& to,
                                        const transcode_options& options) {
  std::vector<std::byte> all;
  transcoder between{[&all](byte_span piece) { all.insert(all.end(), piece.begin(), piece.end()); }, from, to, options};
  between.feed(bytes);
  between.finish();
  return all;
}

}  // namespace codicom
