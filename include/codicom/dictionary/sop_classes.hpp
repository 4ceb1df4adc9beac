#pragma once
#include <codicom/core/unique_id.hpp>
#include <codicom/dictionary/generated/sop_classes.hpp>
#include <codicom/dictionary/impl/pool.hpp>

#include <cstddef>
#include <span>

namespace codicom {

/// Every SOP class whose objects travel by C-STORE: storage and non-patient object storage (PS3.4 Annexes B and GG),
/// DICOS, DICONDE and the retired ones included. In ascending order of the text of the UID.
[[nodiscard]] constexpr std::span<const unique_id> storage_sop_classes() noexcept {
  return detail::storage_sop_class_table;
}

/// Is it one of `storage_sop_classes()`? A private SOP class may be a storage class without being known here.
[[nodiscard]] constexpr bool is_storage(const unique_id& sop_class) noexcept {
  const auto& all = detail::storage_sop_class_table;
  return detail::find_slot(detail::storage_sop_class_slots, detail::text_hash(sop_class.view()), all.size(),
                           [&](std::size_t place) { return all[place] == sop_class; }) != all.size();
}

}  // namespace codicom
