#pragma once
// A frame of a DICOM image as 8-bit grey or RGB (PS3.3 §C.7.6.3, §C.11).
#include <codicom/data_set.hpp>
#ifdef CODICOM_WITH_DEFLATE
#include <codicom/encoding/deflate.hpp>
#endif

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <fmt/format.h>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace tools {

/// Which values are black and white: PS3.3 §C.11.2.1.2.
struct value_window {
  double center = 0;
  double width = 1;
};

struct draw_options {
  std::size_t frame = 1;  ///< the first is 1
  std::optional<value_window> window;
};

class picture {
 public:
  picture() = default;

  unsigned width = 0;
  unsigned height = 0;
  unsigned channels = 1;  ///< 1: grey, 3: RGB
  std::vector<std::uint8_t> bytes;
  std::string remark;  ///< what decided which values are black and white
};

/// Why there is no picture, and what to do.
class cannot_draw : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

namespace detail {

namespace tag = codicom::tag;
using codicom::byte_span;
using codicom::data_set;

// A table of PS3.3 §C.11.1.1, §C.11.2.1.1 or §C.7.6.3.1.5: values below the first entry take that, above the last, that.
class lookup_table {
 public:
  lookup_table(std::vector<std::int32_t> descriptor, bool is_signed, byte_span data) {
    if (descriptor.size() != 3 || data.empty()) throw cannot_draw{"a lookup table lacks its descriptor or its data"};
    const auto entries = descriptor[0] == 0 ? std::size_t{65536} : static_cast<std::size_t>(descriptor[0] & 0xFFFF);
    first_ = is_signed ? static_cast<std::int16_t>(descriptor[1]) : descriptor[1] & 0xFFFF;
    bits_ = static_cast<unsigned>(descriptor[2]);
    if (data.size() >= entries * 2) {
      for (std::size_t i = 0; i < entries; ++i) values_.push_back(codicom::load_le<std::uint16_t>(&data[2 * i]));
    } else {  // 8 bits, two entries in a word
      for (const auto b : data.first(std::min(entries, data.size()))) values_.push_back(std::to_integer<std::uint16_t>(b));
    }
    const auto largest = *std::max_element(values_.begin(), values_.end());
    // Some say 16 bits, or nothing sensible, and use 8.
    if (largest < 256 || bits_ < 8) bits_ = 8;
    else if (bits_ < static_cast<unsigned>(std::bit_width(largest)) || bits_ > 16) bits_ = 16;
  }

  [[nodiscard]] double operator()(double value) const noexcept {
    const auto place = std::clamp(value - first_, 0.0, static_cast<double>(values_.size() - 1));
    return values_[static_cast<std::size_t>(place)];
  }
  [[nodiscard]] std::uint8_t eight_bits(double value) const noexcept {
    return static_cast<std::uint8_t>(static_cast<unsigned>((*this)(value)) >> (bits_ - 8));
  }
  [[nodiscard]] double largest() const noexcept { return static_cast<double>((1u << bits_) - 1); }

 private:
  std::int32_t first_ = 0;
  unsigned bits_ = 16;
  std::vector<std::uint16_t> values_;
};

[[nodiscard]] inline std::vector<std::int32_t> descriptor_of(const data_set& d, codicom::element_tag tag) {
  const auto bytes = d.bytes(tag);
  std::vector<std::int32_t> numbers;
  for (std::size_t i = 0; i + 2 <= bytes.size(); i += 2) numbers.push_back(codicom::load_le<std::uint16_t>(&bytes[i]));
  return numbers;
}

// Of a modality or VOI LUT sequence.
[[nodiscard]] inline std::optional<lookup_table> table_in(const data_set& image, codicom::element_tag sequence,
                                                          bool is_signed) {
  const auto items = image.items(sequence);
  if (items.empty()) return std::nullopt;
  return lookup_table{descriptor_of(items[0], tag::LUTDescriptor), is_signed, items[0].bytes(tag::LUTData)};
}

// A run-length table for a palette, spelled out (PS3.3 §C.7.9.2).
[[nodiscard]] inline std::vector<std::byte> without_segments(byte_span data) {
  std::vector<std::uint16_t> in, out;
  for (std::size_t i = 0; i + 2 <= data.size(); i += 2) in.push_back(codicom::load_le<std::uint16_t>(&data[i]));
  constexpr std::size_t most = 65536;
  // One segment at `at`; the place behind it. An indirect one repeats others, which may not be indirect.
  const auto expand = [&](auto&& self, std::size_t at, bool may_repeat) -> std::size_t {
    if (at + 2 > in.size()) throw cannot_draw{"a segmented palette ends inside a segment"};
    const std::size_t kind = in[at], length = in[at + 1];
    if (out.size() + (kind == 2 ? 0 : length) > most) throw cannot_draw{"a segmented palette has too many entries"};
    if (kind == 0 && at + 2 + length <= in.size()) {
      for (std::size_t i = 0; i < length; ++i) out.push_back(in[at + 2 + i]);
      return at + 2 + length;
    }
    if (kind == 1 && at + 3 <= in.size() && !out.empty()) {
      const int from = out.back(), to = in[at + 2];
      for (std::size_t i = 1; i <= length; ++i)
        out.push_back(static_cast<std::uint16_t>(from + (to - from) * static_cast<int>(i) / static_cast<int>(length)));
      return at + 3;
    }
    if (kind == 2 && at + 4 <= in.size() && may_repeat) {
      std::size_t source = in[at + 2] | std::size_t{in[at + 3]} << 16;
      if (source % 2 != 0 || source / 2 >= at) throw cannot_draw{"a segmented palette refers to what is not there"};
      source /= 2;
      for (std::size_t i = 0; i < length; ++i) source = self(self, source, false);
      return at + 4;
    }
    throw cannot_draw{"a segmented palette has a segment that is none"};
  };
  for (std::size_t at = 0; at < in.size();) at = expand(expand, at, true);
  std::vector<std::byte> bytes(out.size() * 2);
  for (std::size_t i = 0; i < out.size(); ++i) codicom::store_le(bytes.data() + 2 * i, out[i]);
  return bytes;
}

class palette {
 public:
  explicit palette(const data_set& image)
      : red_{table(image, tag::RedPaletteColorLookupTableDescriptor, tag::RedPaletteColorLookupTableData,
                   tag::SegmentedRedPaletteColorLookupTableData)},
        green_{table(image, tag::GreenPaletteColorLookupTableDescriptor, tag::GreenPaletteColorLookupTableData,
                     tag::SegmentedGreenPaletteColorLookupTableData)},
        blue_{table(image, tag::BluePaletteColorLookupTableDescriptor, tag::BluePaletteColorLookupTableData,
                    tag::SegmentedBluePaletteColorLookupTableData)} {}

  void append(double value, std::vector<std::uint8_t>& rgb) const {
    for (const auto* t : {&red_, &green_, &blue_}) rgb.push_back(t->eight_bits(value));
  }

 private:
  static lookup_table table(const data_set& image, codicom::element_tag descriptor, codicom::element_tag data,
                            codicom::element_tag segmented) {
    const bool is_signed = image.get(tag::PixelRepresentation) == 1;
    if (image.contains(segmented))
      return {descriptor_of(image, descriptor), is_signed, without_segments(image.bytes(segmented))};
    if (!image.contains(data)) throw cannot_draw{"the image has PALETTE COLOR, but no palette"};
    return {descriptor_of(image, descriptor), is_signed, image.bytes(data)};
  }

  lookup_table red_, green_, blue_;
};

// The numbers that stand in the pixel data.
class samples {
 public:
  samples(const data_set& image, const codicom::frame_format& format, byte_span bytes)
      : bytes_{bytes}, allocated_{format.bits_allocated} {
    stored_ = image.get(tag::BitsStored).value_or(format.bits_allocated);
    high_ = image.get(tag::HighBit).value_or(static_cast<std::uint16_t>(stored_ - 1));
    is_signed_ = image.get(tag::PixelRepresentation) == 1;
    is_float_ = image.contains(tag::FloatPixelData) || image.contains(tag::DoubleFloatPixelData);
    if (stored_ == 0 || stored_ > allocated_ || high_ >= allocated_ || high_ + 1 < stored_) {
      stored_ = allocated_;
      high_ = allocated_ - 1;
    }
    if (allocated_ != 1 && allocated_ != 8 && allocated_ != 16 && allocated_ != 32 && !(is_float_ && allocated_ == 64))
      throw cannot_draw{fmt::format("samples of {} bits cannot be drawn", allocated_)};
  }

  [[nodiscard]] std::size_t count() const noexcept { return bytes_.size() * 8 / allocated_; }
  [[nodiscard]] unsigned bits() const noexcept { return stored_; }
  [[nodiscard]] bool is_signed() const noexcept { return is_signed_; }

  [[nodiscard]] double operator[](std::size_t i) const noexcept {
    if (i >= count()) return 0;
    if (is_float_)
      return allocated_ == 32 ? std::bit_cast<float>(codicom::load_le<std::uint32_t>(&bytes_[4 * i]))
                              : std::bit_cast<double>(codicom::load_le<std::uint64_t>(&bytes_[8 * i]));
    std::uint32_t word = 0;
    switch (allocated_) {
      case 1: word = std::to_integer<unsigned>(bytes_[i / 8]) >> i % 8 & 1; break;
      case 8: word = std::to_integer<unsigned>(bytes_[i]); break;
      case 16: word = codicom::load_le<std::uint16_t>(&bytes_[2 * i]); break;
      default: word = codicom::load_le<std::uint32_t>(&bytes_[4 * i]); break;
    }
    word = word >> (high_ + 1 - stored_) & (0xFFFFFFFFu >> (32 - stored_));  // overlays may have the bits above
    if (is_signed_ && (word >> (stored_ - 1) & 1) != 0) return static_cast<double>(word) - std::exp2(stored_);
    return word;
  }

 private:
  byte_span bytes_;
  unsigned allocated_;
  unsigned stored_ = 0;
  unsigned high_ = 0;
  bool is_signed_ = false;
  bool is_float_ = false;
};

// A frame's macro in the functional groups of a multi-frame image (PS3.3 §C.7.6.16), or the image itself.
[[nodiscard]] inline const data_set& macro_of(const data_set& image, codicom::element_tag sequence, std::size_t frame) {
  const auto find = [&](codicom::element_tag groups, std::size_t number) -> const data_set* {
    const auto items = image.items(groups);
    if (number >= items.size()) return nullptr;
    const auto macro = items[number].items(sequence);
    return macro.empty() ? nullptr : &macro[0];
  };
  if (const auto* own = find(tag::PerFrameFunctionalGroupsSequence, frame)) return *own;
  if (const auto* shared = find(tag::SharedFunctionalGroupsSequence, 0)) return *shared;
  return image;
}

[[nodiscard]] inline std::uint8_t to_8_bits(double share) noexcept {
  if (!(share > 0)) return 0;  // NaN, too
  return static_cast<std::uint8_t>(std::min(share, 1.0) * 255.0 + 0.5);
}

// PS3.3 §C.11.2.1.2 and §C.11.2.1.3: what share of white a value is.
[[nodiscard]] inline double windowed(double value, const value_window& w, const std::string& function) noexcept {
  if (function == "SIGMOID") return 1 / (1 + std::exp(-4 * (value - w.center) / w.width));
  if (function == "LINEAR_EXACT") return (value - w.center) / w.width + 0.5;
  if (w.width <= 1) return value > w.center - 0.5 ? 1 : 0;
  return (value - (w.center - 0.5)) / (w.width - 1) + 0.5;
}

// From the value below which one in a hundred lies to the one above which one in a hundred lies.
[[nodiscard]] inline value_window percentile_window(std::vector<double> values, std::optional<double> padding) {
  std::erase_if(values, [&](double v) { return !std::isfinite(v) || v == padding; });
  if (values.empty()) return {};
  const auto at = [&](std::size_t place) {
    const auto where = values.begin() + static_cast<std::ptrdiff_t>(place);
    std::nth_element(values.begin(), where, values.end());
    return *where;
  };
  double low = at(values.size() / 100);
  double high = at(values.size() - 1 - values.size() / 100);
  if (low == high) {  // all but a few are equal
    low = at(0);
    high = at(values.size() - 1);
  }
  return {(low + high) / 2, std::max(high - low, 1e-12)};
}

[[nodiscard]] inline picture draw_grey(const data_set& image, const samples& from, std::size_t count,
                                       const draw_options& options) {
  picture result;
  std::vector<double> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = from[i];
  const auto& modality = macro_of(image, tag::PixelValueTransformationSequence, options.frame - 1);
  const auto slope = modality.get(tag::RescaleSlope).value_or(1);
  const auto intercept = modality.get(tag::RescaleIntercept).value_or(0);
  std::optional<double> padding;
  if (const auto value = image.get(tag::PixelPaddingValue)) padding = *value * slope + intercept;
  const auto modality_table = table_in(image, tag::ModalityLUTSequence, from.is_signed());
  for (auto& value : values) value = modality_table ? (*modality_table)(value) : value * slope + intercept;

  const auto& voi = macro_of(image, tag::FrameVOILUTSequence, options.frame - 1);
  const auto centers = voi.values(tag::WindowCenter);
  const auto widths = voi.values(tag::WindowWidth);
  auto function = voi.text(tag::VOILUTFunction);
  auto window = options.window;
  std::optional<lookup_table> voi_table;
  if (window) {
    result.remark = fmt::format("window {},{} as told", window->center, window->width);
  } else if (!centers.empty() && !widths.empty() && widths[0] > 0) {
    window = value_window{centers[0], widths[0]};
    result.remark = fmt::format("window {},{} of the object", window->center, window->width);
  } else if ((voi_table = table_in(voi, tag::VOILUTSequence, from.is_signed() || intercept < 0))) {
    result.remark = "VOI lookup table of the object";
  } else {
    window = percentile_window(values, padding);
    function = "LINEAR_EXACT";
    result.remark = fmt::format("window {},{} from the 1st to the 99th percentile", window->center, window->width);
  }
  const bool inverted = image.text(tag::PhotometricInterpretation) == "MONOCHROME1";
  result.bytes.reserve(count);
  for (const auto value : values) {
    const auto share = window ? windowed(value, *window, function) : (*voi_table)(value) / voi_table->largest();
    result.bytes.push_back(to_8_bits(inverted ? 1 - share : share));
  }
  return result;
}

// PS3.3 §C.7.6.3.1.2
inline void append_ybr(double y, double b, double r, std::vector<std::uint8_t>& rgb) {
  for (const double share : {y + 1.402 * (r - 128), y - 0.344136 * (b - 128) - 0.714136 * (r - 128), y + 1.772 * (b - 128)})
    rgb.push_back(to_8_bits(share / 255));
}

[[nodiscard]] inline picture draw_colours(const data_set& image, const samples& from, std::size_t pixels,
                                          bool by_plane) {
  picture result;
  result.channels = 3;
  result.bytes.reserve(pixels * 3);
  const auto colours = image.text(tag::PhotometricInterpretation);
  const auto largest = std::exp2(from.bits()) - 1;
  const auto sample = [&](std::size_t i) { return from[i] * 255 / largest; };
  if (colours == "YBR_FULL_422") {
    for (std::size_t i = 0; i < pixels; ++i) {  // Y Y B R for two pixels
      const auto pair = i / 2 * 4;
      append_ybr(sample(pair + i % 2), sample(pair + 2), sample(pair + 3), result.bytes);
    }
    return result;
  }
  if (colours != "RGB" && colours != "YBR_FULL")
    throw cannot_draw{fmt::format("images in {} cannot be drawn: convert it to RGB first", colours)};
  for (std::size_t i = 0; i < pixels; ++i) {
    double three[3];
    for (std::size_t s = 0; s < 3; ++s) three[s] = sample(by_plane ? s * pixels + i : 3 * i + s);
    if (colours == "YBR_FULL") append_ybr(three[0], three[1], three[2], result.bytes);
    else
      for (const auto value : three) result.bytes.push_back(to_8_bits(value / 255));
  }
  return result;
}

// A frame as native pixel data.
[[nodiscard]] inline std::vector<std::byte> native_frame(const codicom::dicom_file& file, const codicom::frames& all,
                                                         std::size_t number) {
  const auto& syntax = file.meta.transfer_syntax_uid;
  auto bytes = all[number].copy();
  if (!all.is_encapsulated() || syntax == codicom::transfer_syntax::EncapsulatedUncompressedExplicitVRLittleEndian)
    return bytes;
  if (syntax == codicom::transfer_syntax::RLELossless) return codicom::decode_rle(bytes, all.format()).bytes;
#ifdef CODICOM_WITH_DEFLATE
  if (syntax == codicom::transfer_syntax::DeflatedImageFrameCompression) {
    codicom::decode_options options;
    options.limits.data_set_bytes = all.format().frame_bytes() + 1;
    codicom::inflate_stream inflate{options};
    std::vector<std::byte> inflated;
    byte_span input{bytes};
    const auto take = [&](byte_span piece) { inflated.insert(inflated.end(), piece.begin(), piece.end()); };
    for (byte_span piece; !(piece = inflate.next(input)).empty();) take(piece);
    for (byte_span piece; !(piece = inflate.finish()).empty();) take(piece);
    return inflated;
  }
#endif
  const auto* facts = codicom::find_transfer_syntax(syntax);
  throw cannot_draw{
      fmt::format("images in {} cannot be drawn: decompress it first, for instance with 'gdcmconv --raw IN OUT'",
                  facts != nullptr ? std::string{facts->name} : "the transfer syntax " + syntax.str())};
}

}  // namespace detail

/// Draw one frame. @throws cannot_draw; std::system_error for RLE that is none.
[[nodiscard]] inline picture draw(const codicom::dicom_file& file, const draw_options& options) {
  using namespace detail;
  const auto& image = file.value;
  const codicom::frames all{image, file.meta.transfer_syntax_uid};
  const auto& format = all.format();
  if (all.empty()) {
    if (!all.diagnoses().empty()) throw cannot_draw{"no frame can be found: " + codicom::to_string(all.diagnoses()[0])};
    throw cannot_draw{"there is no image in it"};
  }
  if (options.frame == 0 || options.frame > all.size())
    throw cannot_draw{fmt::format("there is no frame {}: give --frame a number from 1 to {}", options.frame, all.size())};
  const auto pixels = std::size_t{format.rows} * format.columns;
  if (pixels == 0) throw cannot_draw{"the image has no rows or no columns"};

  const auto bytes = native_frame(file, all, options.frame - 1);
  const samples from{image, format, bytes};
  picture result;
  // What is far too short is no picture of that size, and takes no memory for it.
  if (from.count() < pixels / 64)
    throw cannot_draw{fmt::format("{} bytes are no image of {} x {}", bytes.size(), format.columns, format.rows)};
  if (format.samples_per_pixel == 1 && image.text(tag::PhotometricInterpretation) == "PALETTE COLOR") {
    const palette colours{image};
    result.channels = 3;
    result.bytes.reserve(pixels * 3);
    for (std::size_t i = 0; i < pixels; ++i) colours.append(from[i], result.bytes);
    result.remark = "palette of the object";
  } else if (format.samples_per_pixel == 1) {
    result = draw_grey(image, from, pixels, options);
  } else if (format.samples_per_pixel == 3) {
    // The decoder of RLE puts samples side by side, whatever the object says.
    const bool rle = file.meta.transfer_syntax_uid == codicom::transfer_syntax::RLELossless;
    result = draw_colours(image, from, pixels, !rle && image.get(tag::PlanarConfiguration) == 1);
    result.remark = "colours of the object";
  } else {
    throw cannot_draw{fmt::format("images with {} samples a pixel cannot be drawn", format.samples_per_pixel)};
  }
  result.width = format.columns;
  result.height = format.rows;
  return result;
}

}  // namespace tools
