#pragma once
#include <codicom/core/ae_title.hpp>
#include <codicom/core/config.hpp>
#include <codicom/core/unique_id.hpp>
#include <codicom/data_set/data_set.hpp>
#include <codicom/service/archive.hpp>
#include <codicom/service/query_model.hpp>

#include <cstddef>
#include <deque>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace codicom::service {

class find_cursor;

/// What an archive knows of its objects, as the patient, study, series and image records that Query/Retrieve asks for
/// (PS3.4 §C.6). In memory, growing only: records keep their place until the index ends, so that a query may go on
/// while objects are added. Use from one thread at a time.
class archive_index : public archive {
 public:
  enum class outcome : std::uint8_t { added, already_there, incomplete };

  archive_index() = default;
  archive_index(const archive_index&) = delete;
  archive_index& operator=(const archive_index&) = delete;

  /// Enter an object by its head; elements from Pixel Data on are not needed. An object that is there already keeps its
  /// records. `incomplete`: one of the Study, Series and SOP Instance UIDs is missing, nothing was entered.
  outcome add(const data_set& head, stored_object where);

  [[nodiscard]] std::size_t patients() const noexcept { return patients_.size(); }
  [[nodiscard]] std::size_t studies() const noexcept { return studies_.size(); }
  [[nodiscard]] std::size_t series() const noexcept { return series_.size(); }
  [[nodiscard]] std::size_t instances() const noexcept { return instances_.size(); }

  [[nodiscard]] const stored_object* find(const unique_id& sop_instance) const noexcept;

  /// The objects that the identifier of a C-MOVE or C-GET names by unique keys, series by series.
  /// @throws std::system_error `errc::invalid_argument` when the level or its unique key is missing.
  [[nodiscard]] std::vector<const stored_object*> select(const data_set& identifier, query_model model) const;

  [[nodiscard]] CODICOM_FUNCTION std::unique_ptr<match_source> query(archive_query asked) const override;
  [[nodiscard]] CODICOM_FUNCTION task<std::vector<stored_object>> resolve(data_set identifier, query_model model,
                                                                          std::size_t at_most) const override;

 private:
  friend class find_cursor;

  struct study_record;
  struct series_record;
  struct patient_record {
    data_set attributes;
    std::vector<study_record*> studies;
  };
  struct study_record {
    data_set attributes;
    patient_record* patient = nullptr;
    std::vector<series_record*> series;
  };
  struct instance_record {
    data_set attributes;
    stored_object where;
  };
  struct series_record {
    data_set attributes;
    study_record* study = nullptr;
    std::vector<instance_record*> instances;
  };

  std::deque<patient_record> patients_;
  std::deque<study_record> studies_;
  std::deque<series_record> series_;
  std::deque<instance_record> instances_;
  std::unordered_map<std::string, patient_record*> patient_by_id_;
  std::unordered_map<unique_id, study_record*> study_by_uid_;
  std::unordered_map<unique_id, series_record*> series_by_uid_;
  std::unordered_map<unique_id, instance_record*> instance_by_uid_;
};

/// The answers of an index to one C-FIND, one by one, whether the levels above are fixed by unique keys or not.
class find_cursor : public match_source {
 public:
  /// `index` outlives the cursor.
  find_cursor(const archive_index& index, archive_query asked);

  /// The identifier of the next match; nothing when there are no more.
  [[nodiscard]] std::optional<data_set> next();
  [[nodiscard]] CODICOM_FUNCTION task<std::vector<data_set>> next_page() override;

 private:
  [[nodiscard]] std::optional<data_set> answer(const archive_index::patient_record& patient,
                                               const archive_index::study_record* study,
                                               const archive_index::series_record* series,
                                               const archive_index::instance_record* instance) const;

  const archive_index* index_;
  archive_query query_;
  std::vector<const archive_index::study_record*> studies_;  // candidates, unless at patient level
  std::size_t at_ = 0;                                       // patient or study
  std::size_t series_at_ = 0;
  std::size_t instance_at_ = 0;
  bool study_matches_ = false;  // the one at `at_` has been looked at and matches
  bool series_matches_ = false;
};

}  // namespace codicom::service

#ifndef CODICOM_SEPARATE_COMPILATION
#include <codicom/service/impl/archive_index.hpp>
#endif
