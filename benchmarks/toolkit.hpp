#pragma once
#include "workloads.hpp"

#include <cstddef>
#include <cstring>
#include <istream>
#include <memory>
#include <streambuf>
#include <string>
#include <vector>

// Where a toolkit writes to: memory that is there before and stays, in whatever form it takes best.
class output {
 public:
  explicit output(std::size_t capacity) : block_{new std::byte[capacity]}, capacity_{capacity} {
    std::memset(block_.get(), 0, capacity);
    bytes.reserve(capacity);
    bytes.resize(capacity);
    bytes.clear();
  }
  // Either a block ...
  [[nodiscard]] std::byte* data() noexcept { return block_.get(); }
  [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }
  // ... or a vector, empty, of that capacity.
  std::vector<std::byte> bytes;

 private:
  std::unique_ptr<std::byte[]> block_;
  std::size_t capacity_;
};

// One toolkit at its work. All of them get the same bytes and rows and must give the same bytes.
class toolkit {
 public:
  toolkit() = default;
  toolkit(const toolkit&) = delete;
  toolkit& operator=(const toolkit&) = delete;
  virtual ~toolkit() = default;

  [[nodiscard]] virtual std::string name() const = 0;
  [[nodiscard]] virtual std::string version() const = 0;
  // False for what is not compared, or what it cannot do.
  [[nodiscard]] virtual bool builds() const { return true; }
  [[nodiscard]] virtual bool transcodes() const { return true; }
  [[nodiscard]] virtual bool only_transcodes() const { return false; }
  [[nodiscard]] virtual bool takes_part_in(const workload&) const { return true; }
  // It keeps numbers, not their text, so that what it writes can differ in that.
  [[nodiscard]] virtual bool rewrites_numbers() const { return false; }

  // A data set that owns its bytes and can be changed; destroyed again.
  virtual void decode(bytes_view from, syntax s) = 0;
  // Decode and keep, one data set after the other.
  virtual void hold(bytes_view from, syntax s) = 0;
  virtual void drop() = 0;
  // Elements of a data set that is held, nested ones included, items apart; 0: it has none.
  [[nodiscard]] virtual std::size_t count(std::size_t held) = 0;
  // Gives the encoded bytes, which last until `out` is used again.
  virtual bytes_view encode(std::size_t held, syntax s, item_lengths lengths, output& out) = 0;
  // The whole of what `encode` gave when that is a list of parts. Not timed.
  virtual bytes_view joined(bytes_view encoded, output&) { return encoded; }
  // Decode from one syntax, encode in another.
  virtual bytes_view transcode(bytes_view from, syntax s, syntax to, item_lengths lengths, output& out) = 0;
  // Make an identifier of a row with the interface that users have, and encode it.
  virtual bytes_view build(const find_row& row, syntax s, output& out) = 0;
};

// Look every attribute of the dictionary up, in no particular order. How many there are.
std::size_t look_up_by_tag();
std::size_t look_up_by_keyword();

std::unique_ptr<toolkit> make_memcpy();
std::unique_ptr<toolkit> make_codicom();
std::unique_ptr<toolkit> make_codicom_by_reference();
std::unique_ptr<toolkit> make_codicom_streamed();
#ifdef CODEC_BENCH_WITH_DCMTK
std::unique_ptr<toolkit> make_dcmtk();
#endif
#ifdef CODEC_BENCH_WITH_GDCM
std::unique_ptr<toolkit> make_gdcm();
#endif
#ifdef CODEC_BENCH_WITH_ODIL
std::unique_ptr<toolkit> make_odil();
#endif

// For toolkits that read and write streams: as thin as a stream can be.
class view_buffer : public std::streambuf {
 public:
  explicit view_buffer(bytes_view bytes) {
    auto* const at = const_cast<char*>(reinterpret_cast<const char*>(bytes.data()));
    setg(at, at, at + bytes.size());
  }

 protected:
  pos_type seekoff(off_type offset, std::ios_base::seekdir from, std::ios_base::openmode) override {
    const auto size = egptr() - eback();
    const auto base = from == std::ios_base::beg ? 0 : from == std::ios_base::cur ? gptr() - eback() : size;
    const auto to = base + offset;
    if (to < 0 || to > size) return pos_type{off_type{-1}};
    setg(eback(), eback() + to, egptr());
    return pos_type{to};
  }
  pos_type seekpos(pos_type to, std::ios_base::openmode which) override {
    return seekoff(off_type{to}, std::ios_base::beg, which);
  }
};
class block_buffer : public std::streambuf {
 public:
  explicit block_buffer(output& out) {
    auto* const at = reinterpret_cast<char*>(out.data());
    setp(at, at + out.capacity());
  }
  // pbump counts in int, but a value is put in one piece, so that the position is asked for rather than kept.
  [[nodiscard]] std::size_t written() const { return static_cast<std::size_t>(pptr() - pbase()); }

 protected:
  pos_type seekoff(off_type offset, std::ios_base::seekdir from, std::ios_base::openmode) override {
    if (from != std::ios_base::cur || offset != 0) return pos_type{off_type{-1}};
    return pos_type{static_cast<off_type>(written())};  // tellp
  }
};
