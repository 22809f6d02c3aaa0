#!/usr/bin/env bash
# Walks docs/azure.md against a stand-in of its own: walk.sh [pytest options]. Its state is in .local/walk.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
cd "$EDGEWAY_ROOT"
. .local/tools/env
EDGEWAY_AZ=$(tools/setup/azure-cli.sh)
export EDGEWAY_AZ PATH="$EDGEWAY_ROOT/.venv/bin:$EDGEWAY_PULUMI:$PATH" EDGEWAY_PULUMI
step "the walk of docs/azure.md" python -m pytest -q -m walk tests/walk "$@"
