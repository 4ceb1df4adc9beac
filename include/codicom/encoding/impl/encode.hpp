#pragma once
#include <codicom/core/config.hpp>
#include <codicom/data_set/detail/access.hpp>
#include <codicom/encoding/byte_transform.hpp>
#include <codicom/core/detail/copy.hpp>
#include <codicom/encoding/detail/stack.hpp>
#include <codicom/encoding/detail/swap.hpp>
#include <codicom/encoding/encode.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
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

// One walk over a data set, with a stack of its own. A length is not known before what it counts has been written; it
// is written over then. One that does not fit becomes undefined, which needs but a delimiter at the end.
struct encoding {
  static constexpr std::uint32_t undefined = 0xFFFFFFFF;
  static constexpr std::size_t never = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t large = 4096;

  // A place in what is written.
  struct mark {
    std::size_t written;     // bytes before, in the vector
    std::uint64_t referred;  // bytes before, elsewhere
  };

  // Bytes go to the end of a vector, whose size runs ahead of them; large values, when they are referred to, stand in a
  // list, with the place where they belong.
  struct target {
    static constexpr std::size_t step = 8 << 10;  // new bytes are zeroed first, so no more than will stay in the cache
    struct reference {
      std::size_t written;
      byte_span value;
    };

    target(std::vector<std::byte>& to, std::size_t hint) : out{&to} {
      const auto used = to.size();
      resize(used, std::min(hint, step));
    }
    [[nodiscard]] std::size_t written() const noexcept { return static_cast<std::size_t>(at - out->data()); }
    [[nodiscard]] mark here() const noexcept { return {written(), referred}; }
    [[nodiscard]] std::uint64_t since(mark m) const noexcept { return written() - m.written + (referred - m.referred); }
    void need(std::size_t size) {
      if (size > static_cast<std::size_t>(limit - at)) [[unlikely]]
        resize(written(), size + step);
    }
    void resize(std::size_t used, std::size_t more) {
      if (more > out->capacity() - used) out->reserve(std::max(out->capacity() * 2, used + more));
      out->resize(used + more);
      at = out->data() + used;
      limit = out->data() + out->size();
    }
    // A large value is not worth the zeros.
    void append(byte_span value) {
      out->resize(written());
      out->insert(out->end(), value.begin(), value.end());
      at = limit = out->data() + out->size();
    }
    void refer(byte_span value) {
      references.push_back({written(), value});
      referred += value.size();
    }
    void finish() { out->resize(written()); }

    std::vector<std::byte>* out;
    std::byte* at = nullptr;
    std::byte* limit = nullptr;
    std::uint64_t referred = 0;
    std::vector<reference> references;
  };

  // A group length (gggg,0000) that waits for the end of its group.
  static constexpr std::uint32_t no_group = 0xFFFFFFFF;
  struct open_group {
    std::uint32_t last_tag;  // that the group can have
    mark start;
  };

  // A sequence that is being written, and where to go on behind it.
  struct level {
    const element* sequence;
    const element* end;
    const data_set* item;  // at hand
    const data_set* items_end;
    mark start;
    mark item_start;
    open_group group;
    bool explicit_vr;
    bool big_endian;
  };
  // The stack is taken from the thread for the time of one call, so that small data sets cost no allocation.
  class borrowed_levels {
   public:
    borrowed_levels() noexcept { std::swap(mine, spare()); }
    ~borrowed_levels() {
      mine.clear();
      std::swap(mine, spare());
    }
    borrowed_levels(const borrowed_levels&) = delete;
    borrowed_levels& operator=(const borrowed_levels&) = delete;
    stack<level> mine;

   private:
    [[nodiscard]] static stack<level>& spare() noexcept {
      thread_local stack<level> all;
      return all;
    }
  };

  // What was decoded lies in memory in about the order in which it is encoded: what comes a few items later is asked for
  // now, since going from item to item the processor does not see it coming.
  static void prefetch([[maybe_unused]] const element* at) noexcept {
#if defined(__GNUC__)
    __builtin_prefetch(reinterpret_cast<const void*>(reinterpret_cast<std::uintptr_t>(at) + 1024));  // it may be null
#endif
  }

  // Where the walk is, and how it writes there.
  struct position {
    const element* at;
    const element* end;
    open_group group;
    bool explicit_vr;
    bool big_endian;
  };

