#pragma once
#include <codicom/core/config.hpp>
#include <codicom/dul/pdu.hpp>

#include <bitset>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace codicom::dul {
namespace detail {

// PS3.8 §9.3.2, §9.3.3, §D.1; PS3.7 §D.3.3
enum item_type : std::uint8_t {
  item_application_context = 0x10,
  item_proposed_context = 0x20,
  item_answered_context = 0x21,
  item_abstract_syntax = 0x30,
  item_transfer_syntax = 0x40,
  item_user_information = 0x50,
  item_max_length = 0x51,
  item_implementation_class = 0x52,
  item_async_window = 0x53,
  item_role_selection = 0x54,
  item_implementation_version = 0x55,
  item_extended = 0x56,
  item_common_extended = 0x57,
  item_user_identity = 0x58,
  item_identity_response = 0x59,
};

inline constexpr std::size_t item_header_size = 4;
inline constexpr std::size_t associate_fixed_size = 68;  // body of A-ASSOCIATE-RQ and -AC before their items
inline constexpr std::size_t small_body_size = 4;        // body of RJ, RELEASE, ABORT

[[noreturn]] inline void cannot_encode(pdu_type type, std::string detail) {
  diagnostics known{std::move(detail)};
  known.pdu = type;
  throw association_error{make_error_code(errc::invalid_argument), std::move(known)};
}

/// Writes items; lengths that do not fit are noticed, and asked for once at the end.
class item_writer {
 public:
  explicit item_writer(std::vector<std::byte>& out) noexcept : sink_{out} {}

  template <class Body>
  void item(std::uint8_t type, Body&& body, std::uint8_t second_byte = 0) {
    sink_.u8(type).u8(second_byte);
    const auto start = sink_.begin_length<std::uint16_t>();
    body();
    fits_ = sink_.end_length<std::uint16_t>(start) && fits_;
  }
  void text_item(std::uint8_t type, std::string_view text) {
    item(type, [&] { sink_.text(text); });
  }
  /// A 16-bit length and the text.
  void counted(std::string_view text) {
    fits_ = text.size() <= 0xFFFF && fits_;
    sink_.u16(static_cast<std::uint16_t>(text.size())).text(text);
  }
  void title(const ae_title& title) {
    sink_.text(title.view()).fill(ae_title::max_size - title.view().size(), std::byte{' '});
  }

  [[nodiscard]] byte_sink& sink() noexcept { return sink_; }
  [[nodiscard]] bool fits() const noexcept { return fits_; }

