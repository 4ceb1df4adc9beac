#pragma once
#include <codicom/core/limits.hpp>
#include <codicom/file/detail/system_file.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <system_error>
#include <utility>

namespace codicom::detail {

// All of a file: mapped when large, so that nothing is read that nobody looks at.
[[nodiscard]] inline kept_bytes contents_of(input_file& file, const limits& most) {
  constexpr std::uint64_t worth_mapping = 256 << 10;
  if (file.size() >= worth_mapping)
    if (auto mapped = file.map(); mapped.owner != nullptr) return mapped;
  // Of a pipe nobody knows the length; what /proc shows says 0.
  std::size_t room = file.size() != 0 ? static_cast<std::size_t>(file.size()) + 1 : 64 << 10;
  auto block = std::make_shared_for_overwrite<std::byte[]>(room);
  std::size_t have = 0;
  for (;;) {
    have += file.read({block.get() + have, room - have});
    if (have != room) return {{block.get(), have}, std::move(block)};
    if (room >= most.arena_bytes) throw std::system_error{errc::limit_exceeded, "limits.arena_bytes"};
    auto larger = std::make_shared_for_overwrite<std::byte[]>(room * 2);
    std::memcpy(larger.get(), block.get(), have);
    block = std::move(larger);
    room *= 2;
  }
}

}  // namespace codicom::detail
