#pragma once
#include <codicom/core/ae_title.hpp>
#include <codicom/core/bytes.hpp>
#include <codicom/core/unique_id.hpp>
#include <codicom/core/version.hpp>
#include <codicom/data_set/data_set.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace codicom {

/// File meta information (PS3.10 §7.1): group 0002, which says what a file holds and how it is encoded. Empty members
/// are not there, nor written.
class file_meta {
 public:
  file_meta() = default;
  file_meta(unique_id sop_class, unique_id sop_instance, unique_id transfer_syntax)
      : media_storage_sop_class_uid{sop_class},
        media_storage_sop_instance_uid{sop_instance},
        transfer_syntax_uid{transfer_syntax} {}
  /// SOP class and instance are those of the data set, (0008,0016) and (0008,0018).
  [[nodiscard]] static file_meta of(const data_set& object, const unique_id& transfer_syntax);

  unique_id media_storage_sop_class_uid;
  unique_id media_storage_sop_instance_uid;
  unique_id transfer_syntax_uid;
  unique_id implementation_class_uid{codicom::implementation_class_uid};  ///< who wrote the file
  std::string implementation_version_name{codicom::implementation_version_name};
  ae_title source_application_entity_title;     ///< (0002,0016) who wrote, or first received the object
  ae_title sending_application_entity_title;    ///< (0002,0017) who sent it over the network
  ae_title receiving_application_entity_title;  ///< (0002,0018)
  data_set other;                               ///< elements of group 0002 that are none of these
};

/// Preamble, "DICM" and group 0002, with its length: what stands before the data set in a Part 10 file.
[[nodiscard]] std::vector<std::byte> encode_file_header(const file_meta& meta);

/// A data set of group 0002 as a `file_meta`. What the file does not say stays empty.
[[nodiscard]] file_meta to_file_meta(const data_set& group_2);

}  // namespace codicom

#ifndef CODICOM_SEPARATE_COMPILATION
#include <codicom/file/impl/file_meta.hpp>
#endif
