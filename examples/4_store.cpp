// Send DICOM files to a peer: C-STORE, each file as it is, without decoding its data set (PS3.4 Annex B).
//
//     4_store ORTHANC@127.0.0.1:4242 folder/*.dcm
#include <codicom/codicom.hpp>

#include <cstdio>
#include <exception>
#include <filesystem>
#include <vector>

using namespace codicom;

task<int> send(peer archive, std::vector<std::filesystem::path> files) {
  association_options options{"CODICOM", archive.ae_title};
  for (const auto& file : files) options.propose_for(file);  // its SOP class in its transfer syntax
  auto association = co_await associate(archive, options);

  int failed = 0;
  for (const auto& file : files) {
    const auto response = co_await association.store(file);
    std::printf("%04X  %s\n", response.status.code, file.c_str());
    if (response.status.is_failure()) ++failed;
  }
  co_await association.release();
  co_return failed == 0 ? 0 : 1;
}

int main(int argc, char** argv) {
  const auto archive = argc > 2 ? peer::parse(argv[1]) : std::nullopt;
  if (!archive) return std::fprintf(stderr, "usage: 4_store AET@host:port FILE...\n"), 2;
  try {
    return run(send(*archive, {argv + 2, argv + argc}));
  } catch (const std::exception& error) {
    return std::fprintf(stderr, "4_store: %s\n", error.what()), 3;
  }
}
