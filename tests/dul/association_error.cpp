#include <codicom/dul/association_error.hpp>
#include <codicom/dul/negotiation.hpp>

#include <doctest/doctest.h>
#include <ostream>
#include <string>

using namespace codicom;
using namespace codicom::dul;

TEST_CASE("a rejection tells which title is not known and where to add it") {
  const auto calling = rejected(a_associate_rj{rejection::calling_ae_title_not_recognized}, "CODICOM", "ARCHIVE")
                           .with("A-ASSOCIATE", "ARCHIVE@pacs:104");
  CHECK(calling.code() == errc::association_rejected);
  CHECK(calling.code() == failure::peer_refused);
  CHECK(std::string{calling.what()} ==
        "A-ASSOCIATE with ARCHIVE@pacs:104: the peer rejected the association: calling AE title not recognized. The "
        "peer does not know our AE title 'CODICOM': add it, with our host and port, to the peer's list of application "
        "entities.");
  const auto called = rejected(a_associate_rj{rejection::called_ae_title_not_recognized}, "CODICOM", "ARCHIVE");
  CHECK(std::string{called.what()} ==
        "A-ASSOCIATE: the peer rejected the association: called AE title not recognized. The peer does not answer to "
        "the AE title 'ARCHIVE': check the called AE title.");
  CHECK(called.diagnostics().rejected == rejection::called_ae_title_not_recognized);
}

TEST_CASE("a transient rejection invites to try again") {
  const std::string text = rejected(a_associate_rj{rejection::local_limit_exceeded}, "A", "B").what();
  CHECK(text ==
        "A-ASSOCIATE: the peer rejected the association for now: local limit exceeded. It may pass: try again "
        "later.");
}

TEST_CASE("an abort tells whether application or upper layer aborted, and why") {
  const auto user = aborted(a_abort{});
  CHECK(user.code() == errc::aborted_by_peer);
  CHECK(user.code() == failure::peer_gone);
  const auto provider = aborted(a_abort{{abort_source::service_provider, abort_reason::unexpected_pdu}});
  CHECK(provider.code() == errc::aborted_by_provider);
  CHECK(std::string{provider.what()}.find("(unexpected PDU)") != std::string::npos);
  CHECK(aborted(a_abort{{static_cast<abort_source>(1), abort_reason::not_specified}}).code() ==
        errc::aborted_by_provider);
}

TEST_CASE("every cause has the words of the standard, and a reserved one is no trap") {
  for (unsigned source = 0; source < 6; ++source)
    for (unsigned reason = 0; reason < 12; ++reason) {
      CHECK_FALSE(meaning(reject_cause{reject_result::permanent, static_cast<reject_source>(source),
                                       static_cast<std::uint8_t>(reason)})
                      .empty());
      CHECK_FALSE(meaning(abort_cause{static_cast<abort_source>(source), static_cast<abort_reason>(reason)}).empty());
    }
  CHECK(meaning(rejection::called_ae_title_not_recognized) == "called AE title not recognized");
  CHECK(meaning(rejection::protocol_version_not_supported) == "protocol version not supported");
  CHECK(meaning(static_cast<context_result>(200)) == "rejected for an unknown reason");
}

TEST_CASE("the peer's words are kept apart, and cannot play tricks on a terminal") {
  diagnostics known{"no more space"};
  known.peer_text = std::string{"disk\x1B[2J full\r\n"} + std::string(1000, 'x');
  const association_error error{errc::aborted_by_peer, known};
  const std::string text = error.what();
  CHECK(text.find("The peer says: \"disk [2J full  xxx") != std::string::npos);
  CHECK(text.find('\x1B') == std::string::npos);
  CHECK(text.size() < 600);
  CHECK(error.diagnostics().detail == "no more space");
}

TEST_CASE("an outer layer adds what it knows, and does not overwrite") {
  const association_error inner{errc::response_timed_out, "after 30 s"};
  const auto outer = inner.with("C-MOVE", "A@h:1").with("association", "B@h:2");
  CHECK(outer.diagnostics().operation == "C-MOVE");
  CHECK(outer.diagnostics().peer == "A@h:1");
  CHECK(outer.code() == failure::timed_out);
  CHECK(std::string{outer.what()} ==
        "C-MOVE with A@h:1: the peer did not answer in time: after 30 s. Check that the peer is alive; where it is "
        "only slow, allow more time.");
}

TEST_CASE("an error of the system is told as it is") {
  const association_error error{std::make_error_code(std::errc::connection_refused)};
  CHECK(std::string{error.what()} == std::make_error_code(std::errc::connection_refused).message());
}
