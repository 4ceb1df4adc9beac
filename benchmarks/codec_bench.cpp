#include "heap.hpp"
#include "measurement.hpp"
#include "toolkit.hpp"

#include <algorithm>
#include <benchmark/benchmark.h>
#include <cstdio>
#include <cstring>
#include <deque>
#include <exception>
#include <fstream>
#include <iostream>
#include <map>
#include <thread>
#include <utility>

// codec_bench [--table] [--benchmark_...]: see run.sh.

namespace {

struct bench {
  measurement result;
  toolkit* by = nullptr;
  const workload* on = nullptr;
  bool cold = false;          // caches are emptied before each round
  std::size_t data_sets = 0;  // of the workload, in each round
  bool checked = false;
};

output& out() {
  static output all{(64u << 20) + (1u << 20)};
  return all;
}

// Bytes that nobody asks for take the place of those in the caches.
void empty_caches() {
  static std::vector<std::uint64_t> other(16u << 20);
  for (std::size_t i = 0; i < other.size(); i += 8) ++other[i];
  benchmark::ClobberMemory();
}

syntax other(syntax s) { return s == syntax::explicit_le ? syntax::implicit_le : syntax::explicit_le; }

// One round over the data sets, as it is timed.
void round(bench& b) {
  auto& r = b.result;
  const auto& inputs = b.on->of(r.in);
  if (r.work == "decode") {
    for (std::size_t i = 0; i < b.data_sets; ++i) b.by->decode(inputs[i], r.in);
  } else if (r.work == "encode") {
    for (std::size_t i = 0; i < b.data_sets; ++i) benchmark::DoNotOptimize(b.by->encode(i, r.in, b.on->lengths, out()));
  } else if (r.work == "transcode") {
    for (std::size_t i = 0; i < b.data_sets; ++i)
      benchmark::DoNotOptimize(b.by->transcode(inputs[i], r.in, other(r.in), b.on->lengths, out()));
  } else {
    for (std::size_t i = 0; i < b.data_sets; ++i) benchmark::DoNotOptimize(b.by->build(b.on->rows[i], r.in, out()));
  }
}

// What is encoded has been decoded from explicit VR: not every toolkit finds all sequences in implicit VR.
syntax held_from(const measurement& m) {
  return m.work == "encode" && m.toolkit != "memcpy" ? syntax::explicit_le : m.in;
}

void hold_all(bench& b) {
  const auto s = held_from(b.result);
  for (std::size_t i = 0; i < b.data_sets; ++i) b.by->hold(b.on->of(s)[i], s);
}

bool same(bytes_view a, bytes_view b) { return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size()) == 0; }

// The same bytes; where a toolkit writes decimal strings anew (0.7 as .6999999999999999), about as many.
bool agrees(const toolkit& by, bytes_view got, bytes_view wanted) {
  if (!by.rewrites_numbers()) return same(got, wanted);
  return got.size() >= wanted.size() - wanted.size() / 20 && got.size() <= wanted.size() + wanted.size() / 20;
}

// Is it the same work? Compares elements and bytes of a few data sets with what the workload says.
std::string differs(bench& b) {
  auto& r = b.result;
  const std::size_t some = std::min<std::size_t>(b.data_sets, 64);
  std::string why;
  try {
    std::size_t elements = 0;
    for (std::size_t i = 0; i < some && why.empty(); ++i) {
      const auto& from = b.on->of(r.in)[i];
      const auto& to = r.work == "transcode" ? b.on->of(other(r.in))[i] : from;
      bytes_view got = to;
      if (r.work == "encode" || r.work == "decode") {
        b.by->hold(b.on->of(held_from(r))[i], held_from(r));
        elements += b.by->count(i);
        if (r.work == "encode") got = b.by->joined(b.by->encode(i, r.in, b.on->lengths, out()), out());
      } else {
        got = r.work == "build" ? b.by->build(b.on->rows[i], r.in, out())
                                : b.by->transcode(from, r.in, other(r.in), b.on->lengths, out());
      }
      if (!agrees(*b.by, got, to)) why = "other bytes";
    }
    const auto expected = b.on->elements / b.on->data_sets[0].size() * some;
    if (why.empty() && elements != 0 && elements != expected) why = std::to_string(elements) + " elements";
  } catch (const std::exception& e) {
    why = e.what();
  }
  b.by->drop();
  return why;
}

void count_heap(bench& b) {
  auto& r = b.result;
  if (r.work == "decode") {
    heap::start();
    hold_all(b);
    r.heap_per_byte = static_cast<double>(heap::stop().live_bytes) / static_cast<double>(r.bytes);
    b.by->drop();
  } else if (r.work == "encode") {
    hold_all(b);
  }
  round(b);  // whatever is made once
  heap::start();
  round(b);
  r.allocations = static_cast<double>(heap::stop().allocations) / static_cast<double>(b.data_sets);
  b.by->drop();
}

void run(benchmark::State& state, bench& b) {
  if (!b.result.unfit.empty()) {
    state.SkipWithError(b.result.unfit.c_str());
    return;
  }
  if (b.result.work == "encode") hold_all(b);
  for (auto _ : state) {
    if (b.cold) {
      state.PauseTiming();
      empty_caches();
      state.ResumeTiming();
    }
    round(b);
  }
  b.by->drop();
  using counter = benchmark::Counter;
  const auto rounds = static_cast<double>(state.iterations());
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(b.result.bytes));
  state.counters["time_per_element"] =
      counter{rounds * static_cast<double>(b.result.elements), counter::kIsRate | counter::kInvert};
  state.counters["allocations"] = b.result.allocations;
  if (b.result.work == "decode") state.counters["heap_per_byte"] = b.result.heap_per_byte;
}

