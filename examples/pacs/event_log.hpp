#pragma once
#include "json_lines.hpp"

#include <codicom/core/log.hpp>

#include <filesystem>
#include <memory>
#include <spdlog/logger.h>
#include <spdlog/sinks/rotating_file_sink.h>
#include <string>
#include <string_view>

namespace tools {

/// A structured log: one JSON object a line, `time`, `level` and `event` first. Kept in six files of 16 MiB at most. Any
/// thread may write.
class event_log {
 public:
  /// @throws spdlog::spdlog_ex when the file cannot be written
  explicit event_log(const std::filesystem::path& file)
      : logger_{"codicom-pacs", std::make_shared<spdlog::sinks::rotating_file_sink_mt>(file.string(), 16u << 20, 5)} {
    logger_.set_pattern(R"({"time":"%Y-%m-%dT%H:%M:%S.%e%z","level":"%l",%v)");
    logger_.flush_on(spdlog::level::info);
  }

  void write(codicom::log_level level, const json_object& event) {
    static constexpr spdlog::level::level_enum levels[] = {spdlog::level::debug, spdlog::level::info, spdlog::level::warn,
                                                           spdlog::level::err};
    // The pattern has opened the object.
    const auto text = event.dump(-1, ' ', false, json_object::error_handler_t::replace).substr(1);
    logger_.log(levels[static_cast<int>(level)], spdlog::string_view_t{text.data(), text.size()});
  }
  void write(const json_object& event) { write(codicom::log_level::info, event); }

 private:
  spdlog::logger logger_;
};

}  // namespace tools
