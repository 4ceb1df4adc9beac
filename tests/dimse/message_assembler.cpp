#include <codicom/dimse/fragmenter.hpp>
#include <codicom/dimse/message_assembler.hpp>
#include <codicom/dul/negotiation.hpp>
#include <codicom/dul/pdu_reader.hpp>

#include <algorithm>
#include <doctest/doctest.h>
#include <ostream>
#include <string>
#include <vector>

using namespace codicom;

namespace {

const unique_id ct{"1.2.840.10008.5.1.4.1.1.2"};

// Contexts 1 and 3 are accepted, 5 is not.
dul::association_parameters parameters() {
  dul::proposal p;
  p.add("1.2.840.10008.1.1").add(ct).add("1.2.3.4");
  const auto rq = dul::make_request({"CODICOM", "ARCHIVE"}, p);
  dul::acceptor_policy policy;
  policy.accept("1.2.840.10008.1.1").accept(ct);
  return {dul::association_role::acceptor, rq, std::get<dul::a_associate_ac>(dul::negotiate(rq, policy))};
}

std::vector<std::byte> encoded(const command& value) {
  std::vector<std::byte> out;
  encode_command(value, out);
  return out;
}

dul::pdv_header head(unsigned context, bool is_command, bool is_last, std::size_t size) {
  return {context_id{static_cast<std::uint8_t>(context)}, is_command, is_last, static_cast<std::uint32_t>(size)};
}

message_assembler::progress give(message_assembler& to, byte_span bytes, unsigned context = 3, bool is_last = true) {
  static const auto agreed = parameters();
  to.begin(head(context, true, is_last, bytes.size()), agreed);
  to.command_bytes(bytes);
  return to.end();
}

errc begin_error(message_assembler& assembler, const dul::pdv_header& header) {
  try {
    assembler.begin(header, parameters());
  } catch (const association_error& e) {
    CHECK(e.diagnostics().context == header.context);
    CHECK(e.diagnostics().answer.has_value());
    return static_cast<errc>(e.code().value());
  }
  return errc{};
}

}  // namespace

TEST_CASE("a command without a data set is a whole message") {
  message_assembler assembler;
  CHECK(give(assembler, encoded(c_echo_request{message_id{1}}), 1) == message_assembler::message_complete);
  CHECK(std::get<c_echo_request>(assembler.command()).id == message_id{1});
  CHECK(assembler.context() == context_id{1});
  CHECK_FALSE(assembler.in_message());
}

TEST_CASE("a command in fragments of every size, then its data set in fragments") {
  const auto bytes = encoded(c_store_request{message_id{1}, ct, "1.2.3"});
  const auto agreed = parameters();
  for (std::size_t size = 1; size <= bytes.size(); ++size) {
    message_assembler assembler;
    std::uint64_t odd = 1;  // of the data set below
    for (std::size_t at = 0; at < bytes.size(); at += size) {
      const auto part = byte_span{bytes}.subspan(at, std::min(size, bytes.size() - at));
      const bool last = at + size >= bytes.size();
      odd += part.size() % 2;
      REQUIRE(assembler.in_command());
      REQUIRE(give(assembler, part, 3, last) == (last ? message_assembler::command_complete : message_assembler::more));
    }
    CHECK(assembler.in_message());
    CHECK_FALSE(assembler.in_command());
    assembler.begin(head(3, false, false, 10), agreed);
    CHECK(assembler.end() == message_assembler::more);
    assembler.begin(head(3, false, true, 3), agreed);
    CHECK(assembler.end() == message_assembler::message_complete);
    CHECK(assembler.data_set_bytes() == 13);
    CHECK(assembler.odd_fragments() == odd);
    CHECK(assembler.in_command());
  }
}

