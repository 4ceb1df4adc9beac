#pragma once
#include <codicom/core/utf8.hpp>
#include <codicom/data_set/detail/repertoires.hpp>
#include <codicom/data_set/iconv.hpp>

#include <array>
#include <cstddef>
#include <iconv.h>
#include <string>
#include <string_view>

namespace codicom::detail {

// One direction between UTF-8 and an encoding that iconv knows.
class iconv_descriptor {
 public:
  iconv_descriptor(const char* to, const char* from) noexcept : cd_{::iconv_open(to, from)} {}
  iconv_descriptor(const iconv_descriptor&) = delete;
  iconv_descriptor& operator=(const iconv_descriptor&) = delete;
  ~iconv_descriptor() {
    if (is_open()) ::iconv_close(cd_);
  }

  // One character; the number of bytes written, 0 when it cannot be converted exactly.
  [[nodiscard]] std::size_t convert(std::string_view from, std::array<char, 8>& to) noexcept {
    if (!is_open()) return 0;
    std::array<char, 8> source{};
    const auto size = from.copy(source.data(), source.size());
    input in{source.data()};
    char* out = to.data();
    std::size_t left = size;
    std::size_t room = to.size();
    ::iconv(cd_, nullptr, nullptr, nullptr, nullptr);
    return ::iconv(cd_, in, &left, &out, &room) == 0 && left == 0 ? to.size() - room : 0;
  }

 private:
  // POSIX says char**, some platforms say const char**.
  struct input {
    char* at;
    operator char**() noexcept { return &at; }                                  // NOLINT
    operator const char**() noexcept { return const_cast<const char**>(&at); }  // NOLINT
  };

  [[nodiscard]] bool is_open() const noexcept { return cd_ != reinterpret_cast<iconv_t>(-1); }

  iconv_t cd_;
};

// The encoding of iconv that a set is part of.
struct iconv_encoding {
  explicit iconv_encoding(const char* name) noexcept : to_utf8{"UTF-8", name}, from_utf8{name, "UTF-8"} {}
  iconv_descriptor to_utf8;
  iconv_descriptor from_utf8;
};

// Descriptors have state, so each thread has its own, opened when it first meets the set.
[[nodiscard]] inline iconv_encoding& encoding_of(repertoire set) noexcept {
  switch (set) {
    case repertoire::ks_x_1001: {
      thread_local iconv_encoding korean{"EUC-KR"};
      return korean;
    }
    case repertoire::gb_2312: {
      thread_local iconv_encoding chinese{"GB2312"};
      return chinese;
    }
    case repertoire::gbk: {
      thread_local iconv_encoding gbk{"GBK"};
      return gbk;
    }
    case repertoire::gb18030: {
      thread_local iconv_encoding gb18030{"GB18030"};
      return gb18030;
    }
    default: {
      thread_local iconv_encoding japanese{"EUC-JP"};
      return japanese;
    }
  }
}

// In the EUC encodings a character of a half is the same with high bits; JIS X 0212 has 8F in front.
[[nodiscard]] constexpr bool is_euc(repertoire set) noexcept {
  return set != repertoire::gbk && set != repertoire::gb18030;
}

[[nodiscard]] inline char32_t decode_with_iconv(repertoire set, std::string_view bytes) noexcept {
  std::array<char, 8> source{};
  std::size_t size = 0;
  if (set == repertoire::jis_x_0212) source[size++] = '\x8F';
  for (const char c : bytes.substr(0, 4)) source[size++] = static_cast<char>(is_euc(set) ? c | '\x80' : c);
  std::array<char, 8> utf8{};
  const auto written = encoding_of(set).to_utf8.convert({source.data(), size}, utf8);
  if (written == 0) return 0;
  const auto c = next_utf8({utf8.data(), written});
  return c.size == written ? c.code : 0;
}

[[nodiscard]] inline std::size_t encode_with_iconv(repertoire set, char32_t c, std::array<char, 4>& bytes) noexcept {
  std::string utf8;  // short enough to lie in place
  append_utf8(utf8, c);
  std::array<char, 8> out{};
  const auto size = encoding_of(set).from_utf8.convert(utf8, out);
  const bool third = set == repertoire::jis_x_0212;  // 8F, which the others do not have
  if (size == 0 || size > 4 || (is_euc(set) && size != (third ? 3u : 2u))) return 0;
  if (is_euc(set) && (third ? out[0] != '\x8F' : static_cast<unsigned char>(out[0]) < 0xA1)) return 0;
  const std::size_t first = third ? 1 : 0;
  for (std::size_t i = first; i < size; ++i) bytes[i - first] = static_cast<char>(is_euc(set) ? out[i] & 0x7F : out[i]);
  return size - first;
}

inline constexpr multi_byte_codec iconv_codec{decode_with_iconv, encode_with_iconv};

inline const bool iconv_is_installed = install(iconv_codec);

}  // namespace codicom::detail
