#!/usr/bin/env bash
# Build and run the tests.
#
#     bash scripts/test.sh          every day: g++ -O2, unit, corpus and interop tests; coroutine idioms under ASan
#     bash scripts/test.sh --full   also: all tests under ASan+UBSan, with clang and libstdc++, with clang and libc++;
#                                   those with threads under TSan; every header alone, fuzzing, packaging, Meson
#
# CTest's summary is the last thing printed; the exit code is 0 when everything passed.
set -eu
cd "$(dirname "$0")/.."
. scripts/prerequisites.sh

full=no
case "${1:-}" in
  "") ;;
  --full) full=yes ;;
  *) sed -n '2,8s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac

need build
want peers
[ ${full} = no ] || need full

jobs=$(nproc 2>/dev/null || echo 2)
step() { printf '\n== %s\n' "$*"; }
configure() { cmake --preset "$1" $(launcher) "${@:2}" >/dev/null; }
build() { cmake --build "build/$1" -j "${jobs}" "${@:2}"; }

# g++ 12 miscompiles some coroutines in silence: the idioms we rely on run under AddressSanitizer every day.
step "coroutine idioms under AddressSanitizer"
configure asan
build asan --target test_coro
build/asan/bin/test_coro --minimal=true

if [ ${full} = yes ]; then
  step "every header alone"
  configure dev
  build dev --target codicom_verify_interface_header_sets

  for preset in asan clang-dev clang-libcxx; do
    step "${preset}"
    configure ${preset}
    build ${preset}
    # The tools under a sanitizer or another library meet the same peers; memory is measured in the release build only.
    ctest --preset ${preset} -j "${jobs}" --label-exclude packaging --exclude-regex interop_large_object
  done

  step "tsan: what has threads"
  configure tsan -DCODICOM_BUILD_EXAMPLES=OFF
  build tsan --target test_coro test_net test_service test_testing
  ctest --preset tsan --tests-regex '^(coro|net|service|testing)$'

  step "fuzzing"
  configure fuzz
  build fuzz
  ctest --preset fuzz --label-regex fuzz -j "${jobs}"

  step "Meson"
  [ -d build/meson ] && meson setup --reconfigure build/meson || meson setup build/meson
  meson test -C build/meson --print-errorlogs
fi

step "release"
configure release
build release
if [ ${full} = yes ]; then ctest --preset release -j "${jobs}"
else ctest --preset release -j "${jobs}" --label-exclude packaging
fi
