#pragma once
#include <codicom/core/ae_title.hpp>
#include <codicom/core/tag.hpp>
#include <codicom/core/unique_id.hpp>
#include <codicom/coro/task.hpp>
#include <codicom/data_set/data_set.hpp>
#include <codicom/dimse/command.hpp>
#include <codicom/dul/association_parameters.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace codicom {

namespace detail {
class incoming_store;
}

enum class save_outcome : std::uint8_t {
  created,
  already_there,      ///< the same object was there already and is kept; nothing was written
  renamed_conflict,   ///< another object has that name: this one got a new one
  replaced,           ///< another object had that name: this one took its place
  refused,            ///< not kept, and the sender was told why
};

/// What a saved object outlives once its sender has been told that we have it, and may delete it.
enum class durability : std::uint8_t {
  synced,  ///< the machine: it is on the disk (fsync)
  cached,  ///< this process: it is in the system's cache. Several times faster with small objects
};

/// What happens to an object whose file is there already with another content. The same content again is a success, and
/// nothing is written.
enum class duplicate_policy : std::uint8_t {
  keep,     ///< both: the new one gets a new name
  replace,  ///< the new one takes the place of the old one, at once
  refuse,   ///< the old one stays; the sender is answered 0111 (duplicate SOP instance)
};

/// What happens to an object whose data set is of another SOP class, or another instance, than its C-STORE-RQ says (PS3.4
/// Table B.2-1).
enum class mismatch_policy : std::uint8_t {
  accept,  ///< kept
  warn,    ///< kept; the sender is answered B007
  refuse,  ///< not kept; the sender is answered A900
};

/// How an object is saved.
class save_options {
 public:
  save_options(codicom::durability outlives = durability::synced) noexcept : durability{outlives} {}  // NOLINT

  codicom::durability durability;
  duplicate_policy duplicates = duplicate_policy::keep;
  mismatch_policy mismatches = mismatch_policy::accept;
};

/// What `incoming_object::save` did.
class saved_object {
 public:
  saved_object() = default;

  std::filesystem::path path;
  std::uint64_t bytes = 0;  ///< of the data set
  save_outcome outcome = save_outcome::created;
  dimse_status status;  ///< what the sender was answered
  bool sop_instance_differs = false;  ///< SOP Instance UID (0008,0018) is not that of the C-STORE-RQ
  bool sop_class_differs = false;     ///< SOP Class UID (0008,0016) is not that of the C-STORE-RQ
  unique_id data_set_sop_instance_uid;  ///< (0008,0018); empty when it was not found
};

/// A C-STORE-RQ whose data set has not been read yet. Its association waits until the object has been saved, read,
/// answered or dropped; TCP holds the sender back meanwhile.
///
/// Dropped without an answer it is refused (A700): what is left of the data set is skipped up to `limits.drain_bytes`,
/// beyond that the association aborts. The same happens to one that nobody reads on for `consumer_stall`
/// (`acceptor_options`); whoever has it gets `errc::cancelled` then. Where more than one operation at once was agreed
/// on, up to `limits.read_ahead` bytes are read before they are asked for, so that what lies behind is seen. Move-only; used from the executor of its association.
class incoming_object {
 public:
  incoming_object(incoming_object&&) noexcept;
  incoming_object& operator=(incoming_object&&) noexcept;
  ~incoming_object();

  /// The command: SOP class and instance, move originator.
  [[nodiscard]] const c_store_request& request() const noexcept;
  /// Of the data set that is to come.
  [[nodiscard]] const unique_id& transfer_syntax() const noexcept;
  /// The association it comes by: calling AE title and more.
  [[nodiscard]] const dul::association_parameters& association() const noexcept;
  [[nodiscard]] std::string remote_address() const;

  /// Read on in the data set, as it travels. 0: it has ended.
  /// @throws association_error when the association ends before the data set does.
  /// @par Cancellation: `terminal`; no byte is lost.
  [[nodiscard]] task<std::size_t> read_some(std::span<std::byte> into);
  /// Bytes of the data set given out or saved so far.
  [[nodiscard]] std::uint64_t bytes_read() const noexcept;

  /// Take no more than that of the data set: reading or saving beyond throws `errc::limit_exceeded`, and the sender is
  /// answered A700, after the rest has been skipped up to `limits.drain_bytes`.
  void cap(std::uint64_t bytes) noexcept;

  /// Look at the first elements, up to but not including `stop_before`. What is read here stays in line: `read_some`,
  /// `read` and `save` give the whole data set still. At most `limits.identifier_bytes` are looked at.
  /// @throws association_error; std::system_error `errc::malformed_data_set`, `limit_exceeded`. Not answered then.
  [[nodiscard]] task<data_set> head(element_tag stop_before);

  /// Put other elements in the place of those that `head` gave last: what is read and saved then is that object, and the
  /// sender is answered the warning B000, Coercion of Data Elements, where it would have been a success (PS3.4 §B.2.3).
  /// @throws std::system_error `errc::invalid_argument` for an element that stands behind the head;
  ///         `errc::unsupported_transfer_syntax` for a deflated data set.
  void change_head(const data_set& changed);

  /// Read and decode the whole data set. Answer it with `respond`.
  /// @throws as `head`; also `errc::malformed_data_set` when it ends in the middle of an element.
  [[nodiscard]] task<data_set> read();

  /// Save as a Part 10 file `<SOPInstanceUID>.dcm` in `folder`, which must exist: the data set bit for bit as it came,
  /// in bounded memory, under its name only when it is complete. Then the C-STORE-RSP is sent (0000, or what the options
  /// ask for; A700 when the disk is full and C000 for other failures, and then it throws). No partial file is left,
  /// however this ends; a file that is kept is no error, also when its sender is gone before it hears so.
  /// @throws std::system_error `errc::disk_full`, `errc::file_error`, with the peer answered; association_error.
  [[nodiscard]] task<saved_object> save(std::filesystem::path folder, save_options how = {});
  /// The same under a name of your own.
  [[nodiscard]] task<saved_object> save_as(std::filesystem::path file, save_options how = {});

  /// Awaited by `save` and `save_as` once the file is there as safe as was asked for, before the sender is told so: what
  /// else must be kept, e.g. an entry in an index. When it throws, the sender is answered C000 and the file stays.
  void before_success(std::function<task<>(const saved_object&)> callback);

  /// Answer. What has not been read of the data set is skipped first.
  /// @pre not answered yet
  [[nodiscard]] task<> respond(dimse_status status, std::string comment = {});
  [[nodiscard]] bool is_answered() const noexcept;

  /// `callback(status, bytes)` is called once, when the answer has been sent: by any of the above or after dropping; with
  /// C000 when the association ended before.
  void on_finished(std::function<void(dimse_status, std::uint64_t)> callback);

 private:
  friend class detail::incoming_store;
  explicit incoming_object(std::shared_ptr<detail::incoming_store> shared) noexcept;
  std::shared_ptr<detail::incoming_store> shared_;
};

}  // namespace codicom

#ifndef CODICOM_SEPARATE_COMPILATION
#include <codicom/net/impl/incoming_object.hpp>
#endif
