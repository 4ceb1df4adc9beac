#include "support/hex.hpp"

#include <codicom/data_set.hpp>
#include <codicom/encoding/deflate.hpp>
#include <codicom/encoding/transcode.hpp>

#include <algorithm>
#include <cstddef>
#include <doctest/doctest.h>
#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

using namespace codicom;
using test_support::hex;

namespace {

using bytes = std::vector<std::byte>;

const unique_id& deflated_le = transfer_syntax::DeflatedExplicitVRLittleEndian;
const unique_id& explicit_le = transfer_syntax::ExplicitVRLittleEndian;

// Modality, Patient's Name and Rows in explicit VR little endian, and what Python's zlib makes of it.
const bytes plain = hex({"0800 6000 'CS' 0200 'MR'  1000 1000 'PN' 1000 'Doe^John^^^^^^^^'  2800 1000 'US' 0200 0002"});
const bytes raw = hex({"E3604860700E6662F00D1260106008F0136070C94F8DF3CACFC88B83020DA078285005031300"});
const bytes wrapped = hex({"789C E3604860700E6662F00D1260106008F0136070C94F8DF3CACFC88B83020DA078285005031300 CA8E0947"});

bytes with(bytes all, std::size_t count, std::byte value) {
  all.insert(all.end(), count, value);
  return all;
}

data_set zeros(std::size_t size) {
  data_set d;
  d.set(tag::Modality, "CT").set(tag::PixelData, byte_span{bytes(size)});
  return d;
}

std::vector<deviation> deviations(const decoded& result) {
  std::vector<deviation> all;
  for (const auto& d : result.diagnoses) all.push_back(d.what);
  return all;
}

errc error_of(auto&& f) {
  try {
    f();
  } catch (const std::system_error& e) {
    return static_cast<errc>(e.code().value());
  }
  return errc{};
}

}  // namespace

TEST_CASE("a deflated data set is inflated, however it is cut, padded or not") {
  const auto expected = decode(plain, explicit_le).value;
  for (const auto& input : {raw, with(raw, 1, std::byte{0})}) {
    const auto whole = decode(input, deflated_le, strictness::strict);
    CHECK(whole.value == expected);
    CHECK(whole.diagnoses.empty());
    CHECK(whole.consumed == input.size());
    for (std::size_t piece = 1; piece <= input.size(); ++piece) {
      data_set_reader reader{deflated_le, strictness::strict};
      for (std::size_t at = 0; at < input.size(); at += piece)
        CHECK(reader.feed(byte_span{input}.subspan(at, std::min(piece, input.size() - at))) ==
              std::min(piece, input.size() - at));
      CHECK(reader.finish() == expected);
    }
  }
}

TEST_CASE("what is deflated is even, inflates to the same, and says no lengths beforehand") {
  bool padded = false;
  for (std::size_t size = 0; size < 40; size += 2) {
    data_set d = decode(plain, explicit_le).value;
    d.set(tag::PatientID, std::string(size, 'x') + std::to_string(size * size));
    for (const auto& syntax : {deflated_le, transfer_syntax::JPIPReferencedDeflate, transfer_syntax::JPIPHTJ2KReferencedDeflate}) {
      const auto written = encode(d, syntax);
      CHECK(written.size() % 2 == 0);
      CHECK(written.size() == encoded_size(d, syntax));
      CHECK(inflated(written) == encode(d, explicit_le));
      CHECK(decode(written, syntax, strictness::strict).value == d);
      const auto buffers = encode_buffers(d, syntax);
      bytes joined;
      for (const auto b : buffers.buffers()) joined.insert(joined.end(), b.begin(), b.end());
      CHECK(joined == written);
      const auto without_last = byte_span{written}.first(written.size() - 1);
      padded = padded || error_of([&] { static_cast<void>(inflated(without_last)); }) == errc{};
    }
  }
  CHECK(padded);
  bytes after{std::byte{1}};
  encode(decode(plain, explicit_le).value, deflated_le, after);  // appends
  CHECK(inflated(byte_span{after}.subspan(1)) == plain);
}

TEST_CASE("a large deflated value comes in pieces, and refers to nothing that is gone") {
  auto d = zeros(0);
  bytes noise(3'000'000);
  std::uint32_t seed = 1;
  for (auto& b : noise) b = static_cast<std::byte>((seed = seed * 1664525 + 1013904223) >> 24);
  d.set(tag::PixelData, byte_span{noise});
  const auto written = std::make_shared<const bytes>(encode(d, deflated_le));
  decode_options options{strictness::strict};
  options.owner = written;
  CHECK(decode(*written, deflated_le, options).value == d);
}

