#pragma once
#include <codicom/core/ae_title.hpp>
#include <codicom/dimse/command.hpp>

#include <optional>

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

}  // namespace codicom
