#!/usr/bin/env bash
# What a unit costs to compile: the one that includes all of codicom and does a C-ECHO beside the same with bare Asio, header-only
# and with codicom::separate. Processor time, the least of three, and where `perf` may count them the instructions, which are
# the same on a machine that has other work. Figures: COMPILE_TIME.md.
#     benchmarks/compile_time.sh [COMPILER [OPTION...]]          default: c++ -O2
set -eu
cd "$(dirname "$0")/.."
compiler=${1:-${CXX:-c++}}
[ $# -gt 0 ] && shift
[ $# -gt 0 ] || set -- -O2
folder=$(mktemp -d)
trap 'rm -r "${folder}"' EXIT

flags=(-std=c++20 -DASIO_STANDALONE -Iinclude)
case $("${compiler}" --version) in
  *clang*) flags+=(-DASIO_HAS_CO_AWAIT=1 -DASIO_HAS_STD_COROUTINE=1) ;;
esac
separate=(-DCODICOM_SEPARATE_COMPILATION -DASIO_SEPARATE_COMPILATION)

compile() { "${compiler}" "${flags[@]}" "$@" -c -o "${folder}/unit.o"; }
seconds() {  # of compiling with these options
  local best=
  for _ in 1 2 3; do
    local one
    one=$( { TIMEFORMAT='%U %S'; time compile "$@"; } 2>&1 )
    one=$(awk '{ print $1 + $2 }' <<<"${one}")
    best=$(awk -v a="${best:-1e9}" -v b="${one}" 'BEGIN { print (b < a) ? b : a }')
  done
  echo "${best}"
}
instructions() {  # in thousand millions; a dash where they cannot be counted
  perf stat -x, -e instructions:u -- "${compiler}" "${flags[@]}" "$@" -c -o "${folder}/unit.o" 2>&1 |
    awk -F, '/instructions/ && $1 + 0 > 0 { printf "%.1f", $1 / 1e9; found = 1 } END { if (!found) print "-" }'
}
row() {  # NAME OPTION...
  local name=$1
  shift
  local time
  time=$(seconds "$@")
  bare=${bare:-${time}}
  printf '| %s | %s | %s | %s |\n' "${name}" "${time}" "$(awk -v a="${time}" -v b="${bare}" 'BEGIN { printf "%.2f", a / b }')" \
    "$(instructions "$@")"
}

cat >"${folder}/nothing.cpp" <<'EOF'
#include <codicom/codicom.hpp>
EOF
cat >"${folder}/data_set.cpp" <<'EOF'
#include <codicom/data_set.hpp>
EOF
cp "${folder}/nothing.cpp" "${folder}/umbrella.hpp"
"${compiler}" "${flags[@]}" "$@" "${separate[@]}" -x c++-header "${folder}/umbrella.hpp" -o "${folder}/umbrella.hpp.gch"
precompiled=(-include "${folder}/umbrella.hpp")
echo "\`$("${compiler}" --version | head -1)\`, \`$*\`"
echo
echo '| unit | s | × bare Asio | G instructions |'
echo '|---|--:|--:|--:|'
row 'one C-ECHO with bare Asio coroutines' "$@" benchmarks/compile_time/bare_asio.cpp
row 'one C-ECHO, header-only' "$@" benchmarks/compile_time/echo.cpp
row 'one C-ECHO with `run`, `codicom::separate`' "$@" "${separate[@]}" benchmarks/compile_time/echo.cpp
row 'one C-ECHO with its own `co_spawn`, `codicom::separate`' "$@" "${separate[@]}" benchmarks/compile_time/echo_spawned.cpp
row 'the same with `run`, and a precompiled umbrella' "$@" "${separate[@]}" "${precompiled[@]}" benchmarks/compile_time/echo.cpp
row 'the same with `co_spawn`, and a precompiled umbrella' "$@" "${separate[@]}" "${precompiled[@]}" \
  benchmarks/compile_time/echo_spawned.cpp
row 'only the umbrella `codicom/codicom.hpp`, header-only' "$@" "${folder}/nothing.cpp"
row 'the same, `codicom::separate`' "$@" "${separate[@]}" "${folder}/nothing.cpp"
row 'only `codicom/data_set.hpp`, header-only' "$@" "${folder}/data_set.cpp"
row 'the same, `codicom::separate`' "$@" "${separate[@]}" "${folder}/data_set.cpp"
