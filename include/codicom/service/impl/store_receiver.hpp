#pragma once
#include <codicom/core/config.hpp>
#include <codicom/service/impl/receiver_state.hpp>
#include <codicom/service/store_receiver.hpp>

namespace codicom {

CODICOM_FUNCTION store_receiver::store_receiver(std::shared_ptr<service::detail::receiver_state> state) noexcept
    : state_{std::move(state)} {}
CODICOM_FUNCTION store_receiver::store_receiver(store_receiver&&) noexcept = default;
CODICOM_FUNCTION store_receiver& store_receiver::operator=(store_receiver&& other) noexcept {
  std::swap(state_, other.state_);
  return *this;
}
CODICOM_FUNCTION store_receiver::~store_receiver() {
  if (state_) state_->shut_down();
}

CODICOM_FUNCTION task<store_receiver> store_receiver::listen(ae_title title, std::uint16_t port, store_receiver_options options) {
  return listen(title, std::string{}, port, std::move(options));
}

CODICOM_FUNCTION task<store_receiver> store_receiver::listen(ae_title title, std::string address, std::uint16_t port,
                                                   store_receiver_options options) {
  auto bound = co_await codicom::listen(std::move(address), port);
  auto receiver = co_await listen(title, std::move(bound), std::move(options));
  co_return receiver;
}

CODICOM_FUNCTION task<store_receiver> store_receiver::listen(ae_title title, listener bound, store_receiver_options options) {
  const auto where = co_await asio::this_coro::executor;
  auto state = std::make_shared<service::detail::receiver_state>(where, title, std::move(bound), std::move(options));
  state->start();
  co_return store_receiver{std::move(state)};
}

CODICOM_FUNCTION task<std::optional<incoming_object>> store_receiver::next() {
  const auto state = state_;
  auto taken = co_await state->take(nullptr, clock::time_point::max());
  if (!taken) co_return std::nullopt;
  co_return std::move(taken->object);
}

CODICOM_FUNCTION task<> store_receiver::stop() {
  const auto state = state_;
  co_await state->stop();
}

CODICOM_FUNCTION const ae_title& store_receiver::title() const noexcept { return state_->title(); }
CODICOM_FUNCTION std::uint16_t store_receiver::port() const noexcept { return state_->port(); }
CODICOM_FUNCTION bool store_receiver::is_listening() const noexcept { return state_ && !state_->is_stopped(); }

}  // namespace codicom
