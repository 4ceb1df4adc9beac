#!/bin/bash
# Plants each bug of tests/simulation/mutants in a copy of the library, and shows that the simulation finds it.
#
#   scripts/mutants.sh             # all of them
#   scripts/mutants.sh --apply     # only whether every patch still applies; builds nothing
#   scripts/mutants.sh off_by_6    # this one
#
# Prints for each the first seed that fails; MUTANT_SEEDS (10000) seeds are tried. Fails when a bug stays unfound.
# A patch that applies no more is made anew, in the same place of the new code. CXX and CXXFLAGS (-O0) are used.
set -u
root=$(cd "$(dirname "$0")/.." && pwd)
mutants=$root/tests/simulation/mutants
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
only_apply=false
[ "${1-}" != --apply ] || { only_apply=true; shift; }
names=("$@")
[ ${#names[@]} -ne 0 ] || for each in "$mutants"/*.patch; do names+=("$(basename "$each" .patch)"); done

failed=0
for name in "${names[@]}"; do
  rm -rf "$work/tree" && mkdir "$work/tree" && cp -r "$root/include" "$work/tree/"
  if ! (cd "$work/tree" && patch -p1 -s --no-backup-if-mismatch <"$mutants/$name.patch" >"$work/log" 2>&1); then
    echo "$name: the patch does not apply"; cat "$work/log"; failed=1
    continue
  fi
  $only_apply && continue
  cat >"$work/all.cpp" <<'CODE'
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include "simulation/simulation.cpp"
#include "simulation/raw_peers.cpp"
CODE
  if ! ${CXX:-g++} -std=c++20 ${CXXFLAGS:--O0} -I"$work/tree/include" -I"$root/tests" "$work/all.cpp" \
      -o "$work/test_simulation" -pthread >"$work/log" 2>&1; then
    echo "$name: does not compile"; tail -20 "$work/log"; failed=1
    continue
  fi
  CODICOM_SIMULATION_SEEDS=${MUTANT_SEEDS:-10000} timeout 1800 "$work/test_simulation" -tc='two stacks*' >"$work/log" 2>&1
  found=$(grep -m1 -oE 'seed [0-9]+.*' "$work/log")
  if [ -n "$found" ]; then echo "$name: $found"; else echo "$name: NOT FOUND"; tail -3 "$work/log"; failed=1; fi
done
exit $failed
