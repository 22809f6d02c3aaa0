#!/usr/bin/env bash
# All tests: the unit suite, the parts that need Docker or the engine, then the whole local stack, up and down.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
cd "$EDGEWAY_ROOT"
. .local/tools/env
export PATH="$EDGEWAY_ROOT/.venv/bin:$EDGEWAY_PULUMI:$PATH" EDGEWAY_PULUMI
[ -z "${EDGEWAY_REGISTRY:-}" ] || PATH="$(dirname "$EDGEWAY_REGISTRY"):$PATH"

# the tests of the benchmark put a load on a server; without wrk they are skipped, and say so
tools/setup/wrk.sh > /dev/null || true

# once here: the workers of the unit suite would each compile, side by side, what both import. What cannot be collected
# is told by the suite itself.
compile_imports() { python -m pytest -q --collect-only > /dev/null || true; }
step "bytecode of what the tests import" compile_imports
step "unit tests" python -m pytest -q -n auto --dist loadfile
step "tests of processes, Docker and the engine" python -m pytest -q -m "(slow or docker or engine) and not e2e and not faults"
tools/e2e.sh e2e
