#!/usr/bin/env bash
# Finds a Pulumi CLI, or gets one: PATH, then the official installer, then a build from the Go module proxy.
# Prints the folder that holds `pulumi` and its Python language host; everything else goes to stderr.
set -euo pipefail
. "$(dirname "$0")/../lib.sh"

PULUMI_VERSION=v3.230.0      # the newest whose pkg and sdk modules compile together
HOST_VERSION=v3.78.0         # the newest Python language host published as a Go module
OLDEST=3.200.0
folder="$EDGEWAY_CACHE/pulumi-${PULUMI_VERSION#v}"

new_enough() { # new_enough VERSION: at least $OLDEST
  [ -n "$1" ] && [ "$(printf '%s\n%s\n' "$OLDEST" "${1#v}" | sort -V | head -n1)" = "$OLDEST" ]
}

build_from_modules() { # each part ends the function itself: `set -e` is off inside a `||` list
  need go "Go >= 1.24 (https://go.dev/dl/), to build the Pulumi CLI from its published modules"
  local work="$folder.work" out="$folder.partial"
  rm -rf "$work" "$out" && mkdir -p "$work/cli" "$work/host" "$out"
  ( cd "$work/cli"
    cat > go.mod <<MOD
module edgeway.local/pulumi-cli
go 1.24
require github.com/pulumi/pulumi/pkg/v3 $PULUMI_VERSION
require github.com/pulumi/pulumi/sdk/v3 $PULUMI_VERSION
replace github.com/atotto/clipboard => github.com/tgummerer/clipboard v0.0.0-20241001131231-d02d263e614e
MOD
    printf 'package tools\nimport _ "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"\n' > tools.go
    GOFLAGS=-mod=mod go build -ldflags "-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=$PULUMI_VERSION" \
      -o "$out/pulumi" github.com/pulumi/pulumi/pkg/v3/cmd/pulumi ) >&2 || return 1
  ( cd "$work/host"
    cat > go.mod <<MOD
module edgeway.local/pulumi-host
go 1.24
require github.com/pulumi/pulumi/sdk/v3 $HOST_VERSION
MOD
    printf 'package tools\nimport _ "github.com/pulumi/pulumi/sdk/v3/python/cmd/pulumi-language-python"\n' > tools.go
    GOFLAGS=-mod=mod go build -ldflags "-s -w" -o "$out/pulumi-language-python" \
      github.com/pulumi/pulumi/sdk/v3/python/cmd/pulumi-language-python ) >&2 || return 1
  local sdk; sdk=$(cd "$work/cli" && GOFLAGS=-mod=mod go list -m -f '{{.Dir}}' github.com/pulumi/pulumi/sdk/v3)
  install -m 0755 "$sdk/python/cmd/pulumi-language-python-exec" "$out/pulumi-language-python-exec"
  rm -rf "$folder" && mv "$out" "$folder" && chmod -R u+w "$work" && rm -rf "$work"
}

install_official() { # the release archive, into our own folder: the user's ~/.pulumi stays as it is
  local url="https://get.pulumi.com/releases/sdk/pulumi-$PULUMI_VERSION-linux-x64.tar.gz" out="$folder.partial"
  rm -rf "$out" && mkdir -p "$out"
  curl -fsSL --connect-timeout 5 --max-time 300 "$url" 2>/dev/null | tar -xz -C "$out" --strip-components=1 2>/dev/null || { rm -rf "$out"; return 1; }
  rm -rf "$folder" && mv "$out" "$folder"
}

if command -v pulumi >/dev/null && command -v pulumi-language-python >/dev/null && new_enough "$(pulumi version 2>/dev/null)"; then
  dirname "$(command -v pulumi)"; exit 0
fi
if [ -x "$folder/pulumi" ] && [ -x "$folder/pulumi-language-python" ]; then echo "$folder"; exit 0; fi
alone "$@"
plan "Pulumi $PULUMI_VERSION" "into $folder (your ~/.pulumi is not touched)"
step "Pulumi $PULUMI_VERSION: official archive" install_official || step "Pulumi $PULUMI_VERSION: build from Go modules" build_from_modules
echo "$folder"
