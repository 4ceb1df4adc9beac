#!/bin/sh
# Writes the table of benchmarks/ASSOCIATIONS.md to standard output: builds association_bench and runs it once. DCMTK is
# measured where its development package is installed.
#     benchmarks/associations.sh [--rounds N] [--quick]
set -eu
cd "$(dirname "$0")/.."
cmake --preset bench >&2
cmake --build --preset bench --target association_bench >&2
exec build/bench/bin/association_bench "$@"
