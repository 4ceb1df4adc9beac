#include "part10.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <stdexcept>
#include <vector>

namespace interop {

namespace {

std::uint32_t le(const char* at, int bytes) {
  std::uint32_t value = 0;
  for (int i = bytes; i-- > 0;) value = value << 8 | static_cast<unsigned char>(at[i]);
  return value;
}

void put(std::string& out, std::uint32_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out.push_back(static_cast<char>(value >> (8 * i) & 0xFF));
}

// Explicit VR little endian, short form; UI is padded with NUL, the rest with a space.
void element(std::string& out, std::uint32_t tag, const char* vr, std::string value) {
  if (value.size() % 2 != 0) value.push_back(std::strcmp(vr, "UI") == 0 ? '\0' : ' ');
  put(out, tag >> 16, 2);
  put(out, tag & 0xFFFF, 2);
  out += vr;
  put(out, static_cast<std::uint32_t>(value.size()), 2);
  out += value;
}

void us(std::string& out, std::uint32_t tag, std::uint32_t number) {
  std::string value;
  put(value, number, 2);
  element(out, tag, "US", value);
}

std::string meta(const std::string& sop_class, const std::string& instance, const std::string& syntax) {
  std::string group;
  put(group, 0x0002, 2);  // File Meta Information Version
  put(group, 0x0001, 2);
  group += "OB";
  put(group, 0, 2);
  put(group, 2, 4);
  group += std::string{"\0\1", 2};
  element(group, 0x00020002, "UI", sop_class);
  element(group, 0x00020003, "UI", instance);
  element(group, 0x00020010, "UI", syntax);
  element(group, 0x00020012, "UI", "2.25.1");
  std::string out(128, '\0');
  out += "DICM";
  std::string length;
  put(length, static_cast<std::uint32_t>(group.size()), 4);
  element(out, 0x00020000, "UL", length);
  return out + group;
}

}  // namespace

part10 read_part10(const fs::path& file) {
  std::ifstream in{file, std::ios::binary};
  std::string head(64 << 10, '\0');
  in.read(head.data(), static_cast<std::streamsize>(head.size()));
  head.resize(static_cast<std::size_t>(in.gcount()));
  if (head.size() < 144 || head.compare(128, 4, "DICM") != 0) throw std::runtime_error{"no Part 10 file: " + file.string()};
  part10 found;
  std::size_t at = 132;
  while (at + 8 <= head.size() && le(head.data() + at, 2) == 2) {
    const auto number = le(head.data() + at + 2, 2);
    const std::string vr = head.substr(at + 4, 2);
    const bool is_long = vr == "OB" || vr == "UN" || vr == "OW" || vr == "UT";
    const std::size_t length = is_long ? le(head.data() + at + 8, 4) : le(head.data() + at + 6, 2);
    at += is_long ? 12 : 8;
    if (at + length > head.size()) throw std::runtime_error{"file meta information is too long: " + file.string()};
    std::string value = head.substr(at, length);
    while (!value.empty() && (value.back() == '\0' || value.back() == ' ')) value.pop_back();
    if (number == 0x0002) found.sop_class_uid = value;
    if (number == 0x0003) found.sop_instance_uid = value;
    if (number == 0x0010) found.transfer_syntax_uid = value;
    at += length;
  }
  found.data_set_offset = at;
  found.data_set_size = fs::file_size(file) - at;
  return found;
}

bool same_object(const fs::path& a, const fs::path& b) {
  const auto first = read_part10(a), second = read_part10(b);
  if (first.transfer_syntax_uid != second.transfer_syntax_uid || first.data_set_size != second.data_set_size) return false;
  std::ifstream x{a, std::ios::binary}, y{b, std::ios::binary};
  x.seekg(static_cast<std::streamoff>(first.data_set_offset));
  y.seekg(static_cast<std::streamoff>(second.data_set_offset));
  std::vector<char> left(1 << 20), right(1 << 20);
  for (auto rest = first.data_set_size; rest != 0;) {
    const auto part = static_cast<std::streamsize>(std::min<std::uintmax_t>(rest, left.size()));
    x.read(left.data(), part);
    y.read(right.data(), part);
    if (!x || !y || std::memcmp(left.data(), right.data(), static_cast<std::size_t>(part)) != 0) return false;
    rest -= static_cast<std::uintmax_t>(part);
  }
  return true;
}

std::vector<fs::path> files_below(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator{folder})
    // The index of codicom-pacs lies beside its files.
    if (entry.is_regular_file() && entry.path().filename().string().find(".codicom-pacs.") != 0)
      files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

std::map<std::string, fs::path> by_uid(const fs::path& folder) {
  std::map<std::string, fs::path> found;
  for (const auto& file : files_below(folder)) {
    const auto uid = read_part10(file).sop_instance_uid;
    CHECK_MESSAGE(found.emplace(uid, file).second, "two files hold " << uid);
  }
  return found;
}

bool same_objects(const std::map<std::string, fs::path>& ours, const std::map<std::string, fs::path>& theirs) {
  std::string missing, different, extra;
  for (const auto& [uid, file] : theirs) {
    const auto mine = ours.find(uid);
    if (mine == ours.end()) missing += ' ' + uid;
    else if (!same_object(mine->second, file))
      different += ' ' + uid + " (" + read_part10(mine->second).transfer_syntax_uid + " and " +
                   read_part10(file).transfer_syntax_uid + ')';
  }
  for (const auto& [uid, file] : ours)
    if (!theirs.contains(uid)) extra += ' ' + uid;
  CHECK_MESSAGE(missing.empty(), "missing:" << missing);
  CHECK_MESSAGE(different.empty(), "different:" << different);
  CHECK_MESSAGE(extra.empty(), "not expected:" << extra);
  return missing.empty() && different.empty() && extra.empty();
}

void write_large_object(const fs::path& file, const large_object& object) {
  const std::string sop_class = "1.2.840.10008.5.1.4.1.1.7.2";  // Multi-frame Grayscale Byte Secondary Capture
  std::ofstream out{file, std::ios::binary};
  std::string head = meta(sop_class, object.sop_instance_uid, "1.2.840.10008.1.2.1");
  element(head, 0x00080016, "UI", sop_class);
  element(head, 0x00080018, "UI", object.sop_instance_uid);
  element(head, 0x00080020, "DA", "20240229");
  element(head, 0x00080030, "TM", "120000");
  element(head, 0x00080050, "SH", "");
  element(head, 0x00080060, "CS", "OT");
  element(head, 0x00080064, "CS", "WSD");
  element(head, 0x00080090, "PN", "");
  element(head, 0x00100010, "PN", "LARGE^OBJECT");
  element(head, 0x00100020, "LO", "LARGE");
  element(head, 0x00100030, "DA", "");
  element(head, 0x00100040, "CS", "O");
  element(head, 0x0020000D, "UI", object.study_uid);
  element(head, 0x0020000E, "UI", object.series_uid);
  element(head, 0x00200010, "SH", "1");
  element(head, 0x00200011, "IS", "1");
  element(head, 0x00200013, "IS", "1");
  us(head, 0x00280002, 1);
  element(head, 0x00280004, "CS", "MONOCHROME2");
  element(head, 0x00280008, "IS", std::to_string(object.frames));
  us(head, 0x00280010, 1024);
  us(head, 0x00280011, 1024);
  us(head, 0x00280100, 8);
  us(head, 0x00280101, 8);
  us(head, 0x00280102, 7);
  us(head, 0x00280103, 0);
  put(head, 0x7FE0, 2);
  put(head, 0x0010, 2);
  head += "OB";
  put(head, 0, 2);
  put(head, object.frames << 20, 4);
  out.write(head.data(), static_cast<std::streamsize>(head.size()));
  std::vector<char> frame(1 << 20);
  for (std::uint32_t i = 0; i < object.frames; ++i) {
    std::memset(frame.data(), static_cast<int>(i & 0xFF), frame.size());
    out.write(frame.data(), static_cast<std::streamsize>(frame.size()));
  }
  if (!out.flush()) throw std::runtime_error{"cannot write " + file.string()};
}

}  // namespace interop
