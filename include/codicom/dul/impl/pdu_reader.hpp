#pragma once
#include <codicom/core/config.hpp>
#include <codicom/dul/pdu_reader.hpp>

#include <algorithm>
#include <utility>

namespace codicom::dul {

CODICOM_FUNCTION pdu_reader::pdu_reader(const limits& limits) : limits_{limits} {}
CODICOM_FUNCTION pdu_reader::pdu_reader(pdu_reader&&) noexcept = default;
CODICOM_FUNCTION pdu_reader& pdu_reader::operator=(pdu_reader&&) noexcept = default;
CODICOM_FUNCTION pdu_reader::~pdu_reader() = default;

CODICOM_FUNCTION bool pdu_reader::at_boundary() const noexcept {
  return state_ == part::header && have_ == 0 && fragment_left_ == 0 && !whole_ && !error_;
}
CODICOM_FUNCTION const association_error& pdu_reader::error() const noexcept { return *error_; }

CODICOM_FUNCTION pdu_reader::result pdu_reader::next(byte_span& input) {
  if (error_) return fault;
  if (fragment_left_ != 0) return fragment;
  if (whole_) return whole_pdu;
  for (;;) {
    switch (state_) {
      case part::header:
        if (!collect_head(input)) return need_more;
        if (begin_pdu() == fault) return fault;
        break;
      case part::body: {
        // Memory grows with what comes, never with what a length field promises.
        const auto some = input.first(std::min<std::size_t>(pdu_left_, input.size()));
        body_.insert(body_.end(), some.begin(), some.end());
        input = input.subspan(some.size());
        taken_ += some.size();
        pdu_left_ -= static_cast<std::uint32_t>(some.size());
        if (pdu_left_ != 0) return need_more;
        state_ = part::header;
        try {
          whole_ = std::make_unique<pdu>(decode(body_, limits_));
        } catch (const association_error& e) {
          error_ = std::make_unique<association_error>(e);
        }
        body_ = std::vector<std::byte>{};  // which lets go of its memory, as {} would not
        return error_ ? fault : whole_pdu;
      }
      case part::pdv:
        if (pdu_left_ == 0) {
          state_ = part::header;
          break;
        }
        if (!collect_head(input)) return need_more;
        return begin_fragment();
    }
  }
}

CODICOM_FUNCTION pdu pdu_reader::take() {
  pdu value = std::move(*whole_);
  whole_.reset();
  return value;
}

CODICOM_FUNCTION bool pdu_reader::collect_head(byte_span& input) noexcept {
  const auto some = std::min<std::size_t>(head_.size() - have_, input.size());
  std::copy_n(input.begin(), some, head_.begin() + have_);
  input = input.subspan(some);
  taken_ += some;
  have_ = static_cast<std::uint8_t>(have_ + some);
  if (have_ != head_.size()) return false;
  have_ = 0;
  return true;
}

CODICOM_FUNCTION pdu_reader::result pdu_reader::begin_pdu() {
  pdu_ = parse_pdu_header(head_);
  pdu_left_ = pdu_.length;
  const auto length = std::to_string(pdu_.length);
  switch (pdu_.type) {
    case pdu_type::p_data_tf:
      if (max_p_data_ != 0 && pdu_.length > max_p_data_)
        return stop(errc::limit_exceeded, abort_reason::invalid_pdu_parameter_value, 2, "PS3.8 §D.1",
                    "PDU-length " + length + " where " + std::to_string(max_p_data_) + " is the most we take");
      if (pdu_.length < pdv_header_size)
        return stop(errc::malformed_pdu, abort_reason::invalid_pdu_parameter_value, 2, "PS3.8 §9.3.5",
                    "PDU-length " + length + " leaves no room for a presentation data value");
      state_ = part::pdv;
      first_of_pdu_ = true;
      return need_more;
    case pdu_type::a_associate_rq:
    case pdu_type::a_associate_ac:
      if (pdu_.length > limits_.pdu_bytes)
        return stop(errc::limit_exceeded, abort_reason::not_specified, 2, {},
                    "PDU-length " + length + " where " + std::to_string(limits_.pdu_bytes) + " is our limit");
      if (pdu_.length < detail::associate_fixed_size)
        return stop(errc::malformed_pdu, abort_reason::invalid_pdu_parameter_value, 2, "PS3.8 §9.3.2",
                    "PDU-length " + length + " is too short for the fixed fields");
      break;
    case pdu_type::a_associate_rj:
    case pdu_type::a_release_rq:
    case pdu_type::a_release_rp:
    case pdu_type::a_abort:
      if (pdu_.length != detail::small_body_size)
        return stop(errc::malformed_pdu, abort_reason::invalid_pdu_parameter_value, 2, "PS3.8 §9.3.4",
                    "PDU-length " + length + " is not 4");
      break;
    default:
      return stop(errc::malformed_pdu, abort_reason::unrecognized_pdu, 0, "PS3.8 §9.3.1",
                  "no such PDU type: " + std::to_string(static_cast<unsigned>(pdu_.type)));
  }
  state_ = part::body;
  body_.assign(head_.begin(), head_.end());
  return need_more;
}

CODICOM_FUNCTION pdu_reader::result pdu_reader::begin_fragment() {
  const auto at = std::uint64_t{pdu_header_size} + pdu_.length - pdu_left_;
  const auto length = load_be<std::uint32_t>(head_.data());
  if (length < 2 || length > pdu_left_ - 4)
    return stop(
        errc::malformed_pdu, abort_reason::invalid_pdu_parameter_value, at, "PS3.8 §9.3.5",
        "item-length " + std::to_string(length) + (length < 2 ? " is too short" : " is beyond the end of the PDU"));
  pdu_left_ -= 4 + length;
  if (pdu_left_ != 0 && pdu_left_ < pdv_header_size)
    return stop(errc::malformed_pdu, abort_reason::invalid_pdu_parameter_value, at + 4 + length, "PS3.8 §9.3.5",
                "too few bytes for a presentation data value");
  header_ = parse_pdv_header(head_);
  first_of_pdu_ = at == pdu_header_size;
  fragment_left_ = header_.size;
  return fragment;
}

CODICOM_FUNCTION pdu_reader::result pdu_reader::stop(errc code, abort_reason reason, std::uint64_t offset,
                                           std::string_view section, std::string detail) {
  diagnostics known{std::move(detail)};
  known.pdu = pdu_.type;
  known.offset = offset;
  known.section = section;
  known.answer = abort_cause{abort_source::service_provider, reason};
  if (code == errc::limit_exceeded && pdu_.type == pdu_type::a_associate_rq)
    known.refusal = rejection::local_limit_exceeded;
  error_ = std::make_unique<association_error>(make_error_code(code), std::move(known));
  return fault;
}

}  // namespace codicom::dul
