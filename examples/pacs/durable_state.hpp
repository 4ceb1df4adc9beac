#pragma once
#include "database.hpp"

#include <codicom/coro/task.hpp>
#include <codicom/net/incoming_object.hpp>
#include <codicom/service/commitment_provider.hpp>
#include <codicom/service/procedure_step_provider.hpp>

#include <filesystem>
#include <functional>
#include <mutex>
#include <vector>

namespace tools {

/// What an archive must not forget and cannot read from its files again: what it owes reports of storage commitment for,
/// and modality performed procedure steps. An SQLite database of its own, since the index may be deleted at any time.
/// Works on the blocking pool; any thread may call it.
class durable_state : public codicom::service::commitment_ledger, public codicom::service::procedure_step_store {
 public:
  /// @throws database_error
  durable_state(const std::filesystem::path& file, codicom::durability safety);

  [[nodiscard]] codicom::task<bool> keep(codicom::service::commitment_request request) override;
  [[nodiscard]] codicom::task<std::vector<codicom::service::commitment_request>> pending() override;
  [[nodiscard]] codicom::task<> settle(codicom::unique_id transaction) override;

  [[nodiscard]] codicom::task<bool> create(codicom::unique_id instance, codicom::data_set step) override;
  [[nodiscard]] codicom::task<bool> change(codicom::unique_id instance,
                                           std::function<bool(codicom::data_set&)> change) override;

 private:
  std::mutex using_;
  database in_;
};

}  // namespace tools
