#pragma once
#include <codicom/core/config.hpp>
#include <codicom/coro/generator.hpp>
#include <codicom/coro/task.hpp>
#include <codicom/data_set/data_set.hpp>
#include <codicom/net/handlers.hpp>

#include <filesystem>
#include <functional>
#include <memory>
#include <vector>

namespace codicom::service {

/// Where scheduled procedure steps come from: a folder, a hospital's database.
class worklist {
 public:
  virtual ~worklist() = default;
  /// The worklist items, in their order. Those that cannot match `keys`, the identifier of a C-FIND, may be left out. An
  /// item may have several steps (0040,0100); they are matched and answered one by one.
  [[nodiscard]] virtual task<std::vector<std::shared_ptr<const data_set>>> items(const data_set& keys) const = 0;
};

/// The worklist items in a folder: one a file, Part 10 or a bare data set, whatever its name. Files are read when they are
/// new or have changed; hidden ones, and what is no data set, are passed over. Copies share what was read; one is used
/// from any thread.
class worklist_folder : public worklist {
 public:
  explicit worklist_folder(std::filesystem::path folder);
  [[nodiscard]] CODICOM_FUNCTION task<std::vector<std::shared_ptr<const data_set>>> items(
      const data_set& keys) const override;

 private:
  class cache;
  using refresh_function = std::function<std::vector<std::shared_ptr<const data_set>>()>;
  [[nodiscard]] refresh_function refresher() const;
  std::shared_ptr<cache> cache_;
};

/// Answer a C-FIND of Modality Worklist (PS3.4 §K.4.1.3):
///
///     handlers.on_find([&](find_request request) { return service::answer_worklist(list, std::move(request)); });
///
/// One pending response per scheduled procedure step that matches, with the keys that were asked for, empty where there
/// is no value; FE00 after a C-CANCEL.
/// @par Lifetime: `from` outlives the generator.
[[nodiscard]] generator<find_match, c_find_response> answer_worklist(const worklist& from, find_request request);

}  // namespace codicom::service

#ifndef CODICOM_SEPARATE_COMPILATION
#include <codicom/service/impl/worklist_provider.hpp>
#endif
