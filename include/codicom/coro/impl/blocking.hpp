#pragma once
#include <codicom/coro/blocking.hpp>
#include <codicom/coro/result.hpp>
#include <codicom/coro/shield.hpp>

#include <asio/execution/context.hpp>
#include <asio/execution/outstanding_work.hpp>
#include <asio/post.hpp>
#include <asio/prefer.hpp>
#include <asio/query.hpp>

namespace codicom {

inline void blocking_pool::submit(std::function<void()> job) {
  {
    const std::lock_guard lock{mutex_};
    if (stopping_) return;
    jobs_.push_back(std::move(job));
    if (idle_ < jobs_.size() && threads_.size() < max_threads) threads_.emplace_back([this] { work(); });
  }
  changed_.notify_one();  // with the lock held, the thread would wake up to wait for it
}

inline void blocking_pool::work() {
  std::unique_lock lock{mutex_};
  for (;;) {
    ++idle_;
    changed_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
    --idle_;
    if (stopping_) return;
    {
      const auto job = std::move(jobs_.front());
      jobs_.pop_front();
      lock.unlock();
      job();
    }
    lock.lock();
  }
}

inline void blocking_pool::shutdown() {
  std::deque<std::function<void()>> dropped;
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
    dropped.swap(jobs_);
  }
  changed_.notify_all();
  for (auto& thread : threads_) thread.join();
  threads_.clear();
}

namespace detail {

// Shared by the waiting coroutine and the job, either of which may be destroyed first (an io_context that is
// destroyed takes the coroutine; the job ends later).
class blocking_job {
 public:
  explicit blocking_job(const executor& where)
      : executor_{asio::prefer(where, asio::execution::outstanding_work.tracked)}, done_event_{where} {}

  [[nodiscard]] static task<> run(std::shared_ptr<blocking_job> self, std::function<void()> work) {
    auto& context = asio::query(self->executor_, asio::execution::context);
    if (simulated != nullptr) {  // simulated time must not pass while a thread works: work here
      work();
      co_return;
    }
    asio::use_service<blocking_pool>(context).submit([self, work = std::move(work)] {
      work();
      asio::post(self->executor_, [self] {
        self->done_ = true;
        self->done_event_.notify_all();
      });
    });
    const bool throws = co_await asio::this_coro::throw_if_cancelled();
    co_await asio::this_coro::throw_if_cancelled(false);
    bool cancelled = false;
    while (!self->done_) {
      co_await self->done_event_.wait();
      const auto state = co_await asio::this_coro::cancellation_state;
      if (!cancelled && is_cancelled(state)) {
        cancelled = true;
        self->stop.request_stop();
        co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
      }
    }
    if (cancelled) co_await asio::this_coro::reset_cancellation_state();
    co_await asio::this_coro::throw_if_cancelled(throws);
    if (cancelled) throw std::system_error{errc::cancelled};
  }

  stop_source stop;

 private:
  executor executor_;
  event done_event_;
  bool done_ = false;
};

template <class T, class F>
task<T> run_blocking(executor where, F f) {
  auto job = std::make_shared<blocking_job>(where);
  auto outcome = std::make_shared<result<T>>();
  auto function = std::make_shared<F>(std::move(f));
  std::function<void()> work = [function, outcome, token = job->stop.token()] {
    try {
      const auto call = [&]() -> decltype(auto) {
        if constexpr (std::invocable<F&, stop_token>) return (*function)(token);
        else return (*function)();
      };
      if constexpr (std::is_void_v<T>) {
        call();
        *outcome = result<T>{std::monostate{}};
      } else {
        *outcome = result<T>{call()};
      }
    } catch (...) {
      *outcome = result<T>{std::current_exception()};
    }
  };
  co_await blocking_job::run(std::move(job), std::move(work));
  if constexpr (std::is_void_v<T>) static_cast<void>(outcome->value());
  else co_return std::move(*outcome).value();
}

template <class F>
struct blocking_value : std::invoke_result<F&> {};
template <class F>
requires std::invocable<F&, stop_token>
struct blocking_value<F> : std::invoke_result<F&, stop_token> {
};

}  // namespace detail

template <class F>
auto blocking(executor where, F f) {
  using value = std::decay_t<typename detail::blocking_value<F>::type>;
  return detail::run_blocking<value>(std::move(where), std::move(f));
}

}  // namespace codicom
