#!/usr/bin/env bash
# Resolves pyproject.toml into requirements.lock, and each model's serving.in into serving.lock: pinned, hashed, without
# index addresses.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
cd "$EDGEWAY_ROOT"
tools/setup/venv.sh
uv=$(command -v uv || ls "$EDGEWAY_CACHE"/uv-*/bin/uv | tail -n 1)
step "requirements.lock, of pyproject.toml" "$uv" pip compile pyproject.toml --group dev --generate-hashes --no-emit-index-url --python-version 3.11 -q -o requirements.lock
step "serving.lock of each model that has a serving.in" .venv/bin/python -m tools.serving_locks --uv "$uv"
