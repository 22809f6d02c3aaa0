# How `up` changes a stack: with what was done told afterwards, or by a plan that was asked for; once more where that
# helps; and then waits for its devices. Sourced after lib.sh and forecast.sh, never run. The callers set $stack and $asks: 1 where the plan is asked for.

# What was done is told even where it ended too early; the log of an engine that was killed may end within a line.
failed=0
up_and_tell() {
  step "pulumi up" engine up --event-log "$work/events" "$@" ${UP_OPTIONS:-} || failed=$?
  [ "$failed" = 0 ] || say "done until then:"
  if [ -s "$work/events" ]; then sentences || [ "$failed" != 0 ]; fi
  cp "$work/events" "$work/done" 2> /dev/null || true
}

# Between preview and `up` the configuration, the code or Azure may change: the engine then refuses the step that was not
# shown, and what was shown stays undone from there on.
ask_and_up() {
  step "pulumi preview" forecast --save-plan "$work/plan" "$@" ${UP_OPTIONS:-}
  local said; said=$(sentences "${fold[@]}")
  printf '%s\n' "$said"
  if [ "$said" != "nothing changes" ] && ! is_agreed_already "$@"; then
    agreed || die "stopped at your word: nothing was changed"
  fi
  cp "$work/events" "$work/agreed"
  step "pulumi up" engine up --plan "$work/plan" --event-log "$work/done" "$@" ${UP_OPTIONS:-} || failed=$?
}

# The plan of a second `up` is what is left of the first one's, and was said yes to, unless something changed meanwhile.
is_agreed_already() {
  [ -e "$work/agreed" ] && .venv/bin/python -m tools.second_up within "$work/agreed" "$work/events" "${@#--replace=}"
}

change() { if [ "$asks" = 1 ]; then ask_and_up "$@"; else up_and_tell "$@"; fi; }

# Exactly once more, where what Azure answered is known to pass, or to want another way; the reason and the options are said
# by tools/second_up.py. EDGEWAY_SECOND_UP_PAUSE: seconds, instead of the usual ones.
once_more() {
  local found; mapfile -t found < <(.venv/bin/python -m tools.second_up why "$work/done")
  [ -n "${found[0]:-}" ] || return 0
  say "${found[0]}"
  sleep "${EDGEWAY_SECOND_UP_PAUSE:-${found[1]}}"
  failed=0
  change "${found[@]:2}"
}

# Ends with the exit code of the last one.
change_once_or_twice() {
  change
  if [ "$failed" != 0 ] && [ -s "$work/done" ]; then once_more; fi
  if [ "$failed" != 0 ] && [ -s "$work/done" ]; then keep_what_got_no_answer "$work/done"; fi
  kept_state keep || true  # what it has done is what a later state that cannot be read is put back to
  [ "$failed" = 0 ] || exit "$failed"
}

# The stack is up by then: who knows why a device is silent need not wait for it again.
wait_for_devices() {
  [ -z "${NO_WAIT:-}" ] || return 0
  local status=0 make_up="make up"; [ "$stack" = local ] || make_up="make up STACK=$stack"
  say "-> devices run it and send (\`NO_WAIT=1 $make_up\` does not wait for that)"
  in_stack edgeway show --stack "$stack" --wait || status=$?
  case $status in 1 | 3)
    say "the stack itself is up. \`edgeway rollout wait --stack $stack\` waits again; \`NO_WAIT=1 $make_up\` does not wait";;
  esac
  return "$status"
}
