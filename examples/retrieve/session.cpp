#include "../common/calling.hpp"
#include "../common/json_lines.hpp"
#include "../common/listening.hpp"
#include "../common/progress.hpp"
#include "../common/query.hpp"
#include "../common/table.hpp"
#include "../common/tally.hpp"
#include "advice.hpp"
#include "kept_files.hpp"
#include "session.hpp"

#include <codicom/codicom.hpp>

#include <asio/signal_set.hpp>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <system_error>
#include <unordered_set>
#include <utility>
#include <vector>

namespace tools {

using namespace codicom;

namespace {

constexpr auto drain_deadline = std::chrono::seconds{10};  // after C-CANCEL, before A-ABORT

bool is_local(const std::error_code& code) { return code == failure::local_io; }

/// What is asked for besides the keys: what it takes to retrieve a match, and to say what it is.
void add_return_keys(data_set& keys, query_level level) {
  const auto ask = [&keys](element_tag key) {
    if (!keys.contains(key)) keys.set(key);
  };
  ask(service::unique_key(level));
  switch (level) {
    case query_level::patient: ask(tag::PatientName); break;
    case query_level::study:
      ask(tag::PatientName), ask(tag::PatientID), ask(tag::StudyDate), ask(tag::StudyDescription);
      break;
    case query_level::series: ask(tag::Modality), ask(tag::SeriesNumber), ask(tag::SeriesDescription); break;
    case query_level::image: ask(tag::InstanceNumber), ask(tag::SOPClassUID); break;
  }
}

/// One line for a person: what a match is.
std::string label_of(const data_set& match, query_level level) {
  static constexpr element_tag shown[] = {tag::PatientName,   tag::PatientID,        tag::StudyDate,
                                          tag::Modality,      tag::StudyDescription, tag::SeriesDescription,
                                          tag::InstanceNumber};
  std::string line;
  for (const auto key : shown)
    if (const auto text = match.text(key); !text.empty()) line += (line.empty() ? "" : "  ") + printable(text);
  return line.empty() ? match.text(service::unique_key(level)) : line;
}

std::string snake_case(std::string_view keyword) {  // StudyInstanceUID -> study_instance_uid
  std::string text;
  for (std::size_t i = 0; i < keyword.size(); ++i) {
    const auto upper = [&](std::size_t k) { return k < keyword.size() && keyword[k] >= 'A' && keyword[k] <= 'Z'; };
    if (upper(i) && i != 0 && (!upper(i - 1) || (i + 1 < keyword.size() && !upper(i + 1)))) text += '_';
    text += upper(i) ? static_cast<char>(keyword[i] - 'A' + 'a') : keyword[i];
  }
  return text;
}

json_object match_event(const data_set& match, query_level level) {
  auto line = event("match");
  line["level"] = noun(level);
  for (const auto& element : match)
    if (const auto name = keyword(element.tag());
        !name.empty() && !element.is_sequence() && element.tag() != tag::QueryRetrieveLevel)
      line[snake_case(name)] = match.text(element);
  return line;
}

/// The series of a match, to be retrieved one by one.
struct series_part {
  data_set what;
  std::vector<service::instance_reference> instances;
};
std::vector<series_part> series_of(const data_set& match, const std::vector<service::instance_reference>& instances) {
  std::map<unique_id, series_part> parts;
  for (const auto& each : instances) {
    const auto [part, fresh] = parts.try_emplace(each.series_instance_uid);
    if (fresh) {
      part->second.what = match;
      part->second.what.set(tag::QueryRetrieveLevel, "SERIES").set(tag::StudyInstanceUID, each.study_instance_uid);
      part->second.what.set(tag::SeriesInstanceUID, each.series_instance_uid);
    }
    part->second.instances.push_back(each);
  }
  std::vector<series_part> all;
  for (auto& [uid, part] : parts) all.push_back(std::move(part));
  return all;
}

class retrieve_session {
 public:
  explicit retrieve_session(retrieve_arguments arguments)
      : arguments_{std::move(arguments)}, json_{arguments_.common.json} {}

  /// To the end, whatever happens. What it holds does I/O, so it may not outlive the io_context.
  [[nodiscard]] task<exit_code> run();

 private:
  // phases
  bool prepare_folder();
  task<bool> listen();
  void open_pool(const executor& where, association_options options);
  std::vector<unique_id> storage_classes() const;
  association_options options_for(const std::vector<unique_id>& sop_classes) const;
  task<> work();
  bool offers_what_we_need(const codicom::association& over);
  task<> find_and_retrieve();
  task<> watch_signals();
  task<std::vector<data_set>> find_matches(data_set keys);
  task<std::vector<data_set>> find_all();
  task<> plan();
  void tell_plan(std::size_t number, std::optional<std::uint64_t> bytes);
  task<> retrieve_here();
  task<> retrieve_there(std::size_t number);
  task<> keep(codicom::incoming_object& object, unique_id study, std::optional<std::size_t> number);
  void begin(std::size_t number);
  void tell_pending(const c_move_response& pending, std::size_t number);
  void settle(const codicom::service::retrieval_account& account, std::size_t number, bool by_name, bool again);
  void settle_by_name();
  void tell(const char* name, std::string_view study, const unique_id& instance, std::optional<dimse_status> status,
            std::string_view comment);
  void broken(const std::exception& error);
  void print_table(std::FILE* out) const;
  exit_code summarize();

