#include "peers.hpp"
#include <support/folders.hpp>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <regex>
#include <set>
#include <stdexcept>

namespace interop {

namespace {

const std::string host = "127.0.0.1";

fs::path from_environment(const char* name, const fs::path& otherwise) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0' ? fs::path{value} : otherwise;
}

fs::path peers_folder() { return from_environment("CODICOM_TEST_PEERS", codicom::test_support::data_folder() / "../peers"); }

bool have_files(const std::vector<fs::path>& files) {
  bool all = true;
  for (const auto& file : files) {
    if (fs::exists(file)) continue;
    std::cout << "skipped: there is no " << file.string() << '\n';
    all = false;
  }
  return all;
}

// A port that was free a moment ago may be taken when the server starts: try again with another one.
template <class F>
std::unique_ptr<process> start(std::uint16_t& port, F make_command) {
  for (int attempt = 0;; ++attempt) {
    port = free_port();
    auto program = std::make_unique<process>(make_command());
    try {
      program->wait(50ms);
      if (program->running() || attempt == 4) return program;
    } catch (const std::exception&) {
      if (attempt == 4) throw;
    }
  }
}

const fs::path pixelmed_jar = "/usr/share/java/pixelmed.jar";

// The Java programs, compiled once by each test program.
const fs::path& java_classes() {
  static const temp_folder folder;
  static const auto compiled = run({"javac", "-cp", pixelmed_jar.string(), "-d", folder.path().string(),
                                    (peers_folder() / "pixelmed/PixelMedRetrieve.java").string(),
                                    (peers_folder() / "pixelmed/PixelMedArchive.java").string()},
                                   120s);
  if (compiled.code != 0) throw std::runtime_error{"javac: " + compiled.all()};
  return folder.path();
}

std::vector<std::string> java(const std::string& main_class) {
  return {"java", "-Djava.awt.headless=true", "-cp", pixelmed_jar.string() + ":" + java_classes().string(), main_class};
}

bool has_pixelmed() {
  return have({"java", "javac", "storescu"}) &&
         have_files({pixelmed_jar, peers_folder() / "pixelmed/PixelMedArchive.java",
                     peers_folder() / "pixelmed/PixelMedRetrieve.java"});
}

bool has_odil(const char* script) {
  if (!have({"/usr/bin/python3", "echoscu"}) || !have_files({peers_folder() / script})) return false;
  static const bool imports = run({"/usr/bin/python3", "-c", "import odil"}).code == 0;
  if (!imports) std::cout << "skipped: there is no Python module odil\n";
  return imports;
}

std::vector<std::string> storescu(const entity& to, const std::vector<fs::path>& files) {
  std::vector<std::string> command{"storescu", "-nh", "-R", "-aec", to.aet, host, std::to_string(to.port)};
  for (const auto& file : files) command.push_back(file.string());
  return command;
}

}  // namespace

std::vector<std::string> tls_files::dcmtk() const {
  if (empty()) return {};
  return {"+tls", key.string(), certificate.string(), "+cf", authorities.string()};
}

void await_echo(const entity& server, process& program, const tls_files& tls) {
  std::vector<std::string> echo{"echoscu", "-aec", server.aet, host, std::to_string(server.port)};
  const auto secure = tls.dcmtk();
  echo.insert(echo.begin() + 1, secure.begin(), secure.end());
  const bool ready = until([&] { return !program.running() || run(echo, 5s).code == 0; }, 20s);
  if (!ready || !program.running()) throw std::runtime_error{server.aet + " did not start: " + program.all()};
}

// ---- Orthanc --------------------------------------------------------------------------------------------------------

bool orthanc::available() { return have({"Orthanc", "curl", "echoscu", "findscu"}); }

