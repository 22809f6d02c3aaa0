#!/usr/bin/env bash
# Finds mosquitto, the broker that bench/edge runs beside the edge hub, or installs Debian's.
# Prints its path; everything else goes to stderr.
set -euo pipefail
. "$(dirname "$0")/../lib.sh"

SERVICE=mosquitto

# Debian starts an installed broker at once. The benchmark starts its own, so what this install started is stopped; one
# that was there is left alone.
install_package() {
  step "$SERVICE: package lists" apt-get -qq update >&2
  step "$SERVICE: install" env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install "$SERVICE" >&2
  if [ -d /run/systemd/system ]; then systemctl disable --now "$SERVICE.service" >&2
  elif [ -x "/etc/init.d/$SERVICE" ]; then invoke-rc.d "$SERVICE" stop >&2 || true; update-rc.d "$SERVICE" disable >&2; fi
}

# Debian puts it where users who are not root do not look
found() { PATH=$PATH:/usr/sbin command -v mosquitto; }

if found; then exit 0; fi
debian_root || die "mosquitto is missing, and only root on Debian can install it by this script. Install the package mosquitto (https://mosquitto.org)."
alone "$@"
plan "mosquitto" "from Debian's archive (apt-get install, system-wide; its service is not left running)"
install_package
found || die "mosquitto was installed, but is not on PATH ($PATH)."
