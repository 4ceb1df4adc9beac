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
const unique_id unheard_of{"1.2.826.0.1.77"};
const unique_id implicit_le{"1.2.840.10008.1.2"};
const unique_id explicit_le{"1.2.840.10008.1.2.1"};
const unique_id jpeg{"1.2.840.10008.1.2.4.50"};

a_associate_rq request(const proposal& contexts, const requestor_options& options = {"CODICOM", "ARCHIVE"}) {
  return make_request(options, contexts);
}

a_associate_ac accepted(const a_associate_rq& rq, const acceptor_policy& policy) {
  auto answer = negotiate(rq, policy);
  REQUIRE(std::holds_alternative<a_associate_ac>(answer));
  return std::get<a_associate_ac>(std::move(answer));
}

reject_cause rejected_with(const a_associate_rq& rq, const acceptor_policy& policy) {
  const auto answer = negotiate(rq, policy);
  REQUIRE(std::holds_alternative<a_associate_rj>(answer));
  return std::get<a_associate_rj>(answer).cause;
}

}  // namespace

TEST_CASE("a proposal numbers its contexts 1, 3, 5 and does not ask twice for the same") {
  const std::vector syntaxes{jpeg, explicit_le, implicit_le};
  proposal p;
  p.add(verification).add(ct, syntaxes).add(verification);
  REQUIRE(p.contexts().size() == 2);
  CHECK(p.contexts()[0].id == context_id{1});
  CHECK(p.contexts()[0].transfer_syntaxes == std::vector{explicit_le, implicit_le});
  CHECK(p.contexts()[1].id == context_id{3});
  CHECK(p.contexts()[1].transfer_syntaxes == syntaxes);
  p.add(ct, syntaxes, context_grouping::one_per_transfer_syntax).add(ct, jpeg);
  REQUIRE(p.contexts().size() == 5);
  CHECK(p.contexts()[2].transfer_syntaxes == std::vector{jpeg});
  CHECK(p.contexts()[4].transfer_syntaxes == std::vector{implicit_le});
  CHECK(p.contexts()[4].id == context_id{9});
}

TEST_CASE("128 contexts fit in an association, 129 do not") {
  proposal p;
  for (int i = 0; i < 128; ++i) p.add(unique_id{"1.2." + std::to_string(i)});
  CHECK(p.fits());
  CHECK(request(p).contexts.back().id == context_id{255});
  p.add("1.2.128");
  CHECK_FALSE(p.fits());
  CHECK_THROWS_AS(static_cast<void>(request(p)), const association_error&);
}

