#pragma once
#include <codicom/codicom.hpp>

#include "../common/json_lines.hpp"
#include "../common/progress.hpp"
#include "../common/timeout.hpp"
#include "advice.hpp"
#include "arguments.hpp"
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace tools {

/// One run of codicom-retrieve: listen, associate, find, retrieve match after match, account for it.
class retrieve_session {
 public:
  explicit retrieve_session(retrieve_arguments arguments)
      : arguments_{std::move(arguments)}, json_{arguments_.common.json} {}

  /// To the end, whatever happens; `this` outlives it.
  [[nodiscard]] codicom::task<exit_code> run();

 private:
  using data_set = codicom::data_set;
  using unique_id = codicom::unique_id;

  // phases
  bool prepare_folder();
  codicom::task<bool> listen();
  codicom::task<bool> associate();
  codicom::task<> work();
  codicom::task<> watch_signals();
  codicom::task<std::vector<data_set>> find_matches();
  codicom::task<std::vector<data_set>> find(query_level level, data_set identifier);
  codicom::task<> retrieve(data_set match, std::size_t number, std::size_t total);
  codicom::task<> keep(codicom::incoming_object& object, unique_id study, bool expected);
  void settle(const codicom::service::retrieval_account& account, const data_set& match);
  void broken(const std::exception& error);
  exit_code summarize();

  // what a person sees
  void say(std::string_view text) { progress_.line(fmt::format("codicom-retrieve: {}", text)); }
  void problem(exit_code what, std::string_view text) {
    say(text);
    // What comes first is the cause; Ctrl-C and our own disk are told apart in any case.
    if (worst_ == exit_code::done || what == exit_code::local_io) worst_ = what;
  }
  [[nodiscard]] bool interrupted() const noexcept { return signals_ != 0; }
  [[nodiscard]] std::uint16_t port() const { return receiver_ ? receiver_->port() : arguments_.listen.port; }

  retrieve_arguments arguments_;
  json_lines json_;
  progress progress_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();

  std::optional<codicom::store_receiver> receiver_;
  std::optional<codicom::association> association_;
  std::shared_ptr<codicom::service::retrieval> current_;
  data_set current_match_;

  int signals_ = 0;
  exit_code worst_ = exit_code::done;
  bool refused_ = false;  // by a status of the peer
  bool stop_ = false;     // do not go on with the next match
  std::set<unique_id> studies_;
  std::uint64_t arrived_ = 0;  // of the current match
  std::uint64_t arrived_bytes_ = 0;
  std::uint64_t received_ = 0;
  std::uint64_t moved_ = 0;  // to somebody else, as the peer counts
  std::uint64_t failed_ = 0;
  std::uint64_t warnings_ = 0;
  std::uint64_t missing_ = 0;
  std::uint64_t bytes_ = 0;
};

}  // namespace tools
