// One C-ECHO, started with `run`.
#include <codicom/codicom.hpp>

#include <cstdio>
#include <exception>

using namespace codicom;

namespace {

task<> echo(peer archive) {
  association_options options{"BARE", archive.ae_title};
  options.propose(service::verification);
  auto association = co_await associate(archive, options);
  const auto response = co_await association.echo();
  std::printf("status %04X\n", response.status.code);
  co_await association.release();
}

}  // namespace

int main(int argc, char** argv) {
  const auto archive = argc == 2 ? peer::parse(argv[1]) : std::nullopt;
  if (!archive) return std::fprintf(stderr, "usage: echo AET@host:port\n"), 2;
  try {
    return run(echo(*archive));
  } catch (const std::exception& error) {
    return std::fprintf(stderr, "echo: %s\n", error.what()), 3;
  }
}
