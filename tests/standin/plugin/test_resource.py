from __future__ import annotations

import pytest

from pluginbase.diff import Change
from pluginbase.resource import UNKNOWN, Gone, PartialFailure, ProviderError
from tests.standin.plugin.conftest import TinyAccount, operation, resource
from tests.standin.plugin.lifecycle import CONTAINERS, HUB, HUB_ID, checked, create
from tests.standin.plugin.sample_ids import GROUP, KEY
from tests.standin.plugin.tiny_arm import TinyArm
from tests.standin.plugin.typed import arguments

# -- without a request


def test_a_check_makes_no_request(account: TinyAccount, azure: TinyArm) -> None:
    assert checked(account, HUB)["azureApiVersion"] == "2023-06-30"
    assert azure.requests == []


def test_a_missing_name_is_refused(account: TinyAccount) -> None:
    _, failures = resource(account, HUB).check(operation(HUB), {}, {**arguments()[HUB], "resourceName": None})

    assert [tuple(failure) for failure in failures] == [
        ("resourceName", "is missing: here every resource is named by the program")
    ]


def test_a_pinned_version_is_taken_from_the_token(account: TinyAccount, azure: TinyArm) -> None:
    pinned = operation("containerinstance/v20250901:ContainerGroup")
    inputs, _ = resource(account, CONTAINERS).check(pinned, {}, arguments()[CONTAINERS])
    assert inputs["azureApiVersion"] == "2025-09-01"

    resource(account, CONTAINERS).create(pinned, inputs)

    assert {version for _, _, version in azure.requests} == {"2025-09-01"}


def test_a_preview_version_is_spelt_as_azure_spells_it(account: TinyAccount) -> None:
    token = "containerregistry/v20230101preview:Registry"
    inputs, _ = resource(account, "containerregistry:Registry").check(operation(token), {}, {})

    assert inputs["azureApiVersion"] == "2023-01-01-preview"


def test_a_location_is_that_of_the_group_where_none_is_given(account: TinyAccount, azure: TinyArm) -> None:
    azure.resources[GROUP] = {"location": "northeurope"}

    assert checked(account, HUB, location=None)["location"] == "northeurope"
    assert checked(account, HUB, location=None, resourceGroupName=UNKNOWN)["location"] is UNKNOWN


def test_names_and_location_replace_and_spelling_does_not_matter(account: TinyAccount) -> None:
    olds = checked(account, HUB)
    news = {**olds, "location": "West Europe", "resourceName": "other", "tags": {"a": "b"}, "etag": None}

    assert resource(account, HUB).diff(operation(HUB), HUB_ID, olds, news, {}) == [
        Change(("resourceName",), "update", True),
        Change(("tags",), "add", False),
    ]


def test_the_preview_of_a_creation_knows_inputs_only(account: TinyAccount) -> None:
    outputs = resource(account, HUB).preview_outputs(operation(HUB, preview=True), checked(account, HUB))

    assert outputs["name"] is UNKNOWN
    assert outputs["properties"]["hostName"] is UNKNOWN
    assert outputs["azureApiVersion"] == "2023-06-30"
    assert "resourceName" not in outputs


def test_the_preview_of_an_update_knows_name_and_location(account: TinyAccount) -> None:
    inputs = checked(account, HUB)
    state = {"name": "iot", "location": "westeurope", "etag": "1"}

    outputs = resource(account, HUB).preview_update(operation(HUB, preview=True), HUB_ID, inputs, inputs, state)

    assert (outputs["name"], outputs["location"], outputs["etag"]) == ("iot", "westeurope", UNKNOWN)


# -- creation


def test_a_creation_looks_first_puts_and_reads_back(account: TinyAccount, azure: TinyArm) -> None:
    id, outputs = create(account)

    assert id == HUB_ID
    assert [method for method, _, _ in azure.requests] == ["GET", "PUT", "GET"]
    assert azure.resources[HUB_ID]["sku"] == {"name": "S1", "capacity": 1}
    assert outputs["name"] == "iot"
    assert outputs["properties"]["provisioningState"] == "Succeeded"
    assert outputs["azureApiVersion"] == "2023-06-30"


