// Every uncompressed sample file into every other syntax and back. What changes is listed, and must follow the rules:
//
//   in explicit VR as        after implicit VR               why
//   private creator          LO                              PS3.5 §7.8.1
//   private, any other       UN                              no dictionary says what it is
//   US or SS                 by Pixel Representation         of its data set, else of those around it; else US
//   OB or OW                 OW                              7FE0,0010, 60xx,3000, 5400,1010 and the like: PS3.5 §A.1
//   known                    the dictionary's VR             whatever the file said
//   not known                UN
//   SQ by the dictionary     UN                              where the value is no sequence
//   over 65,534 bytes        UN, if its VR is a short one    PS3.5 §6.2.2
//   group length             gone                            where headers change size; PS3.5 §7.2
#include <codicom/data_set.hpp>
#include <codicom/encoding/byte_transform.hpp>
#include <codicom/encoding/transcode.hpp>

#include <algorithm>
#include <cstdlib>
#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <support/sample_files.hpp>
#include <support/standard_tables.hpp>
#include <support/temporary_folder.hpp>
#include <vector>

using namespace codicom;
namespace fs = std::filesystem;

namespace {

using bytes = std::vector<std::byte>;

const unique_id& explicit_le = transfer_syntax::ExplicitVRLittleEndian;
const unique_id& implicit_le = transfer_syntax::ImplicitVRLittleEndian;
const unique_id& explicit_be = transfer_syntax::ExplicitVRBigEndian;
const unique_id& deflated_le = transfer_syntax::DeflatedExplicitVRLittleEndian;

struct sample {
  std::string name;
  unique_id syntax;
  bytes data_set;
  decoded original;
};

// `f(sample)` for each.
template <class F>
std::size_t for_each_sample(F f) {
  std::size_t count = 0;
  for (const auto& path : test_support::sample_files()) {
    sample s;
    s.name = path.filename().string();
    const auto file = test_support::contents(path);
    std::size_t offset = 0;
    try {
      const auto head = read_file(file, decode_options::until(element_tag{0x0008, 0x0000}));
      s.syntax = head.meta.transfer_syntax_uid;
      offset = static_cast<std::size_t>(head.data_set_offset);
    } catch (const std::system_error& e) {
      CHECK((e.code() == errc::unsupported_transfer_syntax && !can_deflate()));
      continue;
    }
    s.data_set.assign(file.begin() + static_cast<std::ptrdiff_t>(offset), file.end());
    s.original = decode(s.data_set, s.syntax);
    CAPTURE(s.name);
    f(s);
    ++count;
  }
  return count;
}

// Those that are not compressed.
template <class F>
std::size_t for_each_plain(F f) {
  std::size_t count = 0;
  for_each_sample([&](const sample& s) {
    if (!is_transcodable(s.syntax, implicit_le)) return;
    f(s);
    ++count;
  });
  return count;
}

// VR by tag as PS3.6 has it; repeating groups by their first.
const std::map<std::string, std::string>& dictionary() {
  static const auto table = [] {
    std::map<std::string, std::string> all;
    for (const auto& row : test_support::standard_table("dictionary.tsv")) all.emplace(row[0], row[1]);
    return all;
  }();
  return table;
}

std::string dictionary_vr(element_tag tag) {
  auto text = to_string(tag);
  if (const auto found = dictionary().find(text); found != dictionary().end()) return found->second;
  text.replace(3, 2, "xx");  // (60xx,3000)
  if (const auto found = dictionary().find(text); found != dictionary().end()) return found->second;
  return "UN";
}

// By the table above. `pixel_representation` in force, -1 when nobody told.
std::string after_implicit(const element& e, int pixel_representation) {
  if (e.tag().is_private()) return e.tag().is_private_creator() ? "LO" : "UN";
  const auto known = dictionary_vr(e.tag());
  const std::string v = known == "US or SS"                       ? (pixel_representation == 1 ? "SS" : "US")
                        : known.find(" or ") != std::string::npos ? "OW"
                                                                  : known;
  if (v == "SQ" && !e.is_sequence() && !e.empty()) return "UN";
  return e.length() > 65'534 && !has_long_form(vr_from_code(v)) ? "UN" : v;
}

using change_count = std::map<std::string, std::size_t>;  // "OB -> OW"

// How two data sets may differ.
struct allowance {
  bool by_rule;  // VRs have been through implicit VR
  bool without_group_lengths;
  bool like_dcmtk = false;  // which knows private elements, and pads text anew
};

byte_span trimmed(byte_span value) {
  while (!value.empty() && (value.back() == std::byte{' '} || value.back() == std::byte{0}))
    value = value.first(value.size() - 1);
  return value;
}
// One of the two may be padded.
bool same_value(const element& a, const element& b, bool like_dcmtk) {
  const auto equal = [](byte_span x, byte_span y) { return std::equal(x.begin(), x.end(), y.begin(), y.end()); };
  if (like_dcmtk && is_text(a.value_representation())) return equal(trimmed(a.bytes()), trimmed(b.bytes()));
  const auto shorter = std::min(a.length(), b.length());
  if (a.length() != b.length() && shorter % 2 != 0 && a.length() + b.length() == 2 * shorter + 1)
    return equal(a.bytes().first(shorter), b.bytes().first(shorter));
  return equal(a.bytes(), b.bytes());
}

std::string path_to(const std::vector<element_tag>& path, element_tag tag) {
  std::string text;
  for (const auto t : path) text += to_string(t) + '.';
  return text + to_string(tag);
}

// The first difference that is not allowed, as text, or nothing. Counts the VRs that changed.
std::string difference(const data_set& before, const data_set& after, allowance allowed, change_count& changes,
                       std::vector<element_tag> path = {}, int pixel_representation = -1) {
  if (const auto told = before.get(tag::PixelRepresentation)) pixel_representation = *told == 1 ? 1 : 0;
  const auto* b = after.begin();
  for (const auto& e : before) {
    if (e.tag().is_group_length() && allowed.without_group_lengths) continue;
    const auto here = path_to(path, e.tag());
    if (b == after.end() || b->tag() != e.tag()) return here + " is gone";
    const std::string old_vr{code(e.value_representation())}, new_vr{code(b->value_representation())};
    const auto expected = allowed.by_rule ? after_implicit(e, pixel_representation) : old_vr;
    const bool any_vr =
        allowed.like_dcmtk && (e.tag().is_private() || old_vr == "UN" || old_vr == "OW" || old_vr == "OB");
    if (new_vr != expected && !any_vr) return here + ": " + new_vr + " instead of " + expected;
    if (old_vr != new_vr) ++changes[old_vr + " -> " + new_vr];
    if (e.is_sequence() && b->is_sequence()) {
      if (e.items().size() != b->items().size()) return here + ": other number of items";
      auto inside = allowed;
      inside.by_rule = allowed.by_rule || new_vr == "UN";
      path.push_back(e.tag());
      for (std::size_t i = 0; i < e.items().size(); ++i) {
        auto found = difference(e.items()[i], b->items()[i], inside, changes, path, pixel_representation);
        if (!found.empty()) return found;
      }
      path.pop_back();
    } else if (e.is_sequence() != b->is_sequence()) {
      if (!e.empty() || !b->empty()) return here + ": a sequence on one side only";  // one that nobody knows is empty
    } else if (!same_value(e, *b, allowed.like_dcmtk)) {
      return here + ": another value";
    }
    ++b;
  }
  return b == after.end() ? "" : path_to(path, b->tag()) + " is new";
}

bytes into(const bytes& from_bytes, const unique_id& from, const unique_id& to, bool repair = false) {
  transcode_options options;
  options.repair = repair;
  return transcode(from_bytes, from, to, options);
}

}  // namespace

