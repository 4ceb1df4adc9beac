#!/usr/bin/env bash
# What a unit costs to compile: the one that includes all of codicom and does a C-ECHO beside the same with bare Asio, header-only
# and with codicom::separate. Processor time, the least of three.
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

seconds() {  # of compiling with these options
  local best=
  for _ in 1 2 3; do
    local one
    one=$( { TIMEFORMAT='%U %S'; time "${compiler}" "${flags[@]}" "$@" -c -o "${folder}/unit.o"; } 2>&1 )
    one=$(awk '{ print $1 + $2 }' <<<"${one}")
    best=$(awk -v a="${best:-1e9}" -v b="${one}" 'BEGIN { print (b < a) ? b : a }')
  done
  echo "${best}"
}
row() { printf '| %s | %s | %s |\n' "$1" "$2" "$(awk -v a="$2" -v b="${bare}" 'BEGIN { printf "%.2f", a / b }')"; }

cat >"${folder}/nothing.cpp" <<'EOF'
#include <codicom/codicom.hpp>
EOF
cat >"${folder}/data_set.cpp" <<'EOF'
#include <codicom/data_set.hpp>
EOF
bare=$(seconds "$@" benchmarks/compile_time/bare_asio.cpp)
echo "\`$("${compiler}" --version | head -1)\`, \`$*\`"
echo
echo '| unit | s | × bare Asio |'
echo '|---|--:|--:|'
row 'one C-ECHO with bare Asio coroutines' "${bare}"
row 'one C-ECHO, header-only' "$(seconds "$@" benchmarks/compile_time/echo.cpp)"
row 'one C-ECHO with `run`, `codicom::separate`' "$(seconds "$@" "${separate[@]}" benchmarks/compile_time/echo.cpp)"
row 'one C-ECHO with its own `co_spawn`, `codicom::separate`' "$(seconds "$@" "${separate[@]}" benchmarks/compile_time/echo_spawned.cpp)"
row 'only the umbrella `codicom/codicom.hpp`, header-only' "$(seconds "$@" "${folder}/nothing.cpp")"
row 'the same, `codicom::separate`' "$(seconds "$@" "${separate[@]}" "${folder}/nothing.cpp")"
row 'only `codicom/data_set.hpp`, header-only' "$(seconds "$@" "${folder}/data_set.cpp")"
row 'the same, `codicom::separate`' "$(seconds "$@" "${separate[@]}" "${folder}/data_set.cpp")"
