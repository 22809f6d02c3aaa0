"""Names as a machine gets them: those that the stand-in serves, and no others."""

from __future__ import annotations

import struct

import pytest

from standin.machines.guest.fabric import CLOUD, answered

NAMES = (".vault.azure.net", "packages.microsoft.com")
_A, _AAAA = 1, 28


def query(name: str, kind: int = _A) -> bytes:
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    return b"\x12\x34\x01\x00\x00\x01" + bytes(6) + labels + b"\x00" + struct.pack("!HH", kind, 1)


@pytest.mark.parametrize("name", ["kv-x.vault.azure.net", "KV-X.Vault.Azure.Net", "packages.microsoft.com"])
def test_what_the_stand_in_serves_is_at_one_address(name: str) -> None:
    asked = query(name)
    answer = answered(asked, NAMES)
    assert answer[:2] == asked[:2] and answer[3] & 0x0F == 0
    assert struct.unpack_from("!HH", answer, 4) == (1, 1)
    assert answer[-4:] == bytes(int(part) for part in CLOUD.split("."))


def test_a_known_name_has_no_ipv6_and_is_still_known() -> None:
    answer = answered(query("kv-x.vault.azure.net", _AAAA), NAMES)
    assert answer[3] & 0x0F == 0 and struct.unpack_from("!H", answer, 6) == (0,)


@pytest.mark.parametrize("name", ["deb.debian.org", "vault.azure.net", "evil-packages.microsoft.com"])
def test_everything_else_is_not_found(name: str) -> None:
    assert answered(query(name), NAMES)[3] & 0x0F == 3


@pytest.mark.parametrize("datagram", [b"", b"\x00" * 12, query("a.b")[:-3], b"\x12\x34" + b"\xff" * 40])
def test_what_is_no_question_gets_no_answer_and_ends_nothing(datagram: bytes) -> None:
    assert answered(datagram, NAMES) == b""
