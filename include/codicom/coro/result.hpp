#pragma once
#include <codicom/core/error.hpp>
#include <codicom/coro/task.hpp>

#include <exception>
#include <new>
#include <optional>
#include <system_error>
#include <type_traits>
#include <utility>
#include <variant>

namespace codicom {

/// How a task ended: with a value or with an exception.
template <class T = void>
class result {
 public:
  using value_type = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

  /// Not ended yet: neither value nor exception.
  result() = default;
  explicit result(value_type value) : value_{std::move(value)} {}
  explicit result(std::exception_ptr exception) noexcept : exception_{std::move(exception)} {}

  [[nodiscard]] bool has_value() const noexcept { return value_.has_value(); }
  [[nodiscard]] explicit operator bool() const noexcept { return has_value(); }

  /// The value. @throws what the task threw.
  [[nodiscard]] value_type& value() & {
    check();
    return *value_;
  }
  [[nodiscard]] const value_type& value() const& {
    check();
    return *value_;
  }
  [[nodiscard]] value_type value() && {
    check();
    return std::move(*value_);
  }
  [[nodiscard]] value_type& operator*() & noexcept { return *value_; }
  [[nodiscard]] const value_type& operator*() const& noexcept { return *value_; }
  [[nodiscard]] value_type* operator->() noexcept { return &*value_; }
  [[nodiscard]] const value_type* operator->() const noexcept { return &*value_; }

  /// The code of the exception; empty with a value, `errc::cancelled` for a task that never ended.
  [[nodiscard]] std::error_code error() const noexcept;
  /// For what the code does not tell, e.g. `dul::association_error::diagnostics()`.
  [[nodiscard]] std::exception_ptr exception() const noexcept { return exception_; }

 private:
  void check() const {
    if (exception_) std::rethrow_exception(exception_);
    if (!value_) throw std::system_error{errc::cancelled};
  }

  std::optional<value_type> value_;
  std::exception_ptr exception_;
};

/// `auto r = co_await as_result(association.echo()); if (!r) log(r.error());` For those who prefer values to
/// exceptions.
template <class T>
[[nodiscard]] task<result<T>> as_result(task<T> operation);

template <class T>
std::error_code result<T>::error() const noexcept {
  if (value_) return {};
  if (!exception_) return errc::cancelled;
  try {
    std::rethrow_exception(exception_);
  } catch (const std::system_error& e) {
    return e.code();
  } catch (const std::bad_alloc&) {
    return std::make_error_code(std::errc::not_enough_memory);
  } catch (...) {
    return std::make_error_code(std::errc::state_not_recoverable);
  }
}

template <class T>
task<result<T>> as_result(task<T> operation) {
  try {
    if constexpr (std::is_void_v<T>) {
      co_await std::move(operation);
      co_return result<T>{std::monostate{}};
    } else {
      co_return result<T>{co_await std::move(operation)};
    }
  } catch (...) {
    co_return result<T>{std::current_exception()};
  }
}

}  // namespace codicom
