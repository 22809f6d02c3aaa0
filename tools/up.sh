#!/usr/bin/env bash
# Brings a stack up: up.sh STACK. On `local` the stand-in is started first, what was done is said afterwards, and the run
# ends with messages that the device's model scored, read back through the hub's built-in endpoint. Every other stack is
# previewed first: its sentences are the question, and then exactly that plan is done.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
cd "$EDGEWAY_ROOT"
stack=${1:-local}
. tools/forecast.sh
. tools/change.sh
. tools/state.sh
begin=$SECONDS
asks=1; [ "$stack" != local ] || asks=${ASK:-0}  # ASK=1: `local` as every other stack

if [ "$stack" = local ]; then
  tools/standin.sh start
  tools/setup/pulumi-home.sh
fi
if [ "$asks" = 1 ] && ! goes_on && ! can_be_asked; then
  die "there is nobody to ask whether '$stack' may change. Run it on a terminal, or say YES=1: it goes on with what the preview shows"
fi
tools/setup/before-up.sh "$stack" --rights --names
step "training data" .venv/bin/edgeway data --stack "$stack"
kept_state mend || die "\`make down\` takes down what can be found without it; then \`make up\`"
step "stack '$stack'" select_stack
kept_state keep || die "nothing was done"
free_dead_locks
take_up_what_was_cut_off

change_once_or_twice
wait_for_devices
say "up in $((SECONDS - begin)) s"
