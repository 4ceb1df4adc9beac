#pragma once
#include <codicom/core/unique_id.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

namespace codicom {

/// What PS3.6 Annex A registers a UID as.
enum class uid_kind : std::uint8_t {
  transfer_syntax,
  sop_class,
  meta_sop_class,
  sop_instance,
  frame_of_reference,
  coding_scheme,
  application_context,
  application_hosting_model,
  service_class,
  mapping_resource,
  ldap_oid,
};

/// One registered UID. The texts live as long as the program.
struct uid_entry {
  uid_kind kind{};
  std::string_view keyword;  ///< "CTImageStorage"
  std::string_view name;     ///< "CT Image Storage"
  bool retired = false;
};

/// Nothing when it is not registered in PS3.6 Annex A.
[[nodiscard]] std::optional<uid_entry> find_uid(const unique_id& uid) noexcept;
/// "CT Image Storage"; "" when not registered.
[[nodiscard]] std::string_view uid_name(const unique_id& uid) noexcept;
/// "CTImageStorage"; "" when not registered.
[[nodiscard]] std::string_view uid_keyword(const unique_id& uid) noexcept;
/// The other way round: the UID of a keyword.
[[nodiscard]] std::optional<unique_id> uid_from_keyword(std::string_view keyword) noexcept;

}  // namespace codicom

#ifndef CODICOM_SEPARATE_COMPILATION
#include <codicom/dictionary/impl/uids.hpp>
#endif
