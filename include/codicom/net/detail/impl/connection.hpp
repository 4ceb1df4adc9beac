#pragma once
#include <codicom/core/log.hpp>
#include <codicom/coro/runs_here.hpp>
#include <codicom/coro/shield.hpp>
#include <codicom/net/detail/connection.hpp>

#include <asio/error.hpp>
#include <asio/execution/context.hpp>
#include <asio/query.hpp>

#include <algorithm>
#include <cassert>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <exception>
#include <system_error>
#include <utility>
#include <variant>

namespace codicom::detail {

// --- small helpers of the connection ---------------------------------------------------------------------------------

// Who reads. Leaving, by whatever way, wakes somebody else.
class connection::leadership {
 public:
  explicit leadership(connection& of) noexcept : of_{&of} { of_->reading_ = true; }
  leadership(const leadership&) = delete;
  leadership& operator=(const leadership&) = delete;
  ~leadership() {
    of_->reading_ = false;
    of_->changed();
  }

 private:
  connection* of_;
};

struct connection::waiter {
  waiter(connection& of, const std::function<bool()>& condition) : owner{of}, ready{condition}, wake{of.executor_} {
    place = owner.waiters_.insert(owner.waiters_.end(), this);
  }
  waiter(const waiter&) = delete;
  waiter& operator=(const waiter&) = delete;
  ~waiter() {
    owner.waiters_.erase(place);
    owner.changed();  // if it was to lead, somebody else must
  }

  connection& owner;
  const std::function<bool()>& ready;
  event wake;
  std::list<waiter*>::iterator place;
};

struct connection::write_ticket {
  explicit write_ticket(connection& of) : owner{of}, wake{of.executor_} { owner.writers_.push_back(this); }
  write_ticket(const write_ticket&) = delete;
  write_ticket& operator=(const write_ticket&) = delete;
  ~write_ticket() { owner.writers_.remove(this); }

  connection& owner;
  event wake;
  bool granted = false;
};

class connection::write_lock {
 public:
  explicit write_lock(connection& of) noexcept : of_{&of} {}
  write_lock(write_lock&& other) noexcept : of_{std::exchange(other.of_, nullptr)} {}
  write_lock& operator=(write_lock&&) = delete;
  ~write_lock() {
    if (of_) of_->unlock_write();
  }

 private:
  connection* of_;
};

// A deadline for the time of one read or write.
class connection::armed {
 public:
  armed(connection& of, deadline_slot slot, clock::time_point at) : of_{of}, slot_{slot} { of_.watchdog_.set(slot_, at); }
  armed(const armed&) = delete;
  armed& operator=(const armed&) = delete;
  ~armed() { of_.watchdog_.clear(slot_); }

 private:
  connection& of_;
  deadline_slot slot_;
};

// The deadline of one read. Others may be set meanwhile, as operations begin and end; with the read they end all.
// Only this time counts: for a message under way, or else for the responses that are awaited.
class connection::read_deadline {
 public:
  explicit read_deadline(connection& of) : of_{of}, began_{clock::now()}, in_message_{of.in_message()} {
    if (in_message_) {
      of_.watchdog_.set(at_read, deadline_in(of_.read_left_));
      return;
    }
    of_.renew_read_deadline();
    if (of_.serving_ && !of_.busy_) {
      of_.start(at_idle, of_.settings_->idle);
      return;
    }
    for (const auto& [id, each] : of_.exchanges_)
      if (each->deadline != clock::time_point::max()) each->deadline += began_ - std::max(of_.deaf_since_, each->deadline_set);
    const auto deadline = of_.first_response_deadline();
    of_.watchdog_.set(at_response, deadline);
    of_.note_deadline(at_response, deadline);
  }
  read_deadline(const read_deadline&) = delete;
  read_deadline& operator=(const read_deadline&) = delete;
  ~read_deadline() {
    const auto now = clock::now();
    if (in_message_) of_.read_left_ -= now - began_;
    else of_.deaf_since_ = now;
    for (const auto slot : {at_response, at_read, at_idle}) of_.watchdog_.clear(slot);
  }

 private:
  connection& of_;
  clock::time_point began_;
  bool in_message_;
};

class flagged {
 public:
  explicit flagged(bool& flag) noexcept : flag_{flag} { flag_ = true; }
  flagged(const flagged&) = delete;
  flagged& operator=(const flagged&) = delete;
  ~flagged() { flag_ = false; }

 private:
  bool& flag_;
};

// Who reads an object. It is stalled when nobody does.
class connection::body_reader {
 public:
  body_reader(connection& of, incoming_body& body) : of_{of}, body_{body} {
    body_.in_use = true;
    if (of_.body_.get() == &body_) of_.watchdog_.clear(at_stall);
  }
  body_reader(const body_reader&) = delete;
  body_reader& operator=(const body_reader&) = delete;
  ~body_reader() {
    body_.in_use = false;
    if (of_.body_.get() == &body_ && !of_.failure_) of_.watchdog_.set(at_stall, of_.settings_->consumer_stall);
    if (of_.reads_ahead()) of_.changed();
  }

 private:
  connection& of_;
  incoming_body& body_;
};

// What goes out in one write: PDUs in buffers, and where each ends.
struct connection::gathered {
  [[nodiscard]] std::size_t size() const noexcept { return ends.back(); }
  // What lies behind the first `written` bytes.
  [[nodiscard]] std::vector<asio::const_buffer> behind(std::size_t written) const {
    std::vector<asio::const_buffer> rest;
    for (const auto& buffer : buffers) {
      const std::size_t part = std::min(written, buffer.size());
      written -= part;
      if (part != buffer.size()) rest.push_back(buffer + part);
    }
    return rest;
  }
  // The rest of the PDU in which `written` bytes end; nothing when they end with a PDU.
  void rest_of_pdu(std::size_t written, std::vector<std::byte>& rest) const {
    rest.clear();
    const auto end = std::lower_bound(ends.begin(), ends.end(), written);
    if (end == ends.end() || *end == written || written == 0) return;
    std::size_t left = *end - written;
    for (const auto& buffer : behind(written)) {
      const auto* data = static_cast<const std::byte*>(buffer.data());
      const std::size_t part = std::min(left, buffer.size());
      rest.insert(rest.end(), data, data + part);
      left -= part;
    }
  }

  const_buffers buffers;
  std::span<const std::size_t> ends;
};

// Such a write of a message with a data set.
struct connection::batch {
  static constexpr std::size_t most_fragments = 32;
  static constexpr std::size_t most_bytes = 1 << 20;

  void add_block(byte_span pdus) {
    buffers[used++] = asio::const_buffer{pdus.data(), pdus.size()};
    end_pdu(pdus.size());
  }
  void add_fragment(const fragmenter& cut, byte_span fragment) {
    auto& header = headers[fragments++];
    cut.write_header(header.data());
    buffers[used++] = asio::const_buffer{header.data(), header.size()};
    if (!fragment.empty()) buffers[used++] = asio::const_buffer{fragment.data(), fragment.size()};
    end_pdu(header.size() + fragment.size());
  }
  void end_pdu(std::size_t size) noexcept {
    bytes += size;
    ends[pdus++] = bytes;
  }
  [[nodiscard]] bool full() const noexcept { return fragments == most_fragments || bytes >= most_bytes; }
  void clear() noexcept { used = pdus = fragments = bytes = 0; }
  [[nodiscard]] gathered all() const noexcept { return {{buffers.data(), used}, {ends.data(), pdus}}; }

