#include "sqlite_index.hpp"

#include <codicom/core/error.hpp>
#include <codicom/coro/blocking.hpp>
#include <codicom/dictionary/tags.hpp>
#include <codicom/dictionary/transfer_syntaxes.hpp>
#include <codicom/encoding/data_set_reader.hpp>
#include <codicom/encoding/encode.hpp>

#include <asio/this_coro.hpp>

#include <array>
#include <deque>
#include <system_error>

namespace tools {

using namespace codicom;
using service::archive_query;
using service::query_level;

namespace {

constexpr std::int64_t schema_version = 1;

constexpr const char* schema = R"(
CREATE TABLE patient(id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, record BLOB NOT NULL);
CREATE TABLE study(id INTEGER PRIMARY KEY, uid TEXT NOT NULL UNIQUE, patient INTEGER NOT NULL, record BLOB NOT NULL);
CREATE INDEX study_of_patient ON study(patient);
CREATE TABLE series(id INTEGER PRIMARY KEY, uid TEXT NOT NULL UNIQUE, study INTEGER NOT NULL, modality TEXT NOT NULL,
                    instances INTEGER NOT NULL, record BLOB NOT NULL);
CREATE INDEX series_of_study ON series(study);
CREATE TABLE instance(id INTEGER PRIMARY KEY, uid TEXT NOT NULL UNIQUE, series INTEGER NOT NULL,
                      sop_class TEXT NOT NULL, transfer_syntax TEXT NOT NULL, file TEXT NOT NULL UNIQUE,
                      size INTEGER NOT NULL, modified INTEGER NOT NULL, record BLOB NOT NULL);
CREATE INDEX instance_of_series ON instance(series);
CREATE TABLE term(tag INTEGER, value TEXT, owner INTEGER, PRIMARY KEY(tag, value, owner)) WITHOUT ROWID;
CREATE TABLE other_file(file TEXT PRIMARY KEY, size INTEGER NOT NULL, modified INTEGER NOT NULL,
                        same_as TEXT NOT NULL) WITHOUT ROWID;
)";

// What a query can be narrowed down by, besides UIDs.
struct indexed {
  element_tag tag;
  query_level level;
};
const std::array<indexed, 5> indexed_attributes{{{tag::PatientID, query_level::patient},
                                                 {tag::PatientName, query_level::patient},
                                                 {tag::StudyDate, query_level::study},
                                                 {tag::AccessionNumber, query_level::study},
                                                 {tag::StudyID, query_level::study}}};

std::int64_t number_of(element_tag tag) { return std::int64_t{tag.group()} << 16 | tag.element(); }

std::vector<std::byte> packed(const data_set& record) { return encode(record, transfer_syntax::ExplicitVRLittleEndian); }
data_set unpacked(byte_span record) { return decode(record, transfer_syntax::ExplicitVRLittleEndian).value; }

// A condition with its parameters: terms are kept by value until they are bound.
class conditions {
 public:
  void uids(const std::string& column, const data_set& keys, element_tag key, const std::string& around = {}) {
    const auto wanted = keys.values<unique_id>(key);
    if (wanted.empty()) return;
    std::string list;
    for (const auto& uid : wanted) {
      list += list.empty() ? "?" : ",?";
      texts_.push_back(uid.str());
    }
    const auto test = column + " IN (" + list + ")";
    sql_ += " AND " + (around.empty() ? test : around + test + ")");
  }
  void terms(const std::string& column, element_tag key, const service::term_range& range) {
    sql_ += " AND " + column + " IN (SELECT owner FROM term WHERE tag = " + std::to_string(number_of(key)) +
            " AND value BETWEEN ? AND ?)";
    texts_.push_back(range.first);
    texts_.push_back(range.last);
  }
  [[nodiscard]] const std::string& sql() const noexcept { return sql_; }
  [[nodiscard]] bool empty() const noexcept { return sql_.empty(); }
  void bind(statement& to, int first) const {
    for (const auto& text : texts_) to.bind(first++, std::string_view{text});
  }

 private:
  std::string sql_;
  std::deque<std::string> texts_;
};

}  // namespace

