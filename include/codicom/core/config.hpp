#pragma once
// Header-only unless CODICOM_SEPARATE_COMPILATION is defined, the same in all units of a program. Then all bodies but those
// of templates and of small functions are compiled once, in the one source file that includes <codicom/src.hpp>, and other
// units see declarations.
//
// CODICOM_FUNCTION stands in front of those bodies, and in front of the declarations of virtual functions among them: where
// the first virtual function of a class is not inline at the end of the class, g++ takes it for the key function and, when
// its inline body follows, compiles all virtual functions of the class and what these call in every unit, used or not.
#ifdef CODICOM_SEPARATE_COMPILATION
#define CODICOM_FUNCTION
#else
#define CODICOM_FUNCTION inline
#endif
