#pragma once
#include <codicom/core/config.hpp>
#include <codicom/dimse/message_assembler.hpp>

#include <string>
#include <utility>

namespace codicom {

CODICOM_FUNCTION message_assembler::message_assembler(const limits& limits) 
    : limits_{limits}, command_{std::make_unique<codicom::command>()} {}
CODICOM_FUNCTION message_assembler::~message_assembler() = default;

CODICOM_FUNCTION const codicom::command& message_assembler::command() const noexcept { return *command_; }
CODICOM_FUNCTION codicom::command message_assembler::take_command() noexcept { return std::move(*command_); }

CODICOM_FUNCTION void message_assembler::command_bytes(byte_span part) {
  command_set_.insert(command_set_.end(), part.begin(), part.end());
}

CODICOM_FUNCTION void message_assembler::begin(const dul::pdv_header& fragment, const dul::association_parameters& parameters) {
  const auto fail = [&fragment](errc code, std::string_view section, std::string detail) {
    dul::diagnostics known{std::move(detail)};
    known.pdu = dul::pdu_type::p_data_tf;
    known.context = fragment.context;
    known.section = section;
    known.answer = dul::abort_cause{dul::abort_source::service_provider, dul::abort_reason::unexpected_pdu_parameter};
    throw association_error{make_error_code(code), std::move(known)};
  };
  if (parameters.accepted(fragment.context) == nullptr)
    fail(errc::unexpected_message, "PS3.8 §9.3.5.1", "a fragment in a presentation context that was not accepted");
  if (in_message_ && fragment.context != context_)
    fail(errc::unexpected_message, "PS3.8 §E.1",
         "a fragment in the middle of a message of presentation context " + to_string(context_));
  if (fragment.is_command && in_data_set_)
    fail(errc::unexpected_message, "PS3.8 §E.1", "a command where the data set of the last one has not ended");
  if (!fragment.is_command && !in_data_set_)
    fail(errc::unexpected_message, "PS3.8 §E.1", "a data set without a command that announces it");
  if (fragment.is_command) {
    if (!in_message_) {
      command_set_.clear();
      diagnoses_.clear();
      data_set_bytes_ = 0;
      fragments_ = 0;
    }
    if (fragment.size > limits_.command_bytes || command_set_.size() > limits_.command_bytes - fragment.size)
      fail(errc::limit_exceeded, {}, "a command set of more than " + std::to_string(limits_.command_bytes) + " bytes");
  } else {
    if (fragment.size > limits_.data_set_bytes || data_set_bytes_ > limits_.data_set_bytes - fragment.size)
      fail(errc::limit_exceeded, {}, "a data set of more than " + std::to_string(limits_.data_set_bytes) + " bytes");
    data_set_bytes_ += fragment.size;
  }
  if (fragments_ >= limits_.message_fragments)
    fail(errc::limit_exceeded, {}, "a message of more than " + std::to_string(limits_.message_fragments) + " fragments");
  ++fragments_;
  odd_fragments_ += fragment.size & 1u;
  fragment_ = fragment;
  context_ = fragment.context;
  in_message_ = true;
}

CODICOM_FUNCTION message_assembler::progress message_assembler::end() {
  if (!fragment_.is_last) return more;
  if (in_data_set_) {
    in_data_set_ = in_message_ = false;
    return message_complete;
  }
  *command_ = decode_command(command_set_, limits_, &diagnoses_);
  if (constexpr std::size_t worth_keeping = 1024; command_set_.capacity() > worth_keeping) command_set_ = {};
  in_data_set_ = in_message_ = has_data_set(*command_);
  return in_data_set_ ? command_complete : message_complete;
}

}  // namespace codicom