TEST_CASE("uncompressed sample files lead to every other syntax and back, and what changes follows the rules") {
  change_count changes;
  std::size_t same_bytes = 0, compared = 0;
  std::vector<unique_id> syntaxes{explicit_le, implicit_le, explicit_be};
  if (can_deflate()) syntaxes.push_back(deflated_le);
  const auto count = for_each_plain([&](const sample& s) {
    const bool was_implicit = !wire_format_of(s.syntax).explicit_vr;
    for (const auto& to : syntaxes) {
      if (to == s.syntax) continue;
      CAPTURE(to.str());
      const bool resized = was_implicit != !wire_format_of(to).explicit_vr;
      const allowance allowed{resized, resized};
      const auto there = into(s.data_set, s.syntax, to);
      const auto back = into(there, to, s.syntax);
      const auto returned = decode(back, s.syntax);
      change_count on_the_way, here;
      CHECK(difference(s.original.value, decode(there, to).value, allowed, on_the_way) == "");
      CHECK(difference(s.original.value, returned.value, allowed, here) == "");
      for (const auto& [kind, number] : here) changes[kind] += number;
      ++compared;
      if (!here.empty() || !s.original.diagnoses.empty()) continue;
      // Where no VR had to change: the same bytes, but for the kinds of lengths where headers changed size.
      CHECK(into(back, s.syntax, s.syntax, true) == into(s.data_set, s.syntax, s.syntax, true));
      if (!resized && !wire_format_of(s.syntax).deflated) CHECK(back == s.data_set);
      ++same_bytes;
    }
  });
  if (count == 0) return;
  std::string list;
  for (const auto& [kind, number] : changes) list += (list.empty() ? "" : ", ") + kind + ' ' + std::to_string(number);
  MESSAGE(count, " files, ", compared, " ways there and back, ", same_bytes,
          " of them without a changed VR and with the same bytes");
  MESSAGE("changed: ", list);
  CHECK(count > 150);
  CHECK(same_bytes > 500);
}

