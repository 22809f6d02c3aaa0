#!/usr/bin/env bash
# ruff, mypy strict and the import contracts. Strict for what is the project's own; models and layers that a user of the
# project brought (tools/guests.py) are looked at with the same eyes, but what is found there is a warning.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
cd "$EDGEWAY_ROOT"
bin=.venv/bin
mapfile -t guests < <($bin/python -m tools.guests)
ruff_options=(); mypy_options=()
for guest in "${guests[@]}"; do
  ruff_options+=(--exclude "$guest")
  mypy_options+=(--exclude "^${guest//./\\.}")
done
$bin/ruff check "${ruff_options[@]}" .
$bin/ruff format --check "${ruff_options[@]}" .
$bin/mypy "${mypy_options[@]}"
$bin/lint-imports --no-logo --config importlinter.toml
$bin/python -m tools.serving_locks --check
[ ${#guests[@]} -gt 0 ] || exit 0
for look in "ruff check" "ruff format --check" "mypy"; do
  $bin/$look "${guests[@]}" || say "warning: '$look' found this in what is not the project's own (${guests[*]}); lint stays green"
done
