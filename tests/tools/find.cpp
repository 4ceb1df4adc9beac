#include "examples/common/csv.hpp"
#include "examples/common/table.hpp"
#include "examples/find/arguments.hpp"

#include <algorithm>
#include <doctest/doctest.h>
#include <initializer_list>
#include <optional>

namespace {

struct outcome {
  std::optional<int> code;
  tools::find_arguments given;
};

outcome parsed(std::initializer_list<const char*> arguments) {
  std::vector<const char*> argv{"codicom-find", "ORTHANC@127.0.0.1:4242"};
  argv.insert(argv.end(), arguments);
  outcome result;
  result.code = tools::parse_arguments(static_cast<int>(argv.size()), argv.data(), result.given);
  return result;
}

}  // namespace

TEST_CASE("codicom-find: what is asked for is shown, each once, with the unique key last") {
  const auto [code, given] = parsed({"-k", "0010,0010=DOE*", "-k", "StudyTime"});
  REQUIRE_FALSE(code);
  CHECK(given.columns.back() == "StudyInstanceUID");
  CHECK(std::count(given.columns.begin(), given.columns.end(), "PatientName") == 1);
  CHECK(std::count(given.columns.begin(), given.columns.end(), "0010,0010") == 0);
  CHECK(std::count(given.columns.begin(), given.columns.end(), "StudyTime") == 1);
}

TEST_CASE("codicom-find: models and levels that do not fit end with 2") {
  CHECK(parsed({"--level", "patient"}).given.model == tools::query_model::patient_root);
  CHECK(parsed({"--model", "worklist"}).given.worklist);
  CHECK(parsed({"-W"}).given.worklist);
  CHECK(parsed({"-W", "--level", "series"}).code == 2);
  CHECK(parsed({"-W", "--model", "study"}).code == 2);
  CHECK(parsed({"--level", "patient", "--model", "study"}).code == 2);
  CHECK(parsed({"--csv", "--json"}).code == 2);
  CHECK(parsed({"--limit", "0"}).code == 2);
}

TEST_CASE("CSV: what is written is what is read, and takes one line") {
  const std::vector<std::string> cells{"ALLISON^MARY, \"M\"", "", "1.2.3", "two\nlines"};
  const auto line = tools::join_csv(cells);
  CHECK(line == "\"ALLISON^MARY, \"\"M\"\"\",,1.2.3,two lines");
  CHECK(tools::split_csv(line) == std::vector<std::string>{"ALLISON^MARY, \"M\"", "", "1.2.3", "two lines"});
}

TEST_CASE("a table is aligned by the columns of a terminal, and leaves out what is empty everywhere") {
  const auto text = tools::table_of({"Name", "Nothing", "ID"}, {{"山田", "", "1"}, {"Müller", "", "22"}});
  CHECK(text == "Name    ID\n山田    1\nMüller  22\n");
  CHECK(tools::shortened("山田太郎先生", 9) == "山田太...");
  CHECK(tools::shortened("short", 9) == "short");
}
