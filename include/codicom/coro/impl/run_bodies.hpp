#pragma once
#include <codicom/core/config.hpp>
#include <codicom/coro/run.hpp>

#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <asio/strand.hpp>

#include <utility>

namespace codicom {

CODICOM_FUNCTION void detail::run_to_end(task<> work) {
  asio::io_context io{1};
  asio::co_spawn(executor{io.get_executor()}, std::move(work), [](std::exception_ptr error) {
    if (error) std::rethrow_exception(error);
  });
  io.run();
}

#ifdef CODICOM_SEPARATE_COMPILATION
template int run(task<void> work);
template int run(task<int> work);
#endif

CODICOM_FUNCTION int run_main(task<> work) { return detail::run_reporting(std::move(work)); }
CODICOM_FUNCTION int run_main(task<int> work) { return detail::run_reporting(std::move(work)); }

CODICOM_FUNCTION void spawn(asio::io_context& io, task<> work, std::function<void(std::exception_ptr)> on_end) {
  const executor strand = asio::make_strand(io.get_executor());
  asio::co_spawn(strand, std::move(work),
                 [on_end = std::move(on_end)](std::exception_ptr error) { on_end(std::move(error)); });
}
CODICOM_FUNCTION void spawn(asio::io_context& io, task<> work) {
  spawn(io, std::move(work), [](std::exception_ptr error) {
    if (error) std::rethrow_exception(error);
  });
}

}  // namespace codicom
