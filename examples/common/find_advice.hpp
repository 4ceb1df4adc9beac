#pragma once
#include "levels.hpp"
#include "status_text.hpp"

#include <codicom/dimse/command.hpp>

#include <fmt/format.h>
#include <string>

namespace tools {

/// A C-FIND that did not end with success: what was answered and what to do.
[[nodiscard]] inline std::string find_advice(const codicom::c_find_response& last, query_level level) {
  const auto answer = status_text(codicom::status_service::query_retrieve_find, last);
  switch (last.status.code) {
    case 0xA700: return fmt::format("the archive is out of resources: {}. Try again later, or ask for less.", answer);
    case 0xA900:
      return fmt::format("the archive does not accept these keys: {}. Leave out keys, or try the other --model.",
                         answer);
    default:
      return fmt::format(
          "the archive refuses the C-FIND at the {} level: {}. Leave out keys that do not belong to "
          "that level, try --level study or the other --model, or look into the archive's log.",
          noun(level), answer);
  }
}

}  // namespace tools
