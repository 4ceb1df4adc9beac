#pragma once
#include <codicom/core/config.hpp>
#include <codicom/coro/blocking.hpp>
#include <codicom/coro/detail/blocking_pool.hpp>
#include <codicom/coro/event.hpp>
#include <codicom/coro/shield.hpp>

#include <asio/execution/context.hpp>
#include <asio/execution/outstanding_work.hpp>
#include <asio/post.hpp>
#include <asio/prefer.hpp>
#include <asio/query.hpp>

#include <system_error>

namespace codicom {
namespace detail {

// Shared by the waiting coroutine and the job, either of which may be destroyed first (an io_context that is
// destroyed takes the coroutine; the job ends later).
class blocking_job {
 public:
  explicit blocking_job(const executor& where)
      : changed{where}, executor_{asio::prefer(where, asio::execution::outstanding_work.tracked)} {}

  [[nodiscard]] static task<> run(std::shared_ptr<blocking_job> self, std::function<void(stop_token)> work) {
    auto& context = asio::query(self->executor_, asio::execution::context);
    if (simulated != nullptr) {  // simulated time must not pass while a thread works: work here
      work(self->stop_.token());
      co_return;
    }
    asio::use_service<blocking_pool>(context).submit([self, work = std::move(work)] {
      work(self->stop_.token());
      asio::post(self->executor_, [self] {
        self->done_ = true;
        self->changed.notify_all();
      });
    });
    const bool cancelled = co_await wait_out(self);
    if (cancelled) throw std::system_error{errc::cancelled};
  }

  [[nodiscard]] bool ended() const noexcept { return done_; }
  void stop() { stop_.request_stop(); }

  event changed;

 private:
  stop_source stop_;
  executor executor_;
  bool done_ = false;
};

CODICOM_FUNCTION task<> work_on_pool(executor where, std::function<void(stop_token)> work) {
  return blocking_job::run(std::make_shared<blocking_job>(where), std::move(work));
}

}  // namespace detail
}  // namespace codicom
