#include "../../examples/dump/arguments.hpp"
#include "../../examples/dump/picture.hpp"
#include "../../examples/dump/terminal.hpp"
#include <support/output_of.hpp>
#include <support/temporary_folder.hpp>

#include <algorithm>
#include <doctest/doctest.h>
#include <fstream>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

using namespace codicom;
using codicom::test_support::temporary_folder;

namespace {

struct parsed_arguments {
  std::optional<int> code;  // the program ends with it; nothing: it goes on
  tools::dump_arguments given;
};

parsed_arguments parsed(std::initializer_list<const char*> arguments) {
  std::vector<const char*> argv{"codicom-dump"};
  argv.insert(argv.end(), arguments);
  parsed_arguments result;
  result.code = tools::parse_arguments(static_cast<int>(argv.size()), argv.data(), result.given);
  return result;
}

struct outcome {
  int code = -1;
  std::string output;  // standard output and error
};

outcome shell(const std::string& command) {
  const auto text = codicom::test_support::output_of("{ " + command + "; } 2>&1; printf '\\n%d' $?");
  const auto end = text.rfind('\n');
  REQUIRE(end != std::string::npos);
  return {std::stoi(text.substr(end + 1)), text.substr(0, end)};
}

outcome dump_program(const std::string& arguments) { return shell("'" CODICOM_DUMP "' " + arguments); }

std::string quoted(const std::filesystem::path& path) { return "'" + path.string() + "'"; }

// Values count up from 0.
data_set an_image(unsigned rows = 4, unsigned columns = 8, unsigned frames = 1) {
  data_set d;
  d.set(tag::SOPClassUID, sop_class::SecondaryCaptureImageStorage).set(tag::SOPInstanceUID, "1.2.3.4");
  d.set(tag::PatientName, "ALLISON^MARY").set(tag::PatientID, "4711");
  d.add_item(tag::RequestAttributesSequence).set(tag::ScheduledProcedureStepID, "STEP");
  d.set(tag::SamplesPerPixel, 1).set(tag::PhotometricInterpretation, "MONOCHROME2");
  d.set(tag::Rows, rows).set(tag::Columns, columns).set(tag::BitsAllocated, 8).set(tag::BitsStored, 8);
  d.set(tag::HighBit, 7).set(tag::PixelRepresentation, 0);
  if (frames != 1) d.set(tag::NumberOfFrames, frames);
  std::vector<std::byte> pixels(std::size_t{rows} * columns * frames);
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<std::byte>(i);
  d.set_bytes(tag::PixelData, vr::ob, std::move(pixels));
  return d;
}

dicom_file as_file(data_set object) {
  dicom_file file;
  file.value = std::move(object);
  file.meta.transfer_syntax_uid = transfer_syntax::ExplicitVRLittleEndian;
  return file;
}

std::vector<std::uint8_t> drawn(const data_set& object, std::optional<tools::value_window> window = {},
                                std::size_t frame = 1) {
  tools::draw_options options;
  options.window = window;
  options.frame = frame;
  return tools::draw(as_file(object), options).bytes;
}

data_set with_pixels(std::initializer_list<int> values, unsigned bits = 8, unsigned samples = 1) {
  auto d = an_image(1, static_cast<unsigned>(values.size()) / samples);
  d.set(tag::BitsAllocated, bits).set(tag::BitsStored, bits).set(tag::HighBit, bits - 1).set(tag::SamplesPerPixel, samples);
  std::vector<std::byte> bytes;
  for (const int value : values)
    for (unsigned shift = 0; shift < bits; shift += 8) bytes.push_back(static_cast<std::byte>(value >> shift));
  d.set_bytes(tag::PixelData, vr::ow, std::move(bytes));
  return d;
}

using grey = std::vector<std::uint8_t>;

}  // namespace

