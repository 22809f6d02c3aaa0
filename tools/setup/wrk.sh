#!/usr/bin/env bash
# Makes wrk, the load of bench/scoring, reachable: the one on PATH, else Debian's. Its own tests run it too.
# Prints where it is; everything else goes to stderr.
set -euo pipefail
. "$(dirname "$0")/../lib.sh"

install_wrk() {
  plan "wrk" "from Debian's archive (apt-get install, system-wide)"
  step "wrk: package lists" apt-get -qq update >&2
  step "wrk: install" env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install wrk >&2
}

if ! command -v wrk >/dev/null; then
  debian_root || die "wrk is missing, and only root on Debian can install it by this script. Install the package wrk (https://github.com/wg/wrk)."
  alone "$@"
  install_wrk
fi
command -v wrk
