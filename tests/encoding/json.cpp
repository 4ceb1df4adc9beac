#include <codicom/dictionary/tags.hpp>
#include <codicom/encoding/decode_json.hpp>
#include <codicom/encoding/encode_json.hpp>
#include <support/hex.hpp>

#include <bit>
#include <cmath>
#include <cstdint>
#include <doctest/doctest.h>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

using namespace codicom;
using test_support::hex;

namespace {

// The JSON of one element, without the braces and the tag.
std::string json_of(const data_set& d) {
  const auto all = encode_json(d);
  REQUIRE(all.size() > 13);
  return all.substr(12, all.size() - 13);
}
std::string json_of(vr v, byte_span value) {
  data_set d;
  d.set_bytes(element_tag{0x0009, 0x1001}, v, value);
  return json_of(d);
}
std::string json_of(vr v, std::string_view value) { return json_of(v, as_bytes(value)); }

data_set from(std::string_view members) { return decode_json("{\"00091001\":{" + std::string{members} + "}}"); }
std::string bytes_from(std::string_view members) {
  return std::string{as_text(from(members).bytes(element_tag{0x0009, 0x1001}))};
}

// Where the text is found to be wrong.
std::size_t error_offset(std::string_view json, const json_decode_options& options = {}) {
  try {
    static_cast<void>(decode_json(json, options));
  } catch (const json_error& e) {
    CHECK(e.code() == errc::malformed_json);
    CHECK(e.code() == failure::malformed);
    return e.offset();
  }
  return std::string_view::npos;
}
bool is_refused(std::string_view json) { return error_offset(json) != std::string_view::npos; }
bool is_value_refused(std::string_view members) { return is_refused("{\"00091001\":{" + std::string{members} + "}}"); }

}  // namespace

TEST_CASE("the example of PS3.18 F.4 comes out as it stands there") {
  data_set d;
  d.set(tag::SpecificCharacterSet, "ISO_IR 192");
  d.set(tag::StudyDate, "20130409").set(tag::StudyTime, "131600.0000").set(tag::AccessionNumber, "11235813");
  d.set(tag::ModalitiesInStudy, std::vector<std::string>{"CT", "PET"});
  d.set(tag::ReferringPhysicianName, "^Bob^^Dr.");
  d.set(tag::PatientName, "Wang^XiaoDong=王^小東").set(tag::PatientID, "12345");
  d.set(tag::NumberOfStudyRelatedInstances, 942);
  d.set(tag::StudyID);
  d.add_item(tag::OtherPatientIDsSequence).set(tag::PatientID, "54321");
  d.set(tag::TypeOfPatientID);
  CHECK(encode_json(d) ==
        R"({"00080005":{"vr":"CS","Value":["ISO_IR 192"]},"00080020":{"vr":"DA","Value":["20130409"]},)"
        R"("00080030":{"vr":"TM","Value":["131600.0000"]},"00080050":{"vr":"SH","Value":["11235813"]},)"
        R"("00080061":{"vr":"CS","Value":["CT","PET"]},)"
        R"("00080090":{"vr":"PN","Value":[{"Alphabetic":"^Bob^^Dr."}]},)"
        R"("00100010":{"vr":"PN","Value":[{"Alphabetic":"Wang^XiaoDong","Ideographic":"王^小東"}]},)"
        R"("00100020":{"vr":"LO","Value":["12345"]},"00100022":{"vr":"CS"},)"
        R"("00101002":{"vr":"SQ","Value":[{"00100020":{"vr":"LO","Value":["54321"]}}]},)"
        R"("00200010":{"vr":"SH"},"00201208":{"vr":"IS","Value":[942]}})");
  CHECK(decode_json(encode_json(d)) == d);
}

TEST_CASE("no elements are an empty object, no data sets an empty array") {
  CHECK(encode_json(data_set{}) == "{}");
  CHECK(encode_json(std::span<const data_set>{}) == "[]");
  CHECK(decode_json(" {} \n").empty());
  CHECK(decode_json_array("[]").empty());
}