TEST_CASE("codicom-dump: the examples of the help work") {
  const temporary_folder folder;
  const auto image = folder.path() / "image.dcm";
  write_file(image, an_image(), transfer_syntax::ExplicitVRLittleEndian);
  const auto help = dump_program("--help");
  REQUIRE(help.code == 0);
  std::istringstream lines{help.output};
  int count = 0;
  for (std::string line; std::getline(lines, line);) {
    const std::string start = "  codicom-dump ";
    if (!line.starts_with(start)) continue;
    const auto result = shell("cd " + quoted(folder.path()) + " && '" CODICOM_DUMP "' " + line.substr(start.size()));
    CAPTURE(line);
    CAPTURE(result.output);
    CHECK(result.code == 0);
    ++count;
  }
  CHECK(count >= 5);
  CHECK(std::filesystem::exists(folder.path() / "image.png"));
}

TEST_CASE("codicom-dump: wrong usage ends with 2") {
  CHECK(parsed({}).code == 2);
  CHECK(parsed({"a", "--tag", "PatientNames"}).code == 2);
  CHECK(parsed({"a", "--tag", ""}).code == 2);
  CHECK(parsed({"a", "--max-length", "-1"}).code == 2);
  CHECK(parsed({"a", "--max-length", "many"}).code == 2);
  CHECK(parsed({"a", "--frame", "0"}).code == 2);
  CHECK(parsed({"a", "b", "--png", "c"}).code == 2);
  CHECK(parsed({"a", "--check", "--preview"}).code == 2);
  CHECK(parsed({"a", "--json", "--preview"}).code == 2);
  for (const char* window : {"40", "40,", ",400", "40,0", "40,-1", "40,400,1", "a,b", "nan,1", "0,inf"})
    CHECK(parsed({"a", "--window", window}).code == 2);
  CHECK(parsed({"--help"}).code == 0);
  CHECK(parsed({"--version"}).code == 0);
}

TEST_CASE("codicom-dump: files and options may stand in any order") {
  const auto [code, given] =
      parsed({"a", "--tag", "PatientID", "b", "-t", "0028,0010", "--max-length", "0", "--window", "-40.5,400", "c"});
  REQUIRE_FALSE(code);
  CHECK(given.files.size() == 3);
  REQUIRE(given.tags.size() == 2);
  CHECK(given.tags[1].path.last() == tag::Rows);
  CHECK(given.max_length == 0);
  CHECK(given.drawing.window->center == -40.5);
  CHECK(given.drawing.window->width == 400);
  CHECK_FALSE(given.draws());
}

TEST_CASE("codicom-dump: elements, one of them, or those of an item") {
  const temporary_folder folder;
  const auto path = folder.path() / "image.dcm";
  write_file(path, an_image(), transfer_syntax::ExplicitVRLittleEndian);
  const auto all = dump_program(quoted(path));
  CHECK(all.code == 0);
  CHECK(all.output.find("(0002,0010) UI 1.2.840.10008.1.2.1 (Explicit VR Little Endian)") != std::string::npos);
  CHECK(all.output.find("(0010,0010) PN ALLISON^MARY") != std::string::npos);
  CHECK(all.output.find("\033[") == std::string::npos);  // not a terminal
  const auto one = dump_program("-t PatientID -t 'RequestAttributesSequence[0].ScheduledProcedureStepID' " + quoted(path));
  CHECK(one.output.find("(0010,0020) LO 4711") == 0);
  CHECK(one.output.find("\n(0040,0009) SH STEP") != std::string::npos);
  CHECK(std::count(one.output.begin(), one.output.end(), '\n') == 2);
  const auto none = dump_program("-t StudyDate " + quoted(path));
  CHECK(none.code == 0);
  CHECK(none.output == path.string() + ": has no StudyDate\n");
  const auto stdin_too = shell("cat " + quoted(path) + " | '" CODICOM_DUMP "' -t PatientID -");
  CHECK(stdin_too.output.find("(0010,0020) LO 4711") == 0);
}

