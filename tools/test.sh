#!/usr/bin/env bash
# The tests of a push: the unit suite, the parts that need processes, Docker or the engine, then the whole local stack,
# up and down. `test.sh long`: those that take too long for that. `test.sh first-contact`: those of that command.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
cd "$EDGEWAY_ROOT"
kind=${1:-push}
case "$kind" in
  push|long|first-contact) ;;
  *) die "test.sh: '$kind' is not a kind of test; allowed: push, long, first-contact" ;;
esac
. .local/tools/env
export PATH="$EDGEWAY_ROOT/.venv/bin:$EDGEWAY_PULUMI:$PATH" EDGEWAY_PULUMI
[ -z "${EDGEWAY_REGISTRY:-}" ] || PATH="$(dirname "$EDGEWAY_REGISTRY"):$PATH"

# Files of tests that mostly wait: for processes, Docker, the engine. Each has ports, folders and names of its own.
side_by_side() { python -m pytest -q -n 3 --dist loadfile --no-loadscope-reorder "$@"; }
if [ "$kind" = first-contact ]; then
  step "first-contact, step by step, against the stand-in" \
    python -m pytest -q -m "slow or docker or not docker" tests/cli/first_contact tests/cli/commands/test_first_contact.py
  exit
fi
if [ "$kind" = long ]; then
  step "tests that take long: each kind of Keras file, Azure ML's own server beside ours, attacks on ours" \
    side_by_side -m "long and not e2e and not faults and not walk and not pictures and not azureml and not vm and not gpu_image"
  EDGEWAY_EXAMPLES=1000 step "properties, a thousand examples of each" \
    python -m pytest -q -n auto -m "hypothesis and not slow"
  exit
fi

# the tests of the benchmark put a load on a server; without wrk they are skipped, and say so
tools/setup/wrk.sh > /dev/null || true

# once here: the workers of the unit suite would each compile, side by side, what both import. What cannot be collected
# is told by the suite itself.
compile_imports() { python -m pytest -q --collect-only > /dev/null || true; }
step "bytecode of what the tests import" compile_imports
step "unit tests" python -m pytest -q -n auto --dist loadfile --no-loadscope-reorder
step "tests of servers, processes, Docker and the engine" \
  side_by_side -m "(slow or docker or engine or served) and not e2e and not faults and not long and not walk and not pictures and not azureml and not vm and not gpu_image"
tools/e2e.sh e2e
echo "not part of make test: make test-long, make e2e-faults, make kills, make walk, make test-pictures, make test-gpu-image, make test-vm, make judges (every night in CI), make e2e PROFILE=slow"
if [ "${EDGEWAY_NO_VM:-}" = 1 ]; then echo "EDGEWAY_NO_VM=1: no virtual machine was booted"; fi
