#pragma once
#include <codicom/core/config.hpp>
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

CODICOM_FUNCTION std::filesystem::path file_writer::other_name() const {
  thread_local std::random_device entropy;
  constexpr std::string_view digits = "0123456789abcdef";
  std::string random;
  for (std::uint64_t bits = std::uint64_t{entropy()} << 32 | entropy(), i = 0; i < 12; ++i, bits >>= 4)
    random += digits[bits & 0xF];
  // A long name is cut, so that this one stays within the 255 bytes that file systems allow.
  return path_.parent_path() / ("." + path_.filename().string().substr(0, 200) + "." + random + ".part");
}

CODICOM_FUNCTION file_writer::file_writer(std::filesystem::path path) : path_{std::move(path)} {
  temporary_ = file_.create_nameless(path_.parent_path());
  nameless_ = !temporary_.empty();
  if (nameless_) return;
  for (int attempt = 0;; ++attempt) {
    temporary_ = other_name();
    if (file_.create(temporary_)) return;
    if (errno != EEXIST || attempt == 10) detail::throw_file_error("cannot create", temporary_, errno);
  }
}

CODICOM_FUNCTION file_writer::file_writer(file_writer&& other) noexcept
    : path_{std::move(other.path_)},
      temporary_{std::move(other.temporary_)},
      size_{std::exchange(other.size_, 0)},
      file_{std::move(other.file_)},
      nameless_{std::exchange(other.nameless_, false)} {
  other.temporary_.clear();
}

CODICOM_FUNCTION file_writer& file_writer::operator=(file_writer&& other) noexcept {
  if (this == &other) return *this;
  discard();
  path_ = std::move(other.path_);
  temporary_ = std::exchange(other.temporary_, {});
  size_ = std::exchange(other.size_, 0);
  file_ = std::move(other.file_);
  nameless_ = std::exchange(other.nameless_, false);
  return *this;
}

CODICOM_FUNCTION file_writer::~file_writer() { discard(); }

CODICOM_FUNCTION void file_writer::discard() noexcept {
  if (file_.is_open()) static_cast<void>(file_.close());
  std::error_code ignored;
  if (!temporary_.empty() && !nameless_) std::filesystem::remove(temporary_, ignored);
  temporary_.clear();
}

CODICOM_FUNCTION void file_writer::write(byte_span bytes) { write(std::span<const byte_span>{&bytes, 1}); }

CODICOM_FUNCTION void file_writer::write(std::span<const byte_span> buffers) {
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

CODICOM_FUNCTION void file_writer::sync() {
  if (file_.is_open() && !file_.sync()) detail::throw_file_error("cannot write", path_, errno);
}

CODICOM_FUNCTION void file_writer::check_open() const {
  if (temporary_.empty()) throw std::system_error{errc::closed, "'" + path_.string() + "' is written already"};
}

CODICOM_FUNCTION void file_writer::fail(std::string_view what, int error) {
  discard();
  detail::throw_file_error(what, path_, error);
}

CODICOM_FUNCTION void file_writer::close() {
  if (file_.is_open() && !file_.close()) fail("cannot write", errno);
}

CODICOM_FUNCTION void file_writer::commit() {
  check_open();
  if (nameless_) {  // only a file with a name can take another's
    const auto name = other_name();
    if (!detail::output_file::link(temporary_, name)) fail("cannot create", errno);
    temporary_ = name;
    nameless_ = false;
  }
  close();
  std::error_code error;
  std::filesystem::rename(temporary_, path_, error);
  if (error) fail("cannot rename to", error.default_error_condition().value());
  temporary_.clear();
}

CODICOM_FUNCTION bool file_writer::commit_new(const std::filesystem::path& path) {
  check_open();
  if (!nameless_) close();
  // A second name for the file fails when it is taken, which a rename would not.
  if (detail::output_file::link(temporary_, path)) {
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

CODICOM_FUNCTION void write_file(const std::filesystem::path& path, const data_set& object, const file_meta& meta) {
  const auto encoded = encode_buffers(object, meta.transfer_syntax_uid);
  const auto header = encode_file_header(meta);
  file_writer out{path};
  out.write(header);
  out.write(encoded.buffers());
  out.commit();
}

CODICOM_FUNCTION void write_file(const std::filesystem::path& path, const data_set& object, const unique_id& transfer_syntax) {
  write_file(path, object, file_meta::of(object, transfer_syntax));
}

}  // namespace codicom
