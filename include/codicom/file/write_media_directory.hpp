#pragma once
#include <codicom/file/media_directory.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace codicom {

/// What to do about a file whose object lacks a value that its directory records must have (type 1 keys).
enum class missing_keys : std::uint8_t {
  leave_out,  ///< do not list the file
  invent,     ///< numbers in order, the date of the series for that of the study, "UNKNOWN": in the directory only
};

class media_directory_options {
 public:
  media_directory_options() = default;

  std::string file_set_id;  ///< (0004,1130): up to 16 capital letters, digits, spaces and _
  missing_keys if_missing = missing_keys::leave_out;
};

/// What has been written.
class media_directory_report {
 public:
  struct left_out_file {
    std::filesystem::path path;
    std::string reason;
  };

  std::size_t instances = 0;            ///< files that the directory lists
  std::vector<left_out_file> left_out;  ///< and those that it does not
};

/// Write `folder`/DICOMDIR (PS3.3 Annex F, PS3.10 §8), atomically; an existing one is replaced. It lists the given
/// files, which lie in the folder or below, in the order of their patients, studies and series as they come first; each
/// with the keys and the type of directory record that its SOP class has. A file is left out when it is not a Part 10
/// file, when its path is not a File ID (PS3.10 §8.5: up to 8 components of up to 8 capital letters, digits and _),
/// when its object is listed already, or is none that a directory may list. Errors: errc::file_error, errc::disk_full;
/// errc::invalid_argument for a file set ID that is none.
media_directory_report write_media_directory(const std::filesystem::path& folder,
                                                    std::span<const std::filesystem::path> files,
                                                    const media_directory_options& options = {});
/// All files in the folder and below, by name. Symbolic links are not followed.
media_directory_report write_media_directory(const std::filesystem::path& folder,
                                                    const media_directory_options& options = {});

}  // namespace codicom

#ifndef CODICOM_SEPARATE_COMPILATION
#include <codicom/file/impl/write_media_directory.hpp>
#endif
