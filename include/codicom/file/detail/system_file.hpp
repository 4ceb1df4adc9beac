#pragma once
// All that the library asks of the operating system about files: POSIX where there is one. Elsewhere, and with
// CODICOM_PORTABLE_FILES, the standard library serves: files are then read instead of mapped, and `sync` only flushes.
#include <codicom/core/bytes.hpp>
#include <codicom/core/error.hpp>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#if !defined(CODICOM_PORTABLE_FILES) && !(defined(__unix__) || defined(__APPLE__))
#define CODICOM_PORTABLE_FILES
#endif

#ifdef CODICOM_PORTABLE_FILES
#include <fstream>
#else
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>
#endif

namespace codicom::detail {

// `error` as of the system's `errno`.
[[noreturn]] inline void throw_file_error(std::string_view what, const std::filesystem::path& path, int error) {
  bool full = error == ENOSPC || error == EFBIG;
#ifdef EDQUOT
  full = full || error == EDQUOT;
#endif
  throw std::system_error{full ? errc::disk_full : errc::file_error,
                          std::string{what} + " '" + path.string() + "': " + std::generic_category().message(error)};
}

// Bytes, and what keeps them alive.
struct kept_bytes {
  byte_span bytes;
  std::shared_ptr<const void> owner;
};

#ifdef CODICOM_PORTABLE_FILES

class input_file {
 public:
  explicit input_file(const std::filesystem::path& path) : path_{path} {
    std::error_code error;
    const auto status = std::filesystem::status(path, error);
    if (std::filesystem::is_directory(status)) throw_file_error("cannot read", path, EISDIR);
    regular_ = std::filesystem::is_regular_file(status);
    if (regular_) size_ = std::filesystem::file_size(path, error);
    errno = 0;
    file_.open(path, std::ios::binary);
    if (!file_) throw_file_error("cannot open", path, errno != 0 ? errno : ENOENT);
  }

  [[nodiscard]] bool is_regular() const noexcept { return regular_; }
  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }

  [[nodiscard]] std::size_t read(std::span<std::byte> into) {
    errno = 0;
    file_.read(reinterpret_cast<char*>(into.data()), static_cast<std::streamsize>(into.size()));
    if (file_.bad()) throw_file_error("cannot read", path_, errno != 0 ? errno : EIO);
    return static_cast<std::size_t>(file_.gcount());
  }
  [[nodiscard]] std::size_t read_at(std::span<std::byte> into, std::uint64_t offset) {
    file_.clear();
    file_.seekg(static_cast<std::streamoff>(offset));
    if (!file_) throw_file_error("cannot read", path_, ESPIPE);
    return read(into);
  }
  [[nodiscard]] kept_bytes map() const { return {}; }

 private:
  std::filesystem::path path_;
  std::ifstream file_;
  bool regular_ = false;
  std::uint64_t size_ = 0;
};

class output_file {
 public:
  [[nodiscard]] bool create(const std::filesystem::path& path) {
    if (std::error_code ignored; std::filesystem::exists(std::filesystem::symlink_status(path, ignored)))
      return errno = EEXIST, false;
    errno = 0;
    file_ = std::ofstream{path, std::ios::binary};
    if (!file_.is_open() && errno == 0) errno = EIO;
    return file_.is_open();
  }
  [[nodiscard]] std::filesystem::path create_nameless(const std::filesystem::path&) { return {}; }
  [[nodiscard]] static bool link(const std::filesystem::path& from, const std::filesystem::path& to) {
    std::error_code error;
    std::filesystem::create_hard_link(from, to, error);
    errno = error.default_error_condition().value();
    return !error;
  }
  [[nodiscard]] bool is_open() const noexcept { return file_.is_open(); }
  [[nodiscard]] std::size_t write_some(std::span<const byte_span> buffers, std::size_t skip) {
    const auto part = buffers.front().subspan(skip);
    errno = 0;
    file_.write(reinterpret_cast<const char*>(part.data()), static_cast<std::streamsize>(part.size())).flush();
    return file_ ? part.size() : failed();
  }
  [[nodiscard]] bool sync() {
    errno = 0;
    return file_.flush() ? true : failed() != failure_mark;
  }
  [[nodiscard]] bool close() {
    errno = 0;
    file_.close();
    return file_ ? true : failed() != failure_mark;
  }

  static constexpr std::size_t failure_mark = static_cast<std::size_t>(-1);

 private:
  static std::size_t failed() noexcept {
    if (errno == 0) errno = EIO;
    return failure_mark;
  }

  std::ofstream file_;
};

#else

