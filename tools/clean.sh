#!/usr/bin/env bash
# Removes what this clone made: the stand-in's containers, networks, volumes, its tags of images, .local and .artifacts.
# By what only this clone has: the label of its stand-in, and names with the ports of its registries. What another clone
# or somebody else has tagged or built on top stays, as does an image that a container still uses.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
cd "$EDGEWAY_ROOT"
if [ -x .venv/bin/python ]; then tools/standin.sh stop; fi
state=$(realpath -m "${EDGEWAY_STANDIN_STATE:-$EDGEWAY_ROOT/.local/standin}")
instance=$(printf %s "$state" | sha256sum | cut -c1-12)
label="edgeway.standin=$instance"

# own_references: the names of images that are this clone's, a line each: `repository:tag`, or a digest where it has none.
own_references() {
  local base port own="edgeway-${instance:0:6}-edgehub[:@]"
  base=$(sed -n 's/.*"base": *\([0-9][0-9]*\).*/\1/p' "$state/ports.json" 2> /dev/null || true)
  if [ -n "$base" ]; then
    for port in 2 15 16 17 18 19; do own+="|127\\.0\\.0\\.1:$((base + port))/"; done  # standin/containerregistry/processes.py
  fi
  docker image ls --digests --format '{{.Repository}}:{{.Tag}} {{.Repository}}@{{.Digest}}' \
    | awk '{ print ($1 ~ /:<none>$/) ? $2 : $1 }' | grep -E "^($own)" | grep -v '<none>' | sort -u || true
}

if docker info > /dev/null 2>&1; then
  docker ps -aq --filter "label=$label" | xargs -r docker rm -fv > /dev/null
  docker network ls -q --filter "label=$label" | xargs -r docker network rm > /dev/null
  docker volume ls -q --filter "label=$label" | xargs -r docker volume rm -f > /dev/null
  kept=0
  while read -r reference; do
    [ -z "$reference" ] || docker image rm "$reference" > /dev/null 2>&1 || kept=$((kept + 1))
  done < <(own_references)
  [ "$kept" = 0 ] || say "kept, as containers of others use them: $kept of the names of images"
fi
rm -rf .local .artifacts
say "removed .local, .artifacts, everything labelled $label and this clone's names of images; the shared tools in $EDGEWAY_CACHE stay (remove that folder by hand)"
