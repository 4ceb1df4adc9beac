// Single frames, as on a system without POSIX.
#define CODICOM_PORTABLE_FILES
#undef CODICOM_SEPARATE_COMPILATION  // other bodies than the library has
#include "../file/frame_reader.cpp"
