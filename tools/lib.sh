# Shared by the scripts of tools/: how a step is announced and timed, and how a missing thing is named.
# Sourced, never run.
EDGEWAY_ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
# A service or a container may run without a HOME, or with one that cannot be written: what is shared by clones then lies
# in this one.
HOME=${HOME:-$(getent passwd "$(id -u)" | cut -d: -f6)}
EDGEWAY_CACHE="${EDGEWAY_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/edgeway}"
if ! { mkdir -p "$EDGEWAY_CACHE" && [ -w "$EDGEWAY_CACHE" ]; } 2> /dev/null; then EDGEWAY_CACHE=$EDGEWAY_ROOT/.local/cache; fi
if [ ! -w "$HOME" ]; then export UV_CACHE_DIR="${UV_CACHE_DIR:-$EDGEWAY_CACHE/uv}" GOPATH="${GOPATH:-$EDGEWAY_CACHE/go}"; fi
export HOME EDGEWAY_CACHE EDGEWAY_ROOT
# without cached bytecode every command compiles its imports anew: a second and more for each `pulumi` and `edgeway`
unset PYTHONDONTWRITEBYTECODE

# What a clone keeps for itself holds keys and state: nobody else on this machine may look into it.
private() { mkdir -p "$@" && chmod 700 "$@"; }

# On a terminal no word is cut at its edge.
say() {
  local width=
  if [ -t 2 ]; then width=$(stty size <&2 2> /dev/null | cut -d' ' -f2 || true); fi
  if [ "${width:-0}" -ge 40 ]; then printf '%s\n' "$*" | fold -s -w "$width" >&2; else printf '%s\n' "$*" >&2; fi
}
die() { say "error: $*"; exit 1; }

# need COMMAND WHAT: stop, naming what is missing and the remedy.
need() { command -v "$1" >/dev/null || die "'$1' is missing. Install $2."; }

# whether apt-get install works as it is
debian_root() { [ -f /etc/debian_version ] && [ "$(id -u)" = 0 ]; }

# step NAME COMMAND...: run it, then print its time. The command's own status is returned.
step() {
  local name=$1 start status=0; shift; start=$(date +%s.%N)
  say "-> $name"
  "$@" || status=$?
  local word=done; [ "$status" = 0 ] || word="failed ($status)"
  say "   $word in $(awk -v a="$start" -v b="$(date +%s.%N)" 'BEGIN{printf "%.1f", b-a}') s"
  return "$status"
}

# alone "$@": run the script of tools/setup that calls it again from its top, while no other clone sets this machine up: they share the
# cache and the package manager. By flock's own process, so that no daemon that is started meanwhile keeps the lock.
alone() {
  local lock="$EDGEWAY_CACHE/set-up.lock"
  if [ -n "${EDGEWAY_ALONE:-}" ] || ! command -v flock > /dev/null; then return 0; fi
  flock -n "$lock" true || say "another clone sets this machine up: waiting until it is done"
  EDGEWAY_ALONE=1 exec flock -o "$lock" "$EDGEWAY_ROOT/tools/setup/$(basename "$0")" "$@"
}

# plan WHAT WHERE: say what is about to be installed; on a terminal, ask first.
plan() {
  say "edgeway will install: $1 $2"
  if [ -t 0 ] && [ -t 2 ] && [ -z "${CI:-}" ] && [ "${YES:-}" != 1 ]; then
    local answer; read -r -p "Go on? [Y/n] " answer >&2 || true
    case "$answer" in ""|y|Y|yes) ;; *) die "stopped at your word. YES=1 skips the question." ;; esac
  fi
}
