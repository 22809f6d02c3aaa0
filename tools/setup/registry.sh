#!/usr/bin/env bash
# Finds the registry program that stands behind the local container registry, or installs Debian's.
# Prints its path; everything else goes to stderr.
set -euo pipefail
. "$(dirname "$0")/../lib.sh"

SERVICE=docker-registry

# Debian starts an installed service at once, on port 5000 and without any password. Ours is started by the stand-in,
# with a port and a token service of its own, so what this install started is stopped; one that was there is left alone.
install_package() {
  step "$SERVICE: package lists" apt-get -qq update >&2
  step "$SERVICE: install" env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install "$SERVICE" >&2
  if [ -d /run/systemd/system ]; then systemctl disable --now "$SERVICE.service" >&2
  elif [ -x "/etc/init.d/$SERVICE" ]; then invoke-rc.d "$SERVICE" stop >&2 || true; update-rc.d "$SERVICE" disable >&2; fi
}

found() { command -v docker-registry || { [ -x /usr/bin/docker-registry ] && echo /usr/bin/docker-registry; }; }

if found; then exit 0; fi
if [ ! -f /etc/debian_version ] || [ "$(id -u)" != 0 ]; then
  die "'docker-registry' (CNCF Distribution 2.8) is missing. Install it: sudo apt-get install docker-registry, or put a release of https://github.com/distribution/distribution/releases on PATH under that name."
fi
alone "$@"
plan "docker-registry" "from Debian's archive (apt-get install, system-wide; its service is not left running)"
install_package
found || die "docker-registry was installed, but is not on PATH ($PATH)."
