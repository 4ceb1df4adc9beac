#include "support/hex.hpp"

#include <codicom/dul/pdu.hpp>

#include <doctest/doctest.h>
#include <string>
#include <variant>
#include <vector>

using namespace codicom;
using namespace codicom::dul;
using test_support::dump;
using test_support::hex;

namespace {

std::vector<std::byte> encoded(const pdu& value) {
  std::vector<std::byte> out;
  encode(value, out);
  return out;
}

// Golden bytes: what stands behind the length in both A-ASSOCIATE PDUs (PS3.8 §9.3.2, §9.3.3).
constexpr const char* associate_head =
    "0001 0000"                          // protocol version 1, reserved
    "'ARCHIVE         '"                 // called AE title; in an answer as in the request, not tested
    "'CODICOM         '"                 // calling AE title
    "0000000000000000 0000000000000000"  // 32 reserved bytes
    "0000000000000000 0000000000000000"
    "10 00 0015 '1.2.840.10008.3.1.1.1'";  // application context name

// Written by hand after PS3.8 §9.3.2 and PS3.7 §D.3.3; every user information item of a request.
std::vector<std::byte> golden_request() {
  return hex({
      "01 00 00000179",  // A-ASSOCIATE-RQ, 377 bytes follow
      associate_head,
      "20 00 002E 01 00 00 00",                     // presentation context 1
      "30 00 0011 '1.2.840.10008.1.1'",             //   Verification
      "40 00 0011 '1.2.840.10008.1.2'",             //   Implicit VR Little Endian
      "20 00 0051 03 00 00 00",                     // presentation context 3
      "30 00 001B '1.2.840.10008.5.1.4.1.2.2.2'",   // Study Root C-MOVE
      "40 00 0013 '1.2.840.10008.1.2.1'",           //   Explicit VR Little Endian
      "40 00 0013 '1.2.840.10008.1.2.2'",           //   Explicit VR Big Endian
      "50 00 0091",                                 // user information
      "51 00 0004 00020000",                        //   maximum length 131072
      "52 00 0006 '2.25.1'",                        //   implementation class UID
      "53 00 0004 0005 0000",                       //   window: invoke 5, perform any number
      "54 00 0009 0005 '1.2.3' 00 01",              //   role selection of 1.2.3: SCP only
      "55 00 0009 'CODICOM_1'",                     //   implementation version name
      "56 00 000A 0005 '1.2.3' 01 02 03",           //   extended negotiation of 1.2.3: 3 bytes
      "57 00 0025 0005 '1.2.3' 0005 '1.2.4'",       //   common extended: 1.2.3 of service 1.2.4
      "0013 0007 '1.2.3.4' 0008 '1.2.3.40'",        //     related to two general SOP classes
      "0000",                                       //     room for later versions
      "58 00 000F 02 01 0004 'JANE' 0005 'bingo'",  // user name and passcode, an answer is wanted
      "58 00 000F 02 01 0004 'MARY' 0005 'ALLIS'",  // once more: the last one counts
  });
}

a_associate_rq request_of_golden() {
  a_associate_rq rq;
  rq.called_ae_title = "ARCHIVE";
  rq.calling_ae_title = "CODICOM";
  rq.contexts.emplace_back(context_id{1}, "1.2.840.10008.1.1", std::vector<unique_id>{"1.2.840.10008.1.2"});
  rq.contexts.emplace_back(context_id{3}, "1.2.840.10008.5.1.4.1.2.2.2",
                           std::vector<unique_id>{"1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2"});
  rq.user.max_length = 131072;
  rq.user.implementation_class_uid = "2.25.1";
  rq.user.window = async_window{5, 0};
  rq.user.roles.emplace_back("1.2.3", false, true);
  rq.user.implementation_version_name = "CODICOM_1";
  rq.user.extended.emplace_back("1.2.3", std::vector{std::byte{1}, std::byte{2}, std::byte{3}});
  rq.user.common_extended.emplace_back("1.2.3", "1.2.4", std::vector<unique_id>{"1.2.3.4", "1.2.3.40"});
  rq.user.identity.emplace(identity_type::user_name_and_passcode, "MARY", "ALLIS", true);
  return rq;
}

a_associate_ac acceptance() {
  a_associate_ac ac;
  ac.called_ae_title = "ARCHIVE";
  ac.calling_ae_title = "CODICOM";
  ac.contexts.emplace_back(context_id{1}, context_result::acceptance, "1.2.840.10008.1.2");
  ac.contexts.emplace_back(context_id{3}, context_result::abstract_syntax_not_supported);
  ac.user.max_length = 0;
  ac.user.implementation_class_uid = "2.25.1";
  ac.user.identity_response = "ticket";
  return ac;
}

void set_length(std::vector<std::byte>& bytes) {
  store_be(bytes.data() + 2, static_cast<std::uint32_t>(bytes.size() - pdu_header_size));
}

// The error that decoding gives; nothing when it succeeds.
std::optional<association_error> fault_of(byte_span bytes, const limits& most = {}) {
  try {
    static_cast<void>(decode(bytes, most));
    return std::nullopt;
  } catch (const association_error& e) {
    return e;
  }
}

}  // namespace