  // what a person sees
  void say(std::string_view text) { progress_.line(fmt::format("codicom-retrieve: {}", text)); }
  void problem(exit_code what, std::string_view text) {
    say(text);
    // What comes first is the cause; Ctrl-C and our own disk are told apart in any case.
    if (worst_ == exit_code::done || what == exit_code::local_io) worst_ = what;
  }
  void suggest_doctor() {
    say(fmt::format("codicom-retrieve --doctor {} tries every step and tells where it breaks.", to_string(arguments_.archive)));
  }
  [[nodiscard]] bool interrupted() const noexcept { return signals_ != 0; }
  [[nodiscard]] std::uint16_t port() const { return receiver_ ? receiver_->port() : arguments_.listen.port; }

  retrieve_arguments arguments_;
  json_lines json_;
  progress progress_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();

  std::optional<codicom::store_receiver> receiver_;
  std::optional<association_pool> pool_;
  std::shared_ptr<codicom::service::retrieval> current_;  // to somebody else
  std::shared_ptr<codicom::service::bulk_retrieval> bulk_;

  // A match, what is to come of it, and what is here already.
  struct wanted {
    data_set match;
    std::optional<std::vector<service::instance_reference>> instances;  // nothing: the archive cannot say
    std::size_t here = 0;
    bool begun = false;
    // What became of it.
    std::uint64_t received = 0, failed = 0, missing = 0, bytes = 0;
    std::chrono::steady_clock::time_point first{}, last{};

    void ended() { last = std::chrono::steady_clock::now(); }
    [[nodiscard]] double seconds() const { return std::chrono::duration<double>(last - first).count(); }
  };
  std::vector<wanted> wanted_;
  task<std::optional<std::uint64_t>> size_of(const wanted& each);
  std::size_t current_number_ = 0;
  std::uint64_t expected_ = 0;  // objects to come; 0: not known

