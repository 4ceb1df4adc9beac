#pragma once
// A requestor and an acceptor of ours on a simulated network: what they do is drawn from its seed, and what each call
// gives is held against what it must give.
#include "net/support.hpp"
#include "simulation/wire_rules.hpp"

#include <codicom/coro/result.hpp>
#include <codicom/net/listener.hpp>
#include <codicom/testing/simulation.hpp>

#include <algorithm>
#include <chrono>
#include <deque>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace codicom_test {

using namespace std::chrono_literals;

inline constexpr const unique_id& get_class = sop_class::StudyRootQueryRetrieveInformationModelGet;
inline constexpr const unique_id& step_class = sop_class::ModalityPerformedProcedureStep;
inline constexpr const unique_id& commitment_class = sop_class::StorageCommitmentPushModel;
inline constexpr duration grace = 100ms;

enum class verb : std::uint8_t {
  echo,
  store,
  find,
  move,
  get,
  n_get,
  n_set,
  n_action,
  n_create,
  n_delete,
  n_event_report
};

// One operation, as drawn, and what became of it.
struct operation {
  operation() = default;

  verb what = verb::echo;
  std::size_t number = 0;
  std::size_t responses = 0;  // pending ones; objects of a C-GET
  std::size_t pixel_bytes = 0;
  duration pause{};                        // of its handler, between steps
  unsigned handling = 0;                   // how the object is taken
  std::optional<std::size_t> leave_after;  // responses
  bool leave_politely = false;
  // Only a C-CANCEL ends its responses.
  [[nodiscard]] bool is_endless() const noexcept {
    return leave_after && leave_politely && (what == verb::find || what == verb::move);
  }
  // outcome
  bool handled = false;  // the acceptor has got it right
  bool succeeded = false;
  bool left = false;
};

class two_stacks {
 public:
  explicit two_stacks(testing::simulation& world) : world_{world}, draw_{world.draw()} {
    draw_everything();
    world_.patience = 30min;
  }
  two_stacks(const two_stacks&) = delete;
  two_stacks& operator=(const two_stacks&) = delete;

  // Instead of what was drawn: that, undisturbed by its user, who has more patience than the acceptor.
  void only(operation one) {
    options_.response = options_.read = 10s;
    accepts_.response = 5s;
    operations_.assign(1, one);
    cancel_after_.reset();
    ending_ = ending::release;
  }

  void run() {
    world_.run([this](std::unique_ptr<transport> over) { return ask(std::move(over)); },
               [this](std::unique_ptr<transport> over) { return answer(std::move(over)); });
    wire_rules rules{world_.fault() != testing::network_fault::damage};
    rules.check(world_.trace());
    const bool in_peace = !cut_short_ && ending_ == ending::release && associated_;
    if (perfect() && in_peace) {
      rules.check_complete();
      for (const auto& each : operations_) {
        require(each.succeeded || each.left, "an operation has not succeeded");
        require(each.handled || each.left, "the acceptor has not got an operation right");
      }
    }
    most_outstanding = rules.most_outstanding();
  }

  std::size_t most_outstanding = 0;

 private:
  enum class ending : std::uint8_t { release, abort, drop };
  static void require(bool kept, const std::string& what) {
    if (!kept) throw std::logic_error{what};
  }
  // Nothing may fail.
  [[nodiscard]] bool perfect() const noexcept { return world_.fault() == testing::network_fault::none; }

