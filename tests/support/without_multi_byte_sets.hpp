#pragma once
#include <codicom/data_set/detail/repertoires.hpp>

namespace codicom::test_support {

/// While it lives, the program is one that does not include <codicom/data_set/iconv.hpp>.
class without_multi_byte_sets {
 public:
  without_multi_byte_sets() noexcept : kept_{detail::installed_functions<detail::multi_byte_codec>.exchange(nullptr)} {}
  without_multi_byte_sets(const without_multi_byte_sets&) = delete;
  without_multi_byte_sets& operator=(const without_multi_byte_sets&) = delete;
  ~without_multi_byte_sets() { detail::installed_functions<detail::multi_byte_codec>.store(kept_); }

 private:
  const detail::multi_byte_codec* kept_;
};

}  // namespace codicom::test_support
