#pragma once
#include <codicom/core/limits.hpp>
#include <codicom/coro/event.hpp>
#include <codicom/coro/shield.hpp>
#include <codicom/coro/watchdog.hpp>
#include <codicom/dimse/command.hpp>
#include <codicom/dimse/fragmenter.hpp>
#include <codicom/dimse/message_assembler.hpp>
#include <codicom/dul/association_error.hpp>
#include <codicom/dul/association_parameters.hpp>
#include <codicom/dul/negotiation.hpp>
#include <codicom/dul/pdu.hpp>
#include <codicom/dul/pdu_reader.hpp>
#include <codicom/dul/state_machine.hpp>
#include <codicom/net/acceptor_options.hpp>
#include <codicom/net/association_options.hpp>
#include <codicom/net/detail/body_source.hpp>
#include <codicom/net/detail/buffer_pool.hpp>
#include <codicom/net/transport.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace codicom::detail {

// What a connection is told by both kinds of options; those of one server share it.
struct connection_settings : association_deadlines {
  explicit connection_settings(const association_options& options)
      : association_deadlines{options},
        limits{options.limits},
        recording{options.recording},
        beyond_window{options.beyond_window},
        no_cancel{options.quirks.no_cancel} {}
  explicit connection_settings(const acceptor_options& options)
      : association_deadlines{options},
        limits{options.limits},
        recording{options.recording},
        idle{options.idle},
        consumer_stall{options.consumer_stall},
        stalled{options.stalled} {}

  codicom::limits limits;
  codicom::recording recording;
  duration idle = no_deadline;
  duration consumer_stall = no_deadline;
  stalled_object stalled = stalled_object::refuse;
  codicom::beyond_window beyond_window = codicom::beyond_window::wait;
  bool no_cancel = false;
};

// The data set of a C-STORE-RQ on its way to whoever has the object.
struct incoming_body {
  std::vector<std::byte> ahead;      // read before it was asked for
  std::size_t taken = 0;             // of these
  bool ended = false;                // nothing more will come
  bool in_use = false;               // somebody reads it, or waits for more
  bool refused = false;              // taken away: nobody read it for too long
  std::function<void()> on_refused;  // called once, at that moment
};

struct message {
  message() = default;

  context_id context;
  codicom::command command;
  std::vector<std::byte> data_set;
  bool too_large = false;  // of the data set, which was skipped then
  std::shared_ptr<incoming_body> body;         // of a C-STORE-RQ
  std::optional<dimse_status> refusal;         // nobody wants it any more
};

// An operation that we invoked and whose final response is awaited. The owner waits for messages; when it leaves early
// the exchange is abandoned and stays registered until the final response has come.
struct exchange {
  message_id id;
  context_id context;
  std::list<message> mailbox;  // as all queues here: an empty deque takes 600 bytes
  std::size_t mailbox_bytes = 0;
  clock::time_point deadline = clock::time_point::max();
  clock::time_point deadline_set{};
  bool fixed_deadline = false;    // for the final response, however many pending ones come
  bool timed_out = false;
  bool can_be_cancelled = false;  // by a C-CANCEL-RQ
  bool takes_objects = false;     // a C-GET: C-STORE-RQs come into the mailbox too
  bool cancel_sent = false;
  bool abandoned = false;

  void answer_within(duration limit) noexcept {
    deadline_set = clock::now();
    deadline = deadline_in(limit);
  }
};

// One association, either role: the stream, what has been parsed of it, and who waits for what. Whoever awaits reads
// (one at a time, the others follow); all parse state lies here, so a reader that is cancelled loses nothing.
class connection : public std::enable_shared_from_this<connection> {
 public:
  connection(std::unique_ptr<transport> stream, std::shared_ptr<const connection_settings> settings);
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;
  ~connection();

  // --- establishment

  [[nodiscard]] task<> request(dul::a_associate_rq proposal);
  // The peer's request; nothing when it left before, or was refused by the upper layer.
  [[nodiscard]] task<dul::a_associate_rq> await_request();
  [[nodiscard]] task<> accept(const dul::a_associate_rq& request, dul::a_associate_ac answer);
  // Refuses: throws once the rejection has been prepared; `wind_up` sends it.
  void reject(const dul::a_associate_rj& answer);