 private:
  byte_sink sink_;
  bool fits_ = true;
};

inline void write_user_information(item_writer& out, const user_information& user) {
  out.item(item_user_information, [&] {
    auto& sink = out.sink();
    if (user.max_length) out.item(item_max_length, [&] { sink.u32(*user.max_length); });
    if (!user.implementation_class_uid.empty())
      out.text_item(item_implementation_class, user.implementation_class_uid.view());
    if (user.window) out.item(item_async_window, [&] { sink.u16(user.window->invoked).u16(user.window->performed); });
    for (const auto& role : user.roles)
      out.item(item_role_selection, [&] {
        out.counted(role.sop_class_uid.view());
        sink.u8(role.scu ? 1 : 0).u8(role.scp ? 1 : 0);
      });
    if (!user.implementation_version_name.empty())
      out.text_item(item_implementation_version, user.implementation_version_name);
    for (const auto& extended : user.extended)
      out.item(item_extended, [&] {
        out.counted(extended.sop_class_uid.view());
        sink.bytes(extended.application_information);
      });
    for (const auto& common : user.common_extended)
      out.item(
          item_common_extended,
          [&] {
            out.counted(common.sop_class_uid.view());
            out.counted(common.service_class_uid.view());
            std::size_t length = 0;
            for (const auto& related : common.related_general_sop_classes) length += 2 + related.view().size();
            sink.u16(static_cast<std::uint16_t>(length));  // longer than fits: then the item is too, which is noticed
            for (const auto& related : common.related_general_sop_classes) out.counted(related.view());
          },
          common.version);
    if (user.identity)
      out.item(item_user_identity, [&] {
        sink.u8(static_cast<std::uint8_t>(user.identity->type));
        sink.u8(user.identity->positive_response_requested ? 1 : 0);
        out.counted(user.identity->primary_field);
        out.counted(user.identity->secondary_field);
      });
    if (user.identity_response) out.item(item_identity_response, [&] { out.counted(*user.identity_response); });
  });
}

template <class Associate>
void write_associate(const Associate& value, pdu_type type, std::vector<std::byte>& out) {
  const auto before = out.size();
  out.reserve(before + 512);
  item_writer items{out};
  auto& sink = items.sink();
  sink.u8(static_cast<std::uint8_t>(type)).u8(0);
  const auto start = sink.begin_length<std::uint32_t>();
  sink.u16(value.protocol_version).u16(0);
  items.title(value.called_ae_title);
  items.title(value.calling_ae_title);
  sink.fill(32);
  items.text_item(item_application_context, value.application_context.view());
  for (const auto& context : value.contexts) {
    if constexpr (std::is_same_v<Associate, a_associate_rq>) {
      items.item(item_proposed_context, [&] {
        sink.u8(context.id.value).fill(3);
        items.text_item(item_abstract_syntax, context.abstract_syntax.view());
        for (const auto& syntax : context.transfer_syntaxes) items.text_item(item_transfer_syntax, syntax.view());
      });
    } else {
      items.item(item_answered_context, [&] {
        sink.u8(context.id.value).u8(0).u8(static_cast<std::uint8_t>(context.result)).u8(0);
        items.text_item(item_transfer_syntax, context.transfer_syntax.view());
      });
    }
  }
  write_user_information(items, value.user);
  if (!sink.template end_length<std::uint32_t>(start) || !items.fits()) {
    out.resize(before);
    cannot_encode(type, "an item is longer than 65,535 bytes");
  }
}

[[nodiscard]] inline small_pdu small(pdu_type type, std::uint8_t third = 0, std::uint8_t second = 0,
                                     std::uint8_t first = 0) noexcept {
  small_pdu bytes{};
  bytes[0] = static_cast<std::byte>(type);
  bytes[5] = std::byte{small_body_size};
  bytes[7] = std::byte{first};
  bytes[8] = std::byte{second};
  bytes[9] = std::byte{third};
  return bytes;
}

/// Takes one PDU apart. Offsets count from its first byte.
class pdu_decoder {
 public:
  pdu_decoder(byte_span bytes, const codicom::limits& limits) noexcept : bytes_{bytes}, limits_{&limits} {}

  [[nodiscard]] pdu decode() {
    if (bytes_.size() < pdu_header_size) fail(0, "PS3.8 §9.3.1", "shorter than a PDU header");
    const auto head = parse_pdu_header(bytes_);
    type_ = head.type;
    if (bytes_.size() - pdu_header_size != head.length)
      fail(2, "PS3.8 §9.3.1",
           "PDU-length is " + std::to_string(head.length) + ", but " + std::to_string(bytes_.size() - pdu_header_size) +
               " bytes follow");
    switch (type_) {
      case pdu_type::a_associate_rq: return associate<a_associate_rq>();
      case pdu_type::a_associate_ac: return associate<a_associate_ac>();
      case pdu_type::p_data_tf: return data();
      case pdu_type::a_associate_rj:
        small("PS3.8 §9.3.4");
        return a_associate_rj{{static_cast<reject_result>(bytes_[7]), static_cast<reject_source>(bytes_[8]),
                               std::to_integer<std::uint8_t>(bytes_[9])}};
      case pdu_type::a_release_rq: small("PS3.8 §9.3.6"); return a_release_rq{};
      case pdu_type::a_release_rp: small("PS3.8 §9.3.7"); return a_release_rp{};
      case pdu_type::a_abort:
        small("PS3.8 §9.3.8");
        return a_abort{{static_cast<abort_source>(bytes_[8]), static_cast<abort_reason>(bytes_[9])}};
    }
    fail(0, "PS3.8 §9.3.1", "no such PDU type: " + std::to_string(static_cast<unsigned>(type_)),
         abort_reason::unrecognized_pdu);
  }

