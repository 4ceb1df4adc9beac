#pragma once
#include <codicom/dictionary/detail/stated_vr.hpp>
#include <codicom/dictionary/implicit_vr.hpp>
#include <codicom/encoding/decoder.hpp>

#include <algorithm>
#include <cstring>
#include <system_error>

namespace codicom {

namespace detail {

inline constexpr std::uint32_t item_tag = 0xFFFEE000;
inline constexpr std::uint32_t item_tag_as_read = 0xE000FFFE;  // four bytes of little endian as one number
inline constexpr std::uint32_t item_delimiter_tag = 0xFFFEE00D;
inline constexpr std::uint32_t sequence_delimiter_tag = 0xFFFEE0DD;
inline constexpr std::uint32_t pixel_data_tag = 0x7FE00010;

// Items, their delimiters and what is beyond.
inline constexpr std::uint64_t first_delimiting = 0xFFFE0000;

// The VRs of explicit headers by a hash of their two letters, in which they do not collide.
struct letters_of_vr {
  std::uint16_t letters = 'A' | 'E' << 8;  // as they lie in memory, read as little endian; in an empty place those of another
  vr value_representation = vr::none;
  bool long_form = false;
};
[[nodiscard]] constexpr std::size_t letters_hash(std::uint16_t letters) noexcept {
  return std::uint32_t{letters} * 29764729u >> 26;
}
inline constexpr auto vrs_by_letters = [] {
  std::array<letters_of_vr, 64> table{};
  for (std::size_t i = 0; i <= static_cast<std::size_t>(vr::uv); ++i) {
    const auto v = static_cast<vr>(i);
    const auto letters = static_cast<std::uint16_t>(code(v)[0] | code(v)[1] << 8);
    table[letters_hash(letters)] = {letters, v, has_long_form(v)};
  }
  return table;
}();
static_assert(std::ranges::count(vrs_by_letters, vr::none, &letters_of_vr::value_representation) == 64 - 34);

[[nodiscard]] constexpr bool is_delimiting(std::uint32_t tag) noexcept { return tag >> 16 == 0xFFFE; }

// The first header of a data set as it reads in some format.
struct first_element {
  static constexpr std::size_t size = 12;  // bytes that are looked at

  first_element(const std::byte* bytes, bool is_explicit, bool is_big) noexcept {
    const auto word = [&](std::size_t at) {
      return is_big ? load_be<std::uint16_t>(bytes + at) : load_le<std::uint16_t>(bytes + at);
    };
    const auto long_word = [&](std::size_t at) {
      return is_big ? load_be<std::uint32_t>(bytes + at) : load_le<std::uint32_t>(bytes + at);
    };
    tag = element_tag{word(0), word(2)};
    known = implicit_vr(tag) != vr::un && !(tag.is_group_length() && tag.group() > 0x00FF);
    if (is_explicit) {
      const vr v = vr_from_code(static_cast<char>(bytes[4]), static_cast<char>(bytes[5]));
      if (v != vr::none) length = has_long_form(v) ? long_word(8) : word(6);
    } else if (long_word(4) < 0x4141) {  // "AA"
      length = long_word(4);
    }
    known = known && length != nonsense;
  }

