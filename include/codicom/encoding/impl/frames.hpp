#pragma once
#include <codicom/core/error.hpp>
#include <codicom/dictionary/tags.hpp>
#include <codicom/dictionary/transfer_syntaxes.hpp>
#include <codicom/encoding/frames.hpp>

#include <algorithm>
#include <array>
#include <limits>
#include <string>
#include <system_error>
#include <utility>

namespace codicom {

namespace detail {

// The elements that hold frames (PS3.3 §C.7.6.3, §C.7.6.24, §C.7.6.25).
inline constexpr std::array<element_tag, 3> frame_elements{tag::FloatPixelData, tag::DoubleFloatPixelData, tag::PixelData};

inline constexpr std::size_t item_header_size = 8;  // tag and length (PS3.5 §7.5)
inline constexpr std::string_view basic_table_section = "PS3.5 §A.4";
inline constexpr std::string_view extended_table_section = "PS3.3 §C.7.6.3.1.8";

// MPEG-2, MPEG-4 and HEVC.
[[nodiscard]] inline bool is_video(const unique_id& transfer_syntax) noexcept {
  const auto uid = transfer_syntax.view();
  constexpr std::string_view family = "1.2.840.10008.1.2.4.10";  // .100 to .108, and their fragmentable kin
  return uid.size() > family.size() && uid.starts_with(family);
}

[[nodiscard]] inline bool starts_with(byte_span bytes, std::initializer_list<unsigned> values) noexcept {
  return bytes.size() >= values.size() && std::equal(values.begin(), values.end(), bytes.begin(), [](unsigned v, auto b) {
           return v == std::to_integer<unsigned>(b);
         });
}

// The header of PS3.5 §G.5: 1 to 15 segments, the first right behind it, the others in order, zeros for the rest.
[[nodiscard]] inline bool is_rle_header(byte_span bytes) noexcept {
  if (bytes.size() < 64) return false;
  const auto number = [&](std::size_t i) { return load_le<std::uint32_t>(bytes.data() + 4 * i); };
  const auto segments = number(0);
  if (segments == 0 || segments > 15 || number(1) != 64) return false;
  for (std::size_t i = 2; i < 16; ++i)
    if (i <= segments ? number(i) <= number(i - 1) : number(i) != 0) return false;
  return true;
}

enum class codestream : std::uint8_t { none, jpeg, jpeg_2000, jpeg_xl, rle };

// What begins with these bytes, the first 64 or fewer.
[[nodiscard]] inline codestream codestream_of(byte_span head) noexcept {
  if (starts_with(head, {0xFF, 0xD8, 0xFF})) return codestream::jpeg;  // JPEG-LS as well
  if (starts_with(head, {0xFF, 0x4F, 0xFF, 0x51})) return codestream::jpeg_2000;
  if (starts_with(head, {0xFF, 0x0A}) || starts_with(head, {0, 0, 0, 0x0C, 'J', 'X', 'L', ' '}))
    return codestream::jpeg_xl;
  return is_rle_header(head) ? codestream::rle : codestream::none;
}

// EOI of JPEG, EOC of JPEG 2000: FF D9, perhaps with a padding byte behind it.
[[nodiscard]] inline bool ends_codestream(byte_span tail) noexcept {
  const auto is_end = [&](std::size_t at) { return starts_with(tail.subspan(at), {0xFF, 0xD9}); };
  return (tail.size() >= 2 && is_end(tail.size() - 2)) || (tail.size() >= 3 && is_end(tail.size() - 3));
}

// What tells the frames of encapsulated pixel data apart.
struct frame_tables {
  byte_span basic;
  byte_span extended;
  byte_span extended_lengths;
};

// Frame i has the fragments from first[i] up to first[i + 1]; its length, when known, without padding.
struct frame_index {
  std::vector<std::uint32_t> first;
  std::vector<std::uint64_t> lengths;

  [[nodiscard]] std::size_t size() const noexcept { return first.empty() ? 0 : first.size() - 1; }
};

// `Fragments` tells sizes and, only when that is needed, looks into the fragments:
//     std::size_t count(); std::uint64_t size(i); byte_span head(i), tail(i);   // the first 64 and the last 3 bytes
template <class Fragments>
class frame_finder {
 public:
  frame_finder(Fragments& fragments, const frame_tables& tables, std::vector<diagnosis>& diagnoses)
      : fragments_{fragments}, tables_{tables}, diagnoses_{diagnoses} {}

  [[nodiscard]] frame_index find(std::optional<std::uint32_t> announced, bool video) {
    frame_index index;
    const auto count = fragments_.count();
    if (count == 0) {
      deviates("no fragments");
      return index;
    }
    if (video) {
      index.first = {0};
    } else {
      index.first = by_tables(announced);
      if (index.first.empty()) index.first = without_table(announced.value_or(1));
    }
    if (index.first.empty()) return index;
    index.first.push_back(static_cast<std::uint32_t>(count));
    take_lengths(index);
    return index;
  }

 private:
  using starts = std::vector<std::uint32_t>;

  void deviates(std::string detail, std::string_view section = basic_table_section) {
    diagnoses_.push_back(
        {deviation::bad_encapsulation, diagnosis::no_offset, {tag::PixelData}, section, std::move(detail)});
  }

