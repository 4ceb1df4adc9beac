#pragma once
#include <codicom/core/config.hpp>
#include <codicom/core/log.hpp>
#include <codicom/coro/blocking.hpp>
#include <codicom/dictionary/tags.hpp>
#include <codicom/file/read_file.hpp>
#include <codicom/service/classes.hpp>
#include <codicom/service/impl/archive_query.hpp>
#include <codicom/service/matching.hpp>
#include <codicom/service/worklist_provider.hpp>

#include <cstdint>
#include <map>
#include <mutex>
#include <system_error>
#include <utility>

namespace codicom::service {

class worklist_folder::cache {
 public:
  explicit cache(std::filesystem::path where) : folder_{std::move(where)} {}

  // Blocks. In the order of file names.
  [[nodiscard]] std::vector<std::shared_ptr<const data_set>> refresh() {
    const std::lock_guard lock{using_};
    std::map<std::filesystem::path, entry> now;
    std::error_code error;
    for (std::filesystem::directory_iterator at{folder_, error}, end; !error && at != end; at.increment(error)) {
      std::error_code gone;
      if (at->path().filename().native().starts_with('.') || !at->is_regular_file(gone) || gone) continue;
      const auto size = at->file_size(gone);
      const auto modified = at->last_write_time(gone);
      if (gone) continue;
      auto& one = now[at->path()];
      const auto known = entries_.find(at->path());
      if (known != entries_.end() && known->second.size == size && known->second.modified == modified) {
        one = known->second;
        continue;
      }
      one.size = size;
      one.modified = modified;
      one.item = read(at->path());
    }
    if (error) log(log_level::warning, [&] { return "worklist " + folder_.string() + ": " + error.message(); });
    entries_ = std::move(now);
    std::vector<std::shared_ptr<const data_set>> all;
    for (const auto& [path, each] : entries_)
      if (each.item) all.push_back(each.item);
    return all;
  }

 private:
  struct entry {
    std::uintmax_t size = 0;
    std::filesystem::file_time_type modified;
    std::shared_ptr<const data_set> item;  // null: none
  };

  [[nodiscard]] static std::shared_ptr<const data_set> read(const std::filesystem::path& file) {
    try {
      auto item = std::make_shared<data_set>(read_file(file).value);
      if (!item->items(tag::ScheduledProcedureStepSequence).empty()) return item;
      log(log_level::info, [&] { return file.string() + ": no scheduled procedure step in it"; });
    } catch (const std::system_error& problem) {
      log(log_level::info, [&] { return file.string() + ": " + problem.what(); });
    }
    return nullptr;
  }

  std::filesystem::path folder_;
  std::mutex using_;
  std::map<std::filesystem::path, entry> entries_;
};

namespace detail {

// The item with one of its steps.
[[nodiscard]] inline data_set with_step(const data_set& item, const data_set& step) {
  data_set result;
  for (const auto& each : item)
    if (each.tag() != tag::ScheduledProcedureStepSequence) result.set(each);
  result.add_item(tag::ScheduledProcedureStepSequence, step);
  return result;
}

[[nodiscard]] inline data_set worklist_answer(const data_set& item, const data_set& keys) {
  data_set answer;
  if (const auto* character_set = item.find(tag::SpecificCharacterSet);
      character_set != nullptr && !character_set->empty())
    answer.set(*character_set);
  for (const auto& key : keys)
    if (!is_query_control(key.tag())) copy_attribute(answer, item, key.tag(), keys, {});
  return answer;
}

}  // namespace detail

CODICOM_FUNCTION worklist_folder::worklist_folder(std::filesystem::path folder)
    : cache_{std::make_shared<cache>(std::move(folder))} {}

CODICOM_FUNCTION task<std::vector<std::shared_ptr<const data_set>>> worklist_folder::items(const data_set&) const {
  const auto where = co_await asio::this_coro::executor;
  co_return co_await blocking(where, refresher());
}
CODICOM_FUNCTION worklist_folder::refresh_function worklist_folder::refresher() const {
  return [of = cache_] { return of->refresh(); };
}

CODICOM_FUNCTION generator<find_match, c_find_response> answer_worklist(const worklist& from, find_request request) {
  if (request.command.affected_sop_class_uid != modality_worklist)
    co_return c_find_response{request.command, status::sop_class_not_supported};
  const auto& keys = request.identifier;
  const auto items = co_await from.items(keys);
  for (const auto& item : items) {
    const auto steps = item->items(tag::ScheduledProcedureStepSequence);
    for (const auto& step : steps) {
      if (request.cancelled()) co_return c_find_response{request.command, status::cancel};
      if (steps.size() == 1) {
        if (matches(keys, *item)) co_yield find_match{detail::worklist_answer(*item, keys)};
        continue;
      }
      const auto single = detail::with_step(*item, step);
      if (matches(keys, single)) co_yield find_match{detail::worklist_answer(single, keys)};
    }
  }
  co_return c_find_response{request.command, status::success};
}

}  // namespace codicom::service