TEST_CASE("through a data set, which knows its lengths, the same bytes come back where no VR had to change") {
  std::size_t same = 0;
  const auto count = for_each_plain([&](const sample& s) {
    if (!s.original.diagnoses.empty() || wire_format_of(s.syntax).deflated) return;
    if (encode(s.original.value, s.syntax) != s.data_set) return;  // group lengths that lie
    for (const auto& to : {explicit_le, implicit_le, explicit_be}) {
      if (to == s.syntax) continue;
      CAPTURE(to.str());
      const auto back = decode(encode(s.original.value, to), to).value;
      change_count changes;
      if (!difference(s.original.value, back, {false, false}, changes).empty()) continue;  // a changed VR
      CHECK(encode(back, s.syntax) == s.data_set);
      ++same;
    }
  });
  if (count != 0) {
    MESSAGE(same, " ways there and back with the same bytes");
    CHECK(same > 300);
  }
}

TEST_CASE("every sample file can be repaired for a message: even throughout, with the same elements") {
  std::size_t odd = 0;
  const std::set<std::string> cut_off{"d4c_3gb-bulk-data-truncated", "pyd_MR_truncated.dcm"};
  for_each_sample([&](const sample& s) {
    if (cut_off.contains(s.name)) {
      CHECK_THROWS_AS(static_cast<void>(into(s.data_set, s.syntax, s.syntax, true)), std::system_error);
      return;
    }
    const auto repaired = into(s.data_set, s.syntax, s.syntax, true);
    CHECK(repaired.size() % 2 == 0);
    const auto again = decode(repaired, s.syntax);
    change_count changes;
    CHECK(difference(s.original.value, again.value, {false, true}, changes) == "");
    for (const auto& d : again.diagnoses) CHECK_MESSAGE(d.what != deviation::odd_length, to_string(d));
    odd += s.data_set.size() % 2;
  });
  if (fs::exists(test_support::sample_folder() / "fo_GH364.dcm")) CHECK(odd > 0);
}