orthanc::orthanc(const orthanc_options& options) {
  aet = "ORTHANC";
  const auto text = [](bool value) { return value ? "true" : "false"; };
  std::string modalities;
  for (const auto& to : options.destinations)
    modalities += (modalities.empty() ? "" : ",") + ("\"" + to.aet + "\":{\"AET\":\"" + to.aet) +
                  "\",\"Host\":\"127.0.0.1\",\"Port\":" + std::to_string(to.port) +
                  ",\"UseDicomTls\":" + text(!options.tls.empty() && options.calls_secure) + "}";
  std::string secure;
  if (!options.tls.empty())
    secure = std::string{",\"DicomTlsEnabled\":"} + text(options.secure_port) +
             ",\"DicomTlsRemoteCertificateRequired\":true,\"DicomTlsCertificate\":\"" + options.tls.certificate.string() +
             "\",\"DicomTlsPrivateKey\":\"" + options.tls.key.string() +
             "\",\"DicomTlsTrustedCertificates\":\"" + options.tls.authorities.string() + "\"";
  const auto configuration = folder_ / "orthanc.json";
  server = start(port, [&] {
    http_ = free_port();
    write_text(configuration,
               std::string{"{\"Name\":\"interop\",\"Plugins\":[],\"DicomAet\":\"ORTHANC\""} +
                   ",\"StorageDirectory\":\"" + (folder_ / "db").string() + "\",\"IndexDirectory\":\"" +
                   (folder_ / "db").string() + "\",\"DicomPort\":" + std::to_string(port) +
                   ",\"HttpPort\":" + std::to_string(http_) +
                   ",\"RemoteAccessAllowed\":false,\"AuthenticationEnabled\":false,\"HttpDescribeErrors\":true"
                   ",\"DicomCheckModalityHost\":false,\"DicomAlwaysAllowEcho\":true,\"DicomAlwaysAllowStore\":true"
                   ",\"DicomAlwaysAllowFind\":true,\"DicomAlwaysAllowGet\":true,\"UnknownSopClassAccepted\":true,"
                   "\"OverwriteInstances\":true"
                   ",\"DicomScuTimeout\":10,\"DicomAssociationCloseDelay\":0,\"MaximumPduLength\":16384"
                   ",\"SynchronousCMove\":true,\"SaveJobs\":false"
                   ",\"DicomCheckCalledAet\":" +
                   text(options.check_called) + ",\"DicomAlwaysAllowMove\":" + text(options.allow_move) +
                   secure + ",\"DicomModalities\":{" + modalities + "}}");
    return std::vector<std::string>{"/usr/sbin/Orthanc", configuration.string()};
  });
  await_echo(*this, *server, options.secure_port ? options.tls : tls_files{});
}

std::string orthanc::rest(const std::string& method, const std::string& path, const std::string& body) {
  std::vector<std::string> command{"curl", "-s", "-X", method, "http://127.0.0.1:" + std::to_string(http_) + path};
  if (!body.empty()) command.insert(command.end(), {"--data-binary", body});
  return run(command, 60s).out;
}

void orthanc::add(const entity& to) {
  rest("PUT", "/modalities/" + to.aet,
       "{\"AET\":\"" + to.aet + "\",\"Host\":\"127.0.0.1\",\"Port\":" + std::to_string(to.port) + "}");
}

bool orthanc::load(const std::vector<fs::path>& files) {
  bool all = true;
  for (const auto& file : files) {
    const auto answer = rest("POST", "/instances", "@" + file.string());
    if (answer.find("\"Success\"") == std::string::npos && answer.find("\"AlreadyStored\"") == std::string::npos) {
      load_log += file.filename().string() + ": " + answer + "\n";
      all = false;
    }
  }
  return all;
}

// ---- dcmqrscp -------------------------------------------------------------------------------------------------------

namespace {

// What dcmqrscp proposes when it sends ("Out"). It takes the first context of an object's SOP class, whatever the
// object's syntax, and it cannot convert compressed ones: so one context a class, and three classes are compressed.
// For an incoming profile ("In") no abstract syntax may stand twice.
std::string association_profiles() {
  const std::vector<const char*> uncompressed{
      "1.2.840.10008.5.1.4.1.1.2",     "1.2.840.10008.5.1.4.1.1.4",     "1.2.840.10008.5.1.4.1.1.2.1",
      "1.2.840.10008.5.1.4.1.1.2.2",   "1.2.840.10008.5.1.4.1.1.7.2",   "1.2.840.10008.5.1.4.1.1.66.4",
      "1.2.840.10008.5.1.4.1.1.88.11", "1.2.840.10008.5.1.4.1.1.88.22", "1.2.840.10008.5.1.4.1.1.88.33",
      "1.2.840.10008.5.1.4.1.1.104.1", "1.2.840.10008.5.1.4.1.1.481.3"};
  std::string text =
      "[[TransferSyntaxes]]\n"
      "[Plain]\nTransferSyntax1 = LittleEndianExplicit\nTransferSyntax2 = LittleEndianImplicit\n"
      "[Jpeg]\nTransferSyntax1 = JPEGBaseline\n"
      "[Lossless]\nTransferSyntax1 = 1.2.840.10008.1.2.4.70\n"
      "[Rle]\nTransferSyntax1 = RLELossless\n"
      "[[PresentationContexts]]\n[Storage]\n"
      "PresentationContext1 = 1.2.840.10008.5.1.4.1.1.7\\Jpeg\n"
      "PresentationContext2 = 1.2.840.10008.5.1.4.1.1.77.1.5.1\\Lossless\n"
      "PresentationContext3 = 1.2.840.10008.5.1.4.1.1.3.1\\Rle\n";
  int number = 3;
  for (const auto* sop_class : uncompressed)
    text += "PresentationContext" + std::to_string(++number) + " = " + sop_class + "\\Plain\n";
  return text + "[Echo]\nPresentationContext1 = VerificationSOPClass\\Plain\n"
                "[[Profiles]]\n[Out]\nPresentationContexts = Storage\n[In]\nPresentationContexts = Echo\n";
}

}  // namespace