  // --- messages

  [[nodiscard]] task<std::shared_ptr<exchange>> begin_exchange();
  // The same where nobody is in the way; else null.
  [[nodiscard]] std::shared_ptr<exchange> begin_at_once();
  // Write a whole message.
  template <class Command>
  [[nodiscard]] task<> send(context_id context, const Command& value, body_source* body = nullptr) {
    std::vector<std::byte> pdus;
    append_command(value, context, pdus);
    return send_pdus(std::move(pdus), context, body);
  }
  // Messages in one write: `append_message` has made PDUs of them, small ones.
  template <class Command>
  void append_message(context_id context, const Command& value, byte_span data_set, std::vector<std::byte>& pdus) const {
    append_command(value, context, pdus);
    if (value.has_data_set) append_pdus(data_set, context, message_part::data_set, parameters_->peer_max_length(), pdus);
  }
  [[nodiscard]] task<> send_pdus(std::vector<std::byte> pdus, context_id context = {}, body_source* body = nullptr);
  // The next response of an exchange. The final one ends it.
  [[nodiscard]] task<message> receive(std::shared_ptr<exchange> owner);
  [[nodiscard]] task<> send_cancel(std::shared_ptr<exchange> of);
  // Reports of events go there, instead of being refused, on an association that serves nothing else.
  void on_event_report(std::function<task<>(message)> handler) { on_event_report_ = std::move(handler); }
  // Read for others, and answer what comes, until `enough`.
  [[nodiscard]] task<> attend(std::function<bool()> enough) { return run_until(std::move(enough)); }
  // The peer has shown that it works on it.
  void renew(exchange& of);
  // The owner leaves before the final response.
  void abandon(exchange& left) noexcept;
  // Its request was never sent.
  void forget(const exchange& unsent) noexcept;

  // --- serving: requests come here instead of being refused

  // Wait for a request, or the end: the peer wants to release, the association is idle, or was asked to stop.
  [[nodiscard]] task<> await_next();
  // The request that has come. Nothing: it was the end.
  [[nodiscard]] std::optional<message> take_request();
  void busy(bool handlers_at_work);
  void request_stop();
  [[nodiscard]] bool release_indicated() const noexcept { return release_indicated_; }
  // Read on in the data set of a C-STORE-RQ; 0 at its end.
  [[nodiscard]] task<std::size_t> read_data_set(std::shared_ptr<incoming_body> of, std::span<std::byte> into);
  // Nobody reads on in the object of that C-STORE-RQ: it is skipped and refused.
  void leave_object(incoming_body& of, context_id context, c_store_request request) noexcept;

  // --- the end

  [[nodiscard]] task<> release();
  // Answer the peer's release.
  [[nodiscard]] task<> answer_release();
  // The association is over, because of `error`; the peer is told by `wind_up`.
  void fail(association_error error, std::optional<dul::abort_cause> tell = dul::abort_cause{});
  // What remains to be done after a failure: finish the PDU in flight, say goodbye, close.
  [[nodiscard]] task<> wind_up();
  // That, after a failure, if nobody is at it, to the end even when cancelled. Awaited as `finally` has it.
  [[nodiscard]] task<> tidy_up();
  // Hand the recorder over, once.
  void report(const association_error& why) noexcept;
  // At once, without waiting; `leave` tries to say goodbye.
  void close_now() noexcept;
  void leave() noexcept;

  [[nodiscard]] bool is_open() const noexcept { return !failure_ && !closed_ && machine_.is_established(); }
  void check() const;

  [[nodiscard]] const dul::association_parameters& parameters() const noexcept { return *parameters_; }
  [[nodiscard]] const connection_settings& settings() const noexcept { return *settings_; }
  [[nodiscard]] const executor& get_executor() const noexcept { return executor_; }
  [[nodiscard]] std::string remote_address() const { return transport_->remote_address(); }
  [[nodiscard]] std::uint16_t remote_port() const noexcept { return transport_->remote_port(); }
  [[nodiscard]] remote_end remote() const;
  [[nodiscard]] std::string peer_name() const;
  void rename_peer(std::string name) { peer_name_ = std::move(name); }

