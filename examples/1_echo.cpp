// Is a DICOM peer there, and does it know us? C-ECHO, the ping of DICOM (PS3.4 Annex A).
//
//     1_echo ORTHANC@127.0.0.1:4242
#include <codicom/codicom.hpp>

#include <cstdio>
#include <exception>

using namespace codicom;

task<int> echo(peer archive) {
  association_options options{"CODICOM", archive.ae_title};
  options.propose(service::verification);
  auto association = co_await associate(archive, options);

  const auto response = co_await association.echo();
  std::printf("%s answers: status %04X\n", to_string(archive).c_str(), response.status.code);

  co_await association.release();
  co_return response.status.is_success() ? 0 : 4;
}

int main(int argc, char** argv) {
  const auto archive = argc == 2 ? peer::parse(argv[1]) : std::nullopt;
  if (!archive) return std::fprintf(stderr, "usage: 1_echo AET@host:port\n"), 2;
  try {
    return run(echo(*archive));
  } catch (const std::exception& error) {
    return std::fprintf(stderr, "1_echo: %s\n", error.what()), 3;
  }
}
