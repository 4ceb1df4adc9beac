#pragma once
// Reads what went over the wire, knowing nothing of the library's own codecs, and holds it against PS3.8 and PS3.7.
#include <codicom/testing/memory_transport.hpp>

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

namespace codicom_test {

class wire_rules {
 public:
  // With a damaged stream, or a peer that makes things up, a side answers what it got, not what was sent.
  explicit wire_rules(bool answers_count = true) : answers_count_{answers_count} {}

  void check(const codicom::testing::wire_trace& trace) {
    using what = codicom::testing::wire_trace::what;
    for (const auto& entry : trace.entries()) {
      auto& side = entry.first ? requestor_ : acceptor_;
      if (entry.happened == what::bytes) {
        if (side.ended) broken(side, "bytes after the end of its stream");
        side.bytes.insert(side.bytes.end(), entry.bytes.begin(), entry.bytes.end());
        while (take_pdu(side)) {
        }
      } else if (entry.happened != what::reset) {
        side.ended = true;
      }
    }
    for (auto* side : {&requestor_, &acceptor_}) {
      const auto left = side->bytes.size() - side->begin;
      // An A-ABORT inside the PDU that was to be finished first.
      if (left >= 10 && std::equal(side->bytes.end() - 10, side->bytes.end() - 4, abort_header_)) {
        const auto tail = side->bytes.end() - 4;
        if (tail[0] == std::byte{0} && tail[1] == std::byte{0} && tail[2] <= std::byte{2} && tail[3] <= std::byte{6})
          broken(*side, "an A-ABORT inside a PDU");
      }
    }
  }

  // Both streams end with whole PDUs and messages, and every request has been answered.
  void check_complete() const {
    for (const auto* side : {&requestor_, &acceptor_}) {
      if (side->begin != side->bytes.size()) broken(*side, "ends inside a PDU");
      if (side->in_message) broken(*side, "ends inside a message");
      if (!side->outstanding.empty()) broken(*side, "was left without an answer");
    }
  }

  [[nodiscard]] std::size_t messages() const noexcept { return requestor_.messages + acceptor_.messages; }
  [[nodiscard]] std::size_t most_outstanding() const noexcept { return most_outstanding_; }
  [[nodiscard]] bool aborted(bool by_requestor) const noexcept {
    return (by_requestor ? requestor_ : acceptor_).aborted;
  }
  [[nodiscard]] bool inside_pdu(bool of_requestor) const noexcept {
    const auto& side = of_requestor ? requestor_ : acceptor_;
    return side.begin != side.bytes.size();
  }

 private:
  struct side {
    explicit side(const char* title) : name{title} {}
    const char* name;
    std::vector<std::byte> bytes;
    std::size_t begin = 0;
    bool ended = false;
    bool associated = false, refused = false, aborted = false, release_asked = false, released = false;
    std::uint32_t max_length = 0;  // that it takes
    // the message under way
    bool in_message = false, in_data_set = false;
    std::uint8_t context = 0;
    std::vector<std::byte> command;
    std::map<std::uint16_t, std::uint16_t> outstanding;  // requests sent and not answered: message ID, command field
    std::size_t messages = 0;
  };

  [[noreturn]] static void broken(const side& by, const std::string& what) {
    throw std::logic_error{"on the wire, " + std::string{by.name} + ": " + what};
  }
  static void require(bool kept, const side& by, const char* what) {
    if (!kept) broken(by, what);
  }
  [[nodiscard]] side& other(const side& than) noexcept { return &than == &requestor_ ? acceptor_ : requestor_; }

  static std::uint32_t big(const std::byte* at, int size) {
    std::uint32_t value = 0;
    for (int i = 0; i < size; ++i) value = value << 8 | static_cast<std::uint32_t>(at[i]);
    return value;
  }
  static std::uint32_t little(const std::byte* at, int size) {
    std::uint32_t value = 0;
    for (int i = size; i-- > 0;) value = value << 8 | static_cast<std::uint32_t>(at[i]);
    return value;
  }