  template <std::endian Order>
  static std::byte* put_tag(std::byte* at, element_tag tag) noexcept {
    if constexpr (Order == std::endian::little) {
      store_le(at, std::rotl(tag.value, 16));
    } else {
      store_be(at, tag.value);
    }
    return at + 4;
  }
  template <bool Explicit, std::endian Order>
  static std::byte* put_header(std::byte* at, const element& e, std::uint32_t length) noexcept {
    constexpr bool little = Order == std::endian::little;
    const std::uint64_t tag = little ? std::rotl(e.tag().value, 16) : std::uint64_t{e.tag().value} << 32;
    if constexpr (Explicit) {
      const auto v = vr_encodings[static_cast<std::size_t>(e.value_representation())];
      const std::uint64_t letters = v.letters;
      if (!v.long_form && length <= 0xFFFF) [[likely]] {
        store<Order>(at, little ? tag | letters << 32 | std::uint64_t{length} << 48
                                : tag | std::uint64_t{swapped(v.letters)} << 16 | length);
        return at + 8;
      }
      constexpr auto un = vr_encodings[static_cast<std::size_t>(vr::un)].letters;
      const auto long_letters = v.long_form ? v.letters : un;  // two reserved bytes behind
      store<Order>(at, little ? tag | std::uint64_t{long_letters} << 32 : tag | std::uint64_t{swapped(long_letters)} << 16);
      store<Order>(at + 8, length);
      return at + 12;
    } else {
      store<Order>(at, little ? tag | std::uint64_t{length} << 32 : tag | length);
      return at + 8;
    }
  }
  static void put_item_tag(target& t, bool big_endian, std::uint32_t tag, std::uint32_t length) {
    t.need(8);
    if (big_endian) store<std::endian::big>(put_tag<std::endian::big>(t.at, element_tag{tag}), length);
    else store_le(put_tag<std::endian::little>(t.at, element_tag{tag}), length);
    t.at += 8;
  }
  static void put_over(target& t, mark behind, bool big_endian, std::uint32_t length) noexcept {
    auto* const place = t.out->data() + behind.written - 4;
    if (big_endian) store_be(place, length);
    else store_le(place, length);
  }
  // What began at `start`, behind its length field, ends here.
  static void close(target& t, mark start, bool undefined_length, bool length_is_big_endian, bool big_endian,
                    std::uint32_t delimiter) {
    const auto length = t.since(start);
    if (!undefined_length && length < undefined)
      return put_over(t, start, length_is_big_endian, static_cast<std::uint32_t>(length));
    put_over(t, start, length_is_big_endian, undefined);
    put_item_tag(t, big_endian, delimiter, 0);
  }
  static void close_group(target& t, open_group& group, bool big_endian) noexcept {
    if (group.start.written != never)
      put_over(t, group.start, big_endian, static_cast<std::uint32_t>(t.since(group.start)));
    group = {no_group, {never, 0}};
  }
  // As whoever reads it will see it: in implicit VR whatever its VR was. Also one that the padding makes whole.
  template <bool Explicit>
  [[nodiscard]] static bool is_group_length(const element& e) noexcept {
    return e.tag().is_group_length() && (!Explicit || e.value_representation() == vr::ul) &&
           (e.length() == 4 || e.length() == 3);
  }
  [[nodiscard]] static std::uint8_t unit(const element& e) noexcept {
    return vr_encodings[static_cast<std::size_t>(e.value_representation())].unit;
  }

  template <bool Explicit, std::endian Order>
  static void put_fragments(target& t, const element& e, std::size_t reference_from) {
    t.need(12);
    t.at = put_header<Explicit, Order>(t.at, e, undefined);
    for (const auto& fragment : e.fragments()) {
      const auto odd = fragment.size() & 1u;
      put_item_tag(t, Order == std::endian::big, 0xFFFEE000, static_cast<std::uint32_t>(fragment.size() + odd));
      put_block(t, fragment, reference_from);
      if (odd != 0) put_padding(t, 0);
    }
    put_item_tag(t, Order == std::endian::big, 0xFFFEE0DD, 0);
  }
  static void put_block(target& t, byte_span value, std::size_t reference_from) {
    if (value.size() >= reference_from) return t.refer(value);
    if (value.size() >= large) return t.append(value);
    t.need(value.size());
    if (!value.empty()) std::memcpy(t.at, value.data(), value.size());
    t.at += value.size();
  }
  static void put_padding(target& t, char value) {
    t.need(1);
    *t.at++ = static_cast<std::byte>(value);
  }
  // An element that is not in itself, or is of odd length.
  template <bool Explicit, std::endian Order>
  static void put_any(target& t, const element& e, std::size_t reference_from) {
    const byte_span value = e.bytes();
    const auto odd = value.size() & 1u;
    t.need(12);
    t.at = put_header<Explicit, Order>(t.at, e, static_cast<std::uint32_t>(value.size() + odd));
    const bool becomes_un = Explicit && value.size() > 0xFFFE && !has_long_form(e.value_representation());
    if (Order == std::endian::big && unit(e) > 1 && !becomes_un) {  // UN is little endian (PS3.5 §6.2.2)
      t.need(value.size());
      if (!value.empty()) std::memcpy(t.at, value.data(), value.size());
      swap_words(t.at, value.size(), unit(e));
      t.at += value.size();
    } else {
      put_block(t, value, reference_from);
    }
    if (odd != 0) put_padding(t, padding(e.value_representation()));
  }

