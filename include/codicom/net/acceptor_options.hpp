#pragma once
#include <codicom/core/limits.hpp>
#include <codicom/dul/negotiation.hpp>
#include <codicom/net/deadlines.hpp>

#include <chrono>
#include <cstdint>

namespace codicom {

/// Where the associations of a listener run.
enum class association_executor : std::uint8_t {
  own_strand,    ///< each on a strand of its own: handlers of different associations may run at the same time
  of_the_server  ///< all on the executor that awaits `serve`
};

/// Which associations to accept, and how long each phase may take.
class acceptor_options : public association_deadlines {
 public:
  acceptor_options() {}

  /// Titles, SOP classes, transfer syntaxes, user identity, announced maximum length.
  dul::acceptor_policy policy;
  codicom::limits limits;                       ///< also `limits.associations`: beyond, A-ASSOCIATE-RJ (local limit)
  duration idle = std::chrono::minutes{10};     ///< without a request: released, or aborted when that is not answered
  duration consumer_stall = std::chrono::minutes{5};  ///< an object that nobody takes or reads on; then A-ABORT
  duration stop = std::chrono::seconds{10};     ///< an orderly stop waits so long for what is under way
  association_executor runs_on = association_executor::own_strand;
};

}  // namespace codicom