TEST_CASE("an array of data sets, and back") {
  std::vector<data_set> all(3);
  all[0].set(tag::PatientName, "Adams").set(tag::SpecificCharacterSet, "ISO_IR 100");
  all[2].set(tag::PatientName, "Buc^Jérôme").add_item(tag::OtherPatientIDsSequence);
  const auto json = encode_json(std::span<const data_set>{all});
  CHECK(json.starts_with("[{\"00080005\":"));
  CHECK(decode_json_array(json) == all);
  CHECK_THROWS_AS(static_cast<void>(decode_json(json)), json_error);
  CHECK_THROWS_AS(static_cast<void>(decode_json_array("{}")), json_error);
  CHECK_THROWS_AS(static_cast<void>(decode_json_array("[{},]")), json_error);
}

TEST_CASE("decimal and integer strings are numbers only where every reader prints them again") {
  const auto value = [](vr v, std::string_view text) {
    const auto json = json_of(v, text);
    return json.substr(json.find('[') + 1, json.size() - json.find('[') - 3);
  };
  for (const auto* number : {"0", "1", "-1", "512", "0.5", "-0.5", "12.25", "0.0001", "0.00012", "123456789012345",
                             "1234567.1234567", "-99999999999.999", "10", "100000", "0.9"}) {
    CAPTURE(number);
    CHECK(value(vr::ds, number) == number);
  }
  for (const auto* text : {"1.0", "01", "-0", "+1", " 1", "1e3", "1E-3", ".5", "5.", "0.00001", "0.10", "-00", "-",
                           "1 2", "0x10", "1234567890123456", "12345678.12345678", "--1", "0.0", "-0.0", "abc", "1,5",
                           "00.5", "NaN"}) {
    CAPTURE(text);
    CHECK(value(vr::ds, text) == '"' + std::string{text} + '"');
  }
  CHECK(value(vr::is, "2147483647") == "2147483647");
  CHECK(value(vr::is, "007") == "\"007\"");
  CHECK(value(vr::ds, "1.5\\\\01\\2 ") == "1.5,null,\"01\",2");
}

TEST_CASE("64-bit integers are numbers up to 2^53 - 1, and strings beyond") {
  CHECK(json_of(vr::sv, hex({"FFFFFFFFFFFF1F00 0000000000002000 010000000000E0FF 000000000000E0FF 0000000000000080"})) ==
        R"({"vr":"SV","Value":[9007199254740991,"9007199254740992",-9007199254740991,"-9007199254740992",)"
        R"("-9223372036854775808"]})");
  CHECK(json_of(vr::uv, hex({"FFFFFFFFFFFF1F00 FFFFFFFFFFFFFFFF"})) ==
        R"({"vr":"UV","Value":[9007199254740991,"18446744073709551615"]})");
  CHECK(bytes_from(R"("vr":"UV","Value":["18446744073709551615",18446744073709551615,1])") ==
        as_text(hex({"FFFFFFFFFFFFFFFF FFFFFFFFFFFFFFFF 0100000000000000"})));
  CHECK(is_value_refused(R"("vr":"UV","Value":[18446744073709551616])"));
  CHECK(is_value_refused(R"("vr":"SV","Value":[9223372036854775808])"));
}

TEST_CASE("binary numbers are written so that they read back exactly") {
  CHECK(json_of(vr::us, hex({"0000 FFFF"})) == R"({"vr":"US","Value":[0,65535]})");
  CHECK(json_of(vr::ss, hex({"0080 FFFF"})) == R"({"vr":"SS","Value":[-32768,-1]})");
  CHECK(json_of(vr::ul, hex({"FFFFFFFF"})) == R"({"vr":"UL","Value":[4294967295]})");
  CHECK(json_of(vr::sl, hex({"00000080"})) == R"({"vr":"SL","Value":[-2147483648]})");
  CHECK(json_of(vr::at, hex({"1000 2000 E07F 1000"})) == R"({"vr":"AT","Value":["00100020","7FE00010"]})");
  data_set d;
  for (const double number : {0.1, 1e300, -5e-324, 1.7976931348623157e308, -0.0, 1.0, 123456789012345678.0}) {
    CAPTURE(number);
    const auto bits = std::bit_cast<std::uint64_t>(number);
    std::byte bytes[8];
    store_le(bytes, bits);
    const auto back = bytes_from(json_of(vr::fd, bytes).substr(1, json_of(vr::fd, bytes).size() - 2));
    CHECK(load_le<std::uint64_t>(as_bytes(back).data()) == bits);
  }
  for (const float number : {0.1f, 3.4028235e38f, 1e-45f, -0.0f, 16777217.0f}) {
    CAPTURE(number);
    const auto bits = std::bit_cast<std::uint32_t>(number);
    std::byte bytes[4];
    store_le(bytes, bits);
    const auto back = bytes_from(json_of(vr::fl, bytes).substr(1, json_of(vr::fl, bytes).size() - 2));
    CHECK(load_le<std::uint32_t>(as_bytes(back).data()) == bits);
  }
}

