#pragma once
#include <asio/detail/config.hpp>

#if !defined(ASIO_HAS_CO_AWAIT) || !defined(ASIO_HAS_STD_COROUTINE)
#error "This Asio does not see the compiler's coroutines. With clang and Asio before 1.23 compile every unit with -DASIO_HAS_CO_AWAIT=1 -DASIO_HAS_STD_COROUTINE=1 (the CMake target does so)."
#endif

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>

namespace codicom {

/// What every operation returns: lazy, awaited once, cancelled through the awaiting coroutine's cancellation slot.
template <class T = void>
using task = asio::awaitable<T>;

/// Where coroutines, timers and sockets run. Everything that belongs to one association stays on one executor.
using executor = asio::any_io_executor;

}  // namespace codicom
