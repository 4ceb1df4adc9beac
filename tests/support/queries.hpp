#pragma once
#include <codicom/data_set/data_set.hpp>
#include <codicom/dictionary/tags.hpp>

#include <string_view>

namespace codicom::test_support {

/// Keys of a query at that level, more of which are to be set (PS3.4 §C.4.1.2).
[[nodiscard]] inline data_set query(std::string_view level) {
  data_set keys;
  keys.set(tag::QueryRetrieveLevel, level);
  return keys;
}

}  // namespace codicom::test_support
