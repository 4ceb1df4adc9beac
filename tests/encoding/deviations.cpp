// One tiny data set per deviation: what is said about it, what is read of it nevertheless, and what strict decoding
// does.
#include "support/hex.hpp"

#include <codicom/data_set.hpp>

#include <algorithm>
#include <cstddef>
#include <doctest/doctest.h>
#include <string>
#include <string_view>
#include <vector>

using namespace codicom;

namespace {

using bytes = std::vector<std::byte>;

enum class when_strict { refused, cut_off, allowed, left_as_un };

struct row {
  std::string name;
  char syntax;                         // Explicit, Implicit, Big endian, J: encapsulated
  std::string input;                   // hexadecimal
  std::vector<std::string> diagnoses;  // in words: what, at which byte, path, section
  std::string read;                    // see `shown`
  when_strict strict = when_strict::refused;
};

const unique_id& syntax_of(char letter) {
  switch (letter) {
    case 'I': return transfer_syntax::ImplicitVRLittleEndian;
    case 'B': return transfer_syntax::ExplicitVRBigEndian;
    case 'J': return transfer_syntax::JPEGBaseline8Bit;
    default: return transfer_syntax::ExplicitVRLittleEndian;
  }
}

bytes input_of(const row& r) {
  std::string digits = r.input;
  for (char& c : digits)
    if (c >= 'a') c = static_cast<char>(c - 'a' + 'A');
  return test_support::hex({digits});
}

// Tag, VR and value of every element: text as such, the rest in hexadecimal; items in braces, fragments in brackets.
std::string shown(const data_set& d) {
  std::string all;
  for (const auto& e : d) {
    if (!all.empty()) all += ' ';
    all += to_string(e.tag()) + std::string{code(e.value_representation())} + '=';
    if (e.is_sequence()) {
      for (const auto& item : e.items()) all += '{' + shown(item) + '}';
    } else if (e.is_encapsulated()) {
      for (const auto fragment : e.fragments()) all += '[' + test_support::dump(fragment) + ']';
    } else {
      all += is_text(e.value_representation()) ? std::string{as_text(e.bytes())} : test_support::dump(e.bytes());
    }
    while (all.back() == ' ') all.pop_back();
  }
  return all;
}

std::vector<std::string> told(const decoded& result) {
  std::vector<std::string> lines;
  for (const auto& d : result.diagnoses) lines.push_back(to_string(d));
  return lines;
}

const std::vector<row>& rows() {
  static const std::vector<row> all{
      {"text of odd length",
       'E',
       "0800 6000 4353 0300 435458 2800 1000 5553 0200 0002",
       {"a value of odd length at byte 0, (0008,0060) (PS3.5 §7.1.1)"},
       "(0008,0060)CS=CTX (0028,0010)US=00 02"},
      {"an implicit value of odd length",
       'I',
       "0800 6000 03000000 435458 2800 1000 02000000 0002",
       {"a value of odd length at byte 0, (0008,0060) (PS3.5 §7.1.1)"},
       "(0008,0060)CS=CTX (0028,0010)US=00 02"},
      {"a big-endian value of odd length",
       'B',
       "0008 0060 4353 0003 435458 0028 0010 5553 0002 0200",
       {"a value of odd length at byte 0, (0008,0060) (PS3.5 §7.1.1)"},
       "(0008,0060)CS=CTX (0028,0010)US=00 02"},
      {"a number of three bytes",
       'E',
       "0800 6000 4353 0200 4354 2800 1000 5553 0300 000201 2800 1100 5553 0200 0002",
       {"a value of odd length at byte 10, (0028,0010) (PS3.5 §7.1.1)"},
       "(0008,0060)CS=CT (0028,0010)US=00 02 01 (0028,0011)US=00 02"},
      {"a value of odd length in an item",
       'E',
       "0800 1011 5351 0000 13000000 feff00e0 0b000000 0800 6000 4353 0300 435458 1000 2000 "
       "4c4f 0200 3132",
       {"a value of odd length at byte 20, (0008,1110) > (0008,0060) (PS3.5 §7.1.1)"},
       "(0008,1110)SQ={(0008,0060)CS=CTX} (0010,0020)LO=12"},
      {"a fragment of odd length",
       'J',
       "e07f 1000 4f42 0000 ffffffff feff00e0 00000000 feff00e0 03000000 010203 feffdde0 "
       "00000000",
       {"a value of odd length at byte 20, (7FE0,0010) > (FFFE,E000) (PS3.5 §A.4)"},
       "(7FE0,0010)OB=[][01 02 03 ]"},
      {"elements out of order",
       'E',
       "2800 1000 5553 0200 0002 0800 6000 4353 0200 4354 1000 2000 4c4f 0200 3132",
       {"an element out of order at byte 10, (0008,0060) (PS3.5 §7.1)",
        "an element out of order at byte 20, (0010,0020) (PS3.5 §7.1)"},
       "(0008,0060)CS=CT (0010,0020)LO=12 (0028,0010)US=00 02"},
      {"elements out of order in an item",
       'E',
       "0800 1011 5351 0000 1c000000 feff00e0 14000000 2800 1000 5553 0200 0002 0800 6000 "
       "4353 0200 4354",
       {"an element out of order at byte 30, (0008,1110) > (0008,0060) (PS3.5 §7.1)"},
       "(0008,1110)SQ={(0008,0060)CS=CT (0028,0010)US=00 02}"},
      {"implicit elements out of order",
       'I',
       "2800 1000 02000000 0002 0800 6000 02000000 4354",
       {"an element out of order at byte 10, (0008,0060) (PS3.5 §7.1)"},
       "(0008,0060)CS=CT (0028,0010)US=00 02"},
      {"the same tag twice",
       'E',
       "0800 6000 4353 0200 4354 0800 6000 4353 0200 4d52",
       {"an element that is there twice at byte 10, (0008,0060) (PS3.5 §7.1)"},
       "(0008,0060)CS=CT (0008,0060)CS=MR"},
      {"the same sequence twice",
       'E',
       "0800 1011 5351 0000 00000000 0800 1011 5351 0000 08000000 feff00e0 00000000",
       {"an element that is there twice at byte 12, (0008,1110) (PS3.5 §7.1)"},
       "(0008,1110)SQ= (0008,1110)SQ={}"},
      {"a VR that is younger than us",
       'E',
       "0800 6000 4353 0200 4354 0900 0110 5a5a 0000 02000000 0102",
       {"an unknown value representation at byte 10, (0009,1001): ZZ (PS3.5 §6.2)"},
       "(0008,0060)CS=CT (0009,1001)UN=01 02"},
      {"a VR that nobody knows, with a short length",
       'E',
       "0800 6000 4353 0200 4354 0900 0110 5a5a 0200 0102",
       {"an unknown value representation at byte 10, (0009,1001): ZZ (PS3.5 §6.2)"},
       "(0008,0060)CS=CT (0009,1001)UN=01 02"},
      {"question marks for a VR",
       'E',
       "0800 6000 4353 0200 4354 0900 0110 3f3f 0000 02000000 0102",
       {"an unknown value representation at byte 10, (0009,1001): ?? (PS3.5 §6.2)"},
       "(0008,0060)CS=CT (0009,1001)UN=01 02"},
      {"dashes for a VR",
       'E',
       "0800 6000 4353 0200 4354 0900 0110 2d2d 0200 0102",
       {"an unknown value representation at byte 10, (0009,1001): -- (PS3.5 §6.2)"},
       "(0008,0060)CS=CT (0009,1001)UN=01 02"},
      {"spaces for a VR",
       'E',
       "0800 6000 4353 0200 4354 0900 0110 2020 0200 0102",
       {"an unknown value representation at byte 10, (0009,1001):    (PS3.5 §6.2)"},
       "(0008,0060)CS=CT (0009,1001)UN=01 02"},
      {"an implicit element among explicit ones",
       'E',
       "0800 6000 4353 0200 4354 2800 1000 02000000 0002 2800 1100 5553 0200 0001",
       {"implicit VR inside explicit VR at byte 10, (0028,0010) (PS3.5 §7.1)"},
       "(0008,0060)CS=CT (0028,0010)US=00 02 (0028,0011)US=00 01"},
      {"an implicit element in an explicit item",
       'E',
       "0800 1011 5351 0000 12000000 feff00e0 0a000000 0800 6000 02000000 4354 1000 2000 4c4f "
       "0200 3132",
       {"implicit VR inside explicit VR at byte 20, (0008,1110) > (0008,0060) (PS3.5 §7.1)"},
       "(0008,1110)SQ={(0008,0060)CS=CT} (0010,0020)LO=12"},
      {"an implicit sequence among explicit elements",
       'E',
       "0800 1011 ffffffff feff00e0 ffffffff 0800 6000 02000000 4354 feff0de0 00000000 "
       "feffdde0 00000000 1000 2000 4c4f 0200 3132",
       {"implicit VR inside explicit VR at byte 0, (0008,1110) (PS3.5 §7.1)",
        "implicit VR inside explicit VR at byte 16, (0008,1110) > (0008,0060) (PS3.5 §7.1)"},
       "(0008,1110)SQ={(0008,0060)CS=CT} (0010,0020)LO=12"},
      {"an empty implicit element among explicit ones",
       'E',
       "0800 6000 4353 0200 4354 0900 0110 00000000 1000 2000 4c4f 0200 3132",
       {"implicit VR inside explicit VR at byte 10, (0009,1001) (PS3.5 §7.1)"},
       "(0008,0060)CS=CT (0009,1001)UN= (0010,0020)LO=12"},
      {"zeros for a VR at the start of all",
       'E',
       "0900 0110 00000000 1000 2000 4c4f 0200 3132",
       {"implicit VR inside explicit VR at byte 0, (0009,1001) (PS3.5 §7.1)"},
       "(0009,1001)UN= (0010,0020)LO=12"},
      {"small letters are no VR",
       'E',
       "0800 6000 4353 0200 4354 1000 2000 6c6f 0200 3132",
       {"implicit VR inside explicit VR at byte 10, (0010,0020) (PS3.5 §7.1)",
        "a value cut short at byte 10, (0010,0020): 159594 of 159596 bytes are missing (PS3.5 §7.1)"},
       "(0008,0060)CS=CT (0010,0020)LO=12"},
      {"explicit VR where implicit was announced",
       'I',
       "0800 6000 4353 0200 4354 2800 1000 5553 0200 0002",
       {"another transfer syntax than the one given at byte 0, (0008,0060): reads as explicit VR little endian (PS3.10 "
        "§7.1)"},
       "(0008,0060)CS=CT (0028,0010)US=00 02"},
      {"implicit VR where explicit was announced",
       'E',
       "0800 6000 02000000 4354 2800 1000 02000000 0002",
       {"another transfer syntax than the one given at byte 0, (0008,0060): reads as implicit VR little endian (PS3.10 "
        "§7.1)"},
       "(0008,0060)CS=CT (0028,0010)US=00 02"},
      {"big endian where little was announced",
       'E',
       "0008 0060 4353 0002 4354 0028 0010 5553 0002 0200",
       {"another transfer syntax than the one given at byte 0, (0008,0060): reads as explicit VR big endian (PS3.10 "
        "§7.1)"},
       "(0008,0060)CS=CT (0028,0010)US=00 02"},
      {"little endian where big was announced",
       'B',
       "0800 6000 4353 0200 4354 2800 1000 5553 0200 0002",
       {"another transfer syntax than the one given at byte 0, (0008,0060): reads as explicit VR little endian (PS3.10 "
        "§7.1)"},
       "(0008,0060)CS=CT (0028,0010)US=00 02"},
      {"implicit VR where big endian was announced",
       'B',
       "0800 6000 02000000 4354 2800 1000 02000000 0002",
       {"another transfer syntax than the one given at byte 0, (0008,0060): reads as implicit VR little endian (PS3.10 "
        "§7.1)"},
       "(0008,0060)CS=CT (0028,0010)US=00 02"},
      {"explicit VR of a long form where implicit was announced",
       'I',
       "0800 1011 5351 0000 ffffffff feffdde0 00000000 2800 1000 5553 0200 0002",
       {"another transfer syntax than the one given at byte 0, (0008,1110): reads as explicit VR little endian (PS3.10 "
        "§7.1)"},
       "(0008,1110)SQ= (0028,0010)US=00 02"},
      {"big endian of a long form where little was announced",
       'E',
       "0008 1110 5351 0000 00000008 fffee000 00000000 0028 0010 5553 0002 0200",
       {"another transfer syntax than the one given at byte 0, (0008,1110): reads as explicit VR big endian (PS3.10 "
        "§7.1)"},
       "(0008,1110)SQ={} (0028,0010)US=00 02"},
      {"implicit VR of a later group where explicit was announced",
       'E',
       "1000 2000 02000000 3132 2800 1000 02000000 0002",
       {"another transfer syntax than the one given at byte 0, (0010,0020): reads as implicit VR little endian (PS3.10 "
        "§7.1)"},
       "(0010,0020)LO=12 (0028,0010)US=00 02"},
      {"explicit VR in a sequence of implicit VR",
       'I',
       "0800 1011 ffffffff feff00e0 ffffffff 0800 6000 4353 0200 4354 feff0de0 00000000 "
       "feffdde0 00000000 1000 2000 02000000 3132",
       {"another transfer syntax than the one given at byte 16, (0008,1110) > (0008,0060): explicit VR where implicit "
        "VR belongs (PS3.5 §6.2.2)"},
       "(0008,1110)SQ={(0008,0060)CS=CT} (0010,0020)LO=12"},
      {"explicit VR in a sequence of VR UN",
       'E',
       "0900 0010 554e 0000 ffffffff feff00e0 ffffffff 0800 6000 4353 0200 4354 feff0de0 "
       "00000000 feffdde0 00000000",
       {"another transfer syntax than the one given at byte 20, (0009,1000) > (0008,0060): explicit VR where implicit "
        "VR belongs (PS3.5 §6.2.2)"},
       "(0009,1000)UN={(0008,0060)CS=CT}"},
      {"a sequence as UN",
       'E',
       "0900 0110 554e 0000 12000000 feff00e0 0a000000 0800 6000 02000000 4354 1000 2000 4c4f "
       "0200 3132",
       {"a sequence written as UN at byte 0, (0009,1001) (PS3.5 §6.2.2)"},
       "(0009,1001)UN={(0008,0060)CS=CT} (0010,0020)LO=12",
       when_strict::left_as_un},
      {"a sequence as UN, its item of undefined length",
       'E',
       "0900 0110 554e 0000 1a000000 feff00e0 ffffffff 0800 6000 02000000 4354 feff0de0 "
       "00000000 1000 2000 4c4f 0200 3132",
       {"a sequence written as UN at byte 0, (0009,1001) (PS3.5 §6.2.2)"},
       "(0009,1001)UN={(0008,0060)CS=CT} (0010,0020)LO=12",
       when_strict::left_as_un},
      {"a standard sequence as UN",
       'E',
       "0800 1011 554e 0000 12000000 feff00e0 0a000000 0800 6000 02000000 4354 1000 2000 4c4f "
       "0200 3132",
       {"a sequence written as UN at byte 0, (0008,1110) (PS3.5 §6.2.2)"},
       "(0008,1110)UN={(0008,0060)CS=CT} (0010,0020)LO=12",
       when_strict::left_as_un},
      {"a sequence as UN inside another",
       'E',
       "0900 0110 554e 0000 22000000 feff00e0 1a000000 0900 0210 12000000 feff00e0 0a000000 "
       "0800 6000 02000000 4354 1000 2000 4c4f 0200 3132",
       {"a sequence written as UN at byte 0, (0009,1001) (PS3.5 §6.2.2)"},
       "(0009,1001)UN={(0009,1002)UN={(0008,0060)CS=CT}} (0010,0020)LO=12",
       when_strict::left_as_un},
      {"a sequence as UN in big endian",
       'B',
       "0009 1001 554e 0000 00000012 feff00e0 0a000000 0800 6000 02000000 4354 0028 0010 5553 "
       "0002 0200",
       {"a sequence written as UN at byte 0, (0009,1001) (PS3.5 §6.2.2)"},
       "(0009,1001)UN={(0008,0060)CS=CT} (0028,0010)US=00 02",
       when_strict::left_as_un},
      {"a sequence of an empty item as UN",
       'E',
       "0900 0110 554e 0000 08000000 feff00e0 00000000 1000 2000 4c4f 0200 3132",
       {"a sequence written as UN at byte 0, (0009,1001) (PS3.5 §6.2.2)"},
       "(0009,1001)UN={} (0010,0020)LO=12",
       when_strict::left_as_un},
      {"a sequence of explicit VR as UN",
       'E',
       "0900 0110 554e 0000 12000000 feff00e0 0a000000 0800 6000 4353 0200 4354 1000 2000 "
       "4c4f 0200 3132",
       {"a sequence written as UN at byte 0, (0009,1001) (PS3.5 §6.2.2)",
        "another transfer syntax than the one given at byte 20, (0009,1001) > (0008,0060): explicit VR where implicit "
        "VR belongs (PS3.5 §6.2.2)"},
       "(0009,1001)UN={(0008,0060)CS=CT} (0010,0020)LO=12",
       when_strict::left_as_un},
      {"a group length too small",
       'E',
       "0800 0000 554c 0400 09000000 0800 6000 4353 0200 4354 2800 1000 5553 0200 0002",
       {"a wrong group length at byte 0, (0008,0000): 9, not 10 (PS3.5 §7.2)"},
       "(0008,0000)UL=09 00 00 00 (0008,0060)CS=CT (0028,0010)US=00 02"},
      {"a group length too large",
       'E',
       "0800 0000 554c 0400 0b000000 0800 6000 4353 0200 4354 2800 1000 5553 0200 0002",
       {"a wrong group length at byte 0, (0008,0000): 11, not 10 (PS3.5 §7.2)"},
       "(0008,0000)UL=0B 00 00 00 (0008,0060)CS=CT (0028,0010)US=00 02"},
      {"a group length of the last group",
       'E',
       "0800 0000 554c 0400 0a000000 0800 6000 4353 0200 4354 2800 0000 554c 0400 00010000 "
       "2800 1000 5553 0200 0002",
       {"a wrong group length at byte 22, (0028,0000): 256, not 10 (PS3.5 §7.2)"},
       "(0008,0000)UL=0A 00 00 00 (0008,0060)CS=CT (0028,0000)UL=00 01 00 00 (0028,0010)US=00 02"},
      {"an implicit group length",
       'I',
       "0800 0000 04000000 0b000000 0800 6000 02000000 4354 2800 1000 02000000 0002",
       {"a wrong group length at byte 0, (0008,0000): 11, not 10 (PS3.5 §7.2)"},
       "(0008,0000)UL=0B 00 00 00 (0008,0060)CS=CT (0028,0010)US=00 02"},
      {"a big-endian group length",
       'B',
       "0008 0000 554c 0004 0000000b 0008 0060 4353 0002 4354 0028 0010 5553 0002 0200",
       {"a wrong group length at byte 0, (0008,0000): 11, not 10 (PS3.5 §7.2)"},
       "(0008,0000)UL=0B 00 00 00 (0008,0060)CS=CT (0028,0010)US=00 02"},
      {"a group length in an item",
       'E',
       "0800 1011 5351 0000 1e000000 feff00e0 16000000 0800 0000 554c 0400 00000000 0800 6000 "
       "4353 0200 4354 1000 2000 4c4f 0200 3132",
       {"a wrong group length at byte 20, (0008,1110) > (0008,0000): 0, not 10 (PS3.5 §7.2)"},
       "(0008,1110)SQ={(0008,0000)UL=00 00 00 00 (0008,0060)CS=CT} (0010,0020)LO=12"},
      {"a group length in an item of undefined length",
       'E',
       "0800 1011 5351 0000 ffffffff feff00e0 ffffffff 0800 0000 554c 0400 00000000 0800 6000 "
       "4353 0200 4354 feff0de0 00000000 feffdde0 00000000 1000 2000 4c4f 0200 3132",
       {"a wrong group length at byte 20, (0008,1110) > (0008,0000): 0, not 10 (PS3.5 §7.2)"},
       "(0008,1110)SQ={(0008,0000)UL=00 00 00 00 (0008,0060)CS=CT} (0010,0020)LO=12"},
      {"a group length around a sequence",
       'E',
       "0800 0000 554c 0400 10000000 0800 1011 5351 0000 08000000 feff00e0 00000000 1000 2000 "
       "4c4f 0200 3132",
       {"a wrong group length at byte 0, (0008,0000): 16, not 20 (PS3.5 §7.2)"},
       "(0008,0000)UL=10 00 00 00 (0008,1110)SQ={} (0010,0020)LO=12"},
      {"a group length of a group with nothing else",
       'E',
       "0800 0000 554c 0400 01000000 1000 2000 4c4f 0200 3132",
       {"a wrong group length at byte 0, (0008,0000): 1, not 0 (PS3.5 §7.2)"},
       "(0008,0000)UL=01 00 00 00 (0010,0020)LO=12"},
      {"a sequence without its end",
       'E',
       "0800 1011 5351 0000 ffffffff feff00e0 00000000 1000 2000 4c4f 0200 3132",
       {"a delimiter is missing at byte 20, (0008,1110) > (0010,0020): an element between items (PS3.5 §7.5.1)"},
       "(0008,1110)SQ={} (0010,0020)LO=12"},
      {"a sequence that ends with the input",
       'E',
       "0800 1011 5351 0000 ffffffff feff00e0 00000000",
       {"a delimiter is missing at byte 20, (0008,1110): of the sequence (PS3.5 §7.5.1)"},
       "(0008,1110)SQ={}"},
      {"an implicit sequence without its end",
       'I',
       "0800 1011 ffffffff feff00e0 00000000 1000 2000 02000000 3132",
       {"a delimiter is missing at byte 16, (0008,1110) > (0010,0020): an element between items (PS3.5 §7.5.1)"},
       "(0008,1110)SQ={} (0010,0020)LO=12"},
      {"an item without its end",
       'E',
       "0800 1011 5351 0000 ffffffff feff00e0 ffffffff 0800 6000 4353 0200 4354 feff00e0 "
       "00000000 feffdde0 00000000",
       {"a delimiter is missing at byte 30, (0008,1110) > (FFFE,E000): an item inside an item (PS3.5 §7.5.1)"},
       "(0008,1110)SQ={(0008,0060)CS=CT}{}"},
      {"the last item without its end",
       'E',
       "0800 1011 5351 0000 ffffffff feff00e0 ffffffff 0800 6000 4353 0200 4354 feffdde0 "
       "00000000 1000 2000 4c4f 0200 3132",
       {"a delimiter is missing at byte 30, (0008,1110) > (FFFE,E0DD): of the last item (PS3.5 §7.5.1)"},
       "(0008,1110)SQ={(0008,0060)CS=CT} (0010,0020)LO=12"},
      {"an item that ends with the input",
       'E',
       "0800 1011 5351 0000 ffffffff feff00e0 ffffffff 0800 6000 4353 0200 4354",
       {"a delimiter is missing at byte 30, (0008,1110): of an item (PS3.5 §7.5.1)",
        "a delimiter is missing at byte 30, (0008,1110): of the sequence (PS3.5 §7.5.1)"},
       "(0008,1110)SQ={(0008,0060)CS=CT}"},
      {"an item without its end in a sequence of defined length",
       'E',
       "0800 1011 5351 0000 12000000 feff00e0 ffffffff 0800 6000 4353 0200 4354 1000 2000 "
       "4c4f 0200 3132",
       {"a delimiter is missing at byte 30, (0008,1110): of an item (PS3.5 §7.5.1)"},
       "(0008,1110)SQ={(0008,0060)CS=CT} (0010,0020)LO=12"},
      {"a sequence without its end in an item of defined length",
       'E',
       "0800 1011 5351 0000 1c000000 feff00e0 14000000 0800 1511 5351 0000 ffffffff feff00e0 "
       "00000000 1000 2000 4c4f 0200 3132",
       {"a delimiter is missing at byte 40, (0008,1110) > (0008,1115): of the sequence (PS3.5 §7.5.1)"},
       "(0008,1110)SQ={(0008,1115)SQ={}} (0010,0020)LO=12"},
      {"an element between items",
       'E',
       "0800 1011 5351 0000 ffffffff feff00e0 00000000 1000 2000 4c4f 0200 3132 feffdde0 "
       "00000000",
       {"a delimiter is missing at byte 20, (0008,1110) > (0010,0020): an element between items (PS3.5 §7.5.1)",
        "a delimiter with nothing to end at byte 30, (FFFE,E0DD) (PS3.5 §7.5)"},
       "(0008,1110)SQ={} (0010,0020)LO=12"},
      {"the end of an item out of nowhere",
       'E',
       "0800 6000 4353 0200 4354 feff0de0 00000000 1000 2000 4c4f 0200 3132",
       {"a delimiter with nothing to end at byte 10, (FFFE,E00D) (PS3.5 §7.5)"},
       "(0008,0060)CS=CT (0010,0020)LO=12"},
      {"the end of a sequence out of nowhere",
       'E',
       "0800 6000 4353 0200 4354 feffdde0 00000000 1000 2000 4c4f 0200 3132",
       {"a delimiter with nothing to end at byte 10, (FFFE,E0DD) (PS3.5 §7.5)"},
       "(0008,0060)CS=CT (0010,0020)LO=12"},
      {"the end of an item of defined length",
       'E',
       "0800 1011 5351 0000 ffffffff feff00e0 0a000000 0800 6000 4353 0200 4354 feff0de0 "
       "00000000 feffdde0 00000000 1000 2000 4c4f 0200 3132",
       {"a delimiter with nothing to end at byte 30, (0008,1110) > (FFFE,E00D) (PS3.5 §7.5)"},
       "(0008,1110)SQ={(0008,0060)CS=CT} (0010,0020)LO=12"},
      {"the end of a sequence of defined length",
       'E',
       "0800 1011 5351 0000 08000000 feff00e0 00000000 feffdde0 00000000 1000 2000 4c4f 0200 "
       "3132",
       {"a delimiter with nothing to end at byte 20, (FFFE,E0DD) (PS3.5 §7.5)"},
       "(0008,1110)SQ={} (0010,0020)LO=12"},
      {"the end of a sequence with a length",
       'E',
       "0800 1011 5351 0000 ffffffff feffdde0 04000000 1000 2000 4c4f 0200 3132",
       {"a delimiter with a length at byte 12, (0008,1110) > (FFFE,E0DD) (PS3.5 §7.5)"},
       "(0008,1110)SQ= (0010,0020)LO=12"},
      {"the end of an item with a length",
       'E',
       "0800 1011 5351 0000 ffffffff feff00e0 ffffffff 0800 6000 4353 0200 4354 feff0de0 "
       "02000000 feffdde0 00000000 1000 2000 4c4f 0200 3132",
       {"a delimiter with a length at byte 30, (0008,1110) > (FFFE,E00D) (PS3.5 §7.5)"},
       "(0008,1110)SQ={(0008,0060)CS=CT} (0010,0020)LO=12"},
      {"an item beyond its sequence",
       'E',
       "0800 1011 5351 0000 12000000 feff00e0 20000000 0800 6000 4353 0200 4354 1000 2000 "
       "4c4f 0200 3132",
       {"a length beyond the end of what it is in at byte 12, (0008,1110) > (FFFE,E000) (PS3.5 §7.5)"},
       "(0008,1110)SQ={(0008,0060)CS=CT} (0010,0020)LO=12"},
      {"a value beyond its item",
       'E',
       "0800 1011 5351 0000 12000000 feff00e0 0a000000 0800 6000 4353 2000 4354 1000 2000 "
       "4c4f 0200 3132",
       {"a length beyond the end of what it is in at byte 20, (0008,1110) > (0008,0060) (PS3.5 §7.5)"},
       "(0008,1110)SQ={(0008,0060)CS=CT} (0010,0020)LO=12"},
      {"a sequence beyond its item",
       'E',
       "0800 1011 5351 0000 1c000000 feff00e0 14000000 0800 1511 5351 0000 20000000 feff00e0 "
       "00000000 1000 2000 4c4f 0200 3132",
       {"a length beyond the end of what it is in at byte 20, (0008,1110) > (0008,1115) (PS3.5 §7.5)"},
       "(0008,1110)SQ={(0008,1115)SQ={}} (0010,0020)LO=12"},
      {"half a header at the end of an item",
       'E',
       "0800 1011 5351 0000 16000000 feff00e0 0e000000 0800 6000 4353 0200 4354 0800 7000 "
       "1000 2000 4c4f 0200 3132",
       {"a length beyond the end of what it is in at byte 30, (0008,1110) > (0008,0070) (PS3.5 §7.5)"},
       "(0008,1110)SQ={(0008,0060)CS=CT} (0010,0020)LO=12"},
      {"an item outside a sequence",
       'E',
       "feff00e0 0a000000 0800 6000 4353 0200 4354",
       {"something else where an item should be at byte 0, (FFFE,E000): an item outside a sequence (PS3.5 §7.5)"},
       "(0008,0060)CS=CT"},
      {"items behind a sequence that says it is empty",
       'E',
       "0800 1011 5351 0000 00000000 feff00e0 ffffffff 1000 2000 4c4f 0200 3132 feff0de0 "
       "00000000 feffdde0 00000000",
       {"something else where an item should be at byte 12, (FFFE,E000): an item outside a sequence (PS3.5 §7.5)",
        "a delimiter with nothing to end at byte 30, (FFFE,E00D) (PS3.5 §7.5)",
        "a delimiter with nothing to end at byte 38, (FFFE,E0DD) (PS3.5 §7.5)"},
       "(0008,1110)SQ= (0010,0020)LO=12"},
      {"a sequence that is none",
       'E',
       "0800 1011 5351 0000 08000000 3132333435363738",
       {"a value representation that the attribute does not have at byte 0, (0008,1110): not a sequence (PS3.5 §7.5)"},
       "(0008,1110)UN=31 32 33 34 35 36 37 38"},
      {"a sequence too short for an item",
       'E',
       "0800 1011 5351 0000 04000000 31323334 1000 2000 4c4f 0200 3132",
       {"a value representation that the attribute does not have at byte 0, (0008,1110): not a sequence (PS3.5 §7.5)"},
       "(0008,1110)UN=31 32 33 34 (0010,0020)LO=12"},
      {"a text where the dictionary has a sequence",
       'I',
       "0800 1011 02000000 4354 1000 2000 02000000 3132",
       {"a value representation that the attribute does not have at byte 0, (0008,1110): not a sequence (PS3.5 §7.5)"},
       "(0008,1110)UN=43 54 (0010,0020)LO=12"},
      {"a text of undefined length",
       'E',
       "0800 6000 4353 0200 4354 0900 0110 5554 0000 ffffffff feff00e0 00000000 feffdde0 "
       "00000000",
       {"a value representation that the attribute does not have at byte 10, (0009,1001): undefined length (PS3.5 "
        "§7.5)"},
       "(0008,0060)CS=CT (0009,1001)SQ={}"},
      {"an implicit text of undefined length",
       'I',
       "0800 6000 ffffffff feff00e0 00000000 feffdde0 00000000 1000 2000 02000000 3132",
       {"a value representation that the attribute does not have at byte 0, (0008,0060): undefined length (PS3.5 "
        "§7.5)"},
       "(0008,0060)SQ={} (0010,0020)LO=12"},
      {"a value that is cut off",
       'E',
       "0800 6000 4353 0200 4354 1000 2000 4c4f 0800 3132",
       {"a value cut short at byte 10, (0010,0020): 6 of 8 bytes are missing (PS3.5 §7.1)"},
       "(0008,0060)CS=CT (0010,0020)LO=12",
       when_strict::cut_off},
      {"an implicit value that is cut off",
       'I',
       "0800 6000 02000000 4354 1000 2000 08000000 3132",
       {"a value cut short at byte 10, (0010,0020): 6 of 8 bytes are missing (PS3.5 §7.1)"},
       "(0008,0060)CS=CT (0010,0020)LO=12",
       when_strict::cut_off},
      {"pixel data of 4 GiB of which 4 bytes are there",
       'E',
       "0800 6000 4353 0200 4354 e07f 1000 4f57 0000 feffffff 01020304",
       {"a value cut short at byte 10, (7FE0,0010): 4294967290 of 4294967294 bytes are missing (PS3.5 §7.1)"},
       "(0008,0060)CS=CT (7FE0,0010)OW=01 02 03 04",
       when_strict::cut_off},
      {"an item that is cut off",
       'E',
       "0800 1011 5351 0000 1c000000 feff00e0 14000000 0800 6000 4353 0200 4354",
       {"a value cut short at byte 30, (0008,1110): of an item (PS3.5 §7.5)",
        "a value cut short at byte 30, (0008,1110): of the sequence (PS3.5 §7.5)"},
       "(0008,1110)SQ={(0008,0060)CS=CT}",
       when_strict::cut_off},
      {"a sequence that is cut off before its items",
       'E',
       "0800 6000 4353 0200 4354 0800 1011 5351 0000 1c000000",
       {"a value cut short at byte 22, (0008,1110): of the sequence (PS3.5 §7.5)"},
       "(0008,0060)CS=CT (0008,1110)SQ=",
       when_strict::cut_off},
      {"a header that is cut off",
       'E',
       "0800 6000 4353 0200 4354 1000 2000 4c",
       {"bytes after the end at byte 10: 5 bytes, less than a header (PS3.5 §7.1)"},
       "(0008,0060)CS=CT",
       when_strict::cut_off},
      {"a long header that is cut off",
       'E',
       "0800 6000 4353 0200 4354 e07f 1000 4f57 0000 04",
       {"bytes after the end at byte 10: 9 bytes, less than a header (PS3.5 §7.1)"},
       "(0008,0060)CS=CT",
       when_strict::cut_off},
      {"zeros behind the end",
       'E',
       "0800 6000 4353 0200 4354 0000000000000000 0000000000000000",
       {"bytes after the end at byte 10: zeros (PS3.10 §7.2)"},
       "(0008,0060)CS=CT",
       when_strict::cut_off},
      {"a few bytes behind the end",
       'E',
       "0800 6000 4353 0200 4354 0d0a",
       {"bytes after the end at byte 10: 2 bytes, less than a header (PS3.5 §7.1)"},
       "(0008,0060)CS=CT",
       when_strict::cut_off},
      {"a fragment of undefined length",
       'J',
       "e07f 1000 4f42 0000 ffffffff feff00e0 00000000 feff00e0 ffffffff feffdde0 00000000",
       {"badly encapsulated pixel data at byte 20, (7FE0,0010) > (FFFE,E000): a fragment of undefined length (PS3.5 "
        "§A.4)"},
       "(7FE0,0010)OB=[][]"},
      {"fragments without their end",
       'J',
       "e07f 1000 4f42 0000 ffffffff feff00e0 00000000 feff00e0 02000000 0102",
       {"a delimiter is missing at byte 30, (7FE0,0010): of the fragments (PS3.5 §7.5.1)"},
       "(7FE0,0010)OB=[][01 02 ]"},
      {"a fragment that is cut off",
       'J',
       "e07f 1000 4f42 0000 ffffffff feff00e0 00000000 feff00e0 08000000 0102",
       {"a value cut short at byte 20, (7FE0,0010) > (FFFE,E000): 6 of 8 bytes are missing (PS3.5 §7.1)",
        "a delimiter is missing at byte 30, (7FE0,0010): of the fragments (PS3.5 §7.5.1)"},
       "(7FE0,0010)OB=[][01 02 ]",
       when_strict::cut_off},
      {"an element among fragments",
       'J',
       "e07f 1000 4f42 0000 ffffffff feff00e0 00000000 fcff fcff 4f42 0000 02000000 0000",
       {"a delimiter is missing at byte 20, (7FE0,0010) > (FFFC,FFFC): an element between items (PS3.5 §7.5.1)"},
       "(7FE0,0010)OB=[] (FFFC,FFFC)OB=00 00"},
      {"an item's end among fragments",
       'J',
       "e07f 1000 4f42 0000 ffffffff feff00e0 00000000 feff0de0 00000000 feffdde0 00000000",
       {"a delimiter with nothing to end at byte 20, (7FE0,0010) > (FFFE,E00D) (PS3.5 §7.5)"},
       "(7FE0,0010)OB=[]"},
      {"fragments in a syntax without compression",
       'E',
       "e07f 1000 4f42 0000 ffffffff feff00e0 00000000 feff00e0 02000000 0102 feffdde0 "
       "00000000",
       {"badly encapsulated pixel data at byte 0, (7FE0,0010): fragments where pixels belong (PS3.5 §8.2)"},
       "(7FE0,0010)OB=[][01 02 ]"},
      {"implicit fragments",
       'I',
       "e07f 1000 ffffffff feff00e0 00000000 feff00e0 02000000 0102 feffdde0 00000000",
       {"badly encapsulated pixel data at byte 0, (7FE0,0010): fragments where pixels belong (PS3.5 §8.2)"},
       "(7FE0,0010)OB=[][01 02 ]"},
      {"fragments of VR OW",
       'J',
       "e07f 1000 4f57 0000 ffffffff feff00e0 00000000 feff00e0 02000000 0102 feffdde0 "
       "00000000",
       {"a value representation that the attribute does not have at byte 0, (7FE0,0010): OW, not OB (PS3.5 §A.4)"},
       "(7FE0,0010)OW=[][01 02 ]"},
      {"plain pixel data in a compressed syntax",
       'J',
       "0800 6000 4353 0200 4354 e07f 1000 4f57 0000 04000000 01020304",
       {"badly encapsulated pixel data at byte 10, (7FE0,0010): not in fragments (PS3.5 §A.4)"},
       "(0008,0060)CS=CT (7FE0,0010)OW=01 02 03 04"},
      {"a name of VR LO",
       'E',
       "0800 6000 4353 0200 4354 1000 1000 4c4f 0400 415e4220",
       {"a value representation that the attribute does not have at byte 10, (0010,0010): LO, not PN (PS3.5 §7.1.1)"},
       "(0008,0060)CS=CT (0010,0010)LO=A^B"},
      {"a number of VR SS",
       'E',
       "0800 6000 4353 0200 4354 2800 1000 5353 0200 0002",
       {"a value representation that the attribute does not have at byte 10, (0028,0010): SS, not US (PS3.5 §7.1.1)"},
       "(0008,0060)CS=CT (0028,0010)SS=00 02"},
      {"a number of VR DS",
       'E',
       "0800 6000 4353 0200 4354 2800 1000 4453 0200 3132",
       {"a value representation that the attribute does not have at byte 10, (0028,0010): DS, not US (PS3.5 §7.1.1)"},
       "(0008,0060)CS=CT (0028,0010)DS=12"},
      {"a wrong VR in an item",
       'E',
       "0800 1011 5351 0000 12000000 feff00e0 0a000000 0800 6000 5348 0200 4354 1000 2000 "
       "4c4f 0200 3132",
       {"a value representation that the attribute does not have at byte 20, (0008,1110) > (0008,0060): SH, not CS "
        "(PS3.5 §7.1.1)"},
       "(0008,1110)SQ={(0008,0060)SH=CT} (0010,0020)LO=12"},
      {"a wrong VR in big endian",
       'B',
       "0008 0060 5348 0002 4354 0028 0010 5553 0002 0200",
       {"a value representation that the attribute does not have at byte 0, (0008,0060): SH, not CS (PS3.5 §7.1.1)"},
       "(0008,0060)SH=CT (0028,0010)US=00 02"},
      {"a wrong VR of the long form",
       'E',
       "0800 6000 4353 0200 4354 1000 2000 4f42 0000 02000000 3132",
       {"a value representation that the attribute does not have at byte 10, (0010,0020): OB, not LO (PS3.5 §7.1.1)"},
       "(0008,0060)CS=CT (0010,0020)OB=31 32"},
      {"a wrong VR of the short form",
       'E',
       "0800 6000 4353 0200 4354 e07f 1000 5553 0200 0102",
       {"a value representation that the attribute does not have at byte 10, (7FE0,0010): US, not OB or OW (PS3.5 §7.1.1)"},
       "(0008,0060)CS=CT (7FE0,0010)US=01 02"},
      {"a text of VR SQ",
       'E',
       "0800 6000 5351 0000 08000000 feff00e0 00000000 1000 2000 4c4f 0200 3132",
       {"a value representation that the attribute does not have at byte 0, (0008,0060): SQ, not CS (PS3.5 §7.1.1)"},
       "(0008,0060)SQ={} (0010,0020)LO=12"},
      {"a sequence of VR OB",
       'E',
       "0800 1011 4f42 0000 08000000 feff00e0 00000000 1000 2000 4c4f 0200 3132",
       {"a value representation that the attribute does not have at byte 0, (0008,1110): OB, not SQ (PS3.5 §7.1.1)"},
       "(0008,1110)OB=FE FF 00 E0 00 00 00 00 (0010,0020)LO=12"},
      {"a private creator of VR UN",
       'E',
       "0800 6000 4353 0200 4354 0900 1000 554e 0000 04000000 41434d45",
       {"a value representation that the attribute does not have at byte 10, (0009,0010): UN, not LO (PS3.5 §7.1.1)"},
       "(0008,0060)CS=CT (0009,0010)UN=41 43 4D 45"},
      {"an overlay of VR UT",
       'E',
       "0800 6000 4353 0200 4354 0060 0030 5554 0000 02000000 0102",
       {"a value representation that the attribute does not have at byte 10, (6000,3000): UT, not OB or OW (PS3.5 §7.1.1)"},
       "(0008,0060)CS=CT (6000,3000)UT=\u0001\u0002"},
      {"a sequence as UN whose length counts its delimiter",
       'E',
       "0900 0110 554e 0000 1a000000 feff00e0 0a000000 0800 6000 02000000 4354 feffdde0 "
       "00000000 1000 2000 4c4f 0200 3132",
       {"a sequence written as UN at byte 0, (0009,1001) (PS3.5 §6.2.2)",
        "a delimiter with nothing to end at byte 30, (0009,1001) > (FFFE,E0DD) (PS3.5 §7.5)"},
       "(0009,1001)UN={(0008,0060)CS=CT} (0010,0020)LO=12",
       when_strict::left_as_un},
      {"US or SS, and nobody tells",
       'I',
       "2800 0601 02000000 ffff",
       {"a value representation that had to be guessed at byte 0, (0028,0106): no Pixel Representation; read as US "
        "(PS3.5 §A.1)"},
       "(0028,0106)US=FF FF",
       when_strict::allowed},
      {"US or SS in an item, and nobody tells",
       'I',
       "0800 1011 12000000 feff00e0 0a000000 2800 0601 02000000 ffff 1000 2000 02000000 3132",
       {"a value representation that had to be guessed at byte 16, (0008,1110) > (0028,0106): no Pixel Representation; "
        "read as US (PS3.5 §A.1)"},
       "(0008,1110)SQ={(0028,0106)US=FF FF} (0010,0020)LO=12",
       when_strict::allowed},
  };
  return all;
}

}  // namespace

