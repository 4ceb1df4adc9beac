// A program of somebody who uses codicom: a data set, a coroutine, the version.
#include <codicom/codicom.hpp>

#include <iostream>

codicom::task<int> answer() {
  codicom::data_set keys;
  keys.set(codicom::tag::PatientName, "ALLISON*");
  co_return keys.text(codicom::tag::PatientName) == "ALLISON*" ? 0 : 1;
}

int main() {
  const int failed = codicom::run(answer());
  std::cout << "codicom " << codicom::version << '\n';
  return failed;
}
