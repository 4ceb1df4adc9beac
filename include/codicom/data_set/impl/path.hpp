#pragma once
#include <codicom/core/config.hpp>
#include <codicom/data_set/data_set.hpp>
#include <codicom/data_set/path.hpp>
#include <codicom/dictionary/dictionary.hpp>
#include <codicom/dictionary/implicit_vr.hpp>

#include <charconv>

namespace codicom {

namespace detail {

// The data set that the last step of a path is in, null when there is none.
[[nodiscard]] inline const data_set* before_last_step(const data_set& root, const element_path& path) {
  const data_set* at = &root;
  for (std::size_t i = 0; i + 1 < path.steps().size(); ++i) {
    const auto& step = path.steps()[i];
    const auto items = at->items(step.tag);
    if (step.index >= items.size()) return nullptr;
    at = &items[step.index];
  }
  return at;
}

}  // namespace detail

CODICOM_FUNCTION std::optional<element_path> element_path::parse(std::string_view text) {
  element_path path;
  for (;;) {
    const auto dot = text.find('.');
    auto part = text.substr(0, dot);
    step next;
    if (!part.empty() && part.back() == ']') {
      const auto open = part.rfind('[');
      if (open == std::string_view::npos) return std::nullopt;
      const auto digits = part.substr(open + 1, part.size() - open - 2);
      const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), next.index);
      if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
      part = part.substr(0, open);
    }
    const auto tag = parse_tag(part);
    if (!tag) return std::nullopt;
    next.tag = *tag;
    path.steps_.push_back(next);
    if (dot == std::string_view::npos) return path;
    text.remove_prefix(dot + 1);
  }
}

CODICOM_FUNCTION const element* data_set::find(std::string_view path) const {
  const auto steps = element_path::parse(path);
  if (!steps) return nullptr;
  const auto* where = detail::before_last_step(*this, *steps);
  return where == nullptr ? nullptr : where->find(steps->last());
}

CODICOM_FUNCTION std::string data_set::text(std::string_view path) const {
  const auto steps = element_path::parse(path);
  if (!steps) return {};
  const auto* where = detail::before_last_step(*this, *steps);
  return where == nullptr ? std::string{} : where->text(steps->last());
}

CODICOM_FUNCTION data_set& data_set::set_text(std::string_view path, std::string_view utf8) {
  const auto steps = element_path::parse(path);
  if (!steps)
    throw std::system_error{
        errc::invalid_argument,
        "'" + std::string{path} + "' is no attribute: write a keyword, gggg,eeee or a path of these"};
  constexpr std::uint32_t most_items_made = 10'000;  // an index is easily mistyped
  data_set* at = this;
  for (std::size_t i = 0; i + 1 < steps->steps().size(); ++i) {
    const auto& step = steps->steps()[i];
    if (const vr v = implicit_vr(step.tag); v != vr::sq && v != vr::un)
      throw std::system_error{errc::invalid_argument, to_string(step.tag) + " is no sequence"};
    if (step.index >= at->items(step.tag).size() + most_items_made)
      throw std::system_error{errc::invalid_argument, "index too high in '" + std::string{path} + "'"};
    while (at->items(step.tag).size() <= step.index) at->add_item(step.tag);
    at = &at->items(step.tag)[step.index];
  }
  at->set_text(steps->last(), utf8);
  return *this;
}

}  // namespace codicom
