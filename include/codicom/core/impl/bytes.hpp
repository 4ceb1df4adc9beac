#pragma once
#include <codicom/core/bytes.hpp>
#include <codicom/core/config.hpp>

namespace codicom {

CODICOM_FUNCTION byte_sink& byte_sink::bytes(byte_span value) {
  out_->insert(out_->end(), value.begin(), value.end());
  return *this;
}

CODICOM_FUNCTION byte_sink& byte_sink::fill(std::size_t count, std::byte value) {
  out_->insert(out_->end(), count, value);
  return *this;
}

CODICOM_FUNCTION std::byte* byte_sink::grow(std::size_t size) {
  out_->resize(out_->size() + size);
  return out_->data() + out_->size() - size;
}

}  // namespace codicom
