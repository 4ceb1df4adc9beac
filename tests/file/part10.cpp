#include <codicom/data_set.hpp>
#include <codicom/encoding/byte_transform.hpp>

#include <algorithm>
#include <csignal>
#include <cstddef>
#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

using namespace codicom;
namespace fs = std::filesystem;

namespace {

class temporary_folder {
 public:
  temporary_folder() : path_{fs::temp_directory_path() / ("codicom-file-" + std::to_string(::getpid()))} {
    fs::remove_all(path_);
    fs::create_directory(path_);
  }
  ~temporary_folder() { fs::remove_all(path_); }
  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;
  fs::path operator/(const char* name) const { return path_ / name; }
  std::size_t files() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator{path_}, fs::directory_iterator{}));
  }

 private:
  fs::path path_;
};

data_set an_object(std::size_t pixel_bytes = 6000) {
  data_set d;
  d.set(tag::SOPClassUID, sop_class::CTImageStorage).set(tag::SOPInstanceUID, "1.2.3.4");
  d.set(tag::PatientName, "ALLISON^MARY^A").set(tag::Rows, 10).set(tag::Columns, 300);
  d.set_bytes(tag::PixelData, vr::ow, std::vector<std::byte>(pixel_bytes, std::byte{5}));
  return d;
}

std::vector<std::byte> contents(const fs::path& path) {
  std::ifstream in{path, std::ios::binary};
  const std::string all{std::istreambuf_iterator<char>{in}, {}};
  return {as_bytes(all).begin(), as_bytes(all).end()};
}

void write_bytes(const fs::path& path, byte_span bytes) {
  std::ofstream{path, std::ios::binary}.write(as_text(bytes).data(), static_cast<std::streamsize>(bytes.size()));
}

bool has(const std::vector<diagnosis>& all, deviation what) {
  return std::any_of(all.begin(), all.end(), [&](const diagnosis& d) { return d.what == what; });
}

errc code_of(const std::system_error& e) { return static_cast<errc>(e.code().value()); }

}  // namespace

TEST_CASE("a file that was written is read back, in every uncompressed syntax") {
  const temporary_folder folder;
  const auto object = an_object();
  for (const auto& syntax : {transfer_syntax::ExplicitVRLittleEndian, transfer_syntax::ImplicitVRLittleEndian,
                             transfer_syntax::ExplicitVRBigEndian}) {
    write_file(folder / "a.dcm", object, syntax);
    const auto file = read_file(folder / "a.dcm", strictness::strict);
    CHECK(file.value == object);
    CHECK(file.meta.transfer_syntax_uid == syntax);
    CHECK(file.meta.media_storage_sop_class_uid == sop_class::CTImageStorage);
    CHECK(file.meta.media_storage_sop_instance_uid == unique_id{"1.2.3.4"});
    CHECK(file.meta.implementation_class_uid == unique_id{implementation_class_uid});
    CHECK(file.meta.implementation_version_name == implementation_version_name);
    CHECK(file.diagnoses.empty());
    CHECK(file.consumed == fs::file_size(folder / "a.dcm"));
  }
  CHECK(folder.files() == 1);
}

TEST_CASE("the file meta information stands as PS3.10 has it") {
  file_meta meta{"1.2", "1.3", transfer_syntax::ExplicitVRLittleEndian};
  meta.source_application_entity_title = "SOURCE";
  meta.implementation_class_uid = "1.4";
  meta.implementation_version_name = "ME";
  const auto bytes = encode_file_header(meta);
  REQUIRE(bytes.size() > 144);
  CHECK(std::all_of(bytes.begin(), bytes.begin() + 128, [](std::byte b) { return b == std::byte{0}; }));
  CHECK(as_text(byte_span{bytes}.subspan(128, 4)) == "DICM");
  // (0002,0000) UL 4, the bytes after it; then (0002,0001) OB 2, 00 01
  CHECK(load_le<std::uint32_t>(bytes.data() + 140) == bytes.size() - 144);
  const std::string_view version{"\x02\0\x01\0OB\0\0\x02\0\0\0\0\x01", 14};
  CHECK(as_text(byte_span{bytes}.subspan(144, 14)) == version);
  const auto group_2 =
      decode(byte_span{bytes}.subspan(132), transfer_syntax::ExplicitVRLittleEndian, strictness::strict).value;
  CHECK(group_2.text(tag::SourceApplicationEntityTitle) == "SOURCE");
  CHECK(to_file_meta(group_2).source_application_entity_title == "SOURCE");
  CHECK(to_file_meta(group_2).other.empty());
}

