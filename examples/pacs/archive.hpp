#pragma once
#include "json_lines.hpp"

#include <codicom/core/ae_title.hpp>
#include <codicom/net/acceptor_options.hpp>
#include <codicom/net/handlers.hpp>
#include <codicom/service/archive_index.hpp>
#include <codicom/service/move_provider.hpp>

#include <cstddef>
#include <filesystem>

namespace tools {

/// A folder of Part 10 files served as an archive. The index lives in memory: read from the heads of the files at the
/// start, kept true by every store.
class archive {
 public:
  archive(std::filesystem::path folder, codicom::ae_title title, codicom::service::move_provider_options moves,
          json_lines json);

  /// Enter every DICOM file of the folder and below. @return the number of files that are none, or lack their UIDs.
  std::size_t scan();

  [[nodiscard]] const codicom::service::archive_index& index() const noexcept { return index_; }
  /// What is accepted: verification, storage, query and retrieve.
  [[nodiscard]] static codicom::acceptor_options accepted();
  /// C-STORE, C-FIND and C-MOVE; they refer to this archive.
  [[nodiscard]] codicom::handlers handlers();

 private:
  [[nodiscard]] codicom::task<> store(codicom::incoming_object object);
  bool enter(const std::filesystem::path& file);

  std::filesystem::path folder_;
  codicom::ae_title title_;
  codicom::service::move_provider_options moves_;
  json_lines json_;
  codicom::service::archive_index index_;
};

}  // namespace tools
