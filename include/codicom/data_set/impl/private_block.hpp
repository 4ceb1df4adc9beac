#pragma once
#include <codicom/core/config.hpp>
#include <codicom/core/error.hpp>
#include <codicom/data_set/private_block.hpp>

#include <algorithm>
#include <system_error>

namespace codicom {

namespace detail {

// A creator's name as bytes: those who did not know wrote it as UN, so that it is no text to the data set.
[[nodiscard]] inline std::string_view creator_name(const element& e) noexcept {
  auto name = as_text(e.bytes());
  while (!name.empty() && (name.back() == ' ' || name.back() == '\0')) name.remove_suffix(1);
  while (!name.empty() && name.front() == ' ') name.remove_prefix(1);
  return name;
}

}  // namespace detail

CODICOM_FUNCTION std::string private_creator(const data_set& of, element_tag tag) {
  if (!tag.is_private() || tag.element() < 0x1000) return {};
  const auto* const e = of.find(element_tag{tag.group(), static_cast<std::uint16_t>(tag.element() >> 8)});
  if (e == nullptr) return {};
  return e->value_representation() == vr::un ? std::string{detail::creator_name(*e)} : of.text(*e);
}

CODICOM_FUNCTION std::optional<element_tag> find_private_tag(const data_set& in, std::uint16_t group, std::string_view creator,
                                                   std::uint8_t number) {
  if (creator.empty()) return std::nullopt;
  const element_tag first{group, 0x0010};
  const auto* e =
      std::lower_bound(in.begin(), in.end(), first, [](const element& a, element_tag b) { return a.tag() < b; });
  for (; e != in.end() && e->tag().group() == group && e->tag().is_private_creator(); ++e)
    if (detail::creator_name(*e) == creator || in.text(*e) == creator)
      return element_tag{group, static_cast<std::uint16_t>(e->tag().element() << 8 | number)};
  return std::nullopt;
}

CODICOM_FUNCTION element_tag reserve_private_tag(data_set& in, std::uint16_t group, std::string_view creator,
                                       std::uint8_t number) {
  const auto refuse = [](const char* why) { throw std::system_error{errc::invalid_argument, why}; };
  if ((group & 1u) == 0 || group < 0x0009 || group == 0xFFFF) refuse("a group that holds no private elements");
  constexpr std::size_t longest = 64;
  if (creator.empty() || creator.size() > longest || creator.front() == ' ' || creator.back() == ' ' ||
      creator.find('\\') != std::string_view::npos)
    refuse("a private creator is one LO without spaces around it");
  if (const auto found = find_private_tag(in, group, creator, number)) return *found;
  for (std::uint16_t block = 0x10; block <= 0xFF; ++block) {
    const element_tag owner{group, block};
    const element_tag from{group, static_cast<std::uint16_t>(block << 8)};
    // Some write private elements of which nobody is the creator: leave their block alone.
    const auto* const e =
        std::lower_bound(in.begin(), in.end(), from, [](const element& a, element_tag b) { return a.tag() < b; });
    const bool used = e != in.end() && e->tag().value <= (from.value | 0xFF);
    if (used || in.contains(owner)) continue;
    in.set_text(owner, vr::lo, creator);
    return element_tag{group, static_cast<std::uint16_t>(from.element() | number)};
  }
  refuse("all blocks of the group are reserved");
  return {};
}

}  // namespace codicom
