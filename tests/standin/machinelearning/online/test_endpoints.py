"""Online endpoints: names, keys, what may change, and the door of one without deployments."""

from __future__ import annotations

from typing import Any

import pytest

from tests.standin.asking import Answering
from tests.standin.machinelearning.online.asking import WORKSPACE, arm, door, endpoint_body, path, why


async def made(answering: Answering, name: str, **properties: Any) -> dict[str, Any]:
    status, answer = await arm(answering, "PUT", path(name), endpoint_body(**properties))
    assert status == 201, answer
    return answer


async def keys_of(answering: Answering, name: str) -> dict[str, Any]:
    return (await arm(answering, "POST", path(name) + "/listKeys"))[1]


async def test_an_endpoint_is_answered_with_where_it_is_asked_and_without_its_keys(answering: Answering) -> None:
    answer = await made(answering, "ep-made", keys={"primaryKey": "given"})
    properties = answer["properties"]
    assert properties["scoringUri"] == "https://ep-made.westeurope.inference.ml.azure.com/score"
    assert properties["swaggerUri"] == "https://ep-made.westeurope.inference.ml.azure.com/swagger.json"
    assert (properties["provisioningState"], properties["traffic"], "keys" in properties) == ("Succeeded", {}, False)
    assert (answer["kind"], answer["identity"]["type"]) == ("Managed", "SystemAssigned")
    keys = await keys_of(answering, "ep-made")
    assert keys["primaryKey"] == "given"
    assert len(keys["secondaryKey"]) == 32


async def test_a_key_is_made_anew_or_set_and_the_other_one_stays(answering: Answering) -> None:
    await made(answering, "ep-keys")
    before = await keys_of(answering, "ep-keys")
    url = path("ep-keys") + "/regenerateKeys"
    assert (await arm(answering, "POST", url, {"keyType": "Secondary", "keyValue": before["secondaryKey"]}))[0] == 200
    after = await keys_of(answering, "ep-keys")
    assert after["primaryKey"] == before["primaryKey"]
    assert after["secondaryKey"] != before["secondaryKey"]
    assert (await arm(answering, "POST", url, {"keyType": "Primary", "keyValue": "mine"}))[0] == 200
    assert (await keys_of(answering, "ep-keys"))["primaryKey"] == "mine"
    status, refused = await arm(answering, "POST", url, {"keyType": "Third"})
    assert (status, why(refused)) == (
        400,
        "InferencingClientRegenerateKeysFailed: 'Third'; allowed: Primary, Secondary.",
    )


@pytest.mark.parametrize("name", ["ab", "1ep", "ep--x", "ep-", "e_p", "e" * 33])
async def test_a_name_that_azure_refuses_is_refused(answering: Answering, name: str) -> None:
    status, refused = await arm(answering, "PUT", path(name), endpoint_body())
    assert (status, "is not valid: 3 to 32 letters" in why(refused)) == (400, True)


async def test_a_name_is_one_endpoints_in_its_region(answering: Answering) -> None:
    await made(answering, "ep-taken")
    other = path("ep-taken").replace(WORKSPACE, WORKSPACE + "2")
    workspace = answering.base.arm.get(WORKSPACE)
    assert workspace is not None
    workspace.id += "2"
    answering.base.arm.save(workspace)
    status, refused = await arm(answering, "PUT", other, endpoint_body())
    assert (status, "already in use in region 'westeurope'" in why(refused)) == (400, True)
    assert (await arm(answering, "PUT", other, {**endpoint_body(), "location": "northeurope"}))[0] == 201
    answering.base.arm.forget(workspace)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"identity": {"type": "None"}}, "The identity of an endpoint cannot be changed"),
        ({"properties": {}}, "The AuthMode field is required"),
        ({"properties": {"authMode": "Key", "traffic": {"blue": 100}}}, "'blue' in the traffic does not exist"),
        ({"properties": {"authMode": "Key", "mirrorTraffic": {"blue": 5}}}, "'blue' in the traffic does not exist"),
    ],
)
async def test_what_azure_does_not_change_is_refused(answering: Answering, change: dict[str, Any], reason: str) -> None:
    name = "ep-fixed"
    await arm(answering, "PUT", path(name), endpoint_body(properties={"a": "b"}))
    status, refused = await arm(answering, "PUT", path(name), {**endpoint_body(), **change})
    assert status == 400
    assert why(refused).startswith("InferencingClientUpdateEndpointFailed")
    assert reason in why(refused)


@pytest.mark.parametrize("properties", [{"authMode": "AADToken"}, {"publicNetworkAccess": "Disabled"}])
async def test_what_is_not_built_is_refused(answering: Answering, properties: dict[str, Any]) -> None:
    status, refused = await arm(answering, "PUT", path("ep-odd"), endpoint_body(**properties))
    assert (status, refused["error"]["code"]) == (400, "NotSupportedByStandIn")


async def test_properties_are_added_to_and_never_altered(answering: Answering) -> None:
    """azure-ai-ml sends times in them with each update."""
    await made(answering, "ep-bag", properties={"a": "b"})
    status, answer = await arm(answering, "PUT", path("ep-bag"), endpoint_body(properties={"a": "c", "d": "e"}))
    assert (status, answer["properties"]["properties"]) == (200, {"a": "b", "d": "e"})


async def test_a_patch_changes_tags_and_nothing_else(answering: Answering) -> None:
    await made(answering, "ep-tags")
    status, patched = await arm(answering, "PATCH", path("ep-tags"), {"tags": {"a": "b"}})
    assert (status, patched["tags"]) == (200, {"a": "b"})
    status, refused = await arm(answering, "PATCH", path("ep-tags"), {"properties": {"description": "x"}})
    assert (status, refused["error"]["code"]) == (400, "InvalidRequestContent")


async def test_a_put_without_traffic_takes_it_away(answering: Answering) -> None:
    await made(answering, "ep-whole")
    endpoint = answering.base.arm.get(path("ep-whole"))
    assert endpoint is not None
    endpoint.properties["traffic"] = {"blue": 100}
    answering.base.arm.save(endpoint)
    assert (await arm(answering, "PATCH", path("ep-whole"), {"tags": {}}))[0] == 400, "blue is not there"
    status, answer = await arm(answering, "PUT", path("ep-whole"), endpoint_body())
    assert (status, answer["properties"]["traffic"]) == (200, {})


async def test_the_door_checks_the_key_then_looks_for_a_deployment(answering: Answering) -> None:
    await made(answering, "ep-door")
    keys = await keys_of(answering, "ep-door")
    for key in ("", "Basic x", "Bearer "):
        assert (await door(answering, "ep-door", key))[:2] == (401, "key_auth_bad_header_forbidden")
    assert (await door(answering, "ep-door", "Bearer wrong"))[:2] == (401, "key_auth_access_denied")
    for key in keys.values():
        status, text, _ = await door(answering, "ep-door", f"Bearer {key}")
        assert (status, text) == (404, "The endpoint doesn't have any valid deployment with positive weight.")
    chosen = await door(answering, "ep-door", f"Bearer {keys['primaryKey']}", azureml_model_deployment="blue")
    assert chosen[:2] == (404, "Specified deployment could not be found")
    await arm(answering, "DELETE", path("ep-door"))
    assert (await door(answering, "ep-door", f"Bearer {keys['primaryKey']}"))[0] == 404
