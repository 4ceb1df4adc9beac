#pragma once
#include <codicom/coro/task.hpp>

namespace codicom {

/// Does this thread run that executor now? True also for an executor of a kind that cannot tell. For assertions.
[[nodiscard]] bool runs_here(const executor& where) noexcept;

}  // namespace codicom

#ifndef CODICOM_SEPARATE_COMPILATION
#include <codicom/coro/impl/runs_here.hpp>
#endif