TEST_CASE("an A-ASSOCIATE-RQ with every user information item is read") {
  const auto bytes = golden_request();
  const auto value = decode(bytes);
  REQUIRE(std::holds_alternative<a_associate_rq>(value));
  const auto& rq = std::get<a_associate_rq>(value);
  CHECK(rq.protocol_version == 1);
  CHECK(rq.called_ae_title == "ARCHIVE");
  CHECK(rq.calling_ae_title == "CODICOM");
  CHECK(rq.application_context == application_context_name);
  REQUIRE(rq.contexts.size() == 2);
  CHECK(rq.contexts[1].id == context_id{3});
  CHECK(rq.contexts[1].abstract_syntax == "1.2.840.10008.5.1.4.1.2.2.2");
  CHECK(rq.contexts[1].transfer_syntaxes.size() == 2);
  CHECK(rq.user.max_length == 131072u);
  CHECK(rq.user.window == async_window{5, 0});
  CHECK(rq.user.roles.front() == role_selection{"1.2.3", false, true});
  CHECK(rq.user.common_extended.front().related_general_sop_classes.back() == "1.2.3.40");
  CHECK(rq.user.identity->primary_field == "MARY");
  CHECK(rq.user.identity->secondary_field == "ALLIS");
  CHECK(rq.user.identity->positive_response_requested);
  CHECK(rq == request_of_golden());
}

TEST_CASE("an A-ASSOCIATE-RQ is written as the standard lays it down") {
  a_associate_rq rq;
  rq.called_ae_title = "ARCHIVE";
  rq.calling_ae_title = "CODICOM";
  rq.contexts.emplace_back(context_id{1}, "1.2.840.10008.1.1", std::vector<unique_id>{"1.2.840.10008.1.2"});
  rq.user.max_length = 16384;
  rq.user.implementation_class_uid = "2.25.1";
  rq.user.window = async_window{5, 1};
  rq.user.roles.emplace_back("1.2.3", true, true);
  rq.user.implementation_version_name = "CODICOM_1";
  rq.user.extended.emplace_back("1.2.3", std::vector{std::byte{1}});
  rq.user.common_extended.emplace_back("1.2.3", "1.2.4", std::vector<unique_id>{"1.2.3.4"});
  rq.user.identity.emplace(identity_type::user_name, "MARY");
  const auto expected = hex({
      "01 00 000000FE",  // A-ASSOCIATE-RQ, 254 bytes follow
      associate_head,
      "20 00 002E 01 00 00 00",                // presentation context 1
      "30 00 0011 '1.2.840.10008.1.1'",        //   Verification
      "40 00 0011 '1.2.840.10008.1.2'",        //   Implicit VR Little Endian
      "50 00 006B",                            // user information
      "51 00 0004 00004000",                   //   maximum length 16384
      "52 00 0006 '2.25.1'",                   //   implementation class UID
      "53 00 0004 0005 0001",                  //   window: invoke 5, perform 1
      "54 00 0009 0005 '1.2.3' 01 01",         //   role selection of 1.2.3: SCU and SCP
      "55 00 0009 'CODICOM_1'",                //   implementation version name
      "56 00 0008 0005 '1.2.3' 01",            //   extended negotiation of 1.2.3: 1 byte
      "57 00 0019 0005 '1.2.3' 0005 '1.2.4'",  //   common extended: 1.2.3 of service 1.2.4
      "0009 0007 '1.2.3.4'",                   //     related to a general SOP class
      "58 00 000A 01 00 0004 'MARY' 0000",     //   user name, no answer wanted
  });
  CHECK(dump(encoded(rq)) == dump(expected));
  CHECK(std::get<a_associate_rq>(decode(expected)) == rq);
}

