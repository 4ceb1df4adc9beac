// Media directories (PS3.3 Annex F): whatever the offsets say, a tree comes out, and no File ID leaves the folder.
#include "support.hpp"

#include <codicom/dictionary/tags.hpp>
#include <codicom/file/media_directory.hpp>

#include <algorithm>
#include <filesystem>
#include <system_error>

namespace {

using namespace codicom;

const std::filesystem::path& empty_folder() {
  static const auto folder = [] {
    auto path = std::filesystem::temp_directory_path() / "codicom_fuzz_media_directory";
    std::filesystem::create_directories(path);
    return path;
  }();
  return folder;
}

void check_tree(const media_directory& directory) {
  const auto records = directory.records();
  std::size_t children = directory.root().size();
  for (const auto& record : records) {
    children += record.children().size();
    for (const auto& child : record.children()) FUZZ_CHECK(child.parent() == &record && &child > &record);
  }
  FUZZ_CHECK(children == records.size());
  FUZZ_CHECK(records.size() <= directory.value().items(tag::DirectoryRecordSequence).size());
  constexpr std::size_t enough = 16;
  for (const auto& record : records.first(std::min(records.size(), enough))) {
    try {
      const auto path = directory.path_of(record).lexically_normal();
      FUZZ_CHECK(std::mismatch(empty_folder().begin(), empty_folder().end(), path.begin(), path.end()).first ==
                 empty_folder().end());
    } catch (const std::system_error& e) {
      FUZZ_CHECK(e.code() == errc::invalid_argument || e.code() == errc::malformed_file);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  for (const auto mode : {strictness::tolerant, strictness::strict}) {
    decode_options options{mode};
    options.limits = fuzz::small_limits();
    try {
      check_tree(read_media_directory(fuzz::as_bytes(data, size), empty_folder(), options));
    } catch (const std::system_error&) {
      // says why it cannot be read
    }
  }
  return 0;
}
