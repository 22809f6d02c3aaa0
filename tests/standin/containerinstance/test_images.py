from __future__ import annotations

import io
import struct
import tarfile

import pytest

from standin.containerinstance import pause
from standin.containerinstance.errors import InvalidImageRegistryIdentity
from standin.containerinstance.images import check_identities, server_of
from standin.containerinstance.spec import parse_group
from tests.standin.containerinstance.groups import body, container


@pytest.mark.parametrize(
    ("image", "server"),
    [
        ("python:3.11", "docker.io"),
        ("library/python", "docker.io"),
        ("127.0.0.1:20002/edgeway/anomaly@sha256:aa", "127.0.0.1:20002"),
        ("Reg.azurecr.io/x", "reg.azurecr.io"),
        ("localhost/x", "localhost"),
    ],
)
def test_the_registry_is_read_from_a_name_as_docker_reads_it(image: str, server: str) -> None:
    assert server_of(image) == server


def test_an_identity_that_pulls_must_be_the_group_s_own() -> None:
    own = {"type": "UserAssigned", "userAssignedIdentities": {"/subscriptions/S/ID": {}}}
    credentials = [{"server": "r.io", "identity": "/subscriptions/s/id"}]
    check_identities(parse_group("web", body(container(), identity=own, imageRegistryCredentials=credentials)))
    with pytest.raises(InvalidImageRegistryIdentity):
        check_identities(parse_group("web", body(container(), imageRegistryCredentials=credentials)))


def test_the_pause_program_is_an_elf_file_that_begins_at_its_code() -> None:
    program = pause.program()
    kind, machine, _, entry = struct.unpack_from("<HHIQ", program, 16)
    assert program[:5] == b"\x7fELF\x02"
    assert (kind, machine, entry) == (2, 62, 0x400078)
    assert program[0x78:] == bytes.fromhex("6a22580f05ebf9")


def test_archives_carry_mode_and_owner() -> None:
    packed = pause.archive({"key": b"k"}, mode=0o400, owner=10001)
    with tarfile.open(fileobj=io.BytesIO(packed)) as tar:
        (entry,) = tar.getmembers()
    assert (entry.name, entry.mode, entry.uid, entry.gid) == ("key", 0o400, 10001, 10001)
    assert pause.names_in(packed) == {"key"}