TEST_CASE("an A-ASSOCIATE-AC is written and read") {
  const auto expected = hex({
      "02 00 000000A8",  // A-ASSOCIATE-AC, 168 bytes follow
      associate_head,
      "21 00 0019 01 00 00 00",          // presentation context 1: acceptance
      "40 00 0011 '1.2.840.10008.1.2'",  //   Implicit VR Little Endian
      "21 00 0008 03 00 03 00",          // presentation context 3: abstract syntax not supported
      "40 00 0000",                      //   not significant
      "50 00 001E",                      // user information
      "51 00 0004 00000000",             //   no maximum length
      "52 00 0006 '2.25.1'",             //   implementation class UID
      "59 00 0008 0006 'ticket'",        //   server response
  });
  CHECK(dump(encoded(acceptance())) == dump(expected));
  CHECK(std::get<a_associate_ac>(decode(expected)) == acceptance());
}

TEST_CASE("rejection, release and abort are ten bytes each") {
  const std::vector<std::pair<pdu, std::vector<std::byte>>> golden{
      // type, reserved, length 4, reserved, result 1 permanent, source 1 user, reason 7 called AE title not recognized
      {a_associate_rj{rejection::called_ae_title_not_recognized}, hex({"03 00 00000004 00 01 01 07"})},
      // result 2 transient, source 3 provider (presentation), reason 2 local limit exceeded
      {a_associate_rj{rejection::local_limit_exceeded}, hex({"03 00 00000004 00 02 03 02"})},
      {a_release_rq{}, hex({"05 00 00000004 00000000"})},
      {a_release_rp{}, hex({"06 00 00000004 00000000"})},
      // two reserved bytes, source 0 user, reason 0
      {a_abort{}, hex({"07 00 00000004 00 00 00 00"})},
      // source 2 provider, reason 6 invalid PDU parameter value
      {a_abort{{abort_source::service_provider, abort_reason::invalid_pdu_parameter_value}},
       hex({"07 00 00000004 00 00 02 06"})},
  };
  for (const auto& [value, bytes] : golden) {
    CHECK(dump(encoded(value)) == dump(bytes));
    const auto back = decode(bytes);
    CHECK(type_of(back) == type_of(value));
    CHECK(dump(encoded(back)) == dump(bytes));
  }
}

TEST_CASE("a P-DATA-TF with two fragments is read without copying them, and written again") {
  const auto bytes = hex({
      "04 00 00000014",         // P-DATA-TF, 20 bytes follow
      "00000006 01 03 'ABCD'",  // context 1: last fragment of a command, 4 bytes
      "00000006 05 F8 'EFGH'",  // context 5: a fragment of a data set; bits 2 to 7 are not tested
  });
  const auto value = decode(bytes);
  const auto& pdvs = std::get<p_data_tf>(value).pdvs;
  REQUIRE(pdvs.size() == 2);
  CHECK(pdvs[0].header.context == context_id{1});
  CHECK(pdvs[0].header.is_command);
  CHECK(pdvs[0].header.is_last);
  CHECK(as_text(pdvs[0].fragment) == "ABCD");
  CHECK(pdvs[0].fragment.data() == bytes.data() + 12);
  CHECK(pdvs[1].header.context == context_id{5});
  CHECK_FALSE(pdvs[1].header.is_command);
  CHECK_FALSE(pdvs[1].header.is_last);
  auto sent = bytes;
  sent[21] = std::byte{0};
  CHECK(dump(encoded(value)) == dump(sent));
}

TEST_CASE("the header before a single fragment says the same as the whole PDU") {
  const auto fragment = hex({"'ABCD'"});
  p_data_tf whole;
  whole.pdvs.push_back({{context_id{7}, true, false, 4}, fragment});
  const auto header = p_data_header({context_id{7}, true, false, 4});
  CHECK(dump(encoded(whole)) == dump(header) + dump(fragment));
  CHECK(dump(header) == "04 00 00 00 00 0A 00 00 00 06 07 01 ");
}

