#!/usr/bin/env bash
# Makes .venv from requirements.lock (hashes checked) with uv, and installs the project into it editable.
# Does nothing when the lock and pyproject.toml are the ones that .venv was made from.
set -euo pipefail
. "$(dirname "$0")/../lib.sh"
cd "$EDGEWAY_ROOT"

UV_VERSION=0.13.9
stamp=.venv/.made-from
wanted=$(cat requirements.lock pyproject.toml | sha256sum | cut -c1-64)
if [ -x .venv/bin/python ] && [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ]; then exit 0; fi

supported() { "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; }
find_python() {
  local name
  for name in python3.11 python3.12 python3.13 python3 python; do
    if command -v "$name" >/dev/null && supported "$name"; then command -v "$name"; return; fi
  done
  die "no Python 3.11, 3.12 or 3.13 on PATH (azure-iot-hub needs uamqp, which has wheels for these only). Install one."
}
make_uv() { # uv in a folder of its own, so that nothing is added to the machine's Python
  local python=$1 home="$EDGEWAY_CACHE/uv-$UV_VERSION"
  [ -x "$home/bin/uv" ] || { "$python" -m venv "$home" && "$home/bin/python" -m pip install -q --disable-pip-version-check "uv==$UV_VERSION"; } || return 1
  uv="$home/bin/uv"
}
install_locked() {
  "$uv" pip sync -q --python .venv/bin/python --require-hashes requirements.lock &&
  "$uv" pip install -q --python .venv/bin/python --no-deps -e .
}

python=$(find_python)
if command -v uv >/dev/null; then uv=$(command -v uv); else alone "$@"; step "uv $UV_VERSION" make_uv "$python"; fi
[ -x .venv/bin/python ] || "$uv" venv -q --python "$python" .venv
step "Python packages (requirements.lock)" install_locked
echo "$wanted" > "$stamp"
