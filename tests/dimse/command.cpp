#include "support/hex.hpp"

#include <codicom/dimse/command.hpp>

#include <doctest/doctest.h>
#include <ostream>
#include <string>
#include <variant>
#include <vector>

using namespace codicom;
using test_support::dump;
using test_support::hex;

namespace {

template <class Command>
std::vector<std::byte> encoded(const Command& value) {
  std::vector<std::byte> out;
  encode_command(value, out);
  return out;
}

// Written and read back: the bytes are the expected ones, and the value is the same.
template <class Command>
void check(const Command& value, const std::vector<std::byte>& expected) {
  CHECK(dump(encoded(value)) == dump(expected));
  CHECK(dump(encoded(command{value})) == dump(expected));
  std::vector<diagnosis> found;
  const auto back = decode_command(expected, {}, &found);
  CHECK(found.empty());
  REQUIRE(std::holds_alternative<Command>(back));
  CHECK(std::get<Command>(back) == value);
}

association_error fault_of(const std::vector<std::byte>& bytes, const limits& most = {}) {
  try {
    static_cast<void>(decode_command(bytes, most));
  } catch (const association_error& e) {
    return e;
  }
  FAIL("was decoded");
  return association_error{errc::closed, ""};
}

}  // namespace

// Golden command sets, by hand after PS3.7 §9.3 and §E.1: element (0000,xxxx) little endian, 32-bit length, value.

TEST_CASE("C-ECHO-RQ and C-ECHO-RSP") {
  check(c_echo_request{message_id{7}},
        hex({"0000 0000 04000000 38000000",                // group length 56
             "0000 0200 12000000 '1.2.840.10008.1.1' 00",  // Affected SOP Class UID: Verification
             "0000 0001 02000000 3000",                    // Command Field 0030
             "0000 1001 02000000 0700",                    // Message ID 7
             "0000 0008 02000000 0101"}));                 // no data set
  c_echo_response response{c_echo_request{message_id{7}}};
  check(response, hex({"0000 0000 04000000 42000000",                // group length 66
                       "0000 0200 12000000 '1.2.840.10008.1.1' 00",  // Affected SOP Class UID
                       "0000 0001 02000000 3080",                    // Command Field 8030
                       "0000 2001 02000000 0700",                    // Message ID Being Responded To 7
                       "0000 0008 02000000 0101",                    // no data set
                       "0000 0009 02000000 0000"}));                 // Status 0000
}

TEST_CASE("C-STORE-RQ of a sub-operation, and its response with all that may come with a failure") {
  c_store_request request{message_id{258}, "1.2.3", "1.2.3.4"};
  request.priority = priority::low;
  request.move_originator_ae_title = "CODICOM";
  request.move_originator_message_id = message_id{9};
  check(request, hex({"0000 0000 04000000 60000000",      // group length 96
                      "0000 0200 06000000 '1.2.3' 00",    // Affected SOP Class UID
                      "0000 0001 02000000 0100",          // Command Field 0001
                      "0000 1001 02000000 0201",          // Message ID 258
                      "0000 0007 02000000 0200",          // Priority low
                      "0000 0008 02000000 0100",          // a data set follows
                      "0000 0010 08000000 '1.2.3.4' 00",  // Affected SOP Instance UID
                      "0000 3010 08000000 'CODICOM '",    // Move Originator AE Title, padded with a space
                      "0000 3110 02000000 0900"}));       // Move Originator Message ID 9
  c_store_response response{request, status::out_of_resources, "disk full"};
  response.offending_elements = {element_tag{0x7FE0, 0x0010}, element_tag{0x0028, 0x0008}};
  check(response, hex({"0000 0000 04000000 68000000",           // group length 104
                       "0000 0200 06000000 '1.2.3' 00",         // Affected SOP Class UID
                       "0000 0001 02000000 0180",               // Command Field 8001
                       "0000 2001 02000000 0201",               // Message ID Being Responded To 258
                       "0000 0008 02000000 0101",               // no data set
                       "0000 0009 02000000 00A7",               // Status A700
                       "0000 0109 08000000 E07F1000 28000800",  // Offending Element, two tags
                       "0000 0209 0A000000 'disk full '",       // Error Comment
                       "0000 0010 08000000 '1.2.3.4' 00"}));    // Affected SOP Instance UID
}

