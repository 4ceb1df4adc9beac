#include <codicom/core/diagnosis.hpp>

#include <doctest/doctest.h>
#include <set>
#include <string>

using namespace codicom;

TEST_CASE("a diagnosis says what, where and against which rule") {
  diagnosis found{deviation::odd_length, 1080, {element_tag{0x00080016}}, "PS3.5 §7.1.1", "27 bytes"};
  CHECK(to_string(found) == "a value of odd length at byte 1080, (0008,0016): 27 bytes (PS3.5 §7.1.1)");
  found.path.push_back(element_tag{0x00081150});
  found.detail.clear();
  CHECK(to_string(found) == "a value of odd length at byte 1080, (0008,0016) > (0008,1150) (PS3.5 §7.1.1)");
  found.offset = diagnosis::no_offset;
  CHECK(to_string(found) == "a value of odd length, (0008,0016) > (0008,1150) (PS3.5 §7.1.1)");
  CHECK(to_string(diagnosis{}) == "no preamble at byte 0");
}

TEST_CASE("every deviation has words of its own") {
  std::set<std::string_view> words;
  std::size_t count = 0;
  for (int i = 0; i <= static_cast<int>(deviation::invalid_file_id); ++i, ++count)
    words.insert(to_string(static_cast<deviation>(i)));
  CHECK(words.size() == count);
  CHECK_FALSE(words.contains("a deviation"));
}
