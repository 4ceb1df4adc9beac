#pragma once
#include <codicom/core/bytes.hpp>
#include <codicom/core/diagnosis.hpp>
#include <codicom/dictionary/tags.hpp>
#include <codicom/encoding/frames.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace codicom::detail {

// The elements that hold frames (PS3.3 §C.7.6.3, §C.7.6.24, §C.7.6.25).
inline constexpr std::array<element_tag, 3> frame_elements{tag::FloatPixelData, tag::DoubleFloatPixelData, tag::PixelData};

inline constexpr std::size_t item_header_size = 8;  // tag and length (PS3.5 §7.5)
inline constexpr std::string_view basic_table_section = "PS3.5 §A.4";
inline constexpr std::string_view extended_table_section = "PS3.3 §C.7.6.3.1.8";

// MPEG-2, MPEG-4 and HEVC.
[[nodiscard]] inline bool is_video(const unique_id& transfer_syntax) noexcept {
  const auto uid = transfer_syntax.view();
  constexpr std::string_view family = "1.2.840.10008.1.2.4.10";  // .100 to .108, and their fragmentable kin
  return uid.size() > family.size() && uid.starts_with(family);
}

[[nodiscard]] inline bool starts_with(byte_span bytes, std::initializer_list<unsigned> values) noexcept {
  return bytes.size() >= values.size() && std::equal(values.begin(), values.end(), bytes.begin(), [](unsigned v, auto b) {
           return v == std::to_integer<unsigned>(b);
         });
}

// The header of PS3.5 §G.5: 1 to 15 segments, the first right behind it, the others in order, zeros for the rest.
[[nodiscard]] inline bool is_rle_header(byte_span bytes) noexcept {
  if (bytes.size() < 64) return false;
  const auto number = [&](std::size_t i) { return load_le<std::uint32_t>(bytes.data() + 4 * i); };
  const auto segments = number(0);
  if (segments == 0 || segments > 15 || number(1) != 64) return false;
  for (std::size_t i = 2; i < 16; ++i)
    if (i <= segments ? number(i) <= number(i - 1) : number(i) != 0) return false;
  return true;
}

enum class codestream : std::uint8_t { none, jpeg, jpeg_2000, jpeg_xl, rle };

// What begins with these bytes, the first 64 or fewer.
[[nodiscard]] inline codestream codestream_of(byte_span head) noexcept {
  if (starts_with(head, {0xFF, 0xD8, 0xFF})) return codestream::jpeg;  // JPEG-LS as well
  if (starts_with(head, {0xFF, 0x4F, 0xFF, 0x51})) return codestream::jpeg_2000;
  if (starts_with(head, {0xFF, 0x0A}) || starts_with(head, {0, 0, 0, 0x0C, 'J', 'X', 'L', ' '}))
    return codestream::jpeg_xl;
  return is_rle_header(head) ? codestream::rle : codestream::none;
}

// EOI of JPEG, EOC of JPEG 2000: FF D9, perhaps with a padding byte behind it.
[[nodiscard]] inline bool ends_codestream(byte_span tail) noexcept {
  const auto is_end = [&](std::size_t at) { return starts_with(tail.subspan(at), {0xFF, 0xD9}); };
  return (tail.size() >= 2 && is_end(tail.size() - 2)) || (tail.size() >= 3 && is_end(tail.size() - 3));
}

// What tells the frames of encapsulated pixel data apart.
struct frame_tables {
  byte_span basic;
  byte_span extended;
  byte_span extended_lengths;
};

// `Fragments` tells sizes and, only when that is needed, looks into the fragments:
//     std::size_t count(); std::uint64_t size(i); byte_span head(i), tail(i);   // the first 64 and the last 3 bytes
template <class Fragments>
class frame_finder {
 public:
  frame_finder(Fragments& fragments, const frame_tables& tables, std::vector<diagnosis>& diagnoses)
      : fragments_{fragments}, tables_{tables}, diagnoses_{diagnoses} {}

  [[nodiscard]] frame_index find(std::optional<std::uint32_t> announced, bool video) {
    frame_index index;
    const auto count = fragments_.count();
    if (count == 0) {
      deviates("no fragments");
      return index;
    }
    if (video) {
      index.first = {0};
    } else {
      index.first = by_tables(announced);
      if (index.first.empty()) index.first = without_table(announced.value_or(1));
    }
    if (index.first.empty()) return index;
    index.first.push_back(static_cast<std::uint32_t>(count));
    take_lengths(index);
    return index;
  }

 private:
  using starts = std::vector<std::uint32_t>;

  void deviates(std::string detail, std::string_view section = basic_table_section) {
    diagnoses_.push_back(
        {deviation::bad_encapsulation, diagnosis::no_offset, {tag::PixelData}, section, std::move(detail)});
  }

