#pragma once
#include "process.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace interop {

/// What a file's meta information says and where its data set begins, read here without the library under test.
struct part10 {
  std::string sop_class_uid;
  std::string sop_instance_uid;
  std::string transfer_syntax_uid;
  std::uintmax_t data_set_offset = 0;
  std::uintmax_t data_set_size = 0;
};

/// Throws std::runtime_error when the file is not a Part 10 file.
part10 read_part10(const fs::path& file);

/// The data sets, byte for byte, and the transfer syntaxes are the same.
bool same_object(const fs::path& a, const fs::path& b);

/// Every file in a folder and below, in order; not the index of codicom-pacs, which lies beside its files.
std::vector<fs::path> files_below(const fs::path& folder);
/// All files below a folder by SOP Instance UID. Files that are no Part 10 files are a failure of the running test.
std::map<std::string, fs::path> by_uid(const fs::path& folder);
/// The same, when there is one such file for every UID of the other side and each pair is the same object.
bool same_objects(const std::map<std::string, fs::path>& ours, const std::map<std::string, fs::path>& theirs);

/// An object to be made: a multi-frame secondary capture of the given number of 1 MiB frames, frame n filled with n.
struct large_object {
  std::string study_uid, series_uid, sop_instance_uid;
  std::uint32_t frames = 64;
};
void write_large_object(const fs::path& file, const large_object& object);

}  // namespace interop
