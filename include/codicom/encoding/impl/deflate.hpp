#pragma once
#include <codicom/core/vr.hpp>
#include <codicom/encoding/deflate.hpp>

#include <algorithm>
#include <cstring>
#include <limits>
#include <new>
#include <string>
#include <system_error>
#include <utility>

namespace codicom {

namespace detail {

inline constexpr std::size_t deflate_piece = 64 << 10;
inline constexpr int raw_deflate = -15;   // window bits as zlib wants to be told
inline constexpr int zlib_wrapped = 15;

inline void give_input(z_stream& to, byte_span input) noexcept {
  to.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(input.data()));
  to.avail_in = static_cast<uInt>(std::min<std::size_t>(input.size(), std::numeric_limits<uInt>::max()));
}
inline void give_room(z_stream& to, std::vector<std::byte>& out) {
  out.resize(deflate_piece);
  to.next_out = reinterpret_cast<Bytef*>(out.data());
  to.avail_out = static_cast<uInt>(out.size());
}

// A raw stream whose first byte says "stored" has a length behind it, twice (RFC 1951 §3.2.4).
[[nodiscard]] inline bool is_stored_block(byte_span start) noexcept {
  return (load_le<std::uint16_t>(start.data() + 1) ^ load_le<std::uint16_t>(start.data() + 3)) == 0xFFFF;
}
[[nodiscard]] inline bool is_zlib_header(byte_span start) noexcept {
  return (start[0] & std::byte{0x0F}) == std::byte{8} && (start[0] >> 4) <= std::byte{7} &&
         (start[1] & std::byte{0x20}) == std::byte{0} && load_be<std::uint16_t>(start.data()) % 31 == 0;
}

}  // namespace detail

// --- inflating

inline inflate_stream::inflate_stream(const decode_options& options) : mode_{options.mode}, limits_{options.limits} {}

inline inflate_stream::~inflate_stream() {
  if (begun_) ::inflateEnd(&zlib_);
}

inline void inflate_stream::begin(int window_bits) {
  if (::inflateInit2(&zlib_, window_bits) != Z_OK) throw std::bad_alloc{};
  begun_ = true;
  state_ = state::inflating;
}

inline void inflate_stream::deviates(deviation what, const char* detail) {
  if (mode_ == strictness::strict)
    throw std::system_error{what == deviation::truncated_value ? errc::truncated : errc::malformed_data_set,
                            std::string{to_string(what)} + ", PS3.5 §A.5: " + detail};
  diagnoses_.push_back({what, taken_, {}, "PS3.5 §A.5", detail});
}

// What the input is, is told by its first bytes: all but a raw stream of stored blocks differ from a data set in that
// the first byte of that, which is 08, says "stored" with a wrong length.
inline byte_span inflate_stream::decide(byte_span& input, bool is_all) {
  const auto more = std::min(start_.size() - started_, input.size());
  std::copy_n(input.begin(), more, start_.begin() + static_cast<std::ptrdiff_t>(started_));
  started_ += more;
  input = input.subspan(more);
  if (started_ < start_.size() && !is_all) return {};
  start_left_ = byte_span{start_}.first(started_);
  if (started_ < 5 || (start_[0] & std::byte{7}) != std::byte{0} || detail::is_stored_block(start_left_)) {
    begin(detail::raw_deflate);
  } else if (detail::is_zlib_header(start_left_)) {
    deviates(deviation::zlib_header, "RFC 1950 around the deflated stream");
    begin(detail::zlib_wrapped);
  } else if (started_ == start_.size() && start_[0] == std::byte{8} && start_[1] == std::byte{0}) {  // group 0008
    deviates(deviation::wrong_transfer_syntax, "not deflated");
    state_ = state::plain;
  } else {
    begin(detail::raw_deflate);
  }
  return next(input);
}

inline byte_span inflate_stream::next(byte_span& input) {
  if (state_ == state::undecided) return decide(input, false);
  if (!start_left_.empty()) {
    if (const auto piece = produce(start_left_); !piece.empty()) return piece;
  }
  return produce(input);
}

