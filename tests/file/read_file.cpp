#include <codicom/data_set.hpp>
#include <codicom/file/detail/contents_of.hpp>
#include <support/bytes_read.hpp>
#include <support/temporary_folder.hpp>

#include <csignal>
#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>
#include <string>
#include <sys/stat.h>
#include <thread>
#include <vector>

using namespace codicom;
using codicom::test_support::temporary_folder;
namespace fs = std::filesystem;

namespace {

// 40 elements before the pixel data.
data_set a_head() {
  data_set d;
  d.set(tag::SOPClassUID, sop_class::CTImageStorage).set(tag::SOPInstanceUID, "1.2.3.4");
  for (std::uint16_t i = 1; i <= 38; ++i) d.set_text(element_tag{0x0019, static_cast<std::uint16_t>(0x1000 + i)}, vr::lo, "one of many");
  return d;
}

std::vector<std::byte> encoded(const data_set& object) {
  auto bytes = encode_file_header(file_meta::of(object, transfer_syntax::ExplicitVRLittleEndian));
  const auto rest = encode(object, transfer_syntax::ExplicitVRLittleEndian);
  bytes.insert(bytes.end(), rest.begin(), rest.end());
  return bytes;
}

// Who reads a pipe may leave before its end.
void write_bytes(const fs::path& path, byte_span bytes) {
  std::signal(SIGPIPE, SIG_IGN);
  std::ofstream{path, std::ios::binary}.write(as_text(bytes).data(), static_cast<std::streamsize>(bytes.size()));
}

}  // namespace

TEST_CASE("the first 40 elements of a file of 4 GiB cost less than 64 KiB") {
  const temporary_folder folder;
  const auto path = folder.path() / "4gib.dcm";
  auto bytes = encoded(a_head());
  constexpr std::uint32_t pixel_bytes = 0xFFFFFFFE;
  const std::string_view header{"\xE0\x7F\x10\0OW\0\0\xFE\xFF\xFF\xFF", 12};
  bytes.insert(bytes.end(), as_bytes(header).begin(), as_bytes(header).end());
  write_bytes(path, bytes);
  fs::resize_file(path, bytes.size() + std::uint64_t{pixel_bytes});

  const auto before = test_support::bytes_read();
  const auto head = read_file(path, decode_options::until(tag::PixelData));
  const auto after = test_support::bytes_read();
  CHECK(head.value.size() == 40);
  CHECK(head.value == a_head());
  if (before && after) CHECK(*after - *before < 64 << 10);

  // All of it: mapped, nothing is read.
  const auto file = read_file(path);
  const auto at_last = test_support::bytes_read();
  CHECK(file.value.bytes(tag::PixelData).size() == pixel_bytes);
  CHECK(file.diagnoses.empty());
  if (after && at_last) CHECK(*at_last - *after < 4096);
}

TEST_CASE("a head of any length costs at most twice its length") {
  const temporary_folder folder;
  const auto path = folder.path() / "head.dcm";
  for (const int items : {0, 100, 1000, 5000, 20000}) {
    auto object = a_head();
    for (int i = 0; i < items; ++i) object.add_item(tag::ReferencedStudySequence).set(tag::StudyDescription, "one more");
    const auto head_size = encoded(object).size();
    object.set_bytes(tag::PixelData, vr::ow, std::vector<std::byte>(1 << 20));
    write_file(path, object, transfer_syntax::ExplicitVRLittleEndian);
    const auto before = test_support::bytes_read();
    static_cast<void>(read_file(path, decode_options::until(tag::PixelData)));
    const auto after = test_support::bytes_read();
    if (before && after) CHECK(*after - *before < 2 * head_size + (24 << 10));
  }
}

TEST_CASE("a pipe is read like a file") {
  const temporary_folder folder;
  const auto path = folder.path() / "pipe";
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  auto object = a_head();
  object.set_bytes(tag::PixelData, vr::ow, std::vector<std::byte>(500'001, std::byte{7}));
  const auto bytes = encoded(object);
  for (const bool all : {true, false}) {
    std::thread writer{[&] { write_bytes(path, bytes); }};
    if (all) {
      CHECK(read_file(path).value == object);
    } else {
      CHECK(read_file(path, decode_options::until(tag::PixelData)).value == a_head());
    }
    writer.join();
  }
}

TEST_CASE("a pipe that never ends is left at the limit") {
  const temporary_folder folder;
  const auto path = folder.path() / "endless";
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  std::thread writer{[&] { write_bytes(path, std::vector<std::byte>(400'000)); }};
  decode_options options;
  options.limits.arena_bytes = 100'000;
  CHECK_THROWS_WITH_AS(static_cast<void>(read_file(path, options)), doctest::Contains("limits.arena_bytes"),
                       std::system_error);
  writer.join();
}

TEST_CASE("a file that does not say its size is read to its end") {
  if (!fs::exists("/proc/self/environ")) return;
  const auto size = fs::file_size("/proc/self/environ");
  CHECK(size == 0);
  CHECK_THROWS_AS(static_cast<void>(read_file("/proc/self/environ")), std::system_error);  // text, but it was read
  detail::input_file file{"/proc/self/environ"};
  CHECK(detail::contents_of(file, {}).bytes.size() > 0);
}

TEST_CASE("what cannot be read says so") {
  CHECK_THROWS_WITH_AS(static_cast<void>(read_file("/no/such/file")), doctest::Contains("cannot open '/no/such/file'"),
                       std::system_error);
  CHECK_THROWS_WITH_AS(static_cast<void>(read_file("/tmp")), doctest::Contains("cannot read '/tmp'"), std::system_error);
}
