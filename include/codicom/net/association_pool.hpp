#pragma once
#include <codicom/coro/clock.hpp>
#include <codicom/coro/event.hpp>
#include <codicom/coro/task.hpp>
#include <codicom/net/association.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <list>
#include <memory>

namespace codicom {

namespace detail {
class pool_state;
}

/// How a pool keeps its associations.
class pool_options {
 public:
  pool_options() {}

  std::size_t most = 4;                          ///< associations at once; who wants more waits for one
  duration idle = std::chrono::seconds{30};      ///< unused for so long: released
  /// Unused for so long: asked by a C-ECHO whether the peer is still there, so that it is when it is needed. Where
  /// Verification was accepted.
  duration keep_warm = no_deadline;
};

/// An association that is borrowed from a pool, and goes back with the end of this if it is open then.
class pooled_association {
 public:
  pooled_association(pooled_association&& other) noexcept = default;
  pooled_association& operator=(pooled_association&& other) noexcept;
  ~pooled_association() { give_back(); }

  [[nodiscard]] association& operator*() noexcept { return *held_; }
  [[nodiscard]] association* operator->() noexcept { return held_.get(); }

 private:
  friend class association_pool;
  pooled_association(std::shared_ptr<detail::pool_state> from, association lent);
  void give_back() noexcept;

  std::shared_ptr<detail::pool_state> from_;
  std::unique_ptr<association> held_;
};

/// Associations with a peer that are used again and again. Used from one executor.
///
///     association_pool pool{where, [=] { return associate(archive, options); }};
///     auto over = co_await pool.acquire();
///     auto response = co_await over->echo();
///
/// Nothing goes on by itself: `run` beside the work releases what is idle and keeps the rest warm; without it that is
/// looked at when one is acquired.
class association_pool {
 public:
  association_pool(const executor& where, std::function<task<association>()> connect, pool_options options = {});
  association_pool(association_pool&&) noexcept = default;
  association_pool& operator=(association_pool&&) noexcept = default;

  /// One that is there already and has not been heard to end, the latest used first; else a new one. Its operations may
  /// still find that the peer has left meanwhile, if `keep_warm` is not shorter than that takes.
  /// @throws what `connect` throws; `errc::closed` after `close`
  [[nodiscard]] task<pooled_association> acquire();
  /// Until cancelled or closed.
  [[nodiscard]] task<> run();
  /// Release those that nobody uses, and those in use when they come back; no others are given out.
  [[nodiscard]] task<> close();

  [[nodiscard]] std::size_t idle() const noexcept;
  [[nodiscard]] std::size_t in_use() const noexcept;

 private:
  std::shared_ptr<detail::pool_state> state_;
};

}  // namespace codicom

#ifndef CODICOM_SEPARATE_COMPILATION
#include <codicom/net/impl/association_pool.hpp>
#endif
