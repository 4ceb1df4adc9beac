#include "workloads.hpp"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <initializer_list>
#include <stdexcept>
#include <utility>

std::string_view name(syntax s) noexcept { return s == syntax::explicit_le ? "explicit" : "implicit"; }

namespace {

struct element;
using elements = std::vector<element>;

struct element {
  std::uint32_t tag;
  const char* vr;
  std::string value;            // as it is encoded, of even length
  std::vector<elements> items;  // of SQ
};

element text(std::uint32_t tag, const char* vr, std::string value) {
  if (value.size() % 2 != 0) value += std::string_view{vr} == "UI" ? '\0' : ' ';
  return {tag, vr, std::move(value), {}};
}
template <class Number>
element numbers(std::uint32_t tag, const char* vr, std::initializer_list<Number> values) {
  std::string value;
  for (const Number n : values) {
    char raw[sizeof n];
    std::memcpy(raw, &n, sizeof n);  // the benchmark runs on little-endian machines
    value.append(raw, sizeof n);
  }
  return {tag, vr, std::move(value), {}};
}
element us(std::uint32_t tag, std::uint16_t value) { return numbers(tag, "US", {value}); }
element ul(std::uint32_t tag, std::initializer_list<std::uint32_t> values) { return numbers(tag, "UL", values); }
element fd(std::uint32_t tag, double value) { return numbers(tag, "FD", {value}); }
element sq(std::uint32_t tag, std::vector<elements> items) { return {tag, "SQ", {}, std::move(items)}; }

// --- a plain encoder

std::size_t count(const elements& all) {
  std::size_t n = all.size();
  for (const auto& e : all)
    for (const auto& item : e.items) n += count(item);
  return n;
}

void put(std::string& out, std::uint32_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i) & 0xFF);
}
void put_tag(std::string& out, std::uint32_t tag) {
  put(out, tag >> 16, 2);
  put(out, tag & 0xFFFF, 2);
}
constexpr std::uint32_t undefined = 0xFFFFFFFF;

std::string encoded(const elements& all, syntax s, item_lengths lengths) {
  const bool open = lengths == item_lengths::undefined;
  std::string out;
  for (const auto& e : all) {
    std::string of_items;
    for (const auto& item : e.items) {
      const auto content = encoded(item, s, lengths);
      put_tag(of_items, 0xFFFEE000);
      put(of_items, open ? undefined : static_cast<std::uint32_t>(content.size()), 4);
      of_items += content;
      if (open) put_tag(of_items, 0xFFFEE00D), put(of_items, 0, 4);
    }
    const bool is_sequence = std::string_view{e.vr} == "SQ";
    if (is_sequence && open) put_tag(of_items, 0xFFFEE0DD), put(of_items, 0, 4);
    const auto& value = is_sequence ? of_items : e.value;
    const auto length = is_sequence && open ? undefined : static_cast<std::uint32_t>(value.size());
    put_tag(out, e.tag);
    if (s == syntax::implicit_le) {
      put(out, length, 4);
    } else {
      out += e.vr;
      const std::string_view vr{e.vr};
      if (vr == "SQ" || vr == "OB" || vr == "OW" || vr == "UN" || vr == "UT") put(out, 0, 2), put(out, length, 4);
      else put(out, length, 2);
    }
    out += value;
  }
  return out;
}

// --- the objects

element code(std::uint32_t tag, const char* value, const char* scheme, const char* meaning) {
  return sq(tag, {{text(0x00080100, "SH", value), text(0x00080102, "SH", scheme), text(0x00080104, "LO", meaning)}});
}
element reference(std::uint32_t tag, const char* sop_class, const char* instance) {
  return sq(tag, {{text(0x00081150, "UI", sop_class), text(0x00081155, "UI", instance)}});
}

