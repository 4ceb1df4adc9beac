// Text of values (PS3.5 §6): whatever the bytes and the character set, reading gives UTF-8, and writing it gives the
// bytes again (with code extensions: bytes that mean the same). Dates, times, names and numbers read back as written.
#include "support.hpp"

#include <codicom/core/utf8.hpp>
#include <codicom/data_set/age.hpp>
#include <codicom/data_set/character_set.hpp>
#include <codicom/data_set/date_time.hpp>
#include <codicom/data_set/dump.hpp>
#include <codicom/data_set/number_string.hpp>
#include <codicom/data_set/person_name.hpp>
#include <codicom/data_set/validate.hpp>
#include <codicom/dictionary/tags.hpp>
#ifdef CODICOM_WITH_CHARSETS
#include <codicom/data_set/iconv.hpp>
#endif

#include <iterator>
#include <string>
#include <string_view>

namespace {

using namespace codicom;

template <class Value>
void check_range(std::string_view text) {
  const auto range = value_range<Value>::parse(text);
  if (!range) return;
  for (const auto& end : {range->first, range->last})
    if (end) FUZZ_CHECK(Value::parse(end->str()) == end);
  if (range->first && !range->last) FUZZ_CHECK(range->contains(*range->first));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  constexpr const char* sets[] = {"",
                                  "ISO_IR 100",
                                  "ISO_IR 101",
                                  "ISO_IR 109",
                                  "ISO_IR 110",
                                  "ISO_IR 144",
                                  "ISO_IR 127",
                                  "ISO_IR 126",
                                  "ISO_IR 138",
                                  "ISO_IR 148",
                                  "ISO_IR 203",
                                  "ISO_IR 166",
                                  "ISO_IR 13",
                                  "ISO_IR 192",
                                  "GB18030",
                                  "GBK",
                                  "KLINGON",
                                  "ISO 2022 IR 100\\ISO 2022 IR 144\\ISO 2022 IR 87",
                                  "\\ISO 2022 IR 87\\ISO 2022 IR 159",
                                  "\\ISO 2022 IR 149",
                                  "\\ISO 2022 IR 58",
                                  "ISO 2022 IR 149",
                                  "ISO 2022 IR 13\\ISO 2022 IR 87",
                                  "ISO 2022 IR 126\\ISO 2022 IR 6\\ISO 2022 IR 149\\ISO 2022 IR 58\\ISO 2022 IR 13"};
  constexpr vr representations[] = {vr::lo, vr::pn, vr::lt};
  const specific_character_set set{sets[data[0] % std::size(sets)]};
  const auto representation = representations[data[1] % std::size(representations)];
  const auto bytes = fuzz::as_bytes(data + 2, size - 2);
  // With the tables of the multi-byte sets and without.
  static const auto* const tables = detail::installed<detail::multi_byte_codec>();
  detail::installed_functions<detail::multi_byte_codec>.store((data[1] & 0x80) == 0 ? tables : nullptr);

  std::size_t undecodable = 0;
  const auto text = to_utf8(bytes, set, representation, &undecodable);
  FUZZ_CHECK(is_utf8(text));
  const auto again = from_utf8(text, set, representation);
  if (!set.has_code_extensions()) FUZZ_CHECK(again == as_text(bytes));
  if (again) FUZZ_CHECK(to_utf8(as_bytes(*again), set, representation) == text);
  else FUZZ_CHECK(from_utf8(text, specific_character_set::utf8()));  // an escape sequence to a set that is no term

  const auto raw = as_text(bytes);
  const specific_character_set named{raw};  // any bytes may stand in (0008,0005)
  FUZZ_CHECK(named.size() >= 1 && named.size() <= specific_character_set::max_terms);

  // Any valid text goes into any set, or into none of its bytes.
  const auto first_invalid = [](std::string_view utf8) {
    const auto whole = utf8.size();
    while (!utf8.empty() && next_utf8(utf8).size != 0) utf8.remove_prefix(next_utf8(utf8).size);
    return whole - utf8.size();
  };
  const auto valid = raw.substr(0, first_invalid(raw));
  if (const auto encoded = from_utf8(valid, set, representation)) {
    const auto decoded = to_utf8(as_bytes(*encoded), set, representation);
    if (valid.find_first_of("\x1B\xEE") == std::string_view::npos) FUZZ_CHECK(decoded == valid);
  }

  const person_name name{text};
  FUZZ_CHECK(person_name{name.str()} == name);
  static_cast<void>(name.display());
  check_range<date>(raw);
  check_range<time_of_day>(raw);
  check_range<date_time>(raw);
  if (const auto number = parse_integer_string(raw))
    FUZZ_CHECK(parse_integer_string(format_integer_string(*number)) == number);
  if (const auto number = parse_decimal_string(raw)) FUZZ_CHECK(format_decimal_string(*number).size() <= 16);

  if (const auto value = age::parse(raw)) FUZZ_CHECK(age::parse(value->str()) == value);

  data_set object;
  object.set_bytes(tag::SpecificCharacterSet, vr::cs, as_bytes(sets[data[0] % std::size(sets)]));
  object.set_bytes(tag::PatientComments, vr::lt, bytes);
  auto& item = object.add_item(tag::RequestAttributesSequence);
  constexpr vr all[] = {vr::ae, vr::as, vr::cs, vr::da, vr::ds, vr::dt, vr::is, vr::lo, vr::pn,
                        vr::sh, vr::st, vr::tm, vr::uc, vr::ui, vr::ur, vr::ut, vr::us, vr::at};
  element_tag where{0x0009, 0x1000};
  for (const auto v : all) item.set_bytes(where = element_tag{where.value + 1}, v, bytes);
  FUZZ_CHECK(validate(object, 7).size() <= 7);
  for (const char c : dump(object)) FUZZ_CHECK(static_cast<unsigned char>(c) >= ' ' || c == '\n');

  if (size < 512 && (data[1] & 0x40) != 0) {  // it tries one set after the other
    const auto before = object.text(tag::PatientComments);
    FUZZ_CHECK(object.convert_text(object.smallest_character_set()));
    // A space that pads may belong to an escape sequence cut short.
    FUZZ_CHECK(undecodable != 0 || object.text(tag::PatientComments) == before);
  }
  return 0;
}
