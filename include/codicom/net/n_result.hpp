#pragma once
#include <codicom/core/unique_id.hpp>
#include <codicom/data_set/data_set.hpp>
#include <codicom/dimse/normalized.hpp>

#include <string>
#include <utility>

namespace codicom {

/// The response to a normalized operation, and the data set that came with it. Also what a handler returns; message id,
/// SOP class and instance, event or action type are then filled in for it.
class n_result {
 public:
  n_result() = default;
  n_result(dimse_status outcome, data_set with = {}, std::string comment = {})
      : attributes{std::move(with)} {  // NOLINT
    response.status = outcome;
    response.error_comment = std::move(comment);
  }

  [[nodiscard]] dimse_status status() const noexcept { return response.status; }

  n_response_fields response;
  data_set attributes;  ///< the attribute list, event reply or action reply; may be empty
};

/// How a normalized operation is invoked.
class normalized_options {
 public:
  normalized_options() {}

  /// The abstract syntax whose presentation context carries it, where that is not its SOP class: a Meta SOP Class, or
  /// another one of Unified Procedure Step. Empty: the SOP class.
  unique_id abstract_syntax;
};

}  // namespace codicom
