#pragma once
#include <codicom/core/config.hpp>
#include <codicom/dimse/command.hpp>
#include <codicom/dul/pdu.hpp>
#include <codicom/file/write_file.hpp>
#include <codicom/net/flight_recorder.hpp>

#include <algorithm>
#include <cstdio>
#include <utility>

namespace codicom {
namespace detail {

inline constexpr std::size_t recorded_body = 64 << 10;  // of a PDU other than P-DATA-TF; they are shorter

// Secrets of a User Identity item (58H) become zeros: the secondary field, and the primary one unless it is a user name
// (PS3.7 §D.3.3.7.1).
inline void blank_identity(std::span<std::byte> pdu) {
  const auto u16 = [&](std::size_t at) { return std::size_t{load_be<std::uint16_t>(pdu.data() + at)}; };
  constexpr std::size_t items = 74;  // PS3.8 §9.3.2
  const auto each_item = [&](std::size_t from, std::size_t to, auto&& use) {
    for (std::size_t at = from; at + 4 <= to; at += 4 + u16(at + 2)) use(at, std::min(to, at + 4 + u16(at + 2)));
  };
  const auto blank = [&](std::size_t from, std::size_t size, std::size_t end) {
    for (std::size_t at = from; at < std::min(from + size, end); ++at) pdu[at] = std::byte{0};
  };
  each_item(items, pdu.size(), [&](std::size_t item, std::size_t item_end) {
    if (pdu[item] != std::byte{0x50}) return;
    each_item(item + 4, item_end, [&](std::size_t at, std::size_t end) {
      if (pdu[at] != std::byte{0x58} || end - at < 8) return;
      const std::size_t primary = u16(at + 6);
      if (std::to_integer<unsigned>(pdu[at + 4]) > 2) blank(at + 8, primary, end);
      if (at + 10 + primary <= end) blank(at + 10 + primary, u16(at + 8 + primary), end);
    });
  });
}

[[nodiscard]] inline std::string describe_command(byte_span command_set) {
  try {
    const auto value = decode_command(command_set);
    std::string text = to_string(field_of(value)) + ", message " + std::to_string(id_of(value).value);
    if (const auto status = status_of(value)) text += ", status " + to_string(*status);
    if (has_data_set(value)) text += ", with a data set";
    return text;
  } catch (const std::system_error& error) {
    return std::string{"a command that cannot be read: "} + error.what();
  }
}

[[nodiscard]] inline std::string describe_pdu(byte_span bytes) {
  const auto type = dul::parse_pdu_header(bytes).type;
  std::string text{dul::name(type)};
  text += ", " + std::to_string(bytes.size()) + " bytes";
  try {
    const auto value = dul::decode(bytes);
    if (const auto* request = std::get_if<dul::a_associate_rq>(&value))
      text += ", " + request->calling_ae_title.str() + " calls " + request->called_ae_title.str() + ", " +
              std::to_string(request->contexts.size()) + " contexts";
    else if (const auto* answer = std::get_if<dul::a_associate_ac>(&value))
      text += ", " +
              std::to_string(
                  std::count_if(answer->contexts.begin(), answer->contexts.end(),
                                [](const auto& each) { return each.result == dul::context_result::acceptance; })) +
              " contexts accepted";
    else if (const auto* rejected = std::get_if<dul::a_associate_rj>(&value))
      text += ", " + std::string{dul::meaning(rejected->cause)};
    else if (const auto* abort = std::get_if<dul::a_abort>(&value))
      text += ", " + std::string{dul::meaning(abort->cause)};
  } catch (const std::system_error& error) {
    text += std::string{", cannot be read: "} + error.what();
  }
  return text;
}

// A transport with an ear at it.
class recording_transport final : public transport {
 public:
  recording_transport(std::unique_ptr<transport> over, std::shared_ptr<flight_recorder> recorder) noexcept
      : over_{std::move(over)}, recorder_{std::move(recorder)} {}