TEST_CASE("C-FIND-RQ, and responses that are pending or final") {
  const c_find_request request{message_id{1}, "1.2.3"};
  check(request, hex({"0000 0000 04000000 36000000",    // group length 54
                      "0000 0200 06000000 '1.2.3' 00",  // Affected SOP Class UID
                      "0000 0001 02000000 2000",        // Command Field 0020
                      "0000 1001 02000000 0100",        // Message ID 1
                      "0000 0007 02000000 0000",        // Priority medium
                      "0000 0008 02000000 0100"}));     // an identifier follows
  check(c_find_response{request, status::pending_with_warning},
        hex({"0000 0000 04000000 36000000",    // group length 54
             "0000 0200 06000000 '1.2.3' 00",  // Affected SOP Class UID
             "0000 0001 02000000 2080",        // Command Field 8020
             "0000 2001 02000000 0100",        // Message ID Being Responded To 1
             "0000 0008 02000000 0100",        // an identifier follows
             "0000 0009 02000000 01FF"}));     // Status FF01
  CHECK_FALSE(c_find_response{request, status::success}.has_data_set);
  CHECK_FALSE(c_find_response{request, status::cancel}.has_data_set);
}

TEST_CASE("C-MOVE-RQ and a pending response with all counts") {
  const c_move_request request{message_id{1}, "1.2.3", "WORKSTATION"};
  check(request, hex({"0000 0000 04000000 4A000000",        // group length 74
                      "0000 0200 06000000 '1.2.3' 00",      // Affected SOP Class UID
                      "0000 0001 02000000 2100",            // Command Field 0021
                      "0000 1001 02000000 0100",            // Message ID 1
                      "0000 0006 0C000000 'WORKSTATION '",  // Move Destination
                      "0000 0007 02000000 0000",            // Priority medium
                      "0000 0008 02000000 0100"}));         // an identifier follows
  c_move_response response{request, status::pending};
  response.remaining = 258;
  response.completed = 3;
  response.failed = 2;
  response.warning = 1;
  check(response, hex({"0000 0000 04000000 5E000000",    // group length 94
                       "0000 0200 06000000 '1.2.3' 00",  // Affected SOP Class UID
                       "0000 0001 02000000 2180",        // Command Field 8021
                       "0000 2001 02000000 0100",        // Message ID Being Responded To 1
                       "0000 0008 02000000 0101",        // no data set
                       "0000 0009 02000000 00FF",        // Status FF00
                       "0000 2010 02000000 0201",        // Remaining 258
                       "0000 2110 02000000 0300",        // Completed 3
                       "0000 2210 02000000 0200",        // Failed 2
                       "0000 2310 02000000 0100"}));     // Warning 1
}

TEST_CASE("C-GET-RQ, and a final response with a list of failures") {
  const c_get_request request{message_id{1}, "1.2.3"};
  check(request, hex({"0000 0000 04000000 36000000",    // group length 54
                      "0000 0200 06000000 '1.2.3' 00",  // Affected SOP Class UID
                      "0000 0001 02000000 1000",        // Command Field 0010
                      "0000 1001 02000000 0100",        // Message ID 1
                      "0000 0007 02000000 0000",        // Priority medium
                      "0000 0008 02000000 0100"}));     // an identifier follows
  c_get_response response{request, status::suboperations_with_failures};
  response.failed = 2;
  response.has_data_set = true;
  check(response, hex({"0000 0000 04000000 40000000",    // group length 64
                       "0000 0200 06000000 '1.2.3' 00",  // Affected SOP Class UID
                       "0000 0001 02000000 1080",        // Command Field 8010
                       "0000 2001 02000000 0100",        // Message ID Being Responded To 1
                       "0000 0008 02000000 0100",        // a data set follows
                       "0000 0009 02000000 00B0",        // Status B000
                       "0000 2210 02000000 0200"}));     // Failed 2
}

