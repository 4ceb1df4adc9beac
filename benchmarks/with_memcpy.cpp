#include "toolkit.hpp"

// The bytes copied: to a fresh block for decoding, to the warm output for encoding.
namespace {

class plain_copy final : public toolkit {
 public:
  [[nodiscard]] std::string name() const override { return "memcpy"; }
  [[nodiscard]] std::string version() const override { return "the C library's"; }
  [[nodiscard]] bool builds() const override { return false; }
  [[nodiscard]] bool transcodes() const override { return false; }

  void decode(bytes_view from, syntax) override { keep(copy(from).get()); }
  void hold(bytes_view from, syntax) override { held_.push_back({copy(from), from.size()}); }
  void drop() override { held_.clear(); }
  [[nodiscard]] std::size_t count(std::size_t) override { return 0; }
  bytes_view encode(std::size_t held, syntax, item_lengths, output& out) override {
    std::memcpy(out.data(), held_[held].bytes.get(), held_[held].size);
    return {out.data(), held_[held].size};
  }
  bytes_view transcode(bytes_view, syntax, syntax, item_lengths, output&) override { return {}; }
  bytes_view build(const find_row&, syntax, output&) override { return {}; }

 private:
  using block = std::unique_ptr<std::byte[]>;
  struct copied {
    block bytes;
    std::size_t size;
  };
  static block copy(bytes_view from) {
    block to{new std::byte[from.size()]};
    std::memcpy(to.get(), from.data(), from.size());
    return to;
  }
  static void keep(const void* block) { asm volatile("" : : "g"(block) : "memory"); }
  std::vector<copied> held_;
};

}  // namespace

std::unique_ptr<toolkit> make_memcpy() { return std::make_unique<plain_copy>(); }