  bool take_pdu(side& by) {
    const std::size_t have = by.bytes.size() - by.begin;
    if (have == 0) return false;
    require(!by.aborted, by, "bytes after its A-ABORT");
    require(!by.refused, by, "bytes after its A-ASSOCIATE-RJ");
    const auto* pdu = by.bytes.data() + by.begin;
    const auto type = static_cast<unsigned>(pdu[0]);
    require(type >= 1 && type <= 7, by, "a PDU of unknown type");
    require(!by.released || type == 7, by, "a PDU after its A-RELEASE-RP");
    if (have < 6) return false;
    require(pdu[1] == std::byte{0}, by, "a reserved byte is not 0");
    const std::uint32_t length = big(pdu + 2, 4);
    if (type == 4) {
      const auto most = other(by).max_length;
      if (answers_count_) require(most == 0 || length <= most, by, "a P-DATA-TF longer than the other side takes");
      require(by.associated && other(by).associated, by, "P-DATA-TF outside an association");
      require(!by.release_asked, by, "P-DATA-TF after its A-RELEASE-RQ");
    } else if (type >= 3 && type != 4) {
      require(length == 4, by, "a short PDU is not of 4 bytes");
    }
    if (have - 6 < length) return false;
    by.begin += 6 + length;
    take(by, type, pdu + 6, length);
    return true;
  }

  void take(side& by, unsigned type, const std::byte* body, std::uint32_t length) {
    switch (type) {
      case 1:
        require(&by == &requestor_ && !by.associated, by, "an A-ASSOCIATE-RQ out of place");
        by.associated = true;
        associate(by, body, length);
        break;
      case 2:
        require(&by == &acceptor_ && !by.associated && requestor_.associated, by, "an A-ASSOCIATE-AC out of place");
        by.associated = true;
        associate(by, body, length);
        break;
      case 3:
        require(&by == &acceptor_ && !by.associated, by, "an A-ASSOCIATE-RJ out of place");
        by.refused = true;
        break;
      case 4: p_data(by, body, length); break;
      case 5:
        require(by.associated && other(by).associated && !by.release_asked, by, "an A-RELEASE-RQ out of place");
        require(!by.in_message, by, "an A-RELEASE-RQ inside a message");
        by.release_asked = true;
        break;
      case 6:
        if (answers_count_) require(other(by).release_asked, by, "an A-RELEASE-RP that nobody asked for");
        require(!by.in_message, by, "an A-RELEASE-RP inside a message");
        by.released = true;
        break;
      default: by.aborted = true;
    }
  }

  // PS3.8 Tables 9-11 and 9-17.
  void associate(side& by, const std::byte* body, std::uint32_t length) {
    require(length >= 68, by, "an A-ASSOCIATE PDU that is too short");
    require(big(body, 2) == 1, by, "another protocol version");
    const std::byte* const end = body + length;
    for (const auto* item = body + 68; item != end;) {
      require(end - item >= 4, by, "an item beyond the end of its PDU");
      const auto type = static_cast<unsigned>(item[0]);
      const auto size = big(item + 2, 2);
      require(end - item - 4 >= static_cast<std::ptrdiff_t>(size), by, "an item beyond the end of its PDU");
      const auto* value = item + 4;
      if (type == 0x20) require((static_cast<unsigned>(value[0]) & 1u) == 1, by, "an even presentation context id");
      if (type == 0x21) {
        require(size >= 4, by, "a short presentation context");
        if (value[2] == std::byte{0}) accepted_.insert(static_cast<std::uint8_t>(value[0]));
      }
      if (type == 0x50) user_information(by, value, size);
      item = value + size;
    }
  }
  void user_information(side& by, const std::byte* at, std::uint32_t length) {
    const std::byte* const end = at + length;
    while (at != end) {
      require(end - at >= 4, by, "a sub-item beyond the end of its item");
      const auto type = static_cast<unsigned>(at[0]);
      const auto size = big(at + 2, 2);
      require(end - at - 4 >= static_cast<std::ptrdiff_t>(size), by, "a sub-item beyond the end of its item");
      if (type == 0x51) by.max_length = big(at + 4, 4);
      if (type == 0x53 && &by == &acceptor_) {
        window_[0] = big(at + 4, 2);
        window_[1] = big(at + 6, 2);
      }
      at += 4 + size;
    }
  }

