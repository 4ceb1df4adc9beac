#pragma once
// The version stands here once: both builds read it from these three lines.
#define CODICOM_VERSION_MAJOR 0
#define CODICOM_VERSION_MINOR 1
#define CODICOM_VERSION_PATCH 0

#include <string_view>

#define CODICOM_STRINGIZE_(x) #x
#define CODICOM_STRINGIZE(x) CODICOM_STRINGIZE_(x)
#define CODICOM_VERSION_STRING         \
  CODICOM_STRINGIZE(CODICOM_VERSION_MAJOR) \
  "." CODICOM_STRINGIZE(CODICOM_VERSION_MINOR) "." CODICOM_STRINGIZE(CODICOM_VERSION_PATCH)

// Who we say we are in A-ASSOCIATE (PS3.7 §D.3.3.2) and in the file meta information (PS3.10 §7.1).
// A product built on codicom may define both before the first include, the same in all its units.
#ifndef CODICOM_IMPLEMENTATION_CLASS_UID
#define CODICOM_IMPLEMENTATION_CLASS_UID "2.25.269027888290828821669706548490561906358"
#endif
#ifndef CODICOM_IMPLEMENTATION_VERSION_NAME
#define CODICOM_IMPLEMENTATION_VERSION_NAME "CODICOM_" CODICOM_VERSION_STRING
#endif

namespace codicom {

inline constexpr std::string_view version = CODICOM_VERSION_STRING;
inline constexpr std::string_view implementation_class_uid = CODICOM_IMPLEMENTATION_CLASS_UID;
inline constexpr std::string_view implementation_version_name = CODICOM_IMPLEMENTATION_VERSION_NAME;

static_assert(implementation_class_uid.size() <= 64, "PS3.5 §9.1: a UID has at most 64 characters");
static_assert(!implementation_version_name.empty() && implementation_version_name.size() <= 16,
              "PS3.7 §D.3.3.2.3: the implementation version name has 1 to 16 characters");

}  // namespace codicom
