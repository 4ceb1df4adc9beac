// The tests of files once more, as on a system without POSIX.
#define CODICOM_PORTABLE_FILES
#undef CODICOM_SEPARATE_COMPILATION  // other bodies than the library has
#include "../file/part10.cpp"
