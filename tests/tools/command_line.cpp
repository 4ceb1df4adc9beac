#include "../../examples/retrieve/arguments.hpp"
#include <doctest/doctest.h>
#include <initializer_list>
#include <optional>
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

TEST_CASE("what is not there yet ends with 2 and does not look like a misspelling") {
  CHECK(parsed({archive, "--get"}).code == 2);
  CHECK(parsed({archive, "--resume"}).code == 2);
  CHECK(parsed({archive, "--parallel", "4"}).code == 2);
  CHECK(parsed({archive, "--dry-run"}).code == 2);
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
