#include "../../examples/retrieve/arguments.hpp"
#include <doctest/doctest.h>
#include <initializer_list>
#include <optional>
#include <sstream>
#include <vector>

using namespace tools;
namespace tag = codicom::tag;

namespace {

struct outcome {
  std::optional<int> code;  // the program ends with it; nothing: it goes on
  retrieve_arguments given;
};

outcome parsed(std::initializer_list<const char*> arguments) {
  std::vector<const char*> argv{"codicom-retrieve"};
  argv.insert(argv.end(), arguments);
  outcome result;
  result.code = parse_arguments(static_cast<int>(argv.size()), argv.data(), result.given);
  return result;
}

constexpr const char* archive = "ORTHANC@127.0.0.1:4242";

}  // namespace

TEST_CASE("only the peer is needed, and the defaults are those of the help") {
  const auto [code, given] = parsed({archive});
  CHECK_FALSE(code);
  CHECK(given.archive.ae_title == codicom::ae_title{"ORTHANC"});
  CHECK(given.archive.host == "127.0.0.1");
  CHECK(given.archive.port == 4242);
  CHECK(given.common.aet == codicom::ae_title{"CODICOM"});
  CHECK(given.own_destination() == codicom::ae_title{"CODICOM"});
  CHECK_FALSE(given.common.timeout);
  CHECK(given.listen.port == 11112);
  CHECK(given.listen.address.empty());
  CHECK(given.level == query_level::study);
  CHECK(given.model == query_model::study_root);
  CHECK(given.folder == ".");
  CHECK_FALSE(given.common.json);
}

TEST_CASE("wrong usage ends with 2") {
  CHECK(parsed({}).code == 2);
  CHECK(parsed({"127.0.0.1:4242"}).code == 2);
  CHECK(parsed({"ORTHANC@127.0.0.1"}).code == 2);
  CHECK(parsed({"ORTHANC@127.0.0.1:70000"}).code == 2);
  CHECK(parsed({"A_TITLE_OF_MORE_THAN_16@127.0.0.1:104"}).code == 2);
  CHECK(parsed({archive, "--aet", "SEVENTEEN_LETTERS"}).code == 2);
  CHECK(parsed({archive, "--aet", "BACK\\SLASH"}).code == 2);
  CHECK(parsed({archive, "--receive-as", ""}).code == 2);
  CHECK(parsed({archive, "--timeout", "0"}).code == 2);
  CHECK(parsed({archive, "--timeout", "soon"}).code == 2);
  CHECK(parsed({archive, "--listen", "65536"}).code == 2);
  CHECK(parsed({archive, "--listen", ":104"}).code == 2);
  CHECK(parsed({archive, "--listen", "::1:104"}).code == 2);
  CHECK(parsed({archive, "--level", "frame"}).code == 2);
  CHECK(parsed({archive, "--model", "worklist"}).code == 2);
  CHECK(parsed({archive, "--no-such-option"}).code == 2);
  CHECK(parsed({archive, "one-too-many"}).code == 2);
}

TEST_CASE("C-GET, several associations and going on after a failure are told by options") {
  const auto [code, given] = parsed({archive, "--get", "--resume", "--parallel", "4"});
  REQUIRE_FALSE(code);
  CHECK(given.get);
  CHECK(given.resume);
  CHECK(given.parallel == 4);
  CHECK(given.times_to_retry() == 5);
  CHECK(parsed({archive}).given.times_to_retry() == 0);
  CHECK(parsed({archive, "--resume", "--retries", "2"}).given.times_to_retry() == 2);
  CHECK(parsed({archive, "--parallel", "0"}).code == 2);
  CHECK(parsed({archive, "--destination", "OTHER", "--get"}).code == 2);
  CHECK(parsed({archive, "--dry-run"}).given.dry_run);
}

