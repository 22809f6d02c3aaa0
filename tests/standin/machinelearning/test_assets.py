"""Environments, data and codes: versions that do not change, and what is refused in which words."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from standin.core.arm import Resource
from tests.standin.asking import GROUP, Answering, Asked, of_arm
from tests.standin.machinelearning.online.asking import WORKSPACE, arm

IMAGE = "acr.azurecr.io/edgeway/training@sha256:" + "0" * 64
SERVING = {
    "livenessRoute": {"path": "/live", "port": 5001},
    "readinessRoute": {"path": "/ready", "port": 5001},
    "scoringRoute": {"path": "/score", "port": 5001},
}
SHORT = "azureml://datastores/workspaceblobstore/paths/LocalUpload/abc/data.csv"
CODE = "https://stx.blob.core.windows.net/c/src"


def environment(**properties: Any) -> dict[str, Any]:
    return {"properties": {"image": IMAGE, **properties}}


def data(**properties: Any) -> dict[str, Any]:
    return {"properties": {"dataType": "uri_file", "dataUri": SHORT, **properties}}


async def put(answering: Answering, below: str, body: object) -> tuple[int, dict[str, Any]]:
    return await arm(answering, "PUT", f"{WORKSPACE}/{below}", body)


async def refused(answering: Answering, below: str, body: object) -> tuple[int, str, str]:
    status, answer = await put(answering, below, body)
    return status, answer["error"]["code"], answer["error"]["message"]


async def names(answering: Answering, below: str, **query: str) -> list[str]:
    asked = of_arm("GET", f"{WORKSPACE}/{below}")
    status, text, _ = await answering.answered(asked, query={**asked.query, **query})
    assert status == 200, text
    return [one["name"] for one in json.loads(text)["value"]]


async def test_an_environment_is_registered_once_and_its_mark_may_change(answering: Answering) -> None:
    status, made = await put(answering, "environments/serving/versions/1", environment(inferenceConfig=SERVING))
    assert (status, made["properties"]["environmentType"], made["properties"]["osType"]) == (
        201,
        "UserCreated",
        "Linux",
    )
    assert await names(answering, "environments/serving/versions") == ["1"]
    _, container = await arm(answering, "GET", f"{WORKSPACE}/environments/serving")
    assert (container["properties"]["latestVersion"], container["properties"]["nextVersion"]) == ("1", "2")
    archived = {**made, "properties": {**made["properties"], "isArchived": True}}
    assert (await put(answering, "environments/serving/versions/1", archived))[0] == 200
    assert await names(answering, "environments/serving/versions") == []
    assert await names(answering, "environments/serving/versions", listViewType="All") == ["1"]


async def test_an_environment_without_a_name_of_its_own_is_registered_as_often_as_it_is_used(
    answering: Answering,
) -> None:
    below = "environments/CliV2AnonymousEnvironment/versions/0123456789abcdef0123456789abcdef"
    unnamed = environment(isAnonymous=True)
    answers = [await put(answering, below, unnamed) for _ in "12"]
    assert [status for status, _ in answers] == [201, 200]
    assert answers[1][1]["properties"]["isAnonymous"] is True


@pytest.mark.parametrize(
    "other", [environment(image="other:1", inferenceConfig=SERVING), environment(), environment(inferenceConfig={})]
)
async def test_an_environment_that_is_registered_is_not_changed(answering: Answering, other: dict[str, Any]) -> None:
    await put(answering, "environments/fixed/versions/6", environment(inferenceConfig=SERVING))
    told = await refused(answering, "environments/fixed/versions/6", other)
    words = "Environment fixed with version 6 is already registered and cannot be changed."
    assert told == (409, "UserError", words)


@pytest.mark.parametrize(
    ("name", "body", "code", "words"),
    [
        ("AzureML-mine", environment(), "UserError", "can not start with the prefix AzureML"),
        ("env", {"properties": {}}, "UserError", "needs the name of an image"),
        ("env", environment(condaFile="name: x"), "NotSupportedByStandIn", "condaFile"),
        ("env", environment(build={"contextUri": "https://x"}), "NotSupportedByStandIn", "build"),
        ("env", environment(inferenceConfig=[SERVING]), "InvalidRequestContent", "inferenceConfig"),
        ("env", environment(osType="Windows"), "NotSupportedByStandIn", "osType"),
        ("env", environment(inferenceConfig={"scoringRoute": {"path": "score", "port": 1}}), "UserError", "begin with"),
        ("env", environment(inferenceConfig={"scoringRoute": {"path": "/", "port": "5001"}}), "UserError", "'5001'"),
    ],
)
async def test_an_environment_that_cannot_be_is_refused(
    answering: Answering, name: str, body: dict[str, Any], code: str, words: str
) -> None:
    status, told, message = await refused(answering, f"environments/{name}/versions/1", body)
    assert (status, told) == (400, code)
    assert words in message


async def test_a_data_asset_is_answered_with_its_whole_path(answering: Answering) -> None:
    status, made = await put(answering, "data/readings/versions/1", data())
    uri = made["properties"]["dataUri"]
    assert (status, uri.endswith("/workspaces/x/datastores/workspaceblobstore/paths/LocalUpload/abc/data.csv")) == (
        201,
        True,
    )
    assert uri.startswith("azureml://subscriptions/")
    for same in (data(), data(dataUri=uri), data(tags={"sha256": "abc"})):
        assert (await put(answering, "data/readings/versions/1", same))[0] == 200
    _, container = await arm(answering, "GET", f"{WORKSPACE}/data/readings")
    assert (container["properties"]["dataType"], container["properties"]["nextVersion"]) == ("uri_file", "2")
    assert await names(answering, "data/readings/versions", **{"$tags": "sha256=abc"}) == ["1"]
    assert await names(answering, "data/readings/versions", **{"$tags": "sha256=other"}) == []
    other = data(dataUri=SHORT + "2")
    told = await refused(answering, "data/readings/versions/1", other)
    assert told == (400, "UserError", "Asset paths cannot be updated.")


@pytest.mark.parametrize(
    ("version", "body", "code", "words"),
    [
        ("1", data(dataType="mltable"), "NotSupportedByStandIn", "dataType"),
        ("1", data(dataUri="https://example.com/data.csv"), "UserError", "dataUri"),
        ("1", data(dataUri="azureml://datastores/x"), "UserError", "dataUri"),
        ("1", {"properties": {"dataUri": SHORT}}, "UserError", "dataType"),
        ("0" * 31, data(), "UserError", "Argument 'version' exceeded maximum length of 30"),
        ("2", data(dataType="uri_folder"), "UserError", "it must be uri_file"),
    ],
)
async def test_a_data_asset_that_cannot_be_is_refused(
    answering: Answering, version: str, body: dict[str, Any], code: str, words: str
) -> None:
    await put(answering, "data/files/versions/9", data())
    status, told, message = await refused(answering, f"data/files/versions/{version}", body)
    assert (status, told) == (400, code)
    assert words in message


@pytest.mark.parametrize("name", ["-a", "a.b", "a b", "ä", "a" * 256])
@pytest.mark.parametrize(
    ("kind", "body"), [("environments", environment()), ("data", data()), ("codes", {"properties": {"codeUri": CODE}})]
)
async def test_a_name_that_azure_has_not_is_refused(
    answering: Answering, kind: str, body: dict[str, Any], name: str
) -> None:
    for below in (f"{kind}/{name}/versions/1", f"{kind}/{name}"):
        sent = body if below.endswith("/1") else {"properties": {}}
        status, code, message = await refused(answering, below, sent)
        assert (status, code, "1 to 255 letters" in message) == (400, "UserError", True)


async def test_a_code_is_found_by_its_hash_under_any_name(answering: Answering) -> None:
    hashed = {"hash_sha256": "cafe", "hash_version": "202208"}
    status, made = await put(
        answering, "codes/first/versions/1", {"properties": {"codeUri": CODE, "properties": hashed}}
    )
    assert status == 201, made
    assert await names(answering, "codes/made-up/versions", hash="cafe", hashVersion="202208") == ["1"]
    assert await names(answering, "codes/made-up/versions", hash="cafe", hashVersion="1") == []
    assert await names(answering, "codes/made-up/versions", hash="f00d", hashVersion="202208") == []
    assert await names(answering, "codes/made-up/versions") == []
    told = await refused(answering, "codes/first/versions/1", {"properties": {"codeUri": CODE + "2"}})
    assert told == (400, "UserError", "Asset paths cannot be updated.")
    told = await refused(answering, "codes/x/versions/2", {"properties": {"codeUri": "src"}})
    assert (told[:2], "startPendingUpload" in told[2]) == ((400, "UserError"), True)


async def test_each_upload_has_a_place_of_its_own_that_its_signature_opens(answering: Answering) -> None:
    workspace = answering.base.arm.require(WORKSPACE)
    account = answering.base.arm.require(f"{GROUP}/providers/Microsoft.Storage/storageAccounts/stx")
    _lend(answering, workspace, account)
    url = f"{WORKSPACE}/codes/new/versions/1/startPendingUpload"
    asking = {"pendingUploadType": "TemporaryBlobReference"}
    first, second = [(await arm(answering, "POST", url, asking))[1] for _ in "12"]
    uris = [one["blobReferenceForConsumption"]["blobUri"] for one in (first, second)]
    assert uris[0] != uris[1]
    assert first["blobReferenceForConsumption"]["storageAccountArmId"] == account.id
    signed = urlsplit(first["blobReferenceForConsumption"]["credential"]["sasUri"])
    for path, code in ((signed.path, "BlobNotFound"), (urlsplit(uris[1]).path, "AuthenticationFailed")):
        query = dict(parse_qsl(signed.query))
        asked = Asked(method="GET", host=signed.netloc, path=f"{path}/src/train.py", audience="", query=query)
        assert (await answering.send(asked, headers={"authorization": ""}))[1] == code
    assert (await arm(answering, "POST", url, {"pendingUploadType": "None"}))[0] == 400


def _lend(answering: Answering, workspace: Resource, account: Resource) -> None:
    workspace.properties["storageAccount"] = account.id
    answering.base.arm.save(workspace)
