#pragma once
#include "part10.hpp"
#include "process.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

// The peers that know nothing of us. Each listens on a free port of the loopback interface and ends with its object.

namespace interop {

/// An AE title and the port on this machine that it stands for.
struct entity {
  std::string aet;
  std::uint16_t port = 0;

  std::string address() const { return aet + "@127.0.0.1:" + std::to_string(port); }
};

/// An archive, whoever made it.
struct archive : entity {
  std::unique_ptr<process> server;
  virtual ~archive() = default;
  /// Put files in. False when one was refused; the log of the loading program is in `load_log`.
  virtual bool load(const std::vector<fs::path>& files) = 0;
  std::string load_log;
};

/// PEM files: a peer that has them listens with TLS only, asks for certificates, and calls destinations with TLS.
struct tls_files {
  fs::path certificate, key, authorities;

  bool empty() const { return certificate.empty(); }
  /// For DCMTK's programs.
  std::vector<std::string> dcmtk() const;
};

struct orthanc_options {
  std::vector<entity> destinations;
  bool allow_move = true;
  bool check_called = false;
  tls_files tls = {};
  bool secure_port = true;   ///< with `tls`: its own port is for TLS only
  bool calls_secure = true;  ///< with `tls`: it calls destinations with TLS
};
class orthanc : public archive {
 public:
  static bool available();
  explicit orthanc(const orthanc_options& options = {});
  bool load(const std::vector<fs::path>& files) override;
  std::string rest(const std::string& method, const std::string& path, const std::string& body = {});
  void add(const entity& destination);

 private:
  temp_folder folder_;
  std::uint16_t http_ = 0;
};

/// dcmqrscp. Files are entered in its index where they lie. Compressed it sends only Secondary Capture (JPEG baseline),
/// Ophthalmic Photography 8 Bit (JPEG lossless) and Ultrasound Multi-frame (RLE): one syntax per SOP class.
class dcmqrscp : public archive {
 public:
  static bool available();
  /// @param chooses_syntaxes as told above; else it takes and proposes what it does by default, and answers C-GET
  explicit dcmqrscp(const std::vector<entity>& destinations, bool chooses_syntaxes = true);
  bool load(const std::vector<fs::path>& files) override;

 private:
  temp_folder folder_;
};

/// PixelMed's archive, of its own Java network stack.
class pixelmed_archive : public archive {
 public:
  static bool available();
  explicit pixelmed_archive(const std::vector<entity>& destinations);
  bool load(const std::vector<fs::path>& files) override;

 private:
  temp_folder folder_;
};

/// odil's C-FIND and C-MOVE provider over a folder; one association at a time.
class odil_archive : public archive {
 public:
  static bool available();
  odil_archive(const fs::path& folder, const std::vector<entity>& destinations, double delay = 0);
  bool load(const std::vector<fs::path>&) override { return false; }
  /// Between two associations its port is closed for a moment, and nothing tells when it is open again.
  void await_listening() const;
};

/// DCMTK's storescp: writes what it gets, bit for bit (+B), in any syntax (+xa) unless other options are given.
class storescp : public entity {
 public:
  static bool available();
  explicit storescp(const std::string& aet = "DEST", const std::vector<std::string>& options = {"+xa"},
                    const tls_files& tls = {});
  const fs::path& folder() const { return folder_.path(); }
  std::size_t files() const;
  process& server() { return *server_; }

 private:
  temp_folder folder_;
  std::unique_ptr<process> server_;
};

/// odil's C-STORE provider that answers the n-th C-STORE with the n-th status of a comma-separated list.
class odil_store : public entity {
 public:
  static bool available();
  explicit odil_store(const std::string& statuses, const std::string& aet = "DEST");
  process& server() { return *server_; }

 private:
  std::unique_ptr<process> server_;
};

/// PixelMedRetrieve: C-FIND, then C-MOVE to its own receiver.
bool has_pixelmed_retrieve();
outcome pixelmed_retrieve(const entity& archive, const entity& self, const fs::path& folder, const std::string& study = {});

/// The values of a UI element in the answers of findscu at STUDY level, Study Root.
std::vector<std::string> studies_of(const entity& archive);

/// Ready when it answers C-ECHO; throws with its output when it ends or stays silent.
void await_echo(const entity& server, process& program, const tls_files& tls = {});

// ---- samples --------------------------------------------------------------------------------------------------------

/// The folder of sample files (CODICOM_TEST_DATA, else ../shared/data/dicom beside the sources). Nothing, and a word
/// why, when it is not there.
std::optional<fs::path> samples();

/// Files of many kinds, at least 4 studies and 30 objects, and a 64 MiB object made in `scratch`.
struct collection {
  std::vector<fs::path> uncompressed;
  std::vector<fs::path> compressed;
  std::vector<fs::path> all() const;
};
collection mixed_collection(const fs::path& samples, const fs::path& scratch);

/// The study of 11 MR instances in 3 series that most tables use.
inline constexpr const char* mr_study = "1.3.6.1.4.1.5962.1.1.0.0.0.1196533885.18148.0.1";
std::vector<fs::path> mr_study_files(const fs::path& samples);

}  // namespace interop
