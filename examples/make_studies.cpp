// Writes a handful of synthetic studies, for trying things out without anybody's images:
//
//     make_studies studies
//
// Patients, dates and pictures are made up; the same files come out every time.
#include <codicom/data_set/data_set.hpp>
#include <codicom/dictionary/sop_classes.hpp>
#include <codicom/dictionary/tags.hpp>
#include <codicom/dictionary/transfer_syntaxes.hpp>
#include <codicom/file/write_file.hpp>

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

using namespace codicom;

namespace {

constexpr double pi = 3.14159265358979;

// A number that looks random and is always the same for the same input (splitmix64).
std::uint64_t mixed(std::uint64_t value) {
  value += 0x9E3779B97F4A7C15u;
  value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9u;
  value = (value ^ value >> 27) * 0x94D049BB133111EBu;
  return value ^ value >> 31;
}

// A UID of the 2.25 form (PS3.5 §B.2) whose UUID comes from a name instead of from chance.
unique_id uid_for(std::string_view name) {
  std::uint64_t hash = 0xCBF29CE484222325u;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3u;
  const std::uint64_t high = (mixed(hash) & ~0xF000ull) | 0x8000;  // UUID version 8: our own content
  const std::uint64_t low = (mixed(~hash) >> 2) | 1ull << 63;
  std::uint32_t words[] = {static_cast<std::uint32_t>(high >> 32), static_cast<std::uint32_t>(high),
                           static_cast<std::uint32_t>(low >> 32), static_cast<std::uint32_t>(low)};
  std::string digits;
  while (words[0] | words[1] | words[2] | words[3]) {
    std::uint64_t rest = 0;
    for (auto& word : words) {
      const std::uint64_t current = rest << 32 | word;
      word = static_cast<std::uint32_t>(current / 10);
      rest = current % 10;
    }
    digits.insert(digits.begin(), static_cast<char>('0' + rest));
  }
  return unique_id{"2.25." + digits};
}

// ---- pictures: x to the patient's left, y to the back, both from -1 to 1; z from 0 (feet) to 1 (head) ----

double square(double v) { return v * v; }
bool in_ellipse(double x, double y, double cx, double cy, double rx, double ry) {
  return square((x - cx) / rx) + square((y - cy) / ry) < 1;
}
double noise(int column, int row, int slice) {
  const auto bits = mixed(static_cast<std::uint64_t>(column) << 40 ^ static_cast<std::uint64_t>(row) << 20 ^
                          static_cast<std::uint64_t>(slice));
  return static_cast<double>(bits >> 11) / static_cast<double>(1ull << 53) - 0.5;
}

// Hounsfield units of a chest.
double chest(double x, double y, double z) {
  const double lung = 0.22 + 0.30 * std::sin(pi * std::min(1.0, z * 0.95 + 0.12));
  if (!in_ellipse(x, y, 0, 0, 0.92, 0.66)) return in_ellipse(x, y, 0, 0.95, 1.4, 0.22) ? -300 : -1000;  // table
  if (!in_ellipse(x, y, 0, 0, 0.86, 0.60)) return -100;                                                 // fat
  if (in_ellipse(x, y, 0, 0.40, 0.035, 0.05)) return 10;                                                // spinal canal
  if (in_ellipse(x, y, 0, 0.30, 0.13, 0.10) || in_ellipse(x, y, 0, 0.47, 0.05, 0.09)) return 450;       // vertebra
  const double angle = std::atan2(y / 0.55, x / 0.80);
  const double shell = std::sqrt(square(x / 0.80) + square(y / 0.55));
  if (shell > 0.95 && shell < 1.02 && std::sin(11 * angle + 9 * z) > 0.35) return 550;  // ribs, cut obliquely
  if (in_ellipse(x, y, 0.02, 0.13, 0.045, 0.045)) return -950;                          // windpipe
  if (in_ellipse(x, y, 0.13, 0.24, 0.06, 0.06)) return 180;                             // aorta
  if (z < 0.62 && in_ellipse(x, y, 0.16, -0.16, 0.30 * (1 - 0.8 * std::abs(z - 0.3)), 0.24)) return 60;  // heart
  for (const double side : {-1.0, 1.0})
    if (shell < 0.92 && in_ellipse(x, y, side * 0.44, -0.02, 0.62 * lung, 0.92 * lung)) {
      const double vessels = std::sin(23 * x + 5 * z) * std::sin(19 * y - 7 * z);
      return vessels > 0.86 ? 30 : -860 + 60 * vessels;
    }
  return shell < 0.95 ? 40 : 55;  // soft tissue, muscle
}

// Signal of a head: fluid is bright in T2, white matter in T1.
double head(double x, double y, double z, bool t2) {
  const double size = std::sqrt(std::max(0.05, 1 - square(1.5 * (z - 0.42))));
  const double radius = std::sqrt(square(x / (0.68 * size)) + square(y / (0.86 * size)));
  const double fluid = t2 ? 1000 : 120;
  if (radius > 1) return 0;
  if (radius > 0.94) return t2 ? 500 : 850;  // scalp
  if (radius > 0.87) return 30;              // skull
  const double angle = std::atan2(y, x);
  const double fold = 0.025 * std::sin(17 * angle + 3 * z) + 0.02 * std::sin(29 * angle - 11 * z);
  if (radius > 0.83 + fold) return fluid;
  if (std::abs(x) < 0.012 && y < 0.55) return fluid;  // between the hemispheres
  if (z > 0.3 && z < 0.65)
    for (const double side : {-1.0, 1.0})
      if (in_ellipse(x, y, side * (0.10 + 0.05 * std::abs(y)), 0.02, 0.055, 0.30)) return fluid;  // ventricles
  return radius > 0.70 + 2.2 * fold ? (t2 ? 560 : 480) : (t2 ? 400 : 720);                        // grey, white
}

// ---- what the images of a series have in common ----

struct patient {
  const char* name;
  const char* id;
  const char* birth_date;
  const char* sex;
};

struct study {
  patient who;
  const char* folder;
  const char* date;
  const char* time;
  const char* description;
  const char* accession_number;
};

struct series {
  const char* modality;
  const char* description;
  int number;
  int slices;
  bool t2;
};

data_set image_of(const study& examination, const series& scan, int slice) {
  const bool ct = std::string_view{scan.modality} == "CT";
  const auto study_uid = uid_for(examination.accession_number);
  const auto series_name = std::string{examination.accession_number} + '/' + std::to_string(scan.number);
  const int size = ct ? 256 : 192;
  const double spacing = ct ? 1.5 : 1.25;
  const double thickness = ct ? 10 : 5;
  const auto decimal = [](double value) {
    char text[17];
    std::snprintf(text, sizeof text, "%.10g", value);
    return std::string{text};
  };

  data_set image;
  image.set(tag::SpecificCharacterSet, "ISO_IR 192")
      .set(tag::ImageType, ct ? "ORIGINAL\\PRIMARY\\AXIAL" : "ORIGINAL\\PRIMARY\\OTHER")
      .set(tag::SOPClassUID, ct ? sop_class::CTImageStorage : sop_class::MRImageStorage)
      .set(tag::SOPInstanceUID, uid_for(series_name + '/' + std::to_string(slice)))
      .set(tag::StudyDate, examination.date)
      .set(tag::ContentDate, examination.date)
      .set(tag::StudyTime, examination.time)
      .set(tag::ContentTime, examination.time)
      .set(tag::AccessionNumber, examination.accession_number)
      .set(tag::Modality, scan.modality)
      .set(tag::Manufacturer, "codicom")
      .set(tag::ReferringPhysicianName, "HOLM^KIRSTEN")
      .set(tag::StudyDescription, examination.description)
      .set(tag::SeriesDescription, scan.description)
      .set(tag::ManufacturerModelName, "make_studies")
      .set(tag::PatientName, examination.who.name)
      .set(tag::PatientID, examination.who.id)
      .set(tag::PatientBirthDate, examination.who.birth_date)
      .set(tag::PatientSex, examination.who.sex)
      .set(tag::BodyPartExamined, ct ? "CHEST" : "HEAD")
      .set(tag::SliceThickness, decimal(thickness))
      .set(tag::PatientPosition, "HFS")
      .set(tag::StudyInstanceUID, study_uid)
      .set(tag::SeriesInstanceUID, uid_for(series_name))
      .set(tag::StudyID, "1")
      .set(tag::SeriesNumber, std::to_string(scan.number))
      .set(tag::InstanceNumber, std::to_string(slice + 1))
      .set(tag::ImagePositionPatient,
           decimal(-spacing * size / 2) + '\\' + decimal(-spacing * size / 2) + '\\' + decimal(slice * thickness))
      .set(tag::ImageOrientationPatient, "1\\0\\0\\0\\1\\0")
      .set(tag::FrameOfReferenceUID, uid_for(std::string{examination.accession_number} + "/frame of reference"))
      .set(tag::PositionReferenceIndicator)
      .set(tag::SliceLocation, decimal(slice * thickness))
      .set(tag::SamplesPerPixel, 1)
      .set(tag::PhotometricInterpretation, "MONOCHROME2")
      .set(tag::Rows, size)
      .set(tag::Columns, size)
      .set(tag::PixelSpacing, decimal(spacing) + '\\' + decimal(spacing))
      .set(tag::BitsAllocated, 16)
      .set(tag::BitsStored, 12)
      .set(tag::HighBit, 11)
      .set(tag::PixelRepresentation, 0)
      .set(tag::WindowCenter, ct ? "40" : "500")
      .set(tag::WindowWidth, ct ? "400" : "1000");
  if (ct) {
    image.set(tag::KVP, "120").set(tag::AcquisitionNumber, "1").set(tag::RescaleIntercept, "-1024");
    image.set(tag::RescaleSlope, "1").set(tag::RescaleType, "HU");
  } else {
    image.set(tag::ScanningSequence, "SE").set(tag::SequenceVariant, "NONE").set(tag::ScanOptions);
    image.set(tag::MRAcquisitionType, "2D").set(tag::RepetitionTime, scan.t2 ? "4000" : "500");
    image.set(tag::EchoTime, scan.t2 ? "100" : "12").set(tag::EchoTrainLength, scan.t2 ? "16" : "1");
  }

  std::vector<std::byte> pixels;
  pixels.reserve(static_cast<std::size_t>(size) * static_cast<std::size_t>(size) * 2);
  const double z = (slice + 0.5) / scan.slices;
  for (int row = 0; row < size; ++row)
    for (int column = 0; column < size; ++column) {
      const double x = 2.0 * column / size - 1;
      const double y = 2.0 * row / size - 1;
      const double signal = ct ? chest(x, y, z) + 1024 : head(x, y, z, scan.t2);
      const double value = std::min(4095.0, std::max(0.0, signal + 40 * noise(column, row, slice)));
      const auto stored = static_cast<std::uint16_t>(value);
      pixels.push_back(static_cast<std::byte>(stored & 0xFF));
      pixels.push_back(static_cast<std::byte>(stored >> 8));
    }
  image.set_bytes(tag::PixelData, vr::ow, std::move(pixels));
  return image;
}

int write_series(const std::filesystem::path& folder, const study& examination, const series& scan) {
  for (int slice = 0; slice < scan.slices; ++slice) {
    char name[32];
    std::snprintf(name, sizeof name, "%d-%03d.dcm", scan.number, slice + 1);
    write_file(folder / name, image_of(examination, scan, slice), transfer_syntax::ExplicitVRLittleEndian);
  }
  return scan.slices;
}

int write_studies(const std::filesystem::path& folder) {
  const patient allison{"ALLISON^MARY^A", "DEMO-0001", "19511009", "F"};
  const patient bennett{"BENNETT^JAMES", "DEMO-0002", "19680422", "M"};
  const patient kovac{"KOVAČ^ŽELJKA", "DEMO-0003", "19801130", "F"};
  const patient yamada{"Yamada^Tarou=山田^太郎=やまだ^たろう", "DEMO-0004", "19740715", "M"};
  const series chest{"CT", "CHEST AXIAL", 1, 24, false};
  const series t1{"MR", "T1 AXIAL", 1, 16, false};
  const series t2{"MR", "T2 AXIAL", 2, 16, true};

  const study studies[] = {
      {allison, "allison-ct", "20150917", "101500", "CT CHEST", "DEMO-A-1"},
      {allison, "allison-mr", "20160203", "143000", "MR BRAIN", "DEMO-A-2"},
      {bennett, "bennett-ct", "20180611", "082000", "CT CHEST", "DEMO-B-1"},
      {kovac, "kovac-mr", "20190305", "160500", "MR BRAIN", "DEMO-C-1"},
      {yamada, "yamada-ct", "20200824", "091000", "CT CHEST", "DEMO-D-1"},
  };
  int images = 0;
  for (const auto& examination : studies) {
    const auto place = folder / examination.folder;
    std::filesystem::create_directories(place);
    if (std::string_view{examination.description} == "CT CHEST") {
      images += write_series(place, examination, chest);
    } else {
      images += write_series(place, examination, t1);
      images += write_series(place, examination, t2);
    }
  }
  std::printf("wrote %d images of %zu studies to %s\n", images, std::size(studies), folder.c_str());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2 || argv[1][0] == '-') {
    std::fprintf(stderr, "usage: make_studies DIR\n");
    return 2;
  }
  try {
    return write_studies(argv[1]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "make_studies: %s\n", error.what());
    return 5;
  }
}
