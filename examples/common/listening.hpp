#pragma once
#include "endpoint.hpp"
#include "layout.hpp"

#include <codicom/core/ae_title.hpp>
#include <codicom/core/error.hpp>
#include <codicom/coro/blocking.hpp>
#include <codicom/coro/result.hpp>
#include <codicom/coro/task.hpp>
#include <codicom/net/incoming_object.hpp>
#include <codicom/service/store_receiver.hpp>

#include <asio/error.hpp>
#include <asio/this_coro.hpp>

#include <cerrno>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <string>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace tools {

/// Why one cannot listen there, and what to do, for a person.
[[nodiscard]] inline std::string why_not_listening(const endpoint& where, const std::system_error& error) {
  if (error.code() == asio::error::address_in_use)
    return fmt::format(
        "port {} is in use. End the program that listens there, or choose another port with --listen and enter it in the "
        "archive's table too.",
        where.port);
  if (error.code() == asio::error::access_denied)
    return fmt::format(
        "not allowed to listen on port {}: ports below 1024 belong to the system. Choose a higher one with --listen.",
        where.port);
  if (error.code() == codicom::failure::local_io) return error.what();  // a certificate or key
  return fmt::format("{}. Choose another address or port with --listen.", error.what());
}

/// Listen for objects.
/// @throws std::system_error for `why_not_listening`
inline codicom::task<codicom::store_receiver> listen(endpoint where, codicom::ae_title title,
                                                     codicom::store_receiver_options options) {
  if (where.address.empty())
    co_return co_await codicom::store_receiver::listen(title, where.port, std::move(options));
  co_return co_await codicom::store_receiver::listen(title, where.address, where.port, std::move(options));
}

/// Create a folder where there is none. An error when nothing can be written there.
[[nodiscard]] inline std::error_code make_writable_folder(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  const auto probe = folder / fmt::format(".codicom-{}", ::getpid());
  if (!error) {
    errno = 0;
    std::ofstream file{probe};
    if (!file) error = std::error_code{errno == 0 ? EIO : errno, std::generic_category()};
  }
  std::error_code ignored;
  std::filesystem::remove(probe, ignored);
  return error;
}

/// The folder of an object: that of all, and below it what the layout makes of its first elements.
inline codicom::task<std::filesystem::path> folder_for(codicom::incoming_object& object, std::filesystem::path folder,
                                                       const folder_layout& layout) {
  if (layout.empty()) co_return folder;
  const auto head = co_await as_result(object.head(codicom::element_tag{0x0020, 0x0014}));
  const auto where = co_await asio::this_coro::executor;
  const auto below = layout.of(head ? *head : codicom::data_set{});
  folder /= below;
  const auto make = [folder] { std::filesystem::create_directories(folder); };
  co_await codicom::blocking(where, make);
  co_return folder;
}

}  // namespace tools
