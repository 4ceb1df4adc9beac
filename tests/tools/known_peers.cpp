#include "examples/common/known_peers.hpp"
#include "examples/retrieve/arguments.hpp"

#include <support/temporary_folder.hpp>

#include <doctest/doctest.h>
#include <fstream>
#include <optional>

namespace {

struct outcome {
  std::optional<int> code;
  tools::retrieve_arguments given;
};

outcome parsed(const std::string& file, std::vector<std::string> words) {
  const codicom::test_support::temporary_folder folder;
  const auto path = folder.path() / "peers.json";
  std::ofstream{path} << file;
  words.insert(words.begin(), {"codicom-retrieve", "--config", path.string()});
  std::vector<const char*> argv;
  for (const auto& word : words) argv.push_back(word.c_str());
  outcome result;
  result.code = tools::parse_arguments(static_cast<int>(argv.size()), argv.data(), result.given);
  return result;
}

constexpr const char* two = R"({"peers": {"plain": "ORTHANC@10.0.0.5:4242",
  "rich": {"peer": "PACS@[::1]:11112", "aet": "WS12", "listen": 11113, "get": true, "parallel": 4, "timeout": 2.5}}})";

}  // namespace

TEST_CASE("an archive is called by its name, and an address stays an address") {
  const auto plain = parsed(two, {"plain"});
  REQUIRE_FALSE(plain.code);
  CHECK(to_string(plain.given.archive) == "ORTHANC@10.0.0.5:4242");
  CHECK(plain.given.parallel == 1);
  CHECK(parsed(two, {"A@127.0.0.1:104"}).given.archive.host == "127.0.0.1");
}

TEST_CASE("an archive's options count where the command line has none") {
  const auto rich = parsed(two, {"rich", "--aet", "MINE"});
  REQUIRE_FALSE(rich.code);
  CHECK(rich.given.archive.host == "::1");
  CHECK(rich.given.common.aet == codicom::ae_title{"MINE"});
  CHECK(rich.given.listen.port == 11113);
  CHECK(rich.given.get);
  CHECK(rich.given.parallel == 4);
  CHECK(rich.given.common.timeout == std::chrono::milliseconds{2500});
}

TEST_CASE("what is wrong in the configuration file ends with 2") {
  CHECK(parsed(two, {"nobody"}).code == 2);
  CHECK(parsed("{", {"plain"}).code == 2);
  CHECK(parsed(R"({"archives": {}})", {"plain"}).code == 2);
  CHECK(parsed(R"({"peers": {"plain": "ORTHANC"}})", {"plain"}).code == 2);
  CHECK(parsed(R"({"peers": {"plain": {"aet": "ME"}}})", {"plain"}).code == 2);
  CHECK(parsed(R"({"peers": {"plain": {"peer": "A@b:1", "lisen": 1}}})", {"plain"}).code == 2);
  CHECK(parsed(R"({"peers": {"plain": {"peer": "A@b:1", "listen": 70000}}})", {"plain"}).code == 2);
  CHECK(parsed(R"({"peers": {"plain": {"peer": "A@b:1", "aet": ["ME"]}}})", {"plain"}).code == 2);
  CHECK_FALSE(parsed("{", {"A@127.0.0.1:104"}).code);  // it is not needed then
}

TEST_CASE("the names are listed") { CHECK(parsed(two, {"--peers"}).code == 0); }

TEST_CASE("the help wraps sentences, and keeps what a shell may complete") {
  CHECK(tools::wrapped("one two three", 4, 12) == "one two\n    three");
  CHECK(tools::wrapped("word", 4, 6) == "word");
  CLI::App app{"", "tool"};
  double number = 0;
  std::string text;
  bool flag = false;
  CHECK(tools::value_of(*app.add_option("--number", number)->type_name("N")->check(CLI::Range(1, 2))) == "N");
  CHECK(tools::value_of(*app.add_option("--user", text)->type_name("NAME[:PASSWORD]")) == "NAME[:PASSWORD]");
  CHECK(tools::value_of(*app.add_flag("--flag", flag)).empty());
}
