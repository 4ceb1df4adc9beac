// An association that is used from where it does not belong must not work by luck.
#include "net/support.hpp"

#include <codicom/coro/run.hpp>
#include <codicom/coro/runs_here.hpp>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <asio/strand.hpp>

#include <csignal>
#include <cstdio>
#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace codicom_test;

namespace {

// An association that lives on a strand; then `use` awaits an operation of it, on the strand or beside it.
void use_association(bool on_its_strand) {
  asio::io_context io{1};
  association held;
  const executor strand = asio::make_strand(io.get_executor());
  const auto establish = [](association& into) -> task<> {
    const executor where = co_await asio::this_coro::executor;
    auto pair = testing::make_memory_pair(where);
    acceptor_options accepts;
    accepts.policy.accept(sop_class::Verification);
    asio::co_spawn(where, serve_one(std::move(pair.second), accepts, handlers{}), asio::detached);
    association_options options{"SCU", "SCP"};
    options.propose(sop_class::Verification);
    into = co_await associate(std::move(pair.first), options);
  };
  const auto use = [](association& of) -> task<> {
    const auto echo = co_await of.echo();
    if (!echo.status.is_success()) throw std::runtime_error{"no echo"};
    co_await of.release();
  };
  asio::co_spawn(strand, establish(held), [&](std::exception_ptr error) {
    if (error) std::rethrow_exception(error);
    asio::co_spawn(on_its_strand ? strand : executor{io.get_executor()}, use(held), asio::detached);
  });
  io.run();
}

// What became of a process that did that: its exit code, or the negative signal that ended it.
int outcome_of_use(bool on_its_strand) {
  const auto child = ::fork();
  if (child == 0) {
    std::signal(SIGABRT, SIG_DFL);
    std::freopen("/dev/null", "w", stderr);
    use_association(on_its_strand);
    ::_exit(0);
  }
  int status = 0;
  if (::waitpid(child, &status, 0) != child) return 1;
  return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace

TEST_CASE("in a debug build, using an association from another executor than its own ends the program") {
  CHECK(outcome_of_use(true) == 0);
#ifdef NDEBUG
  MESSAGE("skipped: assertions are off");
#else
  CHECK(outcome_of_use(false) == -SIGABRT);
#endif
}

TEST_CASE("an executor knows whether this thread runs it") {
  asio::io_context io{1};
  const executor loop = io.get_executor();
  const executor strand = asio::make_strand(io.get_executor());
  const executor other = asio::make_strand(loop);
  CHECK_FALSE(runs_here(loop));
  CHECK_FALSE(runs_here(strand));
  int seen = 0;
  asio::post(strand, [&] {
    ++seen;
    CHECK(runs_here(loop));
    CHECK(runs_here(strand));
    CHECK_FALSE(runs_here(other));
  });
  asio::post(other, [&] {
    ++seen;
    CHECK(runs_here(other));
    CHECK_FALSE(runs_here(strand));
  });
  io.run();
  CHECK(seen == 2);
}