// A CT image without its pixels: 120 elements, 3 sequences of which one holds another.
elements ct_header() {
  return {
      text(0x00080005, "CS", "ISO_IR 100"),
      text(0x00080008, "CS", "ORIGINAL\\PRIMARY\\AXIAL\\CT_SOM5 SPI"),
      text(0x00080012, "DA", "20240311"),
      text(0x00080013, "TM", "101530.250000"),
      text(0x00080016, "UI", "1.2.840.10008.5.1.4.1.1.2"),
      text(0x00080018, "UI", "1.3.12.2.1107.5.1.4.54693.30000006100507010800000005466"),
      text(0x00080020, "DA", "20240311"),
      text(0x00080021, "DA", "20240311"),
      text(0x00080022, "DA", "20240311"),
      text(0x00080023, "DA", "20240311"),
      text(0x0008002A, "DT", "20240311101530.250000"),
      text(0x00080030, "TM", "100110.000000"),
      text(0x00080031, "TM", "101412.109000"),
      text(0x00080032, "TM", "101530.250000"),
      text(0x00080033, "TM", "101530.250000"),
      text(0x00080050, "SH", "A2024-0311-0042"),
      text(0x00080060, "CS", "CT"),
      text(0x00080068, "CS", "FOR PRESENTATION"),
      text(0x00080070, "LO", "SIEMENS"),
      text(0x00080080, "LO", "University Hospital, Department of Radiology"),
      text(0x00080081, "ST", "1 Hospital Road, 12345 Springfield, Section for Computed Tomography, Building 7"),
      text(0x00080090, "PN", "REFERRING^PHYSICIAN^^DR"),
      text(0x00081010, "SH", "CTAWP54693"),
      text(0x00081030, "LO", "Thorax^1_THORAX_ROUTINE (ADULT)"),
      code(0x00081032, "CTCHWO", "99LOCAL", "CT of the chest without contrast medium"),
      text(0x0008103E, "LO", "Thorax 1.0 B70f, lung window"),
      text(0x00081040, "LO", "Radiology"),
      text(0x00081050, "PN", "PERFORMING^PHYSICIAN^^PROF"),
      text(0x00081060, "PN", "READING^PHYSICIAN"),
      text(0x00081070, "PN", "OPERATOR^ONE\\OPERATOR^TWO"),
      text(0x00081080, "LO", "Cough for three weeks\\Suspected pneumonia"),
      text(0x00081090, "LO", "Sensation 64"),
      reference(0x00081110, "1.2.840.10008.3.1.2.3.1", "1.2.840.113619.2.62.994044785528.20060823.200608232232322.9"),
      text(0x00082111, "ST", "resampled from 0.6 mm slices with kernel B70f for lung, 1.0 mm slice every 0.8 mm"),
      text(0x00100010, "PN", "CITIZEN^JANE^QUIMBY^MRS^PHD"),
      text(0x00100020, "LO", "PID-20240042-7"),
      text(0x00100021, "LO", "University Hospital"),
      text(0x00100030, "DA", "19610805"),
      text(0x00100032, "TM", "063000"),
      text(0x00100040, "CS", "F"),
      text(0x00101010, "AS", "062Y"),
      text(0x00101020, "DS", "1.68"),
      text(0x00101030, "DS", "64.5"),
      text(0x00102110, "LO", "Iodinated contrast media"),
      text(0x00102154, "SH", "+1-555-0100-0042"),
      text(0x00102160, "SH", "unspecified"),
      text(0x00102180, "SH", "Teacher"),
      text(0x001021B0, "LT",
           "Three weeks of productive cough, no fever at the time of examination. No earlier examinations here. "
           "Former smoker until 2009, about 15 pack years. Please compare with the radiographs of February."),
      text(0x00104000, "LT", "Needs help when lying down; prefers to be called by her first name."),
      text(0x00180010, "LO", "none"),
      text(0x00180015, "CS", "CHEST"),
      text(0x00180022, "CS", "HELICAL MODE"),
      text(0x00180050, "DS", "1"),
      text(0x00180060, "DS", "120"),
      text(0x00180090, "DS", "500"),
      text(0x00181000, "LO", "54693"),
      text(0x00181016, "LO", "SIEMENS"),
      text(0x00181020, "LO", "syngo CT 2007C, VB20B_P12"),
      text(0x00181030, "LO", "1_THORAX_ROUTINE"),
      text(0x00181100, "DS", "332"),
      text(0x00181110, "DS", "1040"),
      text(0x00181111, "DS", "570"),
      text(0x00181120, "DS", "0"),
      text(0x00181130, "DS", "157.5"),
      text(0x00181140, "CS", "CW"),
      text(0x00181150, "IS", "500"),
      text(0x00181151, "IS", "187"),
      text(0x00181152, "IS", "94"),
      text(0x00181160, "SH", "WEDGE_2"),
      text(0x00181170, "IS", "32"),
      text(0x00181190, "DS", "0.7"),
      text(0x00181200, "DA", "20240310"),
      text(0x00181201, "TM", "071511.000000"),
      text(0x00181210, "SH", "B70f"),
      text(0x00185100, "CS", "HFS"),
      fd(0x00189306, 0.6),
      fd(0x00189307, 19.2),
      fd(0x00189309, 26.9),
      fd(0x00189310, 13.4),
      fd(0x00189311, 0.7),
      text(0x00189323, "CS", "XYZ_EC"),
      fd(0x00189345, 7.28),
      text(0x0020000D, "UI", "1.3.12.2.1107.5.1.4.54693.30000006100506383700000000042"),
      text(0x0020000E, "UI", "1.3.12.2.1107.5.1.4.54693.30000006100507010800000005101"),
      text(0x00200010, "SH", "20240311-42"),
      text(0x00200011, "IS", "4"),
      text(0x00200012, "IS", "2"),
      text(0x00200013, "IS", "137"),
      text(0x00200032, "DS", "-166.000000\\-171.699997\\-207.400000"),
      text(0x00200037, "DS", "1\\0\\0\\0\\1\\0"),
      text(0x00200052, "UI", "1.3.12.2.1107.5.1.4.54693.30000006100506413900000000007"),
      text(0x00200060, "CS", "U"),
      text(0x00201002, "IS", "412"),
      text(0x00201040, "LO", "SN"),
      text(0x00201041, "DS", "-207.4"),
      text(0x00204000, "LT", "Breath hold incomplete in the last third; diaphragm slightly blurred on both sides."),
      us(0x00280002, 1),
      text(0x00280004, "CS", "MONOCHROME2"),
      us(0x00280010, 512),
      us(0x00280011, 512),
      text(0x00280030, "DS", "0.6484375\\0.6484375"),
      us(0x00280100, 16),
      us(0x00280101, 12),
      us(0x00280102, 11),
      us(0x00280103, 0),
      text(0x00280303, "CS", "MODIFIED"),
      text(0x00281050, "DS", "-600\\40"),
      text(0x00281051, "DS", "1200\\400"),
      text(0x00281052, "DS", "-1024"),
      text(0x00281053, "DS", "1"),
      text(0x00281054, "LO", "HU"),
      text(0x00281055, "LO", "WINDOW1\\WINDOW2"),
      text(0x00282110, "CS", "00"),
      text(0x0032000A, "CS", "COMPLETED"),
      text(0x00321032, "PN", "REQUESTING^PHYSICIAN^^DR"),
      text(0x00321033, "LO", "Internal medicine, outpatient department"),
      text(0x00321060, "LO", "CT of the chest, native, low dose"),
      text(0x00400244, "DA", "20240311"),
      text(0x00400245, "TM", "100110.000000"),
      text(0x00400253, "SH", "PPS-0311-0042"),
      text(0x00400254, "LO", "CT chest without contrast medium"),
      sq(0x00400275,
         {{text(0x00321060, "LO", "CT of the chest, native, low dose"), text(0x00400007, "LO", "CT chest, low dose"),
           code(0x00400008, "P5-08000", "SRT", "Computed tomography"), text(0x00400009, "SH", "SPS-0311-0042"),
           text(0x00401001, "SH", "RP-0311-0042")}}),
      text(0x00400280, "ST", "Table height adapted because of the patient's kyphosis."),
  };
}

