// One small file per deviation of PS3.10: what is said about it and at which byte; the data set is read nevertheless.
#include <codicom/data_set.hpp>

#include <cstddef>
#include <doctest/doctest.h>
#include <functional>
#include <string>
#include <system_error>
#include <vector>

using namespace codicom;

namespace {

using bytes = std::vector<std::byte>;

data_set object() {
  data_set d;
  d.set(tag::SOPClassUID, sop_class::CTImageStorage).set(tag::SOPInstanceUID, "1.2.3.4").set(tag::Modality, "CT");
  return d;
}

bytes operator+(bytes a, const bytes& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

bytes header(const unique_id& syntax = transfer_syntax::ExplicitVRLittleEndian) {
  return encode_file_header(file_meta::of(object(), syntax));
}

bytes from(const bytes& all, std::size_t first) {
  return {all.begin() + static_cast<std::ptrdiff_t>(first), all.end()};
}

bytes data(const unique_id& syntax = transfer_syntax::ExplicitVRLittleEndian) { return encode(object(), syntax); }

// The meta information in another syntax, behind the preamble.
bytes header_in(const unique_id& syntax) {
  const auto all = header();
  const auto group_2 = decode(byte_span{all}.subspan(132), transfer_syntax::ExplicitVRLittleEndian).value;
  return bytes{all.begin(), all.begin() + 132} + encode(group_2, syntax);
}

bytes header_changed(const std::function<void(bytes&)>& change) {
  auto all = header();
  change(all);
  return all;
}

struct row {
  std::string name;
  bytes input;
  std::vector<std::string> told;  // deviation, at which byte
};

const std::vector<row>& rows() {
  const auto& implicit = transfer_syntax::ImplicitVRLittleEndian;
  const auto& big = transfer_syntax::ExplicitVRBigEndian;
  static const auto header_bytes = header();
  static const std::vector<row> all{
      {"no preamble", from(header(), 132) + data(), {"no preamble at 0"}},
      {"DICM without preamble", from(header(), 128) + data(), {"no preamble at 0"}},
      {"a data set alone, explicit",
       data(),
       {"no preamble at 0", "no file meta information at 0", "another transfer syntax than the one given at 0"}},
      {"a data set alone, implicit", data(implicit), {"no preamble at 0", "no file meta information at 0"}},
      {"a data set alone, big endian",
       data(big),
       {"no preamble at 0", "no file meta information at 0", "another transfer syntax than the one given at 0"}},
      {"a preamble and a data set",
       bytes(header_bytes.begin(), header_bytes.begin() + 132) + data(),
       {"no file meta information at 132", "another transfer syntax than the one given at 132"}},
      {"implicit meta information", header_in(implicit) + data(), {"file meta information in another syntax at 132"}},
      {"big-endian meta information", header_in(big) + data(), {"file meta information in another syntax at 132"}},
      {"a length of the meta information too small",
       header_changed([](bytes& h) { h[140] = std::byte{1}; }) + data(),
       {"wrong length of the file meta information at 132"}},
      {"a length of the meta information too large",
       header_changed([](bytes& h) { h[142] = std::byte{1}; }) + data(),
       {"wrong length of the file meta information at 132"}},
      {"no length of the meta information",
       header_changed([](bytes& h) { h.erase(h.begin() + 132, h.begin() + 144); }) + data(),
       {"wrong length of the file meta information at 132"}},
      {"implicit where the meta information says explicit",
       header() + data(implicit),
       {"another transfer syntax than the one given at " + std::to_string(header().size())}},
      {"explicit where the meta information says implicit",
       header(implicit) + data(),
       {"another transfer syntax than the one given at " + std::to_string(header(implicit).size())}},
      {"big endian where the meta information says little",
       header() + data(big),
       {"another transfer syntax than the one given at " + std::to_string(header().size())}},
      {"zeros behind the data set",
       header() + data() + bytes(16),
       {"bytes after the end at " + std::to_string(header().size() + data().size())}},
      {"a few bytes behind the data set",
       header() + data() + bytes(3, std::byte{10}),
       {"bytes after the end at " + std::to_string(header().size() + data().size())}},
  };
  return all;
}

std::vector<std::string> told(const dicom_file& file) {
  std::vector<std::string> lines;
  for (const auto& d : file.diagnoses) {
    CHECK(d.section.starts_with("PS3."));
    lines.push_back(std::string{to_string(d.what)} + " at " + std::to_string(d.offset));
  }
  return lines;
}

}  // namespace

TEST_CASE("every deviation of a file is told, and the data set is read") {
  for (const auto& r : rows()) {
    CAPTURE(r.name);
    const auto file = read_file(r.input);
    CHECK(told(file) == r.told);
    CHECK(file.value == object());
  }
}

TEST_CASE("strict reading refuses every deviation of a file") {
  for (const auto& r : rows()) {
    CAPTURE(r.name);
    try {
      static_cast<void>(read_file(r.input, strictness::strict));
      FAIL_CHECK("read without complaint");
    } catch (const std::system_error& e) {
      CHECK(e.code() == failure::malformed);
    }
  }
}
