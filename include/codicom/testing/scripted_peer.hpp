#pragma once
#include <codicom/dimse/command.hpp>
#include <codicom/dimse/fragmenter.hpp>
#include <codicom/dul/negotiation.hpp>
#include <codicom/dul/pdu.hpp>
#include <codicom/net/transport.hpp>

#include <asio/error.hpp>

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace codicom::testing {

/// One DIMSE message as it came over the wire.
class raw_message {
 public:
  raw_message() = default;

  context_id context;
  codicom::command command;
  std::vector<std::byte> data_set;
  std::size_t fragments = 0;
};

/// A peer that does what a test says, PDU by PDU, right or wrong. It knows no state machine.
class scripted_peer {
 public:
  explicit scripted_peer(std::unique_ptr<transport> over) : transport_{std::move(over)} {}

  [[nodiscard]] transport& stream() noexcept { return *transport_; }
  void close() { transport_->close(); }

  [[nodiscard]] task<> send_bytes(std::vector<std::byte> bytes) {
    const asio::const_buffer buffer{bytes.data(), bytes.size()};
    std::error_code error;
    co_await transport_->write(const_buffers{&buffer, 1}, error);
    if (error) throw std::system_error{error, "scripted peer"};
  }
  [[nodiscard]] task<> send(dul::pdu value) {
    std::vector<std::byte> bytes;
    dul::encode(value, bytes);
    return send_bytes(std::move(bytes));
  }
  /// A whole message in P-DATA-TF PDUs of at most `max_length` bytes.
  template <class Command>
  [[nodiscard]] static std::vector<std::byte> message_bytes(context_id context, const Command& value,
                                                            byte_span data_set = {}, std::uint32_t max_length = 16384) {
    std::vector<std::byte> command_set, pdus;
    encode_command(value, command_set);
    append_command_pdus(command_set, context, max_length, pdus);
    if (data_set.empty()) return pdus;
    fragmenter cut{context, message_part::data_set, max_length};
    while (const auto size = cut.next(data_set.size(), true)) {
      const auto header = cut.current_header();
      pdus.insert(pdus.end(), header.begin(), header.end());
      pdus.insert(pdus.end(), data_set.begin(), data_set.begin() + static_cast<std::ptrdiff_t>(size));
      data_set = data_set.subspan(size);
    }
    return pdus;
  }
  template <class Command>
  [[nodiscard]] task<> send_message(context_id context, Command value, std::vector<std::byte> data_set = {},
                                    std::uint32_t max_length = 16384) {
    return send_bytes(message_bytes(context, value, data_set, max_length));
  }

  /// The bytes of the next PDU, header included; empty at the orderly end of the stream.
  /// @throws std::system_error when it is reset, or ends inside a PDU.
  [[nodiscard]] task<std::vector<std::byte>> receive_bytes() {
    std::vector<std::byte> bytes;
    const bool began = co_await read_to(bytes, dul::pdu_header_size);
    if (began) {
      const std::size_t size = dul::pdu_header_size + dul::parse_pdu_header(bytes).length;
      co_await read_to(bytes, size);
    }
    co_return bytes;
  }
  /// The next PDU; nothing at the orderly end. Views of a P-DATA-TF last until the next call.
  [[nodiscard]] task<std::optional<dul::pdu>> receive() {
    last_ = co_await receive_bytes();
    std::optional<dul::pdu> value;
    if (!last_.empty()) value.emplace(dul::decode(last_));
    co_return value;
  }
  /// @throws std::logic_error when something else comes.
  template <class Pdu>
  [[nodiscard]] task<Pdu> expect() {
    auto received = co_await receive();
    if (!received) throw std::logic_error{"the stream ended where a PDU was expected"};
    auto* wanted = std::get_if<Pdu>(&*received);
    if (wanted == nullptr) throw std::logic_error{"not expected: " + std::string{dul::name(dul::type_of(*received))}};
    co_return std::move(*wanted);
  }
  /// @throws std::logic_error when a PDU comes before the end.
  [[nodiscard]] task<> expect_end() {
    const auto received = co_await receive();
    if (received) throw std::logic_error{"not expected: " + std::string{dul::name(dul::type_of(*received))}};
  }

  /// The next whole message. Keeps the rule of PS3.8 Annex E: @throws std::logic_error when fragments of two messages mix.
  [[nodiscard]] task<raw_message> expect_message() {
    raw_message message;
    std::vector<std::byte> command_set;
    bool command_ended = false, ended = false;
    while (!ended) {
      const auto data = co_await expect<dul::p_data_tf>();
      for (const auto& pdv : data.pdvs) {
        if (ended || pdv.header.is_command == command_ended) throw std::logic_error{"fragments out of order"};
        if (message.fragments++ != 0 && pdv.header.context != message.context)
          throw std::logic_error{"a fragment of another presentation context"};
        message.context = pdv.header.context;
        auto& into = command_ended ? message.data_set : command_set;
        into.insert(into.end(), pdv.fragment.begin(), pdv.fragment.end());
        if (!pdv.header.is_last) continue;
        if (command_ended) {
          ended = true;
        } else {
          command_ended = true;
          message.command = decode_command(command_set);
          ended = !has_data_set(message.command);
        }
      }
    }
    co_return message;
  }
  template <class Command>
  [[nodiscard]] task<Command> expect_command() {
    auto message = co_await expect_message();
    auto* wanted = std::get_if<Command>(&message.command);
    if (wanted == nullptr) throw std::logic_error{"not expected: " + to_string(field_of(message.command))};
    co_return std::move(*wanted);
  }

  /// Expect an A-ASSOCIATE-RQ and accept everything, each context in the first transfer syntax that was proposed, and
  /// the roles.
  [[nodiscard]] task<dul::a_associate_rq> accept(std::uint32_t max_length = 16384,
                                                  unique_id implementation_class = unique_id{"1.2.3.4"}) {
    auto request = co_await expect<dul::a_associate_rq>();
    dul::a_associate_ac answer;
    answer.called_ae_title = request.called_ae_title;
    answer.calling_ae_title = request.calling_ae_title;
    for (const auto& context : request.contexts)
      answer.contexts.emplace_back(context.id, dul::context_result::acceptance, context.transfer_syntaxes.front());
    answer.user.roles = request.user.roles;
    answer.user.max_length = max_length;
    answer.user.implementation_class_uid = implementation_class;
    co_await send(dul::pdu{std::move(answer)});
    co_return request;
  }
  /// Propose an association and expect it to be accepted.
  [[nodiscard]] task<dul::a_associate_ac> request(dul::requestor_options options, dul::proposal contexts) {
    co_await send(dul::pdu{dul::make_request(options, contexts)});
    co_return co_await expect<dul::a_associate_ac>();
  }
  /// Expect an A-RELEASE-RQ, answer it, and expect the requestor to close.
  [[nodiscard]] task<> expect_release() {
    co_await expect<dul::a_release_rq>();
    co_await send(dul::pdu{dul::a_release_rp{}});
    co_await expect_end();
  }

 private:
  task<bool> read_to(std::vector<std::byte>& bytes, std::size_t size) {
    std::size_t have = bytes.size();
    bytes.resize(size);
    while (have < size) {
      const asio::mutable_buffer buffer{bytes.data() + have, size - have};
      std::error_code error;
      const std::size_t got = co_await transport_->read_some(mutable_buffers{&buffer, 1}, error);
      have += got;
      if (error == asio::error::eof && have == 0) {
        bytes.clear();
        co_return false;
      }
      if (error) throw std::system_error{error, "scripted peer"};
    }
    co_return true;
  }

  std::unique_ptr<transport> transport_;
  std::vector<std::byte> last_;
};

}  // namespace codicom::testing