elements enhanced_header(int frames) {
  auto all = ct_header();
  while (all.back().tag >= 0x00400000) all.pop_back();
  std::vector<elements> per_frame;
  for (int i = 0; i < frames; ++i) {
    char time[32], position[64];
    std::snprintf(time, sizeof time, "20240311%02d%02d%02d.%06d", i / 3600 % 24, i / 60 % 60, i % 60, i % 1000 * 1000);
    std::snprintf(position, sizeof position, "-166\\-171.7\\%d.%d", i - 2500, i % 9 + 1);
    const auto frame = static_cast<std::uint32_t>(i) + 1;
    per_frame.push_back({
        sq(0x00209111, {{text(0x00189074, "DT", time), text(0x00189151, "DT", time), fd(0x00189220, 0.5 * i),
                         text(0x00209056, "SH", "1"), ul(0x00209057, {frame}), ul(0x00209157, {1, frame, 1})}}),
        sq(0x00209113, {{text(0x00200032, "DS", position)}}),
        sq(0x00209116, {{text(0x00200037, "DS", "1\\0\\0\\0\\1\\0")}}),
        sq(0x00289110, {{text(0x00180050, "DS", "1.25"), text(0x00280030, "DS", "0.6484375\\0.6484375")}}),
        sq(0x00289145, {{text(0x00281052, "DS", "-1024"), text(0x00281053, "DS", "1"), text(0x00281054, "LO", "HU")}}),
    });
  }
  all.push_back(sq(0x52009230, std::move(per_frame)));
  return all;
}

