#include <codicom/dul/negotiation.hpp>
#include <codicom/dul/quirks.hpp>

#include <doctest/doctest.h>
#include <vector>

using namespace codicom;
using namespace codicom::dul;

namespace {

const unique_id ct{"1.2.840.10008.5.1.4.1.1.2"};
const unique_id mr{"1.2.840.10008.5.1.4.1.1.4"};
const unique_id implicit_le{"1.2.840.10008.1.2"};
const unique_id explicit_le{"1.2.840.10008.1.2.1"};
const unique_id jpeg{"1.2.840.10008.1.2.4.50"};
const unique_id some_ge{"1.2.840.113619.6.55"};

}  // namespace

TEST_CASE("what is on record of an implementation is found by its class, all of it or its beginning") {
  CHECK(known_quirks(some_ge).no_window);
  CHECK_FALSE(known_quirks(unique_id{"1.2.840.113619.6.551"}).no_window);
  CHECK(known_quirks(unique_id{"1.2.826.0.1.3680043.9.3811.0.9.1"}).no_unlimited_length);
  CHECK_FALSE(known_quirks(unique_id{"1.2.826.0.1.3680043.9.3811.2.0.2"}).no_unlimited_length);
  CHECK_FALSE(known_quirks(unique_id{}).no_window);
  CHECK(known_quirks(unique_id{"1.3.6.1.4.1.5962.99.2"}).no_cancel);
}

TEST_CASE("a requestor spares a peer what it does not bear, and only that") {
  proposal contexts;
  const std::vector syntaxes{jpeg, explicit_le, implicit_le};
  contexts.add(ct, syntaxes).add(mr, syntaxes).role(mr, false, true);
  requestor_options options{"SCU", "SCP"};
  options.window.emplace(std::uint16_t{4}, std::uint16_t{4});
  options.max_length = 0;
  const auto plain = make_request(options, contexts);
  CHECK(plain.user.window.has_value());
  CHECK(plain.user.max_length == 0);
  CHECK(plain.contexts.size() == 2);

  options.quirks.no_window = true;
  const auto no_window = make_request(options, contexts);
  CHECK_FALSE(no_window.user.window.has_value());
  CHECK(no_window.user.max_length == 0);

  options.quirks = peer_quirks{};
  options.quirks.no_unlimited_length = true;
  CHECK(make_request(options, contexts).user.max_length == 131'072);
  options.max_length = 5000;
  CHECK(make_request(options, contexts).user.max_length == 5000);

  options.quirks = peer_quirks{};
  options.quirks.one_syntax_per_context = true;
  const auto split = make_request(options, contexts);
  REQUIRE(split.contexts.size() == 6);
  for (std::size_t i = 0; i < split.contexts.size(); ++i) {
    CHECK(split.contexts[i].id == context_id{static_cast<std::uint8_t>(2 * i + 1)});
    CHECK(split.contexts[i].abstract_syntax == (i < 3 ? ct : mr));
    CHECK(split.contexts[i].transfer_syntaxes == std::vector{syntaxes[i % 3]});
  }
  CHECK(split.user.roles.size() == 1);
}

TEST_CASE("contexts that are split do not outgrow an association unnoticed") {
  proposal contexts;
  const std::vector syntaxes{explicit_le, implicit_le};
  for (int i = 0; i < 65; ++i) contexts.add(unique_id{"1.2.3." + std::to_string(i)}, syntaxes);
  requestor_options options{"SCU", "SCP"};
  CHECK(make_request(options, contexts).contexts.size() == 65);
  options.quirks.one_syntax_per_context = true;
  CHECK_THROWS_AS(static_cast<void>(make_request(options, contexts)), association_error);
}

TEST_CASE("an acceptor knows by the request whom it has to spare, and may be told otherwise") {
  proposal contexts;
  contexts.add(ct);
  requestor_options options{"SCU", "SCP"};
  options.window.emplace(std::uint16_t{4}, std::uint16_t{4});
  acceptor_policy policy;
  policy.accept(ct);
  policy.window = async_window{8, 8};
  policy.max_length = 0;
  const auto answer = [&](const char* implementation) {
    options.implementation_class_uid = unique_id{implementation};
    auto given = negotiate(make_request(options, contexts), policy);
    REQUIRE(std::holds_alternative<a_associate_ac>(given));
    return std::get<a_associate_ac>(std::move(given));
  };
  CHECK(answer("1.2.3").user.window.has_value());
  CHECK(answer("1.2.3").user.max_length == 0);
  CHECK_FALSE(answer("1.2.840.113619.6.55").user.window.has_value());
  CHECK(answer("1.2.826.0.1.3680043.9.3811.0.9.1").user.max_length == 131'072);
  policy.quirks = [](const a_associate_rq&) { return peer_quirks{}; };
  CHECK(answer("1.2.840.113619.6.55").user.window.has_value());
}
