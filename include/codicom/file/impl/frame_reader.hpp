#pragma once
#include <codicom/core/config.hpp>
#include <codicom/dictionary/transfer_syntaxes.hpp>
#include <codicom/encoding/detail/frame_finder.hpp>
#include <codicom/encoding/detail/swap.hpp>
#include <codicom/file/frame_reader.hpp>
#include <codicom/file/impl/read_file.hpp>

#include <algorithm>
#include <array>
#include <string>
#include <system_error>
#include <utility>

namespace codicom {

namespace detail {

[[nodiscard]] inline decode_options until_frames(decode_options options) {
  options.stop_before = frame_elements.front();  // behind the extended offset table
  return options;
}

}  // namespace detail

// What `frame_finder` wants to know of fragments that lie in the file.
class frame_reader::fragments_in_file {
 public:
  explicit fragments_in_file(frame_reader& reader) noexcept : reader_{reader} {}
  [[nodiscard]] std::size_t count() const noexcept { return reader_.all_fragments_.size(); }
  [[nodiscard]] std::uint64_t size(std::size_t i) const noexcept { return reader_.all_fragments_[i].size; }
  [[nodiscard]] byte_span head(std::size_t i) {
    const auto& from = reader_.all_fragments_[i];
    return read(head_, from.offset, std::min<std::uint64_t>(from.size, head_.size()));
  }
  [[nodiscard]] byte_span tail(std::size_t i) {
    const auto& from = reader_.all_fragments_[i];
    const auto size = std::min<std::uint64_t>(from.size, tail_.size());
    return read(tail_, from.offset + from.size - size, size);
  }

 private:
  byte_span read(std::span<std::byte> into, std::uint64_t offset, std::uint64_t size) {
    const auto part = into.first(static_cast<std::size_t>(size));
    return part.first(reader_.file_.read_at(part, offset));
  }

