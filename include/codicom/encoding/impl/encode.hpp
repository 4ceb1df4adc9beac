#pragma once
#include <codicom/data_set/detail/access.hpp>
#include <codicom/encoding/detail/swap.hpp>
#include <codicom/encoding/encode.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <limits>
#include <system_error>
#include <utility>

namespace codicom {

namespace detail {

struct vr_encoding {
  std::uint16_t letters;  // as they lie in memory, read as little endian
  bool long_form;
  std::uint8_t unit;
};
inline constexpr auto vr_encodings = [] {
  std::array<vr_encoding, 64> table{};
  for (std::size_t i = 0; i < vr_table.size(); ++i) {
    const auto& f = vr_table[i];
    table[i] = {static_cast<std::uint16_t>(static_cast<unsigned>(f.code[0]) | static_cast<unsigned>(f.code[1]) << 8),
                (f.flags & vr_long_form) != 0, f.unit};
  }
  return table;
}();

// Two walks over a data set, both with a stack of their own: one computes the lengths, in the order in which the other
// one writes them.
struct encoding {
  static constexpr std::uint64_t undefined = 0xFFFFFFFF;
  static constexpr std::size_t none = ~std::size_t{0};

  struct frame {
    const element* at = nullptr;
    const element* end = nullptr;
    const data_set* next_item = nullptr;  // of the sequence `at`, while it is being walked
    const data_set* items_end = nullptr;
    bool in_sequence = false;
    bool explicit_vr = true;              // of the elements here
    bool big_endian = false;
    std::uint64_t size = 0;               // of the elements so far
    std::uint64_t sequence_size = 0;      // of the items so far
    std::size_t length_place = none;      // of this item, in `lengths`
    std::size_t sequence_place = none;
    std::size_t group_place = none;       // of the group length being counted
    std::uint64_t group_start = 0;
  };
  struct scratch {
    std::vector<frame> frames;
    std::vector<std::uint64_t> lengths;
  };
  // Taken from the thread for the time of one call, so that small data sets cost no allocation.
  class borrowed_scratch {
   public:
    borrowed_scratch() { std::swap(mine, spare()); }
    ~borrowed_scratch() {
      mine.frames.clear();
      mine.lengths.clear();
      if (mine.lengths.capacity() <= 1 << 16) std::swap(mine, spare());
    }
    borrowed_scratch(const borrowed_scratch&) = delete;
    borrowed_scratch& operator=(const borrowed_scratch&) = delete;
    scratch mine;

   private:
    [[nodiscard]] static scratch& spare() noexcept {
      thread_local scratch all;
      return all;
    }
  };

  [[nodiscard]] static std::uint64_t even(std::uint64_t size) noexcept { return size + (size & 1u); }
  [[nodiscard]] static std::uint64_t header_size(bool explicit_vr, const element& e, std::uint64_t length) noexcept {
    const bool long_form = vr_encodings[static_cast<std::size_t>(e.value_representation())].long_form || length > 0xFFFF;
    return explicit_vr && long_form ? 12 : 8;
  }
  [[nodiscard]] static bool is_group_length(const element& e) noexcept {
    return e.tag().is_group_length() && e.value_representation() == vr::ul && e.length() == 4;
  }
  static void enter(frame& inside, const frame& around, const data_set& d) noexcept {
    inside.at = d.begin();
    inside.end = d.end();
    // PS3.5 §6.2.2: a sequence of VR UN holds implicit VR little endian
    const bool un = around.at->value_representation() == vr::un;
    inside.explicit_vr = around.explicit_vr && !un;
    inside.big_endian = around.big_endian && !un;
  }

  // Large values are those that `encode_buffers` refers to; their bytes are not in `block_size`.
  struct sizes {
    std::uint64_t all = 0;
    std::uint64_t referred = 0;
  };

  [[nodiscard]] static bool by_reference(const frame& f, const element& e, std::uint64_t length,
                                         std::size_t from) noexcept {
    return length >= from && !(f.big_endian && vr_encodings[static_cast<std::size_t>(e.value_representation())].unit > 1);
  }

