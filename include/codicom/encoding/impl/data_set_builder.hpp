#pragma once
#include <codicom/core/config.hpp>
#include <codicom/encoding/data_set_builder.hpp>
#include <codicom/core/detail/copy.hpp>
#include <codicom/encoding/detail/swap.hpp>

#include <algorithm>
#include <system_error>
#include <utility>

namespace codicom {

namespace detail {

inline constexpr element_tag pixel_representation_tag{0x0028, 0x0103};
inline constexpr std::size_t large_value = 4096;

}  // namespace detail

CODICOM_FUNCTION data_set_builder::data_set_builder(const decode_options& options)
    : by_reference_from_{options.by_reference_from},
      arena_limit_{options.limits.arena_bytes},
      most_diagnoses_{options.limits.diagnoses},
      owner_{options.owner},
      stacks_{std::move(spare_stacks())} {
  if (stacks_ == nullptr) stacks_ = std::make_unique<stacks>();
  top_ = stacks_->elements.data();
  limit_ = top_ + stacks_->elements.size();
  open_one(0, false);
}

CODICOM_FUNCTION data_set_builder::~data_set_builder() {
  if (arena_ != nullptr) detail::arena::destroy(arena_);
  constexpr std::size_t worth_keeping = 1 << 16;
  if (stacks_->elements.size() <= worth_keeping && stacks_->items.capacity() <= worth_keeping) {
    stacks_->clear();
    spare_stacks() = std::move(stacks_);
  }
}

CODICOM_FUNCTION void data_set_builder::expect(std::size_t bytes) { expected_ = bytes; }

CODICOM_FUNCTION void data_set_builder::make_memory() {
  // Half more than what comes, while that is little. Of much, most may be large values, which go elsewhere.
  constexpr std::size_t little = 64 << 10;
  const std::size_t bytes =
      expected_ <= little ? expected_ + expected_ / 2 : std::min<std::size_t>(little + expected_ / 4, 1 << 20);
  arena_ = detail::arena::create(
      static_cast<std::size_t>(std::clamp<std::uint64_t>(bytes, 512, std::max<std::uint64_t>(arena_limit_, 512))));
  arena_->set_limit(arena_limit_);
}

CODICOM_FUNCTION void data_set_builder::grow_elements() {
  const auto count = element_count();
  stacks_->elements.resize(std::max<std::size_t>(count * 2, 64));
  keep_elements(count);
  limit_ = stacks_->elements.data() + stacks_->elements.size();
}

// The place of the next element, all of which is to be written.
CODICOM_FUNCTION element& data_set_builder::push(element_tag tag) {
  if (tag.value < current_->last_tag) [[unlikely]] current_->sorted = false;
  current_->last_tag = tag.value;
  if (top_ == limit_) [[unlikely]] grow_elements();
  return *top_++;
}

// More than 8 bytes.
CODICOM_FUNCTION void data_set_builder::put_long_value(element& e, bool big_endian, byte_span value) {
  using access = detail::data_set_access;
  const std::size_t unit = big_endian ? unit_size(e.value_representation()) : 1;
  if (owner_ != nullptr && value.size() >= by_reference_from_ && unit == 1) {
    access::put_slice(e, memory(), value, owner_);
    return;
  }
  if (value.size() >= own_block_from) {
    memory().charge(value.size());
    auto block = std::make_shared_for_overwrite<std::byte[]>(value.size());
    std::memcpy(block.get(), value.data(), value.size());
    if (unit != 1) detail::swap_words(block.get(), value.size(), unit);
    const byte_span all{block.get(), value.size()};
    access::put_slice(e, memory(), all, std::move(block));
    return;
  }
  std::byte* const at = memory().allocate_value(static_cast<std::uint32_t>(value.size()));
  std::memcpy(at, value.data(), value.size());
  if (unit != 1) detail::swap_words(at, value.size(), unit);
  access::put_block(e, at);
}

CODICOM_FUNCTION void data_set_builder::put_value(element& e, bool big_endian, byte_span value) {
  if (value.size() > 8) return put_long_value(e, big_endian, value);
  std::byte bytes[8];
  store_le(bytes, detail::load_small(value.data(), value.size()));
  if (big_endian) detail::swap_words(bytes, value.size(), unit_size(e.value_representation()));
  detail::data_set_access::put_small(e, bytes, value.size());
}

CODICOM_FUNCTION void data_set_builder::note_character_set(byte_span value) {
  current_->character_set = memory().number_of_character_set(as_text(value));
}

CODICOM_FUNCTION void data_set_builder::on_element(const element_header& header, byte_span value) {
  using access = detail::data_set_access;
  vr v = header.value_representation;
  if (is_ambiguous(v)) [[unlikely]] {
    if (v == vr::us_or_ss) wait(header);
    else v = vr::ow;
  }
  const std::size_t size = value.size();
  if (size <= 8) {
    // The 8 bytes that end with the value begin in its header at the earliest; what is not the value's is shifted out.
    const auto unused = static_cast<unsigned>(32 - 4 * size);
    auto bytes = load_le<std::uint64_t>(value.data() + size - 8) >> unused >> unused;
    if (header.big_endian) bytes = detail::swapped_words(bytes, size, unit_size(v));
    access::write_small(push(header.tag), header.tag, v, bytes, size);
  } else if (size < short_value && !header.big_endian) {
    std::byte* const at = memory().allocate_value(static_cast<std::uint32_t>(size));
    detail::copy_8_or_more(at, value.data(), size);
    access::write_block(push(header.tag), header.tag, v, at);
  } else {
    element e = access::make(header.tag, v);
    put_long_value(e, header.big_endian, value);
    push(header.tag) = e;
  }
  if (header.tag == detail::specific_character_set_tag) [[unlikely]] note_character_set(value);
}

CODICOM_FUNCTION void data_set_builder::on_value_begin(const element_header& header) {
  pending_header_ = header;
  pending_.clear();
}

CODICOM_FUNCTION void data_set_builder::on_value_bytes(byte_span bytes) {
  if (in_fragment_ && bytes.size() == pending_header_.length) {  // all of it at once
    if (owner_ != nullptr && bytes.size() >= detail::referred_fragment) {
      stacks_->fragments.back() = bytes;
    } else {
      stacks_->fragments.back() = copy_of(bytes);
      copied_fragment_ = copied_fragment_ || bytes.size() >= detail::referred_fragment;
    }
    return;
  }
  // Room for as much as has come, and again as much, but not for more than was announced.
  const std::size_t needed = pending_.size() + bytes.size();
  if (needed > pending_.capacity()) {
    memory().check(needed);
    pending_.reserve(std::max(needed, std::min<std::size_t>(pending_header_.length, std::max<std::size_t>(needed * 2, 512))));
  }
  pending_.insert(pending_.end(), bytes.begin(), bytes.end());
}

CODICOM_FUNCTION void data_set_builder::on_value_end() {
  if (pending_.size() < detail::large_value || is_ambiguous(pending_header_.value_representation)) {
    const auto owner = std::exchange(owner_, nullptr);  // what was gathered here is not the owner's
    vr v = pending_header_.value_representation;
    if (v == vr::us_or_ss) wait(pending_header_);
    else if (is_ambiguous(v)) v = vr::ow;
    element e = detail::data_set_access::make(pending_header_.tag, v);
    put_value(e, pending_header_.big_endian, pending_);
    push(e.tag()) = e;
    if (e.tag() == detail::specific_character_set_tag) note_character_set(pending_);
    owner_ = owner;
    return;
  }
  element e = detail::data_set_access::make(pending_header_.tag, pending_header_.value_representation);
  if (pending_header_.big_endian)
    detail::swap_words(pending_.data(), pending_.size(), unit_size(pending_header_.value_representation));
  memory().charge(pending_.size());
  auto block = std::make_shared<const std::vector<std::byte>>(std::exchange(pending_, {}));
  const byte_span all{*block};
  detail::data_set_access::put_slice(e, memory(), all, std::move(block));
  push(e.tag()) = e;
}

// From here on, elements are those of a new data set.
CODICOM_FUNCTION void data_set_builder::open_one(std::uint8_t character_set, bool undefined_length) {
  current_ = &stacks_->data_sets.push();
  current_->first_element = element_count();
  current_->last_tag = 0;
  current_->inherited = current_->character_set = character_set;
  current_->undefined_length = undefined_length;
  current_->sorted = true;
  current_->undecided = false;
  current_->first_waiting = waiting_;
}

CODICOM_FUNCTION void data_set_builder::on_sequence_begin(const element_header& header) {
  auto& opened = stacks_->sequences.push();
  opened.tag = header.tag;
  opened.value_representation = header.value_representation;
  opened.undefined_length = header.length == element_header::undefined_length;
  opened.first_item = stacks_->items.size();
  opened.first_waiting = waiting_;
}

CODICOM_FUNCTION void data_set_builder::on_item_begin(const element_header& header) {
  open_one(current_->character_set, header.length == element_header::undefined_length);
}

CODICOM_FUNCTION void data_set_builder::on_item_end() {
  close_data_set(stacks_->items.push());
  stacks_->data_sets.pop();
  current_ = &stacks_->data_sets.back();
}

CODICOM_FUNCTION void data_set_builder::on_sequence_end() {
  using access = detail::data_set_access;
  const auto& sequence = stacks_->sequences.back();
  stacks_->sequences.pop();
  auto& items = stacks_->items;
  const std::size_t count = items.size() - sequence.first_item;
  detail::item_list* list = nullptr;
  if (count != 0) {
    auto& a = memory();
    auto* const block = a.allocate(sizeof(detail::item_list) + count * sizeof(data_set));
    auto* const first = access::make_items(a, block + sizeof(detail::item_list), count, items.end() - count);
    list = ::new (static_cast<void*>(block)) detail::item_list{first, static_cast<std::uint32_t>(count),
                                                             static_cast<std::uint32_t>(count) & 0x7FFFFFFFu, 0};
    items.shrink(sequence.first_item);
  }
  if (waiting_ > sequence.first_waiting) [[unlikely]]
    stacks_->waiting_in.push_back({sequence.first_waiting, waiting_, sequence.tag});
  access::write_items(push(sequence.tag), sequence.tag, sequence.value_representation, list, sequence.undefined_length);
}

CODICOM_FUNCTION byte_span data_set_builder::copy_of(byte_span bytes) {
  auto* const at = memory().allocate(bytes.size());
  std::memcpy(at, bytes.data(), bytes.size());
  return {at, bytes.size()};
}

CODICOM_FUNCTION void data_set_builder::on_fragments_begin(const element_header& header) {
  on_sequence_begin(header);
  stacks_->fragments.clear();
  copied_fragment_ = false;
}

CODICOM_FUNCTION void data_set_builder::on_fragment_begin(const element_header& header) {
  pending_header_ = header;
  pending_.clear();
  in_fragment_ = true;
  stacks_->fragments.emplace_back();
}

CODICOM_FUNCTION void data_set_builder::on_fragment_end() {
  in_fragment_ = false;
  if (pending_.empty()) return;
  stacks_->fragments.back() = copy_of(pending_);
  copied_fragment_ = copied_fragment_ || pending_.size() >= detail::referred_fragment;
  pending_.clear();
}

CODICOM_FUNCTION void data_set_builder::on_fragments_end() {
  using access = detail::data_set_access;
  const auto& sequence = stacks_->sequences.back();
  stacks_->sequences.pop();
  auto& a = memory();
  auto& fragments = stacks_->fragments;
  auto* const list = ::new (a.allocate(sizeof(detail::fragment_list))) detail::fragment_list{};
  list->first = reinterpret_cast<byte_span*>(a.allocate(fragments.size() * sizeof(byte_span)));
  list->count = fragments.size();
  if (owner_ != nullptr && !copied_fragment_) {
    list->owner = a.hold(owner_);
  } else if (owner_ != nullptr) {  // some came in pieces: then all are in the arena
    for (auto& fragment : fragments)
      if (fragment.size() >= detail::referred_fragment) fragment = copy_of(fragment);
  }
  for (std::size_t i = 0; i < fragments.size(); ++i) ::new (static_cast<void*>(list->first + i)) byte_span{fragments[i]};
  element e = access::make(sequence.tag, sequence.value_representation);
  access::put_fragments(e, list);
  push(sequence.tag) = e;
}

CODICOM_FUNCTION void data_set_builder::decide(element* first, element* last, bool is_signed) noexcept {
  for (; first != last; ++first)
    if (first->value_representation() == vr::us_or_ss)
      detail::data_set_access::set_vr(*first, is_signed ? vr::ss : vr::us);
}

// Equal tags keep their order.
CODICOM_FUNCTION void data_set_builder::sort(element* first, std::size_t count) {
  std::vector<std::pair<element_tag, std::size_t>> order;
  order.reserve(count);
  for (std::size_t i = 0; i < count; ++i) order.emplace_back(first[i].tag(), i);
  std::sort(order.begin(), order.end());
  const std::vector<element> unsorted(first, first + count);
  for (std::size_t i = 0; i < count; ++i) first[i] = unsorted[order[i].second];
}

// The data set at hand is complete: its elements go from the stack to the arena.
CODICOM_FUNCTION void data_set_builder::close_data_set(detail::data_set_image& image) {
  element* const first = stacks_->elements.data() + current_->first_element;
  element* const last = top_;
  const auto count = static_cast<std::size_t>(last - first);
  image.elements = nullptr;
  image.size = static_cast<std::uint32_t>(count);
  image.flags = detail::data_set_access::nested_flag;
  if (current_->undefined_length) image.flags |= detail::data_set_access::undefined_length_flag;
  image.character_set = current_->inherited;
  if (count == 0) return;
  if (!current_->sorted) sort(first, count);
  if (current_->undecided || waiting_ > current_->first_waiting) [[unlikely]] {
    const auto* told = std::find_if(first, last, [](const element& e) { return e.tag() == detail::pixel_representation_tag; });
    if (told != last && told->length() >= 2) {
      decide(first, last, load_le<std::uint16_t>(told->bytes().data()) == 1);
      stop_waiting(current_->first_waiting);
    } else {
      undecided_left_ = true;
    }
  }
  image.elements = reinterpret_cast<element*>(memory().allocate(count * sizeof(element)));
  detail::copy_words(reinterpret_cast<std::byte*>(image.elements), reinterpret_cast<const std::byte*>(first), count * 2);
  top_ = first;
}

CODICOM_FUNCTION void data_set_builder::wait(const element_header& header) {
  current_->undecided = true;
  if (waiting_ == most_diagnoses_) return;
  stacks_->waiting.push_back({header.tag, header.offset});
  ++waiting_;
}

CODICOM_FUNCTION void data_set_builder::stop_waiting(std::uint32_t first) noexcept {
  waiting_ = std::min(first, waiting_);
  stacks_->waiting.resize(waiting_);
  while (!stacks_->waiting_in.empty() && stacks_->waiting_in.back().first >= first) stacks_->waiting_in.pop_back();
}

CODICOM_FUNCTION void data_set_builder::report_waiting() {
  for (std::uint32_t i = 0; i < waiting_; ++i) {
    diagnosis found{deviation::ambiguous_vr_guessed, stacks_->waiting[i].offset, {}, "PS3.5 §A.1",
                    "no Pixel Representation; read as US"};
    for (auto in = stacks_->waiting_in.rbegin(); in != stacks_->waiting_in.rend(); ++in)  // the outermost first
      if (in->first <= i && i < in->last) found.path.push_back(in->tag);
    found.path.push_back(stacks_->waiting[i].tag);
    guessed_.push_back(std::move(found));
  }
  stop_waiting(0);
}

// "US or SS" follows Pixel Representation of the same data set, else of the nearest around it (PS3.5 §A.1).
CODICOM_FUNCTION void data_set_builder::decide_all(data_set& root) {
  struct task {
    data_set* d;
    int is_signed;  // -1: nobody has told
  };
  std::vector<task> left_to_do{{&root, -1}};
  while (!left_to_do.empty()) {
    auto [d, is_signed] = left_to_do.back();
    left_to_do.pop_back();
    if (const auto* told = d->find(detail::pixel_representation_tag); told != nullptr && told->length() >= 2)
      is_signed = load_le<std::uint16_t>(told->bytes().data()) == 1 ? 1 : 0;
    auto* const elements = detail::data_set_access::elements(*d);
    for (std::size_t i = 0; i < d->size(); ++i) {
      if (elements[i].is_sequence())
        if (auto* const list = detail::data_set_access::items(elements[i]))
          for (std::uint32_t k = 0; k < list->count; ++k) left_to_do.push_back({list->first + k, is_signed});
    }
    decide(elements, elements + d->size(), is_signed == 1);
  }
}

CODICOM_FUNCTION data_set data_set_builder::take() {
  if (stacks_->data_sets.size() > 1) {  // left open by an error
    keep_elements(stacks_->data_sets[1].first_element);
    stop_waiting(stacks_->data_sets[1].first_waiting);
  }
  stacks_->sequences.clear();
  stacks_->items.clear();
  current_ = stacks_->data_sets.begin();
  guessed_.clear();
  data_set root;
  detail::data_set_image image;
  close_data_set(image);
  image.flags = 0;
  if (arena_ != nullptr) {
    arena_->set_limit(std::numeric_limits<std::uint64_t>::max());
    detail::data_set_access::adopt(root, std::exchange(arena_, nullptr), image);
  }
  if (std::exchange(undecided_left_, false)) decide_all(root);
  if (waiting_ != 0) report_waiting();
  stacks_->data_sets.clear();
  open_one(0, false);
  return root;
}

}  // namespace codicom
