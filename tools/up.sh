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
step "training data" .venv/bin/edgeway data --stack "$stack"
step "stack '$stack'" in_stack pulumi stack select "$stack" --create --non-interactive
step "pulumi up" in_stack pulumi up --stack "$stack" --yes --skip-preview --non-interactive --suppress-outputs ${UP_OPTIONS:-}
[ -n "${NO_WAIT:-}" ] || in_stack edgeway show --stack "$stack" --wait
say "up in $((SECONDS - begin)) s"
