#pragma once
#include <codicom/core/config.hpp>
#include <codicom/core/error.hpp>
#include <codicom/coro/event.hpp>
#include <codicom/coro/result.hpp>
#include <codicom/coro/scope.hpp>
#include <codicom/dul/association_error.hpp>
#include <codicom/dul/plan.hpp>
#include <codicom/encoding/transcode.hpp>
#include <codicom/file/read_file.hpp>
#include <codicom/service/impl/lost_association.hpp>
#include <codicom/service/send.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

namespace codicom::service {

namespace detail {

// The clause that tells what was proposed and accepted.
[[nodiscard]] inline std::string not_accepted_because(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const association_error& known) {
    if (!known.diagnostics().detail.empty()) return known.diagnostics().detail;
  } catch (...) {
  }
  return words_of(error);
}

}  // namespace detail

CODICOM_FUNCTION outgoing_file::outgoing_file(std::filesystem::path file) : path{std::move(file)} {
  const auto header = read_object_header(path);
  sop_class_uid = header.meta.media_storage_sop_class_uid;
  sop_instance_uid = header.meta.media_storage_sop_instance_uid;
  transfer_syntax_uid = header.meta.transfer_syntax_uid;
  bytes = header.file_size - header.data_set_offset;
}

CODICOM_FUNCTION bulk_sending::bulk_sending(std::vector<outgoing_file> files, send_handlers handlers, send_options options)
    : handlers_{std::move(handlers)}, options_{std::move(options)}, results_(files.size()), attempts_(files.size()) {
  std::vector<dul::outgoing_object> objects;
  for (std::size_t i = 0; i < files.size(); ++i) {
    objects.emplace_back(files[i].sop_class_uid, files[i].transfer_syntax_uid);
    results_[i].file = std::move(files[i]);
  }
  for (auto& each : dul::plan(objects, &is_transcodable)) {
    auto& one = plans_.emplace_back();
    one.contexts = std::move(each.contexts);
    one.files.assign(each.objects.begin(), each.objects.end());
  }
}

CODICOM_FUNCTION task<> bulk_sending::run() {
  const auto where = co_await asio::this_coro::executor;
  scope workers{where};
  const auto count = std::clamp<std::size_t>(options_.parallel, 1, std::max<std::size_t>(results_.size(), 1));
  connected_ = count;
  for (std::size_t i = 0; i < count; ++i) workers.spawn(work());
  co_await workers.join();
  const auto why = unreachable_ ? detail::words_of(unreachable_) : std::string{"stopped"};
  for (auto& plan : plans_)
    for (const auto place : std::exchange(plan.files, {})) settle(place, send_outcome::not_sent, why);
  if (unreachable_ && !reached_) std::rethrow_exception(unreachable_);
}

CODICOM_FUNCTION bulk_sending::planned* bulk_sending::next_plan(planned* preferred) {
  if (stopped_) return nullptr;
  if (preferred != nullptr && !preferred->files.empty()) return preferred;
  for (auto& each : plans_)
    if (!each.files.empty()) return &each;
  return nullptr;
}

CODICOM_FUNCTION task<> bulk_sending::work() {
  worker own;
  while (auto* plan = next_plan(own.plan)) {
    if (own.over.is_open() && plan == own.plan) {
      co_await send_next(own);
      continue;
    }
    if (own.over.is_open()) {
      const auto released = co_await as_result(own.over.release());
      if (released.error() == failure::cancelled) std::rethrow_exception(released.exception());
    }
    own.plan = plan;
    auto opened = co_await as_result(handlers_.connect(plan->contexts));
    if (opened) {
      own.over = std::move(*opened);
      own.connected_in_vain = 0;
      reached_ = true;
      continue;
    }
    if (opened.error() == errc::no_presentation_context) {
      reached_ = true;
      const auto why = detail::not_accepted_because(opened.exception());
      for (const auto place : std::exchange(plan->files, {})) settle(place, send_outcome::not_accepted, why);
      continue;
    }
    if (!detail::is_lost_association(opened.exception())) std::rethrow_exception(opened.exception());
    if (connected_ > 1) break;  // the others go on: some peers take only so many associations
    if (own.connected_in_vain == options_.retries) give_up(opened.exception());
    else co_await pause(++own.connected_in_vain);
  }
  --connected_;
  if (own.over.is_open()) {
    const auto released = co_await as_result(own.over.release());
    static_cast<void>(released);
  }
}

CODICOM_FUNCTION task<> bulk_sending::send_next(worker& own) {
  const auto place = own.plan->files.front();
  own.plan->files.pop_front();
  const auto& file = results_[place].file;
  const auto answer = co_await as_result(own.over.store(file.path));
  if (answer) {
    own.lost = 0;
    settle(place, answer->status.is_failure() ? send_outcome::refused : send_outcome::stored, answer->error_comment,
           answer->status);
    co_return;
  }
  const auto& error = answer.exception();
  if (answer.error() == failure::cancelled) std::rethrow_exception(error);
  if (answer.error() == errc::no_presentation_context) {
    settle(place, send_outcome::not_accepted, detail::not_accepted_because(error));
  } else if (!detail::is_lost_association(error) || own.over.is_open()) {
    settle(place, send_outcome::unreadable, detail::words_of(error));
  } else {
    if (++attempts_[place] <= options_.retries) own.plan->files.push_front(place);
    else settle(place, send_outcome::lost, detail::words_of(error));
    // It will do no better with the rest.
    constexpr unsigned enough = 3;
    if (++own.lost >= std::max(enough, options_.retries + 1)) give_up(error);
    else if (options_.retries != 0) co_await pause(own.lost);
  }
}

CODICOM_FUNCTION task<> bulk_sending::pause(unsigned failures) {
  const auto doublings = std::min(failures - 1, 16u);
  co_await sleep_for(std::min<duration>(options_.back_off * (1u << doublings), std::chrono::minutes{1}));
}

CODICOM_FUNCTION void bulk_sending::settle(std::size_t place, send_outcome outcome, std::string why,
                                           std::optional<dimse_status> status) {
  auto& result = results_[place];
  result.outcome = outcome;
  result.status = status;
  result.comment = std::move(why);
  if (handlers_.on_result) handlers_.on_result(result);
}

CODICOM_FUNCTION void bulk_sending::give_up(std::exception_ptr why) {
  unreachable_ = std::move(why);
  stopped_ = true;
}

}  // namespace codicom::service