TEST_CASE("codicom-dump: a terminal gets colours unless NO_COLOR is set") {
  if (shell("command -v script").code != 0) {
    MESSAGE("skipped: there is no program script");
    return;
  }
  const temporary_folder folder;
  const auto path = folder.path() / "image.dcm";
  write_file(path, an_image(), transfer_syntax::ExplicitVRLittleEndian);
  const auto on_terminal = [&](const std::string& environment) {
    return shell("script -qec \"env " + environment + " TERM=xterm '" CODICOM_DUMP "' " + quoted(path) + "\" /dev/null </dev/null").output;
  };
  CHECK(on_terminal("-u NO_COLOR").find("\033[36m(0010,0010)") != std::string::npos);
  CHECK(on_terminal("NO_COLOR=").find("\033[36m") != std::string::npos);
  CHECK(on_terminal("NO_COLOR=1").find("\033[") == std::string::npos);
  CHECK(on_terminal("NO_COLOR=1").find("(0010,0010)") != std::string::npos);
}

TEST_CASE("codicom-dump: JSON is the model of PS3.18, whole, in part, or with large values referred to") {
  const temporary_folder folder;
  const auto path = folder.path() / "image.dcm";
  write_file(path, an_image(64, 64), transfer_syntax::ExplicitVRLittleEndian);
  const auto all = nlohmann::json::parse(dump_program("--json " + quoted(path)).output);
  CHECK(all["00100010"]["Value"][0]["Alphabetic"] == "ALLISON^MARY");
  CHECK(all["7FE00010"].contains("InlineBinary"));
  CHECK_FALSE(all.contains("00020010"));
  const auto part = nlohmann::json::parse(
      dump_program("--json -t PatientID -t RequestAttributesSequence.ScheduledProcedureStepID " + quoted(path)).output);
  CHECK(part.size() == 2);
  CHECK(part["00100020"]["Value"][0] == "4711");
  CHECK(part["00400275"]["Value"][0]["00400009"]["Value"][0] == "STEP");
  const auto small = nlohmann::json::parse(dump_program("--json --max-length 100 " + quoted(path)).output);
  CHECK(small["7FE00010"]["BulkDataURI"] == "file://" + path.string() + "#7FE00010");
}

TEST_CASE("codicom-dump: --check ends with 1 when something is found") {
  const temporary_folder folder;
  const auto path = folder.path() / "image.dcm";
  write_file(path, an_image(), transfer_syntax::ExplicitVRLittleEndian);
  const auto clean = dump_program("--check " + quoted(path));
  CHECK(clean.code == 0);
  CHECK(clean.output == path.string() + ": nothing found\n");
  auto wrong = an_image();
  wrong.set_text(tag::StudyDate, vr::da, "yesterday");
  write_file(path, wrong, transfer_syntax::ExplicitVRLittleEndian);
  const auto found = dump_program("--check " + quoted(path));
  CHECK(found.code == 1);
  CHECK(found.output.find("(0008,0020)") != std::string::npos);
  std::istringstream lines{dump_program("--check --json " + quoted(path)).output};
  std::string first, second;
  std::getline(lines, first);
  std::getline(lines, second);
  CHECK(nlohmann::json::parse(first)["event"] == "deviation");
  CHECK(nlohmann::json::parse(first)["path"][0] == "(0008,0020)");
  CHECK(nlohmann::json::parse(second)["deviations"] == 1);
  // A wrong VR: told once, with its place.
  wrong.erase(tag::StudyDate);
  wrong.set_text(tag::PatientID, vr::sh, "4711");
  write_file(path, wrong, transfer_syntax::ExplicitVRLittleEndian);
  const auto once = dump_program("--check " + quoted(path)).output;
  CHECK(std::ranges::count(once, '\n') == 1);
  CHECK(once.find("(0010,0020): SH, not LO (PS3.5 §7.1.1)") != std::string::npos);
  // Cut short: found when it is read.
  std::filesystem::resize_file(path, std::filesystem::file_size(path) - 4);
  CHECK(dump_program("--check " + quoted(path)).output.find("cut short") != std::string::npos);
}

