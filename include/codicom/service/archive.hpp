#pragma once
#include <codicom/core/unique_id.hpp>
#include <codicom/coro/task.hpp>
#include <codicom/data_set/data_set.hpp>
#include <codicom/service/archive_query.hpp>
#include <codicom/service/query_model.hpp>

#include <cstddef>
#include <filesystem>
#include <memory>
#include <utility>
#include <vector>

namespace codicom::service {

/// An object that an archive holds as a Part 10 file.
class stored_object {
 public:
  stored_object() = default;
  stored_object(unique_id sop_class, unique_id sop_instance, unique_id transfer_syntax, std::filesystem::path path)
      : sop_class_uid{sop_class},
        sop_instance_uid{sop_instance},
        transfer_syntax_uid{transfer_syntax},
        file{std::move(path)} {}

  unique_id sop_class_uid;
  unique_id sop_instance_uid;
  unique_id transfer_syntax_uid;
  std::filesystem::path file;
};

/// The answers to one query, some at a time, so that memory stays bounded however many there are.
class match_source {
 public:
  virtual ~match_source() = default;
  /// The identifiers of the next matches; none when there are no more.
  [[nodiscard]] virtual task<std::vector<data_set>> next_page() = 0;
};

/// How many objects one C-MOVE or C-GET may name where nothing else is said: they are known by name beforehand, so that
/// the counts of the responses are right, and take about 0.5 KB of memory each.
inline constexpr std::size_t default_max_objects = 200'000;

/// What the providers of C-FIND, C-MOVE and C-GET ask of an archive: `archive_index` in memory, a database (on
/// `blocking`), or one of your own.
class archive {
 public:
  virtual ~archive() = default;
  /// @par Lifetime: the archive outlives the source.
  [[nodiscard]] virtual std::unique_ptr<match_source> query(archive_query asked) const = 0;
  /// The objects that the identifier of a C-MOVE or C-GET names by unique keys, series by series.
  /// @throws std::system_error `errc::invalid_argument` when the level or its unique key is missing;
  /// `errc::limit_exceeded` when there are more than `at_most`, before they are all in memory.
  [[nodiscard]] virtual task<std::vector<stored_object>> resolve(data_set identifier, query_model model,
                                                                 std::size_t at_most = default_max_objects) const = 0;
};

}  // namespace codicom::service