  // Writes elements until the data set ends or a sequence comes.
  template <bool Explicit, std::endian Order>
  static void put_elements(target& t, position& p, wire_format format, std::size_t reference_from) {
    using access = data_set_access;
    constexpr std::size_t short_value = 64;
    // Bytes that are written may be anything, so that what is not in locals would have to be read again after each.
    const element* e = p.at;
    const element* const end = p.end;
    std::byte* at = t.at;
    std::byte* limit = t.limit;
    std::uint32_t last_tag = p.group.last_tag;
    const auto apart = [&](const auto& put) {
      t.at = at;
      put();
      at = t.at;
      limit = t.limit;
    };
    for (; e != end; ++e) {
      if (e->tag().value > last_tag) [[unlikely]] {
        apart([&] { close_group(t, p.group, Order == std::endian::big); });
        last_tag = p.group.last_tag;
      }
      const auto place = access::place_of(*e);
      if (static_cast<std::size_t>(limit - at) < 12 + short_value) [[unlikely]]
        apart([&] { t.need(12 + short_value); });
      if (place == access::place::small) {
        const std::uint32_t size = access::small_size(*e);
        if ((size & 1u) != 0) [[unlikely]] {
          apart([&] { put_any<Explicit, Order>(t, *e, never); });
          if (is_group_length<Explicit>(*e)) {
            p.group = {e->tag().value | 0xFFFFu, t.here()};
            last_tag = p.group.last_tag;
          }
          continue;
        }
        std::byte* const value = put_header<Explicit, Order>(at, *e, size);
        std::memcpy(value, access::small_bytes(*e), 8);
        if constexpr (Order == std::endian::big) swap_words(value, size, unit(*e));
        at = value + size;
        if (e->tag().is_group_length() && is_group_length<Explicit>(*e)) [[unlikely]] {
          apart([&] { p.group = {e->tag().value | 0xFFFFu, t.here()}; });
          last_tag = p.group.last_tag;
        }
      } else if (place == access::place::arena) {
        const std::byte* const from = access::block(*e);
        const auto size = load<std::uint32_t, std::endian::native>(from - 4);
        if (size > short_value || (size & 1u) != 0 || Order == std::endian::big || size >= reference_from || size < 8)
            [[unlikely]] {
          apart([&] { put_any<Explicit, Order>(t, *e, reference_from); });
          continue;
        }
        std::byte* const value = put_header<Explicit, Order>(at, *e, size);
        copy_8_or_more(value, from, size);
        at = value + size;
      } else if (place == access::place::items) {
        break;
      } else if (place == access::place::fragments) {
        if (!format.encapsulated)
          throw std::system_error{errc::invalid_argument,
                                  to_string(e->tag()) + " holds fragments, which this transfer syntax cannot"};
        apart([&] { put_fragments<Explicit, Order>(t, *e, reference_from); });
      } else {
        apart([&] { put_any<Explicit, Order>(t, *e, reference_from); });
      }
    }
    t.at = at;
    p.at = e;
  }

  // Writes until everything is written or the form changes. True when there is more.
  template <bool Explicit, std::endian Order>
  static bool put_levels(target& t, position& p, stack<level>& levels, wire_format format, std::size_t reference_from) {
    constexpr bool big = Order == std::endian::big;
    for (;;) {
      put_elements<Explicit, Order>(t, p, format, reference_from);
      bool same_form = true;
      if (p.at != p.end) {
        const auto items = p.at->items();
        t.need(12);
        t.at = put_header<Explicit, Order>(t.at, *p.at, undefined);
        auto& l = levels.push();
        l.sequence = p.at;
        l.end = p.end;
        l.item = items.data();
        l.items_end = items.data() + items.size();
        l.start = t.here();
        l.group.last_tag = p.group.last_tag;
        l.group.start.written = p.group.start.written;
        l.group.start.referred = p.group.start.referred;
        l.explicit_vr = Explicit;
        l.big_endian = big;
        p.group.last_tag = no_group;
        p.group.start.written = never;
        if (p.at->value_representation() == vr::un) {  // PS3.5 §6.2.2: implicit VR little endian
          p.explicit_vr = p.big_endian = false;
          same_form = !Explicit && !big;
        }
      } else {
        if (p.group.start.written != never) close_group(t, p.group, big);
        if (levels.empty()) return false;
        auto& l = levels.back();
        close(t, l.item_start, l.item->has_undefined_length(), big, big, 0xFFFEE00D);
        ++l.item;
      }
      auto& l = levels.back();
      if (l.item != l.items_end) {
        put_item_tag(t, p.big_endian, 0xFFFEE000, 0);
        l.item_start.written = t.written();
        l.item_start.referred = t.referred;
        p.at = l.item->begin();
        p.end = l.item->end();
        prefetch(p.at);
      } else {
        close(t, l.start, l.sequence->has_undefined_length(), l.big_endian, p.big_endian, 0xFFFEE0DD);
        p.at = l.sequence + 1;
        p.end = l.end;
        p.group.last_tag = l.group.last_tag;
        p.group.start.written = l.group.start.written;
        p.group.start.referred = l.group.start.referred;
        p.explicit_vr = l.explicit_vr;
        p.big_endian = l.big_endian;
        same_form = p.explicit_vr == Explicit && p.big_endian == big;
        levels.pop();
      }
      if (!same_form) return true;
    }
  }

