#pragma once
#include <codicom/net/detail/connection.hpp>

#include <cstdint>
#include <memory>
#include <utility>

namespace codicom::detail {

// Owns an exchange from its number to its final response. Left early, it is abandoned, or forgotten if its request was
// not sent.
class exchange_guard {
 public:
  exchange_guard() = default;
  exchange_guard(std::shared_ptr<connection> on, std::shared_ptr<exchange> of) noexcept
      : connection_{std::move(on)}, exchange_{std::move(of)} {}
  exchange_guard(exchange_guard&& other) noexcept
      : connection_{std::move(other.connection_)}, exchange_{std::move(other.exchange_)}, sent_{other.sent_} {}
  exchange_guard& operator=(exchange_guard&& other) noexcept {
    std::swap(connection_, other.connection_);
    std::swap(exchange_, other.exchange_);
    std::swap(sent_, other.sent_);
    return *this;
  }
  ~exchange_guard() { reset(); }

  void sent() noexcept { sent_ = true; }
  // The final response has come.
  void done() noexcept { exchange_.reset(); }
  void reset() noexcept {
    if (!exchange_) return;
    if (sent_) connection_->abandon(*exchange_);
    else connection_->forget(*exchange_);
    exchange_.reset();
  }
  [[nodiscard]] explicit operator bool() const noexcept { return exchange_ != nullptr; }
  [[nodiscard]] const std::shared_ptr<exchange>& get() const noexcept { return exchange_; }
  exchange* operator->() const noexcept { return exchange_.get(); }

 private:
  std::shared_ptr<connection> connection_;
  std::shared_ptr<exchange> exchange_;
  bool sent_ = false;
};

// What we are of a SOP class: its SCU invokes operations, its SCP reports events.
enum class service_role : std::uint8_t { scu, scp };

// The accepted context in which we have that role for a SOP class; any transfer syntax if that is empty.
[[nodiscard]] inline const dul::negotiated_context* find_context(const dul::association_parameters& in,
                                                                 const unique_id& sop_class,
                                                                 const unique_id& transfer_syntax = {},
                                                                 service_role role = service_role::scu) {
  for (const auto& each : in.contexts())
    if (each.is_accepted() && each.abstract_syntax == sop_class &&
        (role == service_role::scu ? in.may_invoke(each) : in.may_perform(each)) &&
        (transfer_syntax.empty() || each.transfer_syntax == transfer_syntax))
      return &each;
  return nullptr;
}

[[noreturn]] inline void throw_no_context(const dul::association_parameters& in, const unique_id& sop_class,
                                          const unique_id& transfer_syntax = {}) {
  throw association_error{errc::no_presentation_context, in.why_not(sop_class, transfer_syntax)};
}

// A response of another kind than its request.
[[noreturn]] inline void throw_wrong_response(connection& on, const command& received) {
  association_error error{errc::unexpected_message, to_string(field_of(received)) + " to a request of another kind"};
  on.fail(error);
  throw error;
}

}  // namespace codicom::detail