TEST_CASE("reserved bytes are ignored, unknown items skipped, items taken in any order") {
  const auto rq = request_of_golden();
  auto bytes = hex({
      "01 FF 00000000 8001 FFFF",                        // other protocol version bits are not tested
      "'        ARCHIVE ' 'CODICOM ' 0000000000000000",  // spaces on either side, NULs behind
      "FFFFFFFFFFFFFFFF FFFFFFFFFFFFFFFF FFFFFFFFFFFFFFFF FFFFFFFFFFFFFFFF",
      "99 00 0003 'xyz'",                       // unknown item
      "50 FF 0023 51 FF 0006 00020000 FFFF",    // user information first; a longer item 51H
      "5A 00 0002 FFFF",                        // unknown sub-item
      "55 00 000B 'CODICOM_1 ' 00",             // padded
      "5F 00 0000",                             // another one, empty
      "10 FF 0016 '1.2.840.10008.3.1.1.1' 00",  // a UID padded as in a data set
      "20 FF 002E 01 FF FF FF",
      "40 FF 0011 '1.2.840.10008.1.2'",
      "30 FF 0011 '1.2.840.10008.1.1'",
  });
  set_length(bytes);
  const auto fault = fault_of(bytes);
  INFO((fault ? fault->what() : ""));
  REQUIRE_FALSE(fault);
  const auto value = std::get<a_associate_rq>(decode(bytes));
  CHECK(value.called_ae_title == rq.called_ae_title);
  CHECK(value.calling_ae_title == rq.calling_ae_title);
  CHECK(value.application_context == application_context_name);
  REQUIRE(value.contexts.size() == 1);
  CHECK(value.contexts[0].abstract_syntax == "1.2.840.10008.1.1");
  CHECK(value.user.max_length == 131072u);
  CHECK(value.user.implementation_version_name == "CODICOM_1");
}

TEST_CASE("of a context that was not accepted the transfer syntax is not tested") {
  auto bytes = hex({
      "02 00 00000000 0001 0000 '                ' '                '",
      "0000000000000000 0000000000000000 0000000000000000 0000000000000000",
      "21 00 0004 03 00 04 00",           // nothing where a transfer syntax should stand
      "21 00 0007 05 00 01 00 40 00 FF",  // half an item
  });
  set_length(bytes);
  const auto ac = std::get<a_associate_ac>(decode(bytes));
  REQUIRE(ac.contexts.size() == 2);
  CHECK(ac.contexts[0].result == context_result::transfer_syntaxes_not_supported);
  CHECK(ac.contexts[1].result == context_result::user_rejection);
}

TEST_CASE("a PDU cut at any length is refused with the place, whether its length field tells or not") {
  std::vector<std::vector<std::byte>> all{golden_request(), encoded(acceptance()), encoded(a_associate_rj{}),
                                          encoded(a_abort{}),
                                          hex({"04 00 00000014 00000006 01 03 'ABCD' 00000006 05 00 'EFGH'"})};
  for (const auto& whole : all) {
    REQUIRE_FALSE(fault_of(whole));
    for (std::size_t length = 0; length < whole.size(); ++length) {
      std::vector<std::byte> part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
      const auto fault = fault_of(part);
      REQUIRE(fault);
      CHECK(fault->code() == errc::malformed_pdu);
      CHECK(fault->diagnostics().offset.has_value());
      if (length < pdu_header_size) continue;
      // Now the PDU says that it is so short: it is, at the end of an item, or it is malformed, never anything else.
      set_length(part);
      if (const auto shorter = fault_of(part)) {
        CHECK(shorter->code() == errc::malformed_pdu);
        CHECK(*shorter->diagnostics().offset <= length);
        CHECK(shorter->diagnostics().answer.has_value());
      }
    }
  }
}

TEST_CASE("a field in a wrong byte changes what is said, never more than that") {
  const auto whole = golden_request();
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (const unsigned value : {0x00u, 0x01u, 0x7Fu, 0xFFu}) {
      auto bytes = whole;
      bytes[at] = static_cast<std::byte>(value);
      if (const auto fault = fault_of(bytes)) CHECK(fault->code() == failure::malformed);
    }
  }
}