TEST_CASE("reading up to a tag inflates no further") {
  const auto written = encode(zeros(50'000'000), deflated_le);
  data_set_reader reader{deflated_le, decode_options::until(tag::PixelData)};
  const auto taken = reader.feed(written);
  CHECK(reader.stopped());
  CHECK(taken < written.size());
  CHECK(reader.finish().text(tag::Modality) == "CT");
}

TEST_CASE("a stream in the wrapping of zlib is read, and so is one that is not deflated at all") {
  const auto expected = decode(plain, explicit_le).value;
  const auto zlib = decode(wrapped, deflated_le);
  CHECK(zlib.value == expected);
  CHECK(deviations(zlib) == std::vector{deviation::zlib_header});
  CHECK(error_of([] { static_cast<void>(decode(wrapped, deflated_le, strictness::strict)); }) == errc::malformed_data_set);
  const auto not_deflated = decode(plain, deflated_le);
  CHECK(not_deflated.value == expected);
  CHECK(deviations(not_deflated) == std::vector{deviation::wrong_transfer_syntax});
  CHECK(error_of([] { static_cast<void>(decode(plain, deflated_le, strictness::strict)); }) == errc::malformed_data_set);
  // Stored blocks begin with a byte that a zlib header could have.
  const auto stored = deflated(plain, 0);
  CHECK(decode(stored, deflated_le, strictness::strict).value == expected);
}

TEST_CASE("a broken, a cut and an overlong deflated stream are read as far as they go") {
  // A stored block with the first element, and a block of a type that there is not.
  const auto broken = hex({"00 0A00 F5FF 0800 6000 'CS' 0200 'MR' 07 00 00 00"});
  const auto as_far = decode(broken, deflated_le);
  CHECK(as_far.value.text(tag::Modality) == "MR");
  CHECK(deviations(as_far).front() == deviation::bad_deflation);
  CHECK(error_of([&] { static_cast<void>(decode(broken, deflated_le, strictness::strict)); }) == errc::malformed_data_set);

  for (std::size_t size = 1; size < raw.size(); ++size) {
    const auto cut = decode(byte_span{raw}.first(size), deflated_le);
    CHECK(deviations(cut).front() == deviation::truncated_value);
    CHECK(error_of([&] { static_cast<void>(decode(byte_span{raw}.first(size), deflated_le, strictness::strict)); }) ==
          errc::truncated);
  }

  for (const auto& behind : {with(raw, 2, std::byte{0}), with(raw, 1, std::byte{7})}) {
    const auto overlong = decode(behind, deflated_le);
    CHECK(overlong.value == decode(plain, explicit_le).value);
    CHECK(deviations(overlong) == std::vector{deviation::trailing_bytes});
  }
}

