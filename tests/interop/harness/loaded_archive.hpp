#pragma once
#include "checks.hpp"

#include <doctest/doctest.h>

#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace interop {

/// An archive that holds the study of 11 MR instances and knows our receiver. Its table is fixed when it starts.
template <class Archive>
class loaded_archive {
 public:
  static bool ready() { return Archive::available() && storescp::available(); }

  /// @param others whom it knows besides
  explicit loaded_archive(const fs::path& data, std::vector<entity> others = {}) : archive{knowing(std::move(others))} {
    CHECK_MESSAGE(archive.load(mr_study_files(data)), archive.load_log);
  }

  report retrieve(std::vector<std::string> more = {}) const {
    more.insert(more.end(), {"-k", std::string{"StudyInstanceUID="} + mr_study});
    return interop::retrieve(archive, self, folder, more);
  }

  /// Every object is there and nothing went wrong; so many pending responses were told.
  void check_complete(const report& result, std::size_t pending) const {
    INFO(result.err);
    CHECK(result.code == 0);
    CHECK(result.count("pending") == pending);
    CHECK(result.done("studies") == 1);
    CHECK(result.done("received") == 11);
    CHECK(result.done("failed") + result.done("missing") + result.done("warnings") == 0);
    CHECK(by_uid(folder).size() == 11);
  }

  const entity self = receiver_entity();
  const temp_folder folder;
  Archive archive;

 private:
  auto knowing(std::vector<entity> others) const {
    others.push_back(self);
    if constexpr (std::is_constructible_v<Archive, std::vector<entity>>) {
      return others;
    } else {
      orthanc_options options;
      options.destinations = std::move(others);
      return options;
    }
  }
};

}  // namespace interop
