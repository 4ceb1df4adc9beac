// Single frames, as on a system without POSIX.
#define CODICOM_PORTABLE_FILES
#include "../file/frame_reader.cpp"