  // The fragments that the entries of a table point to; nothing when one of them points elsewhere. Offsets of 32 bits
  // start again at 4 GiB.
  template <class Entry>
  [[nodiscard]] starts follow(byte_span table, std::uint64_t base, std::uint64_t header) {
    starts found;
    std::uint64_t at = 0;
    std::size_t fragment = 0;
    const auto count = fragments_.count();
    for (std::size_t i = 0; i + sizeof(Entry) <= table.size(); i += sizeof(Entry)) {
      const auto wanted = static_cast<Entry>(load_le<Entry>(table.data() + i) - base);
      while (fragment < count && static_cast<Entry>(at) != wanted) at += header + fragments_.size(fragment++);
      if (fragment == count) return {};
      found.push_back(static_cast<std::uint32_t>(fragment));
      at += header + fragments_.size(fragment++);
    }
    if (!found.empty() && found.front() != 0) return {};
    return found;
  }

  // An offset table as it should be, or as some write it.
  template <class Entry>
  [[nodiscard]] starts read_table(byte_span table, std::string_view name, std::string_view section) {
    if (table.size() < sizeof(Entry)) return {};
    auto found = follow<Entry>(table, 0, item_header_size);
    if (!found.empty()) return found;
    const auto first = load_le<Entry>(table.data());
    found = follow<Entry>(table, first, item_header_size);
    if (found.empty()) found = follow<Entry>(table, first, 0);
    deviates(std::string{name} + (found.empty() ? " points to where no fragment begins; passed over"
                                                : " counts from another byte, or without item headers; put right"),
             section);
    return found;
  }

  [[nodiscard]] starts by_tables(std::optional<std::uint32_t> announced) {
    starts other;
    const auto fits = [&](starts& found, std::string_view name, std::string_view section) {
      if (found.empty()) return false;
      if (!announced || found.size() == *announced) return true;
      deviates(std::string{name} + " has " + std::to_string(found.size()) + " entries for " +
                   std::to_string(*announced) + " frames",
               section);
      if (found.size() > 1 && other.empty()) other = std::move(found);
      return false;
    };
    auto found = read_table<std::uint64_t>(tables_.extended, "the extended offset table", extended_table_section);
    if (fits(found, "the extended offset table", extended_table_section)) return found;
    found = read_table<std::uint32_t>(tables_.basic, "the basic offset table", basic_table_section);
    if (fits(found, "the basic offset table", basic_table_section)) return found;
    // Of a table that contradicts Number of Frames one may still learn, unless something else agrees with that.
    if (!other.empty() && *announced != 1 && *announced != fragments_.count()) return other;
    return {};
  }

  [[nodiscard]] starts without_table(std::uint32_t announced) {
    const auto count = fragments_.count();
    if (announced == 1) return {0};
    if (count <= announced) {
      if (count < announced)
        deviates(std::to_string(count) + " fragments for " + std::to_string(announced) + " frames");
      starts each(count);
      for (std::size_t i = 0; i < count; ++i) each[i] = static_cast<std::uint32_t>(i);
      return each;
    }
    auto found = by_codestreams();
    if (found.size() == announced) return found;
    if (found.empty()) {
      deviates(std::to_string(count) + " fragments for " + std::to_string(announced) +
               " frames, and nothing that tells which belong together");
    } else {
      deviates(std::to_string(found.size()) + " codestreams for " + std::to_string(announced) + " frames");
    }
    return found;
  }

  // Where codestreams of one kind begin; those of JPEG and JPEG 2000 only where another one has ended.
  [[nodiscard]] starts by_codestreams() {
    const auto kind = codestream_of(fragments_.head(0));
    if (kind == codestream::none) return {};
    const bool has_end = kind == codestream::jpeg || kind == codestream::jpeg_2000;
    starts found{0};
    for (std::size_t i = 1; i < fragments_.count(); ++i)
      if (codestream_of(fragments_.head(i)) == kind && (!has_end || ends_codestream(fragments_.tail(i - 1))))
        found.push_back(static_cast<std::uint32_t>(i));
    return found;
  }

  void take_lengths(frame_index& index) {
    const auto lengths = tables_.extended_lengths;
    if (lengths.empty()) return;
    std::vector<std::uint64_t> taken;
    bool fits = lengths.size() == index.size() * 8;
    for (std::size_t i = 0; fits && i < index.size(); ++i) {
      std::uint64_t bytes = 0;
      for (auto f = index.first[i]; f < index.first[i + 1]; ++f) bytes += fragments_.size(f);
      taken.push_back(load_le<std::uint64_t>(lengths.data() + 8 * i));
      fits = taken.back() <= bytes && bytes - taken.back() <= 1;
    }
    if (fits) index.lengths = std::move(taken);
    else deviates("the extended offset table lengths are not those of the frames", extended_table_section);
  }

  Fragments& fragments_;
  frame_tables tables_;
  std::vector<diagnosis>& diagnoses_;
};

}  // namespace codicom::detail
