#pragma once
#include <codicom/dul/association_error.hpp>
#include <codicom/dul/negotiation.hpp>
#include <codicom/dul/pdu.hpp>

#include <array>
#include <cstddef>
#include <cstdint>

namespace codicom {

enum class message_part : std::uint8_t { data_set, command };

/// Cuts one command set or data set into fragments, each alone in a P-DATA-TF (PS3.8 Annex E). Every fragment is even,
/// whatever the pieces in which the bytes come and whatever limit the peer set.
///
///     fragmenter cut{context, message_part::data_set, parameters.peer_max_length()};
///     while (auto size = cut.next(available, ended)) {       // 0: more bytes are needed first, or all is done
///       cut.write_header(header);                            // 12 bytes, then `size` bytes of the source
///     }
class fragmenter {
 public:
  using header = std::array<std::byte, dul::p_data_header_size>;
  /// What we cut to where the peer sets no limit, or one beyond this: header and fragment of a P-DATA-TF.
  static constexpr std::uint32_t default_cap = 131'072;

  /// @param peer_max_length longest PDU-length the peer takes, 0 = no limit
  /// @param cap as `default_cap`; 8 at least
  /// @throws association_error `errc::malformed_pdu`: a limit of 1 to 7
  fragmenter(context_id context, message_part part, std::uint32_t peer_max_length, std::uint32_t cap = default_cap)
      : context_{context}, part_{part}, max_{max_fragment(peer_max_length, cap)} {}

  /// The longest fragment that keeps both limits: even, at least 2.
  [[nodiscard]] static std::uint32_t max_fragment(std::uint32_t peer_max_length, std::uint32_t cap = default_cap);

  [[nodiscard]] std::uint32_t max_fragment() const noexcept { return max_; }

  /// The size of the next fragment, given that `available` bytes of the source are there and whether they are all that
  /// is left. 0: nothing can be cut before more bytes come, or the last fragment has been cut. An empty source has one
  /// fragment, of size 0, for which `done` turns true.
  /// @throws association_error `errc::malformed_data_set`: the source ended at an odd byte
  [[nodiscard]] std::size_t next(std::uint64_t available, bool ended);

  /// Header of the fragment that `next` cut last.
  void write_header(std::byte* to) const noexcept {
    dul::write_p_data_header(to, {context_, part_ == message_part::command, done_, size_});
  }
  [[nodiscard]] header current_header() const noexcept {
    header bytes;
    write_header(bytes.data());
    return bytes;
  }
  /// The last fragment has been cut.
  [[nodiscard]] bool done() const noexcept { return done_; }

 private:
  context_id context_;
  message_part part_;
  std::uint32_t max_;
  std::uint32_t size_ = 0;
  bool done_ = false;
};

/// Append a command set or a data set as P-DATA-TF, cut as needed.
/// @throws association_error `errc::malformed_data_set`: an odd number of bytes
void append_pdus(byte_span bytes, context_id context, message_part part, std::uint32_t peer_max_length,
                 std::vector<std::byte>& out);
inline void append_command_pdus(byte_span command_set, context_id context, std::uint32_t peer_max_length,
                                std::vector<std::byte>& out) {
  append_pdus(command_set, context, message_part::command, peer_max_length, out);
}
/// Make P-DATA-TFs of a command set in its place: it is what stands in `out` from `start` on, behind room for the first
/// header (`dul::p_data_header_size`).
void make_command_pdus(std::vector<std::byte>& out, std::size_t start, context_id context, std::uint32_t peer_max_length);

}  // namespace codicom

#ifndef CODICOM_SEPARATE_COMPILATION
#include <codicom/dimse/impl/fragmenter.hpp>
#endif
