#pragma once
#include <codicom/coro/clock.hpp>

#include <chrono>

namespace codicom {

/// How long each phase of an association may take. `no_deadline` switches one off. What happens at the end: the
/// operation throws the `errc` named, after an A-ABORT where the peer can still be told.
struct association_deadlines {
  association_deadlines() {}  // not an aggregate, so that a temporary is safe beside co_await

  duration connect = std::chrono::seconds{15};    ///< name look-up and TCP; `connect_timed_out`
  duration tls = std::chrono::seconds{15};        ///< the TLS handshake, where there is one; `tls_timed_out`
  duration associate = std::chrono::seconds{30};  ///< for the answer to A-ASSOCIATE-RQ; `association_timed_out`
  duration artim = std::chrono::seconds{30};      ///< the ARTIM timer (PS3.8 §9.1.5), where Table 9-10 starts it
  /// For the first byte of each DIMSE response, pending ones too; `response_timed_out`. Stands still while a message of
  /// another exchange comes or waits to be read. It ends the operation, not the association: see `associations.md`.
  duration response = std::chrono::minutes{2};
  /// Spent waiting for each 64 KiB of a message, or its end; `read_timed_out`.
  duration read = std::chrono::seconds{60};
  duration write = std::chrono::seconds{60};      ///< for each batch of up to 1 MiB; `write_timed_out`
  duration release = std::chrono::seconds{10};    ///< for the answer to A-RELEASE-RQ; `release_timed_out`
  duration abort = std::chrono::seconds{5};       ///< from the decision to abort until the transport is closed
  duration drain = std::chrono::seconds{10};      ///< for the final response of an operation that was cancelled
};

}  // namespace codicom