  executor get_executor() override { return over_->get_executor(); }
  task<std::size_t> read_some(mutable_buffers buffers, std::error_code& error) override {
    const std::size_t size = co_await over_->read_some(buffers, error);
    tell(flight_recorder::direction::received, buffers, size);
    co_return size;
  }
  task<std::size_t> write(const_buffers buffers, std::error_code& error) override {
    const std::size_t size = co_await over_->write(buffers, error);
    tell(flight_recorder::direction::sent, buffers, size);
    co_return size;
  }
  std::size_t read_at_once(mutable_buffers buffers, std::error_code& error) noexcept override {
    const std::size_t size = over_->read_at_once(buffers, error);
    tell(flight_recorder::direction::received, buffers, size);
    return size;
  }
  std::size_t write_at_once(const_buffers buffers, std::error_code& error) noexcept override {
    const std::size_t size = over_->write_at_once(buffers, error);
    tell(flight_recorder::direction::sent, buffers, size);
    return size;
  }
  std::size_t try_write(byte_span bytes, std::error_code& error) noexcept override {
    const std::size_t size = over_->try_write(bytes, error);
    recorder_->record(flight_recorder::direction::sent, bytes.first(size));
    return size;
  }
  void cancel() noexcept override { over_->cancel(); }
  void shutdown_send() noexcept override { over_->shutdown_send(); }
  void close() noexcept override { over_->close(); }
  bool is_open() const noexcept override { return over_->is_open(); }
  std::string remote_address() const override { return over_->remote_address(); }
  std::uint16_t remote_port() const noexcept override { return over_->remote_port(); }
  task<> handshake(std::error_code& error) override { return over_->handshake(error); }
  const certificate* peer_certificate() const noexcept override { return over_->peer_certificate(); }
  std::string explanation() const override { return over_->explanation(); }

 private:
  template <class Buffers>
  void tell(flight_recorder::direction way, const Buffers& buffers, std::size_t size) {
    for (const auto& each : buffers) {
      const auto part = std::min(each.size(), size);
      recorder_->record(way, byte_span{static_cast<const std::byte*>(each.data()), part});
      size -= part;
    }
  }