TEST_CASE("codicom-dump: what cannot be shown says why, and the other files are shown all the same") {
  const temporary_folder folder;
  const auto good = folder.path() / "good.dcm", bad = folder.path() / "bad.dcm";
  write_file(good, an_image(), transfer_syntax::ExplicitVRLittleEndian);
  std::ofstream{bad} << "this is no DICOM file, whatever its name says";
  const auto result = dump_program("-t PatientID " + quoted(bad) + ' ' + quoted(good));
  CHECK(result.code == 1);
  CHECK(result.output.find("not a DICOM file") != std::string::npos);
  CHECK(result.output.find("4711") != std::string::npos);
  CHECK(dump_program("/no/such/file " + quoted(good)).code == 5);
  CHECK(dump_program("--png /no/such/folder/a.png " + quoted(good)).code == 5);
  CHECK(dump_program("--preview --frame 2 " + quoted(good)).output.find("there is no frame 2") != std::string::npos);
  auto jpeg = an_image();
  const auto stream = as_bytes("no JPEG");
  set_encapsulated_frames(jpeg, std::vector<byte_span>{stream});
  write_file(good, jpeg, transfer_syntax::JPEG2000);
  const auto refused = dump_program("--preview " + quoted(good));
  CHECK(refused.code == 1);
  CHECK(refused.output.find("images in JPEG 2000 Image Compression cannot be drawn: decompress it first") !=
        std::string::npos);
}

TEST_CASE("a window maps values to grey as PS3.3 C.11.2.1.2 has it") {
  const auto d = with_pixels({0, 100, 127, 128, 255, 200});
  CHECK(drawn(d, tools::value_window{128, 256}) == grey{0, 100, 127, 128, 255, 200});
  CHECK(drawn(d, tools::value_window{100, 1}) == grey{0, 255, 255, 255, 255, 255});
  auto own = d;
  own.set(tag::WindowCenter, {128.0, 40.0}).set(tag::WindowWidth, {256.0, 400.0});
  CHECK(drawn(own) == grey{0, 100, 127, 128, 255, 200});
  CHECK(drawn(own, tools::value_window{100, 1}) == grey{0, 255, 255, 255, 255, 255});
  own.set(tag::VOILUTFunction, "LINEAR_EXACT").set(tag::WindowCenter, 100.0).set(tag::WindowWidth, 200.0);
  CHECK(drawn(own) == grey{0, 128, 162, 163, 255, 255});
  own.set(tag::VOILUTFunction, "SIGMOID").set(tag::WindowCenter, 128.0).set(tag::WindowWidth, 64.0);
  CHECK(drawn(own)[3] == 128);
  CHECK(drawn(own)[0] < 2);
}

TEST_CASE("without a window all but the outermost values are shown, padding left out") {
  auto d = with_pixels({10, 20, 30});
  CHECK(drawn(d) == grey{0, 128, 255});
  auto padded = with_pixels({10, 20, 30, 255});
  padded.set(tag::PixelPaddingValue, 255);
  CHECK(drawn(padded) == grey{0, 128, 255, 255});
  CHECK(drawn(with_pixels({7, 7, 7})).size() == 3);
  // One hot pixel in a thousand does not darken the others.
  auto hot = an_image(40, 25);
  std::vector<std::byte> pixels(1000);
  for (std::size_t i = 0; i < 1000; ++i) pixels[i] = static_cast<std::byte>(i % 100);
  pixels[500] = std::byte{255};
  hot.set_bytes(tag::PixelData, vr::ob, std::move(pixels));
  CHECK(drawn(hot)[50] > 120);
}

TEST_CASE("MONOCHROME1 is turned round") {
  auto d = with_pixels({0, 255});
  d.set(tag::PhotometricInterpretation, "MONOCHROME1");
  CHECK(drawn(d, tools::value_window{128, 256}) == grey{255, 0});
}

