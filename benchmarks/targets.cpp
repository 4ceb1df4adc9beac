#include "measurement.hpp"

#include <cstdio>
#include <functional>
#include <optional>

// What codicom is meant to reach, and what it reached in this run.
namespace {

enum class relation { at_least, at_most };

struct target {
  std::string what;
  relation is;
  double bound;
  const char* unit;
  std::function<std::optional<double>(const measurements&)> value;
};

using value = std::optional<double>;

auto ns(std::string work, std::string workload, syntax in) {
  return [=](const measurements& all) -> value {
    const auto* m = find(all, work, workload, in, "codicom");
    return m != nullptr && m->has_figure() ? value{m->ns_per_element()} : value{};
  };
}
// How many times as fast as another toolkit.
auto against(std::string work, std::string workload, syntax in, std::string other, std::string ours = "codicom") {
  return [=](const measurements& all) -> value {
    const auto* a = find(all, work, workload, in, ours);
    const auto* b = find(all, work, workload, in, other);
    return a != nullptr && b != nullptr && a->has_figure() && b->has_figure() ? value{b->median() / a->median()}
                                                                              : value{};
  };
}
auto field(std::string work, std::string workload, syntax in, double measurement::*which) {
  return [=](const measurements& all) -> value {
    const auto* m = find(all, work, workload, in, "codicom");
    return m != nullptr && m->has_figure() ? value{m->*which} : value{};
  };
}

std::vector<target> targets() {
  using enum relation;
  std::vector<target> all;
  for (const auto s : {syntax::explicit_le, syntax::implicit_le}) {
    const std::string in = ", " + std::string{name(s)};
    all.push_back({"encode ct_image" + in, at_least, 0.8, "× memcpy", against("encode", "ct_image", s, "memcpy")});
    all.push_back({"encode multiframe" + in, at_least, 0.95, "× memcpy", against("encode", "multiframe", s, "memcpy")});
    for (const char* w : {"ct_header", "enhanced_header", "find_responses"}) {
      all.push_back({std::string{"encode "} + w + in, at_most, 10, "ns per element", ns("encode", w, s)});
      all.push_back({std::string{"encode "} + w + in, at_least, 20, "× DCMTK", against("encode", w, s, "DCMTK")});
      all.push_back({std::string{"encode "} + w + in, at_least, 6, "× GDCM", against("encode", w, s, "GDCM")});
      all.push_back({std::string{"decode "} + w + in, at_most, 20, "ns per element", ns("decode", w, s)});
      all.push_back({std::string{"decode "} + w + in, at_least, 15, "× DCMTK", against("decode", w, s, "DCMTK")});
      all.push_back({std::string{"decode "} + w + in, at_least, 6, "× GDCM", against("decode", w, s, "GDCM")});
    }
    all.push_back(
        {"decode find_responses_cold" + in, at_most, 30, "ns per element", ns("decode", "find_responses_cold", s)});
    for (const char* w : {"ct_header", "find_responses"})
      all.push_back({std::string{"decode "} + w + in, at_most, 2, "allocations per data set",
                     field("decode", w, s, &measurement::allocations)});
    all.push_back({"decode enhanced_header" + in, at_most, 40, "allocations (2 + O(log size))",
                   field("decode", "enhanced_header", s, &measurement::allocations)});
    all.push_back({"decode enhanced_header" + in, at_most, s == syntax::explicit_le ? 2 : 2.2,
                   "heap bytes per encoded byte", field("decode", "enhanced_header", s, &measurement::heap_per_byte)});
    all.push_back({"build find_responses" + in, at_most, 30, "ns per element", ns("build", "find_responses", s)});
    all.push_back(
        {"build find_responses" + in, at_least, 8, "× DCMTK", against("build", "find_responses", s, "DCMTK")});
    all.push_back({"decode multiframe from a received buffer" + in, at_least, 100, "× memcpy",
                   against("decode", "multiframe", s, "memcpy", "codicom by reference")});
  }
  for (const char* by : {"attributes by tag", "attributes by keyword"})
    all.push_back({std::string{"look up "} + by, at_most, 20, "ns", ns("look up", by, syntax::explicit_le)});
  return all;
}

}  // namespace

void print_targets(const measurements& all) {
  int met_of_all = 0;
  int all_targets = 0;
  std::printf("\n| target | wanted | this run | |\n|---|--:|--:|---|\n");
  for (const auto& t : targets()) {
    const auto got = t.value(all);
    if (!got) continue;
    const bool met = t.is == relation::at_least ? *got >= t.bound : *got <= t.bound;
    ++all_targets;
    met_of_all += met ? 1 : 0;
    std::printf("| %s | %s %g %s | %.3g | %s |\n", t.what.c_str(), t.is == relation::at_least ? "≥" : "≤", t.bound,
                t.unit, *got, met ? "met" : "**missed**");
  }
  std::printf("\nMet: %d of %d.\n", met_of_all, all_targets);
}
