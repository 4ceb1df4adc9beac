#pragma once
#include <codicom/core/peer.hpp>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace tools {

/// Archives by name, from a JSON file:
///
///     {"peers": {"pacs1": "ORTHANC@10.0.0.5:4242",
///                "pacs2": {"peer": "PACS@pacs.hospital:11112", "aet": "WS12", "listen": 11113, "tls": true}}}
///
/// What stands beside `peer` are options by their long names, for tools that have them; the command line is stronger.
class known_peers {
 public:
  /// $XDG_CONFIG_HOME/codicom/peers.json, else ~/.config/codicom/peers.json; empty when there is no home.
  [[nodiscard]] static std::filesystem::path usual_file() {
    const auto variable = [](const char* name) -> std::string {
      const char* value = std::getenv(name);
      return value == nullptr ? "" : value;
    };
    if (const auto config = variable("XDG_CONFIG_HOME"); !config.empty())
      return std::filesystem::path{config} / "codicom/peers.json";
    if (const auto home = variable("HOME"); !home.empty())
      return std::filesystem::path{home} / ".config/codicom/peers.json";
    return {};
  }

  known_peers() = default;
  /// A file that does not exist knows nobody. @throws std::invalid_argument with what is wrong, for a person.
  explicit known_peers(const std::filesystem::path& file);

  [[nodiscard]] std::vector<std::string> names() const;
  [[nodiscard]] bool has(std::string_view name) const { return entries_.contains(name); }
  /// The address, and the options into `app` where they are not given there. @pre `has(name)`
  [[nodiscard]] codicom::peer take(const std::string& name, CLI::App& app) const;

 private:
  std::filesystem::path file_;
  nlohmann::json entries_ = nlohmann::json::object();
};

inline known_peers::known_peers(const std::filesystem::path& file) : file_{file} {
  std::ifstream in{file};
  if (!in) return;
  const auto all = nlohmann::json::parse(in, nullptr, false, true);
  if (all.is_discarded()) throw std::invalid_argument{fmt::format("{} is no JSON", file.string())};
  if (!all.is_object() || !all.contains("peers") || !all["peers"].is_object())
    throw std::invalid_argument{
        fmt::format(R"({}: write {{"peers": {{"NAME": "AET@host:port", ...}}}})", file.string())};
  entries_ = all["peers"];
}

inline std::vector<std::string> known_peers::names() const {
  std::vector<std::string> all;
  for (const auto& [name, entry] : entries_.items()) all.push_back(name);
  return all;
}

inline codicom::peer known_peers::take(const std::string& name, CLI::App& app) const {
  // Of all tools, so that an entry serves them all and a wrong word is noticed.
  static constexpr std::string_view options[] = {"aet",  "timeout", "user",       "tls",    "ca",    "cert",     "key",
                                                 "record", "model", "receive-as", "listen", "get",   "parallel", "retries",
                                                 "batch",  "layout"};
  const auto wrong = [&](std::string_view why) {
    return std::invalid_argument{fmt::format("{}: {}: {}", file_.string(), name, why)};
  };
  const auto& entry = entries_.at(name);
  const auto& address = entry.is_object() && entry.contains("peer") ? entry["peer"] : entry;
  const auto peer = address.is_string() ? codicom::peer::parse(address.get<std::string>()) : std::nullopt;
  if (!peer) throw wrong(R"(give its address as "AET@host:port")");
  if (!entry.is_object()) return *peer;
  for (const auto& [key, value] : entry.items()) {
    if (key == "peer") continue;
    if (std::find(std::begin(options), std::end(options), key) == std::end(options))
      throw wrong(fmt::format("'{}' is no option that can stand here", key));
    auto* const option = app.get_option_no_throw("--" + key);
    if (option == nullptr || option->count() != 0 || value == false) continue;
    if (value.is_structured() || value.is_null()) throw wrong(fmt::format("'{}' needs a text, a number or true", key));
    option->add_result(value.is_string() ? value.get<std::string>() : value.dump());
    option->run_callback();
  }
  return *peer;
}

}  // namespace tools
