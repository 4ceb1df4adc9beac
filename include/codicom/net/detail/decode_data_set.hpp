#pragma once
#include <codicom/encoding/data_set_reader.hpp>
#include <codicom/net/detail/connection.hpp>

namespace codicom::detail {

// The data set of a message, within the limits of its association; empty when there is none.
// @throws std::system_error `errc::malformed_data_set` and others of `decode`
[[nodiscard]] inline data_set decode_data_set(const connection& on, const message& of) {
  if (of.data_set.empty()) return {};
  decode_options options;
  options.limits = on.settings().limits;
  return decode(of.data_set, on.parameters().accepted(of.context)->transfer_syntax, options).value;
}

}  // namespace codicom::detail