TEST_CASE("a layout names attributes in braces, and hostile values stay below the output folder") {
  const tools::folder_layout layout{"{PatientID}/{StudyDate}_{StudyInstanceUID}"};
  codicom::data_set object;
  object.set(tag::PatientID, "4711").set(tag::StudyDate, "20200824").set(tag::StudyInstanceUID, "1.2.3");
  CHECK(layout.of(object) == std::filesystem::path{"4711"} / "20200824_1.2.3");
  object.set_text(tag::PatientID, "../../etc");
  CHECK(layout.of(object) == std::filesystem::path{"_._.._etc"} / "20200824_1.2.3");
  object.set_text(tag::PatientID, "..");
  CHECK(layout.of(object).begin()->string() == "_.");
  object.set_text(tag::PatientID, "a\nb;rm -rf *");
  CHECK(layout.of(object).begin()->string() == "a_b_rm_-rf__");
  object.erase(tag::PatientID);
  CHECK(layout.of(object).begin()->string() == "unknown");
  CHECK(tools::folder_name(std::string(63, 'x') + "\xC3\xA9").size() == 63);
  for (const char* wrong : {"{PatientID", "{Nothing}", "a//b", "/a", "a/", "{PatientID}/"}) {
    CAPTURE(wrong);
    CHECK(parsed({archive, "--layout", wrong}).code == 2);
  }
}

TEST_CASE("a work list is CSV with the names of attributes, or Study Instance UIDs alone") {
  const auto read = [](const char* text) {
    std::istringstream in{text};
    codicom::data_set common;
    common.set(tag::PatientID, "P1");
    return tools::read_work_list(in, common);
  };
  const auto plain = read("# night run\n1.2.3\n\n1.2.4,whatever\r\n");
  REQUIRE(plain.size() == 2);
  CHECK(plain[0].text(tag::StudyInstanceUID) == "1.2.3");
  CHECK(plain[1].text(tag::StudyInstanceUID) == "1.2.4");
  CHECK(plain[1].text(tag::PatientID) == "P1");
  const auto named = read("\xEF\xBB\xBF" "AccessionNumber,PatientName\nA1,\"ALLISON^MARY, \"\"M\"\"\"\n,\nA2\n");
  REQUIRE(named.size() == 2);
  CHECK(named[0].text(tag::AccessionNumber) == "A1");
  CHECK(named[0].text(tag::PatientName) == "ALLISON^MARY, \"M\"");
  CHECK(named[1].text(tag::AccessionNumber) == "A2");
  // A table of codicom-find: what describes the study is no key.
  const auto table = read("StudyDate,PatientName,PatientID,StudyInstanceUID\n20200824,A?B,P2,1.2.5\n20200824,A?B,,\n");
  REQUIRE(table.size() == 2);
  CHECK(table[0].text(tag::StudyInstanceUID) == "1.2.5");
  CHECK(table[0].text(tag::PatientID) == "P2");
  CHECK_FALSE(table[0].contains(tag::PatientName));
  CHECK(table[1].text(tag::PatientName) == "A?B");
  CHECK_THROWS_AS(read("1.2.3\nnonsense\n"), std::invalid_argument);
  CHECK(parsed({archive, "--from", "/nowhere/list.csv"}).code == 2);
}

TEST_CASE("help and version end with 0") {
  CHECK(parsed({"--help"}).code == 0);
  CHECK(parsed({"--version"}).code == 0);
}

TEST_CASE("keys are keywords, gggg,eeee or paths, and may be repeated before and after the peer") {
  const auto [code, given] = parsed({"-k", "PatientName=ALLISON*", archive, "-k", "0010,0020=4711", "-k",
                                     "RequestAttributesSequence[0].ScheduledProcedureStepID=7", "-k", "StudyDate"});
  REQUIRE_FALSE(code);
  CHECK(given.keys.text(tag::PatientName) == "ALLISON*");
  CHECK(given.keys.text(tag::PatientID) == "4711");
  REQUIRE(given.keys.items(tag::RequestAttributesSequence).size() == 1);
  CHECK(given.keys.items(tag::RequestAttributesSequence)[0].text(tag::ScheduledProcedureStepID) == "7");
  CHECK(given.keys.contains(tag::StudyDate));
  CHECK(given.keys.text(tag::StudyDate).empty());
  CHECK_FALSE(given.keys.contains(tag::SpecificCharacterSet));
}

