#include "doctor.hpp"

#include "../common/calling.hpp"
#include "../common/find_advice.hpp"
#include "../common/json_lines.hpp"
#include "../common/listening.hpp"
#include "../common/progress.hpp"
#include "../common/query.hpp"
#include "../common/status_text.hpp"
#include "../common/tally.hpp"

#include <codicom/codicom.hpp>
#include <codicom/net/tcp.hpp>

#include <asio/ip/tcp.hpp>
#include <asio/ip/udp.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace tools {

using namespace codicom;

namespace {

constexpr auto patience = std::chrono::seconds{30};  // for an answer to the C-MOVE, unless --timeout says otherwise

/// What came to our port.
struct visits {
  std::size_t connections = 0;
  std::string from;  // the last one's address
  std::vector<std::string> called;  // titles that associations called us by
  std::string trouble;  // why the last association failed, in the library's words
};

bool is_loopback(std::string_view address) {
  return address.starts_with("127.") || address == "::1" || address == "localhost";
}

class doctor {
 public:
  explicit doctor(retrieve_arguments arguments) : arguments_{std::move(arguments)}, json_{arguments_.common.json} {}

  [[nodiscard]] task<exit_code> run();

 private:
  // The links of the chain. False: what hangs on it cannot be tried.
  task<bool> listens();
  task<bool> resolves();
  task<bool> connects();
  task<bool> associates();
  task<bool> echoes();
  task<bool> finds();
  task<> moves();
  task<> gets();

  task<> read_away(incoming_object& object);
  void judge_move(const service::retrieval_account& account, std::exception_ptr broken);
  [[nodiscard]] std::string own_entry() const;

  enum class verdict { good, bad, untested };
  void tell(std::string_view step, verdict what, std::string_view text, std::string_view advice = {});
  void good(std::string_view step, std::string_view text) { tell(step, verdict::good, text); }
  void untested(std::string_view step, std::string_view why) { tell(step, verdict::untested, why); }
  void bad(std::string_view step, exit_code code, std::string_view text, std::string_view advice) {
    tell(step, verdict::bad, text, advice);
    if (outcome_ == exit_code::done) outcome_ = code, broken_ = step;
  }

  retrieve_arguments arguments_;
  json_lines json_;
  exit_code outcome_ = exit_code::done;
  std::string broken_;

