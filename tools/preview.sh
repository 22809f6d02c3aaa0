#!/usr/bin/env bash
# Shows what an `up` of a stack would change: preview.sh STACK [pulumi preview options]
set -euo pipefail
. "$(dirname "$0")/lib.sh"
cd "$EDGEWAY_ROOT"
stack=${1:-local}; shift || true
if [ "$stack" = local ]; then tools/standin.sh start; tools/setup/pulumi-home.sh; fi
tools/setup/before-up.sh "$stack"
.venv/bin/edgeway data --stack "$stack" >&2
tools/stack.sh "$stack" pulumi stack select "$stack" --create --non-interactive >&2
exec tools/stack.sh "$stack" python -m tools.engine preview "$stack" "$@"
