#!/bin/sh
# Writes the figures of benchmarks/RESULTS.md to standard output, with the targets that were met and missed: builds
# codec_bench and runs it once, 5 repetitions in random order.
# DCMTK, GDCM and odil are measured beside codicom where their development packages are installed.
#
#   benchmarks/run.sh [option of Google Benchmark]...      e.g. --benchmark_filter=ct_header
set -eu
cd "$(dirname "$0")/.."
cmake --preset bench >&2
cmake --build --preset bench --target codec_bench >&2
exec build/bench/bin/codec_bench --table "$@"