TEST_CASE("C-CANCEL-RQ names the operation to cancel, and no class") {
  check(c_cancel_request{message_id{513}}, hex({"0000 0000 04000000 1E000000",  // group length 30
                                                "0000 0001 02000000 FF0F",      // Command Field 0FFF
                                                "0000 2001 02000000 0102",      // Message ID Being Responded To 513
                                                "0000 0008 02000000 0101"}));   // no data set
}

TEST_CASE("a command that is in no standard is read whole, and answered with Unrecognized Operation") {
  const auto bytes = hex({"0000 0000 04000000 52000000",      // group length 82
                          "0000 0200 06000000 '1.2.3' 00",    // Affected SOP Class UID
                          "0000 0001 02000000 7700",          // Command Field 0077
                          "0000 1001 02000000 0500",          // Message ID 5
                          "0000 0008 02000000 0100",          // a data set follows
                          "0000 0010 08000000 '1.2.3.4' 00",  // Affected SOP Instance UID
                          "0000 0810 02000000 0100",          // Action Type ID 1
                          "0000 0930 04000000 'ABCD'"});      // unheard of
  const auto value = decode_command(bytes);
  REQUIRE(std::holds_alternative<generic_command>(value));
  const auto& request = std::get<generic_command>(value);
  CHECK(to_string(field_of(value)) == "command 0077");
  CHECK(id_of(value) == message_id{5});
  CHECK(request.sop_class_uid == "1.2.3");
  CHECK(request.sop_instance_uid == "1.2.3.4");
  CHECK(sop_instance_of(value) == "1.2.3.4");
  CHECK(request.has_data_set);
  REQUIRE(request.elements.size() == 2);
  CHECK(request.elements[0].tag == element_tag{0x0000, 0x1008});
  CHECK(is_request(value));
  CHECK(sop_class_of(value) == "1.2.3");
  CHECK(dump(encoded(request)) == dump(bytes));

  check(response_to(request), hex({"0000 0000 04000000 46000000",         // group length 70
                                   "0000 0200 06000000 '1.2.3' 00",       // Affected SOP Class UID
                                   "0000 0001 02000000 7780",             // Command Field 8077
                                   "0000 2001 02000000 0500",             // Message ID Being Responded To 5
                                   "0000 0008 02000000 0101",             // no data set
                                   "0000 0009 02000000 1102",             // Status 0211
                                   "0000 0010 08000000 '1.2.3.4' 00"}));  // Affected SOP Instance UID
}

TEST_CASE("N-EVENT-REPORT-RQ and its response with a reply") {  // PS3.7 §10.3.1
  n_event_report_request request{message_id{5}, "1.2.3", "1.2.3.4", 2};
  request.has_data_set = true;
  check(request, hex({"0000 0000 04000000 46000000",      // group length 70
                      "0000 0200 06000000 '1.2.3' 00",    // Affected SOP Class UID
                      "0000 0001 02000000 0001",          // Command Field 0100
                      "0000 1001 02000000 0500",          // Message ID 5
                      "0000 0008 02000000 0100",          // event information follows
                      "0000 0010 08000000 '1.2.3.4' 00",  // Affected SOP Instance UID
                      "0000 0210 02000000 0200"}));       // Event Type ID 2
  n_event_report_response response{request};
  CHECK_FALSE(response.has_data_set);
  response.has_data_set = true;
  check(response, hex({"0000 0000 04000000 50000000",      // group length 80
                       "0000 0200 06000000 '1.2.3' 00",    // Affected SOP Class UID
                       "0000 0001 02000000 0081",          // Command Field 8100
                       "0000 2001 02000000 0500",          // Message ID Being Responded To 5
                       "0000 0008 02000000 0100",          // an event reply follows
                       "0000 0009 02000000 0000",          // Status 0000
                       "0000 0010 08000000 '1.2.3.4' 00",  // Affected SOP Instance UID
                       "0000 0210 02000000 0200"}));       // Event Type ID 2
}

