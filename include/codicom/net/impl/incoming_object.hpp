#pragma once
#include <codicom/core/config.hpp>
#include <codicom/coro/blocking.hpp>
#include <codicom/coro/result.hpp>
#include <codicom/coro/shield.hpp>
#include <codicom/dictionary/tags.hpp>
#include <codicom/encoding/data_set_reader.hpp>
#include <codicom/file/file_meta.hpp>
#include <codicom/file/read_file.hpp>
#include <codicom/file/write_file.hpp>
#include <codicom/net/detail/buffer_pool.hpp>
#include <codicom/net/detail/decode_data_set.hpp>
#include <codicom/net/detail/incoming_store.hpp>
#include <codicom/net/incoming_object.hpp>

#include <asio/execution/context.hpp>
#include <asio/query.hpp>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <limits>
#include <optional>
#include <utility>

namespace codicom {
namespace detail {

inline incoming_store::incoming_store(std::shared_ptr<connection> by, const message& received)
    : connection_{std::move(by)},
      request_{std::get<c_store_request>(received.command)},
      context_{received.context},
      body_{received.body},
      changed_{connection_->get_executor()} {
  body_->on_refused = [this] {
    answered_ = true;
    finish(status::out_of_resources);
    changed_.notify_all();
  };
  if (const auto* context = connection_->parameters().accepted(context_)) transfer_syntax_ = context->transfer_syntax;
}

inline void incoming_store::check_unanswered() const {
  if (body_->refused)
    throw association_error{errc::cancelled, "the object has been refused: nobody read it within consumer_stall"};
  if (answered_ || answering_) throw std::system_error{errc::wrong_state, "the object has been answered"};
}

inline void incoming_store::count_received(std::size_t size) {
  received_ += size;
  if (received_ > cap_)
    throw std::system_error{errc::limit_exceeded, "the object is longer than " + std::to_string(cap_) + " bytes"};
}

inline task<std::size_t> incoming_store::read_some(std::span<std::byte> into) {
  check_unanswered();
  if (into.empty()) co_return 0;
  std::size_t size = 0;
  if (replayed_ < replay_.size()) {
    size = std::min(into.size(), replay_.size() - replayed_);
    std::memcpy(into.data(), replay_.data() + replayed_, size);
    replayed_ += size;
    if (replayed_ == replay_.size()) {
      replay_ = std::vector<std::byte>{};
      replayed_ = 0;
    }
  } else {
    size = co_await connection_->read_data_set(body_, into);
    count_received(size);
  }
  bytes_ += size;
  co_return size;
}

inline task<data_set> incoming_store::head(element_tag stop_before) {
  check_unanswered();
  if (bytes_ != 0) throw std::system_error{errc::wrong_state, "its data set has been read already"};
  auto options = decode_options::until(stop_before);
  options.limits = connection_->settings().limits;
  data_set_reader reader{transfer_syntax_, options};
  reader.feed(replay_);
  while (!reader.stopped()) {
    const std::size_t have = replay_.size();
    if (have >= connection_->settings().limits.identifier_bytes)
      throw std::system_error{errc::limit_exceeded, "the head of an object is longer than limits.identifier_bytes"};
    replay_.resize(have + (16 << 10));
    std::size_t size = 0;
    std::exception_ptr error;
    try {
      size = co_await connection_->read_data_set(body_, std::span{replay_}.subspan(have));
      count_received(size);
    } catch (...) {
      error = std::current_exception();
    }
    replay_.resize(have + size);
    if (error) std::rethrow_exception(error);
    if (size == 0) break;
    reader.feed(byte_span{replay_}.subspan(have));
  }
  if (!is_deflated(transfer_syntax_)) head_end_ = reader.offset();
  behind_head_ = stop_before;
  co_return reader.finish();
}

inline void incoming_store::change_head(const data_set& changed) {
  check_unanswered();
  if (bytes_ != 0) throw std::system_error{errc::wrong_state, "its data set has been read already"};
  if (!head_end_)
    throw std::system_error{errc::unsupported_transfer_syntax, "the head of a deflated object cannot be changed"};
  for (const auto& each : changed)
    if (each.tag() >= behind_head_)
      throw std::system_error{errc::invalid_argument, to_string(each.tag()) + " is no part of the head"};
  auto bytes = encode(changed, transfer_syntax_);
  const auto end = static_cast<std::size_t>(*head_end_);
  bytes.insert(bytes.end(), replay_.begin() + static_cast<std::ptrdiff_t>(end), replay_.end());
  head_end_ = bytes.size() - (replay_.size() - end);
  replay_ = std::move(bytes);
  changed_head_ = true;
}

inline task<data_set> incoming_store::read() {
  check_unanswered();
  const auto all = std::make_shared<std::vector<std::byte>>();
  const auto limit = connection_->settings().limits.value_bytes;
  for (;;) {
    const std::size_t have = all->size();
    if (have > limit) throw std::system_error{errc::limit_exceeded, "the object is longer than limits.value_bytes"};
    all->resize(have + std::max<std::size_t>(64 << 10, std::min<std::size_t>(have / 2, 16 << 20)));
    std::size_t size = 0;
    std::exception_ptr error;
    try {
      size = co_await read_some(std::span{*all}.subspan(have));
    } catch (...) {
      error = std::current_exception();
    }
    all->resize(have + size);
    if (error) std::rethrow_exception(error);
    if (size == 0) break;
  }
  decode_options options;
  options.limits = connection_->settings().limits;
  options.owner = all;
  co_return whole(decode(*all, transfer_syntax_, options));
}

inline task<> incoming_store::skip_rest(std::uint64_t limit) {
  if (body_->ended && body_->ahead.empty()) co_return;
  const borrowed_buffer rubbish{asio::query(connection_->get_executor(), asio::execution::context)};
  std::uint64_t skipped = 0;
  for (;;) {
    const std::size_t size = co_await connection_->read_data_set(body_, rubbish.get());
    if (size == 0) break;
    skipped += size;
    if (skipped > limit) {
      const association_error error{errc::limit_exceeded, "an object that nobody wants is longer than limits.drain_bytes"};
      connection_->fail(error);
      throw association_error{error};
    }
  }
}

inline task<> incoming_store::respond(dimse_status status, std::string comment) {
  return answer(status, std::move(comment), connection_->settings().limits.drain_bytes);
}

inline task<> incoming_store::answer(dimse_status status, std::string comment, std::uint64_t skip_limit) {
  check_unanswered();
  answering_ = true;
  std::exception_ptr error;
  try {
    co_await skip_rest(skip_limit);
    const c_store_response response{request_, status, comment};
    co_await connection_->send(context_, response);
  } catch (...) {
    error = std::current_exception();
  }
  answering_ = false;
  if (error) {
    changed_.notify_all();
    std::rethrow_exception(error);
  }
  answered_ = true;
  finish(status);
  changed_.notify_all();
}

inline void incoming_store::drop() noexcept {
  dropped_ = true;
  changed_.notify_all();
  if (orphaned_) orphan();
}

inline void incoming_store::orphan() noexcept {
  orphaned_ = true;
  if (!dropped_ || answered_) return;
  finish(status::out_of_resources);
  connection_->leave_object(*body_, context_, request_);
}

inline void incoming_store::finish(dimse_status status) noexcept {
  if (std::exchange(finished_, true)) return;
  if (const auto callback = std::exchange(on_finished, nullptr)) callback(status, bytes_);
}

inline task<> incoming_store::see_through(dimse_status otherwise) {
  while (!answered_ && !(dropped_ && !answering_)) {
    connection_->check();
    co_await changed_.wait();
  }
  if (answered_) co_return;
  connection_->check();
  co_await respond(otherwise, {});
}

// What the sender hears when its object could not be taken.
[[nodiscard]] inline dimse_status status_of_failure(const std::exception& error) {
  const auto* known = dynamic_cast<const std::system_error*>(&error);
  const bool too_much = known != nullptr && (known->code() == errc::disk_full || known->code() == errc::limit_exceeded);
  return too_much ? status::out_of_resources : status::cannot_understand;
}

// --- saving

// A UID from the network as a file name: nothing that leaves the folder, nothing hidden, nothing that is not a character
// of a UID except letters, which some real ones have.
[[nodiscard]] inline std::string file_name_of(const unique_id& uid) {
  std::string name;
  for (const char c : uid.view()) {
    const bool harmless = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' ||
                          (c == '.' && !name.empty());
    name += harmless ? c : '_';
  }
  return name.empty() ? std::string{"unnamed"} : name;
}

// Do two Part 10 files hold the same data set in the same transfer syntax?
[[nodiscard]] inline bool same_object(const std::filesystem::path& a, const std::filesystem::path& b) {
  try {
    const auto first = read_file_header(a), second = read_file_header(b);
    if (first.meta.transfer_syntax_uid != second.meta.transfer_syntax_uid ||
        first.file_size - first.data_set_offset != second.file_size - second.data_set_offset)
      return false;
    std::ifstream one{a, std::ios::binary}, other{b, std::ios::binary};
    one.seekg(static_cast<std::streamoff>(first.data_set_offset));
    other.seekg(static_cast<std::streamoff>(second.data_set_offset));
    std::vector<char> left(64 << 10), right(64 << 10);
    while (one && other) {
      one.read(left.data(), static_cast<std::streamsize>(left.size()));
      other.read(right.data(), static_cast<std::streamsize>(right.size()));
      if (one.gcount() != other.gcount() ||
          std::memcmp(left.data(), right.data(), static_cast<std::size_t>(one.gcount())) != 0)
        return false;
    }
    return one.eof() && other.eof();
  } catch (const std::system_error&) {
    return false;  // what lies there is no Part 10 file
  }
}

// Give the complete temporary file its name, or find that the object is there already.
inline void settle_name(file_writer& writer, saved_object& saved, duplicate_policy duplicates) {
  const auto wanted = writer.path();
  for (unsigned number = 0;; ++number) {
    auto candidate = wanted;
    if (number != 0)
      candidate.replace_filename(wanted.stem().string() + '.' + std::to_string(number) + wanted.extension().string());
    if (writer.commit_new(candidate)) {
      saved.path = candidate;
      saved.outcome = number == 0 ? save_outcome::created : save_outcome::renamed_conflict;
      return;
    }
    if (same_object(writer.temporary_path(), candidate)) {
      saved.path = candidate;
      saved.outcome = save_outcome::already_there;
      return;
    }
    if (duplicates == duplicate_policy::replace) {
      writer.commit();
      saved.path = wanted;
      saved.outcome = save_outcome::replaced;
      return;
    }
    if (duplicates == duplicate_policy::refuse) {
      saved.path = wanted;
      saved.outcome = save_outcome::refused;
      saved.status = status::duplicate_sop_instance;
      return;
    }
  }
}

inline task<saved_object> incoming_store::write_file(const std::filesystem::path& file, save_options how) {
  const executor where = connection_->get_executor();
  saved_object saved;
  try {
    const auto start = co_await head(element_tag{0x0008, 0x0019});
    saved.data_set_sop_instance_uid = start.uid(tag::SOPInstanceUID).value_or(unique_id{});
    saved.sop_instance_differs = !saved.data_set_sop_instance_uid.empty() &&
                                 saved.data_set_sop_instance_uid != request_.affected_sop_instance_uid;
    const auto sop_class = start.uid(tag::SOPClassUID);
    saved.sop_class_differs = sop_class && *sop_class != request_.affected_sop_class_uid;
  } catch (const association_error&) {
    throw;
  } catch (const std::system_error& error) {
    // A data set that we cannot read is saved all the same.
    if (error.code() == failure::cancelled) throw;
  }
  if (changed_head_) saved.status = status::coercion_of_data_elements;
  if (saved.sop_class_differs || saved.sop_instance_differs) {
    if (how.mismatches == mismatch_policy::warn) saved.status = status::data_set_does_not_match_warning;
    if (how.mismatches == mismatch_policy::refuse) {
      saved.status = status::data_set_does_not_match_sop_class;
      saved.outcome = save_outcome::refused;
      co_return saved;
    }
  }
  const auto writer = std::make_shared<file_writer>(file);
  std::vector<std::byte> header;
  {
    file_meta meta{request_.affected_sop_class_uid, request_.affected_sop_instance_uid, transfer_syntax_};
    meta.source_application_entity_title = connection_->parameters().peer_ae_title();
    header = encode_file_header(meta);
  }
  // Page-cache writes of this size may run on the loop thread; all but the last are of whole pages.
  const borrowed_buffer room{asio::query(where, asio::execution::context)};
  const auto buffer = room.get().first(128 << 10);
  std::memcpy(buffer.data(), header.data(), header.size());
  std::size_t filled = header.size();
  for (bool ended = false; !ended; filled = 0) {
    while (filled < buffer.size()) {
      const std::size_t size = co_await read_some(buffer.subspan(filled));
      if (size == 0) {
        ended = true;
        break;
      }
      filled += size;
    }
    writer->write(buffer.first(filled));
  }
  saved.bytes = bytes_;
  // A name that is free is had as quickly as the file itself was.
  if (how.durability == durability::cached && writer->commit_new(file)) {
    saved.path = file;
    co_return saved;
  }
  const auto settle = [writer, saved, how]() mutable {
    if (how.durability == durability::synced) writer->sync();
    settle_name(*writer, saved, how.duplicates);
    return saved;
  };
  co_return co_await blocking(where, settle);
}

inline task<saved_object> incoming_store::save_as(std::filesystem::path file, save_options how) {
  check_unanswered();
  std::optional<saved_object> saved;
  std::exception_ptr error;
  auto status = status::success;
  bool too_long = false;
  try {
    saved = co_await write_file(file, how);
    status = saved->status;
    if (before_success && !status.is_failure()) co_await before_success(*saved);
  } catch (const association_error&) {
    throw;
  } catch (const std::system_error& e) {
    if (e.code() == failure::cancelled) throw;
    status = status_of_failure(e);
    too_long = e.code() == errc::limit_exceeded;
    error = std::current_exception();
  } catch (const std::exception&) {
    status = status::cannot_understand;
    error = std::current_exception();
  }
  std::string comment;
  if (!error && status == status::duplicate_sop_instance) comment = "another object has this SOP Instance UID";
  else if (!error && status.is_failure()) comment = "the data set is of another SOP class or instance";
  else if (too_long) comment = "too long";
  else if (status == status::out_of_resources) comment = "no space left";
  else if (error) comment = "could not be stored";
  // The sender of an object that was wanted is to hear why it is not kept, however much is still to come.
  const auto most = too_long ? connection_->settings().limits.drain_bytes : std::numeric_limits<std::uint64_t>::max();
  result<> answered{std::monostate{}};
  try {
    co_await answer(status, std::move(comment), most);
  } catch (...) {
    answered = result<>{std::current_exception()};
  }
  if (error) std::rethrow_exception(error);
  if (!status.is_failure()) finish(status);  // the file is there, whether or not its sender hears so
  if (!answered && (status.is_failure() || answered.error() == failure::cancelled))
    std::rethrow_exception(answered.exception());
  co_return std::move(*saved);
}

}  // namespace detail

CODICOM_FUNCTION incoming_object::incoming_object(std::shared_ptr<detail::incoming_store> shared) noexcept
    : shared_{std::move(shared)} {}
CODICOM_FUNCTION incoming_object::incoming_object(incoming_object&&) noexcept = default;
CODICOM_FUNCTION incoming_object& incoming_object::operator=(incoming_object&& other) noexcept {
  std::swap(shared_, other.shared_);
  return *this;
}
CODICOM_FUNCTION incoming_object::~incoming_object() {
  if (shared_) shared_->drop();
}

CODICOM_FUNCTION const c_store_request& incoming_object::request() const noexcept { return shared_->request(); }
CODICOM_FUNCTION const unique_id& incoming_object::transfer_syntax() const noexcept { return shared_->transfer_syntax(); }
CODICOM_FUNCTION const dul::association_parameters& incoming_object::association() const noexcept {
  return shared_->on()->parameters();
}
CODICOM_FUNCTION std::string incoming_object::remote_address() const { return shared_->on()->remote_address(); }
CODICOM_FUNCTION std::uint64_t incoming_object::bytes_read() const noexcept { return shared_->bytes_read(); }
CODICOM_FUNCTION bool incoming_object::is_answered() const noexcept { return shared_->is_answered(); }
CODICOM_FUNCTION void incoming_object::cap(std::uint64_t bytes) noexcept { shared_->cap(bytes); }
CODICOM_FUNCTION void incoming_object::on_finished(std::function<void(dimse_status, std::uint64_t)> callback) {
  shared_->on_finished = std::move(callback);
}

CODICOM_FUNCTION void incoming_object::before_success(std::function<task<>(const saved_object&)> callback) {
  shared_->before_success = std::move(callback);
}

CODICOM_FUNCTION task<std::size_t> incoming_object::read_some(std::span<std::byte> into) {
  return detail::guarded(shared_->on(), shared_->read_some(into), "C-STORE");
}
CODICOM_FUNCTION task<data_set> incoming_object::head(element_tag stop_before) {
  return detail::guarded(shared_->on(), shared_->head(stop_before), "C-STORE");
}
CODICOM_FUNCTION void incoming_object::change_head(const data_set& changed) { shared_->change_head(changed); }
CODICOM_FUNCTION task<data_set> incoming_object::read() {
  return detail::guarded(shared_->on(), shared_->read(), "C-STORE");
}
CODICOM_FUNCTION task<saved_object> incoming_object::save(std::filesystem::path folder, save_options how) {
  return save_as(folder / (detail::file_name_of(request().affected_sop_instance_uid) + ".dcm"), how);
}
CODICOM_FUNCTION task<saved_object> incoming_object::save_as(std::filesystem::path file, save_options how) {
  return detail::guarded(shared_->on(), shared_->save_as(std::move(file), how), "C-STORE");
}
CODICOM_FUNCTION task<> incoming_object::respond(dimse_status status, std::string comment) {
  return detail::guarded(shared_->on(), shared_->respond(status, std::move(comment)), "C-STORE");
}

}  // namespace codicom
