#pragma once
#include <codicom/core/config.hpp>
#include <codicom/coro/scope.hpp>
#include <codicom/coro/shield.hpp>

#include <asio/bind_cancellation_slot.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/co_spawn.hpp>

#include <exception>
#include <list>
#include <utility>

namespace codicom {

struct scope::state {
  explicit state(const executor& where) : executor{where}, changed{where} {}

  [[nodiscard]] bool ended() const noexcept { return children.empty(); }
  void stop() {
    // A child may end, and so leave the list, while it is being told.
    for (auto child = children.begin(); child != children.end();) (child++)->emit(asio::cancellation_type::terminal);
  }

  codicom::executor executor;
  event changed;
  std::list<asio::cancellation_signal> children;
  std::exception_ptr error;
};

CODICOM_FUNCTION scope::scope(const executor& where) : state_{std::make_shared<state>(where)} {}
CODICOM_FUNCTION scope::scope(scope&&) noexcept = default;
CODICOM_FUNCTION scope& scope::operator=(scope&& other) noexcept {
  std::swap(state_, other.state_);
  return *this;
}
CODICOM_FUNCTION scope::~scope() = default;

CODICOM_FUNCTION void scope::spawn(task<> child) {
  auto& signal = state_->children.emplace_back();
  const auto position = std::prev(state_->children.end());
  asio::co_spawn(state_->executor, std::move(child),
                 asio::bind_cancellation_slot(signal.slot(), [owner = state_, position](std::exception_ptr error) {
                   owner->children.erase(position);
                   if (error && !owner->error) {
                     owner->error = std::move(error);
                     owner->stop();
                   }
                   owner->changed.notify_all();
                 }));
}

CODICOM_FUNCTION void scope::cancel() { state_->stop(); }
CODICOM_FUNCTION std::size_t scope::size() const noexcept { return state_->children.size(); }
CODICOM_FUNCTION const executor& scope::get_executor() const noexcept { return state_->executor; }

CODICOM_FUNCTION task<> scope::wait_below(std::size_t count) {
  const auto own = state_;
  while (own->children.size() >= count) co_await own->changed.wait();
}

CODICOM_FUNCTION task<> scope::join() {
  const auto own = state_;
  const bool cancelled = co_await detail::wait_out(own);
  if (own->error) std::rethrow_exception(std::exchange(own->error, nullptr));
  if (cancelled) throw std::system_error{errc::cancelled};
}

}  // namespace codicom