TEST_CASE("every deviation is told, with place and section, and read over as far as can be") {
  CHECK(rows().size() >= 60);
  for (const auto& r : rows()) {
    CAPTURE(r.name);
    const auto input = input_of(r);
    const auto& syntax = syntax_of(r.syntax);
    const auto whole = decode(input, syntax);
    CHECK(told(whole) == r.diagnoses);
    CHECK(shown(whole.value) == r.read);
    for (const std::size_t piece : {1u, 2u, 3u, 5u, 7u, 8u, 11u, 13u, 16u, 31u, 33u}) {
      data_set_reader reader{syntax};
      for (std::size_t at = 0; at < input.size(); at += piece)
        reader.feed(byte_span{input}.subspan(at, std::min(piece, input.size() - at)));
      const auto pieces = reader.finish_all();
      CAPTURE(piece);
      CHECK(shown(pieces.value) == r.read);
      CHECK(told(pieces) == r.diagnoses);
    }
  }
}

TEST_CASE("strict decoding refuses every deviation, and guesses nothing") {
  for (const auto& r : rows()) {
    CAPTURE(r.name);
    const auto input = input_of(r);
    if (r.strict == when_strict::left_as_un) {  // any bytes may stand in a UN (PS3.5 §6.2.2)
      const auto result = decode(input, syntax_of(r.syntax), strictness::strict);
      CHECK(told(result).empty());
      CHECK_FALSE(result.value.begin()->is_sequence());
      CHECK(encode(result.value, syntax_of(r.syntax)) == input);
      continue;
    }
    if (r.strict == when_strict::allowed) {
      const auto result = decode(input, syntax_of(r.syntax), strictness::strict);
      CHECK(shown(result.value) == r.read);
      CHECK(told(result) == r.diagnoses);
      continue;
    }
    try {
      static_cast<void>(decode(input, syntax_of(r.syntax), strictness::strict));
      FAIL_CHECK("read without complaint");
    } catch (const std::system_error& e) {
      CHECK(e.code() == (r.strict == when_strict::cut_off ? errc::truncated : errc::malformed_data_set));
    }
  }
}

TEST_CASE("what is written of a data set with deviations is in order") {
  for (const auto& r : rows()) {
    CAPTURE(r.name);
    const auto value = decode(input_of(r), syntax_of(r.syntax)).value;
    const bool twice = std::adjacent_find(value.begin(), value.end(), [](const element& a, const element& b) {
                         return a.tag() == b.tag();
                       }) != value.end();
    if (twice || r.name == "a text of VR SQ") continue;  // is kept as it is
    const auto* pixels = value.find(tag::PixelData);
    const auto& syntax = pixels != nullptr && pixels->is_encapsulated() ? transfer_syntax::JPEGBaseline8Bit
                                                                        : transfer_syntax::ExplicitVRLittleEndian;
    const auto written = encode(value, syntax);
    const auto again = decode(written, syntax);
    CHECK(encode(again.value, syntax) == written);
    for (const auto& d : again.diagnoses)  // these are part of what was read
      CHECK((d.what == deviation::wrong_vr || d.what == deviation::sequence_as_un));
  }
}
