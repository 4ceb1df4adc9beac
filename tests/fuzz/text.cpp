// Text of values (PS3.5 §6): whatever the bytes and the character set, reading gives UTF-8, and writing it gives the
// bytes again (with code extensions: bytes that mean the same). Dates, times, names and numbers read back as written.
#include "support.hpp"

#include <codicom/core/utf8.hpp>
#include <codicom/data_set/character_set.hpp>
#include <codicom/data_set/date_time.hpp>
#include <codicom/data_set/dump.hpp>
#include <codicom/data_set/number_string.hpp>
#include <codicom/data_set/person_name.hpp>
#include <codicom/dictionary/tags.hpp>

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
                                  "ISO_IR 109",
                                  "ISO_IR 127",
                                  "ISO_IR 166",
                                  "ISO_IR 13",
                                  "ISO_IR 192",
                                  "GB18030",
                                  "KLINGON",
                                  "ISO 2022 IR 100\\ISO 2022 IR 144\\ISO 2022 IR 87",
                                  "\\ISO 2022 IR 149",
                                  "ISO 2022 IR 13\\ISO 2022 IR 87"};
  constexpr vr representations[] = {vr::lo, vr::pn, vr::lt};
  const specific_character_set set{sets[data[0] % std::size(sets)]};
  const auto representation = representations[data[1] % std::size(representations)];
  const auto bytes = fuzz::as_bytes(data + 2, size - 2);

  const auto text = to_utf8(bytes, set, representation);
  FUZZ_CHECK(is_utf8(text));
  const auto again = from_utf8(text, set, representation);
  if (!set.has_code_extensions()) FUZZ_CHECK(again == as_text(bytes));
  if (again) FUZZ_CHECK(to_utf8(as_bytes(*again), set, representation) == text);
  else FUZZ_CHECK(from_utf8(text, specific_character_set::utf8()));  // an escape sequence to a set that is no term

  const auto raw = as_text(bytes);
  const specific_character_set named{raw};  // any bytes may stand in (0008,0005)
  FUZZ_CHECK(named.size() >= 1 && named.size() <= specific_character_set::max_terms);

  const person_name name{text};
  FUZZ_CHECK(person_name{name.str()} == name);
  static_cast<void>(name.display());
  check_range<date>(raw);
  check_range<time_of_day>(raw);
  check_range<date_time>(raw);
  if (const auto number = parse_integer_string(raw))
    FUZZ_CHECK(parse_integer_string(format_integer_string(*number)) == number);
  if (const auto number = parse_decimal_string(raw)) FUZZ_CHECK(format_decimal_string(*number).size() <= 16);

  data_set object;
  object.set_bytes(tag::PatientComments, vr::lt, bytes);
  for (const char c : dump(object)) FUZZ_CHECK(static_cast<unsigned char>(c) >= ' ' || c == '\n');
  return 0;
}