TEST_CASE("a header is read without the rest, and tells where the data set lies") {
  const temporary_folder folder;
  write_file(folder / "a.dcm", an_object(3'000'000), transfer_syntax::ExplicitVRLittleEndian);
  const auto header = read_file_header(folder / "a.dcm");
  CHECK(header.file_size == fs::file_size(folder / "a.dcm"));
  CHECK(header.meta.transfer_syntax_uid == transfer_syntax::ExplicitVRLittleEndian);
  const auto bytes = contents(folder / "a.dcm");
  const auto rest = byte_span{bytes}.subspan(static_cast<std::size_t>(header.data_set_offset));
  CHECK(decode(rest, header.meta.transfer_syntax_uid, strictness::strict).value == an_object(3'000'000));
  const auto head = read_file(folder / "a.dcm", decode_options::until(tag::PixelData));
  CHECK(head.value.text(tag::PatientName) == "ALLISON^MARY^A");
  CHECK_FALSE(head.value.contains(tag::PixelData));
  CHECK(head.consumed == header.file_size - 3'000'000 - 12);
  CHECK(head.diagnoses.empty());
}

TEST_CASE("a head longer than what is read at first is read whole") {
  const temporary_folder folder;
  auto object = an_object();
  for (int i = 0; i < 5000; ++i)
    object.add_item(tag::ReferencedStudySequence)
        .set(tag::StudyDescription, "a description of the study, more or less");
  write_file(folder / "a.dcm", object, transfer_syntax::ImplicitVRLittleEndian);
  auto head = read_file(folder / "a.dcm", decode_options::until(tag::PixelData)).value;
  object.erase(tag::PixelData);
  CHECK(head == object);
}

TEST_CASE("a file without preamble, without meta information, or with a wrong one, is read and said so") {
  const auto object = an_object();
  const auto explicit_bytes = encode(object, transfer_syntax::ExplicitVRLittleEndian);
  const auto header = encode_file_header(file_meta::of(object, transfer_syntax::ExplicitVRLittleEndian));
  const auto join = [](byte_span a, byte_span b) {
    std::vector<std::byte> all{a.begin(), a.end()};
    all.insert(all.end(), b.begin(), b.end());
    return all;
  };
  SUBCASE("no preamble") {
    const auto file = read_file(join(byte_span{header}.subspan(132), explicit_bytes));
    CHECK(file.value == object);
    CHECK(has(file.diagnoses, deviation::no_preamble));
  }
  SUBCASE("DICM at the start") {
    const auto file = read_file(join(byte_span{header}.subspan(128), explicit_bytes));
    CHECK(file.value == object);
    CHECK(has(file.diagnoses, deviation::no_preamble));
  }
  SUBCASE("nothing but the data set") {
    for (const auto& syntax : {transfer_syntax::ExplicitVRLittleEndian, transfer_syntax::ImplicitVRLittleEndian,
                               transfer_syntax::ExplicitVRBigEndian}) {
      const auto bytes = encode(object, syntax);
      const auto file = read_file(bytes);
      CHECK(file.value == object);
      CHECK(file.meta.transfer_syntax_uid == syntax);
      CHECK(has(file.diagnoses, deviation::no_file_meta));
      CHECK_THROWS_AS(static_cast<void>(read_file(bytes, strictness::strict)), std::system_error);
    }
  }
  SUBCASE("the meta information says another syntax") {
    const auto file = read_file(join(header, encode(object, transfer_syntax::ImplicitVRLittleEndian)));
    CHECK(file.value == object);
    CHECK(file.meta.transfer_syntax_uid == transfer_syntax::ImplicitVRLittleEndian);
    CHECK(has(file.diagnoses, deviation::wrong_transfer_syntax));
  }
  SUBCASE("the meta information itself is implicit") {
    auto group_2 = decode(byte_span{header}.subspan(132), transfer_syntax::ExplicitVRLittleEndian).value;
    const auto file = read_file(join(
        join(byte_span{header}.first(132), encode(group_2, transfer_syntax::ImplicitVRLittleEndian)), explicit_bytes));
    CHECK(file.value == object);
    CHECK(has(file.diagnoses, deviation::file_meta_wrong_syntax));
  }
  SUBCASE("a group length that lies") {
    auto wrong = join(header, explicit_bytes);
    wrong[140] = std::byte{1};
    const auto file = read_file(wrong);
    CHECK(file.value == object);
    CHECK(has(file.diagnoses, deviation::file_meta_group_length));
  }
  SUBCASE("no transfer syntax") {
    const auto file = read_file(join(encode_file_header(file_meta::of(object, unique_id{})), explicit_bytes));
    CHECK(file.value == object);
    CHECK(has(file.diagnoses, deviation::missing_transfer_syntax));
  }
}

