#pragma once
#include <codicom/core/bytes.hpp>
#include <codicom/core/error.hpp>
#include <codicom/core/limits.hpp>
#include <codicom/core/unique_id.hpp>
#include <codicom/coro/task.hpp>
#include <codicom/encoding/transcode.hpp>
#include <codicom/net/store_options.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <utility>
#include <vector>

namespace codicom::detail {

// Where the bytes of a data set come from that is to be sent.
class body_source {
 public:
  body_source() = default;
  body_source(const body_source&) = delete;
  body_source& operator=(const body_source&) = delete;
  virtual ~body_source() = default;
  // To be awaited before `next`, where there is something to be awaited.
  virtual task<> fetch(std::size_t) { return {}; }
  // The next piece, valid until the next call: one or more times `unit` bytes, unless it is the last.
  virtual byte_span next(std::size_t unit) = 0;
  // The piece given last is the last.
  [[nodiscard]] virtual bool ended() const noexcept = 0;
};

class memory_source final : public body_source {
 public:
  explicit memory_source(byte_span bytes) noexcept : bytes_{bytes} {}
  byte_span next(std::size_t) override {
    given_ = true;
    return bytes_;
  }
  [[nodiscard]] bool ended() const noexcept override { return given_; }

 private:
  byte_span bytes_;
  bool given_ = false;
};

// Reads a file piece by piece, so that memory stays bounded whatever its size.
class file_source final : public body_source {
 public:
  file_source(const std::filesystem::path& path, std::uint64_t offset, std::uint64_t size);
  inline byte_span next(std::size_t unit) override;
  [[nodiscard]] bool ended() const noexcept override { return left_ == 0; }

 private:
  [[noreturn]] void fail() const;

  std::filesystem::path path_;
  std::uint64_t left_;
  std::ifstream file_;
  std::vector<std::byte> buffer_;
};

// What a function of the user's gives, perhaps after a while.
class pulled_source final : public body_source {
 public:
  explicit pulled_source(object_source from) noexcept : from_{std::move(from)} {}
  inline task<> fetch(std::size_t unit) override;
  byte_span next(std::size_t) override {
    gave_last_ = ended_;
    return byte_span{buffer_}.first(given_);
  }
  [[nodiscard]] bool ended() const noexcept override { return gave_last_; }

 private:
  object_source from_;
  std::vector<std::byte> buffer_;
  std::size_t filled_ = 0;
  std::size_t given_ = 0;  // of these
  bool ended_ = false;
  bool gave_last_ = false;
};

// Converts what another source gives on its way, also in bounded memory: to another transfer syntax, or, when that stays
// the same, to what a message wants, which has no odd values (PS3.5 §7.1.1) and an even number of bytes (PS3.8 Annex E).
// What cannot be converted shows as an error of `next`.
class converting_source final : public body_source {
 public:
  converting_source(body_source& original, const unique_id& from, const unique_id& to, const limits& within);
  inline task<> fetch(std::size_t unit) override;
  inline byte_span next(std::size_t unit) override;
  [[nodiscard]] bool ended() const noexcept override { return ended_; }

 private:
  static constexpr std::size_t input_piece = 64 << 10;
  void feed_some();
  std::size_t drop_given(std::size_t unit);

  body_source* original_;
  transcoder between_;
  std::size_t step_;         // bytes fed at once
  byte_span left_;           // of the piece that the original gave last
  std::vector<std::byte> ready_;
  std::size_t given_ = 0;    // of them
  bool ended_ = false;
};

}  // namespace codicom::detail

#include <codicom/net/detail/impl/body_source.hpp>
