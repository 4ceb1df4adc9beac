#pragma once
#include "database.hpp"

#include <codicom/net/incoming_object.hpp>
#include <codicom/service/archive.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace tools {

/// What tells that a file is still the one that was indexed.
struct file_stamp {
  std::int64_t size = 0;
  std::int64_t modified = 0;  ///< nanoseconds of the file system's clock
};

/// The index of an archive in an SQLite database beside its files. It can be made again from them at any time.
///
/// SQL narrows a query down by indexed columns; whether a record matches is decided by `archive_query`. All functions
/// block but `query` and `resolve`, which do their work on the blocking pool. Any thread may call them.
class sqlite_index : public codicom::service::archive {
 public:
  enum class outcome : std::uint8_t { added, already_there, incomplete };

  /// @param folder  what file names in the index are relative to
  /// @param safety  what an entry outlives once `add` has returned
  /// @throws database_error
  sqlite_index(const std::filesystem::path& file, std::filesystem::path folder, codicom::durability safety);

  /// Enter an object by its head, in a transaction of its own or in that of `together`. One that is there already keeps
  /// its records. `incomplete`: one of the Study, Series and SOP Instance UIDs is missing.
  outcome add(const codicom::data_set& head, const codicom::service::stored_object& where, file_stamp stamp);
  /// The file of an object; empty: there is no such object.
  [[nodiscard]] std::filesystem::path find(const codicom::unique_id& sop_instance);
  /// Drop one object. @return whether it was there
  bool remove(const codicom::unique_id& sop_instance);
  /// Note a file that is no object to be served, so that it is not read again while it stays as it is.
  /// @param same_as  the object that is served in its place
  void pass_over(const std::filesystem::path& file, file_stamp stamp, const codicom::unique_id& same_as = {});
  /// Whether the file was entered or passed over as it is now.
  [[nodiscard]] bool knows(const std::filesystem::path& file, file_stamp stamp);
  /// Drop what was indexed from files that are not there any more, or that have changed.
  /// @param stamp_of  nothing: the file has gone. @return how many objects were dropped
  std::size_t drop_stale(const std::function<std::optional<file_stamp>(const std::filesystem::path&)>& stamp_of);
  /// Many changes at once: within `changes`, which may call the functions above, nothing is safe before it ends.
  void together(const std::function<void()>& changes);

  struct totals {
    std::int64_t patients = 0, studies = 0, series = 0, instances = 0, passed_over = 0;
  };
  [[nodiscard]] totals count();

  [[nodiscard]] std::unique_ptr<codicom::service::match_source> query(
      codicom::service::archive_query asked) const override;
  [[nodiscard]] codicom::task<std::vector<codicom::service::stored_object>> resolve(
      codicom::data_set identifier, codicom::service::query_model model, std::size_t at_most) const override;

 private:
  friend class sqlite_matches;

  // A reading connection, back in the pool with the end of its use.
  class reader {
   public:
    explicit reader(const sqlite_index& of);
    reader(const reader&) = delete;
    reader& operator=(const reader&) = delete;
    ~reader();
    database* operator->() const noexcept { return in_.get(); }
    database& operator*() const noexcept { return *in_; }

   private:
    const sqlite_index* of_;
    std::unique_ptr<database> in_;
  };

  std::int64_t study_of(const codicom::data_set& head, const codicom::unique_id& uid);
  void drop(std::int64_t instance);
  void enter_terms(codicom::service::query_level level, const codicom::data_set& record, std::int64_t owner);
  void drop_terms(codicom::service::query_level level, const codicom::data_set& record, std::int64_t owner);
  [[nodiscard]] std::string name_of(const std::filesystem::path& file) const;
  [[nodiscard]] std::filesystem::path file_of(std::string_view name) const;
  [[nodiscard]] codicom::service::stored_object object_in(const statement& row, int first_column) const;

  std::filesystem::path file_;
  std::filesystem::path folder_;
  std::recursive_mutex writing_;
  bool in_transaction_ = false;
  std::unique_ptr<database> writer_;
  mutable std::mutex readers_guard_;
  mutable std::vector<std::unique_ptr<database>> readers_;
};

}  // namespace tools