// A file, a pipe or a device that is read.
class input_file {
 public:
  explicit input_file(const std::filesystem::path& path)
      : path_{path}, handle_{::open(path.c_str(), O_RDONLY | O_CLOEXEC)} {
    if (handle_ < 0) throw_file_error("cannot open", path, errno);
    struct stat facts {};
    const bool known = ::fstat(handle_, &facts) == 0;
    if (!known || S_ISDIR(facts.st_mode)) {
      const int error = known ? EISDIR : errno;
      ::close(handle_);
      throw_file_error("cannot read", path, error);
    }
    regular_ = S_ISREG(facts.st_mode);
    if (regular_) size_ = static_cast<std::uint64_t>(facts.st_size);
  }
  input_file(input_file&& other) noexcept
      : path_{std::move(other.path_)},
        handle_{std::exchange(other.handle_, -1)},
        regular_{other.regular_},
        size_{other.size_} {}
  input_file& operator=(input_file&&) = delete;
  ~input_file() {
    if (handle_ >= 0) ::close(handle_);
  }

  // It can be read anywhere.
  [[nodiscard]] bool is_regular() const noexcept { return regular_; }
  // 0 when nobody knows: of a pipe, and of what /proc shows.
  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }

  // The next bytes; fewer than asked for only at the end.
  [[nodiscard]] std::size_t read(std::span<std::byte> into) {
    return read_with(into, [this](std::byte* to, std::size_t size, std::size_t) { return ::read(handle_, to, size); });
  }
  // The bytes from there on; `read` does not notice.
  [[nodiscard]] std::size_t read_at(std::span<std::byte> into, std::uint64_t offset) {
    return read_with(into, [this, offset](std::byte* to, std::size_t size, std::size_t done) {
      return ::pread(handle_, to, size, static_cast<off_t>(offset + done));
    });
  }
  // Nothing when it cannot be mapped.
  [[nodiscard]] kept_bytes map() const {
    const auto size = static_cast<std::size_t>(size_);
    if (size == 0) return {};
    void* const at = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, handle_, 0);
    if (at == MAP_FAILED) return {};
    std::shared_ptr<const void> owner{at, [size](const void* p) { ::munmap(const_cast<void*>(p), size); }};
    return {byte_span{static_cast<const std::byte*>(at), size}, std::move(owner)};
  }

 private:
  template <class ReadSome>
  std::size_t read_with(std::span<std::byte> into, ReadSome read_some) const {
    std::size_t done = 0;
    while (done != into.size()) {
      const auto count = read_some(into.data() + done, into.size() - done, done);
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) throw_file_error("cannot read", path_, errno);
      if (count == 0) break;
      done += static_cast<std::size_t>(count);
    }
    return done;
  }

  std::filesystem::path path_;
  int handle_;
  bool regular_ = false;
  std::uint64_t size_ = 0;
};

// A new file that is written. What fails leaves the reason in `errno`.
class output_file {
 public:
  output_file() = default;
  output_file(output_file&& other) noexcept : handle_{std::exchange(other.handle_, -1)} {}
  output_file& operator=(output_file&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~output_file() { static_cast<void>(close()); }

  // False also when there is one of that name.
  [[nodiscard]] bool create(const std::filesystem::path& path) {
    handle_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    return handle_ >= 0;
  }
  // A file without a name, of which nothing can be left behind (Linux, where the file system has it). It can be read and
  // linked under the path given; empty: it cannot be had.
  [[nodiscard]] std::filesystem::path create_nameless(const std::filesystem::path& folder) {
#ifdef O_TMPFILE
    handle_ = ::open(folder.empty() ? "." : folder.c_str(), O_WRONLY | O_TMPFILE | O_CLOEXEC, 0666);
    if (handle_ < 0) return {};
    const auto path = "/proc/self/fd/" + std::to_string(handle_);
    if (::access(path.c_str(), F_OK) == 0) return path;
    ::close(std::exchange(handle_, -1));
#else
    static_cast<void>(folder);
#endif
    return {};
  }
  // A further name for a file, unless it is taken (EEXIST).
  [[nodiscard]] static bool link(const std::filesystem::path& from, const std::filesystem::path& to) noexcept {
    return ::linkat(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), AT_SYMLINK_FOLLOW) == 0;
  }
  [[nodiscard]] bool is_open() const noexcept { return handle_ >= 0; }
  // From byte `skip` of the first buffer on. The number of bytes, or `failure_mark`.
  [[nodiscard]] std::size_t write_some(std::span<const byte_span> buffers, std::size_t skip) {
    constexpr std::size_t most = 64;
    iovec parts[most];
    std::size_t count = 0;
    for (const auto& buffer : buffers.first(buffers.size() < most ? buffers.size() : most)) {
      const auto part = count == 0 ? buffer.subspan(skip) : buffer;
      parts[count++] = {const_cast<std::byte*>(part.data()), part.size()};
    }
    for (;;) {
      const auto written = ::writev(handle_, parts, static_cast<int>(count));
      if (written >= 0) return static_cast<std::size_t>(written);
      if (errno != EINTR) return failure_mark;
    }
  }
  [[nodiscard]] bool sync() { return ::fsync(handle_) == 0; }
  // Some file systems say only now that there is no space.
  [[nodiscard]] bool close() {
    return handle_ < 0 || ::close(std::exchange(handle_, -1)) == 0 || errno == EINTR;
  }

  static constexpr std::size_t failure_mark = static_cast<std::size_t>(-1);

 private:
  int handle_ = -1;
};

#endif

}  // namespace codicom::detail
