#pragma once
#include <codicom/core/unique_id.hpp>
#include <codicom/dul/association_parameters.hpp>
#include <codicom/dul/negotiation.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace codicom::dul {

/// An object that is to be sent, as far as negotiation is concerned.
struct outgoing_object {
  constexpr outgoing_object() noexcept = default;
  constexpr outgoing_object(const unique_id& what, const unique_id& encoded_in) noexcept
      : sop_class{what}, transfer_syntax{encoded_in} {}

  unique_id sop_class;
  unique_id transfer_syntax;
};

/// Whether a data set can be converted from one transfer syntax to another on its way. Without a codec, and without
/// more than this layer knows, that is from one uncompressed syntax to another; `is_transcodable` of encoding/ knows
/// more.
using conversion = bool (*)(const unique_id& from, const unique_id& to);
[[nodiscard]] bool both_uncompressed(const unique_id& from, const unique_id& to);

/// What one association is to carry.
class association_plan {
 public:
  association_plan() = default;

  proposal contexts;
  std::vector<std::size_t> objects;  ///< their places among the objects planned for
};

/// The associations that it takes to send these objects, as few as the limit of contexts allows, in order.
///
/// Each transfer syntax gets a presentation context of its own, so that the acceptor cannot choose another for what is
/// encoded already; those that can be converted share a further one. Implicit VR Little Endian is offered
/// for every SOP class, except where all its objects are compressed with loss (PS3.5 §10.1).
[[nodiscard]] std::vector<association_plan> plan(std::span<const outgoing_object> objects,
                                                        conversion can_convert = &both_uncompressed,
                                                        std::size_t contexts_per_association = 128);

/// The accepted context in which an object can go: in its own transfer syntax, or else in one that it can be converted
/// to; the closer the better, since implicit VR does not say what private elements are. Null: it cannot be sent.
[[nodiscard]] const negotiated_context* context_for(const association_parameters& negotiated,
                                                           const outgoing_object& object,
                                                           conversion can_convert = &both_uncompressed);

/// Why objects cannot be sent on an association, before the first byte of them.
class unsendable {
 public:
  unsendable() = default;

  outgoing_object what;
  std::vector<std::size_t> objects;  ///< their places
  std::string why;                   ///< one sentence, for a person
};

/// What of these objects cannot be sent, by SOP class and transfer syntax; empty when everything can.
[[nodiscard]] std::vector<unsendable> explain(const association_parameters& negotiated,
                                                     std::span<const outgoing_object> objects,
                                                     conversion can_convert = &both_uncompressed);

}  // namespace codicom::dul

#ifndef CODICOM_SEPARATE_COMPILATION
#include <codicom/dul/impl/plan.hpp>
#endif
