#pragma once
#include <codicom/core/error.hpp>
#include <codicom/dul/association_error.hpp>

#include <exception>
#include <string>

namespace codicom::service::detail {

// What an exception says to a person.
[[nodiscard]] inline std::string words_of(const std::exception_ptr& error) {
  try {
    if (error) std::rethrow_exception(error);
  } catch (const std::exception& known) {
    return known.what();
  } catch (...) {
  }
  return {};
}

// The association is lost and another one may do: neither our own fault nor our own wish.
[[nodiscard]] inline bool is_lost_association(const std::exception_ptr& error) {
  try {
    if (error) std::rethrow_exception(error);
  } catch (const association_error& known) {
    return known.code() != failure::cancelled;
  } catch (...) {
  }
  return false;
}

}  // namespace codicom::service::detail