TEST_CASE("N-GET-RQ lists the attributes wanted; a failure lists those that it failed for") {  // PS3.7 §10.3.2, §C.4.1
  const n_get_request request{
      message_id{1}, "1.2.3", "1.2.3.4", {element_tag{0x0010, 0x0010}, element_tag{0x2100, 0x0020}}};
  check(request, hex({"0000 0000 04000000 4C000000",              // group length 76
                      "0000 0300 06000000 '1.2.3' 00",            // Requested SOP Class UID
                      "0000 0001 02000000 1001",                  // Command Field 0110
                      "0000 1001 02000000 0100",                  // Message ID 1
                      "0000 0008 02000000 0101",                  // no data set
                      "0000 0110 08000000 '1.2.3.4' 00",          // Requested SOP Instance UID
                      "0000 0510 08000000 10001000 00212000"}));  // Attribute Identifier List
  n_get_response response{request, dimse_status{0x0107}, "no such printer"};
  response.error_id = 7;
  response.attribute_identifiers = {element_tag{0x2100, 0x0020}};
  response.has_data_set = true;
  check(response, hex({"0000 0000 04000000 74000000",            // group length 116
                       "0000 0200 06000000 '1.2.3' 00",          // Affected SOP Class UID
                       "0000 0001 02000000 1081",                // Command Field 8110
                       "0000 2001 02000000 0100",                // Message ID Being Responded To 1
                       "0000 0008 02000000 0100",                // the attribute list follows
                       "0000 0009 02000000 0701",                // Status 0107: a warning
                       "0000 0209 10000000 'no such printer '",  // Error Comment
                       "0000 0309 02000000 0700",                // Error ID 7
                       "0000 0010 08000000 '1.2.3.4' 00",        // Affected SOP Instance UID
                       "0000 0510 04000000 00212000"}));         // Attribute Identifier List
  CHECK(response.status.is_warning());
}

TEST_CASE("N-SET-RQ and its response") {  // PS3.7 §10.3.3
  const n_set_request request{message_id{1}, "1.2.3", "1.2.3.4"};
  check(request, hex({"0000 0000 04000000 3C000000",         // group length 60
                      "0000 0300 06000000 '1.2.3' 00",       // Requested SOP Class UID
                      "0000 0001 02000000 2001",             // Command Field 0120
                      "0000 1001 02000000 0100",             // Message ID 1
                      "0000 0008 02000000 0100",             // the modification list follows
                      "0000 0110 08000000 '1.2.3.4' 00"}));  // Requested SOP Instance UID
  check(n_set_response{request, status::no_such_sop_instance},
        hex({"0000 0000 04000000 46000000",         // group length 70
             "0000 0200 06000000 '1.2.3' 00",       // Affected SOP Class UID
             "0000 0001 02000000 2081",             // Command Field 8120
             "0000 2001 02000000 0100",             // Message ID Being Responded To 1
             "0000 0008 02000000 0101",             // no data set
             "0000 0009 02000000 1201",             // Status 0112
             "0000 0010 08000000 '1.2.3.4' 00"}));  // Affected SOP Instance UID
}