// Keeps the time of every repetition.
class recorder : public benchmark::ConsoleReporter {
 public:
  recorder(std::deque<bench>& all, bool quiet) : ConsoleReporter{OO_None}, quiet_{quiet} {
    for (auto& b : all) by_name_[b.result.name()] = &b.result;
  }
  bool ReportContext(const Context& context) override { return quiet_ || ConsoleReporter::ReportContext(context); }
  void ReportRuns(const std::vector<Run>& runs) override {
    for (const auto& r : runs) {
      if (r.run_type != Run::RT_Iteration || r.error_occurred) continue;
      const auto found = by_name_.find(r.run_name.function_name);
      if (found != by_name_.end())
        found->second->seconds.push_back(r.cpu_accumulated_time / static_cast<double>(r.iterations));
    }
    if (!quiet_) ConsoleReporter::ReportRuns(runs);
    else std::cerr << '.' << std::flush;
  }

 private:
  std::map<std::string, measurement*> by_name_;
  bool quiet_;
};

std::string processor() {
  std::ifstream in{"/proc/cpuinfo"};
  for (std::string line; std::getline(in, line);)
    if (line.rfind("model name", 0) == 0) return line.substr(line.find(':') + 2);
  return "an unknown processor";
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> arguments{argv[0], "--benchmark_min_time=0.02"};
  bool table = false;
  for (int i = 1; i < argc; ++i) {
    if (std::string_view{argv[i]} == "--table") {
      table = true;
      arguments.insert(arguments.end(), {"--benchmark_repetitions=5", "--benchmark_enable_random_interleaving=true"});
    } else {
      arguments.emplace_back(argv[i]);
    }
  }
  std::vector<char*> pointers;
  for (auto& a : arguments) pointers.push_back(a.data());
  int count = static_cast<int>(pointers.size());
  benchmark::Initialize(&count, pointers.data());
  if (benchmark::ReportUnrecognizedArguments(count, pointers.data())) return 2;

  std::vector<std::unique_ptr<toolkit>> toolkits;
  toolkits.push_back(make_memcpy());
  toolkits.push_back(make_codicom());
  toolkits.push_back(make_codicom_by_reference());
  toolkits.push_back(make_codicom_streamed());
#ifdef CODEC_BENCH_WITH_DCMTK
  toolkits.push_back(make_dcmtk());
#endif
#ifdef CODEC_BENCH_WITH_GDCM
  toolkits.push_back(make_gdcm());
#endif
#ifdef CODEC_BENCH_WITH_ODIL
  toolkits.push_back(make_odil());
#endif

  std::deque<workload> workloads;
  for (const auto* name :
       {"ct_header", "enhanced_header", "enhanced_undefined", "ct_image", "multiframe", "find_responses"})
    workloads.push_back(make_workload(name));

  std::deque<bench> all;
  for (const char* work : {"encode", "decode", "transcode", "build"}) {
    for (const auto& w : workloads) {
      const bool many = !w.rows.empty();
      for (const bool cold : {false, true}) {
        if (cold && (!many || std::string_view{work} == "transcode")) continue;
        if (std::string_view{work} == "build" && !many) continue;
        for (const auto s : {syntax::explicit_le, syntax::implicit_le})
          for (const auto& t : toolkits) {
            if (!t->takes_part_in(w)) continue;
            if (std::string_view{work} == "build" && !t->builds()) continue;
            if (std::string_view{work} == "transcode" ? !t->transcodes() : t->only_transcodes()) continue;
            const auto total = w.data_sets[0].size();
            bench b{{}, t.get(), &w, cold, cold ? total : std::min<std::size_t>(total, 64)};
            auto& r = b.result;
            r.work = work;
            r.workload = w.name + (cold ? "_cold" : "");
            r.in = s;
            r.toolkit = t->name();
            r.data_sets = b.data_sets;
            r.elements = w.elements / total * b.data_sets;
            for (std::size_t i = 0; i < b.data_sets; ++i) r.bytes += w.of(s)[i].size();
            all.push_back(std::move(b));
          }
      }
    }
  }
  for (const auto look_up : {look_up_by_tag, look_up_by_keyword}) {
    auto& b = all.emplace_back();
    b.result.work = "look up";
    b.result.workload = look_up == look_up_by_tag ? "attributes by tag" : "attributes by keyword";
    b.result.toolkit = "codicom";
    b.result.data_sets = 1;
    b.result.elements = look_up();
    benchmark::RegisterBenchmark(b.result.name().c_str(), [look_up](benchmark::State& state) {
      for (auto _ : state) benchmark::DoNotOptimize(look_up());
    });
  }
  for (auto& b : all)
    if (b.by != nullptr) benchmark::RegisterBenchmark(b.result.name().c_str(), [&b](benchmark::State& state) {
      if (!std::exchange(b.checked, true)) {
        b.result.unfit = differs(b);
        if (b.result.unfit.empty()) count_heap(b);
      }
      run(state, b);
    });

  recorder report{all, table};
  benchmark::RunSpecifiedBenchmarks(&report);
  if (!table) return 0;
  std::cerr << '\n';
  measurements done;
  for (auto& b : all)
    if (!b.result.seconds.empty() || !b.result.unfit.empty()) done.push_back(std::move(b.result));
  std::printf("Processor: %s, %u cores. Compiler: %s, `%s`. Beside it:", processor().c_str(),
              std::thread::hardware_concurrency(), CODEC_BENCH_COMPILER, CODEC_BENCH_FLAGS);
  for (const auto& t : toolkits)
    if (t->name().find("codicom") == std::string::npos)
      std::printf(" %s (%s)%s", t->name().c_str(), t->version().c_str(), t == toolkits.back() ? ".\n\n" : ",");
  print_table(done);
  print_targets(done);
}