bool dcmqrscp::available() { return have({"dcmqrscp", "dcmqridx", "echoscu", "findscu"}); }

dcmqrscp::dcmqrscp(const std::vector<entity>& destinations, bool chooses_syntaxes) {
  aet = "QRSCP";
  const auto area = folder_.make("db");
  std::string hosts, names;
  int number = 0;
  for (const auto& to : destinations) {
    const auto name = "host" + std::to_string(number++);
    hosts += name + " = (" + to.aet + ", localhost, " + std::to_string(to.port) + ")\n";
    names += (names.empty() ? "" : ", ") + name;
  }
  const auto configuration = folder_ / "qr.cfg";
  const auto profile = folder_ / "profile.cfg";
  write_text(profile, association_profiles());
  server = start(port, [&] {
    write_text(configuration, "NetworkTCPPort = " + std::to_string(port) +
                                  "\nMaxPDUSize = 16384\nMaxAssociations = 16\nHostTable BEGIN\n" + hosts +
                                  (names.empty() ? "" : "peers = " + names + "\n") +
                                  "HostTable END\nVendorTable BEGIN\nVendorTable END\nAETable BEGIN\nQRSCP " +
                                  area.string() + " RW (200, 1024mb) ANY\nAETable END\n");
    std::vector<std::string> command{"dcmqrscp", "-v", "-c", configuration.string()};
    if (chooses_syntaxes) command.insert(command.end(), {"-xf", profile.string(), "In", "Out"});
    return command;
  });
  await_echo(*this, *server);
}

bool dcmqrscp::load(const std::vector<fs::path>& files) {
  std::vector<std::string> command{"dcmqridx", (folder_ / "db").string()};
  for (const auto& file : files) command.push_back(file.string());
  const auto result = run(command, 120s);
  load_log = result.all();
  return result.code == 0;
}

// ---- PixelMed -------------------------------------------------------------------------------------------------------

bool pixelmed_archive::available() { return has_pixelmed() && have({"findscu"}); }

pixelmed_archive::pixelmed_archive(const std::vector<entity>& destinations) {
  aet = "PMARCH";
  java_classes();
  server = start(port, [&] {
    auto command = java("PixelMedArchive");
    command.insert(command.end(), {std::to_string(port), aet, folder_.make("files").string(), "mem:interop"});
    for (const auto& to : destinations) command.push_back(to.aet + "=127.0.0.1:" + std::to_string(to.port));
    return command;
  });
  if (!server->wait_for("READY", 60s)) throw std::runtime_error{"PixelMedArchive did not start: " + server->all()};
}

bool pixelmed_archive::load(const std::vector<fs::path>& files) {
  const auto result = run(storescu(*this, files), 300s);
  load_log = result.all();
  // It enters an object in its index after it has answered the C-STORE.
  return until([&] { return count_of(server->out(), "STORED ") >= files.size(); }, 30s) && result.code == 0;
}

bool has_pixelmed_retrieve() { return has_pixelmed(); }

outcome pixelmed_retrieve(const entity& archive, const entity& self, const fs::path& folder, const std::string& study) {
  auto command = java("PixelMedRetrieve");
  command.insert(command.end(), {host, std::to_string(archive.port), archive.aet, self.aet, std::to_string(self.port),
                                 folder.string()});
  if (!study.empty()) command.push_back(study);
  return run(command, 120s);
}

// ---- odil -----------------------------------------------------------------------------------------------------------

bool odil_archive::available() { return has_odil("odil_qr_scp.py"); }

odil_archive::odil_archive(const fs::path& folder, const std::vector<entity>& destinations, double delay) {
  aet = "ODILQR";
  server = start(port, [&] {
    std::vector<std::string> command{"/usr/bin/python3",   (peers_folder() / "odil_qr_scp.py").string(),
                                     std::to_string(port), "100",
                                     folder.string(),      std::to_string(delay)};
    for (const auto& to : destinations) command.push_back(to.aet + "=127.0.0.1:" + std::to_string(to.port));
    return command;
  });
  await_echo(*this, *server);
  await_listening();
}