  static sizes measure(const data_set& root, wire_format format, std::size_t reference_from, scratch& s) {
    auto& frames = s.frames;
    auto& lengths = s.lengths;
    std::uint64_t referred = 0;
    frame first;
    first.at = root.begin();
    first.end = root.end();
    first.explicit_vr = format.explicit_vr;
    first.big_endian = format.big_endian;
    frames.push_back(first);
    for (;;) {
      frame& f = frames.back();
      if (f.in_sequence) {
        if (f.next_item != f.items_end) {
          const data_set& item = *f.next_item++;
          frame inside;
          enter(inside, f, item);
          inside.length_place = lengths.size();
          lengths.push_back(item.has_undefined_length() ? undefined : 0);
          frames.push_back(inside);
          continue;
        }
        if (lengths[f.sequence_place] != undefined)
          lengths[f.sequence_place] = std::min(f.sequence_size, undefined);  // too long to be counted: undefined
        f.size += header_size(f.explicit_vr, *f.at, 0) + f.sequence_size + (lengths[f.sequence_place] == undefined ? 8 : 0);
        f.in_sequence = false;
        ++f.at;
        continue;
      }
      const element* at = f.at;
      std::uint64_t size = f.size;
      for (; at != f.end; ++at) {
        const element& e = *at;
        if (f.group_place != none && at[-1].tag().group() != e.tag().group()) {
          lengths[f.group_place] = size - f.group_start;
          f.group_place = none;
        }
        if (e.is_sequence()) break;
        if (e.is_encapsulated()) [[unlikely]] {
          if (!format.encapsulated)
            throw std::system_error{errc::invalid_argument,
                                    to_string(e.tag()) + " holds fragments, which this transfer syntax cannot"};
          size += header_size(f.explicit_vr, e, 0) + 8;
          for (const auto& fragment : e.fragments()) {
            size += 8 + even(fragment.size());
            if (fragment.size() >= reference_from) referred += fragment.size();
          }
          continue;
        }
        const std::uint64_t length = e.length();
        size += header_size(f.explicit_vr, e, even(length)) + even(length);
        if (by_reference(f, e, length, reference_from)) referred += length;
        if (is_group_length(e)) [[unlikely]] {
          f.group_place = lengths.size();
          f.group_start = size;
          lengths.push_back(0);
        }
      }
      f.at = at;
      f.size = size;
      if (at != f.end) {
        const auto items = at->items();
        f.next_item = items.data();
        f.items_end = items.data() + items.size();
        f.in_sequence = true;
        f.sequence_size = 0;
        f.sequence_place = lengths.size();
        lengths.push_back(at->has_undefined_length() ? undefined : 0);
        continue;
      }
      if (f.group_place != none) lengths[f.group_place] = size - f.group_start;
      if (frames.size() == 1) {
        frames.clear();
        return {size, referred};
      }
      auto& place = lengths[f.length_place];
      if (place != undefined) place = std::min(size, undefined);
      const std::uint64_t whole = 8 + size + (place == undefined ? 8 : 0);
      frames.pop_back();
      frames.back().sequence_size += whole;
    }
  }

  // Where the encoded bytes go: a block that has room for all of them and 8 more, and the list of buffers, if any.
  struct target {
    std::byte* at;
    std::byte* buffer_start = nullptr;
    std::vector<byte_span>* buffers = nullptr;

    void refer(byte_span value) {
      cut();
      buffers->push_back(value);
    }
    void cut() {
      if (at != buffer_start) buffers->push_back({buffer_start, static_cast<std::size_t>(at - buffer_start)});
      buffer_start = at;
    }
  };

  template <std::endian Order, class T>
  static void put(target& t, T value) noexcept {
    store<Order>(t.at, value);
    t.at += sizeof value;
  }
  template <std::endian Order>
  static void put_tag_and_length(target& t, std::uint32_t tag, std::uint32_t length) noexcept {
    put<Order>(t, static_cast<std::uint16_t>(tag >> 16));
    put<Order>(t, static_cast<std::uint16_t>(tag));
    put<Order>(t, length);
  }
  template <bool Explicit, std::endian Order>
  static void put_header(target& t, const element& e, std::uint32_t length) noexcept {
    if constexpr (!Explicit) {
      put_tag_and_length<Order>(t, e.tag().value, length);
    } else {
      const auto& v = vr_encodings[static_cast<std::size_t>(e.value_representation())];
      put<Order>(t, e.tag().group());
      put<Order>(t, e.tag().element());
      if (!v.long_form && length <= 0xFFFF) [[likely]] {
        put<std::endian::little>(t, v.letters);
        put<Order>(t, static_cast<std::uint16_t>(length));
      } else {
        constexpr auto un = vr_encodings[static_cast<std::size_t>(vr::un)].letters;
        put<std::endian::little>(t, std::uint32_t{v.long_form ? v.letters : un});  // two reserved bytes behind
        put<Order>(t, length);
      }
    }
  }