  static constexpr std::uint64_t nonsense = ~std::uint64_t{0};
  element_tag tag;
  bool known;
  std::uint64_t length = nonsense;
};

}  // namespace detail

template <class Listener>
decoder<Listener>::decoder(Listener& listener, wire_format format, const decode_options& options)
    : listener_{&listener},
      limits_{options.limits},
      mode_{options.mode},
      private_vr_{options.private_vr},
      first_wanted_{options.only_group ? std::uint32_t{*options.only_group} << 16 : 0},
      wanted_{options.only_group ? 0x10000 : no_end},
      wanted_here_{0},
      root_format_{format},
      explicit_vr_{format.explicit_vr},
      big_endian_{format.big_endian} {
  if (options.stop_before) {
    const std::uint64_t stop = options.stop_before->value;
    wanted_ = std::min(wanted_, stop > first_wanted_ ? stop - first_wanted_ : 0);
  }
  wanted_here_ = wanted_;
  root_plain_end_ = detail::first_delimiting;
  if (wanted_ != no_end) root_plain_end_ = std::min(root_plain_end_, first_wanted_ + wanted_);
  if (format.encapsulated) root_plain_end_ = std::min<std::uint64_t>(root_plain_end_, detail::pixel_data_tag);
}

// --- deviations and limits

template <class Listener>
void decoder<Listener>::deviates(deviation what, element_tag tag, std::uint64_t offset, std::string_view section,
                                 std::string detail) {
  if (mode_ == strictness::strict) {
    const bool cut = what == deviation::truncated_value || what == deviation::trailing_bytes;
    throw std::system_error{cut ? errc::truncated : errc::malformed_data_set,
                            to_string(tag) + " at offset " + std::to_string(offset) + ", " + std::string{section} +
                                (detail.empty() ? "" : ": " + detail)};
  }
  ++diagnosis_count_;
  if (diagnoses_.size() >= limits_.diagnoses) return;
  diagnosis d;
  d.what = what;
  d.offset = offset;
  for (const level& l : levels_)
    if (l.kind != level_kind::item) d.path.push_back(l.tag);
  if (tag.value != 0) d.path.push_back(tag);  // else it is about the innermost level, or about nothing that has a tag
  d.section = section;
  d.detail = std::move(detail);
  diagnoses_.push_back(std::move(d));
}

template <class Listener>
void decoder<Listener>::exceeds(const char* limit) const {
  throw std::system_error{errc::limit_exceeded, std::string{"limits."} + limit + ", at offset " + std::to_string(offset_)};
}

// --- headers

// False when more bytes are needed. `size` is that of the header.
template <class Listener>
template <bool Explicit, bool Big>
bool decoder<Listener>::read_header(const std::byte* from, std::size_t available, element_header& header,
                                    std::size_t& size) {
  constexpr auto order = Big ? std::endian::big : std::endian::little;
  oddity_ = header_oddity::none;
  if (available < 8) return false;
  const std::uint32_t tag =
      std::uint32_t{load<std::uint16_t, order>(from)} << 16 | load<std::uint16_t, order>(from + 2);
  header.tag = element_tag{tag};
  header.big_endian = Big;
  header.offset = offset_;
  if (Explicit && !detail::is_delimiting(tag)) {
    const auto first = static_cast<char>(from[4]);
    const auto second = static_cast<char>(from[5]);
    vr v = vr_from_code(first, second);
    if (v != vr::none) [[likely]] {
      header.value_representation = v;
      if (!has_long_form(v)) {
        header.length = load<std::uint16_t, order>(from + 6);
        size = 8;
        return true;
      }
      if (available < 12) return false;
      header.length = load<std::uint32_t, order>(from + 8);
      size = 12;
      return true;
    }
    if (!wanted(tag)) {  // what follows is of no interest, and may be in another format
      header.length = 0;
      size = 8;
      return true;
    }
    // No VR. Two capital letters: one that is younger than this code, which has the long form (PS3.5 §6.2, §7.1.2),
    // unless its two reserved bytes are not zero. Anything else: an element written in implicit VR.
    const bool capitals = first >= 'A' && first <= 'Z' && second >= 'A' && second <= 'Z';
    const bool placeholder = (first == '?' && second == '?') || (first == '-' && second == '-') || (first == ' ' && second == ' ');
    header.value_representation = vr::un;
    if (capitals || placeholder) {
      const bool long_form = from[6] == std::byte{0} && from[7] == std::byte{0};
      if (long_form && available < 12) return false;
      header.length = long_form ? load<std::uint32_t, order>(from + 8) : load<std::uint16_t, order>(from + 6);
      size = long_form ? 12 : 8;
      oddity_ = header_oddity::unknown_vr;
      odd_vr_ = {first, second};
      return true;
    }
    oddity_ = header_oddity::implicit;
    header.value_representation = private_vr(header.tag);
    header.length = load<std::uint32_t, order>(from + 4);
    size = 8;
    return true;
  }
  header.value_representation = Explicit ? vr::none : private_vr(header.tag);
  header.length = load<std::uint32_t, order>(from + 4);
  size = 8;
  return true;
}

// --- what must be known beyond the header

// False when so much is not there yet.
template <class Listener>
bool decoder<Listener>::reach(std::size_t needed, std::size_t available) noexcept {
  if (available >= needed || ended_) return true;
  starved_ = true;
  return false;
}

// Does a value hold items? The dictionary, or the file, may say sequence of what is none: that is as good as UN.
template <class Listener>
typename decoder<Listener>::content decoder<Listener>::look_at_value(const element_header& header,
                                                                     const std::byte* value, std::size_t available) {
  const vr v = header.value_representation;
  if (header.length == element_header::undefined_length) return content::value;
  if (header.tag.is_group_length() && header.length == 4)
    return reach(4, available) ? content::value : content::out_of_reach;
  if (v == vr::un) return look_at_unknown(header, value, available);
  if (v != vr::sq) return content::value;
  if (header.length == 0) return content::items;
  if (header.length < 8) return content::no_items;
  if (!reach(4, available)) return content::out_of_reach;
  if (available < 4) return content::items;
  const auto group = big_endian_ ? load_be<std::uint16_t>(value) : load_le<std::uint16_t>(value);
  if (group == 0xFFFE) return content::items;
  const auto as_unknown = look_at_unknown(header, value, available);
  return as_unknown == content::value   ? content::no_items
         : as_unknown == content::items ? content::items_of_unknown
                                        : as_unknown;
}

// What has VR UN, or is unknown in implicit VR, may be a sequence in implicit VR little endian (PS3.5 §6.2.2): when the
// dictionary says so; or when it does not know, and there is an item of plausible content.
template <class Listener>
typename decoder<Listener>::content decoder<Listener>::look_at_unknown(const element_header& header,
                                                                       const std::byte* value, std::size_t available) {
  if (header.length < 8 || mode_ == strictness::strict) return content::value;  // strict: do not guess
  const vr listed = private_vr(header.tag);  // as whoever reads it in implicit VR will
  if (listed != vr::sq && listed != vr::un) return content::value;
  if (!reach(8, available)) return content::out_of_reach;
  if (available < 8) return content::value;
  if (listed == vr::sq) return load_le<std::uint16_t>(value) == 0xFFFE ? content::items : content::value;
  if (load_le<std::uint32_t>(value) != detail::item_tag_as_read) return content::value;
  const std::uint32_t length = load_le<std::uint32_t>(value + 4);
  if (header.length < 16) return length == 0 && header.length == 8 ? content::items : content::value;
  if (!reach(16, available)) return content::out_of_reach;
  if (available < 16) return content::value;
  const element_tag next{load_le<std::uint16_t>(value + 8), load_le<std::uint16_t>(value + 10)};
  const std::uint32_t next_length = load_le<std::uint32_t>(value + 12);
  const auto items_if = [](bool yes) { return yes ? content::items : content::value; };
  if (length == 0) return items_if(next.value == detail::item_tag);
  const bool undefined = length == element_header::undefined_length;
  if (undefined && next.value == detail::item_delimiter_tag) return items_if(next_length == 0);
  const std::uint32_t room = undefined ? header.length - 8 : length;
  const bool known = next.is_private() ? next.group() > 8 && next.group() != 0xFFFF : implicit_vr(next) < vr::none && implicit_vr(next) != vr::un;
  return items_if(known && room >= 8 && room <= header.length - 8 &&
                  (next_length <= room - 8 || next_length == element_header::undefined_length ||
                   vr_from_code(static_cast<char>(value[12]), static_cast<char>(value[13])) != vr::none));
}

// A group length counts from behind its own value to the end of its group (PS3.5-2007 §7.2).
template <class Listener>
void decoder<Listener>::begin_group(const element_header& header, std::uint32_t length) {
  if (group_end_ != no_end) end_group(header.offset);
  groups_.push_back({levels_.size(), header.tag, length, header.offset, offset_});
  ++remembered_;
  group_end_ = std::uint64_t{header.tag.value} + 0x10000;
}

template <class Listener>
void decoder<Listener>::end_group(std::uint64_t offset) {
  const auto group = groups_.back();
  groups_.pop_back();
  --remembered_;
  group_end_ = no_end;
  const std::uint64_t counted = offset - group.start;
  if (counted != group.length)
    deviates(deviation::wrong_group_length, group.tag, group.offset, "PS3.5 §7.2",
             std::to_string(group.length) + ", not " + std::to_string(counted));
}

// A private creator names the owner of a block of elements of its data set (PS3.5 §7.8.1).
template <class Listener>
void decoder<Listener>::note_creator(element_tag tag, byte_span piece) {
  constexpr std::size_t longest = 64;
  if (creators_.empty() || creators_.back().tag != tag || creators_.back().depth != levels_.size()) {
    creators_.push_back({levels_.size(), tag, {}});
    ++remembered_;
  }
  auto& name = creators_.back().name;
  name += as_text(piece.first(std::min(piece.size(), longest + 1 - std::min(name.size(), longest))));
}

// The VR of an element in implicit VR.
template <class Listener>
vr decoder<Listener>::private_vr(element_tag tag) const noexcept {
  if (private_vr_ == nullptr || !tag.is_private() || tag.element() < 0x1000) return implicit_vr(tag);
  const element_tag creator{tag.group(), static_cast<std::uint16_t>(tag.element() >> 8)};
  for (auto found = creators_.rbegin(); found != creators_.rend() && found->depth == levels_.size(); ++found) {
    if (found->tag != creator) continue;
    std::string_view name{found->name};
    while (!name.empty() && (name.back() == ' ' || name.back() == '\0')) name.remove_suffix(1);
    while (!name.empty() && name.front() == ' ') name.remove_prefix(1);
    return private_vr_(name, tag);
  }
  return vr::un;
}

// The root may be in another format than was announced: look at its first element. In the wrong byte order group 0008
// reads as 0800, which nobody knows, and a small length as a multiple of 256; letters of a VR read as a length are
// 16 KiB and more. So another format must read as something known, and shorter; on a draw the one announced stays.
template <class Listener>
void decoder<Listener>::detect_format(const std::byte* start) {
  const detail::first_element announced{start, explicit_vr_, big_endian_};
  if (announced.known) return;
  for (const auto& [is_explicit, is_big] : {std::pair{true, false}, {true, true}, {false, false}}) {
    const detail::first_element read{start, is_explicit, is_big};
    if (!read.known || read.length >= announced.length) continue;
    deviates(deviation::wrong_transfer_syntax, read.tag, offset_, "PS3.10 §7.1",
             std::string{"reads as "} + (is_explicit ? "explicit" : "implicit") + " VR " + (is_big ? "big" : "little") + " endian");
    explicit_vr_ = root_format_.explicit_vr = is_explicit;
    big_endian_ = root_format_.big_endian = is_big;
    return;
  }
}

// Some write explicit VR where implicit VR belongs: in a sequence of VR UN (PS3.5 §6.2.2), in one of an implicit data set.
template <class Listener>
void decoder<Listener>::detect_format_in_sequence(const std::byte* from) {
  const element_tag tag{load_le<std::uint16_t>(from), load_le<std::uint16_t>(from + 2)};
  const vr v = vr_from_code(static_cast<char>(from[4]), static_cast<char>(from[5]));
  if (v == vr::none) return;
  // Read as a length, the letters would be the lower half; a length of a private value may be just that by chance.
  const bool likely = tag.is_private() ? load_le<std::uint16_t>(from + 6) != 0 : implicit_vr(tag) == v;
  if (!likely) return;
  deviates(deviation::wrong_transfer_syntax, tag, offset_, "PS3.5 §6.2.2", "explicit VR where implicit VR belongs");
  explicit_vr_ = true;
}

// --- the walk

template <class Listener>
void decoder<Listener>::push(level_kind kind, element_tag tag, std::uint64_t end, std::uint64_t bound, bool undecided) {
  level& added = levels_.push();
  added.end = end;
  added.bound = bound;
  added.tag = tag;
  added.kind = kind;
  added.explicit_vr = explicit_vr_;
  added.big_endian = big_endian_;
  added.undecided = undecided;
}

template <class Listener>
void decoder<Listener>::open_level(level_kind kind, element_tag tag, std::uint64_t end, bool undecided) {
  bound_ = std::min(end, bound_);
  wanted_here_ = group_end_ = no_end;
  elements_stand_here_ = kind == level_kind::item;
  push(kind, tag, end, bound_, undecided);
}

template <class Listener>
void decoder<Listener>::close_level() {
  if (group_end_ != no_end) end_group(offset_);
  const level& top = levels_.back();
  levels_.pop();
  if (remembered_ != 0) forget_level();
  const bool in_root = levels_.empty();
  bound_ = in_root ? no_end : levels_.back().bound;
  wanted_here_ = in_root ? wanted_ : no_end;
  elements_stand_here_ = in_root || levels_.back().kind == level_kind::item;
  undecided_ = false;
  if (top.kind == level_kind::item) {
    listener_->on_item_end();
    return;
  }
  last_tag_ = top.tag.value;
  if (top.kind == level_kind::sequence) {
    explicit_vr_ = top.explicit_vr;
    big_endian_ = top.big_endian;
    listener_->on_sequence_end();
  } else {
    listener_->on_fragments_end();
  }
}

// What was remembered of the level that has ended; the group of the one around it goes on.
template <class Listener>
void decoder<Listener>::forget_level() {
  for (; !creators_.empty() && creators_.back().depth > levels_.size(); --remembered_) creators_.pop_back();
  if (!groups_.empty() && groups_.back().depth == levels_.size())
    group_end_ = std::uint64_t{groups_.back().tag.value} + 0x10000;
}

template <class Listener>
const char* decoder<Listener>::what_ends(level_kind kind) noexcept {
  return kind == level_kind::item ? "of an item" : kind == level_kind::sequence ? "of the sequence" : "of the fragments";
}

// Levels of defined length end where they say, and take with them those inside that should have been delimited.
template <class Listener>
void decoder<Listener>::close_ended_levels() {
  while (bound_ <= offset_) {
    const auto& top = levels_.back();
    if (top.end == no_end) deviates(deviation::missing_delimiter, {}, offset_, "PS3.5 §7.5.1", what_ends(top.kind));
    close_level();
  }
}

template <class Listener>
void decoder<Listener>::open_sequence(const element_header& header) {
  if (levels_.size() >= std::size_t{limits_.depth} * 2) exceeds("depth");
  const bool is_un = header.value_representation == vr::un;
  open_level(level_kind::sequence, header.tag,
             header.length == element_header::undefined_length ? no_end : offset_ + header.length, is_un || !explicit_vr_);
  if (is_un) explicit_vr_ = big_endian_ = false;
  listener_->on_sequence_begin(header);
  close_ended_levels();
}

// Undefined length: pixel data in fragments, whatever its VR, or something else that says explicitly that it is bytes. Or
// a sequence: in implicit VR nothing else could tell one.
template <class Listener>
void decoder<Listener>::take_undefined_length(element_header header) {
  const vr v = header.value_representation;
  const bool is_pixel_data = header.tag.value == detail::pixel_data_tag;
  if (is_pixel_data || (explicit_vr_ && (v == vr::ob || v == vr::ow))) {
    if (v != vr::ob && v != vr::ow) header.value_representation = vr::ob;
    if (is_pixel_data && !root_format_.encapsulated)
      deviates(deviation::bad_encapsulation, header.tag, header.offset, "PS3.5 §8.2", "fragments where pixels belong");
    else if (is_pixel_data && v == vr::ow)
      deviates(deviation::wrong_vr, header.tag, header.offset, "PS3.5 §A.4", "OW, not OB");
    open_level(level_kind::fragments, header.tag, no_end, false);
    fragments_ = 0;
    listener_->on_fragments_begin(header);
    close_ended_levels();
    return;
  }
  if (v != vr::sq && v != vr::un) {
    deviates(deviation::wrong_vr, header.tag, header.offset, "PS3.5 §7.5", "undefined length");
    header.value_representation = vr::sq;
  }
  open_sequence(header);
}

// An item tag or a delimiter.
template <class Listener>
void decoder<Listener>::take_item_tag(const element_header& header, std::size_t size) {
  const std::uint32_t tag = header.tag.value;
  if (group_end_ != no_end) end_group(header.offset);
  offset_ += size;
  if (tag == detail::item_tag) {
    if (!levels_.empty() && levels_.back().kind == level_kind::item && levels_.back().end == no_end) {
      deviates(deviation::missing_delimiter, header.tag, header.offset, "PS3.5 §7.5.1", "an item inside an item");
      close_level();
    }
    if (elements_stand_here_) {  // what it holds is read as if it stood here
      deviates(deviation::invalid_item_tag, header.tag, header.offset, "PS3.5 §7.5", "an item outside a sequence");
      close_ended_levels();
      return;
    }
    const bool undefined = header.length == element_header::undefined_length;
    std::uint64_t length = header.length;
    if (!undefined && length > bound_ - offset_) {
      deviates(deviation::length_beyond_parent, header.tag, header.offset, "PS3.5 §7.5");
      length = bound_ - offset_;
    }
    if (levels_.back().kind == level_kind::fragments) {
      if (++fragments_ > limits_.fragments) exceeds("fragments");
      if (undefined) {
        deviates(deviation::bad_encapsulation, header.tag, header.offset, "PS3.5 §A.4", "a fragment of undefined length");
        length = 0;
      }
      if ((length & 1u) != 0) deviates(deviation::odd_length, header.tag, header.offset, "PS3.5 §A.4");
      if (length > limits_.value_bytes) exceeds("value_bytes");
      current_ = header;
      current_.length = static_cast<std::uint32_t>(length);
      listener_->on_fragment_begin(current_);
      value_left_ = length;
      in_fragment_ = in_value_ = true;
      if (length == 0) end_value();
      return;
    }
    if (++elements_ > limits_.elements) exceeds("elements");
    auto& sequence = levels_.back();
    if (length != 0) {
      undecided_ = sequence.undecided;
      sequence.undecided = false;
    }
    open_level(level_kind::item, sequence.tag, undefined ? no_end : offset_ + length, false);
    last_tag_ = -1;
    listener_->on_item_begin(header);
    close_ended_levels();
    return;
  }
  if (header.length != 0) deviates(deviation::delimiter_with_length, header.tag, header.offset, "PS3.5 §7.5");
  const bool open = !levels_.empty() && levels_.back().end == no_end;
  if (tag == detail::item_delimiter_tag && open && levels_.back().kind == level_kind::item) {
    close_level();
  } else if (tag == detail::sequence_delimiter_tag && open && levels_.back().kind != level_kind::item) {
    close_level();
  } else if (tag == detail::sequence_delimiter_tag && open && levels_[levels_.size() - 2].end == no_end) {
    deviates(deviation::missing_delimiter, header.tag, header.offset, "PS3.5 §7.5.1", "of the last item");
    close_level();
    close_level();
  } else {
    deviates(deviation::unexpected_delimiter, header.tag, header.offset, "PS3.5 §7.5");
  }
  close_ended_levels();
}

// Everything but the plain case. What it takes, it adds to `offset_`. A value is announced by `in_value_`.
template <class Listener>
void decoder<Listener>::take_header(element_header header, std::size_t size, content what) {
  if (offset_ + size > bound_) {  // only a part of a header is left in what is around
    deviates(deviation::length_beyond_parent, header.tag, header.offset, "PS3.5 §7.5");
    skip_ = bound_ - offset_;
    return;
  }
  if (detail::is_delimiting(header.tag.value)) return take_item_tag(header, size);
  if (!elements_stand_here_) {  // read again where elements may stand, in the format that holds there
    deviates(deviation::missing_delimiter, header.tag, header.offset, "PS3.5 §7.5.1", "an element between items");
    close_level();
    return;
  }
  if (levels_.empty() && !wanted(header.tag.value)) {
    state_ = decoder_state::stopped;
    return;
  }
  if (group_end_ != no_end && header.tag.group() != groups_.back().tag.group()) end_group(header.offset);
  if (levels_.empty()) {
    if (header.tag.value == 0 && last_tag_ >= 0 && header.length == 0) {  // zeros behind the data set
      deviates(deviation::trailing_bytes, {}, header.offset, "PS3.10 §7.2", "zeros");
      skip_ = no_end;
      return;
    }
  }
  if (++elements_ > limits_.elements) exceeds("elements");
  if (oddity_ == header_oddity::unknown_vr)
    deviates(deviation::unknown_vr, header.tag, header.offset, "PS3.5 §6.2", std::string{odd_vr_.begin(), odd_vr_.end()});
  else if (oddity_ == header_oddity::implicit)
    deviates(deviation::implicit_in_explicit, header.tag, header.offset, "PS3.5 §7.1");
  else if (const vr listed = implicit_vr(header.tag); explicit_vr_ && !detail::may_stand_as(header.tag, listed, header.value_representation))
    deviates(deviation::wrong_vr, header.tag, header.offset, detail::wrong_vr_section,
             detail::wrong_vr_detail(header.value_representation, listed));
  if (header.tag.value <= last_tag_)
    deviates(header.tag.value == last_tag_ ? deviation::duplicate_tag : deviation::tag_out_of_order, header.tag,
             header.offset, "PS3.5 §7.1");
  last_tag_ = std::max<std::int64_t>(last_tag_, header.tag.value);
  offset_ += size;
  if (header.length == element_header::undefined_length) return take_undefined_length(header);
  if (header.length > bound_ - offset_) {
    deviates(deviation::length_beyond_parent, header.tag, header.offset, "PS3.5 §7.5");
    header.length = static_cast<std::uint32_t>(bound_ - offset_);
  }
  if (what == content::no_items || what == content::items_of_unknown) {
    deviates(deviation::wrong_vr, header.tag, header.offset, "PS3.5 §7.5", "not a sequence");
    header.value_representation = vr::un;
  }
  if (what == content::items || what == content::items_of_unknown) {
    if (header.value_representation == vr::un && explicit_vr_)
      deviates(deviation::sequence_as_un, header.tag, header.offset, "PS3.5 §6.2.2");
    return open_sequence(header);
  }
  if ((header.length & 1u) != 0) deviates(deviation::odd_length, header.tag, header.offset, "PS3.5 §7.1.1");
  if (header.length > limits_.value_bytes) exceeds("value_bytes");
  if (levels_.empty() && header.tag.value == detail::pixel_data_tag && root_format_.encapsulated)
    deviates(deviation::bad_encapsulation, header.tag, header.offset, "PS3.5 §A.4", "not in fragments");
  current_ = header;
  value_left_ = header.length;
  in_value_ = true;
}

template <class Listener>
void decoder<Listener>::end_value() {
  in_value_ = false;
  if (in_fragment_) {
    in_fragment_ = false;
    listener_->on_fragment_end();
  } else {
    listener_->on_value_end();
  }
  close_ended_levels();
}

// The plain case, as long as it lasts: elements in order with all of their values in hand, sequences and items that fit
// into what is around them. What may be otherwise is left to `take_header`, and an end that is not plain to
// `close_ended_levels`. What stands in members elsewhere is in locals here: bytes that are written may be anything, so
// that members would have to be read again after each of them.
template <class Listener>
template <bool Explicit, bool Big>
const std::byte* decoder<Listener>::run_plain(const std::byte* const start, const std::byte* const end) {
  constexpr auto order = Big ? std::endian::big : std::endian::little;
  constexpr std::uint64_t header_and_more = 16;
  const auto size = static_cast<std::uint64_t>(end - start);
  const std::uint64_t before = offset_;
  const std::uint64_t longest = limits_.value_bytes;
  const auto tag_at = [start](std::uint64_t place) {
    return Big ? load_be<std::uint32_t>(start + place) : std::rotl(load_le<std::uint32_t>(start + place), 16);
  };
  // Places and bounds count from `start`.
  std::uint64_t at = 0;
  std::uint64_t bound = bound_ - before;
  std::uint64_t limit = std::min(size, bound);
  std::uint32_t left = limits_.elements - std::min(elements_, limits_.elements);
  bool elements = elements_stand_here_;
  std::uint64_t next_tag = static_cast<std::uint64_t>(last_tag_ + 1);
  if (wanted_here_ != no_end) next_tag = std::max(next_tag, std::uint64_t{first_wanted_});
  std::uint64_t tags_end = std::min(group_end_, levels_.empty() ? root_plain_end_ : detail::first_delimiting);
  const bool plain_levels = remembered_ == 0;
  const std::uint32_t looked_up = private_vr_ == nullptr ? 0 : 0x10000;  // the bit of private tags
  element_header header;
  header.big_endian = Big;
  for (;;) {
    if (elements) {
      while (limit - at >= 8 && left != 0) {
        const std::uint32_t tag = tag_at(at);
        if (tag < next_tag || tag >= tags_end || (tag & 0xFFFF) == 0) break;
        header.tag = element_tag{tag};
        header.offset = before + at;
        std::uint64_t value = at + 8;
        if constexpr (Explicit) {
          const auto letters = load_le<std::uint16_t>(start + at + 4);
          const auto& known = detail::vrs_by_letters[detail::letters_hash(letters)];
          if (known.letters != letters) break;
          if (const vr listed = implicit_vr(header.tag); listed != known.value_representation) [[unlikely]]
            if (!detail::may_stand_as(header.tag, listed, known.value_representation)) break;
          header.value_representation = known.value_representation;
          if (known.long_form) {
            if (limit - at < 12) break;
            header.length = load<std::uint32_t, order>(start + at + 8);
            value += 4;
          } else {
            header.length = load<std::uint16_t, order>(start + at + 6);
          }
        } else {
          if ((tag & looked_up) != 0) break;
          header.value_representation = implicit_vr(element_tag{tag});
          header.length = load<std::uint32_t, order>(start + at + 4);
        }
        if (header.value_representation == vr::sq) {
          const bool open = header.length == element_header::undefined_length;
          if (size - at < header_and_more || (!open && (header.length < 8 || header.length > bound - value)) ||
              load<std::uint16_t, order>(start + value) != 0xFFFE || !plain_levels || levels_.size() >= std::size_t{limits_.depth} * 2)
            break;
          if (!open) bound = value + header.length;
          push(level_kind::sequence, header.tag, open ? no_end : before + bound, before + bound, !Explicit);
          listener_->on_sequence_begin(header);
          elements = false;
        } else {
          if (header.length > limit - value || (header.length & 1u) != 0 || header.length > longest) break;
          if (header.value_representation == vr::un && header.length >= 8 && load_le<std::uint16_t>(start + value) == 0xFFFE)
            break;  // may be a sequence
          listener_->on_element(header, byte_span{start + value, header.length});
          value += header.length;
        }
        at = value;
        next_tag = std::uint64_t{tag} + 1;
        --left;
        if (!elements) break;
      }
      if (!elements) continue;
      if (levels_.empty() || !plain_levels) break;
      if (levels_.back().end != no_end) {
        if (at != bound) break;
      } else {
        if (limit - at < 8 || tag_at(at) != detail::item_delimiter_tag || load<std::uint32_t, order>(start + at + 4) != 0) break;
        at += 8;
      }
      levels_.pop();
      bound = levels_.back().bound - before;
      elements = false;
      listener_->on_item_end();
    } else {
      level& around = levels_.back();
      if (around.kind != level_kind::sequence || !plain_levels) break;
      if (bound != at || around.end == no_end) {
        if (std::min(size, bound) - at < 8) break;
        header.tag = element_tag{tag_at(at)};
        header.length = load<std::uint32_t, order>(start + at + 4);
        if (header.tag.value == detail::item_tag) {
          const bool open = header.length == element_header::undefined_length;
          if (left == 0 || (!open && header.length > bound - at - 8)) break;
          if (around.undecided) {  // looks like a VR: may be one
            if (size - at < header_and_more || vr_from_code(static_cast<char>(start[at + 12]), static_cast<char>(start[at + 13])) != vr::none)
              break;
            around.undecided = false;
          }
          header.value_representation = vr::none;
          header.offset = before + at;
          at += 8;
          --left;
          if (!open) bound = at + header.length;
          push(level_kind::item, element_tag{around.tag}, open ? no_end : before + bound, before + bound, false);
          listener_->on_item_begin(header);
          elements = true;
          next_tag = 0;
          tags_end = detail::first_delimiting;
          limit = std::min(size, bound);
          continue;
        }
        if (header.tag.value != detail::sequence_delimiter_tag || header.length != 0 || around.end != no_end) break;
        at += 8;
      }
      levels_.pop();
      listener_->on_sequence_end();
      elements = true;
      next_tag = std::uint64_t{around.tag.value} + 1;
      tags_end = levels_.empty() ? root_plain_end_ : detail::first_delimiting;
      bound = (levels_.empty() ? no_end : levels_.back().bound) - before;
      limit = std::min(size, bound);
      if (around.explicit_vr != Explicit || around.big_endian != Big) {
        explicit_vr_ = around.explicit_vr;
        big_endian_ = around.big_endian;
        break;
      }
    }
  }
  if (at != 0) {
    elements_ = limits_.elements - left;
    last_tag_ = static_cast<std::int64_t>(next_tag) - 1;
    offset_ = before + at;
    bound_ = before + bound;
    wanted_here_ = levels_.empty() ? wanted_ : no_end;
    elements_stand_here_ = elements;
  }
  return start + at;
}

template <class Listener>
template <bool Explicit, bool Big>
const std::byte* decoder<Listener>::run(const std::byte* at, const std::byte* const end) {
  element_header header;
  std::size_t size = 0;
  while (explicit_vr_ == Explicit && big_endian_ == Big) {
    at = run_plain<Explicit, Big>(at, end);
    if (bound_ <= offset_) {
      close_ended_levels();
      continue;
    }
    if (explicit_vr_ != Explicit || big_endian_ != Big) return at;
    const auto available = static_cast<std::size_t>(end - at);
    if (!read_header<Explicit, Big>(at, available, header, size)) {
      starved_ = true;
      return at;
    }
    const auto what = look_at_value(header, at + size, available - size);
    if (what == content::out_of_reach) return at;
    const std::uint64_t before = offset_;
    take_header(header, size, what);
    at += static_cast<std::size_t>(offset_ - before);
    if (in_value_ && !in_fragment_) {
      if (value_left_ <= static_cast<std::size_t>(end - at)) {
        in_value_ = false;
        offset_ += value_left_;
        const byte_span value{at, static_cast<std::size_t>(value_left_)};
        listener_->on_element(current_, value);
        at += value_left_;
        if (current_.tag.is_group_length() && current_.value_representation == vr::ul && value.size() == 4)
          begin_group(current_, load<std::uint32_t, Big ? std::endian::big : std::endian::little>(value.data()));
        if (is_named_creator(current_)) note_creator(current_.tag, value);
        close_ended_levels();
        continue;
      }
      listener_->on_value_begin(current_);
    }
    if (in_value_ || skip_ != 0 || undecided_ || state_ != decoder_state::more) return at;
  }
  return at;
}

template <class Listener>
const std::byte* decoder<Listener>::walk(const std::byte* at, const std::byte* const end) {
  starved_ = false;
  while (at != end && !starved_ && state_ == decoder_state::more) {
    const auto available = static_cast<std::uint64_t>(end - at);
    if (in_value_) {
      const auto part = std::min(value_left_, available);
      const byte_span piece{at, static_cast<std::size_t>(part)};
      listener_->on_value_bytes(piece);
      if (!in_fragment_ && is_named_creator(current_)) note_creator(current_.tag, piece);
      at += part;
      offset_ += part;
      value_left_ -= part;
      if (value_left_ == 0) end_value();
    } else if (skip_ != 0) {
      const auto part = std::min(skip_, available);
      at += part;
      if (skip_ != no_end) {
        offset_ += part;
        skip_ -= part;
        if (skip_ == 0) close_ended_levels();
      }
    } else {
      if (undecided_) {
        std::array<std::byte, detail::first_element::size> all{};
        if (!reach(all.size(), static_cast<std::size_t>(available)) || available < 8) {
          starved_ = true;
          break;
        }
        undecided_ = false;
        if (!detail::is_delimiting(std::uint32_t{load_le<std::uint16_t>(at)} << 16)) {
          const bool short_of_it = available < all.size();
          if (short_of_it) std::copy(at, end, all.begin());
          if (levels_.empty()) detect_format(short_of_it ? all.data() : at);
          else detect_format_in_sequence(at);
        }
      }
      if (explicit_vr_) at = big_endian_ ? run<true, true>(at, end) : run<true, false>(at, end);
      else at = run<false, false>(at, end);
    }
  }
  if (offset_ > limits_.data_set_bytes) exceeds("data_set_bytes");
  return at;
}

template <class Listener>
std::size_t decoder<Listener>::feed(byte_span input) {
  const std::byte* at = input.data();
  const std::byte* const end = at + input.size();
  // The start of a header is left over from before: walk on from there in a small window, until it is behind us.
  while (carried_ != 0 && at != end && state_ == decoder_state::more) {
    const auto added = std::min(carry_.size() - carried_, static_cast<std::size_t>(end - at));
    auto window = carry_;
    std::memcpy(window.data() + carried_, at, added);
    const std::size_t filled = carried_ + added;
    const auto used = static_cast<std::size_t>(walk(window.data(), window.data() + filled) - window.data());
    if (used >= carried_ || state_ != decoder_state::more) {
      at += used > carried_ ? used - carried_ : 0;
      carried_ = 0;
    } else {
      at += added;
      carried_ = filled - used;
      std::memcpy(carry_.data(), window.data() + used, carried_);
    }
  }
  if (carried_ == 0) at = walk(at, end);
  if (starved_ && at != end && carried_ == 0) {
    carried_ = static_cast<std::size_t>(end - at);
    std::memcpy(carry_.data(), at, carried_);
    at = end;
  }
  return static_cast<std::size_t>(at - input.data());
}

template <class Listener>
void decoder<Listener>::finish() {
  if (state_ != decoder_state::more) return;
  ended_ = true;
  if (carried_ != 0) {  // as much as there is of what we waited to see more of
    const auto carried = carry_;
    const auto used = static_cast<std::size_t>(walk(carried.data(), carried.data() + carried_) - carried.data());
    carried_ -= used;
    if (state_ != decoder_state::more) return;
  }
  if (in_value_ || carried_ != 0 || !levels_.empty()) {  // group lengths cannot be compared with what is not there
    remembered_ -= groups_.size();
    groups_.clear();
    group_end_ = no_end;
  } else if (group_end_ != no_end) {
    end_group(offset_);
  }
  if (in_value_) {
    deviates(deviation::truncated_value, current_.tag, current_.offset, "PS3.5 §7.1",
             std::to_string(value_left_) + " of " + std::to_string(current_.length) + " bytes are missing");
    const bool fragment = in_fragment_;
    in_value_ = in_fragment_ = false;
    if (fragment) listener_->on_fragment_end();
    else listener_->on_value_end();
  }
  if (carried_ != 0)
    deviates(deviation::trailing_bytes, element_tag{}, offset_, "PS3.5 §7.1", std::to_string(carried_) + " bytes, less than a header");
  carried_ = 0;
  while (!levels_.empty()) {
    const auto& top = levels_.back();
    if (top.end == no_end) deviates(deviation::missing_delimiter, {}, offset_, "PS3.5 §7.5.1", what_ends(top.kind));
    else deviates(deviation::truncated_value, {}, offset_, "PS3.5 §7.5", what_ends(top.kind));
    close_level();
  }
}

}  // namespace codicom