  // PS3.8 §9.3.5 and Annex E.
  void p_data(side& by, const std::byte* at, std::uint32_t length) {
    const std::byte* const end = at + length;
    require(length != 0, by, "a P-DATA-TF without a PDV");
    while (at != end) {
      require(end - at >= 6, by, "a PDV beyond the end of its PDU");
      const auto size = big(at, 4);
      require(size >= 2 && end - at - 4 >= static_cast<std::ptrdiff_t>(size), by, "a PDV beyond the end of its PDU");
      const auto context = static_cast<std::uint8_t>(at[4]);
      const auto bits = static_cast<unsigned>(at[5]);
      const std::byte* const fragment = at + 6;
      const std::size_t bytes = size - 2;
      require(bytes % 2 == 0, by, "an odd fragment");
      require(bits <= 3, by, "unknown bits in a message control header");
      if (answers_count_) require(accepted_.contains(context), by, "a fragment of a context that was not accepted");
      const bool is_command = (bits & 1u) != 0, is_last = (bits & 2u) != 0;
      if (!by.in_message) {
        require(is_command, by, "a message that begins with its data set");
        by.in_message = true;
        by.in_data_set = false;
        by.context = context;
        by.command.clear();
      }
      require(context == by.context, by, "fragments of two messages interleave");
      require(is_command != by.in_data_set, by, "fragments of two messages interleave");
      if (is_command) by.command.insert(by.command.end(), fragment, fragment + bytes);
      if (is_last) {
        if (is_command) by.in_data_set = has_data_set(by);
        if (!is_command || !by.in_data_set) {
          by.in_message = false;
          message(by);
        }
      }
      at = fragment + bytes;
    }
  }

  // PS3.7 §6.3.1: Implicit VR Little Endian, ascending, with group length.
  std::map<std::uint32_t, std::uint32_t> numbers_of(const side& by) const {
    std::map<std::uint32_t, std::uint32_t> numbers;
    const auto& set = by.command;
    std::uint32_t last = 0;
    for (std::size_t at = 0; at != set.size();) {
      require(set.size() - at >= 8, by, "a command element beyond the end");
      const auto group = little(&set[at], 2), element = little(&set[at + 2], 2), size = little(&set[at + 4], 4);
      require(group == 0, by, "a command element of another group");
      require(at == 0 ? element == 0 : element > last, by, "command elements out of order");
      require(size % 2 == 0 && set.size() - at - 8 >= size, by, "a command element beyond the end");
      if (size == 2) numbers[element] = little(&set[at + 8], 2);
      if (element == 0) require(little(&set[at + 8], 4) == set.size() - 12, by, "a wrong group length");
      last = element;
      at += 8 + size;
    }
    require(numbers.contains(0x100) && numbers.contains(0x800), by, "a command without its field");
    return numbers;
  }
  bool has_data_set(const side& by) const { return numbers_of(by).at(0x800) != 0x0101; }

  void message(side& by) {
    ++by.messages;
    const auto numbers = numbers_of(by);
    const auto field = static_cast<std::uint16_t>(numbers.at(0x100));
    if (field == 0x0FFF) {
      require(numbers.contains(0x120), by, "a C-CANCEL of nothing");
      return;
    }
    if ((field & 0x8000u) == 0) {
      require(numbers.contains(0x110), by, "a request without a message ID");
      if (!answers_count_) return;
      const auto id = static_cast<std::uint16_t>(numbers.at(0x110));
      require(by.outstanding.emplace(id, field).second, by, "a message ID that is in use");
      const auto window = window_[&by == &requestor_ ? 0 : 1];
      require(window == 0 || by.outstanding.size() <= window, by, "more operations than the window allows");
      most_outstanding_ = std::max(most_outstanding_, by.outstanding.size());
      return;
    }
    require(numbers.contains(0x120) && numbers.contains(0x900), by, "a response without its message ID or status");
    if (!answers_count_) return;
    auto& open = other(by).outstanding;
    const auto found = open.find(static_cast<std::uint16_t>(numbers.at(0x120)));
    require(found != open.end(), by, "a response to nothing");
    require(field == (found->second | 0x8000u), by, "a response of another kind than its request");
    const auto status = numbers.at(0x900);
    if (status != 0xFF00 && status != 0xFF01) open.erase(found);
  }

  static constexpr std::byte abort_header_[6] = {std::byte{7}, std::byte{0}, std::byte{0},
                                                 std::byte{0}, std::byte{0}, std::byte{4}};
  bool answers_count_;
  side requestor_{"the requestor"}, acceptor_{"the acceptor"};
  std::set<std::uint8_t> accepted_;
  std::uint32_t window_[2] = {1, 1};  // operations that the requestor, the acceptor may invoke
  std::size_t most_outstanding_ = 0;
};

}  // namespace codicom_test
