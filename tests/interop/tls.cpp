// TLS with other people's implementations of it, in both roles, and the tools' --tls and --user.
#include "harness/checks.hpp"
#include "harness/hospital.hpp"

#include <codicom/coro/run.hpp>
#include <codicom/dictionary/sop_classes.hpp>
#include <codicom/net/association.hpp>
#include <codicom/net/tls.hpp>

#include <doctest/doctest.h>

using namespace interop;
namespace dicom = codicom;

namespace {

std::vector<std::string> operator+(std::vector<std::string> all, const std::vector<std::string>& more) {
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

const std::vector<std::string> by_study{"-k", std::string{"StudyInstanceUID="} + mr_study};

}  // namespace

TEST_CASE("our echo and store reach storescp over TLS, with certificates on both sides") {
  const auto data = samples();
  if (!data || !storescp::available()) return;
  const hospital all;
  const storescp to{"TLSSCP", {"+xa"}, all.server()};
  const auto files = mr_study_files(*data);
  const auto send = [&](dicom::peer where) -> dicom::task<> {
    dicom::association_options options{"SENDER", where.ae_title};
    options.propose(dicom::sop_class::Verification);
    for (const auto& file : files) options.propose_for(file);
    dicom::tls_options tls;
    tls.certificate = all.client().certificate;
    tls.private_key = all.client().key;
    tls.authorities = all.client().authorities;
    options.security = dicom::tls_client(tls);
    auto association = co_await dicom::associate(where, options);
    const auto echoed = co_await association.echo();
    CHECK(echoed.status.is_success());
    for (const auto& file : files) {
      const auto response = co_await association.store(file);
      CHECK(response.status.is_success());
    }
    co_await association.release();
  };
  dicom::run(send(dicom::peer{dicom::ae_title{to.aet}, "127.0.0.1", to.port}));
  CHECK(by_uid(to.folder()).size() == 11);
}

TEST_CASE("codicom-pacs --tls: echoscu, storescu and findscu; who has no certificate, or a strange one, stays outside") {
  const auto data = samples();
  if (!data || !have({"echoscu", "storescu", "findscu"})) return;
  const hospital all;
  const temp_folder folder;
  codicom_pacs pacs{folder, {}, options_of(all.server())};
  const std::vector<std::string> there{"-aec", pacs.aet, "127.0.0.1", std::to_string(pacs.port)};
  const auto secure = all.client().dcmtk();

  const auto echo = run(std::vector<std::string>{"echoscu"} + secure + there);
  CHECK_MESSAGE(echo.code == 0, echo.all());
  auto store = std::vector<std::string>{"storescu"} + secure + there;
  for (const auto& file : mr_study_files(*data)) store.push_back(file.string());
  const auto stored = run(store);
  CHECK_MESSAGE(stored.code == 0, stored.all());
  CHECK(by_uid(folder).size() == 11);
  const auto found = run(std::vector<std::string>{"findscu", "-v", "-S", "-k", "QueryRetrieveLevel=STUDY", "-k",
                                                  "StudyInstanceUID"} + secure + there);
  CHECK_MESSAGE(found.code == 0, found.all());
  CHECK(count_of(found.all(), "(Pending") == 1);

  CHECK(run(std::vector<std::string>{"echoscu"} + there).code != 0);
  CHECK(run(std::vector<std::string>{"echoscu", "+tla", "+cf", all.client().authorities.string()} + there).code != 0);
  auto stranger = all.stranger();
  stranger.authorities = all.client().authorities;
  CHECK(run(std::vector<std::string>{"echoscu"} + stranger.dcmtk() + there).code != 0);
  CHECK(run(std::vector<std::string>{"echoscu"} + secure + there).code == 0);
  CHECK(pacs.server().stop() == 0);
}

TEST_CASE("codicom-retrieve --tls finds in Orthanc and receives its C-MOVE, all of it over TLS") {
  const auto data = samples();
  if (!data || !orthanc::available()) return;
  const hospital all;
  const auto self = receiver_entity();
  orthanc_options options;
  options.tls = all.server();
  options.destinations = {self};
  orthanc archive{options};
  REQUIRE(archive.load(mr_study_files(*data)));
  const temp_folder into;
  const auto result = retrieve(archive, self, into, options_of(all.client()) + by_study);
  INFO(result.err);
  CHECK(result.code == 0);
  CHECK(result.done("received") == 11);
  CHECK(by_uid(into).size() == 11);
}

TEST_CASE("Orthanc stores to codicom-pacs --tls, and codicom-pacs moves to storescp over TLS") {
  const auto data = samples();
  if (!data || !orthanc::available() || !storescp::available()) return;
  const hospital all;
  const temp_folder folder;
  const storescp destination{"DEST", {"+xa"}, all.server()};
  const codicom_pacs pacs{folder, {destination}, options_of(all.server())};
  orthanc_options options;
  options.tls = all.client();
  options.destinations = {pacs};
  orthanc archive{options};
  REQUIRE(archive.load(mr_study_files(*data)));
  const auto ids = archive.rest("GET", "/instances");
  archive.rest("POST", "/modalities/" + pacs.aet + "/store", ids);
  CHECK(by_uid(folder).size() == 11);

  const auto moved = retrieve(pacs, receiver_entity(), {},
                              options_of(all.client()) + by_study + std::vector<std::string>{"--destination", "DEST"});
  CHECK_MESSAGE(moved.code == 0, moved.err);
  CHECK(same_objects(by_uid(destination.folder()), by_uid(folder)));
}

TEST_CASE("a TLS handshake that fails ends codicom-retrieve with 3 and says what to do") {
  if (!storescp::available()) return;
  const hospital all;
  const storescp secure{"SECURE", {}, all.server()};
  const storescp plain{"PLAIN", {}};
  const auto self = receiver_entity();
  const temp_folder into;
  const auto run_with = [&](const entity& to, const std::vector<std::string>& options) {
    return retrieve(to, self, into, options + by_study + std::vector<std::string>{"--timeout", "10"});
  };
  const auto told = [](const report& result, std::string_view text) { return result.err.find(text) != std::string::npos; };

  auto distrustful = all.client();
  distrustful.authorities = all.stranger().authorities;
  const auto unknown = run_with(secure, options_of(distrustful));
  CHECK(unknown.code == 3);
  CHECK_MESSAGE(told(unknown, "issued by an authority that we do not trust (CN=Test CA)"), unknown.err);

  auto stranger = all.stranger();
  stranger.authorities = all.client().authorities;
  const auto refused = run_with(secure, options_of(stranger));
  CHECK(refused.code == 3);
  CHECK_MESSAGE(told(refused, "certificate"), refused.err);

  const auto none = run_with(secure, {"--tls", "--ca", all.client().authorities.string(), "--destination", "X"});
  CHECK(none.code == 3);
  CHECK_MESSAGE(told(none, "the peer wants a certificate of ours"), none.err);

  const auto no_tls = run_with(plain, options_of(all.client()));
  CHECK(no_tls.code == 3);
  CHECK_MESSAGE(told(no_tls, "speak TLS at that port"), no_tls.err);

  CHECK(run_with(secure, {}).code == 3);

  auto broken = all.client();
  broken.key = all.server().key;
  const auto local = run_with(secure, options_of(broken));
  CHECK(local.code == 5);
  CHECK_MESSAGE(told(local, "private key"), local.err);
}

TEST_CASE("codicom-retrieve --user: DCMTK reads the name and the password") {
  if (!storescp::available()) return;
  storescp to{"IDENTITY", {"-d"}};
  const auto self = receiver_entity();
  const temp_folder into;
  // It offers no query, but it has read the request by then.
  CHECK(retrieve(to, self, into, by_study + std::vector<std::string>{"--user", "alice:open:sesame"}).code == 3);
  CHECK(retrieve(to, self, into, by_study + std::vector<std::string>{"--user", "bob"}).code == 3);
  const auto log = to.server().all();
  CHECK_MESSAGE(log.find("alice") != std::string::npos, log);
  CHECK(log.find("open:sesame") != std::string::npos);
  CHECK(log.find("bob") != std::string::npos);
}