TEST_CASE("signed values, fewer bits than allocated, and rescaling") {
  auto d = with_pixels({-100, 0, 100}, 16);
  d.set(tag::PixelRepresentation, 1);
  CHECK(drawn(d) == grey{0, 128, 255});
  auto few = with_pixels({0xF000, 0x0800, 0x0FFF}, 16);  // 12 bits; what is above is an overlay
  few.set(tag::BitsStored, 12).set(tag::HighBit, 11);
  CHECK(drawn(few) == grey{0, 128, 255});
  few.set(tag::PixelRepresentation, 1);  // 0, -2048, -1
  CHECK(drawn(few) == grey{255, 0, 255});
  auto rescaled = with_pixels({0, 1, 2});
  rescaled.set(tag::RescaleSlope, 10.0).set(tag::RescaleIntercept, -10.0);
  CHECK(drawn(rescaled, tools::value_window{0.5, 21}) == grey{0, 128, 255});
}

TEST_CASE("functional groups of a frame come before those of all, and these before the image") {
  auto d = an_image(1, 2, 2);  // 0 1, 2 3
  d.set(tag::WindowCenter, 1000.0).set(tag::WindowWidth, 1.0);
  CHECK(drawn(d, {}, 2) == grey{0, 0});
  d.add_item(tag::SharedFunctionalGroupsSequence)
      .add_item(tag::FrameVOILUTSequence)
      .set(tag::WindowCenter, 2.5)
      .set(tag::WindowWidth, 2.0);
  CHECK(drawn(d, {}, 2) == grey{128, 255});
  d.add_item(tag::PerFrameFunctionalGroupsSequence);
  d.add_item(tag::PerFrameFunctionalGroupsSequence)
      .add_item(tag::FrameVOILUTSequence)
      .set(tag::WindowCenter, 3.0)
      .set(tag::WindowWidth, 1.0);
  CHECK(drawn(d, {}, 2) == grey{0, 255});
}

TEST_CASE("colours lie side by side, by plane, or as luminance and two differences") {
  auto d = with_pixels({255, 0, 0, 0, 0, 255}, 8, 3);
  d.set(tag::PhotometricInterpretation, "RGB").set(tag::PlanarConfiguration, 0);
  CHECK(drawn(d) == grey{255, 0, 0, 0, 0, 255});
  d.set(tag::PlanarConfiguration, 1);
  CHECK(drawn(d) == grey{255, 0, 0, 0, 0, 255});  // 255 0 | 0 0 | 0 255
  auto planes = with_pixels({1, 2, 3, 4, 5, 6}, 8, 3);
  planes.set(tag::PhotometricInterpretation, "RGB").set(tag::PlanarConfiguration, 1);
  CHECK(drawn(planes) == grey{1, 3, 5, 2, 4, 6});
  auto ybr = with_pixels({76, 85, 255, 149, 43, 21}, 8, 3);  // red, green
  ybr.set(tag::PhotometricInterpretation, "YBR_FULL").set(tag::PlanarConfiguration, 0);
  const auto colours = drawn(ybr);
  CHECK(colours[0] > 250);
  CHECK(colours[1] < 4);
  CHECK(colours[4] > 250);
  auto half = with_pixels({76, 149, 128, 128}, 8, 1);
  half.set(tag::Columns, 2).set(tag::SamplesPerPixel, 3).set(tag::PhotometricInterpretation, "YBR_FULL_422");
  CHECK(drawn(half) == grey{76, 76, 76, 149, 149, 149});
  auto other = with_pixels({1, 2, 3}, 8, 3);
  other.set(tag::PhotometricInterpretation, "HSV");
  CHECK_THROWS_WITH_AS(static_cast<void>(drawn(other)), doctest::Contains("HSV"), tools::cannot_draw);
}