TEST_CASE("not a number and the infinities are strings") {
  const auto json = json_of(vr::fl, hex({"0000C07F 0000807F 000080FF 0000C03F"}));
  CHECK(json == R"({"vr":"FL","Value":["NaN","Infinity","-Infinity",1.5]})");
  CHECK(bytes_from(json.substr(1, json.size() - 2)) == as_text(hex({"0000C07F 0000807F 000080FF 0000C03F"})));
  CHECK(json_of(vr::fd, hex({"000000000000F0FF"})) == R"({"vr":"FD","Value":["-Infinity"]})");
  CHECK(is_value_refused(R"("vr":"FD","Value":[NaN])"));
  CHECK(is_value_refused(R"("vr":"FD","Value":["nan"])"));
  CHECK(is_value_refused(R"("vr":"FD","Value":[1e400])"));
  CHECK(is_value_refused(R"("vr":"DS","Value":[1e400e])"));
}

TEST_CASE("numbers are taken in every spelling that JSON has, when they fit") {
  CHECK(bytes_from(R"("vr":"US","Value":[1,2.0,3e2,"4"])") == as_text(hex({"0100 0200 2C01 0400"})));
  CHECK(bytes_from(R"("vr":"IS","Value":[12,"007",null,1e3,-5.0])") == "12\\007\\\\1000\\-5 ");
  CHECK(bytes_from(R"("vr":"DS","Value":[1.50,1E+2,"1.0",0.30000000000000004])") ==
        "1.50\\1E+2\\1.0\\0.3 ");
  for (const auto* wrong : {R"("vr":"US","Value":[65536])", R"("vr":"US","Value":[-1])", R"("vr":"US","Value":[1.5])",
                            R"("vr":"SS","Value":[32768])", R"("vr":"US","Value":[""])", R"("vr":"US","Value":[true])",
                            R"("vr":"US","Value":[null])", R"("vr":"IS","Value":[1.5])", R"("vr":"LO","Value":[5])",
                            R"("vr":"US","Value":5)", R"("vr":"FL","Value":[1e39])", R"("vr":"US","Value":[01])",
                            R"("vr":"US","Value":[+1])", R"("vr":"US","Value":[.5])", R"("vr":"US","Value":[1.])",
                            R"("vr":"US","Value":[1e])", R"("vr":"US","Value":[0x1])", R"("vr":"US","Value":[-])"}) {
    CAPTURE(wrong);
    CHECK(is_value_refused(wrong));
  }
}

TEST_CASE("numbers with bytes missing are kept as they are") {
  const auto json = json_of(vr::us, hex({"0100 02"}));  // padded to four bytes: two numbers
  CHECK(json == R"({"vr":"US","Value":[1,2]})");
  CHECK(json_of(vr::ul, hex({"0100 0200 0300"})) == R"({"vr":"UL","InlineBinary":"AQACAAMA"})");
  CHECK(bytes_from(R"("vr":"UL","InlineBinary":"AQACAAMA")") == as_text(hex({"0100 0200 0300"})));
}

