#pragma once
#include <codicom/encoding/frames.hpp>
#include <codicom/file/detail/system_file.hpp>
#include <codicom/file/read_file.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <vector>

namespace codicom {

/// Reads single frames of a file, and of the file little more than what stands before its pixel data and the frame that
/// is asked for. Nothing is mapped. (A file that may be mapped is as cheap with `read_file` and `frames`.)
///
/// What `frames` says of finding frames holds here too. As long as the offset table fits, the fragments of other frames
/// are not looked at; otherwise the headers of all are read once.
class frame_reader {
 public:
  /// Errors: those of `read_file`; errc::unsupported_transfer_syntax for a deflated file, in which no frame can be found
  /// without inflating all before it: use `read_file`.
  explicit frame_reader(const std::filesystem::path& path, const decode_options& options = {});

  [[nodiscard]] const file_meta& meta() const noexcept { return meta_; }
  /// The elements before the pixel data.
  [[nodiscard]] const data_set& header() const noexcept { return header_; }
  [[nodiscard]] const frame_format& format() const noexcept { return format_; }
  [[nodiscard]] bool is_encapsulated() const noexcept { return encapsulated_; }
  /// The number of frames.
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

  /// One frame as `frame::bytes` gives it: in little endian when native. Errors: errc::invalid_argument when there is no
  /// such frame; errc::file_error; errc::limit_exceeded for one above `limits.value_bytes`.
  [[nodiscard]] std::vector<std::byte> read(std::size_t number);

  /// Of the file, as far as it has been read.
  [[nodiscard]] const std::vector<diagnosis>& diagnoses() const noexcept { return diagnoses_; }

 private:
  class fragments_in_file;
  struct fragment {
    std::uint64_t offset = 0;  // of the first byte behind its header, in the file
    std::uint64_t size = 0;
  };

  void find_pixels(wire_format format, std::uint64_t offset);
  void find_all_fragments();
  void check(std::size_t number) const;
  [[nodiscard]] bool read_item_header(std::uint64_t offset, fragment& into);
  [[nodiscard]] std::vector<fragment> pieces_of(std::size_t number);
  [[nodiscard]] std::vector<fragment> pieces_by_table(std::size_t number);
  [[nodiscard]] std::uint64_t table_entry(std::size_t number) const noexcept;
  [[nodiscard]] std::vector<std::byte> read_native(std::size_t number);
  void read_exactly(std::span<std::byte> into, std::uint64_t offset);

  std::filesystem::path path_;
  detail::input_file file_;
  codicom::limits limits_;
  file_meta meta_;
  data_set header_;
  frame_format format_;
  std::vector<diagnosis> diagnoses_;
  std::size_t size_ = 0;
  bool encapsulated_ = false;
  std::size_t swapped_unit_ = 1;           // bytes of the words of big-endian pixel data
  std::uint64_t pixels_ = 0;               // native: the first byte; encapsulated: the first item behind the table
  std::uint64_t pixel_bytes_ = 0;          // native
  std::vector<std::byte> basic_table_;
  bool trusts_table_ = false;              // it has as many entries as there are frames
  std::vector<fragment> all_fragments_;    // once they have been walked through
  detail::frame_index index_;
};

}  // namespace codicom

#ifndef CODICOM_SEPARATE_COMPILATION
#include <codicom/file/impl/frame_reader.hpp>
#endif