 private:
  enum deadline_slot : std::size_t { at_establishment, at_response, at_read, at_write, at_release, at_idle, at_stall, at_close };
  enum class progress { need_more, dispatched, control, stream };
  enum class destination : std::uint8_t { collect, pull, skip };

  struct direct_read;
  struct read_room;
  struct gathered;
  class leadership;
  class write_lock;
  struct waiter;
  struct write_ticket;
  class armed;
  class read_deadline;
  class body_reader;

  void expired(std::size_t slot);
  [[nodiscard]] const char* name_of(deadline_slot slot) const noexcept;
  [[nodiscard]] bool in_handshake() const noexcept {
    return machine_.current() == dul::state::sta1 || machine_.current() == dul::state::sta4;
  }
  void start(deadline_slot slot, duration within);
  void note_deadline(deadline_slot slot, clock::time_point at);
  bool discard(byte_span input);

  [[nodiscard]] task<> handshake();

  // reading
  [[nodiscard]] task<> run_until(std::function<bool()> ready);
  [[nodiscard]] task<> wait_for(const std::function<bool()>& ready);
  [[nodiscard]] bool fill_at_once(direct_read* direct = nullptr);
  [[nodiscard]] task<> fill(direct_read* direct = nullptr);
  void take_read(std::size_t size, const read_room& room, direct_read* direct);
  progress take_guessed(byte_span bytes, std::size_t& taken);
  [[nodiscard]] task<dul::pdu> read_pdu();
  progress parse(bool for_object);
  progress parse_or_fail(bool for_object);
  void open_fragment();
  bool close_fragment();
  [[nodiscard]] command& begin_message();
  void deliver();
  void on_control();
  [[nodiscard]] task<> answer_strays();
  [[nodiscard]] exchange* object_taker() const noexcept;
  void renew_read_deadline() noexcept;
  [[nodiscard]] clock::time_point first_response_deadline() const noexcept;
  void arm_responses();
  void end_late_responses();
  void wake_reader();
  void refuse_stalled_object();
  [[nodiscard]] bool reads_ahead() const noexcept;
  [[nodiscard]] bool object_comes_first() const noexcept { return body_ && !reads_ahead(); }
  [[nodiscard]] bool read_waits() const noexcept;
  [[nodiscard]] bool in_message() const noexcept { return !reader_.at_boundary() || assembler_.in_message(); }
  [[nodiscard]] byte_span buffered() const noexcept { return {data_ + begin_, end_ - begin_}; }
  std::span<std::byte> space();
  void give_buffer_back() noexcept;
  void changed();
  [[noreturn]] void throw_failure() const;
  void lost(const std::error_code& error);

  // writing
  // Invalid tasks, as those of `body_source::fetch`: there is nothing to wait for.
  [[nodiscard]] task<> write_turn(bool even_when_failed = false);
  [[nodiscard]] task<> write_gathered(gathered what, std::size_t& begun);
  [[nodiscard]] task<> await_write_turn(bool even_when_failed);
  void unlock_write();
  template <class Command>
  void append_command(const Command& value, context_id context, std::vector<std::byte>& pdus) const {
    if (pdus.empty()) pdus.reserve(256);  // most are shorter
    const auto start = pdus.size();
    pdus.resize(start + dul::p_data_header_size);
    encode_command(value, pdus);
    make_command_pdus(pdus, start, context, parameters_->peer_max_length());
  }
  [[nodiscard]] task<> write_pdus(std::vector<std::byte> pdus, bool of_message, context_id context, body_source* body);
  template <class Pdu>
  [[nodiscard]] task<> write_pdu(const Pdu& value) {
    std::vector<std::byte> bytes;
    dul::encode(value, bytes);
    return write_pdus(std::move(bytes), false, {}, nullptr);
  }
  [[nodiscard]] task<> write_with_body(byte_span pdus, context_id context, body_source* body, std::size_t& begun);
  [[nodiscard]] task<> write_rest(gathered what, std::size_t written, std::error_code error, std::size_t& begun);
  [[nodiscard]] task<> listen_for_abort();
  [[nodiscard]] task<> confirm_release();