TEST_CASE("dcmconv converts the sample files to the same elements, and reads what we converted") {
  if (std::system("dcmconv --version >/dev/null 2>&1") != 0) {
    MESSAGE("skipped: no dcmconv");
    return;
  }
  const test_support::temporary_folder folder;
  const auto in = folder.path() / "in.dcm", out = folder.path() / "out.dcm";
  const auto write = [&](const unique_id& syntax, byte_span data_set) {
    const auto header = encode_file_header(file_meta{"1.2.3", "1.2.3.4", syntax});
    file_writer writer{in};
    writer.write(header);
    writer.write(data_set);
    writer.commit();
  };
  const auto convert = [&](const std::string& option) {
    const auto command = "dcmconv -q -g -e " + option + " '" + in.string() + "' '" + out.string() + "'";
    return std::system(command.c_str()) == 0;
  };
  const std::map<std::string, std::string> differ{
      {"djd_ele.dcm", "a private sequence that stands there as UN, which DCMTK knows"},
      {"fos_test1.dcm", "a UID with spaces, which DCMTK removes"},
  };
  const std::map<std::string, unique_id> options{
      {"+te", explicit_le}, {"+ti", implicit_le}, {"+tb", explicit_be}, {"+td", deflated_le}};
  std::size_t compared = 0;
  for_each_plain([&](const sample& s) {
    if (!s.original.diagnoses.empty() || s.data_set.size() > (256u << 10) || differ.contains(s.name)) return;
    for (const auto& [option, to] : options) {
      if (to == s.syntax || !is_transcodable(s.syntax, to)) continue;
      CAPTURE(option);
      const auto converted = into(s.data_set, s.syntax, to);
      const auto ours = decode(converted, to).value;
      const allowance allowed{!wire_format_of(to).explicit_vr, true, true};
      change_count changes;
      write(s.syntax, s.data_set);
      REQUIRE(convert(option));
      CHECK(difference(ours, read_file(out).value, allowed, changes) == "");
      ++compared;
      if (to != deflated_le && to != explicit_be) continue;
      write(to, converted);
      REQUIRE(convert("+te"));
      CHECK(difference(ours, read_file(out).value, allowed, changes) == "");
    }
  });
  MESSAGE(compared, " conversions beside those of dcmconv");
}

TEST_CASE("pydicom reads what we deflate, and we read what it comes with") {
  if (!can_deflate() || std::system("/usr/bin/python3 -c 'import pydicom' 2>/dev/null") != 0) {
    MESSAGE("skipped: no zlib, or no pydicom");
    return;
  }
  const test_support::temporary_folder folder;
  const auto plain = folder.path() / "plain.dcm", deflated = folder.path() / "deflated.dcm";
  std::size_t compared = 0;
  for_each_plain([&](const sample& s) {
    if (!s.original.diagnoses.empty() || s.data_set.size() > (64u << 10) || compared == 10) return;
    write_file(plain, s.original.value, file_meta{"1.2.3", "1.2.3.4", explicit_le});
    write_file(deflated, s.original.value, file_meta{"1.2.3", "1.2.3.4", deflated_le});
    CHECK(std::filesystem::file_size(deflated) < std::filesystem::file_size(plain));
    const auto command =
        "/usr/bin/python3 -W ignore -c 'import sys, pydicom; a, b = map(pydicom.dcmread, sys.argv[1:]); "
        "sys.exit(a != b or len(a) == 0)' '" +
        plain.string() + "' '" + deflated.string() + "'";
    CHECK(std::system(command.c_str()) == 0);
    ++compared;
  });
  const fs::path theirs = "/usr/lib/python3/dist-packages/pydicom/data/test_files/image_dfl.dcm";
  if (fs::exists(theirs)) {
    const auto file = read_file(theirs);
    for (const auto& d : file.diagnoses) CHECK(d.what == deviation::trailing_bytes);  // of the gzip that made it
    CHECK(file.meta.transfer_syntax_uid == deflated_le);
    CHECK(file.value.get(tag::Rows) == 512);
    CHECK(file.value.find(tag::PixelData)->length() == 512u * 512u);
  }
}
