#include <codicom/core/log.hpp>

#include <atomic>
#include <doctest/doctest.h>
#include <string>
#include <thread>
#include <vector>

using namespace codicom;

TEST_CASE("nobody makes a line that nobody reads") {
  set_log({});
  bool made = false;
  log(log_level::error, [&] {
    made = true;
    return std::string{"x"};
  });
  CHECK_FALSE(made);
}

TEST_CASE("a listener gets level and line, until it is taken away") {
  std::vector<std::string> lines;
  set_log([&lines](log_level level, std::string_view line) {
    lines.push_back((level == log_level::warning ? "warning " : "other ") + std::string{line});
  });
  log(log_level::warning, [] { return std::string{"peer is slow"}; });
  log(log_level::info, [] { return "hello"; });
  set_log({});
  log(log_level::info, [] { return "not heard"; });
  CHECK(lines == std::vector<std::string>{"warning peer is slow", "other hello"});
}

TEST_CASE("the listener may change while others write") {
  std::atomic<int> heard{0};
  std::atomic<bool> stop{false};
  std::thread writer{[&] {
    while (!stop) log(log_level::debug, [] { return "x"; });
  }};
  for (int i = 0; i < 200; ++i) {
    set_log([&heard](log_level, std::string_view) { ++heard; });
    if (i % 20 == 0) std::this_thread::yield();
    set_log({});
  }
  set_log([&heard](log_level, std::string_view) { ++heard; });
  while (heard == 0) std::this_thread::yield();
  stop = true;
  writer.join();
  set_log({});
  CHECK(heard > 0);
}
