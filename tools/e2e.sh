#!/usr/bin/env bash
# The end-to-end tests on a local stack: e2e.sh e2e|faults|pictures|azureml|vm [pytest options]. The stack is destroyed at the end.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
cd "$EDGEWAY_ROOT"
kind=$1; shift
case "$kind" in e2e|faults|pictures|azureml|vm) ;; *) die "e2e.sh: '$kind' is not a kind of test; allowed: e2e, faults, pictures, azureml, vm" ;; esac
. .local/tools/env
export PATH="$EDGEWAY_ROOT/.venv/bin:$EDGEWAY_PULUMI:$PATH" EDGEWAY_PULUMI
# a run starts from nothing, so that a profile or a state left by an earlier one cannot help or hurt it
tools/down.sh local
folders=(tests/e2e)
[ "$kind" != vm ] || folders=(tests/standin/machines tests/e2e/vm)
status=0
step "end-to-end tests ($kind, profile ${PROFILE:-fast})" python -m pytest -q -m "$kind" "${folders[@]}" "$@" || status=$?
tools/down.sh local
if [ "${EDGEWAY_NO_VM:-}" = 1 ]; then echo "EDGEWAY_NO_VM=1: no virtual machine was booted"; fi
exit "$status"
