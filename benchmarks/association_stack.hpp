#pragma once
// What association_bench asks of each implementation. Server and client run in processes of their own.
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <utility>

namespace association_bench {

struct settings {
  settings() {}  // no aggregate: g++ 12 destroys those twice in coroutines
  settings(std::uint32_t pdu, std::filesystem::path into, std::size_t responses)
      : max_pdu{pdu}, folder{std::move(into)}, matches{responses} {}

  std::uint32_t max_pdu = 131'072;
  std::filesystem::path folder;  // where the server stores; empty: it keeps nothing
  std::size_t matches = 0;       // responses to a C-FIND
};

// What is stored, in Explicit VR Little Endian: the same bytes for all.
struct object {
  const char* sop_class;
  const char* sop_instance;
  std::span<const std::byte> bytes;
};

class stack {
 public:
  virtual ~stack() = default;
  [[nodiscard]] virtual const char* name() const = 0;
  // Serves until the process is killed; `ready` is told the port.
  virtual void serve(const settings& how, const std::function<void(std::uint16_t)>& ready) = 0;
  // Each over one association; they give the seconds that the operations took, without setting up.
  virtual double store(std::uint16_t port, const settings& how, const object& what, std::size_t times) = 0;
  virtual double echo(std::uint16_t port, std::size_t times) = 0;
  // One C-FIND with `how.matches` responses.
  virtual double find(std::uint16_t port, const settings& how) = 0;
  // `times` associations, each with a C-ECHO.
  virtual double associate(std::uint16_t port, std::size_t times) = 0;
};

// Objects made while they are sent, over one association of ours, and thrown away on arrival: `native` of 1 GiB of pixels
// each, and one with encapsulated pixels of so many GiB. Gives the bytes.
std::uint64_t store_large(std::uint16_t port, std::size_t native, std::size_t encapsulated_gib);

stack& codicom_stack();
stack& raw_stack();    // TCP with the same sizes and the same turns, without DICOM
stack* dcmtk_stack();  // null when it has not been built

}  // namespace association_bench
