// The program of the README, compiled: what a visitor reads first must be true.
#define main readme_main
#include "readme/program.hpp"
#include <support/folders.hpp>
#undef main

#include <algorithm>
#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace {

std::string text_of(const std::filesystem::path& path) {
  std::ifstream file{path, std::ios::binary};
  REQUIRE(file);
  return {std::istreambuf_iterator<char>{file}, {}};
}

}  // namespace

TEST_CASE("the program of the README is the one that is compiled here") {
  const auto source = codicom::test_support::source_folder();
  const auto readme = text_of(source / "README.md");
  const std::string fence = "```cpp\n";
  const auto start = readme.find(fence);
  REQUIRE(start != std::string::npos);
  const auto end = readme.find("```", start + fence.size());
  REQUIRE(end != std::string::npos);
  CHECK(readme.substr(start + fence.size(), end - start - fence.size()) ==
        text_of(source / "tests/tools/readme/program.hpp"));
}

TEST_CASE("the tutorial's program has at most 60 lines") {
  const auto program = text_of(codicom::test_support::source_folder() / "examples/3_move_and_receive.cpp");
  CHECK(std::count(program.begin(), program.end(), '\n') <= 60);
}