TEST_CASE("limits.inflate_ratio: at the limit it is read, below it is refused, before memory is taken") {
  const std::size_t size = 8 << 20;
  const auto written = encode(zeros(size), deflated_le);
  const auto inflated_size = encoded_size(zeros(size), explicit_le);
  const auto ratio = static_cast<std::uint32_t>((inflated_size + written.size() - 1) / written.size());
  CHECK(ratio > 900);
  // The ratio of what has been inflated so far is above that of the whole while the first block is read.
  for (const auto& [limit, allowed] : {std::pair{ratio - 100, false}, {ratio - 1, false}, {ratio + 100, true}}) {
    decode_options options;
    options.limits.inflate_ratio = limit;
    options.limits.inflate_ratio_from = 1 << 20;
    const auto read = [&] { static_cast<void>(decode(written, deflated_le, options)); };
    if (allowed) CHECK_NOTHROW(read());
    else CHECK(error_of(read) == errc::limit_exceeded);
  }
  limits most;
  most.inflate_ratio = 1;
  most.inflate_ratio_from = 100'000;
  for (const std::size_t count : {99'999u, 100'000u, 100'001u}) {
    const auto read = [&] { static_cast<void>(inflated(deflated(bytes(count)), most)); };
    if (count < 100'000) CHECK_NOTHROW(read());
    else CHECK(error_of(read) == errc::limit_exceeded);
  }
}

TEST_CASE("an image of nothing but zeros is read with the limits that everybody has") {
  const auto image = zeros(32 << 20);
  const auto written = encode(image, deflated_le);
  CHECK(encoded_size(image, explicit_le) / written.size() > 1000);
  CHECK(decode(written, deflated_le).value == image);
  CHECK(inflated(deflated(bytes(16 << 20))).size() == 16 << 20);
}

TEST_CASE("deflated frames: one stream each, of a data set and of a file") {
  std::vector<bytes> plain_frames, streams;
  for (int i = 0; i < 3; ++i) {
    plain_frames.emplace_back(static_cast<std::size_t>(64 * 64));
    for (std::size_t k = 0; k < 999; ++k) plain_frames.back()[k] = static_cast<std::byte>(k * k >> i);
    streams.push_back(deflated(plain_frames.back()));
  }
  data_set d;
  d.set(tag::SOPClassUID, sop_class::SegmentationStorage).set(tag::SOPInstanceUID, "1.2.3");
  d.set(tag::SamplesPerPixel, 1).set(tag::PhotometricInterpretation, "MONOCHROME2");
  d.set(tag::NumberOfFrames, 3).set(tag::Rows, 64).set(tag::Columns, 64).set(tag::BitsAllocated, 8);
  const auto& syntax = transfer_syntax::DeflatedImageFrameCompression;
  const auto path = std::filesystem::temp_directory_path() / "codicom_deflated_frames.dcm";
  for (const auto table : {offset_table::none, offset_table::basic, offset_table::extended}) {
    set_encapsulated_frames(d, std::vector<byte_span>{streams.begin(), streams.end()}, table);
    const auto image = decode(encode(d, syntax), syntax, strictness::strict).value;
    const frames all{image, syntax};
    write_file(path, d, syntax);
    frame_reader reader{path};
    REQUIRE(all.size() == 3);
    REQUIRE(reader.size() == 3);
    CHECK(reader.is_encapsulated());
    for (std::size_t i = 0; i < 3; ++i) {
      CHECK(inflated(all[i].copy()) == plain_frames[i]);
      CHECK(inflated(reader.read(i)) == plain_frames[i]);
    }
  }
  std::filesystem::remove(path);
}

TEST_CASE("limits.data_set_bytes counts inflated bytes") {
  const auto bytes_of = encoded_size(zeros(100'000), explicit_le);
  const auto written = encode(zeros(100'000), deflated_le);
  for (const std::uint64_t limit : {bytes_of - 1, bytes_of, bytes_of + 1}) {
    decode_options options;
    options.limits.data_set_bytes = limit;
    const auto read = [&] { static_cast<void>(decode(written, deflated_le, options)); };
    if (limit >= bytes_of) CHECK_NOTHROW(read());
    else CHECK(error_of(read) == errc::limit_exceeded);
  }
}

TEST_CASE("a deflated file is written and read") {
  const auto path = std::filesystem::temp_directory_path() / "codicom_deflated.dcm";
  auto d = decode(plain, explicit_le).value;
  d.set(tag::SOPClassUID, sop_class::MRImageStorage).set(tag::SOPInstanceUID, "1.2.3");
  write_file(path, d, deflated_le);
  const auto file = read_file(path, strictness::strict);
  CHECK(file.value == d);
  CHECK(file.meta.transfer_syntax_uid == deflated_le);
  CHECK(file.diagnoses.empty());
  const auto head = read_file(path, decode_options::until(tag::PatientName));
  CHECK(head.value.contains(tag::Modality));
  CHECK_FALSE(head.value.contains(tag::PatientName));
  std::filesystem::remove(path);
}

TEST_CASE("deflated and plain syntaxes are transcoded into each other, piece by piece") {
  const auto in_pieces = [](byte_span input, std::size_t piece, const unique_id& from, const unique_id& to) {
    bytes output;
    transcoder t{[&](byte_span out) { output.insert(output.end(), out.begin(), out.end()); }, from, to};
    for (std::size_t at = 0; at < input.size(); at += piece) t.feed(input.subspan(at, std::min(piece, input.size() - at)));
    t.finish();
    CHECK(t.take_diagnoses().empty());
    return output;
  };
  for (const auto& other : {explicit_le, transfer_syntax::ImplicitVRLittleEndian, transfer_syntax::ExplicitVRBigEndian}) {
    REQUIRE(is_transcodable(deflated_le, other));
    REQUIRE(is_transcodable(other, deflated_le));
    const auto d = decode(plain, explicit_le).value;
    for (std::size_t piece = 1; piece <= 45; ++piece) {
      CHECK(in_pieces(raw, piece, deflated_le, other) == encode(d, other));
      const auto written = in_pieces(encode(d, other), piece, other, deflated_le);
      CHECK(written.size() % 2 == 0);
      CHECK(inflated(written) == plain);
    }
  }
  CHECK(in_pieces(raw, 5, deflated_le, deflated_le) == raw);
  CHECK(is_transcodable(transfer_syntax::JPIPReferenced, transfer_syntax::JPIPReferencedDeflate));
  CHECK_FALSE(is_transcodable(explicit_le, transfer_syntax::JPIPReferencedDeflate));
  transcode_options repair;
  repair.repair = true;
  CHECK(inflated(transcode(raw, deflated_le, deflated_le, repair)) == plain);
}
