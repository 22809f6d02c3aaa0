#!/usr/bin/env bash
# Starts, stops or shows the local stand-in for Azure: standin.sh start|stop|status|reset|pid
# PROFILE=fast|slow is how it behaves; PORT_BASE=N its first port (else as before, else derived from the clone's folder).
set -euo pipefail
. "$(dirname "$0")/lib.sh"
cd "$EDGEWAY_ROOT"
state=${EDGEWAY_STANDIN_STATE:-$EDGEWAY_ROOT/.local/standin}
profile=${PROFILE:-fast}
START_LIMIT_S=60
STOP_LIMIT_S=60

pid() { cat "$state/pid" 2>/dev/null || true; }
alive() { # ours, not a stranger that got the same number
  local number; number=$(pid)
  [ -n "$number" ] && tr '\0' ' ' 2> /dev/null < "/proc/$number/cmdline" | grep -qF -- "-m standin --state $state"
}

start() {
  local deadline=$((SECONDS + START_LIMIT_S))
  while alive; do
    if answers; then say "the stand-in runs already (pid $(pid))"; return 0; fi
    # it is about to end, or about to be ready
    [ "$SECONDS" -lt "$deadline" ] || die "the stand-in (pid $(pid)) runs and does not answer; its log is $state/standin.log"
    read -r -t 0.1 <> <(:) || true
  done
  private "$state"
  . .local/tools/env
  local path="$PATH"
  [ -n "${EDGEWAY_REGISTRY:-}" ] && path="$(dirname "$EDGEWAY_REGISTRY"):$PATH"
  PATH="$path" setsid nohup .venv/bin/python -m standin --state "$state" --profile "$profile" ${PORT_BASE:+--port-base "$PORT_BASE"} >> "$state/console.log" 2>&1 < /dev/null &
  local child=$!
  deadline=$((SECONDS + START_LIMIT_S))
  until answers; do
    kill -0 "$child" 2>/dev/null || { tail -n 5 "$state/console.log" >&2; die "the stand-in stopped while starting; its log is $state/console.log. PORT_BASE=N starts it on the ports N to N+3."; }
    [ "$SECONDS" -lt "$deadline" ] || die "the stand-in was not ready within $START_LIMIT_S s; its log is $state/standin.log"
    read -r -t 0.1 <> <(:) || true
  done
}
# answers: it is this state's, and not another process that has taken its port.
answers() {
  local instance; instance=$(printf %s "$(realpath -m "$state")" | sha256sum | cut -c1-12)
  curl -fs --noproxy '*' --max-time 10 "$(health_url)" 2> /dev/null | grep -qF "\"instance\":\"$instance\""
}
health_url() {
  .venv/bin/python - "$state" <<'PY'
import json, pathlib, sys
try:
    ports = json.loads((pathlib.Path(sys.argv[1]) / "ports.json").read_text())
except FileNotFoundError:
    ports = {}
print(f"http://127.0.0.1:{ports.get('plain', 9)}/_standin/health")
PY
}
# reset: everything that it has made goes, containers too; `make down` where no state says what there is.
reset() {
  curl -fsS -o /dev/null --noproxy '*' --max-time 300 -X POST -K - "$(health_url | sed 's/health$/reset/')" \
    <<< "header = \"Authorization: Bearer $(cat "$state/control.token")\""
}
stop() {
  if ! alive; then say "the stand-in does not run"; return 0; fi
  local number; number=$(pid)
  kill -TERM "$number"
  local deadline=$((SECONDS + STOP_LIMIT_S))
  while kill -0 "$number" 2>/dev/null; do
    [ "$SECONDS" -lt "$deadline" ] || die "the stand-in (pid $number) did not stop within $STOP_LIMIT_S s"
    read -r -t 0.1 <> <(:) || true
  done
}

case "${1:-}" in
  start) step "stand-in for Azure (profile $profile)" start ;;
  reset) reset ;;
  stop) step "stop the stand-in" stop ;;
  pid) alive && pid ;;
  status) if alive; then echo "running pid $(pid) state $state"; else echo "stopped state $state"; exit 3; fi ;;
  *) die "usage: tools/standin.sh start|stop|status|reset|pid   (PROFILE=fast|slow, PORT_BASE=N)" ;;
esac
