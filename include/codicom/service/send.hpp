#pragma once
#include <codicom/core/unique_id.hpp>
#include <codicom/coro/clock.hpp>
#include <codicom/coro/task.hpp>
#include <codicom/dimse/dimse_status.hpp>
#include <codicom/dul/negotiation.hpp>
#include <codicom/net/association.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace codicom::service {

/// A Part 10 file that is to be sent.
class outgoing_file {
 public:
  outgoing_file() = default;
  /// @throws std::system_error as `read_object_header`
  explicit outgoing_file(std::filesystem::path file);

  std::filesystem::path path;
  unique_id sop_class_uid, sop_instance_uid, transfer_syntax_uid;
  std::uint64_t bytes = 0;  ///< of the data set
};

enum class send_outcome : std::uint8_t {
  stored,        ///< with success or a warning
  refused,       ///< by a failure status
  not_accepted,  ///< the peer took no presentation context for it
  unreadable,    ///< it cannot be read, or not be converted to what the peer takes
  lost,          ///< the association ended before the answer came: the peer may have it or not
  not_sent,      ///< there was no association any more, or `stop`
};

/// What became of one file.
class send_result {
 public:
  send_result() = default;

  outgoing_file file;
  send_outcome outcome = send_outcome::not_sent;
  std::optional<dimse_status> status;  ///< the peer's answer
  std::string comment;                 ///< the peer's words with it, or why there is none
};

/// How to send much.
struct send_options {
  send_options() {}

  std::size_t parallel = 1;  ///< associations at once; where the peer takes fewer, these do
  unsigned retries = 0;      ///< how often to connect again in vain, and to send again what got no answer
  duration back_off = std::chrono::seconds{1};  ///< before the first of these; doubled each time, up to a minute
};

/// What the user of a bulk sending does.
class send_handlers {
 public:
  send_handlers() = default;

  /// Associate, proposing these contexts; called again for each association that it takes.
  std::function<task<association>(dul::proposal)> connect;
  /// Once for each file, when its result is known.
  std::function<void(const send_result&)> on_result;
};

/// Storage SCU of many files over k associations, whose contexts are planned by what the files are (`dul::plan`). Each
/// file goes as it is, or converted where the peer took only another uncompressed transfer syntax. A file that fails
/// does not end the others. Used from one executor.
/// @see PS3.4 Annex B
class bulk_sending {
 public:
  bulk_sending(std::vector<outgoing_file> files, send_handlers handlers, send_options options = {});

  /// To the end of all files.
  /// @throws association_error when no association could be made at all; what a handler throws.
  [[nodiscard]] task<> run();
  /// Nothing more is sent; what is under way is finished.
  void stop() noexcept { stopped_ = true; }

  /// One for each file, in their order; final when `run` has ended.
  [[nodiscard]] const std::vector<send_result>& results() const noexcept { return results_; }

 private:
  // The files that one association can carry.
  class planned {
   public:
    dul::proposal contexts;
    std::deque<std::size_t> files;
  };
  // One association after the other.
  class worker {
   public:
    association over;
    planned* plan = nullptr;
    unsigned connected_in_vain = 0;  // in a row
    unsigned lost = 0;               // associations in a row, without an answer between
  };

  [[nodiscard]] task<> work();
  [[nodiscard]] task<> send_next(worker& own);
  [[nodiscard]] task<> pause(unsigned failures);
  [[nodiscard]] planned* next_plan(planned* preferred);
  void settle(std::size_t place, send_outcome outcome, std::string why, std::optional<dimse_status> status = {});
  void give_up(std::exception_ptr why);

  send_handlers handlers_;
  send_options options_;
  std::vector<planned> plans_;
  std::vector<send_result> results_;
  std::vector<unsigned> attempts_;  // of each file, without an answer
  std::size_t connected_ = 0;       // workers that have an association, or may get one
  std::exception_ptr unreachable_;
  bool reached_ = false;
  bool stopped_ = false;
};

}  // namespace codicom::service

#ifndef CODICOM_SEPARATE_COMPILATION
#include <codicom/service/impl/send.hpp>
#endif