  [[nodiscard]] bool window_free() const noexcept;
  [[nodiscard]] std::shared_ptr<exchange> make_exchange();
  [[nodiscard]] task<> cancel_abandoned();
  void prepare_rejection(const dul::a_associate_rj& answer);

  executor executor_;
  std::unique_ptr<transport> transport_;
  std::shared_ptr<const connection_settings> settings_;
  std::shared_ptr<flight_recorder> recorder_;  // null: nothing is recorded
  watchdog watchdog_;
  dul::state_machine machine_;
  std::shared_ptr<const dul::association_parameters> parameters_;
  std::string peer_name_;

  // reading
  dul::pdu_reader reader_;
  message_assembler assembler_;
  std::array<std::byte, 256> idle_buffer_;  // a command fits
  std::unique_ptr<std::byte[]> buffer_;  // borrowed
  std::byte* data_ = idle_buffer_.data();
  std::size_t begin_ = 0, end_ = 0;
  bool reading_ = false;        // somebody leads
  bool more_expected_ = false;  // the last read left no room
  bool fragment_open_ = false;
  std::shared_ptr<incoming_body> body_;  // the data set under way is read by its object
  std::size_t ahead_bytes_ = 0;          // in all bodies
  duration read_left_ = settings_->read;  // to wait for the next `read_step` bytes, or the end of the message
  std::size_t read_since_ = 0;           // bytes since `read_left_` was set
  clock::time_point deaf_since_{};       // no response was waited for since
  bool busy_ = false;           // handlers work: no idle deadline
  destination destination_ = destination::collect;
  std::uint64_t skipped_ = 0;
  std::list<message> incoming_;  // the one under way, if any
  std::list<waiter*> waiters_;

  // exchanges
  std::map<message_id, std::shared_ptr<exchange>> exchanges_;
  std::uint16_t last_id_ = 0;
  std::list<const void*> queue_;      // operations that wait for the window, in order
  bool abandoned_any_ = false;

  // serving
  bool serving_ = false;
  bool stopping_ = false;
  bool idle_expired_ = false;
  bool release_indicated_ = false;
  bool released_ = false;
  std::list<message> requests_;
  std::size_t request_bytes_ = 0;     // of their data sets
  std::list<message> strays_;         // requests with nobody to serve them
  std::function<task<>(message)> on_event_report_;

  // writing
  static constexpr std::size_t read_step = 64 << 10;
  static constexpr std::size_t most_requests = 64;
  // What can be done at once takes no turn of the event loop; but others on it, and who would cancel this, get theirs
  // every now and then.
  static constexpr unsigned most_at_once = 32;
  struct batch;
  bool writing_ = false;
  bool in_write_ = false;     // the transport is at it
  bool wake_later_ = false;   // the reader, once it is not
  std::list<write_ticket*> writers_;
  std::unique_ptr<batch> batch_;  // kept for the next message that has a data set
  unsigned at_once_ = 0;          // reads and writes since one was awaited
  std::vector<std::byte> unfinished_;  // rest of the PDU in flight when writing ended early

  // the end
  std::unique_ptr<const association_error> failure_;
  bool reported_ = false;
  std::vector<std::byte> farewell_;
  duration farewell_within_{};
  bool lingers_ = false;  // the peer has been told why by the transport: it must be able to read that
  bool winding_up_ = false;
  bool closed_ = false;
};

// Runs an operation of a connection. When that has failed the peer is told, even if the caller has been cancelled, and
// the error tells what was under way.
[[noreturn]] void rethrow_with(std::exception_ptr error, const char* name, const std::string& peer);
struct farewell {
  static constexpr bool on_failure_only = true;

  std::shared_ptr<connection> on;
  const char* operation;
  task<> operator()(std::exception_ptr error) const;
};
template <class T>
[[nodiscard]] task<T> guarded(std::shared_ptr<connection> on, task<T> operation, const char* name) {
  return finally(std::move(operation), farewell{std::move(on), name});
}

}  // namespace codicom::detail

#include <codicom/net/detail/impl/connection.hpp>
