#pragma once
#include <codicom/core/bytes.hpp>
#include <codicom/core/diagnosis.hpp>
#include <codicom/core/unique_id.hpp>
#include <codicom/data_set/data_set.hpp>

#include <compare>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <span>
#include <vector>

namespace codicom {

namespace detail {

// Frame i has the fragments from first[i] up to first[i + 1]; its length, when known, without padding.
struct frame_index {
  std::vector<std::uint32_t> first;
  std::vector<std::uint64_t> lengths;

  [[nodiscard]] std::size_t size() const noexcept { return first.empty() ? 0 : first.size() - 1; }
};

}  // namespace detail

/// What the attributes of an image say of the size of its frames (PS3.3 §C.7.6.3, PS3.5 §8).
class frame_format {
 public:
  frame_format() = default;
  explicit frame_format(const data_set& image);

  std::uint16_t rows = 0;
  std::uint16_t columns = 0;
  std::uint16_t samples_per_pixel = 1;
  std::uint16_t bits_allocated = 0;               ///< for a sample
  std::optional<std::uint32_t> number_of_frames;  ///< nothing when the image does not say; then it is one frame
  /// Of native pixel data: YBR_FULL_422 keeps two samples for a pixel, not three (PS3.3 §C.7.6.3.1.2).
  std::uint32_t bits_per_pixel = 0;

  /// Of a native frame. Frames follow each other without padding between them, also those of single bits.
  [[nodiscard]] std::uint64_t frame_bits() const noexcept {
    return std::uint64_t{rows} * columns * bits_per_pixel;
  }
  [[nodiscard]] std::uint64_t frame_bytes() const noexcept { return (frame_bits() + 7) / 8; }
};

/// The bytes of one frame: a view, that lasts until the data set they are in changes.
class frame {
 public:
  frame() = default;
  frame(std::span<const byte_span> pieces, std::uint64_t size) noexcept : pieces_{pieces}, size_{size} {}
  frame(byte_span native, std::uint64_t size, unsigned first_bit) noexcept
      : native_{native}, size_{size}, first_bit_{first_bit} {}

  /// In bytes; that of the padding byte at the end of a fragment included, unless an extended offset table tells.
  [[nodiscard]] std::size_t size() const noexcept { return static_cast<std::size_t>(size_); }
  /// A native frame has one piece, an encapsulated one as many as it has fragments.
  [[nodiscard]] std::size_t piece_count() const noexcept { return pieces_.empty() ? 1 : pieces_.size(); }
  [[nodiscard]] byte_span piece(std::size_t number) const noexcept;
  /// A native frame of single bits may begin inside its first byte: bit 0 is the least significant (PS3.5 §8.1.1).
  [[nodiscard]] unsigned first_bit() const noexcept { return first_bit_; }

  /// The frame in one piece that begins with a whole byte. Where it does not lie like that, it is put together in `room`.
  [[nodiscard]] byte_span bytes(std::vector<std::byte>& room) const;
  [[nodiscard]] std::vector<std::byte> copy() const;

 private:
  std::span<const byte_span> pieces_;
  byte_span native_;
  std::uint64_t size_ = 0;
  unsigned first_bit_ = 0;
};

/// The frames of an image as a range: of native pixel data, Float and Double Float Pixel Data included, and of
/// encapsulated pixel data (PS3.5 §A.4), where each frame has one or several fragments.
///
///     for (const frame& f : frames{file.value, file.meta.transfer_syntax_uid}) use(f.bytes(room));
///
/// Which fragments make a frame is told by the extended or the basic offset table; without one by the number of
/// fragments, when there are as many as frames, and else by where codestreams begin (JPEG, JPEG-LS, JPEG 2000, JPEG XL,
/// RLE). A table that does not fit is put right or passed over, with a diagnosis. Nothing is copied, and native pixel
/// data are not looked at. Frames that cannot be told apart are left out, with a diagnosis.
class frames {
 public:
  class iterator;

  /// `image` must outlive this, and not change. By the transfer syntax one knows a video, whose stream stands for one
  /// frame as it has no border between frames (PS3.5 §8.2.5 and following).
  explicit frames(const data_set& image, const unique_id& transfer_syntax = {});
  explicit frames(const data_set&& image, const unique_id& transfer_syntax = {}) = delete;

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  [[nodiscard]] frame operator[](std::size_t number) const noexcept;
  [[nodiscard]] iterator begin() const noexcept;
  [[nodiscard]] iterator end() const noexcept;

  [[nodiscard]] const frame_format& format() const noexcept { return format_; }
  [[nodiscard]] bool is_encapsulated() const noexcept { return !fragments_.empty(); }
  [[nodiscard]] const std::vector<diagnosis>& diagnoses() const noexcept { return diagnoses_; }

 private:
  frame_format format_;
  std::size_t size_ = 0;
  byte_span native_;
  std::span<const byte_span> fragments_;  // without the basic offset table
  std::vector<std::uint32_t> first_;      // fragment of each frame, and behind the last
  std::vector<std::uint64_t> lengths_;    // of an extended offset table
  std::vector<diagnosis> diagnoses_;
};

class frames::iterator {
 public:
  using value_type = frame;
  using difference_type = std::ptrdiff_t;
  using iterator_category = std::input_iterator_tag;

  iterator() = default;
  iterator(const frames& of, std::size_t at) noexcept : of_{&of}, at_{at} {}

  [[nodiscard]] frame operator*() const noexcept { return (*of_)[at_]; }
  iterator& operator++() noexcept {
    ++at_;
    return *this;
  }
  iterator operator++(int) noexcept {
    const auto before = *this;
    ++at_;
    return before;
  }
  friend bool operator==(const iterator& a, const iterator& b) noexcept { return a.at_ == b.at_; }

 private:
  const frames* of_ = nullptr;
  std::size_t at_ = 0;
};

inline frames::iterator frames::begin() const noexcept { return {*this, 0}; }
inline frames::iterator frames::end() const noexcept { return {*this, size_}; }

/// How the frames of encapsulated pixel data can be found without walking through them.
enum class offset_table : std::uint8_t {
  none,
  basic,     ///< PS3.5 §A.4: 32-bit offsets
  extended,  ///< (7FE0,0001) and (7FE0,0002), PS3.3 §C.7.6.3.1.8: 64-bit offsets, and the lengths without padding
};

/// Make Pixel Data of compressed frames, a fragment for each, padded to even length, and set Number of Frames. The data
/// set is to be written in the transfer syntax of that compression. errc::invalid_argument for frames that are too long
/// for a fragment, or too many for the basic offset table.
void set_encapsulated_frames(data_set& image, std::span<const byte_span> frames,
                                    offset_table table = offset_table::basic);

}  // namespace codicom

#ifndef CODICOM_SEPARATE_COMPILATION
#include <codicom/encoding/impl/frames.hpp>
#endif
