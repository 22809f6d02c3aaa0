"""What ARM is asked for beside the path: conditions, filters, pages, versions, fields. Without a socket."""

from __future__ import annotations

import json
from typing import Any

import pytest

from standin.containerinstance.kinds import ContainerGroupKind
from standin.core.arm.fields import check_fields
from standin.core.arm.lists import filtered
from standin.core.arm.versions import type_of
from standin.core.errors import ServiceError
from tests.standin.asking import ARM, GROUP, Answering, Asked, of_arm

HUB = f"{GROUP}/providers/Microsoft.Devices/IotHubs/hub-x"
ACCOUNT = f"{GROUP}/providers/Microsoft.Storage/storageAccounts/stx"
VAULT = f"{GROUP}/providers/Microsoft.KeyVault/vaults/kv-x"
# an update that leaves the fallback route out turns it off
FALLBACK = {"name": "$fallback", "source": "DeviceMessages", "condition": "true", "endpointNames": ["events"]}
ROUTING = {"routing": {"fallbackRoute": {**FALLBACK, "isEnabled": True}}}
BODY = {"location": "westeurope", "sku": {"name": "S1", "capacity": 1}, "properties": ROUTING}


@pytest.fixture
def arm(answering: Answering) -> Answering:
    return answering


async def test_a_stale_etag_is_refused_and_the_right_one_is_not(arm: Answering) -> None:
    etag = json.loads(await arm.text(of_arm("GET", HUB)))["etag"]
    put = of_arm("PUT", HUB)
    for headers in ({"if-match": '"stale"'}, {"if-none-match": "*"}, {"if-none-match": etag}):
        assert await arm.send(put, headers=headers, body=BODY) == (412, "PreconditionFailed")
    assert await arm.send(put, body={**BODY, "etag": "stale"}) == (412, "PreconditionFailed")
    assert (await arm.send(put, headers={"if-match": f'"{etag}"'}, body={**BODY, "etag": etag}))[0] == 201
    assert await arm.send(put, headers={"if-match": etag}, body=BODY) == (412, "PreconditionFailed")
    assert await arm.send(of_arm("DELETE", HUB), headers={"if-match": etag}) == (412, "PreconditionFailed")


async def test_what_has_no_etag_or_is_not_there_fits_no_condition(arm: Answering) -> None:
    body = {"location": "westeurope", "kind": "StorageV2", "sku": {"name": "Standard_LRS"}}
    assert await arm.send(of_arm("PUT", ACCOUNT), headers={"if-match": "x"}, body=body) == (412, "PreconditionFailed")
    assert (await arm.send(of_arm("PUT", ACCOUNT), headers={"if-match": "*"}, body=body))[0] == 200
    other = of_arm("PUT", ACCOUNT + "2")
    assert await arm.send(other, headers={"if-match": "*"}, body=body) == (412, "PreconditionFailed")
    assert (await arm.send(other, headers={"if-none-match": "*"}, body=body))[0] == 200


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (ACCOUNT, {"properties": {"publicNetworkAccess": "Disabled"}}),
        (ACCOUNT, {"properties": {"networkAcls": {"defaultAction": "Deny"}}}),
        (ACCOUNT, {"properties": {"encryption": {"keySource": "Microsoft.Keyvault"}}}),
        (ACCOUNT, {"properties": {"customDomain": {"name": "x.example"}}}),
        (ACCOUNT, {"zones": ["1"]}),
        (VAULT, {"properties": {"enableRbacAuthorization": False}}),
        (VAULT, {"properties": {"networkAcls": {"ipRules": [{"value": "1.2.3.4"}]}}}),
        (HUB, {"properties": {"storageEndpoints": {"$default": {"connectionString": "x", "containerName": "c"}}}}),
        (HUB, {"properties": {"routing": {"fallbackRoute": {"condition": "false"}}}}),
        (GROUP, {"managedBy": "x"}),
    ],
)  # fmt: skip
async def test_a_field_that_azure_obeys_and_the_stand_in_does_not_is_refused(
    arm: Answering, path: str, body: dict[str, Any]
) -> None:
    assert await arm.send(of_arm("PATCH", path), body=body) == (400, "NotSupportedByStandIn")


