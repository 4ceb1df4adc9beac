#pragma once
#include <codicom/core/diagnosis.hpp>
#include <codicom/data_set/data_set.hpp>
#include <codicom/encoding/decode_options.hpp>
#include <codicom/file/file_meta.hpp>

#include <cstdint>
#include <filesystem>
#include <vector>

namespace codicom {

/// A Part 10 file that has been read.
class dicom_file {
 public:
  dicom_file() = default;

  file_meta meta;  ///< `transfer_syntax_uid` is the one that the data set is encoded in
  data_set value;
  std::vector<diagnosis> diagnoses;  ///< offsets from the start of the file; inside a deflated data set from its own, inflated
  std::uint64_t data_set_offset = 0;
  std::uint64_t consumed = 0;  ///< up to where the file was read
};

/// Read a file (PS3.10 §7). Without preamble, without meta information, or with a meta information that says something
/// wrong, it is read as far as possible, unless strict. With `stop_before` only the bytes up to there are read, and up to
/// as many again; else large values refer to the file, which is mapped where the system can, and so must not be cut short
/// while they live (replacing it by renaming is fine). What cannot be mapped, a pipe for instance, is read into memory, up
/// to `limits.arena_bytes`. Errors: errc::file_error, errc::malformed_file, errc::unsupported_transfer_syntax and those
/// of `decode`.
[[nodiscard]] dicom_file read_file(const std::filesystem::path& path, const decode_options& options = {});
/// A file that is in memory already. Large values are copied unless `options.owner` keeps the bytes.
[[nodiscard]] dicom_file read_file(byte_span bytes, const decode_options& options = {});

/// What one needs to send a file without decoding it: the data set is the bytes from `data_set_offset` on.
class file_header {
 public:
  file_header() = default;

  file_meta meta;
  std::uint64_t data_set_offset = 0;
  std::uint64_t file_size = 0;
};

/// Reads only the meta information. Errors: errc::file_error; errc::malformed_file when there is none, or when it does
/// not say the transfer syntax.
[[nodiscard]] file_header read_file_header(const std::filesystem::path& path);
/// The same; SOP Class and Instance UID are those of the data set where the meta information does not say them.
/// Errors: also those of `read_file`.
[[nodiscard]] file_header read_object_header(const std::filesystem::path& path);

}  // namespace codicom

#ifndef CODICOM_SEPARATE_COMPILATION
#include <codicom/file/impl/read_file.hpp>
#endif
