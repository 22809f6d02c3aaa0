#!/usr/bin/env bash
# Runs a command in the environment of a stack: stack.sh STACK COMMAND...
# The environment is what `edgeway env` prints; it is set for this one child, never for the machine.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
cd "$EDGEWAY_ROOT"
[ $# -ge 2 ] || die "usage: tools/stack.sh STACK COMMAND..."
stack=$1; shift
environment=$(.venv/bin/edgeway env --stack "$stack")
eval "$environment"
exec "$@"
