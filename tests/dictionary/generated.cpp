// The generated headers are what the script makes of the facts: nobody edited them, none is out of date.
#include <support/folders.hpp>

#include <doctest/doctest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "support/standard_tables.hpp"

TEST_CASE("the generated headers are up to date") {
  const auto facts = codicom::test_support::data_folder() / "standard";
  if (!std::filesystem::exists(facts / "dictionary.tsv") || std::system("python3 --version > /dev/null 2>&1") != 0) {
    std::puts("skipped: no standard/dictionary.tsv, or no python3");
    return;
  }
  const auto script = (codicom::test_support::source_folder() / "scripts/generate_dictionary.py").string();
  const auto command = "PYTHONDONTWRITEBYTECODE=1 python3 '" + script + "' --check '" + facts.string() + "'";
  CHECK(std::system(command.c_str()) == 0);
}
