// What is in a DICOM file? Its elements as lines of text, and where it departs from the standard (PS3.10, PS3.5).
//
//     6_dump image.dcm
#include <codicom/data_set.hpp>
#include <codicom/data_set/dump.hpp>
#include <codicom/data_set/validate.hpp>
#ifdef CODICOM_WITH_CHARSETS
#include <codicom/data_set/iconv.hpp>
#endif
#ifdef CODICOM_WITH_DEFLATE
#include <codicom/encoding/deflate.hpp>  // or else deflated files are refused
#endif

#include <cstdio>
#include <exception>

using namespace codicom;

int main(int argc, char** argv) {
  if (argc != 2) return std::fprintf(stderr, "usage: 6_dump FILE\n"), 2;
  try {
    const auto file = read_file(argv[1]);
    const auto& syntax = file.meta.transfer_syntax_uid;
    std::printf("transfer syntax %s (%s)\n", syntax.str().c_str(), std::string{uid_name(syntax)}.c_str());
    std::fputs(dump(file.value).c_str(), stdout);
    for (const auto& found : file.diagnoses) std::printf("! %s\n", to_string(found).c_str());
    for (const auto& found : validate(file.value)) std::printf("! %s\n", to_string(found).c_str());
    return 0;
  } catch (const std::exception& error) {
    return std::fprintf(stderr, "6_dump: %s\n", error.what()), 5;
  }
}
