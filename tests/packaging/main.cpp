// A program of somebody who uses codicom: a data set, a coroutine, the version.
#include <codicom/codicom.hpp>
#ifdef CODICOM_WITH_TLS
#include <codicom/net/tls.hpp>
#endif

#include <iostream>

codicom::task<int> answer() {
  codicom::data_set keys;
  keys.set(codicom::tag::PatientName, "ALLISON*");
  co_return keys.text(codicom::tag::PatientName) == "ALLISON*" ? 0 : 1;
}

int main() {
#ifdef CODICOM_WITH_TLS
  try {
    static_cast<void>(codicom::tls_server(codicom::tls_options{}));
    return 2;  // it needs a certificate
  } catch (const std::system_error&) {
  }
#endif
  const int failed = codicom::run(answer());
  std::cout << "codicom " << codicom::version << '\n';
  return failed;
}