  static void write(const data_set& root, wire_format format, std::size_t reference_from, target& t) {
    borrowed_levels borrowed;
    position p{root.begin(), root.end(), {no_group, {never, 0}}, format.explicit_vr, format.big_endian};
    for (bool more = true; more;) {
      if (p.explicit_vr) {
        more = p.big_endian ? put_levels<true, std::endian::big>(t, p, borrowed.mine, format, reference_from)
                            : put_levels<true, std::endian::little>(t, p, borrowed.mine, format, reference_from);
      } else {
        more = p.big_endian ? put_levels<false, std::endian::big>(t, p, borrowed.mine, format, reference_from)
                            : put_levels<false, std::endian::little>(t, p, borrowed.mine, format, reference_from);
      }
    }
  }

  // About as many bytes as will be written, large values apart.
  [[nodiscard]] static std::size_t hint(const data_set& d) noexcept {
    return 256 + static_cast<std::size_t>(std::min<std::uint64_t>(data_set_access::arena_bytes(d), target::step));
  }

  static void append(const data_set& from, wire_format format, std::vector<std::byte>& out) {
    if (format.deflated) return append_deflated(from, format, out);
    const auto before = out.size();
    try {
      target t{out, hint(from)};
      write(from, format, never, t);
      t.finish();
    } catch (...) {
      out.resize(before);
      throw;
    }
  }

  // Plain, in buffers, and then through the deflater into `out`.
  static void append_deflated(const data_set& from, wire_format format, std::vector<std::byte>& out) {
    const auto deflater = find_deflate_codec().make_deflater();
    format.deflated = false;
    const auto plain = buffers(from, format, large);
    for (auto buffer : plain.buffers())
      for (byte_span piece; !(piece = deflater->next(buffer)).empty();) out.insert(out.end(), piece.begin(), piece.end());
    for (byte_span piece; !(piece = deflater->finish()).empty();) out.insert(out.end(), piece.begin(), piece.end());
  }

  [[nodiscard]] static encoded_buffers buffers(const data_set& from, wire_format format, std::size_t reference_from) {
    encoded_buffers result;
    auto& block = result.block_;
    if (format.deflated) {
      append_deflated(from, format, block);
      result.size_ = block.size();
      result.buffers_.push_back(block);
      return result;
    }
    target t{block, hint(from)};
    write(from, format, reference_from, t);
    t.finish();
    result.size_ = block.size() + t.referred;
    result.buffers_.reserve(t.references.size() * 2 + 1);
    std::size_t done = 0;
    const auto up_to = [&](std::size_t end) {
      if (end != done) result.buffers_.push_back(byte_span{block}.subspan(done, end - done));
      done = end;
    };
    for (const auto& r : t.references) {
      up_to(r.written);
      result.buffers_.push_back(r.value);
    }
    up_to(block.size());
    return result;
  }
};

}  // namespace detail

CODICOM_FUNCTION encoded_buffers encode_buffers(const data_set& from, wire_format format, std::size_t by_reference_from) {
  return detail::encoding::buffers(from, format, std::max<std::size_t>(by_reference_from, 1));
}

CODICOM_FUNCTION void encode(const data_set& from, wire_format format, std::vector<std::byte>& out) {
  detail::encoding::append(from, format, out);
}

CODICOM_FUNCTION void encode(const data_set& from, const unique_id& transfer_syntax, std::vector<std::byte>& out) {
  encode(from, wire_format_of(transfer_syntax), out);
}

CODICOM_FUNCTION std::vector<std::byte> encode(const data_set& from, const unique_id& transfer_syntax) {
  std::vector<std::byte> out;
  encode(from, transfer_syntax, out);
  return out;
}

CODICOM_FUNCTION std::uint64_t encoded_size(const data_set& from, const unique_id& transfer_syntax) {
  return encode_buffers(from, wire_format_of(transfer_syntax), 64).size();
}

}  // namespace codicom
