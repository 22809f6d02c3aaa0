#!/usr/bin/env bash
# Clients that we did not write against a stand-in of their own: judges.sh [options of python -m judges]. State: .local/judges.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
cd "$EDGEWAY_ROOT"
. .local/tools/env
export PATH="$EDGEWAY_ROOT/.venv/bin:$PATH"
[ -z "${EDGEWAY_REGISTRY:-}" ] || PATH="$(dirname "$EDGEWAY_REGISTRY"):$PATH"
exec python -m judges "$@"
