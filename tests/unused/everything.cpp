// A unit that includes what there is and uses none of it. encoding/deflate.hpp and data_set/iconv.hpp are not here: it is
// their purpose to bring code into the unit that includes them.
#undef CODICOM_SEPARATE_COMPILATION  // header-only, as most programs are
#include <codicom/codicom.hpp>
#include <codicom/testing.hpp>
#ifdef CODICOM_WITH_TLS
#include <codicom/net/tls.hpp>
#endif
