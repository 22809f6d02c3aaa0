"""What Azure's services hand out of an account that takes no keys, and blobs that grow."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qsl

import pytest

from standin.blob import Blobs, Delegation
from standin.core.clock import Clock
from standin.core.store import Store
from tests.standin.asking import GROUP, Answering, Asked

HOST = "stx.blob.core.windows.net"
ACCOUNT = f"{GROUP}/providers/Microsoft.Storage/storageAccounts/stx"


@pytest.fixture
async def keyless(answering: Answering) -> Answering:
    """An account whose keys open nothing, with c/b and c/other in it."""
    (answering.base.state / "blob").mkdir(exist_ok=True)
    account = answering.base.arm.require(ACCOUNT)
    account.properties["allowSharedKeyAccess"] = False
    answering.base.arm.save(account)
    audience = "https://storage.azure.com"
    container = Asked(method="PUT", host=HOST, path="/c", audience=audience, query={"restype": "container"})
    assert (await answering.send(container))[0] in (201, 409)
    for name in ("b", "other"):
        put = Asked(method="PUT", host=HOST, path=f"/c/{name}", audience=audience)
        assert (await answering.send(put, headers={"x-ms-blob-type": "BlockBlob"}, body="x"))[0] == 201
    return answering


async def status(answering: Answering, path: str, query: str, **changed: str) -> tuple[int, str]:
    said = {**dict(parse_qsl(query)), **changed}
    asked = Asked(method="GET", host=HOST, path=path, audience="", query=said)
    return await answering.send(asked, headers={"authorization": ""})


async def test_a_signature_that_azure_hands_out_opens_one_blob_without_a_key(keyless: Answering) -> None:
    signed = Delegation(keyless.base.store, keyless.base.clock)
    query = signed.query("stx", "c/b", "r", timedelta(hours=1))
    assert (await status(keyless, "/c/b", query))[0] == 200
    assert await status(keyless, "/c/other", query) == (403, "AuthenticationFailed")
    assert await status(keyless, "/c/b", query, sp="rw") == (403, "AuthenticationFailed")
    assert await status(keyless, "/c/b", query, se="2999-01-01T00:00:00Z") == (403, "AuthenticationFailed")
    assert await status(keyless, "/c/b", query, sr="c") == (403, "AuthenticationFailed")


@pytest.mark.parametrize(
    ("permissions", "method", "path", "more"),
    [
        ("rcw", "PUT", "/c/b", {"x-ms-copy-source": f"https://{HOST}/c/other"}),
        ("r", "GET", "/c", {"comp": "list", "restype": "container"}),
        ("r", "GET", "/c", {"comp": "LIST", "restype": "container"}),
        ("r", "GET", "/c", {"restype": "container"}),
        ("w", "PUT", "/c", {"restype": "container", "comp": "metadata"}),
        ("racwdlt", "PUT", "/c", {"restype": "container"}),
        ("racwdlt", "DELETE", "/c", {"restype": "container"}),
        ("w", "PUT", "/c/other", {"comp": "TAGS"}),
        ("c", "PUT", "/c/other", {"comp": "properties"}),
    ],
)
async def test_a_signature_gives_nothing_but_what_it_says(
    keyless: Answering, permissions: str, method: str, path: str, more: dict[str, str]
) -> None:
    signed = Delegation(keyless.base.store, keyless.base.clock).query("stx", "c", permissions, timedelta(hours=1))
    headers = {name: value for name, value in more.items() if name.startswith("x-")}
    query = {**dict(parse_qsl(signed)), **{name: value for name, value in more.items() if name not in headers}}
    asked = Asked(method=method, host=HOST, path=path, audience="", query=query)
    answered = await keyless.send(asked, headers={"authorization": "", **headers})
    assert answered == (403, "AuthorizationPermissionMismatch")


async def test_who_may_create_overwrites_nothing(keyless: Answering) -> None:
    signed = Delegation(keyless.base.store, keyless.base.clock).query("stx", "c", "c", timedelta(hours=1))
    headers = {"authorization": "", "x-ms-blob-type": "BlockBlob"}
    for name, expected in (("new", 201), ("new", 403), ("other", 403)):
        asked = Asked(method="PUT", host=HOST, path=f"/c/{name}", audience="", query=dict(parse_qsl(signed)))
        assert (await keyless.send(asked, headers=headers, body="y"))[0] == expected


async def test_a_signature_of_a_container_opens_what_lies_in_it_until_its_end(keyless: Answering) -> None:
    signed = Delegation(keyless.base.store, keyless.base.clock)
    query = signed.query("stx", "c", "rl", timedelta(hours=1))
    assert (await status(keyless, "/c/other", query))[0] == 200
    over = signed.query("stx", "c", "rl", timedelta(seconds=-1))
    assert await status(keyless, "/c/other", over) == (403, "AuthenticationFailed")


async def test_a_blob_grows_at_the_size_that_was_committed(tmp_path: Path) -> None:
    blobs = Blobs(Store(tmp_path / "s.db"), Clock(), tmp_path / "blob")
    blobs.start()
    blobs.create_container("a", "c")
    received = await blobs.receive(_pieces(b"one\n"))
    blobs.put("a", "c", "log", received=received, content_type="text/plain", headers={}, metadata={}, tags={})
    with blobs.file_of(blobs.get("a", "c", "log")).open("ab") as file:
        file.write(b"of a process that was killed before it said so\n")
    grown = await blobs.append("a", "c", "log", b"two\n")
    assert (grown.size, blobs.file_of(grown).read_bytes()) == (8, b"one\ntwo\n")


async def _pieces(*pieces: bytes) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece
