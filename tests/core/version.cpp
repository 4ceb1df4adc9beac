#include <codicom/core/unique_id.hpp>
#include <codicom/core/version.hpp>

#include <doctest/doctest.h>

using namespace codicom;

TEST_CASE("the version is that of its three numbers") {
  CHECK(version == std::to_string(CODICOM_VERSION_MAJOR) + '.' + std::to_string(CODICOM_VERSION_MINOR) + '.' +
                       std::to_string(CODICOM_VERSION_PATCH));
}

TEST_CASE("the implementation has a valid UID and a name that fits") {  // PS3.7 §D.3.3.2
  CHECK(unique_id{implementation_class_uid}.is_valid());
  CHECK(implementation_version_name.size() <= 16);
  CHECK(implementation_version_name.find(version) != std::string_view::npos);
}