TEST_CASE("N-ACTION-RQ and its response") {  // PS3.7 §10.3.4
  n_action_request request{message_id{5}, "1.2.3", "1.2.3.4", 1};
  request.has_data_set = true;
  check(request, hex({"0000 0000 04000000 46000000",                         // group length 70
                      "0000 0300 06000000 '1.2.3' 00",                       // Requested SOP Class UID
                      "0000 0001 02000000 3001",                             // Command Field 0130
                      "0000 1001 02000000 0500",                             // Message ID 5
                      "0000 0008 02000000 0100",                             // action information follows
                      "0000 0110 08000000 '1.2.3.4' 00",                     // Requested SOP Instance UID
                      "0000 0810 02000000 0100"}));                          // Action Type ID 1
  check(n_action_response{request}, hex({"0000 0000 04000000 50000000",      // group length 80
                                         "0000 0200 06000000 '1.2.3' 00",    // Affected SOP Class UID
                                         "0000 0001 02000000 3081",          // Command Field 8130
                                         "0000 2001 02000000 0500",          // Message ID Being Responded To 5
                                         "0000 0008 02000000 0101",          // no action reply
                                         "0000 0009 02000000 0000",          // Status 0000
                                         "0000 0010 08000000 '1.2.3.4' 00",  // Affected SOP Instance UID
                                         "0000 0810 02000000 0100"}));       // Action Type ID 1
}

TEST_CASE("N-CREATE-RQ speaks of the affected class, and may leave the instance to the performer") {  // PS3.7 §10.3.5
  n_create_request request{message_id{1}, "1.2.3", {}};
  check(request, hex({"0000 0000 04000000 2C000000",    // group length 44
                      "0000 0200 06000000 '1.2.3' 00",  // Affected SOP Class UID
                      "0000 0001 02000000 4001",        // Command Field 0140
                      "0000 1001 02000000 0100",        // Message ID 1
                      "0000 0008 02000000 0100"}));     // the attribute list follows
  n_create_response response{request};
  response.affected_sop_instance_uid = "2.25.1";
  check(response, hex({"0000 0000 04000000 44000000",     // group length 68
                       "0000 0200 06000000 '1.2.3' 00",   // Affected SOP Class UID
                       "0000 0001 02000000 4081",         // Command Field 8140
                       "0000 2001 02000000 0100",         // Message ID Being Responded To 1
                       "0000 0008 02000000 0101",         // no data set
                       "0000 0009 02000000 0000",         // Status 0000
                       "0000 0010 06000000 '2.25.1'"}));  // Affected SOP Instance UID
}

TEST_CASE("N-DELETE-RQ and its response") {  // PS3.7 §10.3.6
  const n_delete_request request{message_id{1}, "1.2.3", "1.2.3.4"};
  check(request, hex({"0000 0000 04000000 3C000000",                            // group length 60
                      "0000 0300 06000000 '1.2.3' 00",                          // Requested SOP Class UID
                      "0000 0001 02000000 5001",                                // Command Field 0150
                      "0000 1001 02000000 0100",                                // Message ID 1
                      "0000 0008 02000000 0101",                                // no data set
                      "0000 0110 08000000 '1.2.3.4' 00"}));                     // Requested SOP Instance UID
  check(n_delete_response{request}, hex({"0000 0000 04000000 46000000",         // group length 70
                                         "0000 0200 06000000 '1.2.3' 00",       // Affected SOP Class UID
                                         "0000 0001 02000000 5081",             // Command Field 8150
                                         "0000 2001 02000000 0100",             // Message ID Being Responded To 1
                                         "0000 0008 02000000 0101",             // no data set
                                         "0000 0009 02000000 0000",             // Status 0000
                                         "0000 0010 08000000 '1.2.3.4' 00"}));  // Affected SOP Instance UID
  CHECK(sop_class_of(command{request}) == "1.2.3");
  CHECK(sop_instance_of(command{request}) == "1.2.3.4");
}

TEST_CASE("a report without its type is read, and that is noted") {
  std::vector<diagnosis> found;
  const auto value = decode_command(
      hex({"0000 0001 02000000 0001", "0000 1001 02000000 0300", "0000 0008 02000000 0101"}), {}, &found);
  REQUIRE(std::holds_alternative<n_event_report_request>(value));
  CHECK(std::get<n_event_report_request>(value).event_type_id == 0);
  REQUIRE(found.size() == 2);
  CHECK(found[1].what == deviation::missing_element);
  CHECK(found[1].path == std::vector{element_tag{0x0000, 0x1002}});
}