  // The fragments that the entries of a table point to; nothing when one of them points elsewhere. Offsets of 32 bits
  // start again at 4 GiB.
  template <class Entry>
  [[nodiscard]] starts follow(byte_span table, std::uint64_t base, std::uint64_t header) {
    starts found;
    std::uint64_t at = 0;
    std::size_t fragment = 0;
    const auto count = fragments_.count();
    for (std::size_t i = 0; i + sizeof(Entry) <= table.size(); i += sizeof(Entry)) {
      const auto wanted = static_cast<Entry>(load_le<Entry>(table.data() + i) - base);
      while (fragment < count && static_cast<Entry>(at) != wanted) at += header + fragments_.size(fragment++);
      if (fragment == count) return {};
      found.push_back(static_cast<std::uint32_t>(fragment));
      at += header + fragments_.size(fragment++);
    }
    if (!found.empty() && found.front() != 0) return {};
    return found;
  }

  // An offset table as it should be, or as some write it.
  template <class Entry>
  [[nodiscard]] starts read_table(byte_span table, std::string_view name, std::string_view section) {
    if (table.size() < sizeof(Entry)) return {};
    auto found = follow<Entry>(table, 0, item_header_size);
    if (!found.empty()) return found;
    const auto first = load_le<Entry>(table.data());
    found = follow<Entry>(table, first, item_header_size);
    if (found.empty()) found = follow<Entry>(table, first, 0);
    deviates(std::string{name} + (found.empty() ? " points to where no fragment begins; passed over"
                                                : " counts from another byte, or without item headers; put right"),
             section);
    return found;
  }

  [[nodiscard]] starts by_tables(std::optional<std::uint32_t> announced) {
    starts other;
    const auto fits = [&](starts& found, std::string_view name, std::string_view section) {
      if (found.empty()) return false;
      if (!announced || found.size() == *announced) return true;
      deviates(std::string{name} + " has " + std::to_string(found.size()) + " entries for " +
                   std::to_string(*announced) + " frames",
               section);
      if (found.size() > 1 && other.empty()) other = std::move(found);
      return false;
    };
    auto found = read_table<std::uint64_t>(tables_.extended, "the extended offset table", extended_table_section);
    if (fits(found, "the extended offset table", extended_table_section)) return found;
    found = read_table<std::uint32_t>(tables_.basic, "the basic offset table", basic_table_section);
    if (fits(found, "the basic offset table", basic_table_section)) return found;
    // Of a table that contradicts Number of Frames one may still learn, unless something else agrees with that.
    if (!other.empty() && *announced != 1 && *announced != fragments_.count()) return other;
    return {};
  }

  [[nodiscard]] starts without_table(std::uint32_t announced) {
    const auto count = fragments_.count();
    if (announced == 1) return {0};
    if (count <= announced) {
      if (count < announced)
        deviates(std::to_string(count) + " fragments for " + std::to_string(announced) + " frames");
      starts each(count);
      for (std::size_t i = 0; i < count; ++i) each[i] = static_cast<std::uint32_t>(i);
      return each;
    }
    auto found = by_codestreams();
    if (found.size() == announced) return found;
    if (found.empty()) {
      deviates(std::to_string(count) + " fragments for " + std::to_string(announced) +
               " frames, and nothing that tells which belong together");
    } else {
      deviates(std::to_string(found.size()) + " codestreams for " + std::to_string(announced) + " frames");
    }
    return found;
  }

  // Where codestreams of one kind begin; those of JPEG and JPEG 2000 only where another one has ended.
  [[nodiscard]] starts by_codestreams() {
    const auto kind = codestream_of(fragments_.head(0));
    if (kind == codestream::none) return {};
    const bool has_end = kind == codestream::jpeg || kind == codestream::jpeg_2000;
    starts found{0};
    for (std::size_t i = 1; i < fragments_.count(); ++i)
      if (codestream_of(fragments_.head(i)) == kind && (!has_end || ends_codestream(fragments_.tail(i - 1))))
        found.push_back(static_cast<std::uint32_t>(i));
    return found;
  }

  void take_lengths(frame_index& index) {
    const auto lengths = tables_.extended_lengths;
    if (lengths.empty()) return;
    std::vector<std::uint64_t> taken;
    bool fits = lengths.size() == index.size() * 8;
    for (std::size_t i = 0; fits && i < index.size(); ++i) {
      std::uint64_t bytes = 0;
      for (auto f = index.first[i]; f < index.first[i + 1]; ++f) bytes += fragments_.size(f);
      taken.push_back(load_le<std::uint64_t>(lengths.data() + 8 * i));
      fits = taken.back() <= bytes && bytes - taken.back() <= 1;
    }
    if (fits) index.lengths = std::move(taken);
    else deviates("the extended offset table lengths are not those of the frames", extended_table_section);
  }

  Fragments& fragments_;
  frame_tables tables_;
  std::vector<diagnosis>& diagnoses_;
};

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

inline frame_format::frame_format(const data_set& image)
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

inline byte_span frame::piece(std::size_t number) const noexcept {
  if (pieces_.empty()) return native_;
  const auto whole = pieces_[number];
  if (number + 1 != pieces_.size()) return whole;
  std::uint64_t before = 0;
  for (std::size_t i = 0; i < number; ++i) before += pieces_[i].size();
  return whole.first(static_cast<std::size_t>(std::min<std::uint64_t>(whole.size(), size_ - before)));
}

inline byte_span frame::bytes(std::vector<std::byte>& room) const {
  if (piece_count() == 1 && first_bit_ == 0) return piece(0);
  room = copy();
  return room;
}

inline std::vector<std::byte> frame::copy() const {
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

inline frames::frames(const data_set& image, const unique_id& transfer_syntax) : format_{image} {
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

inline frame frames::operator[](std::size_t number) const noexcept {
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

inline void set_encapsulated_frames(data_set& image, std::span<const byte_span> frames, offset_table table) {
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
