#include "support/hex.hpp"

#include <codicom/data_set.hpp>
#include <codicom/data_set/detail/access.hpp>
#include <codicom/dictionary/private_dictionary.hpp>

#include <algorithm>
#include <cstddef>
#include <doctest/doctest.h>
#include <memory>
#include <string>
#include <vector>

using namespace codicom;

namespace {

using bytes = std::vector<std::byte>;

const unique_id& explicit_le = transfer_syntax::ExplicitVRLittleEndian;
const unique_id& implicit_le = transfer_syntax::ImplicitVRLittleEndian;
const unique_id& explicit_be = transfer_syntax::ExplicitVRBigEndian;

bytes hex(std::string text) {
  for (char& c : text)
    if (c >= 'a') c = static_cast<char>(c - 'a' + 'A');
  return test_support::hex({text});
}

bytes operator+(bytes a, const bytes& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

// Every number of pieces that makes a difference: cut at each place once, and into pieces of each size up to 20.
template <class Check>
void every_split(const bytes& input, const unique_id& syntax, const decode_options& options, Check check) {
  const byte_span all{input};
  for (std::size_t cut = 0; cut <= input.size(); ++cut) {
    data_set_reader reader{syntax, options};
    reader.feed(all.first(cut));
    reader.feed(all.subspan(cut));
    check(reader.finish_all());
  }
  for (std::size_t piece = 1; piece <= 20; ++piece) {
    data_set_reader reader{syntax, options};
    for (std::size_t at = 0; at < input.size(); at += piece)
      reader.feed(all.subspan(at, std::min(piece, input.size() - at)));
    check(reader.finish_all());
  }
}

std::vector<deviation> deviations(const decoded& result) {
  std::vector<deviation> all;
  for (const auto& d : result.diagnoses) all.push_back(d.what);
  return all;
}

// Reads the same however it is cut, and writes the same bytes again.
data_set read_and_write(const bytes& input, const unique_id& syntax) {
  const auto whole = decode(input, syntax, strictness::strict);
  CHECK(whole.consumed == input.size());
  every_split(input, syntax, strictness::strict, [&](const decoded& result) {
    REQUIRE(result.value == whole.value);
    REQUIRE(result.consumed == input.size());
    REQUIRE(encode(result.value, syntax) == input);
  });
  return whole.value;
}

void refused_when_strict(const bytes& input, const unique_id& syntax, errc code = errc::malformed_data_set) {
  try {
    static_cast<void>(decode(input, syntax, strictness::strict));
    FAIL("read without complaint");
  } catch (const std::system_error& e) {
    CHECK(e.code() == code);
  }
}

}  // namespace

TEST_CASE("explicit VR little endian: short and long form") {
  const auto input =
      hex("0800 6000 4353 0200 4354"               // (0008,0060) CS 2 "CT"
          "2800 1000 5553 0200 0002"               // (0028,0010) US 2 512
          "e07f 1000 4f57 0000 04000000 01020304"  // (7FE0,0010) OW 4
      );
  const auto d = read_and_write(input, explicit_le);
  CHECK(d.size() == 3);
  CHECK(d.text(tag::Modality) == "CT");
  CHECK(d.get(tag::Rows) == 512);
  CHECK(d.find(tag::PixelData)->value_representation() == vr::ow);
  CHECK(d.values<int>(tag::PixelData) == std::vector<int>{0x0201, 0x0403});
}

TEST_CASE("implicit VR little endian: the VR comes from the dictionary") {
  const auto input =
      hex("0800 6000 02000000 4354"      // (0008,0060) 2 "CT"
          "0900 1000 04000000 41434d45"  // (0009,0010) 4 "ACME", a private creator
          "0900 0110 02000000 0102"      // (0009,1001) 2, private
          "2800 1000 02000000 0002"      // (0028,0010) 2 512
          "e07f 1000 04000000 01020304"  // (7FE0,0010) 4
      );
  const auto d = read_and_write(input, implicit_le);
  CHECK(d.find(tag::Modality)->value_representation() == vr::cs);
  CHECK(d.find(element_tag{0x0009, 0x0010})->value_representation() == vr::lo);
  CHECK(d.find(element_tag{0x0009, 0x1001})->value_representation() == vr::un);
  CHECK(d.get(tag::Rows) == 512);
  CHECK(d.find(tag::PixelData)->value_representation() == vr::ow);
}

TEST_CASE("explicit VR big endian: words are turned, tags by halves, text and UN not") {
  const auto input =
      hex("0000 0901 4154 0004 0010 0020"                            // (0000,0901) AT 4 (0010,0020)
          "0008 0060 4353 0002 4354"                                 // (0008,0060) CS 2 "CT"
          "0008 1161 554c 000c 00000001 00000002 00000003"           // (0008,1161) UL 12
          "0009 1001 554e 0000 00000004 01020304"                    // (0009,1001) UN 4
          "0018 9087 4644 0008 3ff8000000000000"                     // (0018,9087) FD 8 1.5
          "0028 0010 5553 0002 0200"                                 // (0028,0010) US 2 512
          "7fe0 0010 4f57 0000 0000000a 0102 0304 0506 0708 090a");  // (7FE0,0010) OW 10
  const auto d = read_and_write(input, explicit_be);
  CHECK(d.values<element_tag>(element_tag{0x0000, 0x0901}) == std::vector<element_tag>{tag::PatientID});
  CHECK(d.text(tag::Modality) == "CT");
  CHECK(d.bytes(element_tag{0x0009, 0x1001})[0] == std::byte{1});
  CHECK(d.get(tag::DiffusionBValue) == 1.5);
  CHECK(d.get(tag::Rows) == 512);
  CHECK(d.values<int>(tag::SimpleFrameList) == std::vector<int>{1, 2, 3});
  CHECK(d.values<int>(tag::PixelData) == std::vector<int>{0x0102, 0x0304, 0x0506, 0x0708, 0x090A});
}

TEST_CASE("sequences and items of defined and undefined length are written as they came") {
  const auto item = hex("0800 6000 4353 0200 4354");  // (0008,0060) CS 2 "CT"
  SUBCASE("both defined") {
    const auto d = read_and_write(hex("0800 1011 5351 0000 12000000 feff00e0 0a000000") + item, explicit_le);
    CHECK(d.items(tag::ReferencedStudySequence)[0].text(tag::Modality) == "CT");
  }
  SUBCASE("both undefined") {
    read_and_write(
        hex("0800 1011 5351 0000 ffffffff feff00e0 ffffffff") + item + hex("feff0de0 00000000 feffdde0 00000000"),
        explicit_le);
  }
  SUBCASE("an undefined sequence of items of both kinds, one empty") {
    const auto d =
        read_and_write(hex("0800 1011 5351 0000 ffffffff feff00e0 0a000000") + item + hex("feff00e0 ffffffff") + item +
                           hex("feff0de0 00000000 feff00e0 00000000"
                               "feffdde0 00000000 1000 2000 4c4f 0200 3132"),
                       explicit_le);
    CHECK(d.items(tag::ReferencedStudySequence).size() == 3);
    CHECK(d.items(tag::ReferencedStudySequence)[2].empty());
    CHECK(d.text(tag::PatientID) == "12");
  }
  SUBCASE("a defined sequence of an undefined item") {
    read_and_write(hex("0800 1011 5351 0000 1a000000 feff00e0 ffffffff") + item + hex("feff0de0 00000000"),
                   explicit_le);
  }
  SUBCASE("no items") {
    read_and_write(hex("0800 1011 5351 0000 00000000"), explicit_le);
    read_and_write(hex("0800 1011 5351 0000 ffffffff feffdde0 00000000"), explicit_le);
    read_and_write(hex("0800 1011 00000000"), implicit_le);
  }
  SUBCASE("big endian") {
    read_and_write(hex("0008 1110 5351 0000 ffffffff fffee000 ffffffff 0028 0010 5553 0002 0200"
                       "fffee00d 00000000 fffee0dd 00000000"),
                   explicit_be);
  }
}

TEST_CASE("encapsulated pixel data: offset table and fragments pass through") {
  const auto input =
      hex("e07f 1000 4f42 0000 ffffffff"         // (7FE0,0010) OB, undefined length
          "feff00e0 04000000 00000000"           // basic offset table: 0
          "feff00e0 06000000 ffd8 0102 ffd9"     // fragment
          "feff00e0 00000000"                    // an empty fragment
          "feff00e0 02000000 0304"               // fragment
          "feffdde0 00000000"                    // end
          "fcff fcff 4f42 0000 02000000 0000");  // (FFFC,FFFC) padding
  const auto d = read_and_write(input, transfer_syntax::JPEGBaseline8Bit);
  const auto* e = d.find(tag::PixelData);
  REQUIRE(e->is_encapsulated());
  REQUIRE(e->fragments().size() == 4);
  CHECK(e->fragments()[0].size() == 4);
  CHECK(e->fragments()[1].size() == 6);
  CHECK(e->fragments()[2].empty());
  CHECK(e->fragments()[3][1] == std::byte{4});
  CHECK_THROWS_AS(static_cast<void>(encode(d, explicit_le)), std::system_error);
}

TEST_CASE("UN of undefined length is a sequence in implicit VR, in little and big endian alike (CP-246)") {
  const auto content =
      hex("feff00e0 ffffffff 0800 6000 02000000 4354"  // item, (0008,0060) 2 "CT"
          "0900 0110 02000000 0102 feff0de0 00000000"  // (0009,1001) 2, end of item
          "feffdde0 00000000");
  const auto d =
      read_and_write(hex("0900 0010 554e 0000 ffffffff") + content + hex("2800 1000 5553 0200 0002"), explicit_le);
  const auto* e = d.find(element_tag{0x0009, 0x1000});
  CHECK(e->value_representation() == vr::un);
  REQUIRE(e->is_sequence());
  CHECK(e->items()[0].text(tag::Modality) == "CT");
  CHECK(d.get(tag::Rows) == 512);
  read_and_write(hex("0009 1000 554e 0000 ffffffff") + content + hex("0028 0010 5553 0002 0200"), explicit_be);
}

TEST_CASE("a UN sequence at the end of an item ends both the item and the implicit VR") {
  const auto un = hex("0009 1000 554e 0000 ffffffff feffdde0 00000000");
  const auto input = hex("0008 1110 5351 0000 0000001c fffee000 00000014") + un + hex("0028 0010 5553 0002 0200");
  const auto d = read_and_write(input, explicit_be);
  CHECK(d.items(tag::ReferencedStudySequence)[0].find(element_tag{0x0009, 0x1000})->is_sequence());
  CHECK(d.get(tag::Rows) == 512);
}

TEST_CASE("a value that is too long for the short form of its VR is written as UN") {
  data_set d;
  d.set_bytes(tag::PixelSpacing, vr::ds, as_bytes(std::string(65'534, '1')));
  CHECK(decode(encode(d, explicit_le), explicit_le).value.find(tag::PixelSpacing)->value_representation() == vr::ds);
  d.set_bytes(tag::PixelSpacing, vr::ds, as_bytes(std::string(65'536, '1')));
  const auto encoded = encode(d, explicit_le);
  CHECK(as_text(byte_span{encoded}.subspan(4, 2)) == "UN");
  CHECK(encoded.size() == 12 + 65'536);
  CHECK(decode(encoded, explicit_le, strictness::strict).value.bytes(tag::PixelSpacing).size() == 65'536);
}

TEST_CASE("US or SS follows Pixel Representation of the data set, else of the one around it, else it is US") {
  const auto value = hex("2800 0601 02000000 ffff");      // (0028,0106) 2
  const auto is_signed = hex("2800 0301 02000000 0100");  // (0028,0103) 2 1
  const auto is_unsigned = hex("2800 0301 02000000 0000");
  CHECK(decode(is_signed + value, implicit_le).value.get(tag::SmallestImagePixelValue) == -1);
  CHECK(decode(is_unsigned + value, implicit_le).value.get(tag::SmallestImagePixelValue) == 65535);
  const auto guessed = decode(value, implicit_le);
  CHECK(guessed.value.get(tag::SmallestImagePixelValue) == 65535);
  CHECK(deviations(guessed) == std::vector{deviation::ambiguous_vr_guessed});
  // in an item that comes before (0028,0103) of the data set around it
  const auto nested = hex("0800 1011 12000000 feff00e0 0a000000") + value + is_signed;
  const auto d = decode(nested, implicit_le).value;
  CHECK(d.items(tag::ReferencedStudySequence)[0].get(tag::SmallestImagePixelValue) == -1);
  CHECK(d.items(tag::ReferencedStudySequence)[0].find(tag::SmallestImagePixelValue)->value_representation() == vr::ss);
}

TEST_CASE("private elements of implicit VR are what the creator of their block says, when somebody looks them up") {
  const auto creator = hex("2900 1100 12000000") + test_support::hex({"'SIEMENS CSA HEADER'"});
  const auto values = hex("2900 0811 02000000 4d52 2900 1011 04000000 01020304 2900 fe11 02000000 0102");
  decode_options options;
  options.private_vr = find_private_vr;
  every_split(creator + values, implicit_le, options, [](const decoded& result) {
    REQUIRE(result.value.find(element_tag{0x0029, 0x1108})->value_representation() == vr::cs);
    REQUIRE(result.value.text(element_tag{0x0029, 0x1108}) == "MR");
    REQUIRE(result.value.find(element_tag{0x0029, 0x1110})->value_representation() == vr::ob);
    REQUIRE(result.value.find(element_tag{0x0029, 0x11FE})->value_representation() == vr::un);
    REQUIRE(result.diagnoses.empty());
  });
  const auto unknown = decode(creator + values, implicit_le).value;
  CHECK(unknown.find(element_tag{0x0029, 0x1108})->value_representation() == vr::un);
  // A creator speaks for its own data set, not for the items in it, nor for what stands around its item.
  const auto item = creator + values;
  const auto inside = hex("0800 1011 42000000 feff00e0 3a000000") + item + values;
  const auto read = decode(inside, implicit_le, options).value;
  CHECK(read.items(tag::ReferencedStudySequence)[0].find(element_tag{0x0029, 0x1108})->value_representation() ==
        vr::cs);
  CHECK(read.find(element_tag{0x0029, 0x1108})->value_representation() == vr::un);
}

TEST_CASE("a private sequence that the dictionary knows is one, empty or not") {
  const auto creator = hex("0120 1000 16000000") + test_support::hex({"'Philips Imaging DD 001'"});
  decode_options options{strictness::strict};
  options.private_vr = find_private_vr;
  const auto d =
      decode(creator + hex("0120 5f10 12000000 feff00e0 0a000000 0800 6000 02000000 4354"), implicit_le, options).value;
  const auto* e = d.find(element_tag{0x2001, 0x105F});
  CHECK(e->value_representation() == vr::sq);
  REQUIRE(e->items().size() == 1);
  CHECK(e->items()[0].text(tag::Modality) == "CT");
  CHECK(decode(creator + hex("0120 5f10 00000000"), implicit_le, options)
            .value.find(element_tag{0x2001, 0x105F})
            ->is_sequence());
}

TEST_CASE("group lengths are read, and written as they must be") {
  const auto input =
      hex("0800 0000 554c 0400 0a000000"  // (0008,0000) UL 4: 10
          "0800 6000 4353 0200 4354"      // (0008,0060) CS 2 "CT"
          "2800 0000 554c 0400 0a000000"
          "2800 1000 5553 0200 0002");
  auto d = read_and_write(input, explicit_le);
  d.set(tag::Modality, "CTMR");
  CHECK(decode(encode(d, explicit_le), explicit_le).value.get(attribute<vr::ul>{0x0008, 0x0000}) == 12);
}

TEST_CASE("a group length of three bytes is padded, and then counts") {
  const auto d = decode(hex("0800 0000 554c 0300 ffffff 0800 6000 4353 0200 4354"), explicit_le).value;
  CHECK(encode(d, explicit_le) == hex("0800 0000 554c 0400 0a000000 0800 6000 4353 0200 4354"));
}

TEST_CASE("in implicit VR a group length counts whatever VR it had, since it will be read as one") {
  const auto input = hex("0800 0000 5348 0400 31333420 0800 6000 4353 0200 4354");  // (0008,0000) SH "134 "
  const auto d = decode(input, explicit_le).value;
  CHECK(encode(d, explicit_le) == input);
  const auto implicit = encode(d, implicit_le);
  CHECK(implicit == hex("0800 0000 04000000 0a000000 0800 6000 02000000 4354"));
  CHECK(encode(decode(implicit, implicit_le).value, implicit_le) == implicit);
}

TEST_CASE("reading stops before a tag of the root, and says where that is") {
  const auto before =
      hex("0800 6000 4353 0200 4354"
          "0800 1011 5351 0000 14000000 feff00e0 0c000000 e07f 1000 4f42 0000 00000000");  // deeper: goes on
  const auto input = before + hex("e07f 1000 4f57 0000 04000000 01020304");
  every_split(input, explicit_le, decode_options::until(tag::PixelData), [&](const decoded& result) {
    REQUIRE(result.value.size() == 2);
    REQUIRE(result.consumed == before.size());
    REQUIRE(result.diagnoses.empty());
  });
  data_set_reader reader{explicit_le, decode_options::until(tag::PixelData)};
  CHECK(reader.feed(input) == before.size());
  CHECK(reader.stopped());
  // a tag that is not there stops before the next higher one
  CHECK(decode(input, explicit_le, decode_options::until(element_tag{0x0008, 0x0061})).value.size() == 1);
}

TEST_CASE("large values are referred to when somebody keeps the bytes, and copied otherwise") {
  data_set d;
  d.set_bytes(tag::PixelData, vr::ob, bytes(5000, std::byte{7}));
  const auto block = std::make_shared<const bytes>(encode(d, explicit_le));
  decode_options options;
  CHECK(decode(*block, explicit_le, options).value.bytes(tag::PixelData).data() != block->data() + 12);
  options.owner = block;
  auto read = decode(*block, explicit_le, options).value;
  CHECK(read.bytes(tag::PixelData).data() == block->data() + 12);
  CHECK(block.use_count() == 3);
  read.clear();
  CHECK(block.use_count() == 2);
}

TEST_CASE("fragments are referred to when somebody keeps the bytes, short ones and those in pieces are copied") {
  const bytes first(100, std::byte{1});
  const bytes second(10, std::byte{2});
  const bytes third(5000, std::byte{3});
  data_set d;
  d.set_fragments(tag::PixelData, vr::ob, std::vector<byte_span>{{}, first, second, third});
  const unique_id& syntax = transfer_syntax::JPEGBaseline8Bit;
  auto block = std::make_shared<const bytes>(encode(d, syntax));
  const auto inside = [&](byte_span fragment) {
    return fragment.data() >= block->data() && fragment.data() < block->data() + block->size();
  };
  decode_options options;
  options.owner = block;
  auto whole = decode(*block, syntax, options).value;
  CHECK(whole == d);
  const auto fragments = whole.find(tag::PixelData)->fragments();
  CHECK(inside(fragments[1]));
  CHECK_FALSE(inside(fragments[2]));
  CHECK(inside(fragments[3]));
  options.owner.reset();
  data_set copy = whole;
  CHECK(block.use_count() == 3);
  whole.clear();
  CHECK(copy == d);
  CHECK(copy.erase(tag::PixelData));
  CHECK(block.use_count() == 1);
  options.owner = block;
  for (const std::size_t cut : {60u, 3000u}) {
    data_set_reader reader{syntax, options};
    reader.feed(byte_span{*block}.first(cut));
    reader.feed(byte_span{*block}.subspan(cut));
    const auto pieces = reader.finish();
    CHECK(pieces == d);
    for (const auto fragment : pieces.find(tag::PixelData)->fragments()) CHECK_FALSE(inside(fragment));
  }
}

TEST_CASE("buffers: large values by reference, all together the same bytes") {
  data_set d;
  d.set(tag::Modality, "CT");
  d.add_item(tag::IconImageSequence).set_bytes(tag::PixelData, vr::ow, bytes(6000, std::byte{1}));
  d.set_bytes(tag::PixelData, vr::ob, bytes(5000, std::byte{7}));
  for (const auto& syntax : {explicit_le, implicit_le, explicit_be}) {
    const auto gathered = encode_buffers(d, syntax);
    bytes all;
    bool referred = false;
    for (const auto buffer : gathered.buffers()) {
      referred = referred || buffer.data() == d.bytes(tag::PixelData).data();
      all.insert(all.end(), buffer.begin(), buffer.end());
    }
    CHECK(referred);
    CHECK(all == encode(d, syntax));
    CHECK(gathered.size() == all.size());
    CHECK(encoded_size(d, syntax) == all.size());
    if (syntax != implicit_le) CHECK(decode(all, syntax, strictness::strict).value == d);  // there OB becomes OW
  }
}

TEST_CASE("an announced syntax that is wrong is noticed at the first element") {
  const auto explicit_bytes = hex("0800 6000 4353 0200 4354 2800 1000 5553 0200 0002");
  const auto implicit_bytes = hex("0800 6000 02000000 4354 2800 1000 02000000 0002");
  const auto big_bytes = hex("0008 0060 4353 0002 4354 0028 0010 5553 0002 0200");
  for (const auto& announced : {explicit_le, implicit_le, explicit_be})
    for (const auto* input : {&explicit_bytes, &implicit_bytes, &big_bytes}) {
      const auto result = decode(*input, announced);
      CHECK(result.value.text(tag::Modality) == "CT");
      CHECK(result.value.get(tag::Rows) == 512);
      const bool right = (input == &explicit_bytes && announced == explicit_le) ||
                         (input == &implicit_bytes && announced == implicit_le) ||
                         (input == &big_bytes && announced == explicit_be);
      CHECK(deviations(result) == (right ? std::vector<deviation>{} : std::vector{deviation::wrong_transfer_syntax}));
      if (!right) refused_when_strict(*input, announced);
    }
}

TEST_CASE("the announced syntax stays when another reads no better") {
  // (0200,0000) of no length, which in big endian is the group length of file meta information; it comes to the front
  // when what is out of order is written.
  const auto empty_group_length = hex("0002 0000 554c 0000");
  CHECK(encode(decode(empty_group_length, explicit_le, strictness::strict).value, explicit_le) == empty_group_length);
  bytes out_of_order = hex("ffff 0000 0000 0000 0002");
  out_of_order.resize(29);
  const auto first = encode(decode(out_of_order, transfer_syntax::RLELossless).value, transfer_syntax::RLELossless);
  CHECK(encode(decode(first, transfer_syntax::RLELossless).value, transfer_syntax::RLELossless) == first);
  // (0800,0500) of no length, and of two bytes: in big endian Specific Character Set.
  for (const auto& input : {hex("0008 0005 4353 0000"), hex("0008 0005 4353 0200 4354")}) {
    const auto result = decode(input, explicit_le);
    CHECK(result.diagnoses.empty());
    CHECK(result.value.contains(element_tag{0x0800, 0x0500}));
  }
  // A private element whose length reads as letters.
  bytes long_implicit = hex("0900 0110 41450000");
  long_implicit.resize(8 + 0x4541);
  CHECK(decode(long_implicit, implicit_le).diagnoses.size() == 1);  // of odd length
}

TEST_CASE("a diagnosis says where: path, offset and section") {
  const auto input = hex("0800 1011 5351 0000 13000000 feff00e0 0b000000 0800 6000 4353 0300 435420");
  const auto result = decode(input, explicit_le);
  REQUIRE(result.diagnoses.size() == 1);
  const auto& d = result.diagnoses[0];
  CHECK(d.path == std::vector<element_tag>{tag::ReferencedStudySequence, tag::Modality});
  CHECK(d.offset == 20);
  CHECK(d.section == "PS3.5 §7.1.1");
}

TEST_CASE("elements out of order are sorted, none is lost") {
  const auto d =
      decode(hex("2800 1000 5553 0200 0002 0800 6000 4353 0200 4354 1000 2000 4c4f 0200 3132"), explicit_le).value;
  CHECK(d.get(tag::Rows) == 512);
  CHECK(d.text(tag::Modality) == "CT");
  CHECK(d.text(tag::PatientID) == "12");
}

TEST_CASE("limits hold at their edge, one below and one above") {
  const auto input =
      hex("0800 6000 4353 0200 4354 2800 1000 5553 0200 0002 2800 1100 5553 0200 0002");  // three elements
  const auto exceeded = [](const bytes& from, const unique_id& syntax, const decode_options& options) {
    try {
      static_cast<void>(decode(from, syntax, options));
      return false;
    } catch (const std::system_error& e) {
      CHECK(e.code() == errc::limit_exceeded);
      return true;
    }
  };
  decode_options options;
  for (const std::uint32_t elements : {2u, 3u, 4u}) {
    options.limits.elements = elements;
    CHECK(exceeded(input, explicit_le, options) == (elements < 3));
  }
  options = {};
  for (const std::uint64_t size : {29u, 30u, 31u}) {
    options.limits.data_set_bytes = size;
    CHECK(exceeded(input, explicit_le, options) == (size < 30));
  }
  const auto nested =
      hex("0800 1011 ffffffff feff00e0 ffffffff 0800 1011 ffffffff feff00e0 ffffffff"
          "feff0de0 00000000 feffdde0 00000000 feff0de0 00000000 feffdde0 00000000");
  options = {};
  for (const std::uint32_t depth : {1u, 2u, 3u}) {
    options.limits.depth = depth;
    CHECK(exceeded(nested, implicit_le, options) == (depth < 2));
  }
  const auto fragments = hex("e07f 1000 4f42 0000 ffffffff feff00e0 00000000 feff00e0 02000000 0102 feffdde0 00000000");
  options = {};
  for (const std::uint32_t count : {1u, 2u, 3u}) {
    options.limits.fragments = count;
    CHECK(exceeded(fragments, transfer_syntax::JPEGBaseline8Bit, options) == (count < 2));
  }
  options = {};
  for (const std::uint64_t size : {1u, 2u, 3u}) {
    options.limits.value_bytes = size;
    CHECK(exceeded(input, explicit_le, options) == (size < 2));
  }
}

TEST_CASE("limits.arena_bytes: all that the data set owns, in one piece or many, and no more") {
  const auto exceeded = [](byte_span from, std::size_t piece, std::uint64_t limit) {
    decode_options options;
    options.limits.arena_bytes = limit;
    data_set_reader reader{explicit_le, options};
    try {
      for (; !from.empty(); from = from.subspan(std::min(piece, from.size()))) reader.feed(from.first(std::min(piece, from.size())));
      static_cast<void>(reader.finish());
      return false;
    } catch (const std::system_error& e) {
      CHECK(e.code() == errc::limit_exceeded);
      return true;
    }
  };
  data_set small;  // elements and short values
  for (std::uint16_t i = 0; i < 5000; ++i) small.set_bytes(element_tag{0x0011, i}, vr::un, bytes(20));
  const auto many = encode(small, explicit_le);
  for (const std::size_t piece : {many.size(), std::size_t{1000}}) {
    data_set_reader reader{explicit_le};
    for (byte_span rest{many}; !rest.empty(); rest = rest.subspan(std::min(piece, rest.size())))
      reader.feed(rest.first(std::min(piece, rest.size())));
    const auto needed = detail::data_set_access::arena_bytes(reader.finish());
    CHECK(needed > 5000 * (16 + 24));
    for (const auto limit : {needed - 1, needed, needed + 1}) CHECK(exceeded(many, piece, limit) == (limit < needed));
  }
  data_set large;  // values in blocks of their own
  for (std::uint16_t i = 0; i < 10; ++i) large.set_bytes(element_tag{0x0011, i}, vr::un, bytes(100'000));
  const auto few = encode(large, explicit_le);
  for (const std::size_t piece : {few.size(), std::size_t{30'000}}) {
    CHECK(exceeded(few, piece, 1'000'000));
    CHECK_FALSE(exceeded(few, piece, 1'500'000));
  }
}

TEST_CASE("empty items by the million cost what the limits allow, no more") {
  bytes input = hex("0800 1011 ffffffff");
  const auto item = hex("feff00e0 00000000");
  for (int i = 0; i < 200'000; ++i) input.insert(input.end(), item.begin(), item.end());
  decode_options options;
  CHECK(decode(input, implicit_le, options).value.items(tag::ReferencedStudySequence).size() == 200'000);
  options.limits.arena_bytes = 1 << 20;
  CHECK_THROWS_AS(static_cast<void>(decode(input, implicit_le, options)), std::system_error);
}

TEST_CASE("a length field alone makes nobody take memory") {
  // 4 GiB announced, 4 bytes there
  const auto input = hex("e07f 1000 4f57 0000 feffffff 01020304");
  data_set_reader reader{explicit_le};
  reader.feed(input);
  const auto result = reader.finish_all();
  CHECK(result.value.bytes(tag::PixelData).size() == 4);
  CHECK(deviations(result) == std::vector{deviation::truncated_value});
  const auto sequence =
      decode(hex("0800 1011 5351 0000 feffffff feff00e0 f0ffffff 0800 6000 4353 0200 4354"), explicit_le);
  CHECK(sequence.value.items(tag::ReferencedStudySequence)[0].text(tag::Modality) == "CT");
}

TEST_CASE("20,000 sequences inside each other are read, written, compared and freed without recursion") {
  bytes input;
  const auto open = hex("0800 1011 5351 0000 ffffffff feff00e0 ffffffff");
  const auto close = hex("feff0de0 00000000 feffdde0 00000000");
  for (int i = 0; i < 20'000; ++i) input.insert(input.end(), open.begin(), open.end());
  for (int i = 0; i < 20'000; ++i) input.insert(input.end(), close.begin(), close.end());
  CHECK_THROWS_AS(static_cast<void>(decode(input, explicit_le)), std::system_error);  // 64 is enough for most
  decode_options options{strictness::strict};
  options.limits.depth = 20'000;
  const auto d = decode(input, explicit_le, options).value;
  CHECK(encode(d, explicit_le) == input);
  data_set copy = d;
  CHECK(copy == d);
}

TEST_CASE("every prefix and every single wrong byte is read without harm") {
  const auto input =
      hex("0800 0000 554c 0400 0a000000 0800 6000 4353 0200 4354"
          "0800 1011 5351 0000 ffffffff feff00e0 0a000000 0800 6000 4353 0200 4354"
          "feff00e0 ffffffff 0900 0010 554e 0000 ffffffff feff00e0 ffffffff 0900 0110 02000000 0102 feff0de0 00000000 "
          "feffdde0 00000000"
          "feff0de0 00000000 feffdde0 00000000"
          "e07f 1000 4f42 0000 ffffffff feff00e0 00000000 feff00e0 02000000 0102 feffdde0 00000000");
  for (std::size_t size = 0; size <= input.size(); ++size)
    static_cast<void>(decode(byte_span{input}.first(size), transfer_syntax::JPEGBaseline8Bit));
  for (std::size_t at = 0; at < input.size(); ++at)
    for (int value = 0; value < 256; value += 5) {
      auto wrong = input;
      wrong[at] = static_cast<std::byte>(value);
      const auto result = decode(wrong, transfer_syntax::JPEGBaseline8Bit);
      const auto written = encode(result.value, transfer_syntax::JPEGBaseline8Bit);
      REQUIRE(written.size() == encoded_size(result.value, transfer_syntax::JPEGBaseline8Bit));
    }
}

TEST_CASE("what has no data set encoding is refused by name") {
  for (const char* uid : {"1.2.840.10008.1.2.6.1", "1.2.840.10008.1.2.6.2", "1.2.840.10008.1.2.7.1",
                          "1.2.840.10008.1.2.7.2", "1.2.840.10008.1.2.7.3"}) {  // RFC 2557, XML, SMPTE ST 2110
    try {
      static_cast<void>(decode({}, unique_id{uid}));
      FAIL("not refused");
    } catch (const std::system_error& e) {
      CHECK(e.code() == errc::unsupported_transfer_syntax);
      CHECK(std::string{e.what()}.find(std::string{uid_name(unique_id{uid})} +
                                       " is not an encoding of files or messages") != std::string::npos);
    }
  }
  CHECK(wire_format_of(unique_id{"1.3.46.670589.33.1.4.1"}).explicit_vr);  // private
}

TEST_CASE("Papyrus 3 reads as implicit VR little endian") {
  const auto input = hex("0800 6000 0200 0000 'CT'");
  CHECK(decode(input, transfer_syntax::Papyrus3ImplicitVRLittleEndian, strictness::strict).value ==
        decode(input, implicit_le).value);
}

TEST_CASE("no two bytes are taken for a VR but those of a VR") {
  for (int first = 0; first < 256; ++first)
    for (int second = 0; second < 256; ++second) {
      auto input = hex("0800 6000 0000 0000 0900 0110 0000 0000 0000 0000");
      input[4] = static_cast<std::byte>(first);
      input[5] = static_cast<std::byte>(second);
      for (const auto& e : decode(input, explicit_le).value) REQUIRE(is_definite(e.value_representation()));
    }
}