TEST_CASE("binary values are base64, and only what base64 allows is read") {
  CHECK(json_of(vr::ob, as_bytes("Many hands make light work.")) ==
        R"({"vr":"OB","InlineBinary":"TWFueSBoYW5kcyBtYWtlIGxpZ2h0IHdvcmsuAA=="})");
  CHECK(json_of(vr::un, hex({"FFFE"})) == R"({"vr":"UN","InlineBinary":"//4="})");
  CHECK(json_of(vr::ow, byte_span{}) == R"({"vr":"OW"})");
  CHECK(bytes_from(R"("vr":"OB","InlineBinary":"//4=")") == as_text(hex({"FFFE"})));
  CHECK(bytes_from(R"("vr":"OB","InlineBinary":"/w==")") == as_text(hex({"FF00"})));
  CHECK(bytes_from(R"("vr":"OB","InlineBinary":["//4="])") == as_text(hex({"FFFE"})));
  CHECK(bytes_from(R"("vr":"OB","InlineBinary":"")").empty());
  CHECK(bytes_from(R"("vr":"OB","Value":[])").empty());
  for (const auto* wrong : {R"("vr":"OB","InlineBinary":"//4")", R"("vr":"OB","InlineBinary":"//5=")",
                            R"("vr":"OB","InlineBinary":"/x==")", R"("vr":"OB","InlineBinary":"/-4=")",
                            R"("vr":"OB","InlineBinary":"/ 4=")", R"("vr":"OB","InlineBinary":"//=4")",
                            R"("vr":"OB","InlineBinary":"====")", R"("vr":"OB","InlineBinary":["//4=","//4="])",
                            R"("vr":"OB","Value":["//4="])", R"("vr":"LO","InlineBinary":"//4=")",
                            R"("vr":"SQ","InlineBinary":"//4=")"}) {
    CAPTURE(wrong);
    CHECK(is_value_refused(wrong));
  }
}

TEST_CASE("encapsulated pixel data are the items of a file, and come back as fragments") {
  data_set d;
  const auto first = hex({"0102030405"});
  const std::vector<byte_span> fragments{byte_span{}, first, byte_span{}};
  d.set_fragments(tag::PixelData, vr::ob, fragments);
  const auto json = encode_json(d);
  // FFFE,E000 with 0, 6 and 0 bytes
  CHECK(json == R"({"7FE00010":{"vr":"OB","InlineBinary":"/v8A4AAAAAD+/wDgBgAAAAECAwQFAP7/AOAAAAAA"}})");
  CHECK(decode_json(json) == d);
  // the delimiter at the end may be there
  const auto with_delimiter = hex({"FEFF00E0 00000000 FEFFDDE0 00000000"});
  json_decode_options options;
  options.bulk_data = [&](std::string_view, element_tag, vr) { return std::optional{with_delimiter}; };
  const auto read = decode_json(R"({"7FE00010":{"vr":"OB","BulkDataURI":"x"}})", options);
  REQUIRE(read.find(tag::PixelData)->is_encapsulated());
  CHECK(read.find(tag::PixelData)->fragments().size() == 1);
  // anything else is a native value
  for (const auto& other : {hex({"FEFF00E0 02000000"}), hex({"FEFF00E0 00000000 00"}), hex({"FEFF00E0 01000000 0000"}),
                            hex({"FEFFDDE0 00000000"}), hex({"0102"})}) {
    data_set native;
    native.set_bytes(tag::PixelData, vr::ob, byte_span{other});
    CHECK(decode_json(encode_json(native)) == native);
  }
}

TEST_CASE("a UN of undefined length is written as the sequence that it holds") {
  data_set d;
  d.add_item(element_tag{0x0009, 0x1001}).set(tag::PatientID, "1");
  CHECK(json_of(d) == R"({"vr":"SQ","Value":[{"00100020":{"vr":"LO","Value":["1"]}}]})");
}

TEST_CASE("empty values are null between others, and nothing when alone") {
  CHECK(json_of(vr::lo, "") == R"({"vr":"LO"})");
  CHECK(json_of(vr::lo, "  ") == R"({"vr":"LO"})");
  CHECK(json_of(vr::lo, "a\\\\b ") == R"({"vr":"LO","Value":["a",null,"b"]})");
  CHECK(json_of(vr::lo, "\\a") == R"({"vr":"LO","Value":[null,"a"]})");
  CHECK(json_of(vr::pn, "A^B\\\\C") == R"({"vr":"PN","Value":[{"Alphabetic":"A^B"},null,{"Alphabetic":"C"}]})");
  CHECK(json_of(vr::lt, "a\\b") == R"({"vr":"LT","Value":["a\\b"]})");
  CHECK(bytes_from(R"("vr":"LO","Value":["a",null,"b"])") == "a\\\\b");
  CHECK(bytes_from(R"("vr":"LO","Value":[null])").empty());
  CHECK(bytes_from(R"("vr":"LO","Value":[])").empty());
  CHECK(bytes_from(R"("vr":"LO")").empty());
  CHECK(bytes_from(R"("vr":"LT","Value":["a\\b"])") == "a\\b ");
  CHECK(is_value_refused(R"("vr":"LT","Value":["a","b"])"));
  CHECK(from(R"("vr":"SQ")").find(element_tag{0x0009, 0x1001})->is_sequence());
  CHECK(from(R"("vr":"SQ","Value":[{},{}])").items(element_tag{0x0009, 0x1001}).size() == 2);
  CHECK(is_value_refused(R"("vr":"SQ","Value":[null])"));
}

TEST_CASE("the groups of a person name have names of their own") {
  CHECK(json_of(vr::pn, "A^B=C=D=E") == R"({"vr":"PN","Value":[{"Alphabetic":"A^B","Ideographic":"C","Phonetic":"D=E"}]})");
  CHECK(json_of(vr::pn, "==P") == R"({"vr":"PN","Value":[{"Phonetic":"P"}]})");
  CHECK(json_of(vr::pn, "A== \\=\\B=") == R"({"vr":"PN","Value":[{"Alphabetic":"A","Phonetic":" "},null,{"Alphabetic":"B"}]})");
  CHECK(json_of(vr::pn, "==") == R"({"vr":"PN"})");
  CHECK(bytes_from(R"("vr":"PN","Value":[{"Phonetic":"P","Alphabetic":"A"}])") == "A==P");
  CHECK(bytes_from(R"("vr":"PN","Value":[{"Alphabetic":"A","Ideographic":null},{},"B"])") == "A\\\\B");
  CHECK(is_value_refused(R"("vr":"PN","Value":[{"Alphabetic":"A","Alphabetic":"B"}])"));
  CHECK(is_value_refused(R"("vr":"PN","Value":[{"alphabetic":"A"}])"));
  CHECK(is_value_refused(R"("vr":"LO","Value":[{"Alphabetic":"A"}])"));
}

TEST_CASE("text is escaped where JSON asks for it, and every escape is read") {
  CHECK(json_of(vr::lt, "\"\\/\b\f\n\r\t\x01\x7F") == "{\"vr\":\"LT\",\"Value\":[\"\\\"\\\\/\\u0008\\u000C\\n\\r\\t\\u0001\x7F\"]}");
  CHECK(bytes_from(R"("vr":"LT","Value":["\"\\\/\b\f\n\r\t\u0041"])") == "\"\\/\b\f\n\r\tA ");
  CHECK(from(R"("vr":"LT","Value":["\u00e9\u00C9"])").text(element_tag{0x0009, 0x1001}) == "éÉ");
  CHECK(from(R"("vr":"LT","Value":["\ud83d\uDE00\uD834\uDD1E"])").text(element_tag{0x0009, 0x1001}) == "😀𝄞");
  for (const auto* wrong : {R"("\ud83d")", R"("\ud83d ")", R"("\ud83d\u0041")", R"("\ude00")", R"("\ud83d\ud83d")",
                            R"("\x41")", R"("\u004")", R"("\u00g1")", R"("\)", R"("abc)", "\"\n\"", "\"\xFF\"",
                            "\"\xC0\x80\"", "\"\xED\xA0\x80\"", "\"\xF4\x90\x80\x80\"", "\"\xE2\x82\"", "'a'", "a"}) {
    CAPTURE(wrong);
    CHECK(is_value_refused(R"("vr":"LT","Value":[)" + std::string{wrong} + "]"));
  }
}

TEST_CASE("group lengths are left out, and dropped when they are there") {
  data_set d;
  d.set_bytes(element_tag{0x0008, 0x0000}, vr::ul, hex({"04000000"})).set(tag::Modality, "MR");
  CHECK(encode_json(d) == R"({"00080060":{"vr":"CS","Value":["MR"]}})");
  CHECK(decode_json(R"({"00080000":{"vr":"UL","Value":[4]},"00080060":{"vr":"CS","Value":["MR"]}})").size() == 1);
}

TEST_CASE("text comes back in the character set that the data set names, also where a sequence stands before it") {
  data_set d;
  d.set(tag::SpecificCharacterSet, "ISO_IR 100").set(tag::PatientName, "Buc^Jérôme");
  d.add_item(tag::OtherPatientIDsSequence).set(tag::PatientID, "é");
  const auto json = encode_json(d);
  CHECK(json.find("\"ISO_IR 100\"") != std::string::npos);
  CHECK(json.find("Buc^Jérôme") != std::string::npos);
  CHECK(decode_json(json) == d);
  const auto turned = decode_json(
      R"({"00101002":{"Value":[{"00100020":{"Value":["é"],"vr":"LO"}}],"vr":"SQ"},)"
      R"("00100010":{"Value":[{"Alphabetic":"Buc^Jérôme"}],"vr":"PN"},"00080005":{"Value":["ISO_IR 100"],"vr":"CS"}})");
  CHECK(turned == d);
  CHECK(turned.text(tag::PatientName) == "Buc^Jérôme");
  CHECK(turned.text("OtherPatientIDsSequence[0].PatientID") == "é");
}

TEST_CASE("the overline that JIS X 0201 has for a tilde is one in JSON, and comes back") {
  data_set d;
  d.set(tag::SpecificCharacterSet, "ISO_IR 13");
  d.set_bytes(tag::PatientComments, vr::lt, as_bytes("~\\"));
  const auto json = encode_json(d);
  CHECK(json.find("‾¥") != std::string::npos);
  CHECK(decode_json(json) == d);
}

TEST_CASE("text that the named character set lacks turns the data set to UTF-8") {
  const auto d = decode_json(
      R"({"00080005":{"vr":"CS","Value":["ISO_IR 100"]},"00100010":{"vr":"PN","Value":[{"Ideographic":"王"}]},)"
      R"("00101002":{"vr":"SQ","Value":[{"00080005":{"vr":"CS","Value":["ISO_IR 101"]},)"
      R"("00100020":{"vr":"LO","Value":["é"]}}]}})");
  CHECK(d.text(tag::SpecificCharacterSet) == "ISO_IR 192");
  CHECK(d.text(tag::PatientName) == "=王");
  CHECK(d.text("OtherPatientIDsSequence[0].SpecificCharacterSet") == "ISO_IR 192");
  CHECK(d.text("OtherPatientIDsSequence[0].PatientID") == "é");
  CHECK(decode_json(R"({"00100010":{"vr":"PN","Value":[{"Alphabetic":"é"}]}})").text(tag::SpecificCharacterSet) ==
        "ISO_IR 192");
  CHECK_FALSE(decode_json(R"({"00100010":{"vr":"PN","Value":[{"Alphabetic":"e"}]}})").contains(tag::SpecificCharacterSet));
}

TEST_CASE("a Specific Character Set that is no text survives too") {
  data_set d;
  d.set_bytes(tag::SpecificCharacterSet, vr::cs, hex({"49 FF"}));
  CHECK(decode_json(encode_json(d)) == d);
}

TEST_CASE("bytes that are no text survive the way to JSON and back") {
  data_set d;
  d.set(tag::SpecificCharacterSet, "ISO_IR 192");
  d.set_bytes(tag::PatientName, vr::pn, hex({"FF 41 C3 28"}));
  d.set_bytes(tag::Modality, vr::cs, hex({"4D E9"}));  // not even of a character set
  d.set_bytes(tag::StudyDescription, vr::lo, hex({"1B 24 42 30 21 1B 28 42"}));
  CHECK(decode_json(encode_json(d)) == d);
  d.set_bytes(tag::SpecificCharacterSet, vr::cs, as_bytes("\\ISO 2022 IR 87"));
  CHECK(decode_json(encode_json(d)) == d);
}

TEST_CASE("members may come in any order, and unknown ones are read over") {
  const auto d = decode_json(
      "{ \"00100020\" : { \"Value\" : [ \"7\" ] , \"note\" : { \"a\" : [ 1 , -2.5e+3 , { } , [ ] , true , false , null ] } "
      ", \"vr\" : \"LO\" } ,\r\n\t\"00080060\" : { \"vr\" : \"CS\" , \"Value\" : [ \"MR\" ] } }");
  data_set expected;
  expected.set(tag::PatientID, "7").set(tag::Modality, "MR");
  CHECK(d == expected);
  // a sequence in a sequence, each with its vr behind its value
  const auto nested = decode_json(
      R"({"00081115":{"Value":[{"00081199":{"Value":[{"00080060":{"Value":["CT"],"vr":"CS"}}],"vr":"SQ"}}],"vr":"SQ"}})");
  CHECK(nested.text("ReferencedSeriesSequence[0].ReferencedSOPSequence[0].Modality") == "CT");
}

TEST_CASE("what is not JSON, or not this model, is refused where it goes wrong") {
  CHECK(error_offset("") == 0);
  CHECK(error_offset("   ") == 3);
  CHECK(error_offset("{") == 1);
  CHECK(error_offset("[]") == 0);
  CHECK(error_offset("\xEF\xBB\xBF{}") == 0);
  CHECK(error_offset("{} x") == 3);
  CHECK(error_offset("{}{}") == 2);
  CHECK(error_offset("{,}") == 1);
  CHECK(error_offset(R"({"00080060":{"vr":"CS"},})") == 24);
  CHECK(error_offset(R"({"00080060":{"vr":"CS"} "00080061":{"vr":"CS"}})") == 24);
  CHECK(error_offset(R"({ "Modality":{"vr":"CS"}})") == 2);
  CHECK(error_offset(R"({"0008006":{"vr":"CS"}})") == 1);
  CHECK(error_offset(R"({"0008006a":{"vr":"CS"}})") == 1);
  CHECK(error_offset(R"-({"(0008,0060)":{"vr":"CS"}})-") == 1);
  CHECK(error_offset(R"({"00080060":{}})") == 1);
  CHECK(error_offset(R"({"00080060":{"Value":["CT"]}})") == 1);
  CHECK(error_offset(R"({"00080060":{"vr":"cs"}})") == 18);
  CHECK(error_offset(R"({"00080060":{"vr":"ZZ"}})") == 18);
  CHECK(error_offset(R"({"00080060":{"vr":null}})") == 18);
  CHECK(error_offset(R"({"00080060":{"vr":"CS","vr":"CS"}})") == 23);
  CHECK(error_offset(R"({"00080060":{"vr":"CS","Value":["a"],"Value":["b"]}})") == 37);
  CHECK(error_offset(R"({"00080060":{"vr":"OB","InlineBinary":"","BulkDataURI":"x"}})") == 41);
  CHECK(error_offset(R"({"00080060":{"vr":"OB","InlineBinary":"AA-="}})") == 41);
  CHECK(error_offset(R"({"00080060":"CS"})") == 12);
  CHECK(error_offset(R"({"00080060":{"vr":"CS","Value":["a",]}})") == 36);
  CHECK(error_offset(R"({"00080060":{"vr":"CS","x":tru}})") == 27);
  CHECK(error_offset(R"({"00080060":{"vr":"CS","x":[1}})") == 29);
  // an attribute twice, in order and not
  CHECK(is_refused(R"({"00080060":{"vr":"CS"},"00080060":{"vr":"CS"}})"));
  CHECK(is_refused(R"({"00080060":{"vr":"CS"},"00080061":{"vr":"CS"},"00080060":{"vr":"CS"}})"));
  CHECK(is_refused(R"({"00081115":{"vr":"SQ","Value":[{"00080060":{"vr":"CS"},"00080060":{"vr":"CS"}}]}})"));
}

TEST_CASE("limits hold: depth, elements, bytes, fragments") {
  json_decode_options options;
  options.limits.depth = 2;
  const std::string open = R"({"00081115":{"vr":"SQ","Value":[)";
  const std::string close = "]}}";
  CHECK_NOTHROW(static_cast<void>(decode_json(open + open + "{}" + close + close, options)));
  const auto refused = [&](const std::string& json) {
    try {
      static_cast<void>(decode_json(json, options));
      return false;
    } catch (const std::system_error& e) {
      return e.code() == errc::limit_exceeded;
    }
  };
  CHECK(refused(open + open + open + "{}" + close + close + close));
  options.limits.elements = 2;
  CHECK_FALSE(refused(R"({"00080060":{"vr":"CS"},"00080061":{"vr":"CS"}})"));
  CHECK(refused(R"({"00080060":{"vr":"CS"},"00080061":{"vr":"CS"},"00080062":{"vr":"CS"}})"));
  options.limits.value_bytes = 4;
  CHECK_FALSE(refused(R"({"00080060":{"vr":"LO","Value":["1234"]}})"));
  CHECK(refused(R"({"00080060":{"vr":"LO","Value":["12345"]}})"));
  for (const std::uint64_t bytes : {10u, 11u, 12u}) {
    options.limits.data_set_bytes = bytes;
    CHECK(refused(R"({         })") == (bytes < 11));
  }
  options.limits.data_set_bytes = 1000;
  for (const std::uint32_t fragments : {2u, 3u, 4u}) {
    options.limits.fragments = fragments;
    CHECK(refused(R"({"7FE00010":{"vr":"OB","InlineBinary":"/v8A4AAAAAD+/wDgBgAAAAECAwQFAP7/AOAAAAAA"}})") == (fragments < 3));
  }
  // brackets without end in a member nobody knows
  CHECK(is_refused(R"({"00080060":{"x":)" + std::string(100'000, '[')));
  CHECK(is_refused(std::string(100'000, '{')));
}

TEST_CASE("bulk data go to and come from where the caller says") {
  data_set d;
  d.set(tag::Rows, 512).set(tag::PatientID, "1").set(tag::WindowCenter, {1.0, 2.0});
  d.add_item(tag::OtherPatientIDsSequence);
  d.add_item(tag::OtherPatientIDsSequence).set(tag::AcquisitionComments, "long").set(tag::PatientID, "2");
  d.set_bytes(tag::PixelData, vr::ow, hex({"01020304"}));
  std::vector<std::string> asked;
  json_encode_options to;
  to.bulk_data_uri = [&](std::string_view path, const element& value) {
    asked.emplace_back(path);
    CHECK(d.find(path) == &value);
    return value.length() == 4 ? "http://archive/" + std::string{path} : "";
  };
  const auto json = encode_json(d, to);
  CHECK(asked == std::vector<std::string>{"00101002[1].00184000", "00280010", "00281050", "7FE00010"});
  CHECK(json.find(R"("00184000":{"vr":"LT","BulkDataURI":"http://archive/00101002[1].00184000"})") != std::string::npos);
  CHECK(json.find(R"("7FE00010":{"vr":"OW","BulkDataURI":"http://archive/7FE00010"})") != std::string::npos);
  json_decode_options from;
  from.bulk_data = [&](std::string_view uri, element_tag tag, vr representation) {
    const auto path = uri.substr(uri.rfind('/') + 1);
    const auto* e = d.find(path);
    REQUIRE(e != nullptr);
    CHECK(e->tag() == tag);
    CHECK(e->value_representation() == representation);
    return std::optional<std::vector<std::byte>>{std::in_place, e->bytes().begin(), e->bytes().end()};
  };
  CHECK(decode_json(json, from) == d);
  // with nobody to ask they are empty
  const auto without = decode_json(json);
  CHECK(without.size() == d.size());
  CHECK(without.contains(tag::PixelData));
  CHECK(without.bytes(tag::PixelData).empty());
}

TEST_CASE("what is written piece by piece is what is written at once") {
  data_set d;
  d.set(tag::PatientID, "1");
  std::vector<std::byte> pixels(1'000'003);
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<std::byte>(i * 7);
  d.set_bytes(tag::PixelData, vr::ob, std::move(pixels));
  std::string all;
  std::size_t largest = 0;
  std::size_t pieces = 0;
  const auto sink = [&](std::string_view piece) {
    all += piece;
    largest = std::max(largest, piece.size());
    ++pieces;
  };
  encode_json(d, sink);
  CHECK(all == encode_json(d));
  CHECK(pieces > 5);
  CHECK(largest < 256 << 10);
  CHECK(decode_json(all) == d);
}
