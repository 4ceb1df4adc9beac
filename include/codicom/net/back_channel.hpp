#pragma once
#include <codicom/coro/task.hpp>
#include <codicom/data_set/data_set.hpp>
#include <codicom/dimse/command.hpp>
#include <codicom/dul/association_parameters.hpp>
#include <codicom/net/n_result.hpp>
#include <codicom/net/store_options.hpp>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

namespace codicom {

namespace detail {
class connection;
}

/// Who sent a request, as its performer may turn to them over the same association: the C-STORE sub-operations of a
/// C-GET (PS3.7 §9.1.3), reports of events. A copy is cheap. The operations are those of `association`, with its
/// errors.
class back_channel {
 public:
  explicit back_channel(std::shared_ptr<detail::connection> over) noexcept;

  /// @pre The requestor was accepted as SCP of the object's class (PS3.7 §D.3.3.4).
  [[nodiscard]] task<c_store_response> store(std::filesystem::path file, store_options options = {}) const;
  [[nodiscard]] task<c_store_response> store(data_set object, unique_id transfer_syntax,
                                             store_options options = {}) const;
  [[nodiscard]] task<n_result> n_event_report(unique_id sop_class, unique_id sop_instance, std::uint16_t event_type,
                                              data_set information = {}, normalized_options options = {}) const;

  /// The association may outlive the request, and end before its performer has said all.
  [[nodiscard]] bool is_open() const noexcept;
  [[nodiscard]] std::string remote_address() const;
  [[nodiscard]] const dul::association_parameters& parameters() const noexcept;

 private:
  std::shared_ptr<detail::connection> connection_;
};

}  // namespace codicom
