#!/usr/bin/env bash
# One way to use codicom from another project: build a small program that way and run it.
#     run.sh ROUTE SOURCE BUILD CXX
# Prints "skipped: ..." where the route's tool is missing.
set -eu
route=$1 source=$2 build=$3
export CXX=$4
here=${source}/tests/packaging

rm -rf "${build}"
mkdir -p "${build}"

install_codicom() {
  cmake -S "${source}" -B "${build}/codicom" -G Ninja -DCMAKE_INSTALL_PREFIX="${build}/prefix" \
    -DCODICOM_BUILD_TESTS=OFF -DCODICOM_BUILD_EXAMPLES=OFF >/dev/null
  cmake --install "${build}/codicom" >/dev/null
}

case ${route} in
  find_package)
    install_codicom
    cmake -S "${here}/find_package" -B "${build}/user" -G Ninja -DCMAKE_PREFIX_PATH="${build}/prefix" >/dev/null
    cmake --build "${build}/user"
    "${build}/user/user"
    "${build}/user/user_separate" ;;
  add_subdirectory | fetch_content)
    cmake -S "${here}/${route}" -B "${build}/user" -G Ninja -DCODICOM_SOURCE="${source}" >/dev/null
    cmake --build "${build}/user"
    "${build}/user/user"
    "${build}/user/user_separate" ;;
  pkg_config)
    command -v pkg-config >/dev/null || { echo "skipped: there is no program pkg-config"; exit 0; }
    install_codicom
    export PKG_CONFIG_PATH=${build}/prefix/share/pkgconfig
    # shellcheck disable=SC2046
    "${CXX}" -std=c++20 "${here}/main.cpp" -o "${build}/user" $(pkg-config --cflags --libs codicom)
    "${build}/user" ;;
  meson_subproject)
    command -v meson >/dev/null || { echo "skipped: there is no program meson"; exit 0; }
    mkdir -p "${build}/project/subprojects"
    cp "${here}/meson_subproject/meson.build" "${here}/main.cpp" "${build}/project"
    # Only what the library is made of, as a released archive would bring it.
    mkdir "${build}/project/subprojects/codicom"
    cp -r "${source}/include" "${source}/cmake" "${source}/meson.build" "${source}/meson_options.txt" "${source}/LICENSE" \
      "${build}/project/subprojects/codicom"
    meson setup "${build}/user" "${build}/project" >/dev/null
    ninja -C "${build}/user"
    "${build}/user/user"
    "${build}/user/user_separate" ;;
  *) echo "unknown route ${route}" >&2; exit 2 ;;
esac
