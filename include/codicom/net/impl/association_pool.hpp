#pragma once
#include <codicom/core/config.hpp>
#include <codicom/coro/result.hpp>
#include <codicom/dictionary/sop_classes.hpp>
#include <codicom/net/association_pool.hpp>

#include <algorithm>
#include <system_error>
#include <utility>

namespace codicom {

namespace detail {

class pool_state : public std::enable_shared_from_this<pool_state> {
 public:
  pool_state(const executor& where, std::function<task<association>()> connect, pool_options options)
      : options_{std::move(options)}, connect_{std::move(connect)}, changed_{where} {}

  // One to use; the caller counts as a user from here on, see `returned`.
  [[nodiscard]] task<association> take();
  void returned(association back) noexcept;
  [[nodiscard]] task<> run();
  [[nodiscard]] task<> close();
  [[nodiscard]] std::size_t idle() const noexcept { return idle_.size(); }
  [[nodiscard]] std::size_t in_use() const noexcept { return in_use_; }

 private:
  struct waiting {
    association over;
    clock::time_point used;   // last by a user
    clock::time_point heard;  // last, by a user or a C-ECHO
  };

  [[nodiscard]] task<> release(association over);
  // What is due now.
  [[nodiscard]] task<> tend();
  [[nodiscard]] static bool passed(clock::time_point since, duration limit) noexcept;
  [[nodiscard]] std::list<waiting>::iterator first_due();
  [[nodiscard]] clock::time_point next_due() const noexcept;
  void put_back(waiting one);

  pool_options options_;
  std::function<task<association>()> connect_;
  event changed_;
  std::list<waiting> idle_;  // the latest used at the end
  std::size_t in_use_ = 0;
  bool closed_ = false;
};

CODICOM_FUNCTION task<association> pool_state::take() {
  const auto self = shared_from_this();
  for (;;) {
    co_await tend();
    if (closed_) throw std::system_error{make_error_code(errc::closed), "the pool has been closed"};
    while (!idle_.empty()) {
      auto latest = std::move(idle_.back());
      idle_.pop_back();
      if (!latest.over.is_open()) continue;
      ++in_use_;
      co_return std::move(latest.over);
    }
    if (in_use_ < options_.most) break;
    co_await changed_.wait();
  }
  ++in_use_;
  try {
    auto made = co_await connect_();
    co_return made;
  } catch (...) {
    --in_use_;
    changed_.notify_all();
    throw;
  }
}

CODICOM_FUNCTION void pool_state::returned(association back) noexcept {
  --in_use_;
  if (back.is_open()) idle_.push_back(waiting{std::move(back), clock::now(), clock::now()});
  changed_.notify_all();
}

CODICOM_FUNCTION task<> pool_state::release(association over) {
  const auto ended = co_await as_result(over.release());
  if (ended.error() == failure::cancelled) std::rethrow_exception(ended.exception());
}

CODICOM_FUNCTION bool pool_state::passed(clock::time_point since, duration limit) noexcept {
  return limit != no_deadline && clock::now() - since >= limit;
}

CODICOM_FUNCTION std::list<pool_state::waiting>::iterator pool_state::first_due() {
  return std::find_if(idle_.begin(), idle_.end(), [this](const waiting& each) {
    return closed_ || !each.over.is_open() || passed(each.used, options_.idle) || passed(each.heard, options_.keep_warm);
  });
}

CODICOM_FUNCTION clock::time_point pool_state::next_due() const noexcept {
  auto next = clock::time_point::max();
  for (const auto& each : idle_) {
    if (options_.idle != no_deadline) next = std::min(next, each.used + options_.idle);
    if (options_.keep_warm != no_deadline && each.heard != clock::time_point::max())
      next = std::min(next, each.heard + options_.keep_warm);
  }
  return next;
}

// In its place: the order is that of use.
CODICOM_FUNCTION void pool_state::put_back(waiting one) {
  const auto before =
      std::find_if(idle_.begin(), idle_.end(), [&one](const waiting& each) { return each.used > one.used; });
  idle_.insert(before, std::move(one));
  changed_.notify_all();
}

CODICOM_FUNCTION task<> pool_state::tend() {
  for (auto due = first_due(); due != idle_.end(); due = first_due()) {
    auto one = std::move(*due);
    idle_.erase(due);
    if (!one.over.is_open()) continue;
    if (closed_ || passed(one.used, options_.idle)) {
      co_await release(std::move(one.over));
      continue;
    }
    // Nobody else has it while it is asked.
    const auto answer = co_await as_result(one.over.echo());
    if (answer.error() == failure::cancelled) std::rethrow_exception(answer.exception());
    one.heard = answer.error() == errc::no_presentation_context ? clock::time_point::max() : clock::now();
    if (one.over.is_open()) put_back(std::move(one));
  }
}

CODICOM_FUNCTION task<> pool_state::run() {
  const auto self = shared_from_this();
  while (!closed_ || in_use_ != 0 || !idle_.empty()) {
    co_await tend();
    if (closed_ && in_use_ == 0 && idle_.empty()) break;
    const bool notified = co_await changed_.wait_until(next_due());
    static_cast<void>(notified);
  }
}

CODICOM_FUNCTION task<> pool_state::close() {
  closed_ = true;
  changed_.notify_all();
  co_await run();
}

}  // namespace detail

CODICOM_FUNCTION pooled_association::pooled_association(std::shared_ptr<detail::pool_state> from, association lent)
    : from_{std::move(from)}, held_{std::make_unique<association>(std::move(lent))} {}
CODICOM_FUNCTION pooled_association& pooled_association::operator=(pooled_association&& other) noexcept {
  std::swap(from_, other.from_);
  std::swap(held_, other.held_);
  return *this;
}
CODICOM_FUNCTION void pooled_association::give_back() noexcept {
  if (held_) from_->returned(std::move(*held_));
  held_.reset();
}

CODICOM_FUNCTION association_pool::association_pool(const executor& where, std::function<task<association>()> connect,
                                                    pool_options options)
    : state_{std::make_shared<detail::pool_state>(where, std::move(connect), std::move(options))} {}

CODICOM_FUNCTION task<pooled_association> association_pool::acquire() {
  const auto from = state_;
  auto over = co_await from->take();
  co_return pooled_association{from, std::move(over)};
}
CODICOM_FUNCTION task<> association_pool::run() { return state_->run(); }
CODICOM_FUNCTION task<> association_pool::close() { return state_->close(); }
CODICOM_FUNCTION std::size_t association_pool::idle() const noexcept { return state_->idle(); }
CODICOM_FUNCTION std::size_t association_pool::in_use() const noexcept { return state_->in_use(); }

}  // namespace codicom