  void draw_everything() {
    const auto length = [this] {
      return draw_.one_of<std::uint32_t>({0, 8, 9, 128, 128, 16383, 16384, 16384, 131072, 0xFFFFFFFF});
    };
    options_.max_length = length();
    accepts_.policy.max_length = length();
    if (draw_.chance(4)) accepts_.policy.max_length = draw_.one_of<std::uint32_t>({1, 7});  // no fragment fits
    usable_ = accepts_.policy.max_length == 0 || accepts_.policy.max_length >= 8;
    const auto window = [this] {
      const auto size = draw_.one_of<std::uint16_t>({1, 4, 16, 0});
      return dul::async_window{size, draw_.one_of<std::uint16_t>({size, 1})};
    };
    if (draw_.chance(70)) options_.window = window();
    accepts_.policy.window = window();
    for (association_deadlines* each :
         {static_cast<association_deadlines*>(&options_), static_cast<association_deadlines*>(&accepts_)}) {
      each->associate = draw_.one_of<duration>({5s, 10s});
      each->artim = draw_.one_of<duration>({1s, 10s});
      each->response = draw_.one_of<duration>({5s, 10s});
      each->read = draw_.one_of<duration>({5s, 10s});
      each->write = draw_.one_of<duration>({5s, 10s});
      each->release = draw_.one_of<duration>({2s, 5s});
      each->abort = draw_.one_of<duration>({100ms, 1s});
      each->drain = draw_.one_of<duration>({5s, 10s});
    }
    accepts_.idle = 60s;
    accepts_.consumer_stall = draw_.one_of<duration>({5s, 10s});
    accepts_.stop = 5s;
    accepts_.runs_on = draw_.one_of({association_executor::own_strand, association_executor::of_the_server});
    listens_ = draw_.chance(50);
    at_once_ = draw_.chance(50);
    ending_ = draw_.chance(80) ? ending::release : draw_.one_of({ending::abort, ending::drop});
    if (draw_.chance(15)) cancel_after_ = draw_.below(draw_.one_of<std::size_t>({1, 100, 1000, 10000})) * 1ms;

    options_.propose(sop_class::Verification, find_class, move_class, get_class, ct, step_class);
    options_.receive(sop_class::MRImageStorage).receive(commitment_class);  // we are SCP of these
    accepts_.policy.accept(sop_class::Verification).accept(find_class).accept(move_class).accept(get_class).accept(ct);
    accepts_.policy.accept(step_class).accept(commitment_class).accept(sop_class::MRImageStorage);
    accepts_.policy.allow_requestor_as_scp_of_all();

    const auto least = [](std::uint32_t a, std::uint32_t b) { return std::min(a - 1, b - 1) + 1; };  // 0 is the most
    const bool slow = least(options_.max_length, accepts_.policy.max_length) - 1 < 127 ||
                      world_.first.capacity < 1000 || world_.second.capacity < 1000 || world_.first.max_read < 1000 ||
                      world_.second.max_read < 1000;
    operations_.resize(draw_.below(draw_.one_of<std::size_t>({2, 4, 8})) + draw_.below(2));
    bool gets = false;
    for (auto& each : operations_) {
      each.number = static_cast<std::size_t>(&each - operations_.data());
      each.what = static_cast<verb>(draw_.below(11));
      // Whose objects they are cannot be told when two retrieve at once.
      if (each.what == verb::get && std::exchange(gets, true)) each.what = verb::store;
      each.responses = draw_.below(slow ? 3 : 6);
      each.pixel_bytes = 2 * draw_.below(slow ? 100 : draw_.one_of<std::size_t>({10, 1000, 20000}));
      each.pause = draw_.one_of<duration>({duration{}, duration{}, 1ms, 10ms, 1s});
      each.handling = static_cast<unsigned>(draw_.below(6));
      if (draw_.chance(20)) each.leave_after = draw_.below(3);
      each.leave_politely = draw_.chance(50);
      if (each.is_endless()) each.pause = std::max<duration>(each.pause, 10ms);
    }
  }

  [[nodiscard]] static unique_id instance_of(std::size_t number, std::size_t part = 0) {
    return unique_id{"1.2.3." + std::to_string(number) + '.' + std::to_string(part)};
  }
  [[nodiscard]] data_set object_of(const operation& of, const unique_id& sop_class, std::size_t part = 0) const {
    auto object = ct_object(of.pixel_bytes, instance_of(of.number, part));
    object.set(tag::SOPClassUID, sop_class);
    return object;
  }
  operation* operation_of(const data_set& identifier) {
    const auto id = identifier.get(tag::PatientID);
    std::size_t number = operations_.size();
    if (id) number = static_cast<std::size_t>(std::strtoul(std::string{*id}.c_str(), nullptr, 10));
    return number < operations_.size() ? &operations_[number] : nullptr;
  }
  operation* operation_of(const unique_id& instance) {
    for (auto& each : operations_)
      if (instance == instance_of(each.number)) return &each;
    return nullptr;
  }
  // With a damaged stream anything may come.
  operation* known(operation* found) const {
    require(found != nullptr || world_.fault() == testing::network_fault::damage, "a request that nobody made");
    return found;
  }
  [[nodiscard]] bool intact() const noexcept { return world_.fault() != testing::network_fault::damage; }

