#include "database.hpp"

namespace tools {

namespace {

[[noreturn]] void fail(sqlite3* in) {
  const char* name = sqlite3_db_filename(in, "main");
  throw database_error{std::string{name != nullptr ? name : "index"} + ": " + sqlite3_errmsg(in)};
}

}  // namespace

statement::statement(sqlite3* in, std::string_view sql) {
  sqlite3_stmt* handle = nullptr;
  if (sqlite3_prepare_v2(in, sql.data(), static_cast<int>(sql.size()), &handle, nullptr) != SQLITE_OK) fail(in);
  handle_.reset(handle);
}

void statement::check(int result) const {
  if (result != SQLITE_OK && result != SQLITE_ROW && result != SQLITE_DONE) fail(sqlite3_db_handle(handle_.get()));
}

statement& statement::bind(int at, std::int64_t value) {
  check(sqlite3_bind_int64(handle_.get(), at, value));
  return *this;
}
statement& statement::bind(int at, std::string_view value) {
  const char* text = value.empty() ? "" : value.data();
  check(sqlite3_bind_text(handle_.get(), at, text, static_cast<int>(value.size()), SQLITE_STATIC));
  return *this;
}
statement& statement::bind(int at, std::span<const std::byte> value) {
  const void* bytes = value.empty() ? "" : static_cast<const void*>(value.data());
  check(sqlite3_bind_blob(handle_.get(), at, bytes, static_cast<int>(value.size()), SQLITE_STATIC));
  return *this;
}

bool statement::step() {
  const int result = sqlite3_step(handle_.get());
  check(result);
  return result == SQLITE_ROW;
}
void statement::run() {
  step();
  reset();
}
void statement::reset() noexcept {
  sqlite3_reset(handle_.get());
  sqlite3_clear_bindings(handle_.get());
}

std::string_view statement::text(int column) const noexcept {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(handle_.get(), column));
  return {text != nullptr ? text : "", static_cast<std::size_t>(sqlite3_column_bytes(handle_.get(), column))};
}
codicom::byte_span statement::blob(int column) const noexcept {
  const auto* bytes = static_cast<const std::byte*>(sqlite3_column_blob(handle_.get(), column));
  return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(handle_.get(), column))};
}

database::database(const std::filesystem::path& file) {
  sqlite3* handle = nullptr;
  const int result = sqlite3_open_v2(file.c_str(), &handle,
                                     SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
  handle_.reset(handle);
  if (handle == nullptr) throw database_error{file.string() + ": no memory for the index"};
  if (result != SQLITE_OK) throw database_error{file.string() + ": " + sqlite3_errmsg(handle)};
  sqlite3_busy_timeout(handle, 10'000);  // milliseconds
}

void database::execute(const char* sql) {
  if (sqlite3_exec(handle_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) fail(handle_.get());
}

statement& database::prepared(std::string_view sql) {
  const auto [at, is_new] = kept_.try_emplace(std::string{sql}, handle_.get(), sql);
  at->second.reset();
  return at->second;
}

}  // namespace tools