TEST_CASE("deviations of peers are read over and listed") {
  std::vector<diagnosis> found;
  const auto value = decode_command(hex({"0000 0000 04000000 63000000",           // wrong group length
                                         "0000 0001 02000000 2180",               // Command Field 8021
                                         "0000 0200 05000000 '1.2.3'",            // out of order, odd length
                                         "0000 0200 04000000 '9.9' 00",           // twice: the first counts
                                         "0000 2001 04000000 0700 0000",          // a 32-bit number
                                         "0000 0008 02000000 0101",               //
                                         "0000 0009 02000000 00FF",               //
                                         "0000 2010 00000000",                    // Remaining without a value
                                         "0000 2110 02000000 0300",               //
                                         "0000 0209 07000000 'late' 20 00 00"}),  // out of order, odd, padded with NULs
                                    {}, &found);
  REQUIRE(std::holds_alternative<c_move_response>(value));
  const auto& response = std::get<c_move_response>(value);
  CHECK(response.affected_sop_class_uid == "1.2.3");
  CHECK(response.responded_to == message_id{7});
  CHECK_FALSE(response.remaining.has_value());
  CHECK(response.completed == 3);
  CHECK_FALSE(response.failed.has_value());
  CHECK(response.error_comment == "late");
  std::vector<deviation> what;
  for (const auto& d : found) what.push_back(d.what);
  CHECK(what == std::vector{deviation::wrong_group_length, deviation::odd_length, deviation::tag_out_of_order,
                            deviation::duplicate_tag, deviation::odd_length, deviation::tag_out_of_order,
                            deviation::value_too_long});
  CHECK(found[1].offset == 22);
  CHECK(found[1].path == std::vector{element_tag{0x0000, 0x0002}});
}

TEST_CASE("a C-MOVE response without counts, class or group length is a response") {
  std::vector<diagnosis> found;
  const auto value = decode_command(
      hex({"0000 0001 02000000 2180", "0000 2001 02000000 0700", "0000 0008 02000000 0101", "0000 0009 02000000 00FF"}),
      {}, &found);
  const auto& response = std::get<c_move_response>(value);
  CHECK(response.status.is_pending());
  CHECK_FALSE(response.remaining.has_value());
  CHECK_FALSE(response.completed.has_value());
  REQUIRE(found.size() == 1);
  CHECK(found[0].what == deviation::missing_element);
}

TEST_CASE("without Command Data Set Type a command is taken to have what its kind has") {
  CHECK(has_data_set(decode_command(hex({"0000 0001 02000000 0100", "0000 1001 02000000 0700"}))));
  CHECK_FALSE(has_data_set(decode_command(hex({"0000 0001 02000000 3000", "0000 1001 02000000 0700"}))));
  CHECK(has_data_set(
      decode_command(hex({"0000 0001 02000000 2080", "0000 2001 02000000 0700", "0000 0009 02000000 01FF"}))));
  CHECK_FALSE(has_data_set(
      decode_command(hex({"0000 0001 02000000 2080", "0000 2001 02000000 0700", "0000 0009 02000000 0000"}))));
}

TEST_CASE("every value of Command Data Set Type but 0101 says that a data set follows") {
  for (const std::string type : {"0000", "0100", "0201", "FFFF"})
    CHECK(has_data_set(decode_command(hex({"0000 0001 02000000 3080", "0000 2001 02000000 0700",
                                           "0000 0008 02000000 " + type, "0000 0009 02000000 0000"}))));
}

TEST_CASE("a response that only has Message ID is matched by it") {
  std::vector<diagnosis> found;
  const auto value = decode_command(
      hex({"0000 0001 02000000 3080", "0000 1001 02000000 0700", "0000 0008 02000000 0101", "0000 0009 02000000 0000"}),
      {}, &found);
  CHECK(id_of(value) == message_id{7});
  CHECK(found.size() == 2);
}