def test_what_exists_is_not_created(account: TinyAccount, azure: TinyArm) -> None:
    create(account)

    with pytest.raises(ProviderError, match=f"^cannot create already existing resource '{HUB_ID}'$"):
        create(account)


def test_a_put_whose_answer_was_lost_is_repeated_and_no_conflict(account: TinyAccount, azure: TinyArm) -> None:
    azure.hang_up_after_put()

    id, outputs = create(account)

    assert (id, outputs["name"]) == (HUB_ID, "iot")
    assert [method for method, _, _ in azure.requests] == ["GET", "PUT", "PUT", "GET"]


def test_throttling_and_a_busy_service_are_waited_out(account: TinyAccount, azure: TinyArm) -> None:
    azure.next("PUT", 429, {"error": {"code": "TooManyRequests"}}, retry_after_ms="10")
    azure.next("PUT", 503, None)

    assert create(account)[0] == HUB_ID


def test_a_refusal_is_worded_as_azure_native_words_it(account: TinyAccount, azure: TinyArm) -> None:
    azure.next(
        "PUT", 400, {"error": {"code": "InvalidSku", "message": "S9 is none.", "details": [{"message": "Use S1."}]}}
    )

    with pytest.raises(ProviderError) as caught:
        create(account)
    assert str(caught.value) == 'Status=400 Code="InvalidSku" Message="S9 is none.; Use S1."'


def test_a_refusal_without_a_wrapper_is_read_too(account: TinyAccount, azure: TinyArm) -> None:
    azure.next("PUT", 409, {"Code": 409002, "Message": "taken"})

    with pytest.raises(ProviderError, match='Status=409 Code="409002" Message="taken"'):
        create(account)


def test_a_refusal_that_is_no_json_is_shown(account: TinyAccount, azure: TinyArm) -> None:
    azure.next("PUT", 403, "no")

    with pytest.raises(ProviderError, match="Status=403"):
        create(account)


# -- long-running operations


def test_an_operation_with_a_status_of_its_own_is_awaited(account: TinyAccount, azure: TinyArm) -> None:
    azure.after_put(201, Azure_AsyncOperation="{endpoint}/operations/1", Retry_After="0")
    azure.next("GET", 404)
    azure.next("GET", 200, {"status": "InProgress"}, retry_after_ms="10")
    azure.next("GET", 200, {"status": "Succeeded"})

    create(account)

    assert [path for _, path, _ in azure.requests] == [HUB_ID, HUB_ID, "/operations/1", "/operations/1", HUB_ID]


def test_an_operation_with_a_location_is_awaited(account: TinyAccount, azure: TinyArm) -> None:
    azure.after_put(202, Location="{endpoint}/results/1")
    azure.next("GET", 404)
    azure.next("GET", 202, None, Location="{endpoint}/results/2", retry_after_ms="10")
    azure.next("GET", 200, {})

    create(account)

    assert [path for _, path, _ in azure.requests][2:] == ["/results/1", "/results/2", HUB_ID]


def test_a_resource_that_tells_its_own_state_is_awaited(account: TinyAccount, azure: TinyArm) -> None:
    azure.next("PUT", 201, {"properties": {"provisioningState": "Creating"}}, x_ms_retry_after_ms="10")
    azure.next("GET", 404)
    azure.next("GET", 200, {"properties": {"provisioningState": "Pending"}}, retry_after_ms="10")
    azure.next("GET", 200, {"properties": {"provisioningState": "Succeeded"}})
    azure.resources[HUB_ID] = {"name": "iot"}

    assert create(account)[1]["name"] == "iot"


def test_an_operation_that_fails_leaves_what_was_made_in_the_state(account: TinyAccount, azure: TinyArm) -> None:
    azure.after_put(201, Azure_AsyncOperation="{endpoint}/operations/1")
    azure.next("GET", 404)
    azure.next("GET", 200, {"status": "Failed", "error": {"code": "NoCapacity", "message": "none left"}})

    with pytest.raises(PartialFailure) as caught:
        create(account)

    assert caught.value.id == HUB_ID
    assert caught.value.reasons == ['Status=200 Code="NoCapacity" Message="none left"']
    assert caught.value.outputs["name"] == "iot"