 private:
  struct range {
    std::size_t at = 0;
    std::size_t end = 0;
    [[nodiscard]] std::size_t size() const noexcept { return end - at; }
  };
  struct item {
    std::uint8_t type = 0;
    std::uint8_t second_byte = 0;
    std::size_t start = 0;
    range body;
  };

  [[noreturn]] void fail(std::size_t offset, std::string_view section, std::string detail,
                         abort_reason reason = abort_reason::invalid_pdu_parameter_value,
                         errc code = errc::malformed_pdu) const {
    diagnostics known{std::move(detail)};
    known.pdu = type_;
    known.offset = offset;
    known.section = section;
    known.answer = abort_cause{abort_source::service_provider, reason};
    if (code == errc::limit_exceeded && type_ == pdu_type::a_associate_rq)
      known.refusal = rejection::local_limit_exceeded;
    throw association_error{make_error_code(code), std::move(known)};
  }
  void check_limit(std::size_t count, std::size_t limit, std::size_t offset, std::string_view what) const {
    if (count >= limit)
      fail(offset, {}, "more than " + std::to_string(limit) + ' ' + std::string{what}, abort_reason::not_specified,
           errc::limit_exceeded);
  }
  void small(std::string_view section) const {
    if (bytes_.size() != pdu_header_size + small_body_size) fail(2, section, "PDU-length is not 4");
  }

  [[nodiscard]] std::uint8_t u8(std::size_t at) const noexcept { return std::to_integer<std::uint8_t>(bytes_[at]); }
  [[nodiscard]] std::uint16_t u16(std::size_t at) const noexcept { return load_be<std::uint16_t>(bytes_.data() + at); }
  [[nodiscard]] std::string_view text(range r) const noexcept { return as_text(bytes_.subspan(r.at, r.size())); }

  [[nodiscard]] item next_item(range& rest, std::string_view section) const {
    if (rest.size() < item_header_size) fail(rest.at, section, "too few bytes for an item");
    item found;
    found.start = rest.at;
    found.type = u8(rest.at);
    found.second_byte = u8(rest.at + 1);
    const std::size_t length = u16(rest.at + 2);
    if (length > rest.size() - item_header_size)
      fail(rest.at + 2, section, "item-length " + std::to_string(length) + " is beyond the end of what holds the item");
    found.body = {rest.at + item_header_size, rest.at + item_header_size + length};
    rest.at = found.body.end;
    return found;
  }
  /// `size` bytes of a field.
  [[nodiscard]] range field(range& rest, std::size_t size, std::string_view section) const {
    if (rest.size() < size) fail(rest.at, section, "an item ends in the middle of a field");
    const range taken{rest.at, rest.at + size};
    rest.at += size;
    return taken;
  }
  [[nodiscard]] std::uint16_t number(range& rest, std::string_view section) const {
    return u16(field(rest, 2, section).at);
  }
  /// A field after its 16-bit length.
  [[nodiscard]] range counted(range& rest, std::string_view section) const {
    const std::size_t size = number(rest, section);
    return field(rest, size, section);
  }

  void small_fields(range& rest, std::string_view section, std::uint8_t& first, std::uint8_t& second) const {
    const auto both = field(rest, 2, section);
    first = u8(both.at);
    second = u8(both.at + 1);
  }

