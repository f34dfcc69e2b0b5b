#!/usr/bin/env bash
# Builds every bundled plugin from a clean tree, packs and signs it with a throw-away key, installs it into a home of its own, monitors a real MCP
# server with all of them, checks that each did its job, and writes a report (report.md, report.json). Fails when anything did not work.
#
#   plugins.sh [--phase cleanup|build|test] [--quick] [--out <folder>]
#
# Without --phase all three run, in this order. --quick leaves out the checks of types and makes the session short. What is written lies
# below --out (.cache/plugins). The API that api-logger sends to needs an address that is neither private nor this machine's, since plugins never reach
# those: as root on Linux two network namespaces have one (two_networks.sh); elsewhere it is proven that api-logger counts what it cannot deliver.
set -eu -o pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
out=$root/.cache/plugins
phase=all
quick=false
# Google's resolver by number, and here nobody's: public, so that a plugin may be granted it. It exists in these namespaces alone.
address=8.8.4.4
port=8080

usage() {
  echo "usage: plugins.sh [--phase cleanup|build|test] [--quick] [--out <folder>]" >&2
  exit 2
}

while [ $# -gt 0 ]; do
  case $1 in
    --phase) phase=${2-} && shift ;;
    --quick) quick=true ;;
    --out) out=${2-} && shift ;;
    *) usage ;;
  esac
  shift || usage
done
case $phase in cleanup | build | test | all) ;; *) usage ;; esac
case $out in "") usage ;; /*) ;; *) out=$PWD/$out ;; esac

deno() { if type -P deno >/dev/null; then command deno "$@"; else npx -y deno@2.9.6 "$@"; fi; }
km() { KM_HOME=$out/home deno run -A "$root/main.ts" "$@"; }
bundled() { for manifest in "$root"/plugins/*/km.plugin.jsonc; do basename "$(dirname "$manifest")"; done | grep -v '^template$'; }

cleanup() {
  echo "== cleanup"
  # Only what this script wrote: a folder without its mark is somebody else's.
  if [ -e "$out" ] && [ ! -e "$out/.km-plugins-automation" ]; then
    echo "plugins.sh: $out was not made by this script; it stays" >&2
    exit 1
  fi
  rm -rf "$out"
}

build() {
  echo "== build"
  mkdir -p "$out/source" "$out/packages"
  : >"$out/.km-plugins-automation"
  cp -R "$root/plugins/sdk" "$out/source/sdk"
  rm -f "$out/publisher.key" "$out/publisher.key.pub"
  (umask 077 && km plugins keygen "$out/publisher.key")
  check=()
  if $quick; then check=(--no-check); fi
  for name in $(bundled); do
    rm -rf "${out:?}/source/$name"
    cp -R "$root/plugins/$name" "$out/source/$name"
    # A package names the hosts that it talks to, so each user of api-logger builds it with his own.
    sed "s/api\.example\.com:443/$address:$port/" "$root/plugins/$name/km.plugin.jsonc" >"$out/source/$name/km.plugin.jsonc"
    km plugins build "$out/source/$name" --out "$out/packages/$name.kmpkg" ${check[@]+"${check[@]}"}
    km plugins sign "$out/packages/$name.kmpkg" --key "$out/publisher.key"
    km plugins verify "$out/packages/$name.kmpkg" --key "$out/publisher.key.pub" >"$out/packages/$name.txt"
  done
}

# True where this may make networks of its own.
has_networks() {
  [ "$(uname)" = Linux ] && [ "$(id -u)" = 0 ] && command -v ip nsenter >/dev/null &&
    unshare -n sh -c 'ip link add km0 type veth peer name km1' 2>/dev/null
}

run_session() {
  local api=http://$address:$port/messages session=("$out/deno" run -A "$root/scripts/automation/plugin_session.ts")
  session+=(--out "$out" --api "$api")
  if $quick; then session+=(--quick); fi
  printf '#!/bin/sh\nexec %s "$@"\n' "$(type -P deno || echo npx -y deno@2.9.6)" >"$out/deno"
  printf '#!/bin/sh\nexec "%s" run -A "%s"\n' "$out/deno" "$root/scripts/automation/api_receiver.ts" >"$out/receiver"
  chmod +x "$out/deno" "$out/receiver"
  if has_networks; then
    : >"$out/received"
    KM_RECEIVER_URL=$api KM_RECEIVER_FILE=$out/received \
      unshare -n "$root/scripts/automation/two_networks.sh" "$address" "$out/receiver" -- "${session[@]}" --received "$out/received"
  else
    "${session[@]}"
  fi
}

run_tests() {
  echo "== test"
  if [ ! -e "$out/packages" ]; then
    echo "plugins.sh: nothing was built: --phase build" >&2
    exit 1
  fi
  rm -rf "${out:?}/home"
  if [ ! -e "$root/tests/npm/node_modules/@modelcontextprotocol/server-everything" ]; then
    npm ci --prefix "$root/tests/npm" --no-audit --no-fund
  fi
  run_session
}

case $phase in
  cleanup) cleanup ;;
  build) build ;;
  test) run_tests ;;
  all) cleanup && build && run_tests ;;
esac