  // --- the requestor

  // How long a call may take: each of its phases, and those of the operations before it.
  [[nodiscard]] duration within(std::size_t operations) const {
    duration each = options_.write + options_.drain + options_.read;
    std::size_t responses = 1;
    duration pauses{};
    for (const auto& one : operations_) {
      responses = std::max(responses, one.responses + 1);
      pauses = std::max(pauses, one.pause);
    }
    each += (2 * options_.response + options_.read + pauses) * static_cast<int>(2 * responses);
    return each * static_cast<int>(operations) + options_.abort + grace;
  }
  static void in_time(clock::time_point begun, duration within, const std::string& what) {
    const auto took = clock::now() - begun;
    require(
        took <= within,
        what + " took " + std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(took).count()) + " ms");
  }
  template <class T>
  void judge(const result<T>& outcome, const std::string& what) const {
    if (outcome) return;
    try {
      static_cast<void>(outcome.value());
    } catch (const std::logic_error&) {
      throw;  // one of ours
    } catch (const std::exception& error) {
      require(!perfect() || cut_short_, what + " failed: " + error.what());
    }
  }

  task<> ask(std::unique_ptr<transport> over) {
    auto outcome = co_await as_result(ask_all(std::move(over)));
    asked_ = true;
    for (auto* each : listening_) each->notify_all();
    if (!outcome) std::rethrow_exception(outcome.exception());
  }

  task<> ask_all(std::unique_ptr<transport> over) {
    const auto begun = clock::now();
    auto established = co_await as_result(associate(std::move(over), options_));
    in_time(begun, options_.associate + options_.abort + grace, "associate");
    if (!usable_) {
      require(!established, "an association in which nothing can be sent");
      co_return;
    }
    judge(established, "associate");
    if (!established) co_return;
    associated_ = true;
    association a = std::move(established).value();
    if (cancel_after_) {
      const auto started = clock::now();
      auto raced = co_await race(as_result(perform_all(a)), cut_short());
      if (cut_short_) in_time(started + *cancel_after_, options_.abort + grace, "cancelling");
      judge(raced.first, "the operations");
      if (raced.first) judge(raced.first.value(), "the operations");
      if (cut_short_ && perfect() && a.is_open()) {
        // Nothing was lost: the association goes on.
        const auto echo = co_await a.echo();
        require(echo.status.is_success(), "C-ECHO after a cancellation");
      }
    } else {
      co_await perform_all(a);
    }
    if (ending_ == ending::drop) co_return;
    const auto ends = clock::now();
    const bool open = a.is_open();
    if (ending_ == ending::abort) {
      co_await a.abort();
      in_time(ends, options_.abort + grace, "abort");
    } else {
      const auto released = co_await as_result(a.release());
      if (open) judge(released, "release");
      in_time(ends, options_.release + options_.drain + within(1), "release");
    }
    require(!a.is_open(), "an association is open after its end");
  }

  task<> cut_short() {
    co_await sleep_for(*cancel_after_);
    cut_short_ = true;
  }

  task<> perform_all(association& a) {
    if (at_once_) {
      const auto all = [this, &a](scope& children) -> task<> {
        for (auto& each : operations_) children.spawn(perform(a, each, operations_.size()));
        co_return;
      };
      co_await with_scope(all);
    } else {
      for (auto& each : operations_) co_await perform(a, each, 1);
    }
  }

  task<> perform(association& a, operation& op, std::size_t beside) {
    const auto begun = clock::now();
    auto outcome = co_await as_result(invoke(a, op));
    in_time(begun, within(beside), "operation " + std::to_string(static_cast<int>(op.what)));
    if (outcome.error() == failure::cancelled) co_return;
    judge(outcome, "operation " + std::to_string(static_cast<int>(op.what)));
  }

  task<> invoke(association& a, operation& op) {
    const auto id = patient(std::to_string(op.number));
    switch (op.what) {
      case verb::echo: {
        const auto response = co_await a.echo();
        if (intact()) require(response.status.is_success(), "C-ECHO status");
        op.handled = true;
        break;
      }
      case verb::store: {
        c_store_response response;
        if (op.handling % 2 == 0) {
          const auto bytes = encoded(object_of(op, ct));
          response = co_await a.store(ct, instance_of(op.number), bytes, transfer_syntax::ExplicitVRLittleEndian);
        } else {
          response = co_await a.store(object_of(op, ct));
        }
        if (intact()) {
          require(response.affected_sop_instance_uid == instance_of(op.number), "the response to another C-STORE");
          require(response.status == expected_status(op.handling), "C-STORE status");
        }
        break;
      }
      case verb::find: co_await find(a, op, id); break;
      case verb::move: co_await move(a, op, id); break;
      case verb::get: co_await get(a, op, id); break;
      default: co_await normalized(a, op, id);
    }
    op.succeeded = true;
  }

  task<> find(association& a, operation& op, data_set id) {
    auto responses = a.find(find_class, id);
    std::size_t count = 0;
    for (;;) {
      if (op.leave_after && count == *op.leave_after) {
        op.left = true;
        if (!op.leave_politely) co_return;
        const auto last = co_await responses.cancel();
        if (intact()) require(last.status == status::cancel, "status of a cancelled C-FIND");
        co_return;
      }
      const auto match = co_await responses.next();
      if (!match) break;
      if (intact())
        require(match->identifier == patient(std::to_string(op.number) + '.' + std::to_string(count)),
                "a match of another C-FIND");
      ++count;
    }
    if (!intact()) co_return;
    require(responses.last().status.is_success(), "C-FIND status");
    require(count == op.responses, "matches are missing");
  }

  task<> move(association& a, operation& op, data_set id) {
    auto responses = a.move(move_class, id, "ELSEWHERE");
    std::size_t count = 0;
    for (;;) {
      if (op.leave_after && count == *op.leave_after) {
        op.left = true;
        if (!op.leave_politely) co_return;
        const auto last = co_await responses.cancel();
        if (intact()) require(last.status == status::cancel, "status of a cancelled C-MOVE");
        co_return;
      }
      const auto pending = co_await responses.next();
      if (!pending) break;
      if (intact())
        require(pending->completed == static_cast<std::uint16_t>(100 * op.number + count),
                "a response of another C-MOVE");
      ++count;
    }
    if (!intact()) co_return;
    require(responses.last().status == status::suboperations_with_failures, "C-MOVE status");
    require(count == op.responses, "C-MOVE responses are missing");
    require(responses.failed_instances() == std::vector<unique_id>{instance_of(op.number)}, "the list of a C-MOVE");
  }

  task<> get(association& a, operation& op, data_set id) {
    auto responses = a.get(get_class, id);
    std::size_t objects = 0, pendings = 0;
    for (;;) {
      if (op.leave_after && objects == *op.leave_after) {
        op.left = true;
        if (!op.leave_politely) co_return;
        static_cast<void>(co_await responses.cancel());
        co_return;
      }
      auto event = co_await responses.next();
      if (!event) break;
      if (auto* object = event->arrived()) {
        const auto whole = co_await object->read();
        if (intact())
          require(whole == object_of(op, sop_class::MRImageStorage, objects), "another object came by C-GET");
        co_await object->respond(status::success);
        ++objects;
      } else {
        ++pendings;
      }
    }
    if (!intact()) co_return;
    const auto last = responses.last().status;
    // What comes too late for a sub-operation is its failure, and that of the retrieval; the association goes on.
    if (!perfect() && last == status::cannot_understand) co_return;
    require(last.is_success(), "C-GET status");
    require(objects == op.responses && pendings == op.responses, "C-GET lost something");
  }

  task<> normalized(association& a, operation& op, data_set id) {
    const auto instance = instance_of(op.number);
    n_result outcome;
    switch (op.what) {
      case verb::n_get: outcome = co_await a.n_get(step_class, instance); break;
      case verb::n_set: outcome = co_await a.n_set(step_class, instance, id); break;
      case verb::n_action: outcome = co_await a.n_action(step_class, instance, 7, id); break;
      case verb::n_create: outcome = co_await a.n_create(step_class, instance, id); break;
      case verb::n_delete: outcome = co_await a.n_delete(step_class, instance); break;
      default: outcome = co_await a.n_event_report(commitment_class, instance, 7, id);
    }
    if (!intact()) co_return;
    require(outcome.status().is_success(), "status of a normalized operation");
    const bool replies = op.what != verb::n_delete;
    require(outcome.attributes == (replies ? patient(std::to_string(op.number)) : data_set{}),
            "attributes of another operation");
  }

  // --- the acceptor

  [[nodiscard]] static dimse_status expected_status(unsigned handling) noexcept {
    switch (handling) {
      case 2:
      case 3: return status::out_of_resources;
      case 4: return status::cannot_understand;
      default: return status::success;
    }
  }

  task<> take(incoming_object object) {
    auto* op = known(operation_of(object.request().affected_sop_instance_uid));
    if (op == nullptr) co_return;
    const auto whole = encoded(object_of(*op, ct));
    if (op->pause != duration{}) co_await sleep_for(op->pause);
    if (op->handling == 1) {
      const auto head = co_await object.head(tag::PixelData);
      if (intact()) require(head.get(tag::SOPInstanceUID) == instance_of(op->number), "the head of another object");
    }
    if (op->handling == 5) {
      const auto read = co_await object.read();
      if (intact()) require(read == object_of(*op, ct), "another object came by C-STORE");
      op->handled = true;
      co_await object.respond(status::success);
      co_return;
    }
    if (op->handling == 2) {
      op->handled = true;
      co_await object.respond(status::out_of_resources);
      co_return;
    }
    if (op->handling == 3) {
      op->handled = true;
      co_return;
    }
    std::vector<std::byte> got;
    std::vector<std::byte> part(1 + op->number * 700);
    for (;;) {
      if (op->handling == 4 && got.size() > whole.size() / 2) break;
      const auto size = co_await object.read_some(part);
      if (size == 0) break;
      got.insert(got.end(), part.begin(), part.begin() + static_cast<std::ptrdiff_t>(size));
    }
    if (op->handling != 4 && intact()) require(got == whole, "a stored object has other bytes");
    op->handled = true;
    co_await object.respond(expected_status(op->handling));
  }

  generator<find_match, c_find_response> found(find_request request) {
    auto* op = known(operation_of(request.identifier));
    if (op == nullptr) co_return c_find_response{request.command, status::success};
    for (std::size_t i = 0; op->is_endless() || i < op->responses; ++i) {
      if (op->pause != duration{}) co_await sleep_for(op->pause);
      if (request.cancelled()) co_return c_find_response{request.command, status::cancel};
      co_yield find_match{patient(std::to_string(op->number) + '.' + std::to_string(i))};
    }
    op->handled = true;
    co_return c_find_response{request.command, status::success};
  }

  generator<c_move_response, move_result> moved(move_request request) {
    auto* op = known(operation_of(request.identifier));
    if (op == nullptr) co_return c_move_response{request.command, status::success};
    for (std::size_t i = 0; op->is_endless() || i < op->responses; ++i) {
      if (op->pause != duration{}) co_await sleep_for(op->pause);
      if (request.cancelled()) co_return c_move_response{request.command, status::cancel};
      c_move_response pending{request.command, status::pending};
      pending.completed = static_cast<std::uint16_t>(100 * op->number + i);
      co_yield pending;
    }
    op->handled = true;
    data_set failed;
    failed.set(tag::FailedSOPInstanceUIDList, instance_of(op->number));
    co_return move_result{c_move_response{request.command, status::suboperations_with_failures}, failed};
  }

  generator<c_get_response, get_result> sent(get_request request) {
    auto* op = known(operation_of(request.identifier));
    if (op == nullptr) co_return c_get_response{request.command, status::success};
    for (std::size_t i = 0; i < op->responses; ++i) {
      if (op->pause != duration{}) co_await sleep_for(op->pause);
      if (request.cancelled()) co_return c_get_response{request.command, status::cancel};
      static_cast<void>(co_await request.sender().store(object_of(*op, sop_class::MRImageStorage, i),
                                                        transfer_syntax::ExplicitVRLittleEndian));
      co_yield c_get_response{request.command, status::pending};
    }
    op->handled = true;
    co_return c_get_response{request.command, status::success};
  }

  template <class Request>
  task<n_result> performed(Request request) {
    unique_id instance;
    constexpr bool has_requested = requires { request.command.requested_sop_instance_uid; };
    if constexpr (has_requested) instance = request.command.requested_sop_instance_uid;
    else instance = request.command.affected_sop_instance_uid;
    auto* op = known(operation_of(instance));
    n_result outcome{status::success};
    if (op == nullptr) co_return outcome;
    if (op->pause != duration{}) co_await sleep_for(op->pause);
    op->handled = true;
    if (op->what != verb::n_delete) outcome.attributes = patient(std::to_string(op->number));
    co_return outcome;
  }

  handlers all_handlers() {
    handlers with;
    with.on_store([this](incoming_object object) { return noted(take(std::move(object))); })
        .on_find([this](find_request request) { return found(std::move(request)); })
        .on_move([this](move_request request) { return moved(std::move(request)); })
        .on_get([this](get_request request) { return sent(std::move(request)); })
        .on_n_get([this](auto request) { return performed(std::move(request)); })
        .on_n_set([this](auto request) { return performed(std::move(request)); })
        .on_n_action([this](auto request) { return performed(std::move(request)); })
        .on_n_create([this](auto request) { return performed(std::move(request)); })
        .on_n_delete([this](auto request) { return performed(std::move(request)); })
        .on_n_event_report([this](auto request) { return performed(std::move(request)); });
    return with;
  }
  // A broken expectation in a handler is no failure of the handler.
  task<> noted(task<> handler) {
    auto outcome = co_await as_result(std::move(handler));
    if (outcome) co_return;
    try {
      std::rethrow_exception(outcome.exception());
    } catch (const std::logic_error&) {
      if (!complaint_) complaint_ = std::current_exception();
    } catch (const std::exception&) {
    }
    std::rethrow_exception(outcome.exception());
  }

  // Hands over one connection.
  class one_connection final : public transport_acceptor {
   public:
    one_connection(const executor& where, std::unique_ptr<transport> stream)
        : executor_{where},
          stream_{std::move(stream)},
          closed_{std::make_shared<std::pair<bool, event>>(false, where)} {}
    task<std::unique_ptr<transport>> accept(executor, std::error_code& error) override {
      error.clear();
      if (stream_) co_return std::move(stream_);
      const auto shared = closed_;
      while (!shared->first) co_await shared->second.wait();
      error = asio::error::operation_aborted;
      co_return nullptr;
    }
    void close() noexcept override {
      closed_->first = true;
      closed_->second.notify_all();
    }
    executor get_executor() override { return executor_; }
    std::string local_address() const override { return "memory"; }
    std::uint16_t local_port() const noexcept override { return 0; }

   private:
    executor executor_;
    std::unique_ptr<transport> stream_;
    std::shared_ptr<std::pair<bool, event>> closed_;
  };

  task<> answer(std::unique_ptr<transport> over) {
    const executor where = co_await asio::this_coro::executor;
    if (listens_) {
      listener from{std::make_unique<one_connection>(where, std::move(over))};
      const auto both = [this, &from, where](scope& children) -> task<> {
        children.spawn(serve(from, accepts_, all_handlers()));
        event done{where};
        listening_.push_back(&done);
        while (!asked_) co_await done.wait();
        listening_.clear();
        const auto begun = clock::now();
        from.stop();
        co_await children.join();
        in_time(begun, accepts_.stop + accepts_.abort + accepts_.artim + grace, "an orderly stop");
      };
      co_await with_scope(both);
    } else {
      auto served = co_await as_result(serve_one(std::move(over), accepts_, all_handlers()));
      if (ending_ == ending::release && usable_ && !cut_short_) judge(served, "serving");
    }
    if (complaint_) std::rethrow_exception(complaint_);
  }

  testing::simulation& world_;
  testing::random& draw_;
  association_options options_{"SCU", "SCP"};
  acceptor_options accepts_;
  bool usable_ = true;
  bool listens_ = false, at_once_ = false;
  ending ending_ = ending::release;
  std::optional<duration> cancel_after_;
  std::vector<operation> operations_;

  bool associated_ = false, asked_ = false, cut_short_ = false;
  std::vector<event*> listening_;
  std::exception_ptr complaint_;
};

}  // namespace codicom_test
