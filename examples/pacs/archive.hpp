#pragma once
#include "durable_state.hpp"
#include "event_log.hpp"
#include "json_lines.hpp"
#include "sqlite_index.hpp"

#include <codicom/core/ae_title.hpp>
#include <codicom/net/acceptor_options.hpp>
#include <codicom/net/handlers.hpp>
#include <codicom/service/commitment_provider.hpp>
#include <codicom/service/find_provider.hpp>
#include <codicom/service/move_provider.hpp>
#include <codicom/service/worklist_provider.hpp>

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <memory>

namespace tools {

/// How a folder is served.
class archive_options {
 public:
  archive_options() {}

  codicom::ae_title title;
  std::filesystem::path index;  ///< the database; empty: a hidden file in the folder
  std::filesystem::path state;  ///< a database that must not be deleted; empty: a hidden file in the folder
  /// What an object outlives once its sender was told that it is kept: the file and its entry in the index.
  codicom::save_options saving;
  codicom::service::find_provider_options queries;
  codicom::service::move_provider_options moves;
  std::filesystem::path worklist;  ///< a folder of worklist items; empty: none are answered
  codicom::duration before_commitment_report = std::chrono::seconds{1};
  json_lines json{false};
  std::shared_ptr<event_log> events;  ///< null: none
};

/// A folder of Part 10 files served as an archive. Its index lies beside the files: brought up to date at the start,
/// by the files that are new, changed or gone, and kept true by every store.
class archive {
 public:
  /// @throws database_error
  archive(std::filesystem::path folder, archive_options options);

  /// Bring the index up to date; blocks. @return the number of objects that were entered or dropped
  std::size_t update();

  [[nodiscard]] sqlite_index::totals count() { return index_.count(); }
  /// What is accepted: verification, storage, query and retrieve, storage commitment,
  /// performed procedure steps, and the worklist if there is one.
  [[nodiscard]] codicom::acceptor_options accepted() const;
  /// They refer to this archive.
  [[nodiscard]] codicom::handlers handlers();
  /// What goes on beside the associations, until cancelled: reports of storage commitment.
  [[nodiscard]] codicom::task<> run() { return commitments_.run(); }

 private:
  [[nodiscard]] codicom::service::commitment_provider_options commitment_options() const;
  [[nodiscard]] codicom::task<std::filesystem::path> find(codicom::unique_id sop_instance);
  [[nodiscard]] codicom::task<> store(codicom::incoming_object object);
  bool enter(const std::filesystem::path& file, file_stamp stamp);
  void tell(const json_object& event) const {
    if (options_.events) options_.events->write(event);
  }

  std::filesystem::path folder_;
  archive_options options_;
  sqlite_index index_;
  durable_state state_;
  codicom::service::commitment_provider commitments_;
  codicom::service::worklist_folder worklist_;
};

}  // namespace tools
