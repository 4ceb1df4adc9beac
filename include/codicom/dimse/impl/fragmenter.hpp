#pragma once
#include <codicom/core/config.hpp>
#include <codicom/dimse/fragmenter.hpp>

namespace codicom {

CODICOM_FUNCTION std::uint32_t fragmenter::max_fragment(std::uint32_t peer_max_length, std::uint32_t cap) {
  dul::require_usable_length(peer_max_length);
  const auto longest = std::max(peer_max_length == 0 ? cap : std::min(peer_max_length, cap), 8u);
  return (longest - static_cast<std::uint32_t>(dul::pdv_header_size)) & ~1u;
}

CODICOM_FUNCTION std::size_t fragmenter::next(std::uint64_t available, bool ended) {
  if (done_) return 0;
  if (available > max_) {
    size_ = max_;
  } else if (ended) {
    if ((available & 1u) != 0) {
      dul::diagnostics known{"what is to be sent ends at an odd byte; every value in it has an even length"};
      known.context = context_;
      known.section = "PS3.8 §E.2, PS3.5 §7.1";
      throw association_error{make_error_code(errc::malformed_data_set), std::move(known)};
    }
    size_ = static_cast<std::uint32_t>(available);
    done_ = true;
  } else {
    return 0;  // what is here may be the last fragment, which has to be marked as such
  }
  return size_;
}

CODICOM_FUNCTION void append_pdus(byte_span bytes, context_id context, message_part part, std::uint32_t peer_max_length,
                                  std::vector<std::byte>& out) {
  fragmenter cut{context, part, peer_max_length};
  while (!cut.done()) {
    const auto size = cut.next(bytes.size(), true);
    const auto header = cut.current_header();
    out.insert(out.end(), header.begin(), header.end());
    out.insert(out.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
    bytes = bytes.subspan(size);
  }
}

CODICOM_FUNCTION void make_command_pdus(std::vector<std::byte>& out, std::size_t start, context_id context,
                                        std::uint32_t peer_max_length) {
  const auto begin = out.begin() + static_cast<std::ptrdiff_t>(start + dul::p_data_header_size);
  const auto size = static_cast<std::size_t>(out.end() - begin);
  fragmenter cut{context, message_part::command, peer_max_length};
  if (cut.next(size, true) == size) return cut.write_header(out.data() + start);
  const std::vector<std::byte> command_set{begin, out.end()};
  out.resize(start);
  append_pdus(command_set, context, message_part::command, peer_max_length, out);
}

}  // namespace codicom