void odil_archive::await_listening() const { pause(500ms); }

bool odil_store::available() { return has_odil("odil_store_scp.py"); }

odil_store::odil_store(const std::string& statuses, const std::string& title) {
  aet = title;
  server_ = start(port, [&] {
    return std::vector<std::string>{"/usr/bin/python3", (peers_folder() / "odil_store_scp.py").string(),
                                    std::to_string(port), "100", statuses};
  });
  await_echo(*this, *server_);
}

// ---- DCMTK ----------------------------------------------------------------------------------------------------------

bool storescp::available() { return have({"storescp", "echoscu"}); }

storescp::storescp(const std::string& title, const std::vector<std::string>& options, const tls_files& tls) {
  aet = title;
  server_ = start(port, [&] {
    std::vector<std::string> command{"storescp", "-v", "--fork", "+B", "-aet", aet, "-od", folder_.path().string()};
    command.insert(command.end(), options.begin(), options.end());
    const auto secure = tls.dcmtk();
    command.insert(command.end(), secure.begin(), secure.end());
    command.push_back(std::to_string(port));
    return command;
  });
  await_echo(*this, *server_, tls);
}

std::size_t storescp::files() const { return files_below(folder_).size(); }

std::vector<std::string> studies_of(const entity& archive) {
  const auto found = run({"findscu", "-S", "-aec", archive.aet, "-k", "QueryRetrieveLevel=STUDY", "-k", "StudyInstanceUID",
                          host, std::to_string(archive.port)});
  const std::regex value{R"(\(0020,000d\) UI \[([0-9.]+))"};
  const auto text = found.all();
  std::set<std::string> uids;
  for (std::sregex_iterator at{text.begin(), text.end(), value}, end; at != end; ++at) uids.insert((*at)[1]);
  return {uids.begin(), uids.end()};
}

// ---- samples --------------------------------------------------------------------------------------------------------

std::optional<fs::path> samples() {
  const auto folder = codicom::test_support::data_folder() / "dicom";
  if (!have_files({folder / "qr_study", folder / "fileset", folder / "series_mr_d4c"})) return std::nullopt;
  return folder;
}

std::vector<fs::path> mr_study_files(const fs::path& samples) {
  std::vector<fs::path> files = files_below(samples / "fileset/98892003");
  std::vector<fs::path> of_study;
  for (const auto& file : files)
    if (read_text(file).find(std::string{"\x20\0\x0D\0UI\x30\0", 8} + mr_study) != std::string::npos)  // (0020,000D)
      of_study.push_back(file);
  return of_study;
}

std::vector<fs::path> collection::all() const {
  auto files = uncompressed;
  files.insert(files.end(), compressed.begin(), compressed.end());
  return files;
}

collection mixed_collection(const fs::path& samples, const fs::path& scratch) {
  collection found;
  for (const auto& file : files_below(samples / "qr_study"))  // names in ISO_IR 100 and, of three groups, in ISO_IR 192
    if (file.extension() == ".dcm") found.uncompressed.push_back(file);
  for (const auto& file : files_below(samples / "series_mr_d4c")) found.uncompressed.push_back(file);  // implicit LE
  for (const char* name : {"dcmjs_sample-sr.dcm", "dtf_sr-example_sr.dcm", "dtf_segmentations_liver.dcm", "djd_pdf.dcm",
                           "dtf_segmentations_23x38x3_multiframe_mf.dcm"})
    found.uncompressed.push_back(samples / name);

  // The samples' structure set is a bare data set: DCMTK gives it the file meta information.
  const auto structure_set = scratch / "rtstruct.dcm";
  if (run({"dcmconv", (samples / "pyd_rtstruct.dcm").string(), structure_set.string()}).code == 0)
    found.uncompressed.push_back(structure_set);

  const auto large = scratch / "large.dcm";
  write_large_object(large, {"2.25.101", "2.25.102", "2.25.103", 64});
  found.uncompressed.push_back(large);

  for (const char* name : {"cs_CTImage_JPEGProcess1.dcm", "d4c_CT-JPEGLosslessSV1.dcm", "d4c_US-PAL-8-10x-echo",
                           "wg4_MR4_RLE", "pyd_SC_rgb_jpeg_dcmtk.dcm", "pyd_examples_ybr_color.dcm", "dcmjs_sample-op.dcm",
                           "pdd_liver_rle.dcm"})
    found.compressed.push_back(samples / name);
  return found;
}

}  // namespace interop
