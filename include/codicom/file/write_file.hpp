#pragma once
#include <codicom/core/bytes.hpp>
#include <codicom/data_set/data_set.hpp>
#include <codicom/file/detail/system_file.hpp>
#include <codicom/file/file_meta.hpp>

#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>

namespace codicom {

/// A file that appears under its name only when it is complete. Until then it has no name, so that nothing of it is left
/// however the process ends; where the file system cannot do that it has a temporary one in the same folder
/// (`.<name>.<random>.part`), which goes away with this object. Every error is a std::system_error with the path in its
/// text: errc::disk_full (no space, quota, file size limit), errc::file_error.
class file_writer {
 public:
  /// Creates the file; the folder must exist.
  explicit file_writer(std::filesystem::path path);
  file_writer(file_writer&& other) noexcept;
  file_writer& operator=(file_writer&& other) noexcept;
  ~file_writer();

  void write(byte_span bytes);
  /// In one go where the system can.
  void write(std::span<const byte_span> buffers);
  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
  /// Have the bytes on the disk, not only in the system's cache.
  void sync();
  /// Close, and give the file its name. An existing one is replaced.
  void commit();
  /// The same under another name in the same folder; false when there already is a file of that name, and then nothing
  /// has happened.
  [[nodiscard]] bool commit_new(const std::filesystem::path& path);

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }
  /// Where what has been written can be read until `commit`, by this process.
  [[nodiscard]] const std::filesystem::path& temporary_path() const noexcept { return temporary_; }

 private:
  [[nodiscard]] std::filesystem::path other_name() const;
  void check_open() const;
  [[noreturn]] void fail(std::string_view what, int error);
  void close();
  void discard() noexcept;

  std::filesystem::path path_;
  std::filesystem::path temporary_;
  std::uint64_t size_ = 0;
  detail::output_file file_;
  bool nameless_ = false;
};

/// Write a Part 10 file (PS3.10 §7), atomically. SOP class and instance are taken from the data set.
void write_file(const std::filesystem::path& path, const data_set& object, const unique_id& transfer_syntax);
/// With a meta information of one's own, which says the transfer syntax.
void write_file(const std::filesystem::path& path, const data_set& object, const file_meta& meta);

}  // namespace codicom

#ifndef CODICOM_SEPARATE_COMPILATION
#include <codicom/file/impl/write_file.hpp>
#endif
