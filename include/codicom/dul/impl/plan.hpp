#pragma once
#include <codicom/core/config.hpp>
#include <codicom/dictionary/transfer_syntaxes.hpp>
#include <codicom/dul/plan.hpp>

#include <algorithm>
#include <array>
#include <compare>
#include <map>
#include <utility>

namespace codicom::dul {
namespace detail {

// Fragments, or a deflated stream, cannot be said in another transfer syntax without a codec.
[[nodiscard]] constexpr bool is_plain(const unique_id& syntax) noexcept {
  const auto* facts = find_transfer_syntax(syntax);
  return facts != nullptr && !facts->encapsulated && !facts->deflated;
}

// Pixel data that stand here are what they were before (PS3.5 §A.4).
[[nodiscard]] constexpr bool is_lossless(const unique_id& syntax) noexcept {
  namespace ts = transfer_syntax;
  constexpr std::array compressed{ts::JPEGLossless,
                                  ts::JPEGLosslessNonHierarchical15,
                                  ts::JPEGLosslessHierarchical28,
                                  ts::JPEGLosslessHierarchical29,
                                  ts::JPEGLosslessSV1,
                                  ts::JPEGLSLossless,
                                  ts::JPEG2000Lossless,
                                  ts::JPEG2000MCLossless,
                                  ts::JPEGXLLossless,
                                  ts::HTJ2KLossless,
                                  ts::HTJ2KLosslessRPCL,
                                  ts::RLELossless,
                                  ts::DeflatedImageFrameCompression,
                                  ts::EncapsulatedUncompressedExplicitVRLittleEndian};
  return !is_encapsulated(syntax) || std::find(compressed.begin(), compressed.end(), syntax) != compressed.end();
}

using object_kind = std::pair<unique_id, unique_id>;  // SOP class and transfer syntax

[[nodiscard]] inline object_kind kind_of(const outgoing_object& object) {
  return {object.sop_class, object.transfer_syntax};
}

inline void propose(proposal& contexts, const outgoing_object& object, conversion can_convert) {
  contexts.add(object.sop_class, object.transfer_syntax);
  if (can_convert(object.transfer_syntax, transfer_syntax::ExplicitVRLittleEndian)) contexts.add(object.sop_class);
  else if (is_lossless(object.transfer_syntax)) contexts.add(object.sop_class, transfer_syntax::ImplicitVRLittleEndian);
}

}  // namespace detail

CODICOM_FUNCTION bool both_uncompressed(const unique_id& from, const unique_id& to) {
  return detail::is_plain(from) && detail::is_plain(to);
}

CODICOM_FUNCTION std::vector<association_plan> plan(std::span<const outgoing_object> objects, conversion can_convert,
                                          std::size_t contexts_per_association) {
  std::vector<association_plan> associations;
  std::map<detail::object_kind, std::size_t> association_of;
  for (std::size_t place = 0; place < objects.size(); ++place) {
    const auto [known, is_new] = association_of.try_emplace(detail::kind_of(objects[place]), 0);
    if (is_new) {
      bool fits = false;
      if (!associations.empty()) {
        auto extended = associations.back().contexts;
        detail::propose(extended, objects[place], can_convert);
        fits = extended.contexts().size() <= contexts_per_association;
        if (fits) associations.back().contexts = std::move(extended);
      }
      if (!fits) detail::propose(associations.emplace_back().contexts, objects[place], can_convert);
      known->second = associations.size() - 1;
    }
    associations[known->second].objects.push_back(place);
  }
  return associations;
}

CODICOM_FUNCTION const negotiated_context* context_for(const association_parameters& negotiated, const outgoing_object& object,
                                             conversion can_convert) {
  const auto distance = [](const negotiated_context& to) {
    return (is_explicit_vr(to.transfer_syntax) ? 0 : 2) + (is_deflated(to.transfer_syntax) ? 1 : 0);
  };
  const negotiated_context* best = nullptr;
  for (const auto& each : negotiated.contexts()) {
    if (!each.is_accepted() || each.abstract_syntax != object.sop_class || !negotiated.may_invoke(each)) continue;
    if (each.transfer_syntax == object.transfer_syntax) return &each;
    if (can_convert(object.transfer_syntax, each.transfer_syntax) &&
        (best == nullptr || distance(each) < distance(*best)))
      best = &each;
  }
  return best;
}

CODICOM_FUNCTION std::vector<unsendable> explain(const association_parameters& negotiated,
                                       std::span<const outgoing_object> objects, conversion can_convert) {
  std::vector<unsendable> found;
  std::map<detail::object_kind, std::size_t> entry_of;
  for (std::size_t place = 0; place < objects.size(); ++place) {
    const auto& object = objects[place];
    const auto [known, is_new] = entry_of.try_emplace(detail::kind_of(object), found.size());
    if (is_new) {
      if (context_for(negotiated, object, can_convert) != nullptr) {
        entry_of.erase(known);
        continue;
      }
      auto& entry = found.emplace_back();
      entry.what = object;
      entry.why = negotiated.why_not(object.sop_class, object.transfer_syntax);
    }
    found[known->second].objects.push_back(place);
  }
  return found;
}

}  // namespace codicom::dul
