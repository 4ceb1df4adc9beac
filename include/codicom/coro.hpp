#pragma once
/// The few coroutine tools that Asio lacks.
#include <codicom/coro/blocking.hpp>
#include <codicom/coro/clock.hpp>
#include <codicom/coro/event.hpp>
#include <codicom/coro/generator.hpp>
#include <codicom/coro/result.hpp>
#include <codicom/coro/run.hpp>
#include <codicom/coro/run_on.hpp>
#include <codicom/coro/runs_here.hpp>
#include <codicom/coro/scope.hpp>
#include <codicom/coro/task.hpp>
#include <codicom/coro/watchdog.hpp>
