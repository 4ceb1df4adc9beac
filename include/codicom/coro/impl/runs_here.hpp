#pragma once
#include <codicom/core/config.hpp>
#include <codicom/coro/runs_here.hpp>

#include <asio/io_context.hpp>
#include <asio/strand.hpp>

#include <typeinfo>

namespace codicom {

namespace detail {

// Asio 1.22 gives a target without looking whether it is of that type.
template <class Executor>
[[nodiscard]] const Executor* target_of(const executor& where) noexcept {
  return where.target_type() == typeid(Executor) ? where.target<Executor>() : nullptr;
}

}  // namespace detail

CODICOM_FUNCTION bool runs_here(const executor& where) noexcept {
  if (const auto* strand = detail::target_of<asio::strand<asio::io_context::executor_type>>(where))
    return strand->running_in_this_thread();
  if (const auto* strand = detail::target_of<asio::strand<executor>>(where)) return strand->running_in_this_thread();
  if (const auto* loop = detail::target_of<asio::io_context::executor_type>(where))
    return loop->running_in_this_thread();
  return true;
}

}  // namespace codicom
