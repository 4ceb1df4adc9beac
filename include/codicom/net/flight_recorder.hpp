#pragma once
#include <codicom/core/bytes.hpp>
#include <codicom/coro/clock.hpp>
#include <codicom/dul/association_error.hpp>
#include <codicom/net/transport.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace codicom {

/// Data sets hold patients' data: a recorder keeps their length only, unless it is told to.
enum class recorded_data : std::uint8_t { commands_only, all };

/// The last PDUs of one association, and its deadlines, to be looked at when something has gone wrong. `recording`
/// makes one for each association. Passwords and tickets are left out. Used from the executor of its association.
class flight_recorder {
 public:
  enum class direction : std::uint8_t { sent, received };

  /// @param capacity bytes of PDUs kept; the oldest go first
  explicit flight_recorder(std::size_t capacity = 1 << 20, recorded_data what = recorded_data::commands_only);
  flight_recorder(const flight_recorder&);
  flight_recorder& operator=(const flight_recorder&);
  ~flight_recorder();

  /// Bytes as they travel, in any split.
  void record(direction way, byte_span part);
  /// A remark among them.
  void note(std::string text);

  /// A line per PDU, command and remark, with seconds since the beginning.
  [[nodiscard]] std::string text() const;
  /// What was recorded as a capture file that Wireshark and tshark open: TCP between 10.0.0.1, which is us, and
  /// 10.0.0.2, port 104. Data sets that were left out are not in it.
  [[nodiscard]] std::vector<std::byte> pcap() const;
  /// @throws std::system_error `errc::file_error`, `errc::disk_full`
  void save_pcap(const std::filesystem::path& file) const;

 private:
  struct entry {
    duration at{};
    direction way = direction::sent;
    bool is_remark = false;
    std::vector<std::byte> pdu;
    std::string text;
  };
  // What has come of one direction's PDU under way.
  struct half_pdu {
    enum class expecting : std::uint8_t { header, body, fragment_header, fragment };
    std::vector<std::byte> kept;
    expecting state = expecting::header;
    std::size_t wanted = 6;  // bytes of what is expected
    std::uint32_t left = 0;  // bytes of the PDU behind that
    std::size_t item = 0;    // where the fragment's header stands
    bool keep = true;
    std::vector<std::byte> command;
    std::string text;
  };

  void advance(direction way, half_pdu& of);
  void finish(direction way, half_pdu& of);
  void begin_fragment(half_pdu& of);
  void add(entry what);

  std::size_t capacity_;
  recorded_data what_;
  std::size_t size_ = 0;
  std::deque<entry> entries_;
  std::array<half_pdu, 2> halves_;
  clock::time_point began_{};  // with the first entry
  std::chrono::system_clock::time_point began_at_{};
};

/// Recording as an option of associations: each has a recorder of its own, which is handed over when it has failed.
/// Over TLS it holds what was encrypted.
class recording {
 public:
  using receiver = std::function<void(const flight_recorder&, const association_error& why)>;

  /// Nothing is recorded.
  recording() {}
  /// @param failed is called on the association's executor when the last PDU has gone; what it throws is logged. An
  ///        association that was released, or given up by its owner, has not failed.
  explicit recording(receiver failed, recorded_data data = recorded_data::commands_only)
      : on_failure{std::move(failed)}, what{data} {}

  receiver on_failure;
  recorded_data what = recorded_data::commands_only;
  std::size_t capacity = 1 << 20;  ///< bytes of PDUs
};

/// Writes the recorder of each association that failed to `folder`, as text and as a capture file:
/// `20261231T235959Z-ORTHANC@10.0.0.1-1.txt` and `.pcap`.
[[nodiscard]] recording record_to(std::filesystem::path folder, recorded_data data = recorded_data::commands_only);

/// A transport whose bytes are told to a recorder.
[[nodiscard]] std::unique_ptr<transport> record(std::unique_ptr<transport> over,
                                                std::shared_ptr<flight_recorder> recorder);

}  // namespace codicom

#ifndef CODICOM_SEPARATE_COMPILATION
#include <codicom/net/impl/flight_recorder.hpp>
#endif