  frame_reader& reader_;
  std::array<std::byte, 64> head_{};
  std::array<std::byte, 3> tail_{};
};

CODICOM_FUNCTION frame_reader::frame_reader(const std::filesystem::path& path, const decode_options& options)
    : path_{path}, file_{path}, limits_{options.limits} {
  if (!file_.is_regular())
    throw std::system_error{errc::file_error, "'" + path.string() + "' is no file whose parts can be read: use read_file"};
  try {
    auto head = detail::read_head(file_, detail::until_frames(options));
    meta_ = std::move(head.file.meta);
    header_ = std::move(head.file.value);
    diagnoses_ = std::move(head.file.diagnoses);
    if (is_deflated(meta_.transfer_syntax_uid))
      throw std::system_error{errc::unsupported_transfer_syntax, "the frames of a deflated file lie where nobody knows"};
    format_ = frame_format{header_};
    find_pixels(head.format, head.file.consumed);
  } catch (const std::system_error& e) {
    detail::throw_with_path(e, path);
  }
}

CODICOM_FUNCTION void frame_reader::read_exactly(std::span<std::byte> into, std::uint64_t offset) {
  if (file_.read_at(into, offset) != into.size())
    throw std::system_error{errc::file_error, "'" + path_.string() + "' ended while it was read"};
}

// The header of the element at `offset` (PS3.5 §7.1), and what follows from it.
CODICOM_FUNCTION void frame_reader::find_pixels(wire_format format, std::uint64_t offset) {
  std::array<std::byte, 12> bytes{};
  const auto have = file_.read_at(bytes, offset);
  const std::size_t header_size = format.explicit_vr ? 12 : 8;
  if (have < header_size) return;
  const auto u16 = [&](std::size_t at) {
    return format.big_endian ? load_be<std::uint16_t>(&bytes[at]) : load_le<std::uint16_t>(&bytes[at]);
  };
  const auto u32 = [&](std::size_t at) {
    return format.big_endian ? load_be<std::uint32_t>(&bytes[at]) : load_le<std::uint32_t>(&bytes[at]);
  };
  const element_tag tag{u16(0), u16(2)};
  if (std::find(detail::frame_elements.begin(), detail::frame_elements.end(), tag) == detail::frame_elements.end()) return;
  if (tag == tag::FloatPixelData) format_.bits_allocated = 32;
  if (tag == tag::DoubleFloatPixelData) format_.bits_allocated = 64;
  if (tag != tag::PixelData) format_.bits_per_pixel = std::uint32_t{format_.bits_allocated} * format_.samples_per_pixel;
  const auto length = u32(header_size - 4);
  pixels_ = offset + header_size;
  encapsulated_ = length == element_header::undefined_length;

  if (!encapsulated_) {
    const auto rest = file_.size() > pixels_ ? file_.size() - pixels_ : 0;
    pixel_bytes_ = std::min<std::uint64_t>(length, rest);
    if (format.big_endian)
      swapped_unit_ = unit_size(vr_from_code(static_cast<char>(bytes[4]), static_cast<char>(bytes[5])));
    size_ = static_cast<std::size_t>(detail::count_native_frames(format_, pixel_bytes_, tag, diagnoses_));
    return;
  }
  fragment table;
  if (!read_item_header(pixels_, table)) return;
  if (table.size > limits_.value_bytes) throw std::system_error{errc::limit_exceeded, "limits.value_bytes"};
  basic_table_.resize(static_cast<std::size_t>(table.size));
  read_exactly(basic_table_, table.offset);
  pixels_ = table.offset + table.size;
  const auto extended = header_.bytes(tag::ExtendedOffsetTable);
  const auto entries = extended.empty() ? basic_table_.size() / 4 : extended.size() / 8;
  const auto announced = format_.number_of_frames.value_or(1);
  trusts_table_ = entries == announced && announced > 1 && !detail::is_video(meta_.transfer_syntax_uid);
  if (trusts_table_) size_ = entries;
  else find_all_fragments();
}

// False at the end of the fragments, and where there is no item.
CODICOM_FUNCTION bool frame_reader::read_item_header(std::uint64_t offset, fragment& into) {
  std::array<std::byte, detail::item_header_size> bytes{};
  if (file_.read_at(bytes, offset) != bytes.size()) return false;
  const element_tag tag{load_le<std::uint16_t>(bytes.data()), load_le<std::uint16_t>(&bytes[2])};
  const auto length = load_le<std::uint32_t>(&bytes[4]);
  if (tag.value != detail::item_tag || length == element_header::undefined_length) return false;
  into.offset = offset + bytes.size();
  into.size = std::min<std::uint64_t>(length, file_.size() > into.offset ? file_.size() - into.offset : 0);
  return true;
}

CODICOM_FUNCTION void frame_reader::find_all_fragments() {
  trusts_table_ = false;
  all_fragments_.clear();
  fragment next;
  for (auto at = pixels_; read_item_header(at, next); at = next.offset + next.size) {
    if (all_fragments_.size() == limits_.fragments) throw std::system_error{errc::limit_exceeded, "limits.fragments"};
    all_fragments_.push_back(next);
  }
  fragments_in_file fragments{*this};
  const detail::frame_tables tables{basic_table_, header_.bytes(tag::ExtendedOffsetTable),
                                    header_.bytes(tag::ExtendedOffsetTableLengths)};
  index_ = detail::frame_finder{fragments, tables, diagnoses_}.find(format_.number_of_frames,
                                                                     detail::is_video(meta_.transfer_syntax_uid));
  size_ = index_.size();
}

CODICOM_FUNCTION std::uint64_t frame_reader::table_entry(std::size_t number) const noexcept {
  const auto extended = header_.bytes(tag::ExtendedOffsetTable);
  return extended.empty() ? load_le<std::uint32_t>(basic_table_.data() + 4 * number)
                          : load_le<std::uint64_t>(extended.data() + 8 * number);
}

CODICOM_FUNCTION void frame_reader::check(std::size_t number) const {
  if (number >= size_)
    throw std::system_error{errc::invalid_argument, "'" + path_.string() + "' has " + std::to_string(size_) +
                                                        " frames, no frame " + std::to_string(number)};
}

// The fragments of a frame as the offset table has it; none when it does not lead from item to item.
CODICOM_FUNCTION std::vector<frame_reader::fragment> frame_reader::pieces_by_table(std::size_t number) {
  const auto from = table_entry(number);
  const bool last = number + 1 == size_;
  const auto to = last ? ~std::uint64_t{0} : table_entry(number + 1);
  if ((number == 0 && from != 0) || from >= to || from > file_.size() - pixels_) return {};
  std::vector<fragment> pieces;
  fragment next;
  auto at = pixels_ + from;
  while (at - pixels_ < to && read_item_header(at, next)) {
    pieces.push_back(next);
    at = next.offset + next.size;
  }
  return last || at - pixels_ == to ? pieces : std::vector<fragment>{};
}

CODICOM_FUNCTION std::vector<frame_reader::fragment> frame_reader::pieces_of(std::size_t number) {
  std::vector<fragment> pieces;
  if (trusts_table_) {
    pieces = pieces_by_table(number);
    if (pieces.empty()) find_all_fragments();
  }
  if (!trusts_table_) {
    check(number);  // there may be fewer than the table had entries
    pieces.assign(all_fragments_.begin() + index_.first[number], all_fragments_.begin() + index_.first[number + 1]);
  }
  // The length of an extended offset table leaves out the padding.
  const auto lengths = header_.bytes(tag::ExtendedOffsetTableLengths);
  if (pieces.empty() || lengths.size() != size_ * 8 || (!trusts_table_ && index_.lengths.empty())) return pieces;
  std::uint64_t bytes = 0;
  for (const auto& piece : pieces) bytes += piece.size;
  if (load_le<std::uint64_t>(lengths.data() + 8 * number) + 1 == bytes) --pieces.back().size;
  return pieces;
}

CODICOM_FUNCTION std::vector<std::byte> frame_reader::read_native(std::size_t number) {
  const auto bits = format_.frame_bits();
  const auto first_bit = bits * number;
  const auto end_bit = std::min(first_bit + bits, pixel_bytes_ * 8);
  // Words of big endian are read whole, so that they can be turned.
  const auto unit = std::uint64_t{swapped_unit_};
  const auto from = first_bit / 8 / unit * unit;
  const auto to = std::min(((end_bit + 7) / 8 + unit - 1) / unit * unit, pixel_bytes_);
  if (to - from > limits_.value_bytes) throw std::system_error{errc::limit_exceeded, "limits.value_bytes"};
  std::vector<std::byte> bytes(static_cast<std::size_t>(to - from));
  read_exactly(bytes, pixels_ + from);
  if (unit != 1) detail::swap_words(bytes.data(), bytes.size(), swapped_unit_);
  const auto extra = first_bit / 8 - from;
  if (extra != 0) bytes.erase(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(extra));
  if (first_bit % 8 != 0) detail::shift_bits(bytes, static_cast<unsigned>(first_bit % 8));
  bytes.resize(static_cast<std::size_t>((end_bit - first_bit + 7) / 8));
  return bytes;
}

CODICOM_FUNCTION std::vector<std::byte> frame_reader::read(std::size_t number) {
  check(number);
  if (!encapsulated_) return read_native(number);
  const auto pieces = pieces_of(number);
  std::uint64_t size = 0;
  for (const auto& piece : pieces) size += piece.size;
  if (size > limits_.value_bytes) throw std::system_error{errc::limit_exceeded, "limits.value_bytes"};
  std::vector<std::byte> bytes(static_cast<std::size_t>(size));
  std::size_t at = 0;
  for (const auto& piece : pieces) {
    read_exactly(std::span{bytes}.subspan(at, static_cast<std::size_t>(piece.size)), piece.offset);
    at += static_cast<std::size_t>(piece.size);
  }
  return bytes;
}

}  // namespace codicom
