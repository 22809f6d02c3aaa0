"""The strict mocks themselves: each thing that they are to refuse is refused."""

from __future__ import annotations

from typing import Any

import pytest
from pulumi.runtime import mocks
from pulumi.runtime.proto import resource_pb2

from dryrun.input_names import problems
from dryrun.strict import RecordingMonitor, StrictMocks
from dryrun.wire import UNKNOWN

GROUP = "azure-native:resources:ResourceGroup"
GOOD = {"resourceGroupName": "rg-edgeway-dev-a1b2c3", "location": "westeurope", "tags": {"project": "edgeway"}}
HUB = {
    "resourceName": "iot-edgeway-dev-a1b2c3",
    "resourceGroupName": "rg",
    "location": "westeurope",
    "tags": {},
    "identity": {"type": "SystemAssigned"},
    "sku": {"name": "S1"},
    "properties": {"minTlsVersion": "1.2"},
}


def request(inputs: dict[str, Any], **options: Any) -> resource_pb2.RegisterResourceRequest:
    message = resource_pb2.RegisterResourceRequest(type=GROUP, name="rg", custom=True, **options)
    message.object.update(inputs)
    return message


def monitor(*, preview: bool = False) -> RecordingMonitor:
    return RecordingMonitor(StrictMocks(preview=preview))


def test_a_good_resource_is_recorded_with_its_options() -> None:
    strict = monitor()

    strict.RegisterResource(request(GOOD, protect=True, replaceOnChanges=["location"]))

    (found,) = strict.registered.values()
    assert found.options == {"protect": True, "replaceOnChanges": ["location"]}


def test_the_same_urn_twice_is_refused() -> None:
    strict = monitor()
    strict.RegisterResource(request(GOOD))

    with pytest.raises(AssertionError, match="duplicate resource URN"):
        strict.RegisterResource(request(GOOD))


def test_an_invoke_that_lists_keys_is_refused() -> None:
    call = mocks.MockCallArgs(token="azure-native:iothub:listIotHubResourceKeys", args={}, provider="")

    with pytest.raises(AssertionError, match="no key is listed"):
        StrictMocks(preview=True).call(call)


@pytest.mark.parametrize(
    ("kind", "inputs", "problem"),
    [
        (GROUP, {**GOOD, "resourceGroupName": "rg edgeway"}, "resourceGroupName 'rg edgeway' does not match"),
        (GROUP, {key: value for key, value in GOOD.items() if key != "location"}, "location is missing"),
        (GROUP, {**GOOD, "locaton": "westeurope"}, "locaton is not expected"),
        ("azure-native:iothub:IotHubResource", {**HUB, "sku": {"name": "NOT-A-SKU"}}, "sku.name 'NOT-A-SKU'"),
        ("azure-native:iothub:IotHubResource", {**HUB, "resourceName": "iot-edgeway-"}, "resourceName 'iot-edgeway-'"),
        ("azure-native:network:LoadBalancer", {}, "the strict mock knows no inputs of this type"),
        (
            "azure-native:keyvault/v20260201:Vault",
            {**GOOD, "vaultName": "kv-edgeway--a1b2c3", "properties": {}},
            "vaultName 'kv-edgeway--a1b2c3'",
        ),
    ],
)
def test_what_azure_refuses_is_refused(kind: str, inputs: dict[str, Any], problem: str) -> None:
    assert any(found.startswith(problem) for found in problems(kind, inputs, previewing=False))


def test_good_inputs_have_no_problem() -> None:
    assert problems(GROUP, GOOD, previewing=False) == []
    assert problems("azure-native:iothub:IotHubResource", HUB, previewing=False) == []


def test_an_unknown_value_passes_in_a_preview_only() -> None:
    unknown = {**GOOD, "resourceGroupName": UNKNOWN}

    assert problems(GROUP, unknown, previewing=True) == []
    assert problems(GROUP, unknown, previewing=False) != []