  std::array<fragmenter::header, most_fragments> headers;
  std::array<asio::const_buffer, 2 * most_fragments + 1> buffers;
  std::array<std::size_t, most_fragments + 1> ends;
  std::size_t used = 0, pdus = 0, fragments = 0;
  std::size_t bytes = 0;
};

// --- life ------------------------------------------------------------------------------------------------------------

inline connection::connection(std::unique_ptr<transport> stream, std::shared_ptr<const connection_settings> settings)
    : executor_{stream->get_executor()},
      transport_{std::move(stream)},
      settings_{std::move(settings)},
      watchdog_{executor_, [this](std::size_t slot) { expired(slot); }},
      reader_{settings_->limits},
      assembler_{settings_->limits} {
  if (!settings_->recording.on_failure) return;
  recorder_ = std::make_shared<flight_recorder>(settings_->recording.capacity, settings_->recording.what);
  transport_ = record(std::move(transport_), recorder_);
}

inline connection::~connection() { give_buffer_back(); }

inline std::string connection::peer_name() const {
  if (!peer_name_.empty()) return peer_name_;
  std::string name = parameters_ ? parameters_->peer_ae_title().str() : std::string{};
  const auto address = transport_->remote_address();
  if (!address.empty()) name += '@' + address;
  return name;
}

inline remote_end connection::remote() const {
  remote_end end;
  end.address = transport_->remote_address();
  end.port = transport_->remote_port();
  end.certificate = transport_->peer_certificate();
  return end;
}

inline void connection::check() const {
  assert(runs_here(executor_) && "an association is used from another executor than its own");
  if (failure_) throw_failure();
}

inline void connection::throw_failure() const { throw association_error{*failure_}; }

inline void connection::changed() {
  const bool leaderless = !read_waits();
  bool first = true;
  for (auto* each : waiters_) {
    if (failure_ || closed_ || (leaderless && first) || each->ready()) each->wake.notify_all();
    first = false;
  }
}

inline void connection::fail(association_error error, std::optional<dul::abort_cause> tell) {
  if (failure_) return;
  farewell_within_ = std::min(settings_->abort, settings_->artim);
  if (error.code() == failure::timed_out) farewell_within_ = std::min<duration>(farewell_within_, std::chrono::milliseconds{50});
  if (tell) {
    const bool by_user = tell->source == dul::abort_source::service_user;
    bool sends = machine_.current() == dul::state::sta13;  // where a PDU that was not expected has led
    if (!sends) {
      const auto step = machine_.on(by_user ? dul::event::a_abort_request : dul::event::invalid_pdu_received);
      sends = step.has(dul::effect::send_a_abort_user) || step.has(dul::effect::send_a_abort_provider);
      if (step.has(dul::effect::send_a_abort_user)) tell = dul::abort_cause{};  // AA-1: in Sta2, too
    }
    if (sends) {
      const auto bytes = dul::encode(dul::a_abort{*tell});
      farewell_.assign(bytes.begin(), bytes.end());
    }
  }
  failure_ = std::make_unique<association_error>(std::move(error));
  transport_->cancel();
  changed();
  for (auto* each : writers_) each->wake.notify_all();
}

inline void connection::lost(const std::error_code& error) {
  static_cast<void>(machine_.on(dul::event::transport_closed));
  auto why = transport_->explanation();
  if (why.empty()) why = error == asio::error::eof ? "the peer closed it" : error.message();
  const auto code = error == errc::tls_failed ? errc::tls_failed : errc::connection_lost;
  fail(association_error{code, std::move(why)}, std::nullopt);
}

inline void connection::close_now() noexcept {
  if (closed_) return;
  closed_ = true;
  if (!failure_) failure_ = std::make_unique<association_error>(errc::closed, std::string{});
  if (recorder_ && failure_->code() != errc::closed) report(*failure_);
  transport_->close();
  watchdog_.stop();
  give_buffer_back();
  changed();
  for (auto* each : writers_) each->wake.notify_all();
}

inline void connection::leave() noexcept {
  if (closed_) return;
  if (is_open() && !writing_) {
    static_cast<void>(machine_.on(dul::event::a_abort_request));
    const auto bytes = dul::encode(dul::a_abort{dul::abort_cause{}});
    std::error_code ignored;
    transport_->try_write(bytes, ignored);
  }
  close_now();
}

inline void connection::report(const association_error& why) noexcept {
  const auto& tell = settings_->recording.on_failure;
  if (!tell || std::exchange(reported_, true)) return;
  try {
    const auto known = why.with({}, peer_name());
    recorder_->note(std::string{"failed: "} + known.what());
    tell(*recorder_, known);
  } catch (const std::exception& error) {
    log(log_level::warning, [&] { return std::string{"the recording of an association is lost: "} + error.what(); });
  }
}

// Of those deadlines that begin with every piece of a message only the end is recorded.
inline void connection::note_deadline(deadline_slot slot, clock::time_point at) {
  if (!recorder_ || at == clock::time_point::max()) return;
  const auto left = std::chrono::round<std::chrono::milliseconds>(at - clock::now());
  char text[32];
  std::snprintf(text, sizeof text, ", %.10g s", std::chrono::duration<double>(left).count());
  recorder_->note(std::string{"deadline: "} + name_of(slot) + text);
}

inline void connection::start(deadline_slot slot, duration within) {
  const auto at = deadline_in(within);
  watchdog_.set(slot, at);
  note_deadline(slot, at);
}

inline const char* connection::name_of(deadline_slot slot) const noexcept {
  switch (slot) {
    case at_establishment:
      if (in_handshake()) return "TLS handshake";
      return machine_.current() == dul::state::sta2 ? "ARTIM" : "A-ASSOCIATE";
    case at_response: return "response";
    case at_read: return "read";
    case at_write: return "write";
    case at_release: return "A-RELEASE";
    case at_idle: return "idle";
    case at_stall: return "object taken";
    case at_close: return "close";
  }
  return "";
}

inline void connection::expired(std::size_t slot) {
  if (recorder_) recorder_->note(std::string{"deadline passed: "} + name_of(static_cast<deadline_slot>(slot)));
  const auto time_out = [this](errc code, std::optional<dul::abort_cause> tell) { fail(association_error{code, {}}, tell); };
  switch (static_cast<deadline_slot>(slot)) {
    case at_establishment:
      if (in_handshake()) return time_out(errc::tls_timed_out, dul::abort_cause{});  // of which nothing is sent
      if (machine_.current() != dul::state::sta2) return time_out(errc::association_timed_out, dul::abort_cause{});
      static_cast<void>(machine_.on(dul::event::artim_expired));  // AA-2: just closes
      return time_out(errc::association_timed_out, std::nullopt);
    case at_response: return end_late_responses();
    case at_read: return time_out(errc::read_timed_out, dul::abort_cause{});
    case at_write: return time_out(errc::write_timed_out, std::nullopt);  // it would not read an A-ABORT either
    case at_release: return time_out(errc::release_timed_out, dul::abort_cause{});
    case at_idle:
      idle_expired_ = true;
      transport_->cancel();
      return;
    case at_stall: return refuse_stalled_object();
    case at_close:
      if (machine_.current() == dul::state::sta13) static_cast<void>(machine_.on(dul::event::artim_expired));
      return close_now();
  }
}

inline task<> connection::wind_up() {
  winding_up_ = true;
  const auto self = shared_from_this();
  for (std::size_t slot = 0; slot < watchdog::max_deadlines; ++slot) watchdog_.clear(slot);
  start(at_close, farewell_within_);
  if (!farewell_.empty() || lingers_) {
    task<> turn = write_turn(true);
    if (turn.valid()) co_await std::move(turn);
    const write_lock lock{*this};
    std::vector<std::byte> last = std::move(unfinished_);
    last.insert(last.end(), farewell_.begin(), farewell_.end());
    const asio::const_buffer buffer{last.data(), last.size()};
    std::error_code error;
    if (!last.empty()) co_await transport_->write(const_buffers{&buffer, 1}, error);
    if (!error) {
      // Closing with unread input would reset the connection and might cost the peer our last words.
      transport_->shutdown_send();
      const std::function<bool()> free = [this] { return !reading_ || closed_; };
      while (!free()) {
        waiter place{*this, free};
        co_await place.wake.wait();
      }
      const borrowed_buffer rubbish{asio::query(executor_, asio::execution::context)};
      const asio::mutable_buffer into{rubbish.get().data(), rubbish.get().size()};
      bool goes_on = discard(buffered());
      while (goes_on && !closed_ && !error) {
        const auto size = co_await transport_->read_some(mutable_buffers{&into, 1}, error);
        goes_on = discard(rubbish.get().first(size));
      }
      if (error && !closed_ && machine_.current() == dul::state::sta13)
        static_cast<void>(machine_.on(dul::event::transport_closed));
    }
  }
  close_now();
}

// Sta13: what comes is for nobody. False when an A-ABORT ends it (AA-2). Our side of the stream has been shut down, so
// nothing is answered, not even by an A-ABORT of ours (AA-7).
inline bool connection::discard(byte_span input) {
  while (machine_.current() == dul::state::sta13 && !input.empty()) {
    const auto part = std::min<std::size_t>(reader_.fragment_left(), input.size());
    reader_.consumed(part);
    input = input.subspan(part);
    if (input.empty()) break;
    switch (reader_.next(input)) {
      case dul::pdu_reader::need_more: break;
      case dul::pdu_reader::fragment:
        if (reader_.first_of_pdu()) static_cast<void>(machine_.on(dul::event::p_data_received));
        break;
      case dul::pdu_reader::whole_pdu: {
        const auto step = machine_.on(dul::received(dul::type_of(reader_.take())));
        if (step.has(dul::effect::close_transport)) return false;
        break;
      }
      case dul::pdu_reader::fault:
        static_cast<void>(machine_.on(dul::event::invalid_pdu_received));
        return true;  // where the next PDU begins cannot be told
    }
  }
  return true;
}

inline task<> connection::tidy_up() {
  if (failure_ && !winding_up_ && !closed_) co_await shielded(wind_up());
}

// --- reading ---------------------------------------------------------------------------------------------------------

inline void connection::give_buffer_back() noexcept {
  if (!buffer_) return;
  auto& context = asio::query(executor_, asio::execution::context);
  asio::use_service<buffer_pool>(context).give_back(std::move(buffer_));
  data_ = idle_buffer_.data();
  begin_ = end_ = 0;
}

// Called with nothing buffered.
inline std::span<std::byte> connection::space() {
  begin_ = end_ = 0;
  const bool large = in_message() || !exchanges_.empty() || busy_ || !parameters_;
  if (large && !buffer_) {
    buffer_ = asio::use_service<buffer_pool>(asio::query(executor_, asio::execution::context)).take();
    data_ = buffer_.get();
  } else if (!large && buffer_) {
    give_buffer_back();
  }
  return {data_, buffer_ ? read_buffer_size : idle_buffer_.size()};
}

// Where bytes of a data set go that are read without a copy: those of the fragment under way, if any, and, on the guess
// that another one follows in a PDU of its own, those behind its header.
struct connection::direct_read {
  direct_read(const dul::pdu_reader& from, std::span<std::byte> into, std::size_t most_guessed)
      : fragment{into.first(std::min<std::size_t>(into.size(), from.fragment_left()))} {
    ends_fragment = fragment.size() == from.fragment_left();
    const auto& header = from.header();
    if (!ends_fragment || header.is_last || header.size < least_guessed) return;
    into = into.subspan(fragment.size());
    guessed = into.first(std::min<std::size_t>({into.size(), most_guessed, header.size}));
  }

