#pragma once
#include <codicom/net/listener.hpp>
#include <codicom/net/transport_acceptor.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

namespace codicom {

struct listener::state {
  explicit state(std::unique_ptr<transport_acceptor> from)
      : source{std::move(from)}, address{source->local_address()}, port{source->local_port()} {}

  void stop() {
    stopped = true;
    source->close();
  }

  std::unique_ptr<transport_acceptor> source;
  std::string address;
  std::uint16_t port;
  bool stopped = false;
};

}  // namespace codicom
