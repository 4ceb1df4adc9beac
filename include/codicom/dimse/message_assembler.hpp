#pragma once
#include <codicom/core/bytes.hpp>
#include <codicom/core/limits.hpp>
#include <codicom/dimse/command.hpp>
#include <codicom/dul/association_error.hpp>
#include <codicom/dul/association_parameters.hpp>
#include <codicom/dul/pdu.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace codicom {

/// Puts the fragments of P-DATA-TF together into messages (PS3.8 Annex E): a command, then, if it says so, a data set
/// on the same context. Command bytes are kept here; data set bytes pass by, since their reader knows where they
/// belong.
///
///     assembler.begin(reader.header(), parameters);          // throws when this fragment cannot stand here
///     if (assembler.in_command()) assembler.command_bytes(part);   // as they come
///     ...
///     switch (assembler.end()) {                              // the fragment has been read whole
///       case message_assembler::command_complete: ... assembler.command(); has_data_set(...) ?
///       case message_assembler::message_complete: ...
///     }
class message_assembler {
 public:
  enum progress {
    more,              ///< further fragments follow
    command_complete,  ///< `command()` is there, and a data set follows
    message_complete,  ///< the command without a data set, or the last byte of the data set
  };

  explicit message_assembler(const limits& limits = {});
  message_assembler(const message_assembler&) = delete;
  message_assembler& operator=(const message_assembler&) = delete;
  ~message_assembler();

  /// A fragment begins.
  /// @throws association_error `errc::unexpected_message`: a context that was not accepted, a data set without its
  ///         command, another context in the middle, a command before the data set has ended;
  ///         `errc::limit_exceeded`: `command_bytes`, `data_set_bytes`, `message_fragments`.
  void begin(const dul::pdv_header& fragment, const dul::association_parameters& parameters);

  /// Bytes of the fragment under way, which is of a command.
  void command_bytes(byte_span part);

  /// The fragment under way has been read whole.
  /// @throws association_error from `decode_command`
  [[nodiscard]] progress end();

  /// The fragment under way, or the one expected next, is of a command.
  [[nodiscard]] bool in_command() const noexcept { return !in_data_set_; }
  /// A message has begun and is not complete.
  [[nodiscard]] bool in_message() const noexcept { return in_message_; }
  /// The command of the message under way, or of the last one. @pre `command_complete` or `message_complete`
  [[nodiscard]] const codicom::command& command() const noexcept;
  [[nodiscard]] codicom::command take_command() noexcept;
  [[nodiscard]] context_id context() const noexcept { return context_; }
  /// Of the data set under way, or the last one.
  [[nodiscard]] std::uint64_t data_set_bytes() const noexcept { return data_set_bytes_; }
  /// Fragments of odd length that came, against PS3.8 §E.2; they are taken.
  [[nodiscard]] std::uint64_t odd_fragments() const noexcept { return odd_fragments_; }
  [[nodiscard]] const std::vector<diagnosis>& diagnoses() const noexcept { return diagnoses_; }

 private:
  limits limits_;
  std::vector<std::byte> command_set_;
  std::unique_ptr<codicom::command> command_;  // apart, for units that only include this
  std::vector<diagnosis> diagnoses_;  // of the last command set
  dul::pdv_header fragment_{};
  context_id context_;
  bool in_message_ = false;
  bool in_data_set_ = false;
  std::uint64_t data_set_bytes_ = 0;
  std::uint32_t fragments_ = 0;
  std::uint64_t odd_fragments_ = 0;
};

}  // namespace codicom

#ifndef CODICOM_SEPARATE_COMPILATION
#include <codicom/dimse/impl/message_assembler.hpp>
#endif