TEST_CASE("malformed PDUs say what is wrong, where, and how the standard answers") {
  const auto check = [](std::vector<std::byte> bytes, std::uint64_t offset, abort_reason reason) {
    set_length(bytes);
    const auto fault = fault_of(bytes);
    REQUIRE(fault);
    INFO(fault->what());
    CHECK(fault->code() == errc::malformed_pdu);
    CHECK(fault->diagnostics().offset == offset);
    CHECK(fault->diagnostics().answer == abort_cause{abort_source::service_provider, reason});
    CHECK_FALSE(fault->diagnostics().detail.empty());
  };
  check(hex({"08 00 00000000 00000000"}), 0, abort_reason::unrecognized_pdu);
  check(hex({"00 00 00000000 00000000"}), 0, abort_reason::unrecognized_pdu);
  check(hex({"07 00 00000000 000000"}), 2, abort_reason::invalid_pdu_parameter_value);
  check(hex({"05 00 00000000 0000000000"}), 2, abort_reason::invalid_pdu_parameter_value);
  check(hex({"04 00 00000000"}), 2, abort_reason::invalid_pdu_parameter_value);
  check(hex({"04 00 00000000 00000001 01 03"}), 6, abort_reason::invalid_pdu_parameter_value);  // no room for a header
  check(hex({"04 00 00000000 00000004 01 03 41"}), 6, abort_reason::invalid_pdu_parameter_value);  // beyond the end
  check(hex({"04 00 00000000 FFFFFFFF 01 03 41"}), 6, abort_reason::invalid_pdu_parameter_value);
  check(hex({"04 00 00000000 00000002 01 03 0000"}), 12, abort_reason::invalid_pdu_parameter_value);  // two bytes more
  auto twice = golden_request();
  constexpr std::size_t second_id = 6 + 68 + 25 + 50 + 4;  // behind header, fixed fields and two items
  twice[second_id] = std::byte{1};
  const auto fault = fault_of(twice);
  REQUIRE(fault);
  CHECK(fault->diagnostics().detail == "presentation context id 1 stands there twice");
}

TEST_CASE("limits are kept at the number itself and broken one above") {
  const auto request = [](unsigned contexts, unsigned syntaxes, unsigned items) {
    a_associate_rq rq;
    rq.called_ae_title = "A";
    rq.calling_ae_title = "B";
    for (unsigned i = 0; i < contexts; ++i)
      rq.contexts.emplace_back(context_id{static_cast<std::uint8_t>(i)}, "1.2",
                               std::vector<unique_id>(syntaxes, "1.3"));
    rq.user.roles.assign(items, role_selection{"1.2", true, true});
    return encoded(rq);
  };
  limits most;
  most.presentation_contexts = 3;
  most.transfer_syntaxes = 4;
  most.user_information_items = 5;
  for (const auto& bytes : {request(2, 3, 4), request(3, 4, 5)}) CHECK_FALSE(fault_of(bytes, most));
  for (const auto& bytes : {request(4, 4, 5), request(3, 5, 5), request(3, 4, 6)}) {
    const auto fault = fault_of(bytes, most);
    REQUIRE(fault);
    CHECK(fault->code() == failure::limit_exceeded);
    CHECK(fault->diagnostics().refusal == rejection::local_limit_exceeded);
  }
  a_associate_rq rq = request_of_golden();  // related general SOP classes count as items, too
  rq.user = {};
  rq.user.common_extended.emplace_back("1.2", "1.3", std::vector<unique_id>(4, "1.4"));
  CHECK_FALSE(fault_of(encoded(rq), most));
  rq.user.common_extended.front().related_general_sop_classes.emplace_back("1.4");
  CHECK(fault_of(encoded(rq), most)->code() == errc::limit_exceeded);

  const auto bytes = request(1, 1, 1);
  most.pdu_bytes = static_cast<std::uint32_t>(bytes.size() - pdu_header_size);
  CHECK_FALSE(fault_of(bytes, most));
  --most.pdu_bytes;
  CHECK(fault_of(bytes, most)->code() == errc::limit_exceeded);
}

TEST_CASE("what a field cannot hold is refused when writing, and nothing is written") {
  std::vector<std::byte> out(3);
  auto rq = request_of_golden();
  rq.called_ae_title = "";
  CHECK_THROWS_AS(encode(rq, out), const association_error&);
  rq.called_ae_title = "SEVENTEEN LETTERS";
  CHECK_THROWS_AS(encode(rq, out), const association_error&);
  rq.called_ae_title = "ARCHIVE";
  rq.user.identity->primary_field.assign(65'536, 'x');
  CHECK_THROWS_AS(encode(rq, out), const association_error&);
  rq = request_of_golden();
  rq.user.common_extended.front().related_general_sop_classes.assign(10'000, "1.2.3.4.5.6");
  CHECK_THROWS_AS(encode(rq, out), const association_error&);
  CHECK_THROWS_AS(encode(p_data_tf{}, out), const association_error&);
  CHECK(out.size() == 3);
}
