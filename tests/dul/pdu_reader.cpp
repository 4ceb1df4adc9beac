#include "support/hex.hpp"

#include <codicom/dul/pdu_reader.hpp>

#include <algorithm>
#include <doctest/doctest.h>
#include <random>
#include <string>
#include <vector>

using namespace codicom;
using namespace codicom::dul;
using test_support::hex;

namespace {

void append(std::vector<std::byte>& to, const pdu& value) { encode(value, to); }

// An association as the wire has it: request, two P-DATA-TF, one with two fragments and an empty one, release, abort.
std::vector<std::byte> stream() {
  std::vector<std::byte> bytes;
  a_associate_rq rq;
  rq.called_ae_title = "ARCHIVE";
  rq.calling_ae_title = "CODICOM";
  rq.contexts.emplace_back(context_id{1}, "1.2.840.10008.1.1", std::vector<unique_id>{"1.2.840.10008.1.2"});
  append(bytes, rq);
  const auto data = hex({"04 00 0000001C 00000006 01 03 'ABCD' 00000008 05 00 'EFGHIJ' 00000002 05 02",
                         "04 00 00000008 00000004 05 02 'KL'"});
  bytes.insert(bytes.end(), data.begin(), data.end());
  append(bytes, a_release_rq{});
  append(bytes, a_abort{});
  return bytes;
}

// What the reader says, as text: the same for every way in which the bytes come.
struct trace {
  std::string text;
  pdu_reader reader;

  void feed(byte_span input) {
    for (;;) {
      switch (reader.next(input)) {
        case pdu_reader::need_more: return;
        case pdu_reader::whole_pdu: text += '[' + std::string{name(type_of(reader.take()))} + ']'; break;
        case pdu_reader::fault: text += "fault"; return;
        case pdu_reader::fragment: {
          const auto size = std::min<std::size_t>(input.size(), reader.fragment_left());
          if (!open) {
            text += '<' + to_string(reader.header().context) + (reader.header().is_command ? 'C' : 'D') +
                    (reader.header().is_last ? "!" : "") + (reader.first_of_pdu() ? "^" : "") +
                    std::to_string(reader.header().size) + ':';
            open = true;
          }
          text += as_text(input.first(size));
          input = input.subspan(size);
          reader.consumed(size);
          if (reader.fragment_left() != 0) return;
          text += '>';
          open = false;
        }
      }
    }
  }
  bool open = false;
};

std::string read_in(const std::vector<std::byte>& bytes, std::size_t piece) {
  trace t;
  for (std::size_t at = 0; at < bytes.size(); at += piece)
    t.feed(byte_span{bytes}.subspan(at, std::min(piece, bytes.size() - at)));
  CHECK(t.reader.at_boundary());
  CHECK(t.reader.bytes_read() == bytes.size());
  return t.text;
}

std::optional<association_error> fault_of(const std::vector<std::byte>& bytes, pdu_reader reader = pdu_reader{}) {
  byte_span input{bytes};
  for (;;) {
    switch (reader.next(input)) {
      case pdu_reader::need_more: return std::nullopt;
      case pdu_reader::fault: return reader.error();
      case pdu_reader::whole_pdu: static_cast<void>(reader.take()); break;
      case pdu_reader::fragment: {
        const auto size = std::min<std::size_t>(input.size(), reader.fragment_left());
        input = input.subspan(size);
        reader.consumed(size);
        if (reader.fragment_left() != 0) return std::nullopt;
      }
    }
  }
}

}  // namespace

TEST_CASE("a stream of PDUs reads the same however its bytes are split") {
  const auto bytes = stream();
  const std::string expected = "[A-ASSOCIATE-RQ]<1C!^4:ABCD><5D6:EFGHIJ><5D!0:><5D!^2:KL>[A-RELEASE-RQ][A-ABORT]";
  for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
    CAPTURE(piece);
    REQUIRE(read_in(bytes, piece) == expected);
  }
  for (std::size_t at = 0; at <= bytes.size(); ++at) {  // two pieces, cut anywhere
    trace t;
    t.feed(byte_span{bytes}.first(at));
    t.feed(byte_span{bytes}.subspan(at));
    REQUIRE(t.text == expected);
  }
  std::mt19937 random{1};
  for (int i = 0; i < 200; ++i) {
    trace t;
    for (byte_span rest{bytes}; !rest.empty();) {
      const auto size = std::min<std::size_t>(rest.size(), random() % 20);
      t.feed(rest.first(size));
      rest = rest.subspan(size);
    }
    REQUIRE(t.text == expected);
  }
}

