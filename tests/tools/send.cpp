#include "examples/send/arguments.hpp"
#include "examples/receive/arguments.hpp"

#include <support/temporary_folder.hpp>

#include <doctest/doctest.h>
#include <fstream>
#include <optional>

namespace fs = std::filesystem;

namespace {

template <class Arguments>
std::optional<int> parse(Arguments& into, const std::vector<std::string>& words) {
  std::vector<const char*> argv{"tool"};
  for (const auto& word : words) argv.push_back(word.c_str());
  return tools::parse_arguments(static_cast<int>(argv.size()), argv.data(), into);
}

}  // namespace

TEST_CASE("what is to be sent: files by name, folders with all below, patterns; nothing hidden") {
  const codicom::test_support::temporary_folder scratch;
  const auto folder = scratch.path();
  fs::create_directories(folder / "b" / ".hidden");
  for (const char* name : {"a1.dcm", "a2.dcm", ".DS_Store", "b/3.dcm", "b/.hidden/4.dcm"}) std::ofstream{folder / name};
  const auto names = [&folder](const std::vector<tools::found_file>& files) {
    std::vector<std::string> all;
    for (const auto& each : files) all.push_back(fs::relative(each.path, folder).string() + (each.named ? "!" : ""));
    return all;
  };
  using list = std::vector<std::string>;
  CHECK(names(tools::gather({folder.string()})) == list{"a1.dcm", "a2.dcm", "b/3.dcm"});
  CHECK(names(tools::gather({(folder / "a*.dcm").string()})) == list{"a1.dcm", "a2.dcm"});
  CHECK(names(tools::gather({(folder / "[ab]").string(), (folder / ".DS_Store").string()})) == list{"b/3.dcm", ".DS_Store!"});
  CHECK_THROWS_AS(tools::gather({(folder / "c*").string()}), std::invalid_argument);
}

TEST_CASE("codicom-send needs a peer and something to send") {
  const codicom::test_support::temporary_folder folder;
  tools::send_arguments into;
  CHECK(parse(into, {"A@127.0.0.1:104"}) == 2);
  CHECK(parse(into, {"A@127.0.0.1:104", "/nowhere/at/all"}) == 2);
  CHECK(parse(into, {"A@127.0.0.1:104", folder.path().string(), "--parallel", "0"}) == 2);
  CHECK_FALSE(parse(into, {"A@127.0.0.1:104", folder.path().string(), "--parallel", "4"}));
  CHECK(into.parallel == 4);
}

TEST_CASE("codicom-receive: policies are told by name, and TLS wants its files") {
  tools::receive_arguments into;
  CHECK(parse(into, {"inbox", "--duplicates", "perhaps"}) == 2);
  CHECK(parse(into, {"inbox", "--layout", "{Nothing}"}) == 2);
  CHECK(parse(into, {"inbox", "--allow", "BACK\\SLASH"}) == 2);
  tools::receive_arguments secure;
  CHECK(parse(secure, {"inbox", "--tls"}) == 2);
  tools::receive_arguments good;
  CHECK_FALSE(parse(good, {"inbox", "--duplicates", "refuse", "--allow", "A", "--allow", "B", "--durability", "none"}));
  CHECK(good.saving.duplicates == codicom::duplicate_policy::refuse);
  CHECK(good.allowed.size() == 2);
  CHECK(good.saving.durability == codicom::durability::cached);
}