def test_a_field_below_lists_is_refused_where_it_says_something() -> None:
    """And two lists deep, where nothing says anything, is not."""
    kind = ContainerGroupKind(groups=None)  # type: ignore[arg-type]
    variables: list[dict[str, Any]] = [{"name": "a", "value": "1"}, {"name": "b"}]
    container = {"name": "c", "properties": {"environmentVariables": variables}}
    body = {"location": "westeurope", "properties": {"containers": [container, {"name": "d", "properties": {}}]}}
    check_fields(kind, body, None)
    variables[1]["secureValueReference"] = "x"
    with pytest.raises(ServiceError, match="secureValueReference is 'x'"):
        check_fields(kind, body, None)


@pytest.mark.parametrize("path", [HUB, ACCOUNT, VAULT])
async def test_a_list_is_no_object_of_properties(arm: Answering, path: str) -> None:
    body = {"location": "westeurope", "properties": []}
    assert await arm.send(of_arm("PUT", path), body=body) == (400, "InvalidRequestContent")


@pytest.mark.parametrize(
    ("path", "properties"),
    [
        (HUB, {"routing": [{}]}),
        (HUB, {"routing": {"fallbackRoute": [FALLBACK]}}),
        (HUB, {"eventHubEndpoints": {"events": []}}),
        (HUB, {"ipFilterRules": {"ipMask": "10.0.0.0/8"}}),
        (ACCOUNT, {"encryption": {"services": {"blob": [{"enabled": True}]}}}),
        (ACCOUNT, {"accessTier": ["Hot"]}),
        (VAULT, {"sku": {"name": {"standard": {}}}}),
        (VAULT, {"accessPolicies": "none"}),
    ],
)
async def test_an_object_a_list_and_one_value_are_not_taken_for_each_other(
    arm: Answering, path: str, properties: dict[str, Any]
) -> None:
    for method in ("PUT", "PATCH"):
        body = {"location": "westeurope", "properties": properties}
        assert await arm.send(of_arm(method, path), body=body) == (400, "InvalidRequestContent")


async def test_a_null_in_a_patch_takes_away_what_is_there(arm: Answering) -> None:
    account = of_arm("PATCH", ACCOUNT)
    changed = {"properties": {"accessTier": "Cool"}, "tags": {"a": "b"}}
    assert json.loads(await arm.text(account, body=changed))["properties"]["accessTier"] == "Cool"
    default = json.loads(await arm.text(account, body={"properties": {"accessTier": None}, "tags": None}))
    assert (default["properties"]["accessTier"], default.get("tags", {})) == ("Hot", {})
    # what the type cannot do without
    assert await arm.send(of_arm("PATCH", VAULT), body={"properties": None}) == (400, "BadRequest")


@pytest.mark.parametrize("path", [HUB, ACCOUNT, VAULT, GROUP])
async def test_a_body_that_was_read_can_be_sent_back(arm: Answering, path: str) -> None:
    read = json.loads(await arm.text(of_arm("GET", path)))
    status, code = await arm.send(of_arm("PUT", path), body=read)
    assert status in (200, 201), code


@pytest.mark.parametrize(
    ("path", "version", "code"),
    [
        (VAULT, "2023-07-02", "NoRegisteredProviderFound"),
        (VAULT, "2024-11-01-preview", "NoRegisteredProviderFound"),
        (GROUP, "2021-04-02", "InvalidApiVersionParameter"),
        (f"{VAULT}/secrets/x", "2015-06-01", "NoRegisteredProviderFound"),
    ],
)
async def test_a_version_that_never_was_is_refused(arm: Answering, path: str, version: str, code: str) -> None:
    asked = Asked(method="GET", host=ARM, path=path, audience=f"https://{ARM}", query={"api-version": version})
    assert await arm.send(asked) == (400, code)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("resourceGroups/g/providers/Microsoft.KeyVault/vaults/v/secrets", "microsoft.keyvault/vaults/secrets"),
        ("resourceGroups/g/providers/Microsoft.Devices/IotHubs/h/listkeys", "microsoft.devices/iothubs"),
        ("providers/Microsoft.Storage/checkNameAvailability", "microsoft.storage/checknameavailability"),
        ("resourceGroups/g", "microsoft.resources/resourcegroups"),
        ("providers/Microsoft.KeyVault/register", "microsoft.resources/subscriptions"),
    ],
)  # fmt: skip
def test_a_version_is_held_against_the_type_that_a_path_is_about(path: str, expected: str) -> None:
    assert type_of(f"/subscriptions/s/{path}") == expected


