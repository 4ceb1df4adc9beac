// PS3.8 §9.2, Annex E: any stream of bytes to an acceptor that has reader, state machine and message assembler, as the
// shell has them, with local events thrown in. No order of events may break it, and a fault always ends in Sta13.
#include "support.hpp"

#include <codicom/dimse.hpp>
#include <codicom/dul.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>

using namespace codicom;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  limits most;
  most.command_bytes = 2048;
  most.data_set_bytes = 4096;
  const std::size_t piece = 1 + data[0];
  const auto local = static_cast<dul::event>(1 + data[1] % 19);
  byte_span rest{reinterpret_cast<const std::byte*>(data) + 2, size - 2};

  dul::acceptor_policy policy;
  policy.accept_unknown({"1.2.840.10008.1.2"});
  dul::state_machine machine;
  FUZZ_CHECK(machine.on(dul::event::transport_accepted).has(dul::effect::start_artim));
  dul::pdu_reader reader{most};
  message_assembler assembler{most};
  std::optional<dul::association_parameters> agreed;
  unsigned round = 0;
  bool open = false;

  while (!rest.empty() && machine.current() != dul::state::sta1) {
    auto input = rest.first(std::min(piece, rest.size()));
    rest = rest.subspan(input.size());
    for (bool go = true; go && machine.current() != dul::state::sta1;) {
      switch (reader.next(input)) {
        case dul::pdu_reader::need_more: go = false; break;
        case dul::pdu_reader::fault:
          FUZZ_CHECK(static_cast<bool>(machine.on(dul::event::invalid_pdu_received)));
          FUZZ_CHECK(machine.current() == dul::state::sta13);
          return 0;
        case dul::pdu_reader::whole_pdu: {
          const auto pdu = reader.take();
          const auto* request = std::get_if<dul::a_associate_rq>(&pdu);
          const auto refused = request != nullptr ? dul::check_request(*request) : std::nullopt;
          const auto step = machine.on(dul::received(dul::type_of(pdu)),
                                       refused ? dul::request_check::rejected : dul::request_check::acceptable);
          FUZZ_CHECK(static_cast<bool>(step));
          if (step.has(dul::effect::indicate_a_associate)) {
            const auto answer = dul::negotiate(*request, policy);
            const auto* acceptance = std::get_if<dul::a_associate_ac>(&answer);
            FUZZ_CHECK(acceptance != nullptr);
            agreed.emplace(dul::association_role::acceptor, *request, *acceptance);
            FUZZ_CHECK(static_cast<bool>(machine.on(dul::event::a_associate_response_accept)));
          }
          if (step.has(dul::effect::indicate_a_release)) static_cast<void>(machine.on(dul::event::a_release_response));
          break;
        }
        case dul::pdu_reader::fragment: {
          if (!open && reader.first_of_pdu()) static_cast<void>(machine.on(dul::event::p_data_received));
          if (machine.current() != dul::state::sta6 || !agreed) return 0;
          try {
            if (!open) assembler.begin(reader.header(), *agreed);
            open = true;
            const auto part = input.first(std::min<std::size_t>(input.size(), reader.fragment_left()));
            if (assembler.in_command()) assembler.command_bytes(part);
            input = input.subspan(part.size());
            reader.consumed(part.size());
            if (reader.fragment_left() != 0) {
              go = false;
            } else {
              open = false;
              static_cast<void>(assembler.end());
            }
          } catch (const association_error& e) {
            FUZZ_CHECK(e.code() == errc::unexpected_message || e.code() == errc::malformed_command ||
                       e.code() == errc::limit_exceeded);
            FUZZ_CHECK(e.diagnostics().answer.has_value());
            return 0;
          }
        }
      }
    }
    if (++round == 3) {
      const auto before = machine.current();
      const auto step = machine.on(local);
      FUZZ_CHECK(static_cast<bool>(step) || machine.current() == before);
      if (machine.current() != before) return 0;
    }
  }
  return 0;
}
