#pragma once
// Including this header in one source file gives the whole program the multi-byte character sets (JIS X 0208, JIS X
// 0212, KS X 1001, GB 2312, GBK, GB18030), with the tables of the platform's iconv: part of glibc and musl, elsewhere
// libiconv (CMake: link Iconv::Iconv). It does so before `main`; what is converted earlier stays bytes.
//
// A set that the platform's iconv does not know stays bytes, too, and so does a character that would not be written
// as the bytes it was read from.
#include <codicom/data_set/character_set.hpp>
#include <codicom/data_set/impl/iconv.hpp>
