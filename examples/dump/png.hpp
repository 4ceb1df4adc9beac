#pragma once
#include "picture.hpp"

#include <cstddef>
#include <png.h>
#include <stdexcept>
#include <string>
#include <vector>

namespace tools {

/// A picture as a PNG file.
[[nodiscard]] inline std::vector<std::byte> to_png(const picture& from) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = from.width;
  image.height = from.height;
  image.format = from.channels == 1 ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB;
  std::vector<std::byte> bytes(PNG_IMAGE_PNG_SIZE_MAX(image));
  png_alloc_size_t size = bytes.size();
  if (png_image_write_to_memory(&image, bytes.data(), &size, 0, from.bytes.data(), 0, nullptr) == 0)
    throw std::runtime_error{std::string{"PNG: "} + image.message};
  bytes.resize(size);
  return bytes;
}

}  // namespace tools
