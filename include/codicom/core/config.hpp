#pragma once
// Header-only unless CODICOM_SEPARATE_COMPILATION is defined, the same in all units of a program. Then all bodies but those
// of templates and of small functions are compiled once, in the one source file that includes <codicom/src.hpp>, and other
// units see declarations. g++ compiles the body of every inline coroutine it sees, called or not.
#ifdef CODICOM_SEPARATE_COMPILATION
#define CODICOM_FUNCTION
#else
#define CODICOM_FUNCTION inline
#endif
