#pragma once
#include <cstdint>
#include <string_view>

namespace codicom {

/// The class of a DIMSE status (PS3.7 Annex C): what a program decides by.
enum class status_class : std::uint8_t { success, pending, cancel, warning, failure };

/// Whose table of statuses a code is read from: a code may mean something else in another service.
enum class status_service : std::uint8_t {
  general,  ///< PS3.7 Annex C; what the others fall back on
  storage,
  query_retrieve_find,
  query_retrieve_move,
  query_retrieve_get,
  modality_worklist_find,
  relevant_patient_find,
  substance_administration_find,
  non_patient_storage,
  modality_performed_procedure_step,
  print_management,
  inventory_find,
  application_event_logging,
  media_creation_management,
  unified_procedure_step,
  rt_machine_verification,
  storage_commitment_failure_reason,  ///< values of Failure Reason (0008,1197), not of a response
};

/// A code or a range of codes. The text lives as long as the program.
struct status_entry {
  status_service service{};
  std::uint16_t code = 0;
  std::uint16_t mask = 0xFFFF;  ///< bits of `code` that count: FF00 for "A7xx"
  status_class kind{};
  std::string_view meaning;
};

/// The class of any code, by the ranges of PS3.7 Annex C.
[[nodiscard]] constexpr status_class status_class_of(std::uint16_t code) noexcept {
  if (code == 0x0000) return status_class::success;
  if (code == 0xFF00 || code == 0xFF01) return status_class::pending;
  if (code == 0xFE00) return status_class::cancel;
  if (code == 0x0001 || code == 0x0107 || code == 0x0116 || (code & 0xF000) == 0xB000) return status_class::warning;
  return status_class::failure;
}

/// What a service says of a code: its own entry, else its own range, else the general one. Nothing when none has it.
[[nodiscard]] const status_entry* find_status(status_service service, std::uint16_t code) noexcept;
/// The meaning for a person; "" when no table has it.
[[nodiscard]] std::string_view status_meaning(status_service service, std::uint16_t code) noexcept;

}  // namespace codicom

#ifndef CODICOM_SEPARATE_COMPILATION
#include <codicom/dictionary/impl/statuses.hpp>
#endif
