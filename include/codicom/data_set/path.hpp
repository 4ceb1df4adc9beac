#pragma once
#include <codicom/core/tag.hpp>
#include <codicom/dictionary/dictionary.hpp>

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace codicom {

/// The way to an element through items: `SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0].SliceThickness`.
/// Steps are keywords or tags (`0010,0020`, `(0010,0020)`, `00100020`); an index that is left out is 0.
class element_path {
 public:
  struct step {
    element_tag tag;
    std::uint32_t index = 0;  ///< of the item to go on in; of no meaning in the last step
  };

  /// Nothing when a step is neither a keyword nor a tag, or an index is not a number.
  [[nodiscard]] static std::optional<element_path> parse(std::string_view text);

  [[nodiscard]] const std::vector<step>& steps() const noexcept { return steps_; }
  [[nodiscard]] element_tag last() const noexcept { return steps_.back().tag; }

 private:
  element_path() = default;
  std::vector<step> steps_;  // never empty
};

inline std::optional<element_path> element_path::parse(std::string_view text) {
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

}  // namespace codicom
