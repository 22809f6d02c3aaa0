#!/usr/bin/env bash
# The Azure CLI from PyPI in a folder of its own, for `make walk`: prints the folder of its `az`. About 700 MB.
set -euo pipefail
. "$(dirname "$0")/../lib.sh"
version=2.91.0
home="$EDGEWAY_CACHE/azure-cli-$version"
make_it() {
  rm -rf "$home.partial"
  "$EDGEWAY_ROOT/.venv/bin/python" -m venv "$home.partial" && "$home.partial/bin/python" -m pip install -q --disable-pip-version-check "azure-cli==$version" || return 1
  mv "$home.partial" "$home"
}
if [ ! -x "$home/az" ]; then
  alone "$@"
  step "Azure CLI $version" make_it
  # a venv's own scripts name the folder that it was made in
  printf '#!/bin/sh\nexec %q -m azure.cli "$@"\n' "$home/bin/python" > "$home/az"
  chmod +x "$home/az"
fi
echo "$home"