  std::optional<store_receiver> receiver_;
  std::optional<codicom::association> over_;
  std::vector<asio::ip::tcp::endpoint> addresses_;
  std::string own_address_;  // as the archive sees it, if nothing between changes it
  data_set wanted_;          // one object, or a study where the archive does not name its objects
  unique_id wanted_class_;
  visits seen_;
  std::uint64_t bytes_ = 0;
};

void doctor::tell(std::string_view step, verdict what, std::string_view text, std::string_view advice) {
  static constexpr const char* marks[] = {" ok ", "FAIL", " -- "};
  static constexpr const char* words[] = {"good", "bad", "untested"};
  const auto index = static_cast<std::size_t>(what);
  if (json_.is_on()) {
    auto line = event("check");
    line["step"] = step;
    line["outcome"] = words[index];
    line["text"] = text;
    if (!advice.empty()) line["advice"] = advice;
    json_.write(line);
    return;
  }
  fmt::print("[{}] {:<9}  {}\n", marks[index], step, text);
  if (!advice.empty()) fmt::print("                  {}\n", advice);
  std::fflush(stdout);
}

/// The line that the archive's table of remote AEs must have.
std::string doctor::own_entry() const {
  const auto port = receiver_ ? receiver_->port() : arguments_.listen.port;
  return fmt::format("AE title {}, host {}, port {}", arguments_.own_destination().view(),
                     own_address_.empty() ? "this machine's address" : own_address_, port);
}

task<exit_code> doctor::run() {
  // What goes wrong with who calls us is only told to the log.
  set_log([this, verbose = arguments_.common.verbose](log_level, std::string_view line) {
    constexpr std::string_view ended = "association ended: ";
    if (line.starts_with(ended)) seen_.trouble = printable(line.substr(ended.size()));
    if (verbose) fmt::print(stderr, "{}\n", line);
  });
  bool listening = false;
  if (!arguments_.get) listening = co_await listens();
  bool on = co_await resolves();
  if (on) on = co_await connects();
  if (on) on = co_await associates();
  if (on) on = co_await echoes();
  if (on) on = co_await finds();
  if (on && arguments_.get) co_await gets();
  else if (on && listening) co_await moves();
  if (over_ && over_->is_open()) {
    const auto released = co_await as_result(over_->release());
    static_cast<void>(released);
  }
  if (receiver_) {
    const auto stopped = co_await as_result(receiver_->stop());
    static_cast<void>(stopped);
  }
  set_log({});
  auto line = event("done");
  line["broken"] = broken_;
  line["exit_code"] = static_cast<int>(outcome_);
  json_.write(line);
  if (!json_.is_on())
    fmt::print("{}\n", outcome_ == exit_code::done
                           ? "The whole way works: what this archive has can be retrieved."
                           : fmt::format("The first thing to mend: {}.", broken_));
  co_return outcome_;
}

// ---- our side -------------------------------------------------------------------------------------------------------

task<bool> doctor::listens() {
  const auto title = arguments_.own_destination();
  store_receiver_options options;
  options.unknown_sop_classes = true;
  std::string why;
  try {
    // Every connection passes here, whatever becomes of it.
    options.acceptor.security = [this, secure = arguments_.common.tls.server()](std::unique_ptr<transport> over,
                                                                               std::string_view host) {
      ++seen_.connections;
      seen_.from = over->remote_address();
      return secure ? secure(std::move(over), host) : std::move(over);
    };
    options.acceptor.access = [this](const dul::a_associate_rq& request,
                                     const remote_end&) -> std::optional<dul::reject_cause> {
      seen_.called.push_back(request.called_ae_title.str());
      return std::nullopt;
    };
    options.acceptor.recording = arguments_.common.recording;
    receiver_.emplace(co_await listen(arguments_.listen, title, options));
  } catch (const std::system_error& error) {
    why = why_not_listening(arguments_.listen, error);
  }
  if (!receiver_) {
    bad("listen", exit_code::local_io, "we cannot receive: " + why, {});
    co_return false;
  }
  const bool only_here = is_loopback(arguments_.listen.address);
  if (only_here && !is_loopback(arguments_.archive.host)) {
    bad("listen", exit_code::local_io,
        fmt::format("we listen on {} only, where no other machine can reach us", arguments_.listen.address),
        "Leave the address out of --listen, or give one of this machine in the archive's network.");
    co_return false;
  }
  good("listen", fmt::format("we listen on port {} as {}", receiver_->port(), title.view()));
  co_return true;
}

// ---- the way there --------------------------------------------------------------------------------------------------

task<bool> doctor::resolves() {
  const auto where = co_await asio::this_coro::executor;
  const auto& archive = arguments_.archive;
  const auto look_up = [host = archive.host, port = archive.port](std::error_code& error) {
    asio::io_context io;
    asio::ip::tcp::resolver resolver{io};
    std::vector<asio::ip::tcp::endpoint> found;
    for (const auto& each : resolver.resolve(host, std::to_string(port), error)) found.push_back(each.endpoint());
    return found;
  };
  std::error_code error;
  const auto work = [&look_up, &error] { return look_up(error); };
  addresses_ = co_await blocking(where, work);
  if (addresses_.empty()) {
    bad("name", exit_code::no_association, fmt::format("the name '{}' is not known: {}", archive.host, error.message()),
        "Check its spelling, ask your network's people, or give the address in numbers.");
    co_return false;
  }
  // Nothing is sent: the system only chooses the way, and with it the address that we have on it.
  std::error_code ignored;
  asio::io_context io;
  asio::ip::udp::socket way{io};
  const asio::ip::udp::endpoint there{addresses_.front().address(), archive.port};
  way.open(there.protocol(), ignored);
  way.connect(there, ignored);
  const auto own = way.local_endpoint(ignored);
  if (!ignored) own_address_ = own.address().to_string();
  std::string all;
  for (const auto& each : addresses_) all += (all.empty() ? "" : ", ") + each.address().to_string();
  good("name", fmt::format("{} is {}; we are {} on the way there", archive.host, all,
                           own_address_.empty() ? "of unknown address" : own_address_));
  co_return true;
}

task<bool> doctor::connects() {
  const auto& archive = arguments_.archive;
  const auto within = arguments_.common.timeout.value_or(std::chrono::seconds{15});
  auto connected = co_await as_result(connect_tcp(archive.host, archive.port, within));
  if (connected) {
    (*connected)->close();
    good("connect", fmt::format("somebody listens on port {} there", archive.port));
    co_return true;
  }
  if (connected.error() == errc::connect_timed_out)
    bad("connect", exit_code::no_association, fmt::format("no answer from port {} there", archive.port),
        "A firewall drops the connection, or the machine is off, or has another address.");
  else
    bad("connect", exit_code::no_association, fmt::format("nobody listens on port {} there", archive.port),
        "Check the port in the archive's configuration, and that it is running; a firewall may refuse, too.");
  co_return false;
}

task<bool> doctor::associates() {
  const auto& archive = arguments_.archive;
  auto options = calling(arguments_.common, archive);
  if (!arguments_.common.timeout) options.response = patience;
  options.propose(service::verification, service::study_root_find, service::patient_root_find, service::study_root_move,
                  service::patient_root_move, service::study_root_get, service::patient_root_get);
  const auto own = arguments_.common.aet.str();
  const auto title = archive.ae_title.str();
  std::string text, advice;
  try {
    over_.emplace(co_await associate(archive, std::move(options)));
  } catch (const association_error& error) {
    const auto cause = error.diagnostics().rejected;
    text = error.what();
    if (cause == dul::rejection::calling_ae_title_not_recognized) {
      text = fmt::format("it does not know our AE title {}", own);
      advice = fmt::format("Enter {} in the archive's table of remote AEs, or call by a title that is there with --aet.",
                           own_entry());
    } else if (cause == dul::rejection::called_ae_title_not_recognized) {
      text = fmt::format("it does not answer to the AE title {}", title);
      advice = fmt::format(
          "Look up the archive's own AE title in its configuration; capital letters count. Some archives say this, too, to "
          "a caller whom that title does not let in: we are {}.",
          own);
    } else if (error.code() == errc::association_timed_out) {
      text = "it takes the connection, but does not answer as a DICOM archive does";
      advice = "Is this the DICOM port, and not that of its web pages? If it wants TLS, use --tls.";
    } else if (error.code() == errc::malformed_pdu || error.code() == errc::unexpected_pdu) {
      text = "what answers there does not speak DICOM";
      advice = "Check the port: it may be that of web pages. If it wants TLS, use --tls.";
    } else if (error.code() == failure::peer_gone) {
      text = "it ends the connection without an answer";
      advice = fmt::format(
          "It may let in only certain hosts or AE titles (we are {}, {}), or want TLS (--tls). Its log tells.",
          own_address_.empty() ? "of unknown address" : own_address_, own);
    }
  } catch (const std::system_error& error) {
    text = error.what();
  }
  if (!over_) {
    bad("associate", exit_code::no_association, text, advice);
    co_return false;
  }
  const auto& agreed = over_->parameters();
  std::string offered;
  const auto add = [&](std::string_view name, const unique_id& study, const unique_id& patient) {
    const bool has_study = agreed.accepted(study) != nullptr, has_patient = agreed.accepted(patient) != nullptr;
    if (!has_study && !has_patient) return;
    offered += fmt::format("{}{} ({})", offered.empty() ? "" : ", ", name,
                           has_study && has_patient ? "study and patient root"
                           : has_study              ? "study root"
                                                    : "patient root");
  };
  add("C-FIND", service::study_root_find, service::patient_root_find);
  add("C-MOVE", service::study_root_move, service::patient_root_move);
  add("C-GET", service::study_root_get, service::patient_root_get);
  if (agreed.accepted(service::find_class(arguments_.model)) == nullptr) {
    bad("associate", exit_code::no_association,
        fmt::format("{} and {} agree, but it offers us {}", own, title, offered.empty() ? "no queries" : "only " + offered),
        "Try the other --model, or allow our AE title to query and retrieve there. Is this the archive, or a part of it "
        "that only stores?");
    co_return false;
  }
  good("associate", fmt::format("{} and {} agree; it offers {}", own, title, offered));
  co_return true;
}

task<bool> doctor::echoes() {
  if (over_->parameters().accepted(service::verification) == nullptr) {
    untested("echo", "it offers no C-ECHO");
    co_return true;
  }
  const auto answer = co_await as_result(over_->echo());
  if (answer && answer->status.is_success()) {
    good("echo", "it answers");
    co_return true;
  }
  bad("echo", exit_code::refused,
      answer ? "it answers " + status_text(status_service::general, *answer) : "no answer: " + answer.error().message(),
      "Its log tells why.");
  co_return answer.has_value();
}

// ---- what is there --------------------------------------------------------------------------------------------------

task<bool> doctor::finds() {
  const auto columns = [](data_set& keys, query_level level) {
    const auto ask = [&keys](element_tag key) {
      if (!keys.contains(key)) keys.set(key);
    };
    ask(service::unique_key(level));
    if (level == query_level::study) ask(tag::PatientID), ask(tag::NumberOfStudyRelatedInstances);
  };
  constexpr std::size_t enough = 20;
  std::vector<data_set> found;
  std::string broken;
  query asked{*over_, arguments_.model, columns};
  asked.limit = enough;
  std::optional<std::vector<service::instance_reference>> instances;
  try {
    found = co_await asked.matches(arguments_.keys, query_level::study);
    // The smallest one costs the archive least.
    const auto size = [](const data_set& study) {
      const auto count = study.text(tag::NumberOfStudyRelatedInstances);
      return count.empty() ? 0L : std::atol(count.c_str());
    };
    if (!found.empty()) {
      wanted_ = *std::min_element(found.begin(), found.end(),
                                  [&size](const data_set& a, const data_set& b) { return size(a) < size(b); });
      wanted_.set(tag::QueryRetrieveLevel, "STUDY");
      instances = co_await service::find_instances(*over_, wanted_, arguments_.model);
    }
  } catch (const association_error& error) {
    broken = error.what();
  }
  if (!broken.empty()) {
    bad("find", exit_code::refused, "the association broke: " + broken, "It may not allow us to query: its log tells.");
    co_return false;
  }
  if (asked.refused()) {
    bad("find", exit_code::refused, find_advice(*asked.refused(), asked.refused_at()), {});
    co_return false;
  }
  if (found.empty()) {
    bad("find", exit_code::partly, "it answers, but no study matches, so the way back cannot be tried",
        "Name a study that is there with -k, as in -k PatientID=4711. If it should be there, our AE title may not be "
        "allowed to see it.");
    co_return false;
  }
  if (instances && !instances->empty()) {
    const auto& one = instances->front();
    wanted_.set(tag::QueryRetrieveLevel, "IMAGE").set(tag::SeriesInstanceUID, one.series_instance_uid);
    wanted_.set(tag::SOPInstanceUID, one.sop_instance_uid);
    wanted_class_ = one.sop_class_uid;
  }
  good("find", fmt::format("{}{}", asked.limited() ? fmt::format("{} studies or more match", found.size())
                                                    : fmt::format("{} {} match", found.size(), noun(query_level::study, found.size())),
                           instances && !instances->empty() ? "; we ask for one object of the smallest"
                                                            : "; we ask for the smallest"));
  co_return true;
}

// ---- the way back ---------------------------------------------------------------------------------------------------

task<> doctor::read_away(incoming_object& object) {
  std::array<std::byte, 16384> piece;
  for (;;) {
    const auto size = co_await object.read_some(piece);
    if (size == 0) break;
    bytes_ += size;
  }
  co_await object.respond(status::success);
}

task<> doctor::moves() {
  if (over_->parameters().accepted(service::move_class(arguments_.model)) == nullptr) {
    bad("move", exit_code::no_association, "it offers no C-MOVE to us in this model",
        "Try the other --model, or allow our AE title to retrieve there.");
    co_return;
  }
  service::retrieve_options how;
  how.model = arguments_.model;
  how.read_expectation = false;
  how.late_arrivals = std::chrono::seconds{3};
  auto retrieval = service::retrieve(*over_, *receiver_, wanted_, how);
  std::exception_ptr broken;
  try {
    while (auto event = co_await retrieval.next()) {
      if (auto* object = event->arrived()) co_await read_away(*object);
      else if (auto* stranger = event->unexpected()) co_await read_away(*stranger);
    }
  } catch (...) {
    broken = std::current_exception();
  }
  judge_move(retrieval.account(), broken);
}

void doctor::judge_move(const service::retrieval_account& account, std::exception_ptr broken) {
  const auto title = arguments_.own_destination().str();
  const auto port = receiver_->port();
  const auto arrived = account.received_count + account.unexpected_count;
  const auto answer = account.last ? status_text(status_service::query_retrieve_move, *account.last) : std::string{};
  const auto code = account.last ? account.last->status.code : std::uint16_t{0};
  bool aborted = false, silent = false;
  std::string words = "its C-MOVE answers " + answer;
  if (broken) {
    try {
      std::rethrow_exception(broken);
    } catch (const association_error& error) {
      aborted = error.code() == failure::peer_gone;
      silent = error.code() == failure::timed_out;
      words = error.what();
    } catch (const std::exception& error) {
      words = error.what();
    }
  }
  const auto entry = fmt::format("Its table of remote AEs must have: {}.", own_entry());

  if (arrived != 0 && account.last && !account.last->status.is_failure()) {
    good("move", fmt::format("{} came from {}, {}", counted(arrived, "object"), seen_.from, human_bytes(bytes_)));
  } else if (arrived != 0) {
    bad("move", exit_code::partly, fmt::format("{} came, and yet {}", counted(arrived, "object"), words),
        "The way back works; the archive's log tells what it could not do.");
  } else if (code == 0xA801) {
    bad("move", exit_code::refused, fmt::format("the archive does not know {} as a destination: {}", title, answer), entry);
  } else if (!seen_.called.empty()) {
    bad("move", exit_code::refused,
        fmt::format("the archive called us from {} as {}, but sent nothing: {}", seen_.from, seen_.called.back(),
                    seen_.trouble.empty() ? words : words + "; " + seen_.trouble),
        "The way back works, but the two do not agree on what is sent: its log tells more.");
  } else if (seen_.connections != 0) {
    bad("move", exit_code::refused,
        fmt::format("a connection came from {}, but no association over it: {}", seen_.from,
                    seen_.trouble.empty() ? words : seen_.trouble),
        arguments_.common.tls.on ? "Our port is for TLS: the archive's entry for us must say so, its certificate must be of an "
                                   "authority that --ca names, and ours of one that it trusts."
                                 : "Does the archive's entry for us say TLS? Then use --tls here, or switch it off there.");
  } else if (aborted) {
    bad("move", exit_code::refused, fmt::format("the archive ends the association when asked to move: {}", words),
        fmt::format("It may not allow our AE title {} to retrieve, or not know the destination. {}",
                    arguments_.common.aet.view(), entry));
  } else if (silent) {
    bad("move", exit_code::refused, "the archive does not answer the C-MOVE, and no connection comes here",
        fmt::format("It seems to wait for an address that does not answer: a firewall between it and port {} of this "
                    "machine, or a wrong address in its table. {}",
                    port, entry));
  } else if (account.last && !account.last->status.is_failure()) {
    bad("move", exit_code::partly,
        fmt::format("the archive says it has sent ({}), but no connection came here",
                    answer),
        fmt::format("Its table has another host or port for {}, where somebody took the object. {}", title, entry));
  } else if (code == 0xA702) {  // for what is not known there is A801
    bad("move", exit_code::refused, fmt::format("the archive cannot reach {}, and no connection came here: {}", title, words),
        fmt::format("It knows that title, but has another host or port for it, or a firewall between it and port {} of this "
                    "machine is in the way. {}",
                    port, entry));
  } else {
    bad("move", exit_code::refused, fmt::format("the archive could not send, and no connection came here: {}", words),
        fmt::format("It does not know {} (not every archive says so), has another host or port for it, or a firewall "
                    "between it and port {} of this machine is in the way. {}",
                    title, port, entry));
  }
  if (arrived == 0 && over_->is_open() && over_->parameters().accepted(service::get_class(arguments_.model)) != nullptr)
    untested("get", "it offers C-GET, which needs no way back: --get");
}

task<> doctor::gets() {
  auto options = calling(arguments_.common, arguments_.archive);
  options.propose(service::find_class(arguments_.model), service::get_class(arguments_.model));
  if (wanted_class_.empty()) options.receive_storage();
  else options.receive(wanted_class_);
  std::string words;
  std::size_t arrived = 0;
  try {
    auto over = co_await associate(arguments_.archive, std::move(options));
    service::retrieve_options how;
    how.model = arguments_.model;
    how.read_expectation = false;
    auto retrieval = service::retrieve(over, wanted_, how);
    while (auto event = co_await retrieval.next()) {
      if (auto* object = event->arrived()) {
        co_await read_away(*object);
        ++arrived;
      }
    }
    const auto account = retrieval.account();
    if (account.last) words = "its C-GET answers " + status_text(status_service::query_retrieve_get, *account.last);
    co_await over.release();
  } catch (const std::system_error& error) {
    words = error.what();
  }
  if (arrived != 0) good("get", fmt::format("{} came, {}", counted(arrived, "object"), human_bytes(bytes_)));
  else
    bad("get", exit_code::refused, "nothing came: " + words,
        "Not every archive offers C-GET, and some send compressed objects only: without --get it is C-MOVE.");
}

task<exit_code> examine(retrieve_arguments arguments) {
  doctor at_work{std::move(arguments)};
  co_return co_await at_work.run();
}

}  // namespace

exit_code diagnose(retrieve_arguments arguments) { return codicom::run(examine(std::move(arguments))); }

}  // namespace tools
