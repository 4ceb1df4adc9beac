// Every piece of C++ in docs/*.md stands, line for line, in a file that is compiled: an example or a test.
#include <support/folders.hpp>

#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace {

std::string text_of(const std::filesystem::path& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

// Lines without indentation, trailing remarks' spacing and blank lines.
std::string squeezed(std::string_view text) {
  std::string result;
  char last = '\n';
  for (const char c : text) {
    const bool space = c == ' ' || c == '\t';
    if ((space || c == '\n') && last == '\n') continue;
    if (space && last == ' ') continue;
    result += space ? ' ' : c;
    last = space ? ' ' : c;
  }
  return result;
}

std::vector<std::string> compiled_files() {
  std::vector<std::string> all;
  for (const char* folder : {"examples", "tests"})
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator{codicom::test_support::source_folder() / folder})
      if (entry.path().extension() == ".cpp" || entry.path().extension() == ".hpp")
        all.push_back(squeezed(text_of(entry.path())));
  return all;
}

}  // namespace

TEST_CASE("every piece of code in the docs is compiled somewhere") {
  const auto sources = compiled_files();
  int pieces = 0;
  for (const auto& entry : std::filesystem::directory_iterator{codicom::test_support::source_folder() / "docs"}) {
    if (entry.path().extension() != ".md") continue;
    const auto page = text_of(entry.path());
    constexpr std::string_view fence = "```cpp\n";
    for (auto at = page.find(fence); at != std::string::npos; at = page.find(fence, at)) {
      at += fence.size();
      const auto end = page.find("\n```", at);
      REQUIRE(end != std::string::npos);
      const auto piece = page.substr(at, end - at);
      const auto wanted = squeezed(piece + "\n");
      bool found = false;
      for (const auto& source : sources) found = found || source.find(wanted) != std::string::npos;
      CAPTURE(entry.path().filename().string());
      CAPTURE(piece);
      CHECK(found);
      ++pieces;
    }
  }
  CHECK(pieces > 5);
}

TEST_CASE("every link from one page of the docs to a file leads there") {
  const auto root = codicom::test_support::source_folder();
  for (const auto& entry : std::filesystem::directory_iterator{root / "docs"}) {
    const auto page = text_of(entry.path());
    for (auto at = page.find("]("); at != std::string::npos; at = page.find("](", at)) {
      const bool is_lambda = at != 0 && page[at - 1] == '[';
      at += 2;
      if (is_lambda) continue;
      const auto target = page.substr(at, page.find_first_of(")#", at) - at);
      if (target.empty() || target.find("://") != std::string::npos) continue;
      CAPTURE(entry.path().filename().string());
      CAPTURE(target);
      CHECK(std::filesystem::exists(entry.path().parent_path() / target));
    }
  }
}
