#pragma once
#include <codicom/core/tag.hpp>

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

}  // namespace codicom

#ifndef CODICOM_SEPARATE_COMPILATION
#include <codicom/data_set/impl/path.hpp>
#endif
