#include <codicom/dul/association_parameters.hpp>
#include <codicom/dul/negotiation.hpp>

#include <doctest/doctest.h>
#include <ostream>
#include <string>
#include <vector>

using namespace codicom;
using namespace codicom::dul;

namespace {

const unique_id verification{"1.2.840.10008.1.1"};
const unique_id ct{"1.2.840.10008.5.1.4.1.1.2"};
const unique_id mr{"1.2.840.10008.5.1.4.1.1.4"};
const unique_id implicit_le{"1.2.840.10008.1.2"};
const unique_id explicit_le{"1.2.840.10008.1.2.1"};
const unique_id jpeg{"1.2.840.10008.1.2.4.50"};

a_associate_rq request() {
  proposal p;
  p.add(ct, std::vector{explicit_le, jpeg}, context_grouping::one_per_transfer_syntax).add(verification).add(mr, jpeg);
  return make_request({"CODICOM", "ARCHIVE"}, p);
}

// Contexts 1 and 3 are CT, 5 is Verification, 7 is MR; answered out of order, as some peers do.
a_associate_ac acceptance() {
  a_associate_ac ac;
  ac.contexts.emplace_back(context_id{7}, context_result::transfer_syntaxes_not_supported);
  ac.contexts.emplace_back(context_id{3}, context_result::acceptance, jpeg);
  ac.contexts.emplace_back(context_id{1}, context_result::acceptance, explicit_le);
  ac.user.max_length = 16'384;
  ac.user.implementation_class_uid = "1.2.3";
  ac.user.implementation_version_name = "PEER_1";
  return ac;
}

}  // namespace

TEST_CASE("answers are matched by id, in whatever order they come") {
  const association_parameters agreed{association_role::requestor, request(), acceptance()};
  REQUIRE(agreed.contexts().size() == 4);
  CHECK(agreed.any_accepted());
  REQUIRE(agreed.accepted(context_id{3}) != nullptr);
  CHECK(agreed.accepted(context_id{3})->transfer_syntax == jpeg);
  CHECK(agreed.accepted(ct)->id == context_id{1});
  CHECK(agreed.accepted(ct, jpeg)->id == context_id{3});
  CHECK(agreed.accepted(ct, implicit_le) == nullptr);
  CHECK(agreed.accepted_transfer_syntaxes(ct) == std::vector{explicit_le, jpeg});
  CHECK(agreed.peer_ae_title() == "ARCHIVE");
  CHECK(agreed.peer_max_length() == 16'384);
  CHECK(agreed.own_max_length() == 131'072);
  CHECK(agreed.own_window() == 1);
}

TEST_CASE("what was not accepted, not answered or never proposed is not there") {
  const association_parameters agreed{association_role::requestor, request(), acceptance()};
  CHECK(agreed.accepted(context_id{5}) == nullptr);
  CHECK(agreed.accepted(context_id{7}) == nullptr);
  CHECK(agreed.accepted(context_id{9}) == nullptr);
  CHECK(agreed.accepted(context_id{2}) == nullptr);
  CHECK(agreed.accepted(context_id{0}) == nullptr);
  CHECK(agreed.accepted(verification) == nullptr);
  CHECK(association_parameters{}.accepted(context_id{1}) == nullptr);
  CHECK_FALSE(association_parameters{}.any_accepted());
}

TEST_CASE("an answer that was not asked for is not taken") {
  auto ac = acceptance();
  ac.contexts[2].transfer_syntax = implicit_le;  // was not proposed for context 1
  ac.contexts.emplace_back(context_id{99}, context_result::acceptance, implicit_le);
  const association_parameters agreed{association_role::requestor, request(), ac};
  CHECK(agreed.accepted(context_id{1}) == nullptr);
  CHECK(agreed.accepted(context_id{99}) == nullptr);
  CHECK(agreed.contexts().size() == 4);
}

TEST_CASE("an even id is never accepted, and shadows no odd one") {
  auto rq = request();
  rq.contexts[0].id = context_id{2};
  auto ac = acceptance();
  ac.contexts[2].id = context_id{2};
  const association_parameters agreed{association_role::acceptor, rq, ac};
  CHECK(agreed.accepted(context_id{2}) == nullptr);
  CHECK(agreed.accepted(context_id{3})->transfer_syntax == jpeg);
}

TEST_CASE("both sides see the same contexts, and each the other's limit and name") {
  const association_parameters agreed{association_role::acceptor, request(), acceptance()};
  CHECK(agreed.accepted(ct, jpeg)->id == context_id{3});
  CHECK(agreed.peer_ae_title() == "CODICOM");
  CHECK(agreed.peer_max_length() == 131'072);
  CHECK(agreed.own_max_length() == 16'384);
  CHECK_FALSE(agreed.may_invoke(*agreed.accepted(ct)));
  CHECK(agreed.may_perform(*agreed.accepted(ct)));
}

TEST_CASE("a peer that announces no maximum length is taken to accept 16 KiB") {
  auto ac = acceptance();
  ac.user.max_length.reset();
  CHECK(association_parameters{association_role::requestor, request(), ac}.peer_max_length() == 16'384);
  ac.user.max_length = 0;
  CHECK(association_parameters{association_role::requestor, request(), ac}.peer_max_length() == 0);
}

TEST_CASE("a window counts only where both sides spoke of it, and only lowered") {
  auto rq = request();
  auto ac = acceptance();
  ac.user.window = async_window{9, 9};
  CHECK(association_parameters{association_role::requestor, rq, ac}.own_window() == 1);
  rq.user.window = async_window{4, 0};
  const association_parameters agreed{association_role::requestor, rq, ac};
  CHECK(agreed.own_window() == 4);
  CHECK(agreed.peer_window() == 9);
  ac.user.window.reset();
  CHECK(association_parameters{association_role::requestor, rq, ac}.own_window() == 1);
}

TEST_CASE("it says in words what cannot be done and why") {
  const association_parameters agreed{association_role::requestor, request(), acceptance()};
  CHECK(agreed.why_not(ct).empty());
  CHECK(agreed.why_not(mr) ==
        "MR Image Storage: none of the transfer syntaxes supported (proposed: JPEG Baseline (Process 1))");
  CHECK(agreed.why_not(verification) ==
        "Verification SOP Class: rejected without a reason (proposed: Explicit VR Little Endian, Implicit VR Little "
        "Endian)");
  CHECK(agreed.why_not("1.2.3.4") == "1.2.3.4 was not proposed");
}

TEST_CASE("it prints itself") {
  const association_parameters agreed{association_role::requestor, request(), acceptance()};
  const auto text = to_string(agreed);
  CAPTURE(text);
  CHECK(text.find("CODICOM -> ARCHIVE, we are the requestor\n") != std::string::npos);
  CHECK(text.find("peer: PEER_1 (1.2.3)\n") != std::string::npos);
  CHECK(text.find("3: CT Image Storage, JPEG Baseline (Process 1)") != std::string::npos);
  CHECK(text.find("7: MR Image Storage: none of the transfer syntaxes supported\n") != std::string::npos);
}