TEST_CASE("what is no DICOM is refused") {
  const temporary_folder folder;
  CHECK_THROWS_AS(static_cast<void>(read_file(as_bytes("GIF89a, an image of another kind, and some more bytes"))),
                  std::system_error);
  CHECK_THROWS_AS(static_cast<void>(read_file(byte_span{})), std::system_error);
  write_bytes(folder / "empty", {});
  write_bytes(folder / "zeros", std::vector<std::byte>(5000));
  for (const char* name : {"empty", "zeros"}) {
    try {
      static_cast<void>(read_file(folder / name));
      FAIL("read");
    } catch (const std::system_error& e) {
      CHECK(code_of(e) == errc::malformed_file);
      CHECK(std::string{e.what()}.find(name) != std::string::npos);
    }
    CHECK_THROWS_AS(static_cast<void>(read_file_header(folder / name)), std::system_error);
  }
  for (const auto& path : {folder / "none", fs::temp_directory_path()}) {
    try {
      static_cast<void>(read_file(path));
      FAIL("read");
    } catch (const std::system_error& e) {
      CHECK(e.code() == failure::local_io);
      CHECK(std::string{e.what()}.find(path.filename().string()) != std::string::npos);
    }
  }
}

TEST_CASE("a file appears under its name only when it is complete") {
  const temporary_folder folder;
  {
    file_writer out{folder / "a.dcm"};
    out.write(as_bytes("half"));
    CHECK(out.size() == 4);
    CHECK_FALSE(fs::exists(folder / "a.dcm"));
    CHECK(as_text(contents(out.temporary_path())) == "half");
  }
  CHECK(folder.files() == 0);
  {
    file_writer out{folder / "a.dcm"};
    out.write(as_bytes("whole"));
    file_writer moved = std::move(out);
    moved.sync();
    moved.commit();
    CHECK_THROWS_AS(moved.write(as_bytes("more")), std::system_error);
    CHECK_THROWS_AS(moved.commit(), std::system_error);
  }
  CHECK(as_text(contents(folder / "a.dcm")) == "whole");
  CHECK(folder.files() == 1);
}

TEST_CASE("a process that is killed leaves nothing of a file that it was writing") {
  const temporary_folder folder;
  const auto child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    file_writer out{folder / "a.dcm"};
    out.write(as_bytes("half"));
    const bool nameless = out.temporary_path().parent_path() == "/proc/self/fd";
    if (!nameless) ::_exit(7);
    ::kill(::getpid(), SIGKILL);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  if (WIFEXITED(status)) {
    MESSAGE("skipped: this file system has no files without a name");
    return;
  }
  CHECK(WTERMSIG(status) == SIGKILL);
  CHECK(folder.files() == 0);
}

