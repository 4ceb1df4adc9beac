#!/bin/sh
# Writes the table of benchmarks/ASSOCIATIONS.md to standard output, and a line each on idle associations and on large
# objects: builds association_bench and runs it. DCMTK is measured where its development package is installed. Exits with
# 1 when a target is missed.
#     benchmarks/associations.sh [--rounds N] [--quick]
set -eu
cd "$(dirname "$0")/.."
cmake --preset bench >&2
cmake --build --preset bench --target association_bench >&2
missed=0
build/bench/bin/association_bench "$@" || missed=$?
echo
build/bench/bin/association_bench --idle 10000 || missed=$?
build/bench/bin/association_bench --large 20 || missed=$?
exit $missed
