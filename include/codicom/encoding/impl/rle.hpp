#pragma once
#include <codicom/core/config.hpp>
#include <codicom/core/error.hpp>
#include <codicom/encoding/rle.hpp>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <system_error>
#include <utility>

namespace codicom {

namespace detail {

// Every `stride`-th byte of `to`, from the first on, of one RLE segment (PS3.5 §G.3.2). The number of bytes decoded.
inline std::size_t decode_rle_segment(byte_span segment, std::byte* to, std::size_t stride, std::size_t count) {
  std::size_t done = 0;
  std::size_t at = 0;
  while (done < count && at < segment.size()) {
    const auto code = std::to_integer<unsigned>(segment[at++]);
    if (code == 128) continue;  // no output
    if (code < 128) {
      const auto run = std::min({std::size_t{code} + 1, segment.size() - at, count - done});
      for (std::size_t i = 0; i < run; ++i) to[(done + i) * stride] = segment[at + i];
      at += run;
      done += run;
    } else {
      if (at == segment.size()) break;
      const auto run = std::min<std::size_t>(257 - code, count - done);
      for (std::size_t i = 0; i < run; ++i) to[(done + i) * stride] = segment[at];
      ++at;
      done += run;
    }
  }
  return done;
}

}  // namespace detail

CODICOM_FUNCTION decoded_frame decode_rle(byte_span frame, const frame_format& format, strictness mode) {
  constexpr std::size_t header_size = 64;
  constexpr std::size_t largest_gain = 64;  // two bytes stand for up to 128
  const auto fail = [](errc code, const std::string& text) { throw std::system_error{code, "RLE: " + text}; };
  if (frame.size() < header_size) fail(errc::truncated, "a frame is shorter than its header");
  const auto number = [&](std::size_t i) { return load_le<std::uint32_t>(frame.data() + 4 * i); };

  const bool single_bits = format.bits_allocated == 1;
  if (!single_bits && (format.bits_allocated == 0 || format.bits_allocated % 8 != 0))
    fail(errc::malformed_data_set, std::to_string(format.bits_allocated) + " bits allocated");
  const std::uint64_t pixels = std::uint64_t{format.rows} * format.columns;
  const std::size_t bytes_per_sample = single_bits ? 1 : format.bits_allocated / 8u;
  // A byte segment for each byte of each sample (PS3.5 §G.2); single bits stay packed, in one.
  const std::size_t segments = single_bits ? 1 : bytes_per_sample * format.samples_per_pixel;
  const std::uint64_t segment_bytes = single_bits ? (pixels * format.samples_per_pixel + 7) / 8 : pixels;
  if (number(0) != segments || segments == 0 || segments > 15)
    fail(errc::malformed_data_set,
         "a frame has " + std::to_string(number(0)) + " segments, not " + std::to_string(segments));
  if (segment_bytes * segments / largest_gain > frame.size())
    fail(errc::truncated, "a frame of " + std::to_string(segment_bytes * segments) + " bytes cannot be in " +
                              std::to_string(frame.size()));

  decoded_frame result;
  result.bytes.resize(static_cast<std::size_t>(segment_bytes) * segments);
  if (segment_bytes == 0) return result;
  for (std::size_t s = 0; s < segments; ++s) {
    const std::size_t from = number(s + 1);
    const std::size_t to = s + 1 < segments ? number(s + 2) : frame.size();
    std::size_t done = 0;
    if (from >= header_size && from <= to && to <= frame.size()) {
      // The most significant byte of a sample has the first segment.
      const auto place = s / bytes_per_sample * bytes_per_sample + (bytes_per_sample - 1 - s % bytes_per_sample);
      done = detail::decode_rle_segment(frame.subspan(from, to - from), result.bytes.data() + place, segments,
                                        static_cast<std::size_t>(segment_bytes));
    }
    if (done == segment_bytes) continue;
    const auto missing =
        "segment " + std::to_string(s + 1) + " lacks " + std::to_string(segment_bytes - done) + " bytes";
    if (mode == strictness::strict) fail(errc::truncated, missing);
    result.diagnoses.push_back(
        {deviation::truncated_value, diagnosis::no_offset, {element_tag{0x7FE0, 0x0010}}, "PS3.5 §G.3.1", missing});
  }
  return result;
}

}  // namespace codicom