TEST_CASE("only between PDUs the stream may end") {
  const auto bytes = hex({"04 00 0000000A 00000006 01 03 'ABCD'"});
  for (std::size_t length = 0; length <= bytes.size(); ++length) {
    trace t;
    t.feed(byte_span{bytes}.first(length));
    if (length == bytes.size()) t.feed({});
    CAPTURE(length);
    CHECK(t.reader.at_boundary() == (length == 0 || length == bytes.size()));
  }
}

TEST_CASE("a length is refused before any memory is taken for it") {
  // A-ASSOCIATE-RQ of 4 GiB; P-DATA-TF of 4 GiB; both seen from their six bytes alone.
  const auto huge = fault_of(hex({"01 00 FFFFFFFF"}));
  REQUIRE(huge);
  CHECK(huge->code() == errc::limit_exceeded);
  CHECK(huge->diagnostics().refusal == rejection::local_limit_exceeded);
  CHECK(fault_of(hex({"04 00 FFFFFFFF"}))->code() == errc::limit_exceeded);
  pdu_reader unlimited;
  unlimited.max_p_data_length(0);
  CHECK_FALSE(fault_of(hex({"04 00 FFFFFFFF FFFFFFFB 01 00 'AB'"}), std::move(unlimited)));
}

TEST_CASE("the longest P-DATA-TF is a limit of its own") {
  for (const unsigned length : {99u, 100u, 101u}) {
    pdu_reader reader;
    reader.max_p_data_length(100);
    auto bytes = hex({"04 00 00000000 00000002 01 00"});
    store_be(bytes.data() + 2, length);
    const auto fault = fault_of(bytes, std::move(reader));
    CHECK(fault.has_value() == (length > 100));
  }
}

TEST_CASE("what is no PDU is told apart from what is not allowed") {
  const auto reason = [](const std::vector<std::byte>& bytes) {
    const auto fault = fault_of(bytes);
    REQUIRE(fault);
    CHECK(fault->code() == errc::malformed_pdu);
    return fault->diagnostics().answer->reason;
  };
  CHECK(reason(hex({"'GET / HTTP/1.1'"})) == abort_reason::unrecognized_pdu);
  CHECK(reason(hex({"00 00 00000000"})) == abort_reason::unrecognized_pdu);
  CHECK(reason(hex({"01 00 00000043"})) == abort_reason::invalid_pdu_parameter_value);  // shorter than its fixed fields
  CHECK(reason(hex({"02 00 00000000"})) == abort_reason::invalid_pdu_parameter_value);
  CHECK(reason(hex({"03 00 00000005"})) == abort_reason::invalid_pdu_parameter_value);
  CHECK(reason(hex({"05 00 00000000"})) == abort_reason::invalid_pdu_parameter_value);
  CHECK(reason(hex({"07 00 FFFFFFFF"})) == abort_reason::invalid_pdu_parameter_value);
  CHECK(reason(hex({"04 00 00000000"})) == abort_reason::invalid_pdu_parameter_value);  // no fragment
  CHECK(reason(hex({"04 00 00000005"})) == abort_reason::invalid_pdu_parameter_value);
  CHECK(reason(hex({"04 00 00000006 00000001 01 03"})) == abort_reason::invalid_pdu_parameter_value);
  CHECK(reason(hex({"04 00 00000006 00000003 01 03"})) == abort_reason::invalid_pdu_parameter_value);
  CHECK(reason(hex({"04 00 0000000B 00000002 01 03 00000002 05"})) == abort_reason::invalid_pdu_parameter_value);
}

TEST_CASE("after a fault nothing more is read") {
  pdu_reader reader;
  const auto bytes = hex({"FF 00 00000004 00000000 05 00 00000004 00000000"});
  byte_span input{bytes};
  CHECK(reader.next(input) == pdu_reader::fault);
  CHECK(reader.next(input) == pdu_reader::fault);
  CHECK_FALSE(reader.at_boundary());
}

TEST_CASE("a fault tells the byte inside its PDU") {
  auto bytes = hex({"04 00 0000000A 00000006 01 03 'ABCD'", "04 00 00000010 00000006 01 03 'ABCD' 000000FF 01 00"});
  const auto fault = fault_of(bytes);
  REQUIRE(fault);
  CHECK(fault->diagnostics().offset == 16u);
  CHECK(fault->diagnostics().pdu == pdu_type::p_data_tf);
}
