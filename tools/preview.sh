#!/usr/bin/env bash
# Says what an `up` of a stack would do, in sentences, then resource by resource: preview.sh STACK [pulumi preview options]
# It changes no file of the clone and nothing in a backend: Pulumi gets a copy of the stack's file, into which it writes
# its salt, and a stack that does not exist is made in a backend that ends with this run.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
cd "$EDGEWAY_ROOT"
stack=${1:-local}; shift || true
. tools/forecast.sh
. tools/state.sh

if [ "$stack" = local ]; then tools/standin.sh start; tools/setup/pulumi-home.sh; fi
tools/setup/before-up.sh "$stack"

[ -f "Pulumi.$stack.yaml" ] || in_stack true  # says which stacks there are
mkdir "$work/project"
file="$work/project/Pulumi.$stack.yaml"
cp "Pulumi.$stack.yaml" "$file"
if ! there_is_a_stack; then
  say "the stack '$stack' does not exist: this is a preview of a new one"
  printf 'name: edgeway\nruntime: yaml\n' > "$work/project/Pulumi.yaml"
  mkdir "$work/backend"
  export PULUMI_BACKEND_URL="file://$work/backend"
  # secrets of a stack that ends with this run need no passphrase that anybody knows
  grep -q '^secretsprovider:\|^encryptionsalt:' "$file" || export PULUMI_CONFIG_PASSPHRASE="${PULUMI_CONFIG_PASSPHRASE:-$RANDOM$RANDOM}"
  quietly new_stack "$file" --cwd "$work/project" --no-select
fi
.venv/bin/edgeway data --stack "$stack" >&2
forecast --config-file "$file" "$@"
sentences
echo
cat "$work/preview.txt"
