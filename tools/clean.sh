#!/usr/bin/env bash
# Removes what this clone made: the stand-in's containers, networks, volumes, the images, .local and .artifacts.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
cd "$EDGEWAY_ROOT"
[ -x .venv/bin/python ] && tools/standin.sh stop
state=${EDGEWAY_STANDIN_STATE:-$EDGEWAY_ROOT/.local/standin}
label="edgeway.standin=$(printf %s "$state" | sha256sum | cut -c1-12)"
if docker info >/dev/null 2>&1; then
  docker ps -aq --filter "label=$label" | xargs -r docker rm -fv >/dev/null
  docker network ls -q --filter "label=$label" | xargs -r docker network rm >/dev/null
  docker volume ls -q --filter "label=$label" | xargs -r docker volume rm -f >/dev/null
  docker image ls -q --filter "label=edgeway.image" | sort -u | xargs -r docker image rm -f >/dev/null 2>&1 || say "some images are in use by another clone and were kept"
fi
rm -rf .local .artifacts
say "removed .local, .artifacts and everything labelled $label; the shared tools in $EDGEWAY_CACHE stay (remove that folder by hand)"
