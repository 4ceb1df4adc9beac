// Runs a fuzz target without libFuzzer: every seed file, of a long one its beginning, then changed copies of each, always
// the same ones, and fewer of long ones.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <random>
#include <utility>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

using bytes = std::vector<std::uint8_t>;

constexpr std::size_t longest = 64 << 10;
constexpr std::size_t bytes_per_seed = 256 << 10;

bytes changed(bytes input, std::mt19937& random) {
  const auto below = [&](std::size_t n) { return std::uniform_int_distribution<std::size_t>{0, n - 1}(random); };
  for (auto count = 1 + below(4); count-- > 0;) {
    if (input.empty()) input.push_back(0);
    const auto at = below(input.size());
    switch (below(5)) {
      case 0: input[at] = static_cast<std::uint8_t>(below(256)); break;
      case 1: input[at] = static_cast<std::uint8_t>(input[at] ^ (1u << below(8))); break;
      case 2: input.resize(at); break;
      case 3: input.insert(input.begin() + static_cast<std::ptrdiff_t>(at), 1 + below(8), static_cast<std::uint8_t>(below(256))); break;
      default: {  // a run of 0xFF: lengths that promise too much
        for (auto i = at; i < input.size() && i < at + 4; ++i) input[i] = 0xFF;
      }
    }
  }
  return input;
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<bytes> seeds(1);  // nothing at all is an input too
  for (int i = 1; i < argc; ++i) {
    if (!std::filesystem::is_directory(argv[i])) continue;
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator{argv[i]})
      if (entry.is_regular_file()) files.push_back(entry.path());
    std::sort(files.begin(), files.end());  // a folder has no order of its own
    for (const auto& file : files) {
      bytes seed(std::min<std::uintmax_t>(std::filesystem::file_size(file), longest));
      std::ifstream{file, std::ios::binary}.read(reinterpret_cast<char*>(seed.data()),
                                                 static_cast<std::streamsize>(seed.size()));
      seeds.push_back(std::move(seed));
    }
  }
  std::mt19937 random{1};
  std::size_t runs = 0;
  for (const auto& seed : seeds) {
    LLVMFuzzerTestOneInput(seed.data(), seed.size());
    const auto copies = std::clamp<std::size_t>(bytes_per_seed / (seed.size() + 1), 1, 500);
    for (std::size_t i = 0; i < copies; ++i, ++runs) {
      const auto input = changed(seed, random);
      LLVMFuzzerTestOneInput(input.data(), input.size());
    }
  }
  std::cout << seeds.size() << " seeds, " << runs << " changed copies\n";
}