def test_a_failed_state_without_a_reason_names_the_resource(account: TinyAccount, azure: TinyArm) -> None:
    azure.next("PUT", 201, {"properties": {"provisioningState": "Failed"}})

    with pytest.raises(PartialFailure, match=f'Code="Failed" Message="{HUB_ID} ended as Failed"'):
        create(account)


def test_a_cancelled_wait_leaves_what_was_accepted_in_the_state(account: TinyAccount, azure: TinyArm) -> None:
    azure.after_put(201, Azure_AsyncOperation="{endpoint}/operations/1")
    context = operation(HUB)
    context.cancelled.set()

    with pytest.raises(PartialFailure, match="cancelled"):
        resource(account, HUB).create(context, checked(account, HUB))


# -- life after it


def test_an_update_puts_all_inputs(account: TinyAccount, azure: TinyArm) -> None:
    id, state = create(account)
    olds, news = checked(account, HUB), checked(account, HUB, tags={"a": "b"})

    outputs = resource(account, HUB).update(operation(HUB), id, olds, news, state)

    assert outputs["tags"] == {"a": "b"}
    assert azure.resources[HUB_ID]["sku"] == {"name": "S1", "capacity": 1}


def test_an_untouched_resource_reads_as_it_was(account: TinyAccount, azure: TinyArm) -> None:
    for token in arguments():
        inputs = checked(account, token)
        id, state = resource(account, token).create(operation(token), inputs)

        assert resource(account, token).read(operation(token), id, inputs, state) == (id, inputs, state), token


def test_a_default_of_azure_is_no_drift_but_its_change_is(account: TinyAccount, azure: TinyArm) -> None:
    azure.resources[HUB_ID] = {"properties": {"features": "None"}}
    inputs = checked(account, HUB)
    _, _, state = resource(account, HUB).read(operation(HUB), HUB_ID, inputs, {"properties": {"features": "None"}})
    azure.resources[HUB_ID]["properties"] = {"features": "DeviceManagement", "hostName": "iot.azure-devices.net"}

    _, live, _ = resource(account, HUB).read(operation(HUB), HUB_ID, inputs, state)

    assert live["properties"] == {**inputs["properties"], "features": "DeviceManagement"}


def test_drift_of_one_container_keeps_what_azure_never_returns(account: TinyAccount, azure: TinyArm) -> None:
    inputs = checked(account, CONTAINERS)
    id, _ = resource(account, CONTAINERS).create(operation(CONTAINERS), inputs)
    container = azure.resources[id]["properties"]["containers"][0]["properties"]
    del container["environmentVariables"][0]["secureValue"]
    _, _, state = resource(account, CONTAINERS).read(operation(CONTAINERS), id, inputs, {"name": "ci"})
    container["image"] = "someone:else"

    _, live, _ = resource(account, CONTAINERS).read(operation(CONTAINERS), id, inputs, state)

    assert live["containers"][0]["image"] == "someone:else"
    assert live["containers"][0]["environmentVariables"] == [{"name": "KEY", "secureValue": KEY}]


def test_what_is_gone_is_gone(account: TinyAccount) -> None:
    with pytest.raises(Gone):
        resource(account, HUB).read(operation(HUB), HUB_ID, {}, {})


def test_an_import_finds_names_and_inputs(account: TinyAccount, azure: TinyArm) -> None:
    inputs = checked(account, HUB)
    id, state = create(account)

    assert resource(account, HUB).read(operation(HUB), id, {}, {}) == (id, inputs, state)


def test_an_import_of_a_foreign_id_is_refused(account: TinyAccount, azure: TinyArm) -> None:
    azure.resources["/subscriptions/s"] = {}

    with pytest.raises(ProviderError, match=r"'/subscriptions/s' is no id of iothub:IotHubResource: expected /subs"):
        resource(account, HUB).read(operation(HUB), "/subscriptions/s", {}, {})