inline byte_span inflate_stream::produce(byte_span& input) {
  if (state_ == state::plain) {
    taken_ += input.size();
    return std::exchange(input, {});
  }
  while (state_ == state::inflating) {
    detail::give_input(zlib_, input);
    detail::give_room(zlib_, out_);
    const auto given = zlib_.avail_in;
    const int result = ::inflate(&zlib_, Z_NO_FLUSH);
    const std::size_t used = given - zlib_.avail_in;
    const std::size_t made = out_.size() - zlib_.avail_out;
    taken_ += used;
    made_ += made;
    input = input.subspan(used);
    if (result == Z_MEM_ERROR) throw std::bad_alloc{};
    if (result == Z_STREAM_END) {
      state_ = state::ended;
    } else if (result != Z_OK && result != Z_BUF_ERROR) {
      state_ = state::broken;
      deviates(deviation::bad_deflation, zlib_.msg != nullptr ? zlib_.msg : "not a deflated stream");
    }
    check_limits();
    if (made != 0) return byte_span{out_}.first(made);
    if (input.empty() || result == Z_BUF_ERROR) return {};
  }
  if (state_ == state::ended && !input.empty()) {
    behind_ += input.size();
    last_behind_ = input.back();
  }
  input = {};
  return {};
}

inline void inflate_stream::check_limits() const {
  if (made_ > limits_.data_set_bytes) throw std::system_error{errc::limit_exceeded, "limits.data_set_bytes, inflating"};
  if (made_ >= limits_.inflate_ratio_from && made_ > taken_ * limits_.inflate_ratio)
    throw std::system_error{errc::limit_exceeded, "limits.inflate_ratio"};
}

inline byte_span inflate_stream::finish() {
  byte_span nothing;
  if (state_ == state::undecided) {
    if (started_ == 0) {
      state_ = state::ended;
      return {};
    }
    if (const auto piece = decide(nothing, true); !piece.empty()) return piece;
  }
  if (const auto piece = next(nothing); !piece.empty()) return piece;
  if (state_ == state::inflating) {
    state_ = state::ended;
    deviates(deviation::truncated_value, "the deflated stream has no end");
  }
  if (behind_ > 1 || (behind_ == 1 && last_behind_ != std::byte{0})) {
    behind_ = 0;
    deviates(deviation::trailing_bytes, "behind the deflated stream");
  }
  return {};
}

// --- deflating

inline deflate_stream::deflate_stream(int level) {
  if (::deflateInit2(&zlib_, level, Z_DEFLATED, detail::raw_deflate, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    throw std::system_error{errc::invalid_argument, "deflate: level " + std::to_string(level)};
}

inline deflate_stream::~deflate_stream() { ::deflateEnd(&zlib_); }

inline byte_span deflate_stream::produce(byte_span& input, int flush) {
  while (!ended_) {
    detail::give_input(zlib_, input);
    detail::give_room(zlib_, out_);
    const auto given = zlib_.avail_in;
    const int result = ::deflate(&zlib_, flush);
    input = input.subspan(given - zlib_.avail_in);
    std::size_t made = out_.size() - zlib_.avail_out;
    made_ += made;
    ended_ = result == Z_STREAM_END;
    if (ended_ && (made_ & 1u) != 0) {
      out_.resize(made);
      out_.push_back(std::byte{0});
      ++made;
    }
    if (made != 0) return byte_span{out_}.first(made);
    if (input.empty() && flush == Z_NO_FLUSH) break;
  }
  return {};
}

inline byte_span deflate_stream::next(byte_span& input) {
  return input.empty() ? byte_span{} : produce(input, Z_NO_FLUSH);
}

inline byte_span deflate_stream::finish() {
  byte_span nothing;
  return produce(nothing, Z_FINISH);
}

// --- both

namespace detail {

[[nodiscard]] inline std::vector<std::byte> transformed(byte_transform& by, byte_span bytes) {
  std::vector<std::byte> all;
  for (byte_span piece; !(piece = by.next(bytes)).empty();) all.insert(all.end(), piece.begin(), piece.end());
  for (byte_span piece; !(piece = by.finish()).empty();) all.insert(all.end(), piece.begin(), piece.end());
  return all;
}

[[nodiscard]] inline std::unique_ptr<byte_transform> make_inflate_stream(const decode_options& options) {
  return std::make_unique<inflate_stream>(options);
}
[[nodiscard]] inline std::unique_ptr<byte_transform> make_deflate_stream() { return std::make_unique<deflate_stream>(); }

inline constexpr deflate_codec zlib_codec{make_inflate_stream, make_deflate_stream};

inline const bool zlib_is_installed = install(zlib_codec);

}  // namespace detail

inline std::vector<std::byte> inflated(byte_span bytes, const limits& within) {
  decode_options options{strictness::strict};
  options.limits = within;
  inflate_stream stream{options};
  return detail::transformed(stream, bytes);
}

inline std::vector<std::byte> deflated(byte_span bytes, int level) {
  deflate_stream stream{level};
  return detail::transformed(stream, bytes);
}

}  // namespace codicom
