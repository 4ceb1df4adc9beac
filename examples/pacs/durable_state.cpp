#include "durable_state.hpp"

#include <codicom/coro/blocking.hpp>
#include <codicom/dictionary/tags.hpp>
#include <codicom/dictionary/transfer_syntaxes.hpp>
#include <codicom/encoding/data_set_reader.hpp>
#include <codicom/encoding/encode.hpp>

#include <asio/this_coro.hpp>

namespace tools {

using namespace codicom;
using service::commitment_request;

namespace {

constexpr const char* schema = R"(
CREATE TABLE IF NOT EXISTS commitment(transaction_uid TEXT PRIMARY KEY, requestor TEXT NOT NULL,
                                      request BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS procedure_step(uid TEXT PRIMARY KEY, status TEXT NOT NULL, step BLOB NOT NULL) WITHOUT ROWID;
)";

std::vector<std::byte> packed(const data_set& value) { return encode(value, transfer_syntax::ExplicitVRLittleEndian); }
data_set unpacked(byte_span bytes) { return decode(bytes, transfer_syntax::ExplicitVRLittleEndian).value; }

}  // namespace

durable_state::durable_state(const std::filesystem::path& file, durability safety) : in_{file} {
  in_.execute("PRAGMA journal_mode = WAL");
  in_.execute(safety == durability::synced ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = OFF");
  in_.execute(schema);
}

task<bool> durable_state::keep(commitment_request request) {
  const auto where = co_await asio::this_coro::executor;
  const auto work = [this, &request] {
    const auto bytes = packed(to_data_set(request));
    const std::lock_guard lock{using_};
    auto& known = in_.prepared("SELECT 1 FROM commitment WHERE transaction_uid = ?");
    const bool in_use = known.bind(1, request.transaction_uid.view()).step();
    known.reset();
    if (in_use) return false;
    in_.prepared("INSERT INTO commitment VALUES(?, ?, ?)")
        .bind(1, request.transaction_uid.view())
        .bind(2, request.requestor.view())
        .bind(3, bytes)
        .run();
    return true;
  };
  co_return co_await blocking(where, work);
}

task<std::vector<commitment_request>> durable_state::pending() {
  const auto where = co_await asio::this_coro::executor;
  const auto work = [this] {
    std::vector<commitment_request> all;
    const std::lock_guard lock{using_};
    auto rows = in_.once("SELECT requestor, request FROM commitment");
    while (rows.step()) {
      auto request = service::read_commitment_request(unpacked(rows.blob(1)));
      if (!request) continue;
      request->requestor = rows.text(0);
      all.push_back(std::move(*request));
    }
    return all;
  };
  co_return co_await blocking(where, work);
}

task<> durable_state::settle(unique_id transaction) {
  const auto where = co_await asio::this_coro::executor;
  const auto work = [this, &transaction] {
    const std::lock_guard lock{using_};
    in_.prepared("DELETE FROM commitment WHERE transaction_uid = ?").bind(1, transaction.view()).run();
  };
  co_await blocking(where, work);
}

task<bool> durable_state::create(unique_id instance, data_set step) {
  const auto where = co_await asio::this_coro::executor;
  const auto work = [this, &instance, &step] {
    const auto bytes = packed(step);
    const auto status = step.text(tag::PerformedProcedureStepStatus);
    const std::lock_guard lock{using_};
    auto& known = in_.prepared("SELECT 1 FROM procedure_step WHERE uid = ?");
    const bool is_there = known.bind(1, instance.view()).step();
    known.reset();
    if (is_there) return false;
    in_.prepared("INSERT INTO procedure_step VALUES(?, ?, ?)")
        .bind(1, instance.view())
        .bind(2, std::string_view{status})
        .bind(3, bytes)
        .run();
    return true;
  };
  co_return co_await blocking(where, work);
}

task<bool> durable_state::change(unique_id instance, std::function<bool(data_set&)> change) {
  const auto where = co_await asio::this_coro::executor;
  const auto work = [this, &instance, &change] {
    const std::lock_guard lock{using_};
    auto& known = in_.prepared("SELECT step FROM procedure_step WHERE uid = ?");
    const bool is_there = known.bind(1, instance.view()).step();
    auto step = is_there ? unpacked(known.blob(0)) : data_set{};
    known.reset();
    if (!is_there) return false;
    if (!change(step)) return true;
    const auto bytes = packed(step);
    const auto status = step.text(tag::PerformedProcedureStepStatus);
    in_.prepared("UPDATE procedure_step SET status = ?, step = ? WHERE uid = ?")
        .bind(1, std::string_view{status})
        .bind(2, bytes)
        .bind(3, instance.view())
        .run();
    return true;
  };
  co_return co_await blocking(where, work);
}

}  // namespace tools
