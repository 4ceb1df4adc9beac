#pragma once
#include <codicom/dictionary/transfer_syntaxes.hpp>
#include <codicom/net/detail/body_source.hpp>

#include <algorithm>
#include <cstring>
#include <span>
#include <string>
#include <system_error>

namespace codicom::detail {

inline file_source::file_source(const std::filesystem::path& path, std::uint64_t offset, std::uint64_t size)
    : path_{path}, left_{size}, file_{path, std::ios::binary} {
  file_.seekg(static_cast<std::streamoff>(offset));
  if (!file_) fail();
}

inline byte_span file_source::next(std::size_t unit) {
  constexpr std::size_t piece = 512 << 10;
  const auto want = std::min<std::uint64_t>(left_, std::max(piece / unit, std::size_t{1}) * unit);
  if (buffer_.size() < want) buffer_.resize(static_cast<std::size_t>(want));
  file_.read(reinterpret_cast<char*>(buffer_.data()), static_cast<std::streamsize>(want));
  if (file_.gcount() != static_cast<std::streamsize>(want)) fail();
  left_ -= want;
  return byte_span{buffer_}.first(static_cast<std::size_t>(want));
}

inline void file_source::fail() const {
  throw std::system_error{errc::file_error, "cannot read " + path_.string() + ": it has changed, or the disk fails"};
}

// A deflated stream whose last byte is missing, and a private encoding, of which nobody knows what it is, are padded at
// the end (PS3.5 §A.5); all others are repaired where it is wanted, so that nothing stands behind the last element.
[[nodiscard]] inline transcode_options conversion_options(const unique_id& from, const unique_id& to, const limits& within) {
  transcode_options options;
  options.limits = within;
  options.repair = from != to || (find_transfer_syntax(from) != nullptr && !is_deflated(from));
  return options;
}

inline converting_source::converting_source(body_source& original, const unique_id& from, const unique_id& to,
                                            const limits& within)
    : original_{&original},
      between_{[this](byte_span bytes) { ready_.insert(ready_.end(), bytes.begin(), bytes.end()); }, from, to,
               conversion_options(from, to, within)},
      step_{is_deflated(from) ? std::size_t{1} << 10 : std::size_t{64} << 10} {}  // a thousand times that may come out

inline task<> pulled_source::fetch(std::size_t unit) {
  constexpr std::size_t piece = 512 << 10;
  const auto want = std::max(piece / unit, std::size_t{1}) * unit;
  buffer_.resize(want + (64 << 10));  // what is read beyond tells whether that is all
  std::memmove(buffer_.data(), buffer_.data() + given_, filled_ - given_);
  filled_ -= given_;
  given_ = 0;
  while (!ended_ && filled_ <= want) {
    const std::size_t size = co_await from_(std::span{buffer_}.subspan(filled_));
    ended_ = size == 0;
    filled_ += size;
  }
  given_ = ended_ ? filled_ : want;
}

inline void converting_source::feed_some() {
  if (left_.empty() && !original_->ended()) left_ = original_->next(input_piece);
  const auto part = left_.first(std::min(left_.size(), step_));
  left_ = left_.subspan(part.size());
  between_.feed(part);
  if (!left_.empty() || !original_->ended()) return;
  between_.finish();
  ended_ = true;
  if ((ready_.size() & 1u) != 0) ready_.push_back(std::byte{0});
}

// How much is wanted beyond what has been given.
inline std::size_t converting_source::drop_given(std::size_t unit) {
  constexpr std::size_t piece = 256 << 10;
  ready_.erase(ready_.begin(), ready_.begin() + static_cast<std::ptrdiff_t>(std::exchange(given_, 0)));
  return std::max(piece / unit, std::size_t{1}) * unit;
}

inline task<> converting_source::fetch(std::size_t unit) {
  const auto want = drop_given(unit);
  while (!ended_ && ready_.size() <= want) {
    if (left_.empty() && !original_->ended()) {
      task<> coming = original_->fetch(input_piece);
      if (coming.valid()) co_await std::move(coming);
    }
    feed_some();
  }
}

inline byte_span converting_source::next(std::size_t unit) {
  const auto want = drop_given(unit);
  while (!ended_ && ready_.size() <= want) feed_some();
  given_ = ended_ ? ready_.size() : (ready_.size() - 1) / unit * unit;
  return byte_span{ready_}.first(given_);
}

}  // namespace codicom::detail
