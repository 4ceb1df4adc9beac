#pragma once
#include "progress.hpp"

#include <codicom/dictionary/statuses.hpp>
#include <codicom/dimse/command.hpp>

#include <fmt/format.h>
#include <string>
#include <string_view>

namespace tools {

/// A status and what it means: "A700 (Refused: Out of resources), saying 'disk full'".
[[nodiscard]] inline std::string status_text(codicom::status_service service, codicom::dimse_status status,
                                             std::string_view comment) {
  auto text = to_string(status);
  if (const auto meaning = codicom::status_meaning(service, status.code); !meaning.empty())
    text += fmt::format(" ({})", meaning);
  if (!comment.empty()) text += fmt::format(", saying '{}'", printable(comment));
  return text;
}
[[nodiscard]] inline std::string status_text(codicom::status_service service, const codicom::response_fields& response) {
  return status_text(service, response.status, response.error_comment);
}

}  // namespace tools
