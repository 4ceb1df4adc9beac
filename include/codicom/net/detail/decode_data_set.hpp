#pragma once
#include <codicom/encoding/data_set_reader.hpp>
#include <codicom/net/detail/connection.hpp>

#include <system_error>
#include <utility>

namespace codicom::detail {

// What was sent is all there, or it is an error: half a query finds too much, and half an object is none.
[[nodiscard]] inline data_set whole(decoded read) {
  for (const auto& each : read.diagnoses)
    if (each.what == deviation::truncated_value)
      throw std::system_error{errc::malformed_data_set, to_string(each)};
  return std::move(read.value);
}

// The data set of a message, within the limits of its association; empty when there is none.
// @throws std::system_error `errc::malformed_data_set` and others of `decode`
[[nodiscard]] inline data_set decode_data_set(const connection& on, const message& of) {
  if (of.data_set.empty()) return {};
  decode_options options;
  options.limits = on.settings().limits;
  return whole(decode(of.data_set, on.parameters().accepted(of.context)->transfer_syntax, options));
}

}  // namespace codicom::detail
