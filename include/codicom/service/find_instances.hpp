#pragma once
#include <codicom/core/unique_id.hpp>
#include <codicom/coro/task.hpp>
#include <codicom/data_set/data_set.hpp>
#include <codicom/net/association.hpp>
#include <codicom/service/query_model.hpp>

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace codicom::service {

/// One object as a C-FIND at IMAGE level names it.
class instance_reference {
 public:
  instance_reference() = default;
  instance_reference(unique_id sop_class, unique_id sop_instance) noexcept
      : sop_instance_uid{sop_instance}, sop_class_uid{sop_class} {}

  unique_id study_instance_uid, series_instance_uid, sop_instance_uid;
  unique_id sop_class_uid;  ///< empty where the archive does not say
};

/// Every object of a patient, study or series, by C-FIND from level to level; those of an image identifier are its own
/// UIDs, and nothing is asked. `what` is as for `retrieve`. Nothing when the archive cannot say: C-FIND was not
/// accepted, or was refused at some level.
/// @throws std::system_error `errc::invalid_argument` when the level or its unique key is missing; association_error.
/// @see PS3.4 §C.4.1
[[nodiscard]] task<std::optional<std::vector<instance_reference>>> find_instances(association& over, data_set what,
                                                                                  std::optional<query_model> model = {});

/// Identifiers that name these objects, one for each series and at most `batch` objects: an archive that is not asked
/// relationally wants the series' UID, and a value has at most 65,534 bytes (PS3.4 §C.4.2.2.1, PS3.5 §6.2).
/// `patient_id` is left out where it is empty, as the study root wants it.
class instance_batch {
 public:
  instance_batch() = default;

  data_set identifier;
  std::vector<instance_reference> instances;
};
[[nodiscard]] std::vector<instance_batch> make_batches(std::span<const instance_reference> instances,
                                                       std::string_view patient_id, std::size_t batch = 100);

}  // namespace codicom::service

#ifndef CODICOM_SEPARATE_COMPILATION
#include <codicom/service/impl/find_instances.hpp>
#endif
