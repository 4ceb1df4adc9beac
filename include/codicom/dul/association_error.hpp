#pragma once
#include <codicom/core/error.hpp>
#include <codicom/dul/presentation_context.hpp>
#include <codicom/dul/reasons.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace codicom {
namespace dul {

/// What is known about a failure that an error code cannot hold. Every member may be absent.
struct diagnostics {
  diagnostics() = default;
  /// `explanation`: one clause for a person, in our words.
  explicit diagnostics(std::string explanation) : detail{std::move(explanation)} {}

  std::string operation;         ///< what was under way: "A-ASSOCIATE", "C-MOVE"
  std::string peer;              ///< `AET@host:port`, as far as known
  std::string calling_ae_title;  ///< as proposed
  std::string called_ae_title;
  std::optional<reject_cause> rejected;  ///< A-ASSOCIATE-RJ that came
  std::optional<abort_cause> aborted;    ///< A-ABORT that came
  std::optional<abort_cause> answer;     ///< A-ABORT that this calls for, or that was sent
  std::optional<reject_cause> refusal;   ///< A-ASSOCIATE-RJ that a faulty request calls for instead (AE-6)
  std::optional<pdu_type> pdu;           ///< the PDU concerned
  std::optional<std::uint64_t> offset;   ///< bytes from the first byte of that PDU, or of the command set
  std::optional<context_id> context;     ///< presentation context concerned
  std::string_view section;              ///< of the standard; static storage
  std::string detail;                    ///< ours
  std::string peer_text;                 ///< the peer's own words; not to be trusted
};

/// One or two sentences: what happened, what is known, and what to do next.
[[nodiscard]] std::string describe(std::error_code code, const diagnostics& known);

}  // namespace dul

/// An exchange that could not finish. `code()` compares with `errc` and `failure`; `what()` tells a person what
/// happened and what to do next. A DIMSE failure status is no error but a value.
class association_error : public std::system_error {
 public:
  explicit association_error(std::error_code code, dul::diagnostics known = {});
  association_error(errc code, std::string detail)
      : association_error{make_error_code(code), dul::diagnostics{std::move(detail)}} {}

  [[nodiscard]] const char* what() const noexcept override { return what_.c_str(); }
  [[nodiscard]] const dul::diagnostics& diagnostics() const noexcept { return known_; }
  /// The same error with what an outer layer knows besides: operation and peer, where they are not set yet.
  [[nodiscard]] association_error with(std::string_view operation, std::string_view peer) const;

 private:
  dul::diagnostics known_;
  std::string what_;
};

}  // namespace codicom

#ifndef CODICOM_SEPARATE_COMPILATION
#include <codicom/dul/impl/association_error.hpp>
#endif