  template <class Associate>
  [[nodiscard]] pdu associate() {
    constexpr bool is_request = std::is_same_v<Associate, a_associate_rq>;
    constexpr std::string_view section = is_request ? "PS3.8 §9.3.2" : "PS3.8 §9.3.3";
    if (bytes_.size() > limits_->pdu_bytes + pdu_header_size)
      fail(2, {}, "longer than " + std::to_string(limits_->pdu_bytes) + " bytes", abort_reason::not_specified,
           errc::limit_exceeded);
    if (bytes_.size() < pdu_header_size + associate_fixed_size) fail(2, section, "too short for its fixed fields");
    pdu result{std::in_place_type<Associate>};
    auto& value = std::get<Associate>(result);
    value.protocol_version = u16(6);
    value.called_ae_title = ae_title{text({10, 26})};
    value.calling_ae_title = ae_title{text({26, 42})};
    value.application_context = unique_id{};
    std::bitset<256> used;
    std::size_t user_items = 0;
    for (range rest{pdu_header_size + associate_fixed_size, bytes_.size()}; rest.size() != 0;) {
      const auto part = next_item(rest, section);
      if (part.type == item_application_context) {
        value.application_context = unique_id{text(part.body)};
      } else if (part.type == item_user_information) {
        user(part.body, value.user, user_items);
      } else if (part.type == (is_request ? item_proposed_context : item_answered_context)) {
        check_limit(value.contexts.size(), limits_->presentation_contexts, part.start, "presentation contexts");
        value.contexts.push_back(context<Associate>(part));
        const auto id = value.contexts.back().id;
        if (used[id.value])
          fail(part.body.at, section, "presentation context id " + to_string(id) + " stands there twice");
        used[id.value] = true;
      }
    }
    return result;
  }

  template <class Associate>
  [[nodiscard]] auto context(const item& from) const {
    constexpr bool is_request = std::is_same_v<Associate, a_associate_rq>;
    constexpr std::string_view section = is_request ? "PS3.8 §9.3.2.2" : "PS3.8 §9.3.3.2";
    auto rest = from.body;
    const auto fixed = field(rest, 4, section);
    typename decltype(Associate::contexts)::value_type context;
    context.id = context_id{u8(fixed.at)};
    if constexpr (is_request) {
      while (rest.size() != 0) {
        const auto part = next_item(rest, section);
        if (part.type == item_abstract_syntax) {
          context.abstract_syntax = unique_id{text(part.body)};
        } else if (part.type == item_transfer_syntax) {
          check_limit(context.transfer_syntaxes.size(), limits_->transfer_syntaxes, part.start,
                      "transfer syntaxes in a presentation context");
          context.transfer_syntaxes.emplace_back(text(part.body));
        }
      }
    } else {
      context.result = static_cast<context_result>(u8(fixed.at + 2));
      // Of a context that was not accepted the sub-item is not tested (PS3.8 §9.3.3.2): some peers send none, or junk.
      if (context.result == context_result::acceptance) {
        while (rest.size() != 0) {
          const auto part = next_item(rest, section);
          if (part.type == item_transfer_syntax) context.transfer_syntax = unique_id{text(part.body)};
        }
      }
    }
    return context;
  }

