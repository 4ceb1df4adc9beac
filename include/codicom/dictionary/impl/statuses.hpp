#pragma once
#include <codicom/core/config.hpp>
#include <codicom/dictionary/generated/status_table.hpp>
#include <codicom/dictionary/statuses.hpp>

namespace codicom {

CODICOM_FUNCTION const status_entry* find_status(status_service service, std::uint16_t code) noexcept {
  for (const auto& entry : detail::status_table)  // single codes stand before the ranges of their service
    if (entry.service == service && (code & entry.mask) == entry.code) return &entry;
  return service == status_service::general || service == status_service::storage_commitment_failure_reason
             ? nullptr
             : find_status(status_service::general, code);
}

CODICOM_FUNCTION std::string_view status_meaning(status_service service, std::uint16_t code) noexcept {
  const auto* entry = find_status(service, code);
  return entry ? entry->meaning : std::string_view{};
}

}  // namespace codicom
