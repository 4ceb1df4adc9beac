#pragma once
#include <codicom/core/config.hpp>
#include <codicom/core/error.hpp>
#include <codicom/dictionary/tags.hpp>
#include <codicom/dictionary/transfer_syntaxes.hpp>
#include <codicom/encoding/detail/frame_finder.hpp>
#include <codicom/encoding/frames.hpp>

#include <algorithm>
#include <array>
#include <limits>
#include <string>
#include <system_error>
#include <utility>

namespace codicom {

namespace detail {

class fragments_in_memory {
 public:
  explicit fragments_in_memory(std::span<const byte_span> fragments) noexcept : fragments_{fragments} {}
  [[nodiscard]] std::size_t count() const noexcept { return fragments_.size(); }
  [[nodiscard]] std::uint64_t size(std::size_t i) const noexcept { return fragments_[i].size(); }
  [[nodiscard]] byte_span head(std::size_t i) const noexcept {
    return fragments_[i].first(std::min<std::size_t>(fragments_[i].size(), 64));
  }
  [[nodiscard]] byte_span tail(std::size_t i) const noexcept {
    return fragments_[i].last(std::min<std::size_t>(fragments_[i].size(), 3));
  }

 private:
  std::span<const byte_span> fragments_;
};

// Bits from `first_bit` of the first byte on, moved to where bit 0 is.
inline void shift_bits(std::span<std::byte> bytes, unsigned first_bit) noexcept {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto next = i + 1 < bytes.size() ? bytes[i + 1] : std::byte{0};
    bytes[i] = bytes[i] >> first_bit | next << (8 - first_bit);
  }
}

// How many frames native pixel data of so many bytes hold; the last may be cut short.
[[nodiscard]] inline std::uint64_t count_native_frames(const frame_format& format, std::uint64_t bytes, element_tag where,
                                                       std::vector<diagnosis>& diagnoses) {
  const auto deviates = [&](deviation what, std::string detail) {
    diagnoses.push_back({what, diagnosis::no_offset, {where}, "PS3.5 §8.1.1", std::move(detail)});
  };
  if (bytes == 0) return 0;
  const auto bits = format.frame_bits();
  if (bits == 0) {
    deviates(deviation::missing_element, "Rows, Columns or Bits Allocated");
    return 0;
  }
  const std::uint64_t announced = format.number_of_frames.value_or(1);
  const auto there = bytes / bits >= (std::uint64_t{1} << 60) ? bytes / bits : bytes * 8 / bits;
  if (there < announced) {
    deviates(deviation::truncated_value,
             std::to_string(there) + " whole frames of " + std::to_string(announced));
    return there + (there * bits < bytes * 8 ? 1 : 0);
  }
  if (const auto needed = (announced * bits + 7) / 8; bytes > needed + 1)
    deviates(deviation::trailing_bytes, std::to_string(bytes - needed) + " bytes behind the last frame");
  return announced;
}

}  // namespace detail

CODICOM_FUNCTION frame_format::frame_format(const data_set& image)
    : rows{image.get(tag::Rows).value_or(0)},
      columns{image.get(tag::Columns).value_or(0)},
      samples_per_pixel{image.get(tag::SamplesPerPixel).value_or(1)},
      bits_allocated{image.get(tag::BitsAllocated).value_or(0)} {
  if (const auto frames = image.get(tag::NumberOfFrames); frames && *frames > 0)
    number_of_frames = static_cast<std::uint32_t>(std::min<std::int64_t>(*frames, std::numeric_limits<std::uint32_t>::max()));
  if (image.contains(tag::FloatPixelData)) bits_allocated = 32;
  else if (image.contains(tag::DoubleFloatPixelData)) bits_allocated = 64;
  const auto colours = image.text(tag::PhotometricInterpretation);
  bits_per_pixel = std::uint32_t{bits_allocated} * samples_per_pixel;
  if (samples_per_pixel == 3 && (colours == "YBR_FULL_422" || colours == "YBR_PARTIAL_422"))
    bits_per_pixel = std::uint32_t{bits_allocated} * 2;
}

CODICOM_FUNCTION byte_span frame::piece(std::size_t number) const noexcept {
  if (pieces_.empty()) return native_;
  const auto whole = pieces_[number];
  if (number + 1 != pieces_.size()) return whole;
  std::uint64_t before = 0;
  for (std::size_t i = 0; i < number; ++i) before += pieces_[i].size();
  return whole.first(static_cast<std::size_t>(std::min<std::uint64_t>(whole.size(), size_ - before)));
}

