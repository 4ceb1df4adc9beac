#pragma once
#include <codicom/coro/blocking.hpp>
#include <codicom/coro/generator.hpp>
#include <codicom/coro/task.hpp>
#include <codicom/data_set/data_set.hpp>
#include <codicom/dimse/command.hpp>
#include <codicom/dul/association_parameters.hpp>
#include <codicom/net/incoming_object.hpp>
#include <codicom/net/responses.hpp>

#include <functional>
#include <memory>
#include <string>
#include <utility>

namespace codicom {

/// A request that a provider works on, with the association it came by.
template <class Command>
class incoming_request {
 public:
  incoming_request(Command received, data_set keys, std::shared_ptr<const dul::association_parameters> by,
                   std::string address, stop_token stop)
      : command{std::move(received)},
        identifier{std::move(keys)},
        remote_address{std::move(address)},
        cancelled_{std::move(stop)},
        association_{std::move(by)} {}

  Command command;
  data_set identifier;
  std::string remote_address;

  [[nodiscard]] const dul::association_parameters& association() const noexcept { return *association_; }
  [[nodiscard]] const ae_title& calling_ae_title() const noexcept { return association_->calling_ae_title(); }
  [[nodiscard]] const ae_title& called_ae_title() const noexcept { return association_->called_ae_title(); }
  /// A C-CANCEL came, or the association is going down: finish soon. After a C-CANCEL the final status is FE00.
  [[nodiscard]] bool cancelled() const noexcept { return cancelled_.stop_requested(); }
  /// The same for work on the blocking pool.
  [[nodiscard]] const stop_token& stop() const noexcept { return cancelled_; }

 private:
  stop_token cancelled_;
  std::shared_ptr<const dul::association_parameters> association_;
};

using find_request = incoming_request<c_find_request>;
using move_request = incoming_request<c_move_request>;

/// What an acceptor does with the requests that come. A service without a handler is answered 0211 (unrecognized
/// operation); C-ECHO needs none. A handler that throws is answered C000, and its association lives on.
///
/// A find or move provider is a coroutine: it yields the pending responses and returns the final one, in which message id,
/// SOP class and data set type are filled in for it. Handlers of one association run beside the reading of its further
/// requests; they are cancelled when it ends.
class handlers {
 public:
  using echo_handler = std::function<dimse_status(const c_echo_request&, const dul::association_parameters&)>;
  using store_handler = std::function<task<>(incoming_object)>;
  using find_provider = std::function<generator<find_match, c_find_response>(find_request)>;
  using move_provider = std::function<generator<c_move_response, move_result>(move_request)>;
  using association_handler = std::function<void(const dul::association_parameters&, std::string_view remote_address)>;

  handlers() = default;

  handlers& on_echo(echo_handler handler) {
    echo = std::move(handler);
    return *this;
  }
  /// Called with the object before its data set is read. It may be moved elsewhere and finished there.
  handlers& on_store(store_handler handler) {
    store = std::move(handler);
    return *this;
  }
  handlers& on_find(find_provider provider) {
    find = std::move(provider);
    return *this;
  }
  handlers& on_move(move_provider provider) {
    move = std::move(provider);
    return *this;
  }
  /// An association was accepted, and has ended.
  handlers& on_association(association_handler began, association_handler ended = {}) {
    association_began = std::move(began);
    association_ended = std::move(ended);
    return *this;
  }

  echo_handler echo;
  store_handler store;
  find_provider find;
  move_provider move;
  association_handler association_began;
  association_handler association_ended;
};

}  // namespace codicom