  std::unique_ptr<transport> over_;
  std::shared_ptr<flight_recorder> recorder_;
};

}  // namespace detail

CODICOM_FUNCTION std::unique_ptr<transport> record(std::unique_ptr<transport> over,
                                                   std::shared_ptr<flight_recorder> recorder) {
  return std::make_unique<detail::recording_transport>(std::move(over), std::move(recorder));
}

CODICOM_FUNCTION flight_recorder::flight_recorder(std::size_t capacity, recorded_data what)
    : capacity_{capacity}, what_{what} {}
CODICOM_FUNCTION flight_recorder::flight_recorder(const flight_recorder&) = default;
CODICOM_FUNCTION flight_recorder& flight_recorder::operator=(const flight_recorder&) = default;
CODICOM_FUNCTION flight_recorder::~flight_recorder() = default;

CODICOM_FUNCTION void flight_recorder::note(std::string text) {
  entry remark;
  remark.is_remark = true;
  remark.text = std::move(text);
  add(std::move(remark));
}

CODICOM_FUNCTION void flight_recorder::add(entry what) {
  const auto now = clock::now();
  if (began_ == clock::time_point{}) {
    began_ = now;
    began_at_ = std::chrono::system_clock::now();
  }
  what.at = now - began_;
  size_ += what.pdu.size() + what.text.size();
  entries_.push_back(std::move(what));
  while (size_ > capacity_ && entries_.size() > 1) {
    size_ -= entries_.front().pdu.size() + entries_.front().text.size();
    entries_.pop_front();
  }
}

CODICOM_FUNCTION void flight_recorder::record(direction way, byte_span part) {
  auto& of = halves_[static_cast<std::size_t>(way)];
  while (!part.empty()) {
    const auto size = std::min(part.size(), of.wanted);
    const auto taken = part.first(size);
    if (of.state == half_pdu::expecting::fragment && of.text.ends_with("command"))
      of.command.insert(of.command.end(), taken.begin(), taken.end());
    if (of.keep) of.kept.insert(of.kept.end(), taken.begin(), taken.end());
    part = part.subspan(size);
    of.wanted -= size;
    while (of.wanted == 0) advance(way, of);
  }
}

// The part that was expected is there whole.
CODICOM_FUNCTION void flight_recorder::advance(direction way, half_pdu& of) {
  using expecting = half_pdu::expecting;
  if (of.state == expecting::header) {
    of.left = load_be<std::uint32_t>(of.kept.data() + 2);
    if (of.kept[0] != std::byte{static_cast<std::uint8_t>(dul::pdu_type::p_data_tf)}) {
      of.state = expecting::body;
      of.wanted = of.left;
      of.left = 0;
      of.keep = of.wanted <= detail::recorded_body;
      if (of.wanted != 0) return;
    }
  } else if (of.state == expecting::fragment_header) {
    return begin_fragment(of);
  } else if (of.state == expecting::fragment && of.text.ends_with("command")) {
    const bool last = (std::to_integer<unsigned>(of.kept[of.item + 5]) & 2u) != 0;
    if (last) {
      of.text += ": " + detail::describe_command(of.command);
      of.command.clear();
    }
  }
  if (of.state != expecting::body && of.left != 0 && of.left < dul::pdv_header_size) {
    of.text += ", and " + std::to_string(of.left) + " bytes too many";
    of.state = expecting::fragment;
    of.keep = false;
    of.wanted = std::exchange(of.left, 0u);
    return;
  }
  of.keep = true;
  if (of.state == expecting::body || of.left < dul::pdv_header_size) return finish(way, of);
  of.state = expecting::fragment_header;
  of.item = of.kept.size();
  of.wanted = dul::pdv_header_size;
  of.left -= static_cast<std::uint32_t>(dul::pdv_header_size);
}

CODICOM_FUNCTION void flight_recorder::begin_fragment(half_pdu& of) {
  auto* const header = of.kept.data() + of.item;
  const auto length = load_be<std::uint32_t>(header);
  const auto flags = std::to_integer<unsigned>(header[5]);
  const bool is_command = (flags & 1u) != 0;
  const std::uint32_t size = std::min(length < 2 ? 0 : length - 2, of.left);
  of.state = half_pdu::expecting::fragment;
  of.wanted = size;
  of.left -= size;
  of.keep = is_command || what_ == recorded_data::all;
  of.text += ", context " + std::to_string(std::to_integer<unsigned>(header[4]));
  if (is_command) of.text += " command";
  else of.text += " data of " + std::to_string(size) + " bytes" + ((flags & 2u) != 0 ? ", the last" : "");
  if (!of.keep) of.kept.resize(of.item);
}

CODICOM_FUNCTION void flight_recorder::finish(direction way, half_pdu& of) {
  auto& pdu = of.kept;
  entry whole;
  whole.way = way;
  if (of.state == half_pdu::expecting::body) {
    if (pdu[0] == std::byte{1}) detail::blank_identity(pdu);
    whole.text = detail::describe_pdu(pdu);
  } else {
    whole.text = "P-DATA-TF" + of.text;
  }
  store_be(pdu.data() + 2, static_cast<std::uint32_t>(pdu.size() - dul::pdu_header_size));
  if (of.state != half_pdu::expecting::body && pdu.size() == dul::pdu_header_size) pdu.clear();
  whole.pdu = std::move(pdu);
  add(std::move(whole));
  auto command = std::move(of.command);
  of = half_pdu{};
  of.command = std::move(command);
}

CODICOM_FUNCTION std::string flight_recorder::text() const {
  std::string all;
  for (const auto& each : entries_) {
    char time[32];
    std::snprintf(time, sizeof time, "%12.6f ", std::chrono::duration<double>(each.at).count());
    const char* const mark = each.is_remark ? "* " : each.way == direction::sent ? "> " : "< ";
    all += time + (mark + each.text) + '\n';
  }
  return all;
}

CODICOM_FUNCTION std::vector<std::byte> flight_recorder::pcap() const {
  constexpr std::size_t headers = 40, longest = 65'535 - headers;
  std::vector<std::byte> out;
  const auto put_le = [&out](auto value) {
    out.resize(out.size() + sizeof value);
    store_le(out.data() + out.size() - sizeof value, value);
  };
  const auto put_be = [&out](auto value) {
    out.resize(out.size() + sizeof value);
    store_be(out.data() + out.size() - sizeof value, value);
  };
  put_le(std::uint32_t{0xA1B2C3D4});  // microseconds, little endian
  put_le(std::uint16_t{2});
  put_le(std::uint16_t{4});
  put_le(std::uint32_t{0});
  put_le(std::uint32_t{0});
  put_le(std::uint32_t{65'535});
  put_le(std::uint32_t{101});  // packets begin with their IP header

  constexpr std::uint32_t address[2] = {0x0A000001, 0x0A000002};
  constexpr std::uint16_t port[2] = {49'152, 104};
  constexpr std::uint8_t ack = 0x10, push = 0x08, syn = 0x02;
  std::uint32_t next[2] = {1, 1};  // sequence numbers
  const auto packet = [&](duration at, std::size_t from, std::uint8_t flags, byte_span payload) {
    const std::size_t to = 1 - from;
    const auto time = began_at_.time_since_epoch() + std::chrono::duration_cast<std::chrono::microseconds>(at);
    const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(time).count();
    const auto size = static_cast<std::uint32_t>(headers + payload.size());
    put_le(static_cast<std::uint32_t>(micros / 1'000'000));
    put_le(static_cast<std::uint32_t>(micros % 1'000'000));
    put_le(size);
    put_le(size);
    put_be(std::uint16_t{0x4500});  // IPv4, 20 bytes of header
    put_be(static_cast<std::uint16_t>(size));
    put_be(std::uint32_t{0});
    put_be(std::uint32_t{0x40060000});  // TCP; checksums are not filled in
    put_be(address[from]);
    put_be(address[to]);
    put_be(port[from]);
    put_be(port[to]);
    put_be(next[from]);
    put_be((flags & ack) != 0 ? next[to] : 0u);
    put_be(static_cast<std::uint16_t>(0x5000u | flags));
    put_be(std::uint16_t{0xFFFF});
    put_be(std::uint32_t{0});
    out.insert(out.end(), payload.begin(), payload.end());
    next[from] += static_cast<std::uint32_t>(payload.size()) + ((flags & syn) != 0 ? 1u : 0u);
  };
  packet({}, 0, syn, {});
  packet({}, 1, syn | ack, {});
  packet({}, 0, ack, {});
  for (const auto& each : entries_)
    for (byte_span rest{each.pdu}; !rest.empty();) {
      const auto part = rest.first(std::min(rest.size(), longest));
      packet(each.at, static_cast<std::size_t>(each.way), push | ack, part);
      rest = rest.subspan(part.size());
    }
  return out;
}

CODICOM_FUNCTION void flight_recorder::save_pcap(const std::filesystem::path& file) const {
  file_writer out{file};
  out.write(pcap());
  out.commit();
}

namespace detail {

// What of a peer's name can stand in the name of a file.
[[nodiscard]] inline std::string name_of_file(const association_error& why) {
  using namespace std::chrono;
  const auto now = floor<seconds>(system_clock::now());
  const auto day = floor<days>(now);
  const year_month_day date{day};
  const hh_mm_ss time{now - day};
  char stamp[32];
  std::snprintf(stamp, sizeof stamp, "%04d%02u%02uT%02d%02d%02dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                static_cast<int>(time.seconds().count()));
  std::string name = stamp;
  name += '-';
  for (const char c : why.diagnostics().peer.substr(0, 64)) {
    const bool harmless = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '@' ||
                          c == '.' || c == '-';
    name += harmless ? c : '_';
  }
  return name + '-';
}

}  // namespace detail

CODICOM_FUNCTION recording record_to(std::filesystem::path folder, recorded_data data) {
  const auto write = [folder = std::move(folder)](const flight_recorder& recorder, const association_error& why) {
    const auto name = detail::name_of_file(why);
    const auto text = recorder.text();
    for (int number = 1; number <= 1000; ++number) {
      auto file = folder / (name + std::to_string(number) + ".txt");
      file_writer out{file};
      out.write(as_bytes(text));
      if (!out.commit_new(file)) continue;
      recorder.save_pcap(file.replace_extension(".pcap"));
      return;
    }
    throw std::system_error{errc::file_error, folder.string() + " is full of recordings of this second"};
  };
  return recording{write, data};
}

}  // namespace codicom