TEST_CASE("a palette gives each value its colour, also one written in segments") {
  auto d = with_pixels({0, 1, 2, 9});
  d.set(tag::PhotometricInterpretation, "PALETTE COLOR");
  CHECK_THROWS_AS(static_cast<void>(drawn(d)), tools::cannot_draw);
  const auto words = [](std::initializer_list<unsigned> values) {
    std::vector<std::byte> bytes;
    for (const auto v : values) {
      bytes.push_back(static_cast<std::byte>(v));
      bytes.push_back(static_cast<std::byte>(v >> 8));
    }
    return bytes;
  };
  for (const auto descriptor : {tag::RedPaletteColorLookupTableDescriptor, tag::GreenPaletteColorLookupTableDescriptor,
                                tag::BluePaletteColorLookupTableDescriptor})
    d.set_bytes(descriptor, vr::us, words({3, 0, 16}));
  d.set_bytes(tag::RedPaletteColorLookupTableData, vr::ow, words({0x1100, 0x2200, 0x3300}));
  d.set_bytes(tag::GreenPaletteColorLookupTableData, vr::ow, words({0x4400, 0x5500, 0x6600}));
  d.set_bytes(tag::BluePaletteColorLookupTableData, vr::ow, words({0x7700, 0x8800, 0xFF00}));
  CHECK(drawn(d) == grey{0x11, 0x44, 0x77, 0x22, 0x55, 0x88, 0x33, 0x66, 0xFF, 0x33, 0x66, 0xFF});
  // 0 discrete, one entry; 1 linear, two entries up to 0x3300
  d.erase(tag::RedPaletteColorLookupTableData);
  d.set_bytes(tag::SegmentedRedPaletteColorLookupTableData, vr::ow, words({0, 1, 0x1100, 1, 2, 0x3300}));
  CHECK(drawn(d)[0] == 0x11);
  CHECK(drawn(d)[3] == 0x22);
  CHECK(drawn(d)[6] == 0x33);
  for (const auto& broken : {words({1, 2, 3}), words({0, 9, 1}), words({7, 1, 1}), words({2, 1, 0, 0}), words({0})}) {
    d.set_bytes(tag::SegmentedRedPaletteColorLookupTableData, vr::ow, byte_span{broken});
    CHECK_THROWS_AS(static_cast<void>(drawn(d)), tools::cannot_draw);
  }
}

TEST_CASE("an image that is far too short is no picture and takes no memory for one") {
  auto d = with_pixels({1, 2, 3, 4});
  d.set(tag::Rows, 65535).set(tag::Columns, 65535);
  CHECK_THROWS_AS(static_cast<void>(drawn(d)), tools::cannot_draw);
  d.erase(tag::PixelData);
  CHECK_THROWS_WITH_AS(static_cast<void>(drawn(d)), "there is no image in it", tools::cannot_draw);
}

TEST_CASE("a preview is as wide as the terminal at most, two rows a line, in 24 bits") {
  tools::picture p;
  p.width = 2;
  p.height = 3;
  p.channels = 3;
  p.bytes = {1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6, 7, 8, 9, 7, 8, 9};
  CHECK(tools::to_half_blocks(p, 80, true) ==
        "\033[38;2;1;2;3;48;2;4;5;6m▀▀\033[0m\n\033[38;2;7;8;9m▀▀\033[0m\n");
  CHECK(tools::to_half_blocks(p, 1, true) == "\033[38;2;4;5;6m▀\033[0m\n");  // 2 x 3 in one pixel
  tools::picture grey_one;
  grey_one.width = 4;
  grey_one.height = 1;
  grey_one.bytes = {0, 100, 200, 255};
  CHECK(tools::to_half_blocks(grey_one, 80, false) == " ░▓█\n");
  CHECK(tools::scaled_to(grey_one, 2).bytes == grey{50, 228});

  const temporary_folder folder;
  const auto path = folder.path() / "image.dcm";
  write_file(path, an_image(100, 200), transfer_syntax::ExplicitVRLittleEndian);
  const auto text = shell("env -u NO_COLOR TERM=xterm COLUMNS=50 '" CODICOM_DUMP "' --preview " + quoted(path)).output;
  CHECK(std::count(text.begin(), text.end(), '\n') == 13);  // 200 x 100 become 50 x 25
  std::size_t blocks = 0;
  for (auto at = text.find("▀"); at != std::string::npos; at = text.find("▀", at + 1)) ++blocks;
  CHECK(blocks == 13 * 50);
}
