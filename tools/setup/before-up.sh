#!/usr/bin/env bash
# Says what a stack in Azure lacks before anything is asked of Pulumi: before-up.sh STACK [--rights] [--names]. It
# fetches the plugin, where it can; of the rest (state backend, its key, sign-in) it names what is missing, and the step of docs/azure.md.
set -euo pipefail
. "$(dirname "$0")/../lib.sh"
cd "$EDGEWAY_ROOT"
stack=$1; shift
[ "$stack" != local ] || exit 0
version=$(.venv/bin/python -c 'from importlib.metadata import version; print(version("pulumi-azure-native"))')
plugins=${PULUMI_HOME:-$HOME/.pulumi}/plugins
if [ ! -d "$plugins/resource-azure-native-v$version" ] && ! command -v pulumi-resource-azure-native > /dev/null \
    && [ "${PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION:-}" != true ]; then
  fetch() { tools/stack.sh "$stack" pulumi plugin install resource azure-native "v$version" > .local/plugin.log 2>&1; }
  step "azure-native v$version (.local/plugin.log)" fetch || true
fi
.venv/bin/edgeway doctor --stack "$stack" --before-up "$@" >&2 || die "the stack '$stack' cannot be reached yet, nothing was done"