  void user(range rest, user_information& into, std::size_t& count) const {
    while (rest.size() != 0) {
      const auto part = next_item(rest, "PS3.8 §9.3.2.3");
      check_limit(count++, limits_->user_information_items, part.start, "user information items");
      auto body = part.body;
      switch (part.type) {
        case item_max_length: {
          const auto value = field(body, 4, "PS3.8 §D.1");
          into.max_length = load_be<std::uint32_t>(bytes_.data() + value.at);
          break;
        }
        case item_implementation_class: into.implementation_class_uid = unique_id{text(body)}; break;
        case item_async_window: {
          const auto invoked = number(body, "PS3.7 §D.3.3.3");
          into.window = async_window{invoked, number(body, "PS3.7 §D.3.3.3")};
          break;
        }
        case item_role_selection: {
          constexpr std::string_view section = "PS3.7 §D.3.3.4";
          const unique_id sop_class{text(counted(body, section))};
          std::uint8_t scu = 0, scp = 0;
          small_fields(body, section, scu, scp);
          into.roles.emplace_back(sop_class, scu != 0, scp != 0);
          break;
        }
        case item_implementation_version: into.implementation_version_name = padded_text(body); break;
        case item_extended: {
          const unique_id sop_class{text(counted(body, "PS3.7 §D.3.3.5"))};
          const auto info = bytes_.subspan(body.at, body.size());
          into.extended.emplace_back(sop_class, std::vector<std::byte>(info.begin(), info.end()));
          break;
        }
        case item_common_extended: {
          constexpr std::string_view section = "PS3.7 §D.3.3.6";
          sop_class_common_extended common;
          common.version = part.second_byte;
          common.sop_class_uid = unique_id{text(counted(body, section))};
          common.service_class_uid = unique_id{text(counted(body, section))};
          for (auto pairs = counted(body, section); pairs.size() != 0;) {  // what follows is of later versions
            check_limit(count++, limits_->user_information_items, pairs.at, "user information items");
            common.related_general_sop_classes.emplace_back(text(counted(pairs, section)));
          }
          into.common_extended.push_back(std::move(common));
          break;
        }
        case item_user_identity: {
          constexpr std::string_view section = "PS3.7 §D.3.3.7.1";
          std::uint8_t type = 0, response = 0;
          small_fields(body, section, type, response);
          const auto primary = text(counted(body, section));
          into.identity.emplace(static_cast<identity_type>(type), std::string{primary},
                                std::string{text(counted(body, section))}, response != 0);
          break;
        }
        case item_identity_response:
          into.identity_response = std::string{text(counted(body, "PS3.7 §D.3.3.7.2"))};
          break;
        default: break;
      }
    }
  }

  [[nodiscard]] std::string padded_text(range r) const {
    auto value = text(r);
    while (!value.empty() && (value.back() == ' ' || value.back() == '\0')) value.remove_suffix(1);
    return std::string{value};
  }

  [[nodiscard]] pdu data() const {
    constexpr std::string_view section = "PS3.8 §9.3.5";
    p_data_tf value;
    range rest{pdu_header_size, bytes_.size()};
    if (rest.size() == 0) fail(2, section, "holds no presentation data value");
    while (rest.size() != 0) {
      if (rest.size() < pdv_header_size) fail(rest.at, section, "too few bytes for a presentation data value");
      const auto length = load_be<std::uint32_t>(bytes_.data() + rest.at);
      if (length < 2) fail(rest.at, section, "item-length " + std::to_string(length) + " is too short");
      if (length > rest.size() - 4)
        fail(rest.at, section, "item-length " + std::to_string(length) + " is beyond the end of the PDU");
      const auto header = parse_pdv_header(bytes_.subspan(rest.at, pdv_header_size));
      value.pdvs.push_back({header, bytes_.subspan(rest.at + pdv_header_size, header.size)});
      rest.at += 4 + length;
    }
    return value;
  }

  byte_span bytes_;
  const codicom::limits* limits_;
  pdu_type type_{};
};

}  // namespace detail

CODICOM_FUNCTION pdu_type type_of(const pdu& value) noexcept { return static_cast<pdu_type>(value.index() + 1); }

CODICOM_FUNCTION void encode(const a_associate_rq& value, std::vector<std::byte>& out) {
  if (!value.called_ae_title.is_valid() || !value.calling_ae_title.is_valid())
    detail::cannot_encode(pdu_type::a_associate_rq,
                          "an AE title has 1 to 16 characters without backslash (PS3.5 §6.2): called '" +
                              value.called_ae_title.str() + "', calling '" + value.calling_ae_title.str() + '\'');
  detail::write_associate(value, pdu_type::a_associate_rq, out);
}

CODICOM_FUNCTION void encode(const a_associate_ac& value, std::vector<std::byte>& out) {
  detail::write_associate(value, pdu_type::a_associate_ac, out);
}