TEST_CASE("a value may hold equals signs, and is UTF-8") {
  const auto [code, given] = parsed({archive, "-k", "PatientID=a=b", "-k", "PatientName=KOVAČ*"});
  REQUIRE_FALSE(code);
  CHECK(given.keys.text(tag::PatientID) == "a=b");
  CHECK(given.keys.text(tag::PatientName) == "KOVAČ*");
  CHECK(given.keys.text(tag::SpecificCharacterSet) == "ISO_IR 192");
}

TEST_CASE("a character set that is given counts for every key, wherever it stands") {
  const auto [code, given] = parsed({archive, "-k", "PatientName=Müller", "-k", "0008,0005=ISO_IR 100"});
  REQUIRE_FALSE(code);
  CHECK(given.keys.text(tag::PatientName) == "Müller");
  CHECK(given.keys.find(tag::PatientName)->bytes().size() == 6);  // and not 7, as in UTF-8
  const auto asked = parsed({archive, "-k", "SpecificCharacterSet", "-k", "PatientName=Müller"});
  REQUIRE_FALSE(asked.code);
  CHECK(asked.given.keys.text(tag::SpecificCharacterSet) == "ISO_IR 192");
  CHECK(asked.given.keys.text(tag::PatientName) == "Müller");
  CHECK(parsed({archive, "-k", "PatientName=山田", "-k", "SpecificCharacterSet=ISO_IR 100"}).code == 2);
}

TEST_CASE("a key that is no attribute ends with 2") {
  CHECK(parsed({archive, "-k", "PatientNames=X"}).code == 2);
  CHECK(parsed({archive, "-k", "=X"}).code == 2);
  CHECK(parsed({archive, "-k", "0010=X"}).code == 2);
  CHECK(parsed({archive, "-k", "RequestAttributesSequence[0].Nothing=X"}).code == 2);
  CHECK(parsed({archive, "-k", "Rows=many"}).code == 2);
}

TEST_CASE("the level may be given as a key, but only once") {
  CHECK(parsed({archive, "-k", "QueryRetrieveLevel=SERIES"}).given.level == query_level::series);
  CHECK_FALSE(parsed({archive, "-k", "QueryRetrieveLevel=SERIES"}).given.keys.contains(tag::QueryRetrieveLevel));
  CHECK_FALSE(parsed({archive, "-k", "QueryRetrieveLevel=SERIES", "--level", "series"}).code);
  CHECK(parsed({archive, "-k", "QueryRetrieveLevel=SERIES", "--level", "image"}).code == 2);
  CHECK(parsed({archive, "-k", "QueryRetrieveLevel=FRAME"}).code == 2);
}

TEST_CASE("the patient level belongs to the patient root model") {
  CHECK(parsed({archive, "--level", "patient"}).given.model == query_model::patient_root);
  CHECK(parsed({archive, "--level", "image"}).given.model == query_model::study_root);
  CHECK(parsed({archive, "--model", "patient"}).given.model == query_model::patient_root);
  CHECK(parsed({archive, "--level", "patient", "--model", "study"}).code == 2);
}

TEST_CASE("an address to listen on is IPv4, IPv6 in brackets or a name") {
  CHECK(parsed({archive, "--listen", "0"}).given.listen.port == 0);
  const auto v4 = parsed({archive, "--listen", "127.0.0.1:104"}).given.listen;
  CHECK(v4.address == "127.0.0.1");
  CHECK(v4.port == 104);
  const auto v6 = parsed({archive, "--listen", "[::1]:104"}).given.listen;
  CHECK(v6.address == "::1");
  CHECK(v6.port == 104);
  CHECK(to_string(v6) == "[::1]:104");
}

TEST_CASE("a timeout is in seconds, fractions allowed") {
  CHECK(parsed({archive, "--timeout", "2.5"}).given.common.timeout == std::chrono::milliseconds{2500});
}

TEST_CASE("who receives is told apart from who asks") {
  const auto [code, given] = parsed({archive, "--aet", "ASKER", "--receive-as", "TAKER"});
  CHECK_FALSE(code);
  CHECK(given.common.aet == codicom::ae_title{"ASKER"});
  CHECK(given.own_destination() == codicom::ae_title{"TAKER"});
  CHECK(parsed({archive, "--destination", "OTHER"}).given.destination == codicom::ae_title{"OTHER"});
}