TEST_CASE("a fragment that cannot stand where it stands is refused with the reason") {
  const auto agreed = parameters();
  const auto store = encoded(c_store_request{message_id{1}, ct, "1.2.3"});
  message_assembler assembler;
  CHECK(begin_error(assembler, head(5, true, true, 10)) == errc::unexpected_message);   // not accepted
  CHECK(begin_error(assembler, head(4, true, true, 10)) == errc::unexpected_message);   // even
  CHECK(begin_error(assembler, head(99, true, true, 10)) == errc::unexpected_message);  // not proposed
  CHECK(begin_error(assembler, head(3, false, true, 10)) == errc::unexpected_message);  // data set without a command
  static_cast<void>(give(assembler, byte_span{store}.first(10), 3, false));
  CHECK(begin_error(assembler, head(1, true, true, 10)) == errc::unexpected_message);   // another context
  CHECK(begin_error(assembler, head(3, false, true, 10)) == errc::unexpected_message);  // data set in the command
  CHECK(give(assembler, byte_span{store}.subspan(10), 3, true) == message_assembler::command_complete);
  CHECK(begin_error(assembler, head(3, true, true, 10)) == errc::unexpected_message);   // command in the data set
  CHECK(begin_error(assembler, head(1, false, true, 10)) == errc::unexpected_message);  // another context
  assembler.begin(head(3, false, true, 10), agreed);
  CHECK(assembler.end() == message_assembler::message_complete);
}

TEST_CASE("after a response without a data set, a data set is refused") {
  message_assembler assembler;
  CHECK(give(assembler, encoded(c_find_response{c_find_request{message_id{1}, ct}, status::success})) ==
        message_assembler::message_complete);
  CHECK(begin_error(assembler, head(3, false, true, 10)) == errc::unexpected_message);
}

TEST_CASE("limits are kept at the number and broken one above") {
  const auto store = encoded(c_store_request{message_id{1}, ct, "1.2.3"});
  for (const int more : {-1, 0, 1}) {
    limits most;
    most.command_bytes = static_cast<std::uint32_t>(store.size());
    most.data_set_bytes = 100;
    message_assembler assembler{most};
    CHECK((begin_error(assembler, head(3, true, true, store.size() + static_cast<std::size_t>(1 + more) - 1)) ==
           errc::limit_exceeded) == (more > 0));
    message_assembler parts{most};
    static_cast<void>(give(parts, byte_span{store}.first(10), 3, false));
    CHECK((begin_error(parts, head(3, true, true, store.size() - 10 + static_cast<std::size_t>(1 + more) - 1)) ==
           errc::limit_exceeded) == (more > 0));
    message_assembler data{most};
    static_cast<void>(give(data, store));
    static_cast<void>(begin_error(data, head(3, false, false, 60)));
    CHECK(data.end() == message_assembler::more);
    CHECK((begin_error(data, head(3, false, true, static_cast<std::size_t>(40 + more))) == errc::limit_exceeded) ==
          (more > 0));
  }
}

TEST_CASE("a command set that cannot be read says so at its last fragment") {
  message_assembler assembler;
  const std::vector<std::byte> junk(20, std::byte{0x41});
  CHECK_THROWS_AS(static_cast<void>(give(assembler, junk)), const association_error&);
}

TEST_CASE("what the fragmenter cut, reader and assembler put together again, for any limit") {
  const auto store = encoded(c_store_request{message_id{1}, ct, "1.2.3"});
  std::vector<std::byte> data(1000);
  for (std::size_t i = 0; i < data.size(); ++i) data[i] = static_cast<std::byte>(i * 7);
  const auto agreed = parameters();
  for (const std::uint32_t limit : {0u, 8u, 9u, 10u, 11u, 128u, 1006u, 16'383u, 16'384u, 0xFFFFFFFFu}) {
    CAPTURE(limit);
    std::vector<std::byte> wire;
    append_command_pdus(store, context_id{3}, limit, wire);
    fragmenter cut{context_id{3}, message_part::data_set, limit};
    byte_span rest{data};
    while (const auto size = cut.next(rest.size(), true)) {
      const auto header = cut.current_header();
      wire.insert(wire.end(), header.begin(), header.end());
      wire.insert(wire.end(), rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(size));
      rest = rest.subspan(size);
    }
    dul::pdu_reader reader;
    reader.max_p_data_length(limit);
    message_assembler assembler;
    std::vector<std::byte> received;
    byte_span input{wire};
    auto last = message_assembler::more;
    while (reader.next(input) == dul::pdu_reader::fragment) {
      assembler.begin(reader.header(), agreed);
      const auto part = input.first(reader.fragment_left());
      if (assembler.in_command()) assembler.command_bytes(part);
      else received.insert(received.end(), part.begin(), part.end());
      input = input.subspan(part.size());
      reader.consumed(part.size());
      last = assembler.end();
    }
    CHECK(input.empty());
    CHECK(last == message_assembler::message_complete);
    CHECK(received == data);
    CHECK(assembler.odd_fragments() == 0);
  }
}
