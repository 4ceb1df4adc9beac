#pragma once
#include <codicom/coro/event.hpp>
#include <codicom/net/detail/connection.hpp>
#include <codicom/net/incoming_object.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace codicom::detail {

// A C-STORE operation that we perform, shared by the object in its user's hands and the association that serves it.
class incoming_store : public std::enable_shared_from_this<incoming_store> {
 public:
  incoming_store(std::shared_ptr<connection> by, const message& received);
  incoming_store(const incoming_store&) = delete;
  incoming_store& operator=(const incoming_store&) = delete;
  ~incoming_store() { body_->on_refused = nullptr; }

  [[nodiscard]] static incoming_object make_object(std::shared_ptr<incoming_store> shared) {
    return incoming_object{std::move(shared)};
  }

  [[nodiscard]] task<std::size_t> read_some(std::span<std::byte> into);
  [[nodiscard]] task<data_set> head(element_tag stop_before);
  void change_head(const data_set& changed);
  [[nodiscard]] task<data_set> read();
  [[nodiscard]] task<saved_object> save_as(std::filesystem::path file, save_options how);
  [[nodiscard]] task<> respond(dimse_status status, std::string comment);

  // The user let go of it.
  void drop() noexcept;
  // Whose operation it belongs to is gone: once it has been dropped, unanswered, the connection deals with the rest.
  void orphan() noexcept;
  // Until it has been answered or dropped; then it is answered so, if it was not.
  [[nodiscard]] task<> see_through(dimse_status otherwise);
  // The association has ended, or the handler: nothing more will come of it.
  void finish(dimse_status status) noexcept;

  // Longer it may not be.
  void cap(std::uint64_t bytes) noexcept { cap_ = bytes; }

  [[nodiscard]] bool is_answered() const noexcept { return answered_; }
  [[nodiscard]] std::uint64_t bytes_read() const noexcept { return bytes_; }
  [[nodiscard]] const c_store_request& request() const noexcept { return request_; }
  [[nodiscard]] const unique_id& transfer_syntax() const noexcept { return transfer_syntax_; }
  [[nodiscard]] const std::shared_ptr<connection>& on() const noexcept { return connection_; }

  std::function<void(dimse_status, std::uint64_t)> on_finished;
  std::function<task<>(const saved_object&)> before_success;

 private:
  void count_received(std::size_t size);
  [[nodiscard]] task<> skip_rest(std::uint64_t limit);
  [[nodiscard]] task<> answer(dimse_status status, std::string comment, std::uint64_t skip_limit);
  [[nodiscard]] task<saved_object> write_file(const std::filesystem::path& file, save_options how);
  void check_unanswered() const;

  std::shared_ptr<connection> connection_;
  c_store_request request_;
  context_id context_;
  unique_id transfer_syntax_;
  std::shared_ptr<incoming_body> body_;
  event changed_;
  std::vector<std::byte> replay_;  // looked at by `head`, not given out yet
  std::size_t replayed_ = 0;
  std::optional<std::uint64_t> head_end_;  // in `replay_`, of what `head` gave last; nothing: it was deflated
  element_tag behind_head_;
  bool changed_head_ = false;
  std::uint64_t bytes_ = 0;     // given out
  std::uint64_t received_ = 0;  // from the peer
  std::uint64_t cap_ = std::numeric_limits<std::uint64_t>::max();
  bool answered_ = false;
  bool answering_ = false;
  bool dropped_ = false;
  bool orphaned_ = false;
  bool finished_ = false;
};

}  // namespace codicom::detail