elements image(std::size_t pixel_bytes, int frames) {
  auto all = ct_header();
  if (frames > 1)
    for (std::size_t i = 0; i < all.size(); ++i)
      if (all[i].tag == 0x00280010) {
        all.insert(all.begin() + static_cast<std::ptrdiff_t>(i), text(0x00280008, "IS", std::to_string(frames)));
        break;
      }
  std::string pixels(pixel_bytes, '\0');
  std::uint32_t state = 1;
  for (auto& byte : pixels) {
    state = state * 1664525u + 1013904223u;
    byte = static_cast<char>(state >> 24);
  }
  all.push_back({0x7FE00010, "OW", std::move(pixels), {}});
  return all;
}

find_row row(int i) {
  static constexpr const char* modalities[] = {"CT", "MR\\PR", "CT\\SR", "US", "MG\\SR\\PR", "CR"};
  static constexpr const char* names[] = {"CITIZEN^JANE", "DOE^JOHN^Q^^III", "GARCIA LOPEZ^MARIA", "LEE^SUN",
                                          "OKONKWO^ADAEZE^N"};
  char text[96];
  const auto print = [&text](const char* format, auto... values) {
    std::snprintf(text, sizeof text, format, values...);
    return std::string{text};
  };
  find_row r;
  r.study_date = print("20%02d%02d%02d", i / 4000 % 25, i % 12 + 1, i % 28 + 1);
  r.study_time = print("%02d%02d%02d.%06d", i / 3600 % 24, i / 60 % 60, i % 60, i);
  r.accession_number = print("A%09d", i);
  r.retrieve_ae_title = "ARCHIVE";
  r.modalities = modalities[i % 6];
  r.patient_name = print("%s %d", names[i % 5], i / 7);
  r.patient_id = print("PID%07d", i * 7 % 9999991);
  r.birth_date = print("19%02d%02d%02d", i % 99, i / 12 % 12 + 1, i / 28 % 28 + 1);
  r.study_instance_uid = print("1.3.12.2.1107.5.1.4.54693.30000006100506383700%07d", i);
  r.instances = print("%d", i % 2000 + 1);
  return r;
}

elements identifier(const find_row& r) {
  return {
      text(0x00080005, "CS", "ISO_IR 100"),
      text(0x00080020, "DA", r.study_date),
      text(0x00080030, "TM", r.study_time),
      text(0x00080050, "SH", r.accession_number),
      text(0x00080052, "CS", "STUDY"),
      text(0x00080054, "AE", r.retrieve_ae_title),
      text(0x00080061, "CS", r.modalities),
      text(0x00100010, "PN", r.patient_name),
      text(0x00100020, "LO", r.patient_id),
      text(0x00100030, "DA", r.birth_date),
      text(0x0020000D, "UI", r.study_instance_uid),
      text(0x00201208, "IS", r.instances),
  };
}

}  // namespace

workload make_workload(std::string_view name) {
  workload w;
  w.name = name;
  std::vector<elements> all;
  if (name == "ct_header") {
    all.push_back(ct_header());
  } else if (name == "enhanced_header" || name == "enhanced_undefined") {
    all.push_back(enhanced_header(5000));
    if (name == "enhanced_undefined") w.lengths = item_lengths::undefined;
  } else if (name == "ct_image") {
    all.push_back(image(512 << 10, 1));
  } else if (name == "multiframe") {
    all.push_back(image(64 << 20, 128));
  } else if (name == "find_responses") {
    for (int i = 0; i < 100'000; ++i) {
      w.rows.push_back(row(i));
      all.push_back(identifier(w.rows.back()));
    }
  } else {
    throw std::runtime_error{"no such workload: " + w.name};
  }
  for (const auto& d : all) w.elements += count(d);
  for (const auto s : {syntax::explicit_le, syntax::implicit_le}) {
    auto& bytes = w.encoded[static_cast<std::size_t>(s)];
    std::vector<std::pair<std::size_t, std::size_t>> parts;
    for (const auto& d : all) {
      const auto one = encoded(d, s, w.lengths);
      parts.emplace_back(bytes.size(), one.size());
      const auto* const from = reinterpret_cast<const std::byte*>(one.data());
      bytes.insert(bytes.end(), from, from + one.size());
    }
    bytes.shrink_to_fit();
    for (const auto& [at, size] : parts) w.data_sets[static_cast<std::size_t>(s)].push_back({bytes.data() + at, size});
  }
  return w;
}