TEST_CASE("what cannot be read says where and why") {
  const auto check_fault = [](std::initializer_list<std::string_view> bytes, std::uint64_t offset,
                              std::string_view words) {
    const auto fault = fault_of(hex(bytes));
    INFO(fault.what());
    CHECK(fault.code() == errc::malformed_command);
    CHECK(fault.diagnostics().offset == offset);
    CHECK(std::string_view{fault.what()}.find(words) != std::string_view::npos);
  };
  check_fault({}, 0, "Command Field (0000,0100) is missing");
  check_fault({"0000 0001 02000000 3000"}, 10, "Message ID (0000,0110) is missing");
  check_fault({"0000 0001 02000000 3080", "0000 0009 02000000 0000"}, 20, "Message ID Being Responded To");
  check_fault({"0000 0001 02000000 3080", "0000 2001 02000000 0700"}, 20, "Status (0000,0900) is missing");
  check_fault({"0000 0001 01000000 30"}, 0, "(0000,0100) is no 16-bit number");
  check_fault({"0000 0001 02000000 3000", "0000 1001"}, 10, "too few bytes");
  check_fault({"0000 0001 02000000 3000", "0000 1001 03000000 0700"}, 14, "beyond the end");
  check_fault({"0000 0001 FFFFFFFF 3000"}, 4, "beyond the end");
  check_fault({"0000 0001 02000000 3000", "0800 0500 00000000"}, 10, "(0008,0005) is no element of a command set");
}

TEST_CASE("a command set cut at any length is refused, or is shorter by whole elements") {
  c_move_response response{c_move_request{message_id{1}, "1.2.3", "X"}, status::pending};
  response.remaining = 1;
  response.error_comment = "comment";
  const auto whole = encoded(response);
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const byte_span part{whole.data(), length};
    try {
      std::vector<diagnosis> found;
      const auto value = decode_command(part, {}, &found);
      CHECK(std::holds_alternative<c_move_response>(value));
      CHECK(found.front().what == deviation::wrong_group_length);
    } catch (const association_error& e) {
      CHECK(e.code() == errc::malformed_command);
      CHECK(*e.diagnostics().offset <= length);
    }
  }
}

TEST_CASE("a command set as long as the limit is read, one byte more is not") {
  auto bytes = encoded(c_echo_request{message_id{1}});
  limits most;
  most.command_bytes = static_cast<std::uint32_t>(bytes.size());
  CHECK_NOTHROW(static_cast<void>(decode_command(bytes, most)));
  --most.command_bytes;
  CHECK(fault_of(bytes, most).code() == errc::limit_exceeded);
}

TEST_CASE("an error comment is cut at the 64 characters of an LO") {
  c_store_response response{c_store_request{message_id{1}, "1.2", "1.3"}, status::cannot_understand,
                            std::string(100, 'x')};
  const auto back = decode_command(encoded(response));
  CHECK(std::get<c_store_response>(back).error_comment == std::string(64, 'x'));
}

TEST_CASE("commands tell what they are") {
  const command request = c_move_request{message_id{4}, "1.2.3", "X"};
  const command response = c_move_response{std::get<c_move_request>(request), status::success};
  CHECK(is_request(request));
  CHECK_FALSE(is_request(response));
  CHECK(to_string(field_of(request)) == "C-MOVE-RQ");
  CHECK(to_string(field_of(response)) == "C-MOVE-RSP");
  CHECK(response_to(field_of(request)) == field_of(response));
  CHECK(id_of(response) == message_id{4});
  CHECK(id_of(command{c_cancel_request{message_id{4}}}) == message_id{4});
  CHECK(sop_class_of(request) == "1.2.3");
  CHECK(sop_class_of(command{c_cancel_request{}}).empty());
  CHECK(status_of(response) == status::success);
  CHECK_FALSE(status_of(request).has_value());
}
