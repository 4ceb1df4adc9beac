#pragma once
#include <codicom/core/ae_title.hpp>
#include <codicom/coro/task.hpp>
#include <codicom/dimse/command.hpp>

#include <cstddef>
#include <functional>
#include <optional>
#include <span>

namespace codicom {

/// What a C-STORE says besides its object (PS3.7 §9.3.1.1).
class store_options {
 public:
  store_options() {}

  codicom::priority priority = codicom::priority::medium;
  /// When the C-STORE is a sub-operation of a C-MOVE: who asked for it, and with which message.
  std::optional<ae_title> move_originator_ae_title;
  std::optional<message_id> move_originator_message_id;
};

/// Gives an encoded data set piece by piece, as `incoming_object::read_some` does: fills at least one byte of `into`, or
/// gives 0 at the end.
using object_source = std::function<task<std::size_t>(std::span<std::byte> into)>;

}  // namespace codicom
