#pragma once
#include <codicom/core/error.hpp>
#include <codicom/core/unique_id.hpp>
#include <codicom/dictionary/transfer_syntaxes.hpp>

#include <string>
#include <system_error>

namespace codicom {

/// What of a transfer syntax decides how elements are laid out (PS3.5 Annex A).
struct wire_format {
  bool explicit_vr = true;
  bool big_endian = false;
  bool encapsulated = false;  ///< Pixel Data come as fragments
  bool deflated = false;
};

/// The format of a transfer syntax. One that nobody registered is taken for a private encapsulated one, which is
/// explicit little endian (PS3.5 §A.4). errc::unsupported_transfer_syntax for those that encode neither files nor
/// messages (MIME, XML, SMPTE ST 2110).
[[nodiscard]] inline wire_format wire_format_of(const unique_id& transfer_syntax) {
  if (transfer_syntax == transfer_syntax::ExplicitVRLittleEndian) return {};
  if (transfer_syntax == transfer_syntax::ImplicitVRLittleEndian) return {false};
  const auto* facts = find_transfer_syntax(transfer_syntax);
  if (facts == nullptr) return {true, false, true, false};
  if (!facts->file_or_dimse)
    throw std::system_error{errc::unsupported_transfer_syntax,
                            std::string{facts->name} + " is not an encoding of files or messages"};
  return {facts->explicit_vr, facts->big_endian, facts->encapsulated, facts->deflated};
}

}  // namespace codicom