  static constexpr std::size_t least_guessed = 32 << 10;  // small ones share a read through our own buffer

  std::span<std::byte> fragment, guessed;
  bool ends_fragment = false;
};

// The buffers of one read.
struct connection::read_room {
  read_room(std::span<std::byte> own, const direct_read* direct) {
    if (direct != nullptr) add(direct->fragment);
    if (direct != nullptr && !direct->guessed.empty()) {
      add(own.first(dul::p_data_header_size));
      add(direct->guessed);
    } else if (direct == nullptr || direct->ends_fragment) {
      add(own);
    }
  }
  void add(std::span<std::byte> part) noexcept {
    parts[count++] = asio::mutable_buffer{part.data(), part.size()};
    size += part.size();
  }
  [[nodiscard]] mutable_buffers get() const noexcept { return {parts.data(), count}; }

  std::array<asio::mutable_buffer, 3> parts;
  std::size_t count = 0;
  std::size_t size = 0;
};

inline void connection::take_read(std::size_t size, const read_room& room, direct_read* direct) {
  more_expected_ = size == room.size;
  read_since_ += size;
  if (read_since_ >= read_step) renew_read_deadline();
  end_ = size;
  if (direct == nullptr) return;
  direct->fragment = direct->fragment.first(std::min(size, direct->fragment.size()));
  end_ -= direct->fragment.size();
  if (direct->guessed.empty()) return;
  direct->guessed = direct->guessed.first(end_ - std::min(end_, dul::p_data_header_size));
  end_ -= direct->guessed.size();
}

// What is there already. Between two messages there is hardly more where the last read left nothing behind.
inline bool connection::fill_at_once(direct_read* direct) {
  if ((!more_expected_ && !in_message()) || ++at_once_ >= most_at_once) return false;
  const read_room room{space(), direct};
  std::error_code error;
  const std::size_t size = transport_->read_at_once(room.get(), error);
  if (size == 0) return false;  // an error is met again
  take_read(size, room, direct);
  return true;
}

inline task<> connection::fill(direct_read* direct) {
  const read_room room{space(), direct};
  std::error_code error;
  std::size_t size = 0;
  {
    const read_deadline until{*this};
    size = co_await transport_->read_some(room.get(), error);
  }
  at_once_ = 0;
  more_expected_ = false;
  if (size != 0) {
    take_read(size, room, direct);
    co_return;
  }
  check();
  const auto state = co_await asio::this_coro::cancellation_state;
  if (error == asio::error::operation_aborted) {
    if (is_cancelled(state)) throw std::system_error{errc::cancelled};
    co_return;  // woken up, to look around
  }
  lost(error ? error : std::error_code{asio::error::eof});
  throw_failure();
}

inline void connection::open_fragment() {
  if (reader_.first_of_pdu()) {
    const auto step = machine_.on(dul::event::p_data_received);
    if (!step.has(dul::effect::indicate_p_data)) {
      dul::diagnostics known{"P-DATA-TF outside an association"};
      known.pdu = dul::pdu_type::p_data_tf;
      known.answer = dul::abort_cause{dul::abort_source::service_provider, dul::abort_reason::unexpected_pdu};
      if (step.has(dul::effect::send_a_abort_user)) known.answer = dul::abort_cause{};  // AA-1
      throw association_error{errc::unexpected_pdu, std::move(known)};
    }
  }
  assembler_.begin(reader_.header(), *parameters_);
  fragment_open_ = true;
}

inline connection::progress connection::parse(bool for_object) {
  for (;;) {
    if (fragment_open_) {
      if (const auto left = reader_.fragment_left(); left != 0) {
        if ((body_ && for_object) || object_comes_first()) return progress::stream;
        auto part = buffered().first(std::min<std::size_t>(end_ - begin_, left));
        if (part.empty()) return progress::need_more;
        if (assembler_.in_command()) {
          assembler_.command_bytes(part);
        } else if (body_) {
          part = part.first(std::min(part.size(), settings_->limits.read_ahead - ahead_bytes_));
          body_->ahead.insert(body_->ahead.end(), part.begin(), part.end());
          ahead_bytes_ += part.size();
        } else if (destination_ == destination::collect) {
          if (incoming_.back().data_set.size() + part.size() > settings_->limits.identifier_bytes) {
            incoming_.back().too_large = true;
            incoming_.back().data_set = std::vector<std::byte>{};  // which lets go of its memory, as {} would not
            destination_ = destination::skip;
          } else {
            incoming_.back().data_set.insert(incoming_.back().data_set.end(), part.begin(), part.end());
          }
        }
        if (destination_ == destination::skip && !assembler_.in_command()) {
          skipped_ += part.size();
          if (skipped_ > settings_->limits.drain_bytes)
            throw association_error{errc::limit_exceeded, "a data set that nobody wants is longer than limits.drain_bytes"};
        }
        begin_ += part.size();
        reader_.consumed(part.size());
        if (reader_.fragment_left() != 0) continue;
      }
      if (close_fragment()) return progress::dispatched;
      continue;
    }
    auto input = buffered();
    const auto found = reader_.next(input);
    begin_ = end_ - input.size();
    switch (found) {
      case dul::pdu_reader::need_more: return progress::need_more;
      case dul::pdu_reader::whole_pdu: return progress::control;
      case dul::pdu_reader::fault: throw association_error{reader_.error()};
      case dul::pdu_reader::fragment: open_fragment(); break;
    }
  }
}

inline connection::progress connection::parse_or_fail(bool for_object) {
  auto found = progress::need_more;
  try {
    found = parse(for_object);
  } catch (const association_error& error) {
    fail(error, error.diagnostics().answer.value_or(dul::abort_cause{}));
  }
  check();
  return found;
}

// True when something has come to where somebody waits for it.
inline bool connection::close_fragment() {
  fragment_open_ = false;
  switch (assembler_.end()) {
    case message_assembler::more: return false;
    case message_assembler::command_complete: {
      begin_message() = assembler_.command();
      skipped_ = 0;
      destination_ = destination::collect;
      if (std::holds_alternative<c_store_request>(incoming_.back().command)) {
        if (serving_ || object_taker() != nullptr) {
          body_ = std::make_shared<incoming_body>();
          incoming_.back().body = body_;
          watchdog_.set(at_stall, settings_->consumer_stall);
          deliver();
          return true;
        }
        destination_ = destination::skip;
      } else if (!is_request(incoming_.back().command)) {
        const auto found = exchanges_.find(id_of(incoming_.back().command));
        if (found != exchanges_.end() && found->second->abandoned) destination_ = destination::skip;
      }
      return false;
    }
    case message_assembler::message_complete: break;
  }
  renew_read_deadline();
  if (body_) {
    body_->ended = true;
    body_.reset();
    watchdog_.clear(at_stall);
    changed();
    return true;
  }
  if (!has_data_set(assembler_.command())) begin_message() = assembler_.take_command();
  deliver();
  return true;
}

inline command& connection::begin_message() {
  incoming_.clear();
  auto& begun = incoming_.emplace_back();
  begun.context = assembler_.context();
  return begun.command;
}

inline exchange* connection::object_taker() const noexcept {
  for (const auto& [id, each] : exchanges_)
    if (each->takes_objects && !each->abandoned) return each.get();
  return nullptr;
}

inline void connection::deliver() {
  auto& received = incoming_.back();
  if (is_request(received.command)) {
    const bool is_store = std::holds_alternative<c_store_request>(received.command);
    if (is_store && !received.body) {  // a C-STORE-RQ without a data set
      received.body = std::make_shared<incoming_body>();
      received.body->ended = true;
    }
    auto* const taker = !serving_ && is_store ? object_taker() : nullptr;
    if (received.refusal) {
      strays_.splice(strays_.end(), incoming_);
    } else if (taker != nullptr) {
      taker->mailbox.splice(taker->mailbox.end(), incoming_);
    } else if (!serving_) {
      strays_.splice(strays_.end(), incoming_);
    } else {
      request_bytes_ += received.data_set.size();
      requests_.splice(requests_.end(), incoming_);
    }
  } else {
    const auto found = exchanges_.find(id_of(received.command));
    if (found == exchanges_.end()) {
      dul::diagnostics known{"a response to message " + to_string(id_of(received.command)) + ", which is not under way"};
      known.context = received.context;
      throw association_error{errc::unexpected_message, std::move(known)};
    }
    const auto of = found->second;
    const auto status = status_of(received.command);
    if (status && status->is_pending()) {
      if (!of->fixed_deadline) of->answer_within(settings_->response);
    } else {
      exchanges_.erase(found);
    }
    if (!of->abandoned) {
      if (received.too_large)
        throw association_error{errc::limit_exceeded, "the identifier of a response is longer than limits.identifier_bytes"};
      of->mailbox_bytes += received.data_set.size();
      of->mailbox.splice(of->mailbox.end(), incoming_);
    }
  }
  incoming_.clear();
  changed();
}

// A PDU other than P-DATA-TF, while the association stands.
inline void connection::on_control() {
  const dul::pdu received = reader_.take();
  renew_read_deadline();
  const auto type = dul::type_of(received);
  const auto step = machine_.on(dul::received(type));
  if (const auto* abort = std::get_if<dul::a_abort>(&received)) {
    fail(dul::aborted(*abort), std::nullopt);
  } else if (machine_.current() == dul::state::sta12) {
    // A collision, we accepted the association: the peer's A-RELEASE-RP came first (AR-10), ours is still to be sent.
  } else if (step.has(dul::effect::confirm_a_release)) {
    released_ = true;
  } else if (step.has(dul::effect::indicate_a_release)) {
    release_indicated_ = true;
    if (!serving_ && machine_.current() == dul::state::sta8) {
      const auto answer = machine_.on(dul::event::a_release_response);
      if (answer.has(dul::effect::send_a_release_rp)) {
        const auto bytes = dul::encode(dul::a_release_rp{});
        farewell_.assign(bytes.begin(), bytes.end());
      }
      fail(association_error{errc::released_by_peer, {}}, std::nullopt);
    }
  } else {
    dul::diagnostics known{"not expected here"};
    known.pdu = type;
    fail(association_error{errc::unexpected_pdu, std::move(known)},
         dul::abort_cause{dul::abort_source::service_provider, dul::abort_reason::unexpected_pdu});
  }
  changed();
}

// May somebody read on in an object before its own reader asks for it?
inline bool connection::reads_ahead() const noexcept {
  return body_ && !body_->in_use && parameters_->peer_window() != 1 && ahead_bytes_ < settings_->limits.read_ahead;
}

// Somebody reads, or what has come must be taken first.
inline bool connection::read_waits() const noexcept {
  if (reading_ || object_comes_first()) return true;
  const auto most_bytes = settings_->limits.mailbox_bytes;
  if (requests_.size() >= most_requests || request_bytes_ > most_bytes) return true;
  return std::any_of(exchanges_.begin(), exchanges_.end(),
                     [most_bytes](const auto& each) { return each.second->mailbox_bytes > most_bytes; });
}

inline void connection::renew_read_deadline() noexcept {
  read_left_ = settings_->read;
  read_since_ = 0;
}

inline task<> connection::run_until(std::function<bool()> ready) {
  for (;;) {
    if (ready()) co_return;
    check();
    if (read_waits()) {
      co_await wait_for(ready);
      continue;
    }
    // Until something has come for somebody, or somebody wants a look around.
    const leadership token{*this};
    for (;;) {
      const auto found = parse_or_fail(false);
      if (found == progress::need_more) {
        if (!fill_at_once()) co_await fill();
        if (begin_ != end_) continue;
      } else if (found == progress::control) {
        on_control();
        check();
      } else if (found == progress::dispatched && !strays_.empty()) {
        co_await answer_strays();
      }
      break;
    }
  }
}

// A coroutine of its own, so that who leads, perhaps for hours, has no place for it.
inline task<> connection::wait_for(const std::function<bool()>& ready) {
  waiter place{*this, ready};
  co_await place.wake.wait();
}

// Establishment: one whole PDU.
inline task<dul::pdu> connection::read_pdu() {
  const leadership token{*this};
  for (;;) {
    auto found = progress::need_more;
    try {
      found = parse(false);
    } catch (const association_error& error) {
      const auto& known = error.diagnostics();
      if (known.refusal) {
        static_cast<void>(machine_.on(dul::event::a_associate_rq_received, dul::request_check::rejected));
        prepare_rejection(dul::a_associate_rj{*known.refusal});
      } else fail(error, known.answer.value_or(dul::abort_cause{dul::abort_source::service_provider}));
    }
    check();
    if (found == progress::control) break;
    if (!fill_at_once()) co_await fill();
  }
  co_return reader_.take();
}

// Requests to a side that serves none are answered all the same.
inline task<> connection::answer_strays() {
  auto strays = std::exchange(strays_, {});
  if (machine_.current() != dul::state::sta6) co_return;  // to a peer that we have asked for release nothing is sent
  for (auto& stray : strays) {
    if (std::holds_alternative<c_cancel_request>(stray.command)) continue;
    if (on_event_report_ && std::holds_alternative<n_event_report_request>(stray.command)) {
      co_await on_event_report_(std::move(stray));
      continue;
    }
    generic_command request;
    request.field = field_of(stray.command);
    request.id = id_of(stray.command);
    request.sop_class_uid = sop_class_of(stray.command);
    request.sop_instance_uid = sop_instance_of(stray.command);
    const generic_command answer = response_to(request, stray.refusal.value_or(status::unrecognized_operation));
    co_await send(stray.context, answer);
  }
}

inline void connection::leave_object(incoming_body& of, context_id context, c_store_request request) noexcept {
  ahead_bytes_ -= of.ahead.size() - of.taken;
  of.ahead = std::vector<std::byte>{};
  of.taken = 0;
  if (failure_ || closed_) return;
  message left;
  left.context = context;
  left.command = std::move(request);
  left.refusal = status::out_of_resources;
  if (body_.get() == &of) {
    body_.reset();
    watchdog_.clear(at_stall);
    destination_ = destination::skip;
    skipped_ = 0;
    incoming_.clear();
    incoming_.push_back(std::move(left));
  } else {
    strays_.push_back(std::move(left));
  }
  abandoned_any_ = true;
  changed();
}

// Nobody has read on in the object that comes for too long, while others may wait for what lies behind it.
inline void connection::refuse_stalled_object() {
  const auto body = body_;
  if (!body || failure_) return;
  if (settings_->stalled == stalled_object::abort)
    return fail(association_error{errc::cancelled, "nobody took the object that the peer sends"});
  body->refused = true;
  if (const auto tell = std::exchange(body->on_refused, nullptr)) tell();
  leave_object(*body, assembler_.context(), std::get<c_store_request>(assembler_.command()));
}

// Bytes read behind a header on the guess that it is that of the next fragment. `taken` of them are; the others are put
// behind what is buffered.
inline connection::progress connection::take_guessed(byte_span bytes, std::size_t& taken) {
  const auto found = parse_or_fail(true);
  taken = 0;
  if (found == progress::stream && begin_ == end_) taken = std::min<std::size_t>(bytes.size(), reader_.fragment_left());
  reader_.consumed(taken);
  bytes = bytes.subspan(taken);
  if (begin_ == end_) begin_ = end_ = 0;
  std::memcpy(data_ + end_, bytes.data(), bytes.size());
  end_ += bytes.size();
  return found;
}

inline task<std::size_t> connection::read_data_set(std::shared_ptr<incoming_body> of, std::span<std::byte> into) {
  if (of->in_use) throw association_error{errc::wrong_state, "the object is being read already"};
  const body_reader reader{*this, *of};
  std::size_t got = 0;
  while (got < into.size()) {
    check();
    const auto rest = into.subspan(got);
    if (const std::size_t part = std::min(rest.size(), of->ahead.size() - of->taken); part != 0) {
      std::memcpy(rest.data(), of->ahead.data() + of->taken, part);
      of->taken += part;
      ahead_bytes_ -= part;
      got += part;
      if (of->taken == of->ahead.size()) {
        of->ahead = std::vector<std::byte>{};
        of->taken = 0;
      }
      continue;
    }
    if (of != body_) break;
    if (reading_) {  // ahead of us, until something comes
      if (got != 0) break;
      const std::function<bool()> ready = [this, &of] { return !reading_ || of != body_; };
      waiter place{*this, ready};
      co_await place.wake.wait();
      continue;
    }
    const leadership token{*this};
    const auto found = parse_or_fail(true);
    if (found == progress::control) {
      on_control();
      check();
      continue;
    }
    if (found == progress::dispatched) continue;
    const auto left = reader_.fragment_left();
    if (found == progress::stream && begin_ != end_) {
      const std::size_t part = std::min({end_ - begin_, rest.size(), std::size_t{left}});
      std::memcpy(rest.data(), data_ + begin_, part);
      begin_ += part;
      reader_.consumed(part);
      got += part;
      continue;
    }
    // What is there is given rather than waited for more.
    if (got != 0 && rest.size() < direct_read::least_guessed) break;
    if (found == progress::stream || reader_.at_boundary()) {
      direct_read direct{reader_, rest, read_buffer_size - dul::p_data_header_size};
      if (!fill_at_once(&direct)) {
        if (got != 0) break;
        co_await fill(&direct);
      }
      reader_.consumed(direct.fragment.size());
      got += direct.fragment.size();
      if (direct.guessed.empty()) continue;
      std::size_t taken = 0;
      const auto behind = take_guessed(direct.guessed, taken);
      got += taken;
      if (behind != progress::control) continue;
      on_control();
      check();
    } else if (!fill_at_once()) {
      if (got != 0) break;
      co_await fill();
    }
  }
  // A fragment that has been taken whole is closed at once: its message may end with it.
  if (of == body_ && fragment_open_ && reader_.fragment_left() == 0) static_cast<void>(close_fragment());
  co_return got;
}

// --- writing ---------------------------------------------------------------------------------------------------------

inline task<> connection::write_turn(bool even_when_failed) {
  if (std::exchange(writing_, true)) return await_write_turn(even_when_failed);
  return {};
}

inline task<> connection::await_write_turn(bool even_when_failed) {
  write_ticket ticket{*this};
  std::exception_ptr error;
  try {
    while (!ticket.granted && (even_when_failed || !failure_)) co_await ticket.wake.wait();
  } catch (...) {
    error = std::current_exception();
  }
  if (!error && ticket.granted) co_return;
  if (ticket.granted) unlock_write();
  if (error) std::rethrow_exception(error);
  throw_failure();
}

inline void connection::unlock_write() {
  if (writers_.empty()) {
    writing_ = false;
    return;
  }
  auto* next = writers_.front();
  writers_.pop_front();
  next->granted = true;
  next->wake.notify_all();
}

inline task<> connection::write_gathered(gathered what, std::size_t& begun) {
  std::error_code error;
  std::size_t written = 0;
  if (++at_once_ < most_at_once) written = transport_->write_at_once(what.buffers, error);
  begun += written;
  if (!error && written == what.size()) return {};
  what.rest_of_pdu(written, unfinished_);  // should the rest not be begun
  return write_rest(what, written, error, begun);
}

inline task<> connection::write_rest(gathered what, std::size_t written, std::error_code error, std::size_t& begun) {
  if (!error) {
    const auto rest = what.behind(written);
    const armed until{*this, at_write, deadline_in(settings_->write)};
    const flagged at_it{in_write_};
    const auto size = co_await transport_->write(const_buffers{rest}, error);
    written += size;
    begun += size;
  }
  at_once_ = 0;
  if (std::exchange(wake_later_, false)) wake_reader();
  unfinished_.clear();
  if (!error) co_return;
  what.rest_of_pdu(written, unfinished_);
  check();
  const auto state = co_await asio::this_coro::cancellation_state;
  if (error == asio::error::operation_aborted && is_cancelled(state)) throw std::system_error{errc::cancelled};
  unfinished_.clear();
  co_await listen_for_abort();
  lost(error);
  throw_failure();
}

// Let whoever reads look around. A transport can only be told to leave off everything, so not in the middle of a write.
inline void connection::wake_reader() {
  if (in_write_) wake_later_ = true;
  else if (reading_) transport_->cancel();
}

// Write PDUs, and behind them a data set. What has been begun and is not finished cannot be followed by anything but an
// A-ABORT.
inline task<> connection::write_pdus(std::vector<std::byte> pdus, bool of_message, context_id context, body_source* body) {
  check();
  task<> turn = write_turn();
  if (turn.valid()) co_await std::move(turn);
  const write_lock lock{*this};
  check();
  if (of_message && !machine_.on(dul::event::p_data_request))
    throw association_error{errc::wrong_state, "the association does not stand"};
  std::size_t begun = 0;
  std::exception_ptr error;
  try {
    const asio::const_buffer block{pdus.data(), pdus.size()};
    const std::size_t end = pdus.size();
    task<> writing = body != nullptr ? write_with_body(pdus, context, body, begun)
                                     : write_gathered({{&block, 1}, {&end, 1}}, begun);
    if (writing.valid()) co_await std::move(writing);
  } catch (...) {
    error = std::current_exception();
  }
  if (!error) co_return;
  if (begun != 0) fail(association_error{errc::cancelled, "a message was left unfinished"});
  std::rethrow_exception(error);
}

inline task<> connection::write_with_body(byte_span pdus, context_id context, body_source* body, std::size_t& begun) {
  if (!batch_) batch_ = std::make_unique<batch>();
  batch_->clear();
  batch_->add_block(pdus);
  fragmenter cut{context, message_part::data_set, parameters_->peer_max_length()};
  byte_span piece;
  for (;;) {
    const bool wants_piece = !cut.done() && piece.empty() && !body->ended();
    const bool refers_to_last = wants_piece && batch_->fragments != 0;
    if (cut.done() || batch_->full() || refers_to_last) {
      task<> writing = write_gathered(batch_->all(), begun);
      if (writing.valid()) co_await std::move(writing);
      if (cut.done()) co_return;
      batch_->clear();
    }
    if (wants_piece) {
      task<> coming = body->fetch(cut.max_fragment());
      if (coming.valid()) co_await std::move(coming);
      piece = body->next(cut.max_fragment());
    }
    // One more byte stands for all that comes behind the piece.
    const std::size_t size = cut.next(piece.size() + (body->ended() ? 0 : 1), true);
    batch_->add_fragment(cut, piece.first(size));
    piece = piece.subspan(size);
  }
}

// The peer takes no more: perhaps it has said why.
inline task<> connection::listen_for_abort() {
  if (read_waits()) co_return;
  const armed until{*this, at_close, deadline_in(std::chrono::milliseconds{500})};
  try {
    // What lies behind an object that nobody reads cannot be heard.
    co_await run_until([this] { return failure_ || object_comes_first(); });
  } catch (const std::exception&) {
    // Whatever it was has become the failure, or the write error tells.
  }
}

inline task<> connection::send_pdus(std::vector<std::byte> pdus, context_id context, body_source* body) {
  return write_pdus(std::move(pdus), true, context, body);
}

// --- exchanges -------------------------------------------------------------------------------------------------------

inline bool connection::window_free() const noexcept {
  const auto window = parameters_->own_window();
  return window == 0 || exchanges_.size() < window;
}

inline task<std::shared_ptr<exchange>> connection::begin_exchange() {
  // A place in the line, given up on every way out.
  class place {
   public:
    explicit place(connection& of) : of_{of} { of_.queue_.push_back(this); }
    place(const place&) = delete;
    place& operator=(const place&) = delete;
    ~place() {
      std::erase(of_.queue_, static_cast<const void*>(this));
      of_.changed();
    }
    [[nodiscard]] bool is_first() const noexcept { return of_.queue_.front() == this; }

   private:
    connection& of_;
  };
  check();
  if (settings_->beyond_window == beyond_window::fail) {
    const auto under_way = std::count_if(exchanges_.begin(), exchanges_.end(), [](const auto& e) { return !e.second->abandoned; });
    const auto window = parameters_->own_window();
    if (!queue_.empty() || (window != 0 && under_way >= window))
      throw association_error{errc::exchange_in_progress, "as many as were agreed on at once"};
  }
  const place mine{*this};
  for (;;) {
    co_await cancel_abandoned();
    if (mine.is_first() && window_free()) break;
    co_await run_until([this, &mine] { return abandoned_any_ || (mine.is_first() && window_free()); });
  }
  check();
  co_return make_exchange();
}

inline std::shared_ptr<exchange> connection::begin_at_once() {
  check();
  if (abandoned_any_ || !queue_.empty() || !window_free()) return nullptr;
  return make_exchange();
}

inline std::shared_ptr<exchange> connection::make_exchange() {
  do ++last_id_;
  while (last_id_ == 0 || exchanges_.contains(message_id{last_id_}));
  auto begun = std::make_shared<exchange>();
  begun->id = message_id{last_id_};
  begun->answer_within(settings_->response);
  exchanges_.emplace(begun->id, begun);
  return begun;
}

inline task<> connection::cancel_abandoned() {
  while (abandoned_any_) {
    abandoned_any_ = false;
    if (!strays_.empty()) co_await answer_strays();
    std::vector<std::shared_ptr<exchange>> to_cancel;
    for (const auto& [id, each] : exchanges_)
      if (each->abandoned && each->can_be_cancelled && !each->cancel_sent) to_cancel.push_back(each);
    for (const auto& each : to_cancel) {
      each->answer_within(settings_->drain);
      co_await send_cancel(each);
    }
  }
}

inline task<> connection::send_cancel(std::shared_ptr<exchange> of) {
  if (of->cancel_sent || !exchanges_.contains(of->id)) co_return;
  of->cancel_sent = true;
  const auto& peer = parameters_->peer_implementation_class_uid();
  if (settings_->no_cancel || dul::known_quirks(peer).no_cancel) co_return;  // it ends by itself
  const c_cancel_request cancel{of->id};
  co_await send(of->context, cancel);
}

inline void connection::abandon(exchange& left) noexcept {
  for (const auto& each : left.mailbox)
    if (const auto* object = std::get_if<c_store_request>(&each.command)) leave_object(*each.body, each.context, *object);
  left.mailbox.clear();
  left.mailbox_bytes = 0;
  if (!exchanges_.contains(left.id)) return;
  left.abandoned = true;
  left.fixed_deadline = true;
  left.answer_within(settings_->drain);
  abandoned_any_ = true;
  changed();
}

inline void connection::renew(exchange& of) {
  if (of.fixed_deadline || closed_) return;
  of.answer_within(settings_->response);
  arm_responses();
}

inline clock::time_point connection::first_response_deadline() const noexcept {
  auto first = clock::time_point::max();
  for (const auto& [id, each] : exchanges_) first = std::min(first, each->deadline);
  return first;
}

// The read under way waits for the responses too that were not awaited when it began.
inline void connection::arm_responses() {
  if (reading_ && !in_message()) watchdog_.set(at_response, first_response_deadline());
}

// Who awaits a response that is late is told. The association goes on: others use it, and an exchange that is left then
// has a while to come to its end. One that has been left, or cancelled, has had it.
inline void connection::end_late_responses() {
  const auto now = clock::now();
  for (const auto& [id, each] : exchanges_) {
    if (each->deadline > now) continue;
    if (each->fixed_deadline) return fail(association_error{errc::response_timed_out, {}});
    each->timed_out = true;
    each->deadline = clock::time_point::max();
  }
  arm_responses();
  changed();
  wake_reader();
}

inline void connection::forget(const exchange& unsent) noexcept {
  exchanges_.erase(unsent.id);
  changed();
}

inline task<message> connection::receive(std::shared_ptr<exchange> owner) {
  owner->timed_out = false;
  if (!owner->fixed_deadline) owner->answer_within(settings_->response);
  arm_responses();
  co_await run_until([&owner] { return !owner->mailbox.empty() || owner->timed_out; });
  if (owner->mailbox.empty()) throw association_error{errc::response_timed_out, {}};
  message received = std::move(owner->mailbox.front());
  owner->mailbox.pop_front();
  owner->mailbox_bytes -= received.data_set.size();
  changed();
  co_return received;
}

// --- serving ---------------------------------------------------------------------------------------------------------

inline task<> connection::await_next() {
  serving_ = true;
  return run_until(
      [this] { return !requests_.empty() || release_indicated_ || idle_expired_ || (stopping_ && !busy_); });
}

inline std::optional<message> connection::take_request() {
  if (requests_.empty()) return std::nullopt;
  std::optional<message> first{std::move(requests_.front())};
  requests_.pop_front();
  request_bytes_ -= first->data_set.size();
  changed();
  return first;
}

inline void connection::busy(bool handlers_at_work) {
  if (busy_ == handlers_at_work) return;
  busy_ = handlers_at_work;
  // The deadline of the pending read depends on it.
  if (serving_ && reading_ && !in_message()) {
    if (busy_) watchdog_.clear(at_idle);
    else watchdog_.set(at_idle, settings_->idle);
  }
  if (stopping_) transport_->cancel();
  changed();
}

inline void connection::request_stop() {
  stopping_ = true;
  if (!busy_ && !in_message()) transport_->cancel();
  changed();
}

// --- establishment and release ---------------------------------------------------------------------------------------

// Peers that count their headers otherwise go a little beyond what we announced; 0 is no limit.
[[nodiscard]] constexpr std::uint32_t with_tolerance(std::uint32_t own_max_length) noexcept {
  constexpr std::uint32_t tolerance = 1024, highest = 0xFFFFFFFF;
  return own_max_length == 0 || own_max_length > highest - tolerance ? 0 : own_max_length + tolerance;
}

// Part of the transport's own establishment, before AE-2 and AE-5.
inline task<> connection::handshake() {
  std::error_code error;
  task<> shaking_hands = transport_->handshake(error);
  if (!shaking_hands.valid()) co_return;
  start(at_establishment, settings_->tls);
  co_await std::move(shaking_hands);
  watchdog_.clear(at_establishment);
  if (!error) co_return;
  check();
  const auto state = co_await asio::this_coro::cancellation_state;
  if (error == asio::error::operation_aborted && is_cancelled(state)) {
    static_cast<void>(machine_.on(dul::event::a_abort_request));
    throw std::system_error{errc::cancelled};
  }
  lingers_ = machine_.current() == dul::state::sta1;  // a client is told why at once
  lost(error);
  throw_failure();
}

inline task<> connection::request(dul::a_associate_rq proposal) {
  static_cast<void>(machine_.on(dul::event::a_associate_request));
  co_await handshake();
  static_cast<void>(machine_.on(dul::event::transport_connected));
  const auto own = proposal.user.max_length.value_or(0);
  reader_.max_p_data_length(with_tolerance(own));
  start(at_establishment, settings_->associate);
  co_await write_pdu(proposal);
  const dul::pdu answer = co_await read_pdu();
  watchdog_.clear(at_establishment);
  const auto type = dul::type_of(answer);
  static_cast<void>(machine_.on(dul::received(type)));
  if (const auto* accepted = std::get_if<dul::a_associate_ac>(&answer)) {
    try {
      parameters_ = std::make_shared<const dul::association_parameters>(dul::association_role::requestor, proposal, *accepted);
      dul::require_usable_length(parameters_->peer_max_length());
    } catch (const association_error& error) {
      fail(error, error.diagnostics().answer.value_or(dul::abort_cause{}));
    }
  } else if (const auto* rejected = std::get_if<dul::a_associate_rj>(&answer)) {
    fail(dul::rejected(*rejected, proposal.calling_ae_title, proposal.called_ae_title), std::nullopt);
  } else if (const auto* abort = std::get_if<dul::a_abort>(&answer)) {
    auto error = dul::aborted(*abort);
    auto known = error.diagnostics();
    known.calling_ae_title = proposal.calling_ae_title.str();
    known.called_ae_title = proposal.called_ae_title.str();
    fail(association_error{error.code(), std::move(known)}, std::nullopt);
  } else {
    dul::diagnostics known{"instead of an answer to A-ASSOCIATE-RQ"};
    known.pdu = type;
    fail(association_error{errc::unexpected_pdu, std::move(known)},
         dul::abort_cause{dul::abort_source::service_provider, dul::abort_reason::unexpected_pdu});
  }
  check();
}

inline task<dul::a_associate_rq> connection::await_request() {
  co_await handshake();
  static_cast<void>(machine_.on(dul::event::transport_accepted));
  start(at_establishment, settings_->artim);  // AE-5
  more_expected_ = true;                      // most requests come with the connection
  dul::pdu first = co_await read_pdu();
  watchdog_.clear(at_establishment);
  if (auto* request = std::get_if<dul::a_associate_rq>(&first)) {
    const auto refusal = dul::check_request(*request);
    const auto step = machine_.on(dul::event::a_associate_rq_received,
                                  refusal ? dul::request_check::rejected : dul::request_check::acceptable);
    if (step.has(dul::effect::send_a_associate_rj)) prepare_rejection(dul::a_associate_rj{*refusal});
    check();
    co_return std::move(*request);
  }
  if (const auto* abort = std::get_if<dul::a_abort>(&first)) {
    static_cast<void>(machine_.on(dul::event::a_abort_received));
    fail(dul::aborted(*abort), std::nullopt);
  } else {
    const auto step = machine_.on(dul::received(dul::type_of(first)));  // AA-1
    if (step.has(dul::effect::send_a_abort_user)) {
      const auto bytes = dul::encode(dul::a_abort{});
      farewell_.assign(bytes.begin(), bytes.end());
    }
    dul::diagnostics known{"instead of A-ASSOCIATE-RQ"};
    known.pdu = dul::type_of(first);
    fail(association_error{errc::unexpected_pdu, std::move(known)}, std::nullopt);
  }
  throw_failure();
}

inline void connection::prepare_rejection(const dul::a_associate_rj& answer) {
  const auto bytes = dul::encode(answer);
  farewell_.assign(bytes.begin(), bytes.end());
  dul::diagnostics known;
  known.rejected = answer.cause;
  fail(association_error{errc::association_rejected, std::move(known)}, std::nullopt);
  farewell_within_ = settings_->artim;
}

inline void connection::reject(const dul::a_associate_rj& answer) {
  static_cast<void>(machine_.on(dul::event::a_associate_response_reject));
  prepare_rejection(answer);
  throw_failure();
}

inline task<> connection::accept(const dul::a_associate_rq& request, dul::a_associate_ac answer) {
  parameters_ = std::make_shared<const dul::association_parameters>(dul::association_role::acceptor, request, answer);
  const auto own = parameters_->own_max_length();
  reader_.max_p_data_length(with_tolerance(own));
  static_cast<void>(machine_.on(dul::event::a_associate_response_accept));
  co_await write_pdu(answer);
  try {
    dul::require_usable_length(parameters_->peer_max_length());
  } catch (const association_error& error) {
    fail(error, error.diagnostics().answer.value_or(dul::abort_cause{}));
    throw_failure();
  }
}

inline task<> connection::release() {
  for (;;) {
    co_await cancel_abandoned();
    if (exchanges_.empty()) break;
    co_await run_until([this] { return abandoned_any_ || exchanges_.empty(); });
  }
  check();
  const auto step = machine_.on(dul::event::a_release_request);
  if (!step) throw association_error{errc::wrong_state, "the association does not stand"};
  start(at_release, settings_->release);
  co_await write_pdu(dul::a_release_rq{});
  while (!released_) {
    co_await run_until([this] {
      return released_ || machine_.current() == dul::state::sta9 || machine_.current() == dul::state::sta12;
    });
    if (released_) break;
    // Both sides asked at the same time: the requestor of the association answers first (PS3.8 §7.2.2.6).
    if (machine_.current() == dul::state::sta12) co_return co_await confirm_release();
    static_cast<void>(machine_.on(dul::event::a_release_response));
    co_await write_pdu(dul::a_release_rp{});
  }
  watchdog_.clear(at_release);
  fail(association_error{errc::closed, "it has been released"}, std::nullopt);
  close_now();
}

inline task<> connection::answer_release() {
  check();  // a handler may have read on until it failed
  if (machine_.current() == dul::state::sta8) co_await confirm_release();
}

// AR-4: the peer closes, once it has read it.
inline task<> connection::confirm_release() {
  static_cast<void>(machine_.on(dul::event::a_release_response));
  const auto bytes = dul::encode(dul::a_release_rp{});
  farewell_.assign(bytes.begin(), bytes.end());
  fail(association_error{errc::closed, "it has been released"}, std::nullopt);
  farewell_within_ = settings_->artim;
  co_await wind_up();
}

// --- around an operation ---------------------------------------------------------------------------------------------

inline task<> farewell::operator()(std::exception_ptr error) const {
  co_await on->tidy_up();
  rethrow_with(std::move(error), operation, on->peer_name());
}

inline void rethrow_with(std::exception_ptr error, const char* name, const std::string& peer) {
  try {
    std::rethrow_exception(std::move(error));
  } catch (const association_error& known) {
    throw known.with(name, peer);
  } catch (const std::system_error& known) {
    if (known.code() == asio::error::operation_aborted) throw std::system_error{errc::cancelled, name};
    throw;
  }
}

}  // namespace codicom::detail
