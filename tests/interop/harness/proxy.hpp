#pragma once
#include <cstdint>
#include <memory>

namespace interop {

/// Forwards TCP connections to a port of this machine, counts the bytes and lets no more of them pass in a second than
/// it is told. Ends with its object.
class tcp_proxy {
 public:
  /// @param bytes_per_second  0: as fast as it goes
  tcp_proxy(std::uint16_t target, std::uint64_t bytes_per_second);
  ~tcp_proxy();
  tcp_proxy(const tcp_proxy&) = delete;
  tcp_proxy& operator=(const tcp_proxy&) = delete;

  std::uint16_t port() const noexcept;
  std::uint64_t bytes() const noexcept;        ///< that went to the target
  std::uint64_t bytes_back() const noexcept;   ///< that came from it

 private:
  struct state;
  std::shared_ptr<state> state_;
};

}  // namespace interop
