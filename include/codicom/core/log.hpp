#pragma once
#include <functional>
#include <memory>
#include <string_view>
#include <utility>

namespace codicom {

enum class log_level { debug, info, warning, error };

/// Receives one line; may be called on any thread that runs codicom's operations.
using log_callback = std::function<void(log_level, std::string_view)>;

namespace detail {

// The callback, null while nobody listens.
[[nodiscard]] std::shared_ptr<const log_callback> current_log();

}  // namespace detail

/// Hand the library's log to `callback`; an empty one makes it silent, as it is at first. Lines name peers, UIDs and
/// statuses, never patient data.
void set_log(log_callback callback);

/// `make_line` is called only when somebody listens; it returns the line.
template <class MakeLine>
void log(log_level level, MakeLine&& make_line) {
  if (const auto sink = detail::current_log()) (*sink)(level, std::forward<MakeLine>(make_line)());
}

}  // namespace codicom

#ifndef CODICOM_SEPARATE_COMPILATION
#include <codicom/core/impl/log.hpp>
#endif
