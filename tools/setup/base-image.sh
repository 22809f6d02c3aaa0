#!/usr/bin/env bash
# Makes the base image of all our Dockerfiles present: the local one, else pulled, else built from Debian's archive
# under the same name, so that no Dockerfile changes. Prints the image's name; everything else goes to stderr.
set -euo pipefail
. "$(dirname "$0")/../lib.sh"

IMAGE=python:3.11-slim-bookworm
log="$EDGEWAY_CACHE/base-image.log"
PYTHON=3.11                  # what bookworm's archive holds; the name above promises the same

pull() { timeout 300 docker pull -q "$IMAGE" >&2; }

# The look-alike: Debian's Python behind a virtual environment that is first on PATH (so `pip install` is not refused as
# "externally managed"), and the host's certificate authorities (a build behind a company proxy needs them).
# merged-usr by hook: the usrmerge package would bring the whole of perl, 48 MB.
bootstrap() {
  local hooks=/usr/share/mmdebstrap/hooks/merged-usr
  mmdebstrap --quiet --variant=minbase --hook-dir="$hooks" \
    --include=usr-is-merged,python3-minimal,libpython3-stdlib,python3-venv,ca-certificates \
    --aptopt='APT::Install-Recommends "false"' \
    --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-include=/usr/share/doc/*/copyright' \
    --customize-hook='copy-in /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs' \
    --customize-hook='printf "[global]\ncert = /etc/ssl/certs/ca-certificates.crt\ndisable-pip-version-check = true\nno-cache-dir = true\n" > "$1/etc/pip.conf"' \
    --customize-hook='chroot "$1" sh -c "python3 -m venv --system-site-packages /usr/local/py && rm -f /usr/lib/python3*/EXTERNALLY-MANAGED; for b in python python3 pip pip3; do ln -sf ../py/bin/\$b /usr/local/bin/\$b; done"' \
    --customize-hook='rm -rf "$1"/usr/share/python-wheels "$1"/usr/lib/python3/dist-packages/__pycache__ "$1"/var/lib/apt/lists/* "$1"/var/cache/debconf/* "$1"/var/log/*' \
    bookworm "$archive" >"$log" 2>&1 || { tail -n 20 "$log" >&2; return 1; }
}

# Through a file, not a pipe: an image made of half an archive would look complete.
import() {
  docker import --change 'ENV PATH=/usr/local/py/bin:/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin' \
    --change 'ENV LANG=C.UTF-8' --change 'LABEL edgeway.image=base' --change 'CMD ["python3"]' "$archive" "$IMAGE" >&2
}

works() { # in a container: the right Python, with TLS and SQLite, and a pip that may install
  docker run --rm --network none "$IMAGE" python -c \
    "import ssl, sqlite3, pip, sys; assert sys.version_info[:2] == tuple(map(int, '$PYTHON'.split('.'))), sys.version" >&2
}

need docker "a Docker engine: tools/setup/docker.sh"
docker version >/dev/null 2>&1 || die "no Docker engine answers. Run tools/setup/docker.sh first."
if docker image inspect "$IMAGE" >/dev/null 2>&1; then echo "$IMAGE"; exit 0; fi
alone "$@"
if step "base image $IMAGE: pull" pull; then echo "$IMAGE"; exit 0; fi

say "$IMAGE cannot be pulled from here: it is built from Debian's archive, under the same name."
if ! command -v mmdebstrap >/dev/null; then
  if [ ! -f /etc/debian_version ] || [ "$(id -u)" != 0 ]; then
    die "'mmdebstrap' is missing. Install it (sudo apt-get install mmdebstrap), or load $IMAGE by hand: docker load."
  fi
  plan "mmdebstrap" "from Debian's archive (apt-get install, system-wide)"
  step "mmdebstrap: package lists" apt-get -qq update >&2
  step "mmdebstrap: install" env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install mmdebstrap >&2
fi
archive="$(mktemp "$EDGEWAY_CACHE/base-XXXXXX.tar")"
trap 'rm -f "$archive"' EXIT
step "base image $IMAGE: bootstrap" bootstrap
step "base image $IMAGE: import" import
step "base image $IMAGE: try" works || { docker rmi "$IMAGE" >&2; die "the image built for $IMAGE does not work (above); it was removed again."; }
echo "$IMAGE"
