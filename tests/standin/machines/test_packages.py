"""packages.microsoft.com: what apt and dpkg want of it, judged by gpgv where Debian's tools are."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import re
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest

from edge.machine.pins import EDGE_VERSION, MOBY_VERSIONS
from standin.machines.packages.contents import packages
from standin.machines.packages.deb import built
from standin.machines.packages.openpgp import SigningKey
from standin.machines.packages.repository import Repository

PROD = "/ubuntu/24.04/prod"


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> SigningKey:
    return SigningKey(tmp_path_factory.mktemp("key") / "packages.key")


@pytest.fixture(scope="module")
def repository(key: SigningKey) -> Repository:
    return Repository(key)


def listed(repository: Repository, path: str) -> bytes:
    found = repository.file(path)
    assert found is not None, path
    return found


def test_the_lists_hold_what_they_say_in_the_digests_that_they_say(repository: Repository) -> None:
    release = listed(repository, f"{PROD}/dists/noble/InRelease").decode()
    for digest, size, name in re.findall(r"^ ([0-9a-f]{64}) (\d+) (\S+)$", release, re.MULTILINE):
        content = listed(repository, f"{PROD}/dists/noble/{name}")
        assert (len(content), hashlib.sha256(content).hexdigest()) == (int(size), digest)
    lists = listed(repository, f"{PROD}/dists/noble/main/binary-amd64/Packages").decode()
    assert gzip.decompress(listed(repository, f"{PROD}/dists/noble/main/binary-amd64/Packages.gz")).decode() == lists
    for name, digest in re.findall(r"^Filename: (\S+)$.*?^SHA256: (\S+)$", lists, re.MULTILINE | re.DOTALL):
        assert hashlib.sha256(listed(repository, f"{PROD}/{name}")).hexdigest() == digest


def test_the_versions_that_the_program_pins_are_there(repository: Repository) -> None:
    for release, version in MOBY_VERSIONS.items():
        there = {package.name: package.version for package in packages(release)}
        assert there == {
            "moby-engine": version,
            "moby-cli": version,
            "aziot-identity-service": EDGE_VERSION,
            "aziot-edge": EDGE_VERSION,
        }


def test_lists_are_under_every_codename_and_nothing_else_is_there(repository: Repository) -> None:
    assert b"Codename: bookworm" in listed(repository, f"{PROD}/dists/bookworm/InRelease")
    for path in ("/ubuntu/20.04/prod/dists/focal/InRelease", f"{PROD}/pool/nginx.deb", "/", "/../key"):
        assert repository.file(path) is None


@pytest.mark.skipif(not shutil.which("gpgv"), reason="Debian's own judge of signatures is not on this machine")
def test_apts_judge_takes_the_signature_and_refuses_what_was_changed_after_it(
    repository: Repository, key: SigningKey, tmp_path: Path
) -> None:
    armoured = listed(repository, "/keys/microsoft.asc").decode().splitlines()
    ring, lists = tmp_path / "ring.gpg", tmp_path / "InRelease"
    body = "".join(line for line in armoured[2:-1] if not line.startswith("="))
    ring.write_bytes(base64.b64decode(body))
    lists.write_bytes(listed(repository, f"{PROD}/dists/noble/InRelease"))

    def judged() -> tuple[int, str]:
        done = subprocess.run(["gpgv", "--keyring", str(ring), str(lists)], capture_output=True, text=True, check=False)
        return done.returncode, done.stderr

    code, said = judged()
    assert code == 0 and key.fingerprint in said.replace(" ", "")
    lists.write_text(lists.read_text().replace("main", "evil"))
    assert judged()[0] != 0


def test_a_package_is_three_members_with_files_scripts_and_conffiles_in_them() -> None:
    edge = next(package for package in packages("24.04") if package.name == "aziot-edge")
    archive = built(edge)
    assert archive == built(edge)
    members = re.findall(rb"(\S+) +0 +0 +0 +100644 +\d+ +`\n", archive)
    assert archive.startswith(b"!<arch>\n") and members == [b"debian-binary", b"control.tar.gz", b"data.tar.gz"]
    control = archive.index(b"\x1f\x8b")
    with tarfile.open(fileobj=io.BytesIO(archive[control:]), mode="r:gz") as tar:
        assert {"./control", "./conffiles", "./preinst", "./postinst"} <= set(tar.getnames())
    assert "/etc/aziot/config.toml.edge.template" in edge.conffiles


def test_the_key_is_the_same_in_the_next_life_and_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "machines" / "packages.key"
    assert SigningKey(path).fingerprint == SigningKey(path).fingerprint
    assert path.stat().st_mode & 0o077 == 0
