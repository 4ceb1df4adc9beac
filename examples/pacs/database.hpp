#pragma once
#include <codicom/core/bytes.hpp>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <sqlite3.h>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace tools {

/// What SQLite says of a failure, with the file it is about.
class database_error : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// A prepared statement. Bind parameters from 1 on, `step` through the rows, read columns from 0 on. What is bound by
/// view must outlive the steps.
class statement {
 public:
  statement(sqlite3* in, std::string_view sql);

  statement& bind(int at, std::int64_t value);
  statement& bind(int at, std::string_view value);
  statement& bind(int at, std::span<const std::byte> value);

  /// True: there is a row.
  bool step();
  /// For what gives no row.
  void run();
  void reset() noexcept;

  [[nodiscard]] std::int64_t number(int column) const noexcept { return sqlite3_column_int64(handle_.get(), column); }
  /// Views last until the next step.
  [[nodiscard]] std::string_view text(int column) const noexcept;
  [[nodiscard]] codicom::byte_span blob(int column) const noexcept;

 private:
  struct finalize {
    void operator()(sqlite3_stmt* handle) const noexcept { sqlite3_finalize(handle); }
  };
  void check(int result) const;
  std::unique_ptr<sqlite3_stmt, finalize> handle_;
};

/// A connection to an SQLite database; used by one thread at a time.
class database {
 public:
  explicit database(const std::filesystem::path& file);

  void execute(const char* sql);
  /// A statement kept for the next time; ready to be bound. Of one text, one may be stepped through at a time.
  statement& prepared(std::string_view sql);
  /// One that is not kept.
  [[nodiscard]] statement once(std::string_view sql) { return statement{handle_.get(), sql}; }
  [[nodiscard]] std::int64_t last_id() const noexcept { return sqlite3_last_insert_rowid(handle_.get()); }

 private:
  struct close {
    void operator()(sqlite3* handle) const noexcept { sqlite3_close_v2(handle); }
  };
  std::unique_ptr<sqlite3, close> handle_;
  std::unordered_map<std::string, statement> kept_;
};

}  // namespace tools
