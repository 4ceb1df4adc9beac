#undef CODICOM_SEPARATE_COMPILATION  // header-only, as most programs are
#include <codicom/codicom.hpp>

const void* address_in_the_other_unit();

const void* address_in_the_other_unit() { return &codicom::codicom_category(); }