TEST_CASE("a name that is taken is not taken again") {
  const temporary_folder folder;
  write_bytes(folder / "a.dcm", as_bytes("first"));
  file_writer out{folder / "a.dcm"};
  out.write(as_bytes("second"));
  CHECK_FALSE(out.commit_new(folder / "a.dcm"));
  CHECK(out.commit_new(folder / "b.dcm"));
  CHECK(as_text(contents(folder / "a.dcm")) == "first");
  CHECK(as_text(contents(folder / "b.dcm")) == "second");
  CHECK(folder.files() == 2);
}

TEST_CASE("many buffers are written in order") {
  const temporary_folder folder;
  std::vector<std::string> parts;
  std::string expected;
  for (int i = 0; i < 1000; ++i) {
    parts.push_back(std::string(static_cast<std::size_t>(i % 7), static_cast<char>('a' + i % 26)));
    expected += parts.back();
  }
  std::vector<byte_span> buffers;
  for (const auto& part : parts) buffers.push_back(as_bytes(part));
  file_writer out{folder / "a"};
  out.write(buffers);
  out.commit();
  CHECK(as_text(contents(folder / "a")) == expected);
}

TEST_CASE("a full disk is told as such and leaves nothing") {
  const temporary_folder folder;
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
  const rlimit small{10'000, before.rlim_max};
  auto* const handler = std::signal(SIGXFSZ, SIG_IGN);
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
  try {
    write_file(folder / "a.dcm", an_object(100'000), transfer_syntax::ExplicitVRLittleEndian);
    FAIL("written");
  } catch (const std::system_error& e) {
    CHECK(code_of(e) == errc::disk_full);
  }
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &before) == 0);
  std::signal(SIGXFSZ, handler);
  CHECK(folder.files() == 0);
  CHECK_THROWS_AS(write_file(folder / "no/such/folder.dcm", an_object(), transfer_syntax::ExplicitVRLittleEndian),
                  std::system_error);
}

TEST_CASE("a mapped file that is replaced under its name stays what it was") {
  const temporary_folder folder;
  write_file(folder / "a.dcm", an_object(1'000'000), transfer_syntax::ExplicitVRLittleEndian);
  auto file = read_file(folder / "a.dcm");
  file.value.set(tag::PatientName, "ANOTHER");
  write_file(folder / "a.dcm", file.value, transfer_syntax::ExplicitVRLittleEndian);
  const auto again = read_file(folder / "a.dcm");
  CHECK(again.value == file.value);
  CHECK(again.value.bytes(tag::PixelData).size() == 1'000'000);
}

TEST_CASE("a program without zlib refuses a deflated syntax, and says what to include") {
  REQUIRE_FALSE(can_deflate());
  const temporary_folder folder;
  const auto& syntax = transfer_syntax::DeflatedExplicitVRLittleEndian;
  const auto refused = [](auto&& f) {
    try {
      f();
    } catch (const std::system_error& e) {
      CHECK(e.code() == errc::unsupported_transfer_syntax);
      CHECK(std::string{e.what()}.find("#include <codicom/encoding/deflate.hpp>") != std::string::npos);
      return true;
    }
    return false;
  };
  CHECK(refused([&] { static_cast<void>(decode({}, syntax)); }));
  CHECK(refused([&] { static_cast<void>(encode(an_object(), syntax)); }));
  CHECK(refused([&] { static_cast<void>(data_set_reader{syntax}); }));
  CHECK(refused([&] { write_file(folder / "a.dcm", an_object(), syntax); }));
  CHECK(folder.files() == 0);
  auto file = encode_file_header(file_meta::of(an_object(), syntax));
  file.push_back(std::byte{3});
  file.push_back(std::byte{0});
  CHECK(refused([&] { static_cast<void>(read_file(file)); }));
}
