#pragma once
#include <codicom/core/limits.hpp>
#include <codicom/dul/negotiation.hpp>
#include <codicom/net/deadlines.hpp>
#include <codicom/net/flight_recorder.hpp>
#include <codicom/net/transport.hpp>

#include <cstdint>
#include <filesystem>
#include <span>

namespace codicom {

/// What an operation does that finds the negotiated window full (PS3.7 §D.3.3.3).
enum class beyond_window : std::uint8_t {
  wait,  ///< its turn, in order
  fail   ///< at once, with `errc::exchange_in_progress`; nothing has been sent
};

/// How to ask for an association: who we are, whom we call, what for, and how long each phase may take.
class association_options : public dul::requestor_options, public association_deadlines {
 public:
  association_options(ae_title calling = "ANY-SCU", ae_title called = "ANY-SCP");
  association_options(const association_options&);
  association_options(association_options&&) noexcept;
  association_options& operator=(const association_options&);
  association_options& operator=(association_options&&) noexcept;
  ~association_options();

  /// What we take from this peer at most.
  codicom::limits limits;
  /// Operations at once: `window` is what is proposed.
  codicom::beyond_window beyond_window = codicom::beyond_window::wait;
  /// TLS: `tls_client` of codicom/net/tls.hpp. Absent: none.
  transport_layer security;
  /// What went over the wire, for when it fails: `record_to(folder)`, or a function of yours. Absent: nothing.
  codicom::recording recording;
  /// The presentation contexts to propose, for what the functions below do not say.
  dul::proposal contexts;

  /// Propose SOP classes, each in Explicit and Implicit VR Little Endian.
  template <class... SopClass>
  association_options& propose(const SopClass&... sop_classes) {
    (contexts.add(unique_id{sop_classes}), ...);
    return *this;
  }
  /// Propose a SOP class in one transfer syntax or several; the acceptor chooses one of them.
  association_options& propose_in(const unique_id& sop_class, const unique_id& transfer_syntax) {
    contexts.add(sop_class, transfer_syntax);
    return *this;
  }
  association_options& propose_in(const unique_id& sop_class, std::span<const unique_id> transfer_syntaxes) {
    contexts.add(sop_class, transfer_syntaxes);
    return *this;
  }
  /// Propose to receive objects of a storage class by C-GET: we are its SCP (PS3.7 §D.3.3.4), in one of these transfer
  /// syntaxes, or uncompressed ones.
  association_options& receive(const unique_id& sop_class) {
    contexts.add(sop_class).role(sop_class, false, true);
    return *this;
  }
  association_options& receive(const unique_id& sop_class, std::span<const unique_id> transfer_syntaxes) {
    contexts.add(sop_class, transfer_syntaxes).role(sop_class, false, true);
    return *this;
  }
  /// The same for the storage classes most in use, 104 of them, which leaves room for 24 other contexts (PS3.8 §9.3.2 has
  /// 128 at most): for a C-GET of objects that are not known beforehand.
  association_options& receive_storage();
  /// Propose what a Part 10 file needs: its SOP class in its transfer syntax, and, where the data set can be decoded,
  /// uncompressed in a context of its own. Several files of the same kind need one call or many.
  /// @throws std::system_error when the file cannot be read or is none.
  association_options& propose_for(const std::filesystem::path& file);
};

}  // namespace codicom

#ifndef CODICOM_SEPARATE_COMPILATION
#include <codicom/net/impl/association_options.hpp>
#endif
