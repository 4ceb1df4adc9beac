#pragma once
#include "../common/find_advice.hpp"
#include "../common/progress.hpp"
#include "../common/status_text.hpp"
#include "arguments.hpp"

#include <codicom/dimse/command.hpp>
#include <codicom/dul/association_error.hpp>

#include <fmt/format.h>
#include <string>
#include <string_view>

namespace tools {

/// The line of the archive's table that has to be there, in words.
[[nodiscard]] inline std::string table_entry(const retrieve_arguments& arguments, std::uint16_t port) {
  if (arguments.destination) return fmt::format("AE title {}", arguments.destination->view());
  return fmt::format("AE title {} at this machine's address, port {}", arguments.own_destination().view(), port);
}

/// A C-MOVE that did not end with success.
[[nodiscard]] inline std::string move_advice(const codicom::c_move_response& last, bool anything_arrived,
                                             const retrieve_arguments& arguments, std::uint16_t port) {
  const auto answer = status_text(codicom::status_service::query_retrieve_move, last);
  const auto entry = table_entry(arguments, port);
  const auto destination = arguments.destination.value_or(arguments.own_destination());
  const auto code = last.status.code;
  if (code == 0xA801)
    return fmt::format("the archive does not know the move destination {}: {}. Add {} to its table of remote AEs.",
                       destination.view(), answer, entry);
  if (code == 0xA900) return fmt::format("the archive does not accept the C-MOVE: {}. Try the other --model.", answer);
  if (code == 0xA701) return fmt::format("the archive is out of resources: {}. Try again later.", answer);
  if (last.status.is_cancel()) return fmt::format("the archive cancelled the C-MOVE: {}.", answer);
  if (anything_arrived || last.completed.value_or(0) != 0)
    return fmt::format("the archive did not send everything: {}. Its log tells why; ask again for the rest.", answer);
  if (code == 0xA702 || code == 0xB000)
    return fmt::format(
        "the archive could not send anything to {}: {}. Its table must have {}, and nothing between it "
        "and that port may block the way.",
        destination.view(), answer, entry);
  // Orthanc answers C000 to an unknown destination, to one it cannot reach, and to a study that is gone.
  return fmt::format(
      "the archive refuses to move to {}: {}. It may not know that destination or not reach it: its "
      "table of remote AEs must have {}. Its log tells more.",
      destination.view(), answer, entry);
}

/// The peer says it has sent objects, and none has come.
[[nodiscard]] inline std::string nothing_arrived_advice(const retrieve_arguments& arguments, std::uint16_t port) {
  return fmt::format(
      "the archive says it has sent, but nothing arrived here. Its table seems to map {} to another host "
      "or port: it must have {}.",
      arguments.own_destination().view(), table_entry(arguments, port));
}

/// The association ended where an answer was due.
[[nodiscard]] inline std::string broken_advice(const codicom::association_error& error, bool anything_arrived,
                                               const retrieve_arguments& arguments, std::uint16_t port) {
  std::string text = error.what();
  const bool aborted =
      error.code() == codicom::errc::aborted_by_peer || error.code() == codicom::errc::aborted_by_provider;
  if (aborted && !anything_arrived)
    text += fmt::format(" It may be unable to reach the move destination, too: its table of remote AEs must have {}.",
                        table_entry(arguments, port));
  return text;
}

}  // namespace tools
