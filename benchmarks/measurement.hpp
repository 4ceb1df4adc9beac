#pragma once
#include "heap.hpp"
#include "workloads.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

// One figure: a toolkit doing some work on a workload.
struct measurement {
  std::string work;  // encode, decode, transcode, build
  std::string workload;
  syntax in = syntax::explicit_le;
  std::string toolkit;
  std::size_t data_sets = 0;
  std::size_t elements = 0;
  std::size_t bytes = 0;        // encoded
  std::string unfit;            // why there is no figure
  double allocations = 0;       // per data set
  double heap_per_byte = 0;     // of what is decoded, per encoded byte
  std::vector<double> seconds;  // of each repetition, for the whole workload

  [[nodiscard]] std::string name() const {
    return work + '/' + workload + '/' + std::string{::name(in)} + '/' + toolkit;
  }
  [[nodiscard]] bool has_figure() const noexcept { return unfit.empty() && !seconds.empty(); }
  [[nodiscard]] double median() const;  // seconds
  [[nodiscard]] double ns_per_element() const { return median() * 1e9 / static_cast<double>(elements); }
  [[nodiscard]] double megabytes_per_second() const { return static_cast<double>(bytes) / median() / 1e6; }
};

using measurements = std::vector<measurement>;

[[nodiscard]] const measurement* find(const measurements& all, std::string_view work, std::string_view workload,
                                      syntax in, std::string_view toolkit);

// Markdown on standard output.
void print_table(const measurements& all);
void print_targets(const measurements& all);
