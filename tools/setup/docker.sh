#!/usr/bin/env bash
# Makes a Docker engine reachable: the one that answers, else Debian's docker.io, started in the background.
# Prints the engine's version; everything else goes to stderr.
set -euo pipefail
. "$(dirname "$0")/../lib.sh"

DEADLINE_S=60
log="$EDGEWAY_CACHE/dockerd.log"

engine() { timeout 20 docker version --format '{{.Server.Version}}' 2>&1; } # version, or the client's complaint
reachable() { command -v docker >/dev/null && engine >/dev/null; }

install_engine() {
  plan "docker.io" "from Debian's archive (apt-get install, system-wide)"
  step "docker.io: package lists" apt-get -qq update >&2
  step "docker.io: install" env DEBIAN_FRONTEND=noninteractive \
    apt-get -qq -y --no-install-recommends install docker.io iptables ca-certificates >&2
}

start_engine() {
  # a killed engine leaves its pid file; where another process has that number since, dockerd takes it for itself
  local left; left=$(cat /var/run/docker.pid 2>/dev/null || true)
  if [ -n "$left" ] && [ "$(cat "/proc/$left/comm" 2>/dev/null)" != dockerd ]; then rm -f /var/run/docker.pid; fi
  if [ -d /run/systemd/system ] && systemctl cat docker.service >/dev/null 2>&1; then systemctl start docker.service >&2
  else setsid nohup dockerd >"$log" 2>&1 </dev/null & daemon=$!; fi
  local end=$((SECONDS + DEADLINE_S))
  until reachable; do
    if [ -n "${daemon:-}" ] && ! kill -0 "$daemon" 2>/dev/null; then
      say "$(tail -n 5 "$log")"
      die "dockerd ended at once; its last lines are above, the whole log is $log."
    fi
    [ "$SECONDS" -lt "$end" ] || die "dockerd does not answer after $DEADLINE_S s. See $log."
    sleep 0.2
  done
}

if reachable; then engine; exit 0; fi
if [ -n "${DOCKER_HOST:-}" ]; then
  die "the Docker engine of DOCKER_HOST=$DOCKER_HOST does not answer. Start it there, or unset DOCKER_HOST."
fi
if command -v docker >/dev/null && engine | grep -qi 'permission denied'; then
  die "the Docker engine refuses user '$(id -un)'. Add it: sudo usermod -aG docker $(id -un), then log in again."
fi
if ! debian_root; then
  die "no Docker engine answers. Start yours (systemctl start docker, Docker Desktop), or install one: https://docs.docker.com/engine/install/. As root on Debian this script installs docker.io itself."
fi
alone "$@"
command -v dockerd >/dev/null || [ -x /usr/sbin/dockerd ] || install_engine
export PATH="$PATH:/usr/sbin:/sbin"
step "Docker engine: start (log: $log)" start_engine
engine
