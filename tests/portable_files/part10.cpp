// The tests of files once more, as on a system without POSIX.
#define CODICOM_PORTABLE_FILES
#include "../file/part10.cpp"
