#!/usr/bin/env bash
# What the judges of `make judges` are made of, from locked versions, in the cache: judges.sh node|go. Prints where it is.
set -euo pipefail
. "$(dirname "$0")/../lib.sh"
cd "$EDGEWAY_ROOT"

# The modules of judges/node, beside which Node looks for them.
node_modules() {
  need node "Node.js 20 or newer (Debian: apt-get install nodejs npm)"
  need npm "npm (Debian: apt-get install npm)"
  local home; home="$EDGEWAY_CACHE/judges-node-$(sha256sum judges/node/package-lock.json | cut -c1-12)"
  if [ ! -d "$home/node_modules" ]; then
    alone node
    rm -rf "$home.partial" && mkdir -p "$home.partial"
    cp judges/node/package.json judges/node/package-lock.json "$home.partial/"
    step "clients for Node" npm ci --prefix "$home.partial" --ignore-scripts --no-audit --no-fund --loglevel=error >&2
    rm -rf "$home" && mv "$home.partial" "$home"
  fi
  ln -sfn "$home/node_modules" judges/node/node_modules
  echo "$home"
}

go_program() {
  need go "Go 1.24 or newer (https://go.dev/dl)"
  local program="$EDGEWAY_CACHE/judges-go"
  step "clients for Go" go build -C judges/go -mod=readonly -trimpath -o "$program" . >&2
  echo "$program"
}

case "${1:-}" in
  node) node_modules ;;
  go) go_program ;;
  *) die "usage: tools/setup/judges.sh node|go" ;;
esac