CODICOM_FUNCTION void encode(const p_data_tf& value, std::vector<std::byte>& out) {
  std::uint64_t length = 0;
  for (const auto& each : value.pdvs) length += pdv_header_size + each.fragment.size();
  if (length > 0xFFFFFFFFu || value.pdvs.empty())
    detail::cannot_encode(pdu_type::p_data_tf, "a P-DATA-TF holds one fragment at least and 4 GiB at most");
  byte_sink sink{out};
  sink.u8(static_cast<std::uint8_t>(pdu_type::p_data_tf)).u8(0).u32(static_cast<std::uint32_t>(length));
  for (const auto& each : value.pdvs) {
    sink.u32(static_cast<std::uint32_t>(each.fragment.size() + 2));
    sink.u8(each.header.context.value);
    sink.u8(static_cast<std::uint8_t>((each.header.is_command ? 1 : 0) | (each.header.is_last ? 2 : 0)));
    sink.bytes(each.fragment);
  }
}

CODICOM_FUNCTION small_pdu encode(const a_associate_rj& value) noexcept {
  return detail::small(pdu_type::a_associate_rj, value.cause.reason, static_cast<std::uint8_t>(value.cause.source),
                       static_cast<std::uint8_t>(value.cause.result));
}
CODICOM_FUNCTION small_pdu encode(a_release_rq) noexcept { return detail::small(pdu_type::a_release_rq); }
CODICOM_FUNCTION small_pdu encode(a_release_rp) noexcept { return detail::small(pdu_type::a_release_rp); }
CODICOM_FUNCTION small_pdu encode(const a_abort& value) noexcept {
  return detail::small(pdu_type::a_abort, static_cast<std::uint8_t>(value.cause.reason),
                       static_cast<std::uint8_t>(value.cause.source));
}

CODICOM_FUNCTION void encode(const pdu& value, std::vector<std::byte>& out) {
  std::visit(
      [&out](const auto& each) {
        if constexpr (requires { encode(each, out); } &&
                      (std::is_same_v<std::decay_t<decltype(each)>, a_associate_rq> ||
                       std::is_same_v<std::decay_t<decltype(each)>, a_associate_ac> ||
                       std::is_same_v<std::decay_t<decltype(each)>, p_data_tf>)) {
          encode(each, out);
        } else {
          const auto bytes = encode(each);
          out.insert(out.end(), bytes.begin(), bytes.end());
        }
      },
      value);
}

CODICOM_FUNCTION void write_p_data_header(std::byte* to, const pdv_header& header) noexcept {
  to[0] = static_cast<std::byte>(pdu_type::p_data_tf);
  to[1] = std::byte{0};
  store_be(to + 2, static_cast<std::uint32_t>(header.size + pdv_header_size));
  store_be(to + 6, static_cast<std::uint32_t>(header.size + 2));
  to[10] = std::byte{header.context.value};
  to[11] = static_cast<std::byte>((header.is_command ? 1 : 0) | (header.is_last ? 2 : 0));
}

CODICOM_FUNCTION std::array<std::byte, p_data_header_size> p_data_header(const pdv_header& header) noexcept {
  std::array<std::byte, p_data_header_size> bytes;
  write_p_data_header(bytes.data(), header);
  return bytes;
}

CODICOM_FUNCTION pdv_header parse_pdv_header(byte_span bytes) noexcept {
  const auto control = std::to_integer<std::uint8_t>(bytes[5]);  // bits 2 to 7 are not tested
  return {context_id{std::to_integer<std::uint8_t>(bytes[4])}, (control & 1) != 0, (control & 2) != 0,
          load_be<std::uint32_t>(bytes.data()) - 2};
}

CODICOM_FUNCTION pdu decode(byte_span bytes, const limits& limits) { return detail::pdu_decoder{bytes, limits}.decode(); }

}  // namespace codicom::dul
