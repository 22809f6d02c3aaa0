#!/usr/bin/env bash
# The local stack's own PULUMI_HOME, with the stand-in's azure-native plugin where the engine looks for the real one.
# It is the only place that knows this plugin, so no stack in Azure can ever find it.
set -euo pipefail
. "$(dirname "$0")/../lib.sh"
cd "$EDGEWAY_ROOT"
version=$(.venv/bin/python -c 'from importlib.metadata import version; print(version("pulumi-azure-native"))')
folder=".local/pulumi/home/plugins/resource-azure-native-v$version"
mkdir -p "$folder"
private .local .local/pulumi/state
ln -sfn "$EDGEWAY_ROOT/standin/plugin/pulumi-resource-azure-native" "$folder/pulumi-resource-azure-native" # the engine skips a linked folder, not a linked file
