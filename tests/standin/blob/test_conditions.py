"""What is asked of blobs beside their names: conditions, hashes, tags, metadata. In one process, without a socket."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest

from tests.standin.asking import Answering, Asked

HOST = "stx.blob.core.windows.net"
PUT = {"x-ms-blob-type": "BlockBlob"}
PAST, FUTURE = "Mon, 01 Jan 2001 00:00:00 GMT", "Fri, 01 Jan 2100 00:00:00 GMT"


@pytest.fixture
async def storage(answering: Answering) -> Answering:
    (answering.base.state / "blob").mkdir(exist_ok=True)
    container = at("PUT", "/c", restype="container")
    assert (await answering.send(container, headers={"x-ms-meta-a": "1"}))[0] in (201, 409)
    assert (await answering.send(at("PUT", "/c/b"), headers=PUT, body="x"))[0] == 201
    return answering


def at(method: str, path: str, **query: str) -> Asked:
    return Asked(method=method, host=HOST, path=path, audience="https://storage.azure.com", query=query)


async def headers_of(storage: Answering, asked: Asked) -> Mapping[str, str]:
    return (await storage.answered(asked))[2]


@pytest.mark.parametrize(
    ("headers", "read", "written"),
    [
        ({"if-match": '"other"'}, 412, 412),
        ({"if-match": "*"}, 200, 201),
        ({"if-none-match": '"other"'}, 200, 201),
        ({"if-none-match": "*"}, 304, 409),
        ({"if-modified-since": FUTURE}, 304, 412),
        ({"if-modified-since": PAST}, 200, 201),
        ({"if-unmodified-since": FUTURE}, 200, 201),
        ({"if-unmodified-since": PAST}, 412, 412),
    ],
)
async def test_conditions_of_a_read_and_of_a_write_are_kept(
    storage: Answering, headers: dict[str, str], read: int, written: int
) -> None:
    assert (await storage.send(at("GET", "/c/b"), headers=headers))[0] == read
    assert (await storage.send(at("PUT", "/c/b"), headers={**PUT, **headers}, body="x"))[0] == written


async def test_a_date_that_is_none_is_refused(storage: Answering) -> None:
    answer = await storage.send(at("GET", "/c/b"), headers={"if-modified-since": "soon"})
    assert answer == (400, "InvalidHeaderValue")


async def test_a_hash_that_does_not_fit_is_refused_and_one_that_fits_is_answered(storage: Answering) -> None:
    wrong = {**PUT, "content-md5": "AAAAAAAAAAAAAAAAAAAAAA=="}
    assert await storage.send(at("PUT", "/c/b"), headers=wrong, body="y") == (400, "Md5Mismatch")
    found = (await headers_of(storage, at("HEAD", "/c/b")))["content-md5"]
    assert (await storage.send(at("PUT", "/c/b"), headers={**PUT, "content-md5": found}, body="x"))[0] == 201
    blocks = {"content-md5": wrong["content-md5"]}
    listed = await storage.send(at("PUT", "/c/b", comp="blocklist"), headers=blocks, body="<BlockList></BlockList>")
    assert listed == (400, "Md5Mismatch")


async def test_metadata_of_containers_and_blobs_is_kept(storage: Answering) -> None:
    container, described = at("HEAD", "/m", restype="container"), at("PUT", "/m", restype="container", comp="metadata")
    assert (await storage.send(at("PUT", "/m", restype="container"), headers={"x-ms-meta-a": "1"}))[0] == 201
    assert (await headers_of(storage, container))["x-ms-meta-a"] == "1"
    await storage.send(described, headers={"x-ms-meta-b": "2"})
    told = await headers_of(storage, container)
    assert ("x-ms-meta-a" in told, told["x-ms-meta-b"]) == (False, "2")
    await storage.send(at("PUT", "/c/b", comp="metadata"), headers={"x-ms-meta-c": "3"})
    assert (await headers_of(storage, at("GET", "/c/b", comp="metadata")))["x-ms-meta-c"] == "3"


@pytest.mark.parametrize("name", ["A", "a b", "a_b", "-a", "a-", "a--b", "c" * 64, "\x01", "é", "$other"])
async def test_a_container_has_a_name_that_azure_takes(storage: Answering, name: str) -> None:
    answer = await storage.send(at("PUT", f"/{name}", restype="container"))
    assert answer == (400, "InvalidResourceName")


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"x-ms-meta-1a": "x"}, "InvalidMetadata"),
        ({"x-ms-meta-a!b": "x"}, "InvalidMetadata"),
        ({"x-ms-meta-": "x"}, "InvalidMetadata"),
        ({"x-ms-tags": "a%01=b"}, "InvalidTag"),
        ({"x-ms-tags": "a=%F0%9F%98%80"}, "InvalidTag"),
    ],
)
async def test_a_list_could_not_hold_these_names(storage: Answering, headers: dict[str, str], code: str) -> None:
    assert await storage.send(at("PUT", "/c/named"), headers={**PUT, **headers}, body="x") == (400, code)


async def test_metadata_come_back_as_they_came_and_make_no_line_of_their_own(storage: Answering) -> None:
    for value in ("b%0d%0ax-evil: 1", "%F0%9F%98%80", "é"):
        await storage.send(at("PUT", "/c/b", comp="metadata"), headers={"x-ms-meta-a": value})
        headers = await headers_of(storage, at("HEAD", "/c/b"))
        assert headers["x-ms-meta-a"] == value


@pytest.mark.parametrize("name", ["a\x01b", "a\nb", "a\uffff", "a&<b>", "😀"])
async def test_a_list_holds_every_name_that_a_blob_may_have(storage: Answering, name: str) -> None:
    assert (await storage.send(at("PUT", f"/c/{name}"), headers=PUT, body="x"))[0] == 201
    for more in ({}, {"delimiter": name[-1]}):
        listed = ElementTree.fromstring(await storage.text(at("GET", "/c", restype="container", comp="list", **more)))
        found = [unquote(one.text or "") if "Encoded" in one.attrib else one.text for one in listed.iter("Name")]
        assert name in found
    assert await storage.send(at("PUT", f"/c/{'x' * 1025}"), headers=PUT, body="x") == (400, "InvalidResourceName")


async def test_tags_are_set_listed_and_no_part_of_the_blob(storage: Answering) -> None:
    before = (await headers_of(storage, at("HEAD", "/c/b")))["etag"]
    await storage.send(at("PUT", "/c/t"), headers={**PUT, "x-ms-tags": "a=1&b=%20"}, body="x")
    assert "<Key>a</Key><Value>1</Value>" in await storage.text(at("GET", "/c/t", comp="tags"))
    tags = b"<Tags><TagSet><Tag><Key>k</Key><Value>v</Value></Tag></TagSet></Tags>"
    assert (await storage.send(at("PUT", "/c/b", comp="tags"), body=tags))[0] == 204
    assert "<Key>k</Key>" in await storage.text(at("GET", "/c", restype="container", comp="list", include="tags"))
    assert (await headers_of(storage, at("HEAD", "/c/b")))["etag"] == before


@pytest.mark.parametrize(
    ("asked", "headers", "code"),
    [
        (at("PUT", "/c/b", comp="lease"), {"x-ms-lease-action": "acquire"}, "InvalidQueryParameterValue"),
        (at("PUT", "/c/b", comp="snapshot"), {}, "InvalidQueryParameterValue"),
        (at("PUT", "/c/b", comp="tier"), {}, "InvalidQueryParameterValue"),
        (at("POST", "/", comp="batch"), {}, "InvalidQueryParameterValue"),
        (at("GET", "/c/b", snapshot="x"), {}, "UnsupportedQueryParameter"),
        (at("GET", "/c/b", rscd="attachment"), {}, "UnsupportedQueryParameter"),
        (at("GET", "/c/b"), {"x-ms-range-get-content-md5": "true"}, "UnsupportedHeader"),
        (at("GET", "/c/b"), {"x-ms-version": "2025-01-01"}, "InvalidHeaderValue"),
        (at("PUT", "/c/b"), {**PUT, "x-ms-access-tier": "Cool"}, "InvalidHeaderValue"),
        (at("PUT", "/c/b"), {**PUT, "x-ms-encryption-key": "x"}, "UnsupportedHeader"),
        (at("PUT", "/c/b"), {"x-ms-blob-type": "PageBlob"}, "InvalidHeaderValue"),
        (at("DELETE", "/c/b"), {"x-ms-delete-snapshots": "only"}, "InvalidHeaderValue"),
        (at("PUT", "/c/b"), {"x-ms-copy-source": "https://other.example/c/b"}, "InvalidHeaderValue"),
        (at("PUT", "/d", restype="container"), {"x-ms-blob-public-access": "blob"}, "UnsupportedHeader"),
        (at("GET", "/c", restype="container", comp="list", include="copy"), {}, "InvalidQueryParameterValue"),
        (at("GET", "/c", restype="container", comp="list", maxresults="0"), {}, "InvalidQueryParameterValue"),
        (at("GET", "/c", restype="container", comp="acl"), {}, "InvalidQueryParameterValue"),
    ],
)  # fmt: skip
async def test_what_is_not_built_is_refused_in_storages_words(
    storage: Answering, asked: Asked, headers: dict[str, str], code: str
) -> None:
    assert await storage.send(asked, headers=headers) == (400, code)
