#pragma once
#include <codicom/core/error.hpp>
#include <codicom/encoding/encode.hpp>
#include <codicom/file/write_file.hpp>

#include <cerrno>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace codicom {

inline file_writer::file_writer(std::filesystem::path path) : path_{std::move(path)} {
  thread_local std::random_device entropy;
  constexpr std::string_view digits = "0123456789abcdef";
  // A long name is cut, so that the temporary one stays within the 255 bytes that file systems allow.
  const std::string name = path_.filename().string().substr(0, 200);
  for (int attempt = 0;; ++attempt) {
    std::string random;
    for (std::uint64_t bits = std::uint64_t{entropy()} << 32 | entropy(), i = 0; i < 12; ++i, bits >>= 4)
      random += digits[bits & 0xF];
    temporary_ = path_.parent_path() / ("." + name + "." + random + ".part");
    if (file_.create(temporary_)) return;
    if (errno != EEXIST || attempt == 10) detail::throw_file_error("cannot create", temporary_, errno);
  }
}

inline file_writer::file_writer(file_writer&& other) noexcept
    : path_{std::move(other.path_)},
      temporary_{std::move(other.temporary_)},
      size_{std::exchange(other.size_, 0)},
      file_{std::move(other.file_)} {
  other.temporary_.clear();
}

inline file_writer& file_writer::operator=(file_writer&& other) noexcept {
  if (this == &other) return *this;
  discard();
  path_ = std::move(other.path_);
  temporary_ = std::exchange(other.temporary_, {});
  size_ = std::exchange(other.size_, 0);
  file_ = std::move(other.file_);
  return *this;
}

inline file_writer::~file_writer() { discard(); }

inline void file_writer::discard() noexcept {
  if (file_.is_open()) static_cast<void>(file_.close());
  std::error_code ignored;
  if (!temporary_.empty()) std::filesystem::remove(temporary_, ignored);
  temporary_.clear();
}

inline void file_writer::write(byte_span bytes) { write(std::span<const byte_span>{&bytes, 1}); }

inline void file_writer::write(std::span<const byte_span> buffers) {
  if (!file_.is_open()) throw std::system_error{errc::closed, "'" + path_.string() + "' is written already"};
  std::size_t skip = 0;  // of the first buffer
  while (!buffers.empty()) {
    const auto written = file_.write_some(buffers, skip);
    if (written == detail::output_file::failure_mark) detail::throw_file_error("cannot write", path_, errno);
    size_ += written;
    std::size_t left = written + skip;
    while (!buffers.empty() && left >= buffers.front().size()) {
      left -= buffers.front().size();
      buffers = buffers.subspan(1);
    }
    skip = left;
  }
}

inline void file_writer::sync() {
  if (file_.is_open() && !file_.sync()) detail::throw_file_error("cannot write", path_, errno);
}

inline void file_writer::close() {
  if (temporary_.empty()) throw std::system_error{errc::closed, "'" + path_.string() + "' is written already"};
  if (file_.is_open() && !file_.close()) {
    const int error = errno;
    discard();
    detail::throw_file_error("cannot write", path_, error);
  }
}

inline void file_writer::commit() {
  close();
  std::error_code error;
  std::filesystem::rename(temporary_, path_, error);
  if (error) {
    discard();
    detail::throw_file_error("cannot rename to", path_, error.default_error_condition().value());
  }
  temporary_.clear();
}

inline bool file_writer::commit_new(const std::filesystem::path& path) {
  close();
  // A second name for the file fails when it is taken, which a rename would not.
  std::error_code error;
  std::filesystem::create_hard_link(temporary_, path, error);
  if (!error) {
    path_ = path;
    discard();
    return true;
  }
  if (error == std::errc::file_exists) return false;
  // A file system without hard links: look, then rename.
  std::error_code ignored;
  if (std::filesystem::exists(std::filesystem::symlink_status(path, ignored))) return false;
  path_ = path;
  commit();
  return true;
}

inline void write_file(const std::filesystem::path& path, const data_set& object, const file_meta& meta) {
  const auto encoded = encode_buffers(object, detail::format_to_write(meta.transfer_syntax_uid));
  const auto header = encode_file_header(meta);
  file_writer out{path};
  out.write(header);
  out.write(encoded.buffers());
  out.commit();
}

inline void write_file(const std::filesystem::path& path, const data_set& object, const unique_id& transfer_syntax) {
  write_file(path, object, file_meta::of(object, transfer_syntax));
}

}  // namespace codicom
