#pragma once
#include <codicom/core/diagnosis.hpp>
#include <codicom/data_set/data_set.hpp>
#include <codicom/encoding/decode_options.hpp>
#include <codicom/file/file_meta.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace codicom {

namespace detail {
class directory_reader;
}

/// One record of a media directory (PS3.3 §F.3.2.2). Lives as long as its `media_directory`.
class directory_record {
 public:
  /// (0004,1430): PATIENT, STUDY, SERIES, IMAGE, SR DOCUMENT ... "" when it does not say.
  [[nodiscard]] std::string_view type() const noexcept;
  /// All elements: links and reference to the file (group 0004), then the keys of its type (PS3.3 §F.5).
  [[nodiscard]] const data_set& keys() const noexcept { return *keys_; }
  /// The record that this one belongs to, e.g. the series of an image; null in the root.
  [[nodiscard]] const directory_record* parent() const noexcept { return parent_; }
  /// The records of the next lower level, in the order of the directory.
  [[nodiscard]] std::span<const directory_record> children() const noexcept { return {first_child_, child_count_}; }
  /// Components of the Referenced File ID (0004,1500) as they stand there; none when it refers to no file.
  [[nodiscard]] std::vector<std::string> file_id() const;
  /// Of the record's first byte, from the start of the file.
  [[nodiscard]] std::uint64_t offset() const noexcept { return offset_; }

 private:
  friend class detail::directory_reader;

  const data_set* keys_ = nullptr;
  const directory_record* parent_ = nullptr;
  const directory_record* first_child_ = nullptr;
  std::size_t child_count_ = 0;
  std::uint64_t offset_ = 0;
};

/// A media directory, a file by the name DICOMDIR (PS3.3 Annex F, PS3.10 §8), as the tree that its offsets make:
///
///     const auto directory = read_media_directory("/media/cdrom/DICOMDIR");
///     for (const auto& patient : directory.root())
///       for (const auto& study : patient.children())
///         for (const auto& series : study.children())
///           for (const auto& instance : series.children()) open(directory.path_of(instance));
class media_directory {
 public:
  media_directory() = default;
  media_directory(media_directory&&) noexcept = default;
  media_directory& operator=(media_directory&&) noexcept = default;

  /// The uppermost records: patients, and what belongs to none (hanging protocols, palettes ...).
  [[nodiscard]] std::span<const directory_record> root() const noexcept {
    return std::span{records_}.first(root_count_);
  }
  /// All records that are in use, level by level.
  [[nodiscard]] std::span<const directory_record> records() const noexcept { return records_; }
  /// (0004,1130)
  [[nodiscard]] std::string file_set_id() const;

  /// The file that a record refers to. It lies in the folder of the directory or below, symbolic links followed; names
  /// in small letters or with a version (`img00001`, `IMG00001;1`) are found, too. Whether there is such a file is not
  /// looked at. Errors: errc::invalid_argument when the record refers to none; errc::malformed_file when the File ID
  /// leads out of the folder or is no path at all.
  [[nodiscard]] std::filesystem::path path_of(const directory_record& record) const;

  [[nodiscard]] const std::filesystem::path& folder() const noexcept { return folder_; }
  [[nodiscard]] const file_meta& meta() const noexcept { return meta_; }
  [[nodiscard]] const data_set& value() const noexcept { return value_; }
  /// What was read over, offsets from the start of the file.
  [[nodiscard]] const std::vector<diagnosis>& diagnoses() const noexcept { return diagnoses_; }

 private:
  friend class detail::directory_reader;

  std::filesystem::path folder_;
  file_meta meta_;
  data_set value_;
  std::vector<directory_record> records_;
  std::size_t root_count_ = 0;
  std::vector<diagnosis> diagnoses_;
};

/// Read a media directory. An offset that leads nowhere, or a second time to a record, ends its list; a record that is
/// in use but that no offset leads to is put where its type and place in the file suggest. Records that are not in use
/// (0004,1410) are left out, with all below them. Errors as `read_file` has them; strict reading throws
/// errc::malformed_file at the first deviation.
[[nodiscard]] media_directory read_media_directory(const std::filesystem::path& path,
                                                          const decode_options& options = {});
/// One that is in memory, of files in `folder`.
[[nodiscard]] media_directory read_media_directory(byte_span bytes, const std::filesystem::path& folder,
                                                          const decode_options& options = {});

}  // namespace codicom

#ifndef CODICOM_SEPARATE_COMPILATION
#include <codicom/file/impl/media_directory.hpp>
#endif
