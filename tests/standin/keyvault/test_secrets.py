"""Secrets at the vault's own surface. In one process, without a socket."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from tests.standin.asking import Answering, Asked

HOST = "kv-x.vault.azure.net"


@pytest.fixture
def vault(answering: Answering) -> Answering:
    return answering


def at(method: str, path: str) -> Asked:
    audience = "https://vault.azure.net"
    return Asked(method=method, host=HOST, path=path, audience=audience, query={"api-version": "7.4"})


async def call(vault: Answering, method: str, path: str, body: object = None, **query: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(await vault.text(at(method, path), body=body, query=query) or "{}")
    return found


async def test_a_secret_has_versions_each_with_its_own_words(vault: Answering) -> None:
    first = await call(vault, "PUT", "/secrets/a", {"value": "1", "contentType": "text/plain", "tags": {"t": "1"}})
    second = await call(vault, "PUT", "/secrets/a", {"value": "2", "attributes": {"exp": 2_000_000_000}})
    assert (await call(vault, "GET", "/secrets/a"))["value"] == "2"
    old = first["id"].rpartition("/")[2]
    read = await call(vault, "GET", f"/secrets/a/{old}")
    assert (read["value"], read["contentType"], read["tags"]) == ("1", "text/plain", {"t": "1"})
    assert "contentType" not in second
    changed = await call(vault, "PATCH", f"/secrets/a/{old}", {"attributes": {"enabled": False}})
    assert ("value" in changed, changed["attributes"]["enabled"]) == (False, False)
    assert await vault.send(at("GET", f"/secrets/a/{old}")) == (403, "Forbidden")
    assert (await call(vault, "GET", "/secrets/a"))["attributes"]["exp"] == 2_000_000_000
    listed = await call(vault, "GET", "/secrets/a/versions")
    assert [one["id"] for one in listed["value"]] == [first["id"], second["id"]]
    assert await vault.send(at("GET", "/secrets/a/none")) == (404, "SecretNotFound")


async def test_a_secret_is_deleted_listed_recovered_and_purged(vault: Answering) -> None:
    await call(vault, "PUT", "/secrets/gone", {"value": "1"})
    deleted = await call(vault, "DELETE", "/secrets/gone")
    assert deleted["recoveryId"] == f"https://{HOST}/deletedsecrets/gone"
    assert [one["id"] for one in (await call(vault, "GET", "/deletedsecrets"))["value"]] == [
        f"https://{HOST}/secrets/gone"
    ]
    assert (await vault.send(at("PUT", "/secrets/gone"), body={"value": "2"}))[0] == 409
    await call(vault, "POST", "/deletedsecrets/gone/recover")
    assert (await call(vault, "GET", "/secrets/gone"))["value"] == "1"
    await call(vault, "DELETE", "/secrets/gone")
    assert (await vault.send(at("DELETE", "/deletedsecrets/gone")))[0] == 204
    assert (await call(vault, "PUT", "/secrets/gone", {"value": "3"}))["value"] == "3"


async def test_a_backup_brings_all_versions_back(vault: Answering) -> None:
    for value in ("1", "2"):
        await call(vault, "PUT", "/secrets/kept", {"value": value})
    kept = await call(vault, "POST", "/secrets/kept/backup")
    assert (await vault.send(at("POST", "/secrets/restore"), body=kept))[0] == 409
    await call(vault, "DELETE", "/secrets/kept")
    await vault.send(at("DELETE", "/deletedsecrets/kept"))
    await call(vault, "POST", "/secrets/restore", kept)
    assert len((await call(vault, "GET", "/secrets/kept/versions"))["value"]) == 2
    assert (await call(vault, "GET", "/secrets/kept"))["value"] == "2"


async def test_only_what_a_vault_has_given_out_is_restored(vault: Answering) -> None:
    await call(vault, "PUT", "/secrets/sealed", {"value": "in no backup to be read"})
    kept = (await call(vault, "POST", "/secrets/sealed/backup"))["value"]
    opened = base64.urlsafe_b64decode(kept + "=" * (-len(kept) % 4))
    assert b"in no backup to be read" not in opened
    made = json.dumps({"name": "a/b", "body": 5, "private": None, "created": "x"}).encode()
    for data in (b"", b"x" * 12, made, opened[:-1], bytes([*opened[:-1], opened[-1] ^ 1])):
        value = base64.urlsafe_b64encode(data).decode()
        assert await vault.send(at("POST", "/secrets/restore"), body={"value": value}) == (400, "BadParameter")
    for other in ("\ud7ff", "é", 5, None, ["x"]):
        assert await vault.send(at("POST", "/secrets/restore"), body={"value": other}) == (400, "BadParameter")


async def test_lists_come_in_pages_of_as_many_as_asked_for(vault: Answering) -> None:
    for name in ("a", "b", "c"):
        await call(vault, "PUT", f"/secrets/{name}", {"value": "x"})
    page = await call(vault, "GET", "/secrets", maxresults="2")
    assert [one["id"].rpartition("/")[2] for one in page["value"]] == ["a", "b"]
    assert "maxresults=2" in page["nextLink"]
    rest = await call(vault, "GET", "/secrets", **{"maxresults": "2", "$skiptoken": "2"})
    assert [one["id"].rpartition("/")[2] for one in rest["value"]][:1] == ["c"]
    for asked in ("0", "26", "x"):
        assert await vault.send(at("GET", "/secrets"), query={"maxresults": asked}) == (400, "BadParameter")


@pytest.mark.parametrize(
    "body",
    [{}, {"value": 1}, {"value": "x", "tags": []}, {"value": "x", "attributes": {"exp": "soon"}},
     {"value": "x", "attributes": {"enabled": "yes"}}, {"value": "x" * 25_001}],
)  # fmt: skip
async def test_a_secret_that_azure_would_not_take_is_refused(vault: Answering, body: dict[str, Any]) -> None:
    assert await vault.send(at("PUT", "/secrets/a"), body=body) == (400, "BadParameter")


async def test_a_version_of_the_surface_that_never_was_is_refused(vault: Answering) -> None:
    asked = Asked(
        method="GET", host=HOST, path="/secrets", audience="https://vault.azure.net", query={"api-version": "7.9"}
    )
    assert await vault.send(asked) == (400, "BadParameter")
