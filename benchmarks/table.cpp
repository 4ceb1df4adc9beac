#include "measurement.hpp"

#include <algorithm>
#include <cstdio>

double measurement::median() const {
  auto sorted = seconds;
  std::sort(sorted.begin(), sorted.end());
  const auto middle = sorted.size() / 2;
  return sorted.size() % 2 != 0 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

const measurement* find(const measurements& all, std::string_view work, std::string_view workload, syntax in,
                        std::string_view toolkit) {
  for (const auto& m : all)
    if (m.work == work && m.workload == workload && m.in == in && m.toolkit == toolkit) return &m;
  return nullptr;
}

namespace {

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, value < 10 ? "%.2f" : value < 100 ? "%.1f" : "%.0f", value);
  return text;
}

}  // namespace

void print_table(const measurements& all) {
  std::printf(
      "| work | workload | syntax | toolkit | elements | ns per element | MB/s | codicom is faster by | allocations "
      "per data set | heap ÷ encoded |\n|---|---|---|---|--:|--:|--:|--:|--:|--:|\n");
  for (const auto& m : all) {
    std::printf("| %s | %s | %s | %s | %zu ", m.work.c_str(), m.workload.c_str(), std::string{name(m.in)}.c_str(),
                m.toolkit.c_str(), m.elements / m.data_sets);
    if (!m.has_figure()) {
      std::printf("| – | – | not compared: %s | – | – |\n", m.unfit.c_str());
      continue;
    }
    const auto* ours = find(all, m.work, m.workload, m.in, "codicom");
    const bool other = m.toolkit.find("codicom") == std::string::npos && ours != nullptr && ours->has_figure();
    const bool counts = m.toolkit != "memcpy";
    std::printf("| %s | %s | %s | %s | %s |\n", counts ? number(m.ns_per_element()).c_str() : "–",
                number(m.megabytes_per_second()).c_str(),
                other ? (number(m.median() / ours->median()) + " ×").c_str() : "", number(m.allocations).c_str(),
                m.work == "decode" ? number(m.heap_per_byte).c_str() : "–");
  }
}
