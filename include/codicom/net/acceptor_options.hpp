#pragma once
#include <codicom/core/limits.hpp>
#include <codicom/dul/negotiation.hpp>
#include <codicom/net/deadlines.hpp>
#include <codicom/net/flight_recorder.hpp>
#include <codicom/net/transport.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>

namespace codicom {

/// Where the associations of a listener run.
enum class association_executor : std::uint8_t {
  own_strand,    ///< each on a strand of its own: handlers of different associations may run at the same time
  of_the_server  ///< all on the executor that awaits `serve`
};

/// What happens to an object that nobody takes or reads on while the peer sends it.
enum class stalled_object : std::uint8_t {
  refuse,  ///< taken away from whoever has it, skipped up to `limits.drain_bytes`, answered A700
  abort    ///< the association is aborted
};

/// Which associations to accept, and how long each phase may take.
class acceptor_options : public association_deadlines {
 public:
  acceptor_options() {}

  /// Titles, SOP classes, transfer syntaxes, user identity, announced maximum length.
  dul::acceptor_policy policy;
  codicom::limits limits;  ///< also `associations` and `associations_per_peer`: beyond, A-ASSOCIATE-RJ (local limit)
  /// TLS: `tls_server` of codicom/net/tls.hpp. Absent: none.
  transport_layer security;
  /// What went over the wire, for associations that fail: `record_to(folder)`, or a function of yours. Absent: nothing.
  codicom::recording recording;
  /// Who may have an association, by what is asked, from where, and with which certificate; asked before `policy`. A
  /// cause rejects: `rejection::` has those of the standard, `calling_ae_title_not_recognized` among them.
  std::function<std::optional<dul::reject_cause>(const dul::a_associate_rq&, const remote_end&)> access;
  duration idle = std::chrono::minutes{10};     ///< without a request: released, or aborted when that is not answered
  /// What lies behind the data set of an object waits until somebody reads that, so long; then `stalled` says.
  duration consumer_stall = std::chrono::seconds{60};
  stalled_object stalled = stalled_object::refuse;
  duration stop = std::chrono::seconds{10};     ///< an orderly stop waits so long for what is under way
  association_executor runs_on = association_executor::own_strand;
};

}  // namespace codicom