  // Writes plain elements until the data set ends or a sequence comes.
  template <bool Explicit, std::endian Order>
  static void put_elements(target& t, frame& f, std::size_t reference_from, const std::uint64_t*& length_at) {
    using access = data_set_access;
    const element* e = f.at;
    for (; e != f.end && !e->is_sequence(); ++e) {
      if (access::place_of(*e) == access::place::small) [[likely]] {
        const std::uint32_t size = access::small_size(*e);
        const auto length = static_cast<std::uint32_t>(even(size));
        put_header<Explicit, Order>(t, *e, length);
        std::memcpy(t.at, access::small_bytes(*e), 8);
        if (e->tag().is_group_length() && is_group_length(*e)) [[unlikely]]
          store_le(t.at, static_cast<std::uint32_t>(*length_at++));
        if (length != size) t.at[size] = static_cast<std::byte>(padding(e->value_representation()));
        if constexpr (Order == std::endian::big)
          swap_words(t.at, length, vr_encodings[static_cast<std::size_t>(e->value_representation())].unit);
        t.at += length;
        continue;
      }
      if (e->is_encapsulated()) {
        put_header<Explicit, Order>(t, *e, static_cast<std::uint32_t>(undefined));
        for (const auto& fragment : e->fragments()) {
          put_tag_and_length<Order>(t, 0xFFFEE000, static_cast<std::uint32_t>(even(fragment.size())));
          if (fragment.size() >= reference_from) {
            t.refer(fragment);
          } else if (!fragment.empty()) {
            std::memcpy(t.at, fragment.data(), fragment.size());
            t.at += fragment.size();
          }
          if ((fragment.size() & 1u) != 0) *t.at++ = std::byte{0};
        }
        put_tag_and_length<Order>(t, 0xFFFEE0DD, 0);
        continue;
      }
      const byte_span value = e->bytes();
      put_header<Explicit, Order>(t, *e, static_cast<std::uint32_t>(even(value.size())));
      if (by_reference(f, *e, value.size(), reference_from)) {
        t.refer(value);
      } else {
        std::memcpy(t.at, value.data(), value.size());
        if constexpr (Order == std::endian::big)
          swap_words(t.at, value.size(), vr_encodings[static_cast<std::size_t>(e->value_representation())].unit);
        t.at += value.size();
      }
      if ((value.size() & 1u) != 0) *t.at++ = static_cast<std::byte>(padding(e->value_representation()));
    }
    f.at = e;
  }

  template <std::endian Order>
  static void put_delimiter_or_length(target& t, const frame& f, std::uint64_t length) noexcept {
    if (f.explicit_vr) put_header<true, Order>(t, *f.at, static_cast<std::uint32_t>(length));
    else put_header<false, Order>(t, *f.at, static_cast<std::uint32_t>(length));
  }
  static void put_tag(target& t, bool big_endian, std::uint32_t tag, std::uint64_t length) noexcept {
    if (big_endian) put_tag_and_length<std::endian::big>(t, tag, static_cast<std::uint32_t>(length));
    else put_tag_and_length<std::endian::little>(t, tag, static_cast<std::uint32_t>(length));
  }

