#pragma once
#include <codicom/core/error.hpp>
#include <codicom/encoding/encode.hpp>
#include <codicom/file/write_file.hpp>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <fcntl.h>
#include <random>
#include <string>
#include <string_view>
#include <sys/uio.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace codicom {

namespace detail {

// `error` as of the system's `errno`.
[[noreturn]] inline void throw_file_error(std::string_view what, const std::filesystem::path& path, int error) {
  const bool full = error == ENOSPC || error == EDQUOT || error == EFBIG;
  throw std::system_error{full ? errc::disk_full : errc::file_error,
                          std::string{what} + " '" + path.string() + "': " + std::generic_category().message(error)};
}

}  // namespace detail

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
    handle_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (handle_ >= 0) return;
    if (errno != EEXIST || attempt == 10) detail::throw_file_error("cannot create", temporary_, errno);
  }
}

inline file_writer::file_writer(file_writer&& other) noexcept
    : path_{std::move(other.path_)},
      temporary_{std::move(other.temporary_)},
      size_{std::exchange(other.size_, 0)},
      handle_{std::exchange(other.handle_, -1)} {
  other.temporary_.clear();
}

inline file_writer& file_writer::operator=(file_writer&& other) noexcept {
  if (this == &other) return *this;
  discard();
  path_ = std::move(other.path_);
  temporary_ = std::exchange(other.temporary_, {});
  size_ = std::exchange(other.size_, 0);
  handle_ = std::exchange(other.handle_, -1);
  return *this;
}

inline file_writer::~file_writer() { discard(); }

inline void file_writer::discard() noexcept {
  if (handle_ >= 0) ::close(std::exchange(handle_, -1));
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
  temporary_.clear();
}

inline void file_writer::write(byte_span bytes) { write(std::span<const byte_span>{&bytes, 1}); }

inline void file_writer::write(std::span<const byte_span> buffers) {
  if (handle_ < 0) throw std::system_error{errc::closed, "'" + path_.string() + "' is written already"};
  constexpr std::size_t most = 64;
  std::size_t skip = 0;  // of the first buffer
  while (!buffers.empty()) {
    iovec parts[most];
    std::size_t count = 0;
    for (const auto& buffer : buffers.first(std::min(buffers.size(), most))) {
      const auto part = count == 0 ? buffer.subspan(skip) : buffer;
      parts[count++] = {const_cast<std::byte*>(part.data()), part.size()};
    }
    const auto written = ::writev(handle_, parts, static_cast<int>(count));
    if (written < 0) {
      if (errno == EINTR) continue;
      detail::throw_file_error("cannot write", path_, errno);
    }
    size_ += static_cast<std::uint64_t>(written);
    std::size_t left = static_cast<std::size_t>(written) + skip;
    while (!buffers.empty() && left >= buffers.front().size()) {
      left -= buffers.front().size();
      buffers = buffers.subspan(1);
    }
    skip = left;
  }
}

inline void file_writer::sync() {
  if (handle_ >= 0 && ::fsync(handle_) != 0) detail::throw_file_error("cannot write", path_, errno);
}

inline void file_writer::close() {
  if (temporary_.empty()) throw std::system_error{errc::closed, "'" + path_.string() + "' is written already"};
  if (handle_ < 0) return;
  // Some file systems say only now that there is no space.
  if (::close(std::exchange(handle_, -1)) != 0 && errno != EINTR) {
    const int error = errno;
    discard();
    detail::throw_file_error("cannot write", path_, error);
  }
}

inline void file_writer::commit() {
  close();
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) {
    const int error = errno;
    discard();
    detail::throw_file_error("cannot rename to", path_, error);
  }
  temporary_.clear();
}

inline bool file_writer::commit_new(const std::filesystem::path& path) {
  close();
  // A second name for the file fails when it is taken, which a rename would not.
  if (::link(temporary_.c_str(), path.c_str()) == 0) {
    path_ = path;
    discard();
    return true;
  }
  if (errno == EEXIST) return false;
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
