#pragma once
#include <codicom/core/unique_id.hpp>

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace codicom {

/// Names a presentation context within one association: odd, 1 to 255 (PS3.8 §9.3.2.2).
struct context_id {
  std::uint8_t value = 0;

  constexpr context_id() noexcept = default;
  constexpr explicit context_id(std::uint8_t number) noexcept : value{number} {}
  [[nodiscard]] constexpr bool is_valid() const noexcept { return (value & 1u) != 0; }
  friend constexpr auto operator<=>(context_id, context_id) noexcept = default;
};

[[nodiscard]] inline std::string to_string(context_id id) { return std::to_string(id.value); }

namespace dul {

/// The DICOM application context, the only one there is (PS3.7 §A.2.1).
inline constexpr unique_id application_context_name{"1.2.840.10008.3.1.1.1"};

/// How an acceptor answers a presentation context (PS3.8 §9.3.3.2). Values beyond 4 may come from the wire.
enum class context_result : std::uint8_t {
  acceptance = 0,
  user_rejection = 1,
  no_reason = 2,  ///< provider rejection
  abstract_syntax_not_supported = 3,
  transfer_syntaxes_not_supported = 4,
};

/// In words, for a person.
[[nodiscard]] std::string_view meaning(context_result result) noexcept;

/// Presentation Context item of an A-ASSOCIATE-RQ (20H, PS3.8 §9.3.2.2).
struct proposed_context {
  proposed_context() = default;
  proposed_context(context_id number, unique_id abstract, std::vector<unique_id> syntaxes)
      : id{number}, abstract_syntax{abstract}, transfer_syntaxes{std::move(syntaxes)} {}

  context_id id;
  unique_id abstract_syntax;
  std::vector<unique_id> transfer_syntaxes;
  friend bool operator==(const proposed_context&, const proposed_context&) = default;
};

/// Presentation Context item of an A-ASSOCIATE-AC (21H, PS3.8 §9.3.3.2).
struct answered_context {
  constexpr answered_context() noexcept = default;
  constexpr answered_context(context_id number, context_result answer, unique_id syntax = {}) noexcept
      : id{number}, result{answer}, transfer_syntax{syntax} {}

  context_id id;
  context_result result = context_result::no_reason;
  unique_id transfer_syntax;  ///< means something only with acceptance
  friend bool operator==(const answered_context&, const answered_context&) = default;
};

inline std::string_view meaning(context_result result) noexcept {
  switch (result) {
    case context_result::acceptance: return "accepted";
    case context_result::user_rejection: return "rejected by the peer's application";
    case context_result::no_reason: return "rejected without a reason";
    case context_result::abstract_syntax_not_supported: return "SOP class not supported";
    case context_result::transfer_syntaxes_not_supported: return "none of the transfer syntaxes supported";
  }
  return "rejected for an unknown reason";
}

}  // namespace dul
}  // namespace codicom