sqlite_index::reader::reader(const sqlite_index& of) : of_{&of} {
  {
    const std::lock_guard lock{of.readers_guard_};
    if (!of.readers_.empty()) {
      in_ = std::move(of.readers_.back());
      of.readers_.pop_back();
    }
  }
  if (in_) return;
  in_ = std::make_unique<database>(of.file_);
  in_->execute("PRAGMA query_only = 1; PRAGMA cache_size = -8192;");
}
sqlite_index::reader::~reader() {
  const std::lock_guard lock{of_->readers_guard_};
  of_->readers_.push_back(std::move(in_));
}

sqlite_index::sqlite_index(const std::filesystem::path& file, std::filesystem::path folder, durability safety)
    : file_{file}, folder_{std::move(folder)} {
  for (const bool again : {false, true}) {
    writer_ = std::make_unique<database>(file_);
    // With a write-ahead log queries go on beside a store, and a commit is one sync.
    writer_->execute("PRAGMA journal_mode = WAL; PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY;");
    writer_->execute(safety == durability::synced ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = OFF");
    auto version = writer_->once("PRAGMA user_version");
    version.step();
    const auto found = version.number(0);
    version.reset();
    if (found == schema_version) return;
    if (found == 0) break;
    if (again) throw database_error{file_.string() + ": cannot be made anew; delete it"};
    writer_.reset();  // of another version of this program: made anew
    for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(file_.string() + suffix);
  }
  together([&] {
    writer_->execute(schema);
    writer_->execute(("PRAGMA user_version = " + std::to_string(schema_version)).c_str());
  });
}

void sqlite_index::together(const std::function<void()>& changes) {
  const std::lock_guard lock{writing_};
  if (in_transaction_) return changes();
  writer_->execute("BEGIN IMMEDIATE");
  in_transaction_ = true;
  try {
    changes();
    writer_->execute("COMMIT");
  } catch (...) {
    in_transaction_ = false;
    try {
      writer_->execute("ROLLBACK");
    } catch (const database_error&) {
      // SQLite has rolled back by itself.
    }
    throw;
  }
  in_transaction_ = false;
}

std::string sqlite_index::name_of(const std::filesystem::path& file) const {
  return file.lexically_relative(folder_).generic_string();
}
std::filesystem::path sqlite_index::file_of(std::string_view name) const { return folder_ / std::filesystem::path{name}; }

service::stored_object sqlite_index::object_in(const statement& row, int first) const {
  return {unique_id{row.text(first)}, unique_id{row.text(first + 1)}, unique_id{row.text(first + 2)},
          file_of(row.text(first + 3))};
}

void sqlite_index::enter_terms(query_level level, const data_set& record, std::int64_t owner) {
  auto& enter = writer_->prepared("INSERT OR IGNORE INTO term VALUES(?, ?, ?)");
  for (const auto& each : indexed_attributes) {
    if (each.level != level) continue;
    for (const auto& term : service::index_terms(record, each.tag))
      enter.bind(1, number_of(each.tag)).bind(2, std::string_view{term}).bind(3, owner).run();
  }
}

void sqlite_index::drop_terms(query_level level, const data_set& record, std::int64_t owner) {
  auto& drop = writer_->prepared("DELETE FROM term WHERE tag = ? AND value = ? AND owner = ?");
  for (const auto& each : indexed_attributes) {
    if (each.level != level) continue;
    for (const auto& term : service::index_terms(record, each.tag))
      drop.bind(1, number_of(each.tag)).bind(2, std::string_view{term}).bind(3, owner).run();
  }
}

std::int64_t sqlite_index::study_of(const data_set& head, const unique_id& uid) {
  auto& known = writer_->prepared("SELECT id FROM study WHERE uid = ?");
  if (known.bind(1, uid.view()).step()) return known.number(0);

  // Without an ID, a patient is known by nothing else than the study (PS3.4 §C.6.1.1.2 asks for one).
  auto key = head.text(tag::PatientID);
  key = key.empty() ? '\\' + uid.str() : key + '\\' + head.text(tag::IssuerOfPatientID);
  std::int64_t patient = 0;
  auto& same = writer_->prepared("SELECT id FROM patient WHERE key = ?");
  if (same.bind(1, std::string_view{key}).step()) {
    patient = same.number(0);
  } else {
    const auto record = service::archive_record(head, query_level::patient);
    const auto bytes = packed(record);
    writer_->prepared("INSERT INTO patient(key, record) VALUES(?, ?)").bind(1, std::string_view{key}).bind(2, bytes).run();
    patient = writer_->last_id();
    enter_terms(query_level::patient, record, patient);
  }
  const auto record = service::archive_record(head, query_level::study);
  const auto bytes = packed(record);
  writer_->prepared("INSERT INTO study(uid, patient, record) VALUES(?, ?, ?)")
      .bind(1, uid.view())
      .bind(2, patient)
      .bind(3, bytes)
      .run();
  const auto study = writer_->last_id();
  enter_terms(query_level::study, record, study);
  return study;
}

sqlite_index::outcome sqlite_index::add(const data_set& head, const service::stored_object& where, file_stamp stamp) {
  const auto study_uid = head.uid(tag::StudyInstanceUID);
  const auto series_uid = head.uid(tag::SeriesInstanceUID);
  if (!study_uid || !series_uid || where.sop_instance_uid.empty()) return outcome::incomplete;
  auto result = outcome::added;
  together([&] {
    auto& there = writer_->prepared("SELECT 1 FROM instance WHERE uid = ?");
    if (there.bind(1, where.sop_instance_uid.view()).step()) {
      there.reset();
      result = outcome::already_there;
      return;
    }
    std::int64_t series = 0;
    auto& known = writer_->prepared("SELECT id FROM series WHERE uid = ?");
    if (known.bind(1, series_uid->view()).step()) {
      series = known.number(0);
      known.reset();
    } else {
      const auto study = study_of(head, *study_uid);
      const auto bytes = packed(service::archive_record(head, query_level::series));
      const auto modality = head.text(tag::Modality);
      writer_->prepared("INSERT INTO series(uid, study, modality, instances, record) VALUES(?, ?, ?, 0, ?)")
          .bind(1, series_uid->view())
          .bind(2, study)
          .bind(3, std::string_view{modality})
          .bind(4, bytes)
          .run();
      series = writer_->last_id();
    }
    auto record = service::archive_record(head, query_level::image);
    record.set(tag::SOPInstanceUID, where.sop_instance_uid).set(tag::SOPClassUID, where.sop_class_uid);
    const auto bytes = packed(record);
    const auto name = name_of(where.file);
    writer_->prepared("INSERT INTO instance(uid, series, sop_class, transfer_syntax, file, size, modified, record) "
                      "VALUES(?, ?, ?, ?, ?, ?, ?, ?)")
        .bind(1, where.sop_instance_uid.view())
        .bind(2, series)
        .bind(3, where.sop_class_uid.view())
        .bind(4, where.transfer_syntax_uid.view())
        .bind(5, std::string_view{name})
        .bind(6, stamp.size)
        .bind(7, stamp.modified)
        .bind(8, bytes)
        .run();
    writer_->prepared("UPDATE series SET instances = instances + 1 WHERE id = ?").bind(1, series).run();
  });
  return result;
}

std::filesystem::path sqlite_index::find(const unique_id& sop_instance) {
  const std::lock_guard lock{writing_};
  auto& known = writer_->prepared("SELECT file FROM instance WHERE uid = ?");
  const bool found = known.bind(1, sop_instance.view()).step();
  auto file = found ? file_of(known.text(0)) : std::filesystem::path{};
  known.reset();
  return file;
}

bool sqlite_index::remove(const unique_id& sop_instance) {
  bool found = false;
  together([&] {
    auto& known = writer_->prepared("SELECT id FROM instance WHERE uid = ?");
    found = known.bind(1, sop_instance.view()).step();
    const auto id = found ? known.number(0) : 0;
    known.reset();
    if (found) drop(id);
  });
  return found;
}

void sqlite_index::pass_over(const std::filesystem::path& file, file_stamp stamp, const unique_id& same_as) {
  together([&] {
    const auto name = name_of(file);
    writer_->prepared("INSERT OR REPLACE INTO other_file VALUES(?, ?, ?, ?)")
        .bind(1, std::string_view{name})
        .bind(2, stamp.size)
        .bind(3, stamp.modified)
        .bind(4, same_as.view())
        .run();
  });
}

bool sqlite_index::knows(const std::filesystem::path& file, file_stamp stamp) {
  const std::lock_guard lock{writing_};
  const auto name = name_of(file);
  for (const char* sql : {"SELECT 1 FROM instance WHERE file = ? AND size = ? AND modified = ?",
                          "SELECT 1 FROM other_file WHERE file = ? AND size = ? AND modified = ?"}) {
    auto& known = writer_->prepared(sql);
    const bool found = known.bind(1, std::string_view{name}).bind(2, stamp.size).bind(3, stamp.modified).step();
    known.reset();
    if (found) return true;
  }
  return false;
}

void sqlite_index::drop(std::int64_t instance) {
  auto& of = writer_->prepared(
      "SELECT i.uid, r.id, r.instances, s.id, s.record, p.id, p.record FROM instance i JOIN series r ON r.id = i.series "
      "JOIN study s ON s.id = r.study JOIN patient p ON p.id = s.patient WHERE i.id = ?");
  if (!of.bind(1, instance).step()) return of.reset();
  const std::string uid{of.text(0)};
  const auto series = of.number(1), left = of.number(2) - 1, study = of.number(3), patient = of.number(5);
  const auto study_record = unpacked(of.blob(4)), patient_record = unpacked(of.blob(6));
  of.reset();
  writer_->prepared("DELETE FROM instance WHERE id = ?").bind(1, instance).run();
  // Another file of the same object may take its place.
  writer_->prepared("DELETE FROM other_file WHERE same_as = ?").bind(1, std::string_view{uid}).run();
  if (left != 0) {
    writer_->prepared("UPDATE series SET instances = ? WHERE id = ?").bind(1, left).bind(2, series).run();
    return;
  }
  const auto has_none = [&](const char* sql, std::int64_t owner) {
    auto& any = writer_->prepared(sql);
    const bool none = !any.bind(1, owner).step();
    any.reset();
    return none;
  };
  writer_->prepared("DELETE FROM series WHERE id = ?").bind(1, series).run();
  if (!has_none("SELECT 1 FROM series WHERE study = ? LIMIT 1", study)) return;
  writer_->prepared("DELETE FROM study WHERE id = ?").bind(1, study).run();
  drop_terms(query_level::study, study_record, study);
  if (!has_none("SELECT 1 FROM study WHERE patient = ? LIMIT 1", patient)) return;
  writer_->prepared("DELETE FROM patient WHERE id = ?").bind(1, patient).run();
  drop_terms(query_level::patient, patient_record, patient);
}

std::size_t sqlite_index::drop_stale(
    const std::function<std::optional<file_stamp>(const std::filesystem::path&)>& stamp_of) {
  std::vector<std::int64_t> stale;
  const std::lock_guard lock{writing_};
  {
    auto all = writer_->once("SELECT id, file, size, modified FROM instance");
    while (all.step()) {
      const auto now = stamp_of(file_of(all.text(1)));
      if (!now || now->size != all.number(2) || now->modified != all.number(3)) stale.push_back(all.number(0));
    }
  }
  if (stale.empty()) return 0;
  together([&] {
    for (const auto instance : stale) drop(instance);
  });
  return stale.size();
}

sqlite_index::totals sqlite_index::count() {
  const reader in{*this};
  const auto rows = [&](const char* table) {
    auto number = in->once(std::string{"SELECT count(*) FROM "} + table);
    number.step();
    return number.number(0);
  };
  return {rows("patient"), rows("study"), rows("series"), rows("instance"), rows("other_file")};
}

/// The answers to one query: studies (or patients) page by page, in the order they were entered; of a study that
/// matches, its series; of a series that matches, its instances page by page.
class sqlite_matches : public service::match_source {
 public:
  sqlite_matches(const sqlite_index& in, archive_query asked) : in_{&in}, query_{std::move(asked)} {}

  task<std::vector<data_set>> next_page() override {
    const auto where = co_await asio::this_coro::executor;
    const auto work = [this](const stop_token& stop) { return read(stop); };
    co_return co_await blocking(where, work);
  }

 private:
  static constexpr std::size_t page = 32;  // matches; rows are read by eight times as many

  struct top_row {
    std::int64_t study = 0, patient = 0;
    data_set study_record, patient_record;
  };
  struct series_row {
    std::int64_t id = 0, instances = 0;
    data_set record;
  };

  std::vector<data_set> read(const stop_token& stop) {
    const sqlite_index::reader from{*in_};
    std::vector<data_set> matches;
    while (matches.size() < page && !stop.stop_requested()) {
      if (!series_.empty()) {
        if (query_.level() == query_level::series || !read_instances(*from, matches)) {
          if (query_.level() == query_level::series) add(*from, matches, &series_.front(), nullptr, {});
          series_.pop_front();
          instance_after_ = 0;
        }
        continue;
      }
      if (top_.empty() && !read_top(*from)) break;
      current_ = std::move(top_.front());
      top_.pop_front();
      if (!query_.matches(query_level::patient, current_.patient_record)) continue;
      if (query_.level() == query_level::patient) {
        add(*from, matches, nullptr, nullptr, {});
        continue;
      }
      if (!query_.matches(query_level::study, current_.study_record)) continue;
      if (query_.level() == query_level::study) add(*from, matches, nullptr, nullptr, {});
      else read_series(*from);
    }
    return matches;
  }

  // The next patients or studies that may match.
  bool read_top(database& from) {
    const bool patients = query_.level() == query_level::patient;
    conditions narrow;
    for (const auto& each : indexed_attributes)
      if (const auto range = query_.narrow(each.tag); range && each.level <= query_.level())
        narrow.terms(each.level == query_level::patient ? (patients ? "p.id" : "s.patient") : "s.id", each.tag, *range);
    const auto& keys = query_.keys();
    if (!patients) narrow.uids("s.uid", keys, tag::StudyInstanceUID);
    if (query_.level() >= query_level::series)
      narrow.uids("uid", keys, tag::SeriesInstanceUID, "s.id IN (SELECT study FROM series WHERE ");
    if (query_.level() == query_level::image)
      narrow.uids("i.uid", keys, tag::SOPInstanceUID,
                  "s.id IN (SELECT r.study FROM instance i JOIN series r ON r.id = i.series WHERE ");
    // Where something narrows, the order shall not tempt SQLite to walk through all rows: hence the plus.
    const std::string plus = narrow.empty() ? "" : "+";
    auto rows = from.once(
        patients ? "SELECT p.id, p.record FROM patient p WHERE " + plus + "p.id > ?" + narrow.sql() +
                       " ORDER BY p.id LIMIT 256"
                 : "SELECT p.id, p.record, s.id, s.record FROM study s JOIN patient p ON p.id = s.patient WHERE " + plus +
                       "s.id > ?" + narrow.sql() + " ORDER BY s.id LIMIT 256");
    rows.bind(1, top_after_);
    narrow.bind(rows, 2);
    while (rows.step()) {
      auto& row = top_.emplace_back();
      row.patient = rows.number(0);
      row.patient_record = unpacked(rows.blob(1));
      if (!patients) {
        row.study = rows.number(2);
        row.study_record = unpacked(rows.blob(3));
      }
      top_after_ = patients ? row.patient : row.study;
    }
    return !top_.empty();
  }

  void read_series(database& from) {
    conditions narrow;
    narrow.uids("uid", query_.keys(), tag::SeriesInstanceUID);
    auto rows = from.once("SELECT id, instances, record FROM series WHERE study = ?" + narrow.sql() + " ORDER BY id");
    rows.bind(1, current_.study);
    narrow.bind(rows, 2);
    while (rows.step()) {
      auto record = unpacked(rows.blob(2));
      if (!query_.matches(query_level::series, record)) continue;
      auto& row = series_.emplace_back();
      row.id = rows.number(0);
      row.instances = rows.number(1);
      row.record = std::move(record);
    }
  }

  // False: the series has no more.
  bool read_instances(database& from, std::vector<data_set>& matches) {
    conditions narrow;
    narrow.uids("uid", query_.keys(), tag::SOPInstanceUID);
    auto rows = from.once("SELECT id, record, transfer_syntax FROM instance WHERE series = ? AND id > ?" + narrow.sql() +
                          " ORDER BY id LIMIT 256");
    rows.bind(1, series_.front().id).bind(2, instance_after_);
    narrow.bind(rows, 3);
    bool any = false;
    while (matches.size() < page && rows.step()) {
      any = true;
      instance_after_ = rows.number(0);
      const auto record = unpacked(rows.blob(1));
      if (query_.matches(query_level::image, record)) add(from, matches, &series_.front(), &record, rows.text(2));
    }
    return any;
  }

  void add(database& from, std::vector<data_set>& matches, const series_row* series, const data_set* instance,
           std::string_view transfer_syntax) {
    const auto number = [&](const char* sql, std::int64_t of) {
      auto& one = from.prepared(sql);
      one.bind(1, of).step();
      const auto value = one.number(0);
      one.reset();
      return std::to_string(value);
    };
    const auto list = [&](const char* sql, std::int64_t of) {
      auto& all = from.prepared(sql);
      all.bind(1, of);
      std::string text;
      while (all.step())
        if (!all.text(0).empty()) (text += text.empty() ? "" : "\\") += all.text(0);
      all.reset();
      return text;
    };
    const auto compute = [&](element_tag key) -> std::string {
      if (key == tag::NumberOfPatientRelatedStudies)
        return number("SELECT count(*) FROM study WHERE patient = ?", current_.patient);
      if (key == tag::NumberOfPatientRelatedSeries)
        return number("SELECT count(*) FROM series r JOIN study s ON s.id = r.study WHERE s.patient = ?", current_.patient);
      if (key == tag::NumberOfPatientRelatedInstances)
        return number("SELECT sum(r.instances) FROM series r JOIN study s ON s.id = r.study WHERE s.patient = ?",
                      current_.patient);
      if (key == tag::NumberOfStudyRelatedSeries)
        return number("SELECT count(*) FROM series WHERE study = ?", current_.study);
      if (key == tag::NumberOfStudyRelatedInstances)
        return number("SELECT sum(instances) FROM series WHERE study = ?", current_.study);
      if (key == tag::NumberOfSeriesRelatedInstances) return std::to_string(series->instances);
      if (key == tag::ModalitiesInStudy)
        return list("SELECT DISTINCT modality FROM series WHERE study = ? ORDER BY 1", current_.study);
      if (key == tag::SOPClassesInStudy)
        return list("SELECT DISTINCT i.sop_class FROM instance i JOIN series r ON r.id = i.series WHERE r.study = ? "
                    "ORDER BY 1",
                    current_.study);
      return std::string{transfer_syntax};  // AvailableTransferSyntaxUID
    };
    const bool patients = query_.level() == query_level::patient;
    auto match = query_.answer({&current_.patient_record, patients ? nullptr : &current_.study_record,
                                series != nullptr ? &series->record : nullptr, instance},
                               compute);
    if (match) matches.push_back(std::move(*match));
  }

  const sqlite_index* in_;
  archive_query query_;
  std::deque<top_row> top_;  // read, not yet looked at
  std::int64_t top_after_ = 0;
  top_row current_;
  std::deque<series_row> series_;  // of the current study, those that match
  std::int64_t instance_after_ = 0;
};

std::unique_ptr<service::match_source> sqlite_index::query(archive_query asked) const {
  return std::make_unique<sqlite_matches>(*this, std::move(asked));
}

task<std::vector<service::stored_object>> sqlite_index::resolve(data_set identifier, service::query_model model,
                                                                 std::size_t at_most) const {
  const auto keys = service::retrieve_identifier(identifier, model);  // the level and unique keys, checked
  const auto where = co_await asio::this_coro::executor;
  const auto work = [this, &keys, at_most] {
    conditions narrow;
    narrow.uids("s.uid", keys, tag::StudyInstanceUID);
    narrow.uids("r.uid", keys, tag::SeriesInstanceUID);
    narrow.uids("i.uid", keys, tag::SOPInstanceUID);
    // A single value: a wild card would move everybody.
    if (auto id = keys.text(tag::PatientID); !id.empty()) narrow.terms("s.patient", tag::PatientID, {id, id});
    const reader from{*this};
    auto rows = from->once("SELECT i.sop_class, i.uid, i.transfer_syntax, i.file FROM instance i "
                           "JOIN series r ON r.id = i.series JOIN study s ON s.id = r.study WHERE 1" +
                           narrow.sql() + " ORDER BY s.id, r.id, i.id");
    narrow.bind(rows, 1);
    std::vector<service::stored_object> objects;
    while (rows.step()) {
      if (objects.size() == at_most) throw std::system_error{make_error_code(errc::limit_exceeded), "objects of a retrieval"};
      objects.push_back(object_in(rows, 0));
    }
    return objects;
  };
  co_return co_await blocking(where, work);
}

}  // namespace tools