TEST_CASE("a request that cannot be right is refused before anything is sent") {
  proposal one;
  one.add(verification);
  const auto refused = [](const proposal& p, const requestor_options& o) {
    try {
      static_cast<void>(make_request(o, p));
      return false;
    } catch (const association_error& e) {
      return e.code() == errc::invalid_argument;
    }
  };
  CHECK(refused({}, {"CODICOM", "ARCHIVE"}));
  CHECK(refused(one, {"", "ARCHIVE"}));
  CHECK(refused(one, {"CODICOM", "ARCHIVE\\X"}));
  CHECK(refused(one, {"CODICOM", "SEVENTEEN LETTERS"}));
  CHECK(refused(proposal{}.add(""), {"CODICOM", "ARCHIVE"}));
  CHECK(refused(proposal{}.add(verification, std::vector<unique_id>{}), {"CODICOM", "ARCHIVE"}));
  requestor_options options{"CODICOM", "ARCHIVE"};
  for (const unsigned length : {0u, 8u, 16'384u, 0xFFFFFFFFu}) {
    options.max_length = length;
    CHECK_FALSE(refused(one, options));
  }
  for (const unsigned length : {1u, 7u}) {
    options.max_length = length;
    CHECK(refused(one, options));
  }
  options.max_length = 0;
  options.implementation_version_name = "SEVENTEEN LETTERS";
  CHECK(refused(one, options));
}

TEST_CASE("contexts are answered in order: accepted, result 3 for an abstract syntax, result 4 for transfer syntaxes") {
  proposal p;
  p.add(verification).add(unheard_of).add(ct, jpeg);
  acceptor_policy policy;
  policy.accept(verification).accept(ct);
  const auto ac = accepted(request(p), policy);
  REQUIRE(ac.contexts.size() == 3);
  CHECK(ac.contexts[0] == answered_context{context_id{1}, context_result::acceptance, explicit_le});
  CHECK(ac.contexts[1] == answered_context{context_id{3}, context_result::abstract_syntax_not_supported});
  CHECK(ac.contexts[2] == answered_context{context_id{5}, context_result::transfer_syntaxes_not_supported});
  CHECK(ac.called_ae_title == "ARCHIVE");
  CHECK(ac.calling_ae_title == "CODICOM");
  CHECK(ac.user.implementation_version_name == std::string{implementation_version_name});
  CHECK_FALSE(ac.user.window.has_value());
}

TEST_CASE("among several transfer syntaxes the acceptor's order decides, or the requestor's where that is wanted") {
  proposal p;
  p.add(ct, std::vector{implicit_le, jpeg, explicit_le});
  acceptor_policy policy;
  policy.accept(ct, {explicit_le, jpeg});
  CHECK(accepted(request(p), policy).contexts[0].transfer_syntax == explicit_le);
  policy.preference = transfer_syntax_preference::requestor;
  CHECK(accepted(request(p), policy).contexts[0].transfer_syntax == jpeg);
}

TEST_CASE("an unknown abstract syntax is taken on request only, and never one that is no UID") {
  proposal p;
  p.add(unheard_of).add("1.2..3");
  acceptor_policy policy;
  policy.accept(verification);
  CHECK(accepted(request(p), policy).contexts[0].result == context_result::abstract_syntax_not_supported);
  policy.accept_unknown({implicit_le});
  CHECK(accepted(request(p), policy).contexts[0] ==
        answered_context{context_id{1}, context_result::acceptance, implicit_le});
  CHECK(accepted(request(p), policy).contexts[1].result == context_result::abstract_syntax_not_supported);
  policy.accept_unknown({implicit_le}, [](const unique_id& uid) { return uid != unheard_of; });
  CHECK(accepted(request(p), policy).contexts[0].result == context_result::abstract_syntax_not_supported);
}

TEST_CASE("an even context id is answered as rejected") {
  auto rq = request(proposal{}.add(verification));
  rq.contexts[0].id = context_id{2};
  acceptor_policy policy;
  policy.accept(verification);
  CHECK(accepted(rq, policy).contexts[0].result == context_result::no_reason);
}

TEST_CASE("a request is rejected with the cause that the standard has for it") {
  acceptor_policy policy;
  policy.accept(verification);
  const auto good = request(proposal{}.add(verification));
  auto rq = good;
  rq.protocol_version = 2;
  CHECK(rejected_with(rq, policy) == rejection::protocol_version_not_supported);
  rq.protocol_version = 3;  // other bits are not tested
  CHECK(std::holds_alternative<a_associate_ac>(negotiate(rq, policy)));
  rq = good;
  rq.application_context = "1.2.3";
  CHECK(rejected_with(rq, policy) == rejection::application_context_not_supported);
  policy.called_ae_titles = {"OTHER", "ARCHIVE"};
  policy.calling_ae_titles = {"CODICOM"};
  CHECK(std::holds_alternative<a_associate_ac>(negotiate(good, policy)));
  policy.calling_ae_titles = {"OTHER"};
  CHECK(rejected_with(good, policy) == rejection::calling_ae_title_not_recognized);
  policy.called_ae_titles = {"OTHER"};
  CHECK(rejected_with(good, policy) == rejection::called_ae_title_not_recognized);
  policy.called_ae_titles.clear();
  policy.calling_ae_titles.clear();
  policy.on_request = [](const a_associate_rq&) { return rejection::temporary_congestion; };
  CHECK(rejected_with(good, policy) == rejection::temporary_congestion);
}

TEST_CASE("a role is answered only where one was offered, and only what the policy allows") {
  proposal p;
  p.add(verification).add(ct).role(ct, true, true);
  acceptor_policy policy;
  policy.accept(verification).accept(ct);
  auto ac = accepted(request(p), policy);
  REQUIRE(ac.user.roles.size() == 1);
  CHECK(ac.user.roles[0] == role_selection{ct, true, false});
  policy.allow_requestor_as_scp(ct);
  ac = accepted(request(p), policy);
  CHECK(ac.user.roles[0] == role_selection{ct, true, true});
  const association_parameters agreed{association_role::requestor, request(p), ac};
  CHECK(agreed.may_invoke(*agreed.accepted(ct)));
  CHECK(agreed.may_perform(*agreed.accepted(ct)));
  CHECK_FALSE(agreed.may_perform(*agreed.accepted(verification)));
}

TEST_CASE("a requestor that would be SCP only, and may not, has its context rejected") {
  proposal p;
  p.add(ct).role(ct, false, true);
  acceptor_policy policy;
  policy.accept(ct);
  const auto ac = accepted(request(p), policy);
  CHECK(ac.contexts[0].result == context_result::user_rejection);
  CHECK(ac.user.roles.empty());
  policy.allow_requestor_as_scp_of_all();
  CHECK(accepted(request(p), policy).user.roles[0] == role_selection{ct, false, true});
}

TEST_CASE("the window is lowered to ours, and 1,1 is answered by leaving it out") {
  requestor_options options{"CODICOM", "ARCHIVE"};
  options.window = async_window{0, 5};
  const auto rq = request(proposal{}.add(verification), options);
  acceptor_policy policy;
  policy.accept(verification);
  CHECK_FALSE(accepted(rq, policy).user.window.has_value());
  policy.window = {16, 0};
  const auto ac = accepted(rq, policy);
  CHECK(ac.user.window == async_window{16, 5});
  const association_parameters ours{association_role::acceptor, rq, ac};
  CHECK(ours.own_window() == 5);
  CHECK(ours.peer_window() == 16);
  const association_parameters theirs{association_role::requestor, rq, ac};
  CHECK(theirs.own_window() == 16);
  CHECK(theirs.peer_window() == 5);
}

TEST_CASE("a user identity is shown to the policy, which answers or rejects") {
  requestor_options options{"CODICOM", "ARCHIVE"};
  options.identity.emplace(identity_type::user_name_and_passcode, "MARY", "secret", true);
  auto rq = request(proposal{}.add(verification), options);
  acceptor_policy policy;
  policy.accept(verification);
  CHECK_FALSE(accepted(rq, policy).user.identity_response.has_value());
  policy.on_identity = [](const a_associate_rq&, const user_identity& who) -> std::optional<std::string> {
    if (who.secondary_field == "secret") return "welcome";
    return std::nullopt;
  };
  CHECK(accepted(rq, policy).user.identity_response == "welcome");
  rq.user.identity->positive_response_requested = false;
  CHECK_FALSE(accepted(rq, policy).user.identity_response.has_value());
  rq.user.identity->secondary_field = "guess";
  CHECK(rejected_with(rq, policy) == rejection::no_reason_given_acse);
}

TEST_CASE("SOP class extended negotiation is answered where the policy has an answer") {
  requestor_options options{"CODICOM", "ARCHIVE"};
  options.extended.emplace_back(ct, std::vector{std::byte{1}});
  options.extended.emplace_back(verification, std::vector{std::byte{2}});
  const auto rq = request(proposal{}.add(ct), options);
  acceptor_policy policy;
  policy.accept(ct);
  CHECK(accepted(rq, policy).user.extended.empty());
  policy.on_extended = [](const sop_class_extended& asked) -> std::optional<std::vector<std::byte>> {
    if (asked.sop_class_uid == ct) return std::vector{std::byte{9}};
    return std::nullopt;
  };
  const auto ac = accepted(rq, policy);
  REQUIRE(ac.user.extended.size() == 1);
  CHECK(ac.user.extended[0] == sop_class_extended{ct, {std::byte{9}}});
}

TEST_CASE("a peer whose limit holds no fragment is told so") {
  for (std::uint32_t length = 1; length < 8; ++length)
    CHECK_THROWS_AS(require_usable_length(length), const association_error&);
  for (const std::uint32_t length : {0u, 8u, 9u, 0xFFFFFFFFu}) CHECK_NOTHROW(require_usable_length(length));
}

TEST_CASE("request and answer survive the wire") {
  proposal p;
  p.add(ct, std::vector{jpeg, implicit_le}, context_grouping::one_per_transfer_syntax).role(ct, true, true);
  requestor_options options{"CODICOM", "ARCHIVE"};
  options.window = async_window{8, 8};
  const auto rq = request(p, options);
  acceptor_policy policy;
  policy.accept(ct, {jpeg});
  const auto ac = accepted(rq, policy);
  std::vector<std::byte> bytes;
  encode(rq, bytes);
  CHECK(std::get<a_associate_rq>(decode(bytes)) == rq);
  bytes.clear();
  encode(ac, bytes);
  CHECK(std::get<a_associate_ac>(decode(bytes)) == ac);
}
