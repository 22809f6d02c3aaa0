#!/usr/bin/env bash
# Destroys a stack, and proves that nothing is left: down.sh STACK
set -euo pipefail
. "$(dirname "$0")/lib.sh"
cd "$EDGEWAY_ROOT"
stack=${1:-local}
. tools/forecast.sh
. tools/state.sh
tools/setup/before-up.sh "$stack"

if [ "$stack" = local ]; then
  [ -e .local/pulumi/state/.pulumi/stacks/edgeway/local.json ] || { tools/standin.sh stop; say "the stack 'local' does not exist: nothing to destroy"; exit 0; }
  tools/standin.sh start
  tools/setup/pulumi-home.sh
elif ! there_is_a_stack; then
  say "the stack '$stack' does not exist: nothing to destroy"
  exit 0
fi
# A state that cannot be read, of which there is no copy either, names nothing: on `local` all that the stand-in has goes
# instead. What a stack in Azure has made lies in its group.
mended=0
kept_state mend || mended=$?
if [ "$mended" != 0 ] && [ "$stack" = local ]; then
  step "all that the stand-in has, as the state cannot be read" tools/standin.sh reset
  step "nothing is left" in_stack edgeway leftovers --stack local
  tools/standin.sh stop
  kept_state forget
  exit 0
elif [ "$mended" != 0 ]; then
  die "delete the stack's resource group, purge what Azure keeps of it (\`edgeway leftovers --stack $stack\` tells what), and then the file"
fi
free_dead_locks
take_up_what_was_cut_off
# An `up` that failed early may have made a soft-deleting resource and not yet what purges it: its name would stay
# taken after the destroy. So what purges is made first, alone. The program then stumbles over what is not there,
# which is expected: what counts is that nothing unpurged is left in the state.
unpurged() {
  in_stack pulumi stack export --stack "$stack" | .venv/bin/python tools/unpurged.py
}
make_purges() {
  local urn targets=()
  while read -r urn _; do targets+=(--target "$urn"); done <<< "$left"
  in_stack pulumi up --stack "$stack" "${targets[@]}" --yes --skip-preview --non-interactive > .local/purges.log 2>&1 || true
  left=$(unpurged)
  [ -z "$left" ] || die "not purged on destroy: $left. See .local/purges.log and docs/azure.md, known failures"
}
# a job of an `up` that was killed is paid until it ends, and is in no state; the workspace takes with it what is not cancelled
if grep -q 'edgeway:computes' "Pulumi.$stack.yaml"; then
  step "jobs that still run" in_stack edgeway job cancel --all --stack "$stack" || say "the destroy goes on without"
fi
left=$(unpurged)
[ -z "$left" ] || step "what purges" make_purges
step "pulumi destroy" engine destroy
if [ "$stack" = local ]; then
  if ! step "nothing is left" in_stack edgeway leftovers --stack local; then
    [ -e .local/pulumi/kept/local.restored ] || exit 1
    step "what was made since the state that was put back" tools/standin.sh reset
    step "nothing is left" in_stack edgeway leftovers --stack local
  fi
  kept_state forget
  tools/standin.sh stop
  # --preserve-config: without it Pulumi deletes Pulumi.<stack>.yaml
  step "remove the empty stack" in_stack pulumi stack rm "$stack" --yes --non-interactive --preserve-config
else
  step "nothing is left" in_stack edgeway leftovers --stack "$stack"
  say "the empty stack '$stack' stays in its backend, with its history and its secrets provider"
fi
