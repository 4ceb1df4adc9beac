# Sourced by the other scripts: the one place that knows what Debian and Ubuntu call the things we need.
#
#     need build          stops when something is missing and cannot be installed
#     want peers          says what is missing and goes on
#
# Each line: package, why, and a command that succeeds when it is there already (however it was installed).

prerequisites_of() {
  case $1 in
    build)
      cat <<'LIST'
g++|to compile|command -v c++
cmake|to configure the build|command -v cmake
ninja-build|to run the build|command -v ninja
libasio-dev|the library's one dependency: standalone Asio|test -e /usr/include/asio.hpp
zlib1g-dev|deflated transfer syntaxes (optional)|test -e /usr/include/zlib.h
libssl-dev|TLS (optional)|test -e /usr/include/openssl/ssl.h
patch|to see that the planted bugs of the simulation apply|command -v patch
doctest-dev|to compile the tests|test -e /usr/include/doctest/doctest.h
libcli11-dev|command lines of the tools|test -e /usr/include/CLI/CLI.hpp
libfmt-dev|messages of the tools|test -e /usr/include/fmt/format.h
libspdlog-dev|logs of the tools|test -e /usr/include/spdlog/spdlog.h
libpng-dev|pictures that codicom-dump writes|test -e /usr/include/png.h
libsqlite3-dev|the index of codicom-pacs|test -e /usr/include/sqlite3.h
nlohmann-json3-dev|JSON output of the tools|test -e /usr/include/nlohmann/json.hpp
LIST
      ;;
    peers)
      cat <<'LIST'
dcmtk|a DICOM implementation to test against|command -v dcmqrscp
orthanc|an archive to test against|command -v Orthanc || test -x /usr/sbin/Orthanc
curl|to fill Orthanc|command -v curl
libpixelmed-java|a Java DICOM implementation to test against|test -e /usr/share/java/pixelmed.jar
default-jdk-headless|to compile its small test programs|command -v javac
python3-odil|a DICOM implementation with chosen statuses|test -e /usr/lib/python3/dist-packages/odil
python3-pydicom|to read what we wrote|test -e /usr/lib/python3/dist-packages/pydicom
libgdcm-tools|to read what we wrote|command -v gdcmdump
dicom3tools|to check what we wrote|command -v dciodvfy
zsh|to try the completion for it|command -v zsh
LIST
      ;;
    full)
      cat <<'LIST'
clang-19|the second compiler|command -v clang++-19
libclang-rt-19-dev|its sanitizers and fuzzer|test -e /usr/lib/llvm-19/lib/clang/19/lib/linux
libc++-19-dev|the second standard library|test -e /usr/lib/llvm-19/include/c++/v1
libc++abi-19-dev|the second standard library|test -e /usr/lib/llvm-19/lib/libc++abi.so
meson|the second build system|command -v meson
pkg-config|to test the pkg-config file|command -v pkg-config
LIST
      ;;
  esac
}

missing_of() {
  local package why check
  prerequisites_of "$1" | while IFS='|' read -r package why check; do
    eval "${check}" >/dev/null 2>&1 || echo "${package}|${why}"
  done
}

# Install what a group lacks. Returns 1 when something is still missing.
provide() {
  local missing packages
  missing=$(missing_of "$1")
  [ -z "${missing}" ] && return 0
  echo "Missing:" >&2
  echo "${missing}" | while IFS='|' read -r package why; do echo "  ${package}: ${why}" >&2; done
  packages=$(echo "${missing}" | cut -d'|' -f1 | tr '\n' ' ')
  if ! command -v apt-get >/dev/null; then
    echo "There is no apt-get here: install these by this system's own means." >&2
    return 1
  fi
  if [ "$(id -u)" -ne 0 ]; then
    echo "To install them:  sudo apt-get install -y --no-install-recommends ${packages}" >&2
    return 1
  fi
  echo "Installing with apt-get: ${packages}" >&2
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -q >&2 || true
  # shellcheck disable=SC2086
  apt-get install -y -q --no-install-recommends ${packages} >&2 || return 1
  [ -z "$(missing_of "$1")" ]
}

need() {
  provide "$1" && return 0
  echo "Cannot go on without these." >&2
  exit 1
}

want() {
  provide "$1" && return 0
  echo "Going on without these: what needs them is skipped and says so." >&2
}

# Options for every configuration: use ccache where it is.
launcher() { command -v ccache >/dev/null && echo "-DCMAKE_CXX_COMPILER_LAUNCHER=ccache"; }
