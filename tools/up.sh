#!/usr/bin/env bash
# Brings a stack up: up.sh STACK. On `local` the stand-in is started first, and the run ends with messages
# that the device's model scored, read back through the hub's built-in endpoint.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
cd "$EDGEWAY_ROOT"
stack=${1:-local}
begin=$SECONDS

if [ "$stack" = local ]; then
  tools/standin.sh start
  tools/setup/pulumi-home.sh
fi
in_stack() { tools/stack.sh "$stack" "$@"; }
tools/setup/before-up.sh "$stack"
step "training data" .venv/bin/edgeway data --stack "$stack"
step "stack '$stack'" in_stack pulumi stack select "$stack" --create --non-interactive
# An `up` that died says in the state what it was about, not how far it came: that is looked at first, or the plan would
# be made for what is no more. What it was about to create is forgotten, as the refresh of a create has no id to ask for.
pending=$(in_stack pulumi stack export --stack "$stack" | .venv/bin/python tools/pending.py)
if [ -n "$pending" ]; then
  say "an earlier run was cut off while $(paste -sd, <<< "$pending" | sed 's/,/, /g'): a refresh looks at what it has left"
  step "pulumi refresh" in_stack python -m tools.engine refresh "$stack" --clear-pending-creates
fi
step "pulumi up" in_stack python -m tools.engine up "$stack" ${UP_OPTIONS:-}
[ -n "${NO_WAIT:-}" ] || in_stack edgeway show --stack "$stack" --wait
say "up in $((SECONDS - begin)) s"