  static void write(const data_set& root, wire_format format, std::size_t reference_from, scratch& s, target& t) {
    auto& frames = s.frames;
    const std::uint64_t* length_at = s.lengths.data();
    frame first;
    first.at = root.begin();
    first.end = root.end();
    first.explicit_vr = format.explicit_vr;
    first.big_endian = format.big_endian;
    frames.push_back(first);
    for (;;) {
      frame& f = frames.back();
      if (f.in_sequence) {
        if (f.next_item != f.items_end) {
          const data_set& item = *f.next_item++;
          frame inside;
          enter(inside, f, item);
          inside.size = *length_at++;  // the length to write, here
          put_tag(t, inside.big_endian, 0xFFFEE000, inside.size);
          frames.push_back(inside);
          continue;
        }
        const bool big = f.big_endian && f.at->value_representation() != vr::un;
        if (f.sequence_size == undefined) put_tag(t, big, 0xFFFEE0DD, 0);
        f.in_sequence = false;
        ++f.at;
        continue;
      }
      if (f.explicit_vr) {
        if (f.big_endian) put_elements<true, std::endian::big>(t, f, reference_from, length_at);
        else put_elements<true, std::endian::little>(t, f, reference_from, length_at);
      } else if (f.big_endian) {
        put_elements<false, std::endian::big>(t, f, reference_from, length_at);
      } else {
        put_elements<false, std::endian::little>(t, f, reference_from, length_at);
      }
      if (f.at != f.end) {
        f.sequence_size = *length_at++;
        if (f.big_endian) put_delimiter_or_length<std::endian::big>(t, f, f.sequence_size);
        else put_delimiter_or_length<std::endian::little>(t, f, f.sequence_size);
        const auto items = f.at->items();
        f.next_item = items.data();
        f.items_end = items.data() + items.size();
        f.in_sequence = true;
        continue;
      }
      if (frames.size() == 1) {
        frames.clear();
        return;
      }
      if (f.size == undefined) put_tag(t, f.big_endian, 0xFFFEE00D, 0);
      frames.pop_back();
    }
  }

  [[nodiscard]] static encoded_buffers buffers(const data_set& from, wire_format format, std::size_t reference_from) {
    borrowed_scratch borrowed;
    const auto size = measure(from, format, reference_from, borrowed.mine);
    encoded_buffers result;
    result.size_ = size.all;
    result.block_.resize(static_cast<std::size_t>(size.all - size.referred) + 8);
    target t{result.block_.data(), result.block_.data(), &result.buffers_};
    write(from, format, reference_from, borrowed.mine, t);
    t.cut();
    return result;
  }
};

[[nodiscard]] inline wire_format format_to_write(const unique_id& transfer_syntax) {
  const auto format = wire_format_of(transfer_syntax);
  if (format.deflated)
    throw std::system_error{errc::unsupported_transfer_syntax, "deflating " + transfer_syntax.str()};
  return format;
}

}  // namespace detail

inline encoded_buffers encode_buffers(const data_set& from, wire_format format, std::size_t by_reference_from) {
  return detail::encoding::buffers(from, format, std::max<std::size_t>(by_reference_from, 1));
}

inline void encode(const data_set& from, wire_format format, std::vector<std::byte>& out) {
  constexpr std::size_t never = std::numeric_limits<std::size_t>::max();
  constexpr std::uint64_t worth_gathering = 64 << 10;
  detail::encoding::borrowed_scratch borrowed;
  auto size = detail::encoding::measure(from, format, never, borrowed.mine);
  const std::size_t before = out.size();
  if (size.all >= worth_gathering) {  // a resized vector is filled with zeros first: not for large values
    const auto gathered = encode_buffers(from, format);
    out.reserve(before + static_cast<std::size_t>(gathered.size()));
    for (const auto buffer : gathered.buffers()) out.insert(out.end(), buffer.begin(), buffer.end());
    return;
  }
  out.resize(before + static_cast<std::size_t>(size.all) + 8);
  detail::encoding::target t{out.data() + before};
  detail::encoding::write(from, format, never, borrowed.mine, t);
  out.resize(before + static_cast<std::size_t>(size.all));
}

inline void encode(const data_set& from, const unique_id& transfer_syntax, std::vector<std::byte>& out) {
  encode(from, detail::format_to_write(transfer_syntax), out);
}

inline std::vector<std::byte> encode(const data_set& from, const unique_id& transfer_syntax) {
  std::vector<std::byte> out;
  encode(from, transfer_syntax, out);
  return out;
}

inline std::uint64_t encoded_size(const data_set& from, const unique_id& transfer_syntax) {
  detail::encoding::borrowed_scratch borrowed;
  return detail::encoding::measure(from, detail::format_to_write(transfer_syntax), std::numeric_limits<std::size_t>::max(),
                                   borrowed.mine).all;
}

}  // namespace codicom