async def test_lists_are_filtered_and_come_in_pages(arm: Answering) -> None:
    resources = of_arm("GET", f"{GROUP}/resources")
    kind = "resourceType eq 'Microsoft.Devices/IotHubs' and substringof('hub', name)"
    listed = json.loads(await arm.text(resources, query={"$filter": kind}))["value"]
    assert [one["name"] for one in listed] == ["hub-x"]
    page = json.loads(await arm.text(resources, query={"$top": "2"}))
    whole = json.loads(await arm.text(resources))["value"]
    assert (len(page["value"]), page["value"][0], len(whole) > 2) == (2, whole[0], True)
    assert "$top=2" in page["nextLink"]
    assert "$skiptoken=2" in page["nextLink"]
    following = json.loads(await arm.text(resources, query={"$top": "2", "$skiptoken": "2"}))
    assert following["value"] == whole[2:4]
    for query, code in (
        ({"$top": "none"}, "InvalidQueryParameterValue"),
        ({"$filter": "x"}, "InvalidFilterInQueryString"),
    ):
        assert await arm.send(resources, query=query) == (400, code)


async def test_a_list_is_expanded_by_what_is_asked_for(arm: Answering) -> None:
    resources = of_arm("GET", f"{GROUP}/resources")
    told = json.loads(await arm.text(resources, query={"$expand": "createdTime,provisioningState"}))["value"][0]
    assert ("createdTime" in told, "changedTime" in told, told["provisioningState"]) == (True, False, "Succeeded")
    assert await arm.send(resources, query={"$expand": "cost"}) == (400, "InvalidQueryParameterValue")


async def test_a_hub_as_the_azure_cli_describes_it_is_taken(arm: Answering) -> None:
    """Its file upload is described and says nothing."""
    storage = {"sasTtlAsIso8601": "PT1H", "connectionString": "", "containerName": ""}
    said = {"storageEndpoints": {"$default": storage}, "enableFileUploadNotifications": False}
    status, code = await arm.send(of_arm("PUT", HUB), body={**BODY, "properties": {**ROUTING, **said}})
    assert status == 201, code


NAMES = {"name": "name", "tagName": "", "tagValue": ""}
ITEMS: list[dict[str, Any]] = [{"name": "a"}, {"name": "b's", "tags": {"x": "1", "y": "2"}}]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (None, ["a", "b's"]),
        ("name eq 'A'", ["a"]),
        ("name ne 'a'", ["b's"]),
        ("name eq 'b''s'", ["b's"]),
        ("name eq 'a' or name eq 'b''s'", ["a", "b's"]),
        ("substringof('''s', name)", ["b's"]),
        ("tagName eq 'x' and tagValue eq '1'", ["b's"]),
        ("tagName eq 'x' and tagValue eq '2'", []),
    ],
)
def test_a_filter_chooses(text: str | None, found: list[str]) -> None:
    assert [one["name"] for one in filtered(ITEMS, text, NAMES)] == found


@pytest.mark.parametrize(
    "text",
    ["", "name", "name eq a", "name gt 'a'", "other eq 'a'", "name eq 'a' and", "name eq 'a') or (1 eq 1",
     "name eq 'a' and name eq 'b' or name eq 'c'", "not name eq 'a'"],
)  # fmt: skip
def test_a_filter_that_is_not_understood_is_refused(text: str) -> None:
    with pytest.raises(ServiceError, match="Invalid"):
        filtered(ITEMS, text, NAMES)