  int signals_ = 0;
  bool associated_ = false;  // once, at least
  exit_code worst_ = exit_code::done;
  bool refused_ = false;  // by a status of the peer
  bool stop_ = false;     // do not go on with the next match
  int refusals_ = 0;
  int local_failures_ = 0;
  std::string last_advice_;
  std::set<unique_id> studies_;
  std::uint64_t arrived_ = 0;
  std::uint64_t arrived_bytes_ = 0;
  std::uint64_t here_ = 0;  // before we began
  std::uint64_t unlisted_ = 0;  // lines of --from that nothing matched
  tally reasons_{"instance"};  // of failures
  std::set<unique_id> received_instances_;
  std::uint64_t received_ = 0;
  std::uint64_t moved_ = 0;  // to somebody else, as the peer counts
  std::uint64_t failed_ = 0;
  std::uint64_t warnings_ = 0;
  std::uint64_t missing_ = 0;
  std::uint64_t bytes_ = 0;
};

task<exit_code> retrieve_session::run() {
  if (!arguments_.destination) {
    if (!arguments_.dry_run && !prepare_folder()) co_return summarize();
    if (!arguments_.get && !arguments_.dry_run) {
      const bool listening = co_await listen();
      if (!listening) co_return summarize();
    }
  }
  const auto outcome = co_await race(work(), watch_signals());
  if (outcome.first.exception() && !interrupted()) {
    try {
      std::rethrow_exception(outcome.first.exception());
    } catch (const std::exception& error) {
      broken(error);
    }
  }
  // Whatever is still under way ends here: partial files go, complete ones stay.
  if (current_ && !wanted_.empty()) settle(current_->account(), current_number_, false, false);
  current_.reset();
  pool_.reset();  // what is still open tries to say A-ABORT and does not wait
  if (receiver_) {
    const auto stopped = co_await as_result(receiver_->stop());
    static_cast<void>(stopped);
  }
  co_return summarize();
}

bool retrieve_session::prepare_folder() {
  const auto error = make_writable_folder(arguments_.folder);
  if (!error) return true;
  problem(exit_code::local_io, fmt::format("cannot write to the folder {}: {}. Choose another one with -o DIR.",
                                           arguments_.folder.string(), error.message()));
  return false;
}

task<bool> retrieve_session::listen() {
  const auto title = arguments_.own_destination();
  store_receiver_options options;
  options.unknown_sop_classes = true;
  if (arguments_.common.timeout) options.acceptor.read = *arguments_.common.timeout;
  std::string what;
  try {
    options.acceptor.recording = arguments_.common.recording;
    options.acceptor.security = arguments_.common.tls.server();
    receiver_.emplace(co_await tools::listen(arguments_.listen, title, options));
  } catch (const std::system_error& error) {
    what = why_not_listening(arguments_.listen, error);
  }
  if (!what.empty()) {
    problem(exit_code::local_io, what);
    co_return false;
  }
  log(log_level::info, [&] { return fmt::format("listening on port {} as {}", receiver_->port(), title.view()); });
  co_return true;
}

association_options retrieve_session::options_for(const std::vector<unique_id>& sop_classes) const {
  auto options = calling(arguments_.common, arguments_.archive);
  options.propose(service::find_class(arguments_.model));
  if (!arguments_.dry_run)
    options.propose(arguments_.get ? service::get_class(arguments_.model) : service::move_class(arguments_.model));
  // Each object comes in its own transfer syntax where there is room for a context for it: 128 in all.
  namespace syntax = transfer_syntax;
  static constexpr unique_id compressed[] = {
      syntax::JPEGBaseline8Bit, syntax::JPEGLosslessSV1, syntax::JPEG2000Lossless, syntax::RLELossless,
      syntax::JPEG2000,         syntax::JPEGLSLossless,  syntax::JPEGExtended12Bit, syntax::JPEGLossless,
      syntax::JPEGLSNearLossless, syntax::HTJ2KLossless, syntax::HTJ2K,            syntax::MPEG4HP41};
  constexpr std::size_t room = 126;
  const auto classes = std::min(sop_classes.size(), room);
  const auto each = classes == 0 ? 0 : std::min(std::size(compressed), room / classes - 1);
  for (std::size_t i = 0; i < classes; ++i) {
    options.receive(sop_classes[i]);
    for (std::size_t k = 0; k < each; ++k) options.receive(sop_classes[i], std::span{&compressed[k], 1});
  }
  return options;
}

void retrieve_session::open_pool(const executor& where, association_options options) {
  pool_options how;
  how.most = std::max<std::size_t>(arguments_.parallel, 1);
  const auto connect = [archive = arguments_.archive, options = std::move(options)] {
    return codicom::associate(archive, options);
  };
  pool_.emplace(where, connect, how);
}

bool retrieve_session::offers_what_we_need(const codicom::association& over) {
  std::vector<unique_id> needed{service::find_class(arguments_.model)};
  if (!arguments_.dry_run)
    needed.push_back(arguments_.get ? service::get_class(arguments_.model) : service::move_class(arguments_.model));
  for (const auto& sop_class : needed)
    if (const auto why = over.parameters().why_not(sop_class); !why.empty()) {
      problem(exit_code::no_association,
              fmt::format("{} does not offer {} to us: {}. Try the other --model{}, or allow our AE title {} to query "
                          "and retrieve there.",
                          to_string(arguments_.archive), uid_name(sop_class), why,
                          arguments_.get ? ", or leave out --get" : "", arguments_.common.aet.view()));
      return false;
    }
  return true;
}

/// Of what is to come by C-GET; the usual ones where the archive does not tell.
std::vector<unique_id> retrieve_session::storage_classes() const {
  std::set<unique_id> told;
  bool all_told = true;
  for (const auto& each : wanted_) {
    all_told = all_told && each.instances;
    if (!each.instances) continue;
    for (const auto& one : *each.instances) {
      if (one.sop_class_uid.empty()) all_told = false;
      else told.insert(one.sop_class_uid);
    }
  }
  std::vector<unique_id> classes{told.begin(), told.end()};
  namespace sop = codicom::sop_class;
  static constexpr unique_id usual[] = {
      sop::CTImageStorage,          sop::MRImageStorage,
      sop::UltrasoundImageStorage,  sop::UltrasoundMultiFrameImageStorage,
      sop::SecondaryCaptureImageStorage, sop::ComputedRadiographyImageStorage,
      sop::DigitalXRayImageStorageForPresentation, sop::DigitalMammographyXRayImageStorageForPresentation,
      sop::XRayAngiographicImageStorage, sop::XRayRadiofluoroscopicImageStorage,
      sop::NuclearMedicineImageStorage, sop::PositronEmissionTomographyImageStorage,
      sop::EnhancedCTImageStorage,  sop::EnhancedMRImageStorage,
      sop::BasicTextSRStorage,      sop::EnhancedSRStorage,
      sop::ComprehensiveSRStorage,  sop::GrayscaleSoftcopyPresentationStateStorage,
      sop::KeyObjectSelectionDocumentStorage, sop::EncapsulatedPDFStorage,
      sop::RTStructureSetStorage,   sop::RTPlanStorage, sop::RTDoseStorage, sop::RTImageStorage};
  if (!all_told)
    for (const auto& each : usual)
      if (!told.contains(each)) classes.push_back(each);
  return classes;
}

task<> retrieve_session::work() {
  const auto where = co_await asio::this_coro::executor;
  open_pool(where, options_for({}));
  bool offered = false;
  {
    auto over = co_await pool_->acquire();
    associated_ = true;
    offered = offers_what_we_need(*over);
  }
  if (offered) co_await find_and_retrieve();
  co_await pool_->close();
}

task<> retrieve_session::find_and_retrieve() {
  auto matches = co_await find_all();
  if (refused_) co_return;
  for (const auto& match : matches) json_.write(match_event(match, arguments_.level));
  say(matches.empty() ? fmt::format("no {} matches", noun(arguments_.level))
                      : fmt::format("{} {} match{}", matches.size(), noun(arguments_.level, matches.size()),
                                    matches.size() == 1 ? "es" : ""));
  for (auto& match : matches) wanted_.emplace_back().match = std::move(match);

  if (arguments_.dry_run) {
    co_await plan();
  } else if (arguments_.destination) {
    for (std::size_t i = 0; i < wanted_.size() && !stop_ && !interrupted(); ++i) co_await retrieve_there(i);
  } else {
    co_await plan();
    co_await retrieve_here();
  }
}

/// What each match consists of, and what of it is here already.
task<> retrieve_session::plan() {
  const auto where = co_await asio::this_coro::executor;
  std::unordered_set<unique_id> names;
  for (auto& each : wanted_) {
    auto over = co_await pool_->acquire();
    each.instances = co_await service::find_instances(*over, each.match, arguments_.model);
    if (each.instances)
      for (const auto& one : *each.instances) names.insert(one.sop_instance_uid);
  }
  kept_files kept;
  if (arguments_.resume) {
    const auto look = [&folder = arguments_.folder, &names] { return kept_files{folder, names}; };
    kept = co_await blocking(where, look);
    for (const auto& file : kept.cut) {
      say(fmt::format("{} is not whole and is {}", file.string(),
                      arguments_.dry_run ? "to be retrieved again" : "retrieved again"));
      std::error_code ignored;
      if (!arguments_.dry_run) std::filesystem::remove(file, ignored);
    }
  }
  for (std::size_t i = 0; i < wanted_.size(); ++i) {
    auto& each = wanted_[i];
    if (each.instances)
      each.here = std::erase_if(*each.instances, [&](const service::instance_reference& one) {
        return kept.whole.contains(one.sop_instance_uid);
      });
    here_ += each.here;
    if (each.instances) expected_ += each.instances->size();
    if (!arguments_.dry_run) continue;
    const auto bytes = co_await size_of(each);
    tell_plan(i, bytes);
  }
}

void retrieve_session::tell_plan(std::size_t number, std::optional<std::uint64_t> bytes) {
  const auto& each = wanted_[number];
  auto line = event("planned");
  line["study_instance_uid"] = each.match.text(tag::StudyInstanceUID);
  if (each.instances) line["instances"] = each.instances->size();
  line["here"] = each.here;
  if (bytes) line["bytes"] = *bytes;
  json_.write(line);
  const auto count = each.instances ? std::to_string(each.instances->size()) : std::string{"an unknown number of"};
  progress_.line(fmt::format("[{}/{}] {}: {} {} to retrieve{}{}", number + 1, wanted_.size(),
                             label_of(each.match, arguments_.level), count,
                             each.instances && each.instances->size() == 1 ? "instance" : "instances",
                             bytes ? fmt::format(", {} before compression", human_bytes(*bytes)) : "",
                             each.here == 0 ? "" : fmt::format(", {} here already", each.here)));
}

/// The pixels of what is to come, where the archive tells: what makes their number is an optional key of the lowest
/// level (PS3.4 §C.3.1).
task<std::optional<std::uint64_t>> retrieve_session::size_of(const wanted& each) {
  const auto ask_for_size = [](data_set& keys, query_level level) {
    if (const auto key = service::unique_key(level); !keys.contains(key)) keys.set(key);
    if (level == query_level::image)
      keys.set(tag::Rows).set(tag::Columns).set(tag::BitsAllocated).set(tag::SamplesPerPixel).set(tag::NumberOfFrames);
  };
  auto keys = service::retrieve_identifier(each.match, arguments_.model);
  keys.erase(tag::QueryRetrieveLevel);
  auto over = co_await pool_->acquire();
  query asked{*over, arguments_.model, ask_for_size};
  const auto images = co_await asked.matches(std::move(keys), query_level::image);

  std::unordered_set<unique_id> to_come;
  if (each.instances)
    for (const auto& one : *each.instances) to_come.insert(one.sop_instance_uid);
  double bytes = 0;
  for (const auto& image : images) {
    if (each.instances && !to_come.contains(image.uid(tag::SOPInstanceUID).value_or(unique_id{}))) continue;
    const double pixels = double{1} * image.get(tag::Rows).value_or(0) * image.get(tag::Columns).value_or(0) *
                          std::max(1, static_cast<int>(image.get(tag::NumberOfFrames).value_or(1)));
    bytes += pixels * image.get(tag::SamplesPerPixel).value_or(1) * image.get(tag::BitsAllocated).value_or(0) / 8;
  }
  if (bytes == 0) co_return std::nullopt;
  co_return static_cast<std::uint64_t>(std::min(bytes, 1e18));
}

/// The first Ctrl-C asks the archive to stop and waits for its word; the second, or the deadline, does not.
task<> retrieve_session::watch_signals() {
  asio::signal_set signals{co_await asio::this_coro::executor, SIGINT, SIGTERM};
  co_await signals.async_wait(asio::use_awaitable);
  ++signals_;
  if (current_ || bulk_) {
    say("cancelling; once more to abort");
    const auto current = current_;
    const auto bulk = bulk_;
    if (current) co_await current->cancel();
    if (bulk) co_await bulk->cancel();
    const auto second = co_await race(
        [](asio::signal_set& set) -> task<int> { co_return co_await set.async_wait(asio::use_awaitable); }(signals),
        sleep_for(drain_deadline));
    if (second.winner == 1) ++signals_;
    else say("the archive does not stop: aborting");
  }
}

// ---- C-FIND ---------------------------------------------------------------------------------------------------------

/// What matches the keys, or any line of the list; each once.
task<std::vector<data_set>> retrieve_session::find_all() {
  std::vector<data_set> all;
  if (arguments_.work_list.empty()) {
    all = co_await find_matches(arguments_.keys);
    co_return all;
  }
  std::set<std::string> seen;
  for (std::size_t i = 0; i < arguments_.work_list.size() && !refused_; ++i) {
    auto found = co_await find_matches(arguments_.work_list[i]);
    if (found.empty() && !refused_) {
      ++unlisted_;
      problem(exit_code::partly, fmt::format("nothing matches entry {} of the list", i + 1));
    }
    for (auto& match : found) {
      const bool fresh = seen.insert(match.text(service::unique_key(arguments_.level))).second;
      if (fresh) all.push_back(std::move(match));
    }
  }
  co_return all;
}

task<std::vector<data_set>> retrieve_session::find_matches(data_set keys) {
  auto over = co_await pool_->acquire();
  query asked{*over, arguments_.model, add_return_keys};
  auto found = co_await asked.matches(std::move(keys), arguments_.level);
  if (asked.refused()) {
    refused_ = true;
    problem(exit_code::refused, find_advice(*asked.refused(), asked.refused_at()));
  }
  co_return found;
}

// ---- C-MOVE ---------------------------------------------------------------------------------------------------------

void retrieve_session::begin(std::size_t number) {
  auto& which = wanted_[number];
  if (std::exchange(which.begun, true)) return;
  which.first = which.last = std::chrono::steady_clock::now();
  const auto label = fmt::format("{}/{} {}", number + 1, wanted_.size(), label_of(which.match, arguments_.level));
  progress_.begin(label);
  progress_.line(fmt::format("[{}/{}] {}{}", number + 1, wanted_.size(), label_of(which.match, arguments_.level),
                             which.here == 0 ? "" : fmt::format(", {} here already", which.here)));
}

void retrieve_session::tell_pending(const c_move_response& pending, std::size_t number) {
  auto line = tools::event("pending");
  line["study_instance_uid"] = wanted_[number].match.text(tag::StudyInstanceUID);
  const auto count = [&line](const char* name, std::optional<std::uint16_t> value) {
    if (value) line[name] = *value;
  };
  count("remaining", pending.remaining);
  count("completed", pending.completed);
  count("failed", pending.failed);
  count("warning", pending.warning);
  json_.write(line);
}

task<> retrieve_session::retrieve_here() {
  if (arguments_.get) {  // its associations are to know the storage classes
    const auto where = co_await asio::this_coro::executor;
    co_await pool_->close();
    open_pool(where, options_for(storage_classes()));
  }
  service::bulk_handlers with;
  with.on_begin = [this](const service::bulk_job& job) { begin(job.label); };
  with.on_event = [this](const service::bulk_job& job, service::retrieval_event& event,
                         const service::retrieval& retrieval) -> task<> {
    if (auto* object = event.arrived()) {
      co_await keep(*object, event.study_instance_uid(), job.label);
      const auto total = expected_ != 0 ? expected_ : wanted_.size() == 1 ? retrieval.total().value_or(0) : 0;
      progress_.update(arrived_, total, arrived_bytes_);
    } else if (auto* stranger = event.unexpected()) {
      co_await keep(*stranger, event.study_instance_uid(), std::nullopt);
    } else if (const auto* pending = event.pending()) {
      tell_pending(*pending, job.label);
    }
    if (stop_) co_await bulk_->cancel();
  };
  with.on_end = [this](const service::bulk_job& job, const service::retrieval_account& account,
                       std::exception_ptr lost, bool again) {
    settle(account, job.label, !job.instances.empty(), again);
    if (lost && !interrupted()) {
      try {
        std::rethrow_exception(lost);
      } catch (const std::exception& error) {
        if (again) say(fmt::format("{} Trying again.", error.what()));
        else if (last_advice_ != error.what()) broken(error);
        last_advice_ = error.what();
      }
    }
    if (stop_) bulk_->stop();
  };
  service::bulk_options how;
  how.model = arguments_.model;
  how.parallel = arguments_.parallel;
  how.batch = arguments_.batch;
  how.retries = arguments_.times_to_retry();
  if (arguments_.common.timeout)
    how.late_arrivals = std::min<codicom::duration>(how.late_arrivals, *arguments_.common.timeout);
  bulk_ = std::make_shared<service::bulk_retrieval>(*pool_, std::move(with), receiver_ ? &*receiver_ : nullptr, how);
  const auto to_do = static_cast<std::size_t>(std::count_if(wanted_.begin(), wanted_.end(), [](const wanted& each) {
    return each.here == 0 || !each.instances->empty();
  }));
  for (std::size_t i = 0; i < wanted_.size(); ++i) {
    auto& each = wanted_[i];
    if (each.here != 0 && each.instances->empty()) continue;
    const bool has_series = arguments_.level < query_level::series && each.instances;
    if (each.here == 0 && has_series && to_do < arguments_.parallel) {  // else associations would have nothing to do
      for (auto& part : series_of(each.match, *each.instances)) bulk_->add(std::move(part.what), std::move(part.instances), i);
    } else if (each.here != 0) {  // the whole match would bring what is here once more
      const auto patient =
          arguments_.model == query_model::patient_root ? each.match.text(tag::PatientID) : std::string{};
      bulk_->add_by_name(*each.instances, patient, i);
    } else {
      bulk_->add(each.match, each.instances.value_or(std::vector<service::instance_reference>{}), i);
    }
  }
  const auto bulk = bulk_;
  const auto ended = co_await race(bulk->run(), pool_->run());  // which releases those that have nothing to do any more
  static_cast<void>(ended.first.value());
}

task<> retrieve_session::retrieve_there(std::size_t number) {
  begin(number);
  const auto match = wanted_[number].match;
  service::retrieve_options options;
  options.model = arguments_.model;
  auto over = co_await pool_->acquire();
  current_ = std::make_shared<service::retrieval>(
      service::retrieve_to(*over, *arguments_.destination, match, options));
  current_number_ = number;
  const auto current = current_;
  while (auto event = co_await current->next()) {
    const auto* pending = event->pending();
    if (pending == nullptr) continue;
    tell_pending(*pending, number);
    progress_.update(pending->completed.value_or(0), current->total().value_or(0), 0);
  }
  current_.reset();
  settle(current->account(), number, false, false);
}

/// Keep an object, or tell why not: the archive has been answered in either case.
task<> retrieve_session::keep(incoming_object& object, unique_id study, std::optional<std::size_t> number) {
  const bool expected = number.has_value();
  const auto request = object.request();
  const auto calling = object.association().calling_ae_title();
  const auto syntax = object.transfer_syntax();
  std::string what;
  bool local = false;
  try {
    const auto folder = co_await folder_for(object, arguments_.folder, arguments_.layout);
    const auto saved = co_await object.save(folder);
    if (number) {
      auto& match = wanted_[*number];
      ++arrived_, ++match.received;
      arrived_bytes_ += saved.bytes, match.bytes += saved.bytes;
      match.ended();
    }
    auto line = event(expected ? "arrived" : "unexpected");
    line["calling_ae_title"] = calling.view();
    line["study_instance_uid"] = study.view();
    line["sop_class_uid"] = request.affected_sop_class_uid.view();
    line["sop_instance_uid"] = request.affected_sop_instance_uid.view();
    line["transfer_syntax_uid"] = syntax.view();
    line["file"] = saved.path.string();
    line["bytes"] = saved.bytes;
    json_.write(line);
    if (expected && !study.empty()) studies_.insert(study);
    if (arguments_.common.verbose) progress_.line(fmt::format("{}  {}", saved.path.string(), human_bytes(saved.bytes)));

    if (!expected) {
      ++warnings_;
      say(fmt::format("{} sent {}, which nobody asked for; it is kept as {}", printable(calling.view()),
                      printable(request.affected_sop_instance_uid.view()), saved.path.string()));
    }
    if (saved.outcome == save_outcome::renamed_conflict) {
      ++warnings_;
      say(fmt::format("another object with the UID {} is there already: this one is kept as {}",
                      printable(request.affected_sop_instance_uid.view()), saved.path.string()));
    }
    if (saved.sop_instance_differs) {
      ++warnings_;
      say(fmt::format("{}: the archive called it {}, but its SOP Instance UID (0008,0018) is another one",
                      saved.path.string(), printable(request.affected_sop_instance_uid.view())));
    }
  } catch (const std::system_error& error) {
    if (error.code() == failure::cancelled) throw;
    local = is_local(error.code());
    what = error.what();
  }
  if (what.empty()) co_return;
  if (local) {
    stop_ = true;  // the next object would fare no better
    if (local_failures_++ == 0)
      problem(exit_code::local_io,
              fmt::format("cannot keep {}: {}. The archive was told so, and no part of it is left. "
                          "Make room, or choose another folder with -o DIR, and start again.",
                          printable(request.affected_sop_instance_uid.view()), what));
    else say(fmt::format("cannot keep {} either", printable(request.affected_sop_instance_uid.view())));
  } else {
    say(fmt::format("{} did not come whole: {}", printable(request.affected_sop_instance_uid.view()), what));
  }
}

void retrieve_session::tell(const char* name, std::string_view study, const unique_id& instance,
                            std::optional<dimse_status> status, std::string_view comment) {
  auto line = event(name);
  line["study_instance_uid"] = study;
  line["sop_instance_uid"] = instance.view();
  if (status) line["status"] = to_string(*status);
  if (!comment.empty()) line["comment"] = printable(comment);
  json_.write(line);
}

/// What became of each object that was asked for by name.
void retrieve_session::settle_by_name() {
  if (!bulk_) return;
  for (const auto& each : bulk_->results()) {
    if (each.outcome == service::instance_outcome::received) continue;
    const bool failed = each.outcome == service::instance_outcome::failed;
    ++(failed ? failed_ : missing_);
    ++(failed ? wanted_[each.label].failed : wanted_[each.label].missing);
    tell(failed ? "failed" : "missing", each.instance.study_instance_uid.view(), each.instance.sop_instance_uid,
         each.status, each.comment);
    std::string why = failed ? "failed" : "never arrived";
    if (each.status && !each.status->is_success()) why += ": " + to_string(*each.status);
    if (!each.comment.empty()) why += fmt::format(", {}", printable(each.comment));
    reasons_.add(why);
  }
}

/// One retrieval has ended, or what remains of it when the association broke.
void retrieve_session::settle(const service::retrieval_account& account, std::size_t number, bool by_name, bool again) {
  auto& match = wanted_[number];
  match.ended();
  received_instances_.insert(account.received.begin(), account.received.end());
  received_ = received_instances_.size();
  warnings_ += account.warning_count;
  bytes_ += account.bytes;
  if (again) {
    if (account.last && (account.last->status.is_failure() || account.failed_count + account.missing_count != 0))
      say(fmt::format("the archive answered {}: asking again for what did not come", to_string(account.last->status)));
    return;
  }
  const auto study = match.match.text(tag::StudyInstanceUID);
  if (!by_name) {
    match.failed += account.failed_count;
    match.missing += account.missing_count;
    failed_ += account.failed_count;
    missing_ += account.missing_count;
    const auto status = account.last ? std::optional{account.last->status} : std::nullopt;
    const auto comment = account.last ? account.last->error_comment : std::string{};
    for (const auto& each : account.failed) tell("failed", study, each, status, comment);
    for (const auto& each : account.missing) tell("missing", study, each, status, comment);
    if (account.failed_count != 0)
      reasons_.add(account.last ? status_text(status_service::query_retrieve_move, *account.last)
                                : std::string{"refused here"},
                   account.failed_count);
    if (account.missing_count != 0)
      reasons_.add(account.last ? "never arrived" : "the association was lost", account.missing_count);
  }

  const bool anything = account.received_count != 0;
  if (arguments_.destination) {
    moved_ += account.received_count;  // the peer's word
    match.received += account.received_count;
    if (account.received_count != 0 && !study.empty()) studies_.insert(unique_id{study});
  }
  if (!account.last) return;
  const auto status = account.last->status;
  if (status.is_success()) {
    if (!anything && account.missing_count != 0) problem(exit_code::partly, nothing_arrived_advice(arguments_, port()));
    else if (account.missing_count != 0)
      problem(exit_code::partly, fmt::format("{} of {} that the archive says it has sent never arrived; ask again for "
                                             "them, or look into its log.",
                                             account.missing_count, account.missing_count + account.received.size()));
    else if (account.failed_count != 0) problem(exit_code::partly, fmt::format("{} failed", account.failed_count));
    return;
  }
  if (status.is_cancel() && account.cancelled) return;
  if (status.is_warning() && account.failed_count == 0 && account.missing_count == 0) {
    say(fmt::format("the archive ended the C-MOVE with a warning: {}", to_string(status)));
    if (account.warning_count == 0) ++warnings_;
    return;
  }
  if (status.is_failure()) refused_ = true;
  if (status == codicom::status::move_destination_unknown) stop_ = true;  // for every match alike
  const auto advice = move_advice(*account.last, anything, arguments_, port());
  problem(anything ? exit_code::partly : exit_code::refused, advice == last_advice_ ? "the same again" : advice);
  last_advice_ = advice;
  constexpr int enough = 3;  // what is set up wrong there is so for every match
  if (!anything && received_ + moved_ == 0 && ++refusals_ == enough) stop_ = true;
}

void retrieve_session::broken(const std::exception& error) {
  if (const auto* known = dynamic_cast<const association_error*>(&error); known != nullptr && associated_) {
    const bool anything = received_ + arrived_ != 0;
    const bool aborted = known->code() == errc::aborted_by_peer || known->code() == errc::aborted_by_provider;
    problem(aborted && !anything ? exit_code::refused : exit_code::partly,
            broken_advice(*known, anything, arguments_, port()));
  } else {
    const auto* system = dynamic_cast<const std::system_error*>(&error);
    problem(system != nullptr && is_local(system->code()) ? exit_code::local_io : exit_code::no_association,
            error.what());
  }
}

/// A line for each match; of many, for those with something amiss.
void retrieve_session::print_table(std::FILE* out) const {
  constexpr std::size_t many = 50, label_width = 48;
  const auto number = [](std::uint64_t count) { return count == 0 ? std::string{} : std::to_string(count); };
  std::vector<std::vector<std::string>> rows;
  for (const auto& each : wanted_) {
    if (!each.begun && each.here == 0) continue;
    if (wanted_.size() > many && each.failed + each.missing == 0) continue;
    rows.push_back({shortened(label_of(each.match, arguments_.level), label_width), std::to_string(each.received),
                    number(each.here), number(each.failed), number(each.missing),
                    each.bytes == 0 ? "" : human_bytes(each.bytes), each.begun ? fmt::format("{:.1f}", each.seconds()) : "",
                    each.bytes == 0 ? "" : fmt::format("{:.1f}", rate(each.bytes, each.seconds()))});
  }
  if (rows.empty()) return;
  auto what = std::string{noun(arguments_.level)};
  what[0] = static_cast<char>(what[0] - 'a' + 'A');
  fmt::print(out, "{}", table_of({what, arguments_.destination ? "Moved" : "Received", "Here", "Failed", "Missing", "Size",
                                  "Seconds", "MB/s"},
                                 rows));
}

exit_code retrieve_session::summarize() {
  progress_.clear();
  settle_by_name();
  const auto seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  auto code = worst_;
  if (code == exit_code::refused && (received_ != 0 || moved_ != 0)) code = exit_code::partly;
  if (code == exit_code::done && (failed_ != 0 || missing_ != 0)) code = exit_code::partly;
  if (interrupted()) code = exit_code::cancelled;

  for (const auto& each : wanted_) {
    if (!each.begun && each.here == 0) continue;
    auto line = event("match_done");
    line["study_instance_uid"] = each.match.text(tag::StudyInstanceUID);
    line["received"] = each.received;
    line["here"] = each.here;
    line["failed"] = each.failed;
    line["missing"] = each.missing;
    line["bytes"] = each.bytes;
    line["seconds"] = each.seconds();
    json_.write(line);
  }
  auto line = event("done");
  line["studies"] = studies_.size();
  line["received"] = received_;
  if (arguments_.destination) line["moved"] = moved_;
  line["failed"] = failed_;
  line["warnings"] = warnings_;
  line["missing"] = missing_;
  line["here"] = here_;
  line["bytes"] = bytes_;
  line["seconds"] = seconds;
  line["cancelled"] = interrupted();
  line["exit_code"] = static_cast<int>(code);
  json_.write(line);

  if (!associated_) {  // what there is to say has been said
    if (code == exit_code::no_association) suggest_doctor();
    return code;
  }
  const auto instances = arguments_.destination ? moved_ : received_;
  auto text = fmt::format("{} {} {}, {} {}, {} failed", arguments_.destination ? "moved" : "retrieved", studies_.size(),
                          noun(query_level::study, studies_.size()), instances,
                          instances == 1 ? "instance" : "instances", failed_);
  if (missing_ != 0) text += fmt::format(", {} missing", missing_);
  if (warnings_ != 0) text += fmt::format(", {} {}", warnings_, warnings_ == 1 ? "warning" : "warnings");
  if (interrupted()) text += ", cancelled";
  if (arguments_.dry_run) text = fmt::format("{} instances to retrieve", expected_);
  if (here_ != 0) text += fmt::format(", {} here already", here_);
  const auto out = json_.is_on() ? stderr : stdout;
  if (!arguments_.dry_run) print_table(out);
  fmt::print(out, "{}\n", text);
  if (bytes_ != 0) fmt::print(out, "  {}\n", speed(bytes_, seconds));
  reasons_.print(out);
  if (code == exit_code::refused) suggest_doctor();
  return code;
}

task<exit_code> run_session(retrieve_arguments arguments) {
  retrieve_session session{std::move(arguments)};
  co_return co_await session.run();
}

}  // namespace

exit_code retrieve(retrieve_arguments arguments) { return codicom::run(run_session(std::move(arguments))); }

}  // namespace tools
