#pragma once
#include <codicom/coro/task.hpp>

namespace codicom {

/// Run a task on another executor of the same context, say a strand, and wait for it here.
/// @par Cancellation: handed on to the task, on its executor; it is awaited still.
[[nodiscard]] task<> run_on(executor other, task<> work);

}  // namespace codicom

#ifndef CODICOM_SEPARATE_COMPILATION
#include <codicom/coro/impl/run_on.hpp>
#endif
