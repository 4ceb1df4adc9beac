// Wait for DICOM objects and keep them as files: a C-STORE SCP (PS3.4 Annex B). It ends with Ctrl-C.
//
//     5_receive 11112 folder                                 and, for instance:
//     4_store CODICOM@127.0.0.1:11112 image.dcm
#include <codicom/codicom.hpp>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>

using namespace codicom;

task<int> receive(std::uint16_t port, std::filesystem::path folder) {
  std::filesystem::create_directories(folder);
  auto receiver = co_await store_receiver::listen("CODICOM", port);
  std::printf("listening on port %d as CODICOM\n", receiver.port());
  std::fflush(stdout);

  while (auto object = co_await receiver.next()) {  // its C-STORE-RQ is here, its data set is not yet
    try {
      const auto saved = co_await object->save(folder);  // answers the sender, too
      std::printf("%s, %llu bytes\n", saved.path.c_str(), static_cast<unsigned long long>(saved.bytes));
    } catch (const std::exception& error) {
      std::fprintf(stderr, "not kept: %s\n", error.what());  // the sender has been told
    }
    std::fflush(stdout);
  }
  co_return 0;
}

int main(int argc, char** argv) {
  const int port = argc == 3 ? std::atoi(argv[1]) : 0;
  if (port < 1 || port > 65535) return std::fprintf(stderr, "usage: 5_receive PORT DIR\n"), 2;
  try {
    return run(receive(static_cast<std::uint16_t>(port), argv[2]));
  } catch (const std::exception& error) {
    return std::fprintf(stderr, "5_receive: %s\n", error.what()), 5;
  }
}
