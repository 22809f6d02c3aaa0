"""The package lists, signed. https://wiki.debian.org/DebianRepository/Format"""

from __future__ import annotations

import gzip
import hashlib
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import cache

from standin.machines.packages import contents, deb
from standin.machines.packages.openpgp import SigningKey


class Repository:
    """packages.microsoft.com/ubuntu/<release>/prod, and its key."""

    def __init__(self, key: SigningKey) -> None:
        self._key = key

    def file(self, path: str) -> bytes | None:
        """None for what is not there. The same lists stand under every codename: a machine here may be a Debian."""
        if path == "/keys/microsoft.asc":
            return self._key.public().encode()
        match path.strip("/").split("/"):
            case ["ubuntu", release, "prod", "pool", name] if release in contents.CODENAMES:
                return _built(release).get(name)
            case ["ubuntu", release, "prod", "dists", codename, *rest] if release in contents.CODENAMES:
                return self._listed(release, codename, "/".join(rest))
        return None

    def _listed(self, release: str, codename: str, name: str) -> bytes | None:
        lists = _lists(release)
        if name == "InRelease":
            now = datetime.now(UTC)
            return self._key.clear_signed(_release(codename, lists, now), int(now.timestamp())).encode()
        return lists.get(name)


@cache
def _built(release: str) -> dict[str, bytes]:
    """File name -> package; as long as the process lives."""
    return {package.file_name: deb.built(package) for package in contents.packages(release)}


@cache
def _lists(release: str) -> dict[str, bytes]:
    built = _built(release)
    stanzas = (deb.stanza(one, f"pool/{one.file_name}", built[one.file_name]) for one in contents.packages(release))
    packages = "".join(stanzas).encode()
    return {
        "main/binary-amd64/Packages": packages,
        "main/binary-amd64/Packages.gz": gzip.compress(packages, mtime=0),
    }


def _release(codename: str, lists: dict[str, bytes], now: datetime) -> str:
    lines = [
        "Origin: microsoft-ubuntu-prod apt repository",
        f"Suite: {codename}",
        f"Codename: {codename}",
        f"Date: {format_datetime(now, usegmt=True)}",
        "Architectures: amd64",
        "Components: main",
        "SHA256:",
        *(f" {hashlib.sha256(content).hexdigest()} {len(content)} {name}" for name, content in lists.items()),
    ]
    return "\n".join(lines) + "\n"
