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
# A shell starts what is in its background with SIGINT ignored, and Pulumi ends its language host by SIGINT: each command
# would wait five seconds for it.
exec env --default-signal=INT "$@"
