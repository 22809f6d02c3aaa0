#!/usr/bin/env bash
# Everything that a machine needs before a stack can run: init.sh [python|local|azure]
#   python  the virtual environment only (lint, unit tests)
#   local   and Pulumi, Docker, the base image and a registry for the local stack (the default)
#   azure   and Pulumi and Docker for a stack in Azure
# Writes .local/tools/env. Every step is skipped where it is done already.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
cd "$EDGEWAY_ROOT"
what=${1:-local}
case "$what" in python|local|azure) ;; *) die "init.sh: '$what' is not a kind of set-up; allowed: python, local, azure" ;; esac

private .local
tools/setup/venv.sh
[ "$what" = python ] && exit 0
mkdir -p .local/tools
pulumi=$(tools/setup/pulumi.sh)
tools/setup/docker.sh > /dev/null
registry=""
if [ "$what" = local ]; then
  tools/setup/base-image.sh > /dev/null
  registry=$(tools/setup/registry.sh)
fi
# written only where it differs: `make down` must do on a full disk
env=$(printf 'EDGEWAY_PULUMI=%s\nEDGEWAY_REGISTRY=%s' "$pulumi" "$registry")
if [ "$(cat .local/tools/env 2> /dev/null)" != "$env" ]; then
  printf '%s\n' "$env" > .local/tools/env.partial
  mv .local/tools/env.partial .local/tools/env
fi
