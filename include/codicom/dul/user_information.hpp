#pragma once
#include <codicom/core/unique_id.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace codicom::dul {

/// Asynchronous Operations Window (53H, PS3.7 §D.3.3.3). 0 is unlimited; without the item both are 1.
struct async_window {
  std::uint16_t invoked = 1;    ///< operations the requestor of the association may have outstanding
  std::uint16_t performed = 1;  ///< operations the acceptor may have outstanding
  friend constexpr bool operator==(async_window, async_window) noexcept = default;
};

/// SCP/SCU Role Selection (54H, PS3.7 §D.3.3.4): what the requestor of the association offers to be, or may be.
/// Without the item it is SCU and not SCP.
struct role_selection {
  constexpr role_selection() noexcept = default;
  constexpr role_selection(unique_id sop_class, bool as_scu, bool as_scp) noexcept
      : sop_class_uid{sop_class}, scu{as_scu}, scp{as_scp} {}

  unique_id sop_class_uid;
  bool scu = true;
  bool scp = false;
  friend bool operator==(const role_selection&, const role_selection&) = default;
};

/// SOP Class Extended Negotiation (56H, PS3.7 §D.3.3.5).
struct sop_class_extended {
  sop_class_extended() = default;
  sop_class_extended(unique_id sop_class, std::vector<std::byte> info)
      : sop_class_uid{sop_class}, application_information{std::move(info)} {}

  unique_id sop_class_uid;
  std::vector<std::byte> application_information;  ///< meaning laid down by the service class (PS3.4)
  friend bool operator==(const sop_class_extended&, const sop_class_extended&) = default;
};

/// SOP Class Common Extended Negotiation (57H, PS3.7 §D.3.3.6); only in an A-ASSOCIATE-RQ.
struct sop_class_common_extended {
  sop_class_common_extended() = default;
  sop_class_common_extended(unique_id sop_class, unique_id service_class, std::vector<unique_id> related = {})
      : sop_class_uid{sop_class}, service_class_uid{service_class}, related_general_sop_classes{std::move(related)} {}

  std::uint8_t version = 0;
  unique_id sop_class_uid;
  unique_id service_class_uid;
  std::vector<unique_id> related_general_sop_classes;
  friend bool operator==(const sop_class_common_extended&, const sop_class_common_extended&) = default;
};

/// PS3.7 §D.3.3.7.1. Other values may come from the wire.
enum class identity_type : std::uint8_t { user_name = 1, user_name_and_passcode = 2, kerberos = 3, saml = 4, jwt = 5 };

/// User Identity of an A-ASSOCIATE-RQ (58H, PS3.7 §D.3.3.7.1). Secret: never logged.
struct user_identity {
  user_identity() = default;
  user_identity(identity_type kind, std::string primary, std::string secondary = {}, bool response_requested = false)
      : type{kind},
        positive_response_requested{response_requested},
        primary_field{std::move(primary)},
        secondary_field{std::move(secondary)} {}

  identity_type type = identity_type::user_name;
  bool positive_response_requested = false;
  std::string primary_field;    ///< user name (UTF-8), Kerberos ticket, SAML assertion or JSON web token: bytes
  std::string secondary_field;  ///< passcode, with user_name_and_passcode only
  friend bool operator==(const user_identity&, const user_identity&) = default;
};

/// User Information (50H, PS3.8 §9.3.2.3, §D.1; PS3.7 §D.3.3). What an A-ASSOCIATE may hold besides contexts; items
/// of other types are skipped when they come (PS3.8 §9.3.1). An item that came twice counts once: the last.
struct user_information {
  user_information() = default;

  std::optional<std::uint32_t> max_length;                 ///< 51H: longest P-DATA-TF its sender takes; 0 = no limit
  unique_id implementation_class_uid;                      ///< 52H; empty: absent
  std::optional<async_window> window;                      ///< 53H
  std::vector<role_selection> roles;                       ///< 54H
  std::string implementation_version_name;                 ///< 55H; empty: absent; at most 16 characters are sent
  std::vector<sop_class_extended> extended;                ///< 56H
  std::vector<sop_class_common_extended> common_extended;  ///< 57H, in a request only
  std::optional<user_identity> identity;                   ///< 58H, in a request only
  std::optional<std::string> identity_response;            ///< 59H, in an acceptance only; may be empty
  friend bool operator==(const user_information&, const user_information&) = default;
};

}  // namespace codicom::dul