CODICOM_FUNCTION byte_span frame::bytes(std::vector<std::byte>& room) const {
  if (piece_count() == 1 && first_bit_ == 0) return piece(0);
  room = copy();
  return room;
}

CODICOM_FUNCTION std::vector<std::byte> frame::copy() const {
  std::vector<std::byte> all;
  if (first_bit_ == 0) all.reserve(size());
  for (std::size_t i = 0; i < piece_count(); ++i) {
    const auto part = piece(i);
    all.insert(all.end(), part.begin(), part.end());
  }
  if (first_bit_ != 0) {
    detail::shift_bits(all, first_bit_);
    all.resize(size());
  }
  return all;
}

CODICOM_FUNCTION frames::frames(const data_set& image, const unique_id& transfer_syntax) : format_{image} {
  const element* pixels = nullptr;
  for (const auto tag : detail::frame_elements)
    if (pixels == nullptr) pixels = image.find(tag);
  if (pixels == nullptr) return;
  if (!pixels->is_encapsulated()) {
    native_ = pixels->bytes();
    size_ = static_cast<std::size_t>(
        detail::count_native_frames(format_, native_.size(), pixels->tag(), diagnoses_));
    return;
  }
  const auto all = pixels->fragments();
  if (all.empty()) return;
  fragments_ = all.subspan(1);
  detail::fragments_in_memory fragments{fragments_};
  const detail::frame_tables tables{all[0], image.bytes(tag::ExtendedOffsetTable),
                                    image.bytes(tag::ExtendedOffsetTableLengths)};
  auto index = detail::frame_finder{fragments, tables, diagnoses_}.find(format_.number_of_frames,
                                                                         detail::is_video(transfer_syntax));
  size_ = index.size();
  first_ = std::move(index.first);
  lengths_ = std::move(index.lengths);
}

CODICOM_FUNCTION frame frames::operator[](std::size_t number) const noexcept {
  if (!is_encapsulated()) {
    const auto bits = format_.frame_bits();
    const auto from = bits * number;
    const auto to = std::min<std::uint64_t>(from + bits, std::uint64_t{native_.size()} * 8);
    const auto first = static_cast<std::size_t>(from / 8);
    const auto last = static_cast<std::size_t>((to + 7) / 8);
    return {native_.subspan(first, last - first), (to - from + 7) / 8, static_cast<unsigned>(from % 8)};
  }
  const auto pieces = fragments_.subspan(first_[number], first_[number + 1] - first_[number]);
  std::uint64_t size = 0;
  if (!lengths_.empty()) size = lengths_[number];
  else
    for (const auto& piece : pieces) size += piece.size();
  return {pieces, size};
}

CODICOM_FUNCTION void set_encapsulated_frames(data_set& image, std::span<const byte_span> frames, offset_table table) {
  std::vector<byte_span> fragments(1);
  std::vector<std::byte> offsets;
  std::vector<std::byte> lengths;
  const auto append = [](std::vector<std::byte>& to, auto number) {
    to.resize(to.size() + sizeof number);
    store_le(to.data() + to.size() - sizeof number, number);
  };
  std::uint64_t at = 0;
  for (const auto& frame : frames) {
    if (frame.size() > 0xFFFFFFFE)
      throw std::system_error{errc::invalid_argument, "a frame of 4 GiB or more does not fit in one fragment"};
    if (table == offset_table::extended) {
      append(offsets, at);
      append(lengths, std::uint64_t{frame.size()});
    } else if (table == offset_table::basic) {
      if (at > 0xFFFFFFFF)
        throw std::system_error{errc::invalid_argument,
                                "the basic offset table ends at 4 GiB; use offset_table::extended"};
      append(offsets, static_cast<std::uint32_t>(at));
    }
    fragments.push_back(frame);
    at += detail::item_header_size + frame.size() + (frame.size() & 1u);
  }
  if (table == offset_table::basic) fragments[0] = offsets;
  image.erase(tag::ExtendedOffsetTable);
  image.erase(tag::ExtendedOffsetTableLengths);
  image.set_fragments(tag::PixelData, vr::ob, fragments);
  if (table == offset_table::extended) {
    image.set_bytes(tag::ExtendedOffsetTable, vr::ov, std::move(offsets));
    image.set_bytes(tag::ExtendedOffsetTableLengths, vr::ov, std::move(lengths));
  }
  if (frames.size() != 1 || image.contains(tag::NumberOfFrames)) image.set(tag::NumberOfFrames, frames.size());
}

}  // namespace codicom
