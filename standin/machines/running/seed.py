"""What is put into a machine before it boots: the seed for cloud-init, its hostname's owner, the stand-in's CA.

https://cloudinit.readthedocs.io/en/22.4.2/topics/datasources/nocloud.html
"""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Mapping

from standin.machines.spec import MachineSpec

_SEED = "var/lib/cloud/seed/nocloud"
_BUNDLE, _OWN_CA = "etc/ssl/certs/ca-certificates.crt", "usr/local/share/ca-certificates/azure-standin.crt"

# Rules are kept and found again, and do nothing: the machine's modules run beside it, not in it, and a container
# without privileges has no firewall of its own to set.
_IPTABLES = """#!/bin/sh
kept=/run/iptables.rules
touch "$kept"
case "$1" in
  -C) shift; grep -qxF -- "$*" "$kept" ;;
  -I | -A) shift; echo "$*" >> "$kept" ;;
  -D) shift; grep -vxF -- "$*" "$kept" > "$kept.new"; mv "$kept.new" "$kept" ;;
  -S | -L) cat "$kept" ;;
  *) echo "iptables $1 is not built here" >&2; exit 2 ;;
esac
"""


def files(spec: MachineSpec, ca: bytes) -> dict[str, tuple[bytes, int]]:
    """Path from the root -> (content, mode), all of root's."""
    meta = {"instance-id": spec.vm_id, "local-hostname": spec.hostname, "public-keys": list(spec.ssh_keys)}
    user = {"name": spec.admin, "lock_passwd": True, "shell": "/bin/bash", "groups": ["sudo"]}
    ours = {"system_info": {"default_user": user}, "ssh_deletekeys": False, "ssh_genkeytypes": []}
    return {
        f"{_SEED}/meta-data": (json.dumps(meta).encode(), 0o600),
        f"{_SEED}/user-data": (spec.user_data or b"#cloud-config\n{}\n", 0o600),
        "etc/cloud/cloud.cfg.d/99-standin.cfg": (json.dumps(ours).encode(), 0o644),
        _BUNDLE: (ca, 0o644),
        _OWN_CA: (ca, 0o644),
        "usr/local/sbin/iptables": (_IPTABLES.encode(), 0o755),
    }


def archive(files: Mapping[str, tuple[bytes, int]]) -> bytes:
    """A tar with the folders that the files need."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for folder in sorted({parent for path in files for parent in _parents(path)}):
            entry = tarfile.TarInfo(folder)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o755
            tar.addfile(entry)
        for path, (content, mode) in files.items():
            entry = tarfile.TarInfo(path)
            entry.size, entry.mode = len(content), mode
            tar.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def _parents(path: str) -> list[str]:
    parts = path.split("/")[:-1]
    return ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]
