# Shared by the scripts that ask Pulumi's engine: how it is run, what its plan says in sentences, and whether to go on.
# Sourced after lib.sh, never run. The callers set $stack, and $work: a folder of this run that nobody else reads.

in_stack() { tools/stack.sh "$stack" "$@"; }

# A folder for event logs and plans. They hold no secret in plain text, and nobody has to read them.
# That of a run that was killed, as by a reboot, is removed by the next one: the name has the run's process.
remove_dead_work() {
  local folder pid
  for folder in "${TMPDIR:-/tmp}"/edgeway-work.*.*; do
    pid=${folder%.*}; pid=${pid##*.}
    if [ -O "$folder" ] && [ ! -e "/proc/$pid" ]; then rm -rf "$folder"; fi
  done
}
remove_dead_work
work=$(mktemp -d "${TMPDIR:-/tmp}/edgeway-work.$$.XXXXXX")
trap 'rm -rf "$work"' EXIT

# engine ACTION OPTIONS...: up, preview, refresh or destroy. The event log and plans are options that Pulumi shows only
# where both variables are set.
engine() {
  local action=$1 status=0 stopped=; shift
  local run=(in_stack env PULUMI_DEBUG_COMMANDS=true PULUMI_EXPERIMENTAL=true python -m tools.engine "$action" "$stack" "$@")
  [ "$stack" != local ] || run=(with_standin "${run[@]}")
  trap 'stopped=1' INT
  "${run[@]}" || status=$?
  trap - INT
  # Pulumi ends with 0 where a Ctrl-C stopped a destroy half-way
  [ -z "$stopped" ] || [ "$status" != 0 ] || status=130
  return "$status"
}

# with_standin COMMAND...: where the stand-in ends meanwhile and nobody starts it again, each call would be tried for
# minutes, and nothing would say why: the command is then asked to end, and a second time where that does not do.
GONE_LIMIT_S=${GONE_LIMIT_S:-15}
with_standin() {
  local status=0 watcher
  watch_standin $$ "$work/gone" &
  watcher=$!
  "$@" || status=$?
  kill "$watcher" 2> /dev/null || true
  wait "$watcher" 2> /dev/null || true
  if [ -e "$work/gone" ]; then rm "$work/gone"; say "the stand-in ended while this ran: \`make up\` starts it and goes on"; fi
  return "$status"
}
watch_standin() {
  local since=$SECONDS child asked=0
  while kill -0 "$1" 2> /dev/null; do  # who is killed stops no watcher
    read -r -t 1 <> <(:) || true
    if tools/standin.sh pid > /dev/null; then since=$SECONDS; continue; fi
    [ $((SECONDS - since)) -ge $((GONE_LIMIT_S * (asked + 1))) ] || continue
    asked=$((asked + 1)); touch "$2"
    [ "$asked" != 1 ] || say "error: the stand-in has ended (its log is .local/standin/standin.log), and nobody has started it again for $GONE_LIMIT_S s"
    for child in $(ps -o pid= --ppid "$1"); do
      if [ "$child" != "$BASHPID" ]; then kill -TERM "$child" 2> /dev/null || true; fi
    done
  done
}

# forecast OPTIONS...: previews into $work/preview.txt and $work/events. What Pulumi says of a preview that fails is shown,
# as nothing else can be said.
forecast() {
  local status=0
  engine preview --event-log "$work/events" "$@" > "$work/preview.txt" || status=$?
  if [ "$status" != 0 ]; then cat "$work/preview.txt"; return "$status"; fi
}
sentences() { .venv/bin/edgeway changes "$work/events" "$@"; }

# What is kept in a variable first is folded for the terminal that it is printed on: the options for that.
fold=()
if [ -t 1 ]; then
  width=$({ stty size < /dev/tty; } 2> /dev/null | cut -d' ' -f2 || true)
  if [ "${width:-0}" -ge 40 ]; then fold=(--columns "$width"); fi
fi

# quietly COMMAND...: what it says is shown where it fails.
quietly() {
  local status=0
  "$@" > "$work/said.txt" 2>&1 || status=$?
  [ "$status" = 0 ] || cat "$work/said.txt" >&2
  return "$status"
}

# YES=1 and CI go on with what the preview shows; else somebody has to be there.
goes_on() { [ "${YES:-}" = 1 ] || [ -n "${CI:-}" ]; }
can_be_asked() { [ -t 0 ] && [ -t 2 ]; }

# agreed: the question that dev and prod ask, under the sentences. d shows every resource, as `make preview` does.
agreed() {
  if goes_on; then return 0; fi
  local answer
  while true; do
    answer=; read -r -p "Do exactly this to '$stack'? [y/N, d: every resource] " answer >&2 || true
    case "$answer" in
      y|Y|yes) return 0 ;;
      d|D) cat "$work/preview.txt" >&2 ;;
      *) return 1 ;;
    esac
  done
}
