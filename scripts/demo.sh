#!/usr/bin/env bash
# See it work: makes a few synthetic studies, serves them with codicom-pacs, finds them with codicom-find, retrieves them
# with codicom-retrieve by C-MOVE, shows one of the files, and stops.
set -eu
cd "$(dirname "$0")/.."
. scripts/prerequisites.sh

need build
step() { printf '\n== %s\n' "$*"; }

step "building the tools"
cmake --preset release $(launcher) >/dev/null
cmake --build build/release -j "$(nproc 2>/dev/null || echo 2)" --target make_studies codicom-pacs codicom-find codicom-retrieve codicom-dump
bin=build/release/bin

folder=$(mktemp -d)
pacs=
end() {
  if [ -n "${pacs}" ]; then kill "${pacs}" 2>/dev/null && wait "${pacs}" || true; fi
  rm -rf "${folder}"
}
trap end EXIT

step "making studies"
"${bin}/make_studies" "${folder}/archive"

# The archive has to know where we receive: a port that nobody listens on.
port=11112
while (exec 3<>"/dev/tcp/127.0.0.1/${port}") 2>/dev/null; do port=$((port + 1)); done

step "starting the archive"
"${bin}/codicom-pacs" "${folder}/archive" --aet ARCHIVE --listen 127.0.0.1:0 --peer "CODICOM@127.0.0.1:${port}" \
  >"${folder}/pacs.log" 2>&1 &
pacs=$!
for _ in $(seq 100); do
  grep -q '^listening on' "${folder}/pacs.log" && break
  kill -0 "${pacs}" 2>/dev/null || { cat "${folder}/pacs.log" >&2; exit 1; }
  sleep 0.1
done
cat "${folder}/pacs.log"
address=$(sed -n 's/^listening on \([^ ]*\) as.*/\1/p' "${folder}/pacs.log")

step "codicom-find ARCHIVE@${address}"
"${bin}/codicom-find" "ARCHIVE@${address}"

step "codicom-retrieve --doctor ARCHIVE@${address}"
"${bin}/codicom-retrieve" --doctor "ARCHIVE@${address}" --listen "127.0.0.1:${port}"

step "codicom-retrieve ARCHIVE@${address} -k 'PatientName=*' -o received"
summary=$("${bin}/codicom-retrieve" "ARCHIVE@${address}" -k 'PatientName=*' --listen "127.0.0.1:${port}" \
  -o "${folder}/received")

first=$(find "${folder}/received" -name '*.dcm' -exec grep -la 'CT CHEST' {} + | sort | head -n 1)
step "codicom-dump $(basename "${first}")"
"${bin}/codicom-dump" "${first}" | head -n 25
step "codicom-dump --preview $(basename "${first}")"
COLUMNS=${COLUMNS:-64} "${bin}/codicom-dump" --preview "${first}"

step "stopping the archive"
kill "${pacs}" && wait "${pacs}"
pacs=
echo "${summary}"
