// One C-ECHO on an io_context of the program's own, with a `co_spawn` of its own.
#include <codicom/codicom.hpp>

#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>

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
  if (!archive) return std::fprintf(stderr, "usage: echo_spawned AET@host:port\n"), 2;
  try {
    asio::io_context io{1};
    asio::co_spawn(executor{io.get_executor()}, echo(*archive), [](std::exception_ptr error) {
      if (error) std::rethrow_exception(error);
    });
    io.run();
  } catch (const std::exception& error) {
    return std::fprintf(stderr, "echo_spawned: %s\n", error.what()), 3;
  }
}
