"""The bodies of the ARM resources, as they go over the wire, read back by Microsoft's own models: nothing is lost.

A property that the models do not know is spelt wrong, lies at the wrong place, or is newer than the models.
"""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from dryrun import KUBERNETES_STACK, MACHINE_STACK, ONLINE_STACK, STACKS, Plan, azure_token
from standin.plugin import mapping
from standin.plugin.kinds import BY_TOKEN

pytestmark = pytest.mark.slow


def read_back(token: str, body: dict[str, Any]) -> Any:
    """What the model understood, as it would send it itself."""
    module, _, name = BY_TOKEN[token].model.partition(":")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # azure-ai-ml is older than the marshmallow it imports
        model = getattr(importlib.import_module(module), name)
    if hasattr(model, "deserialize"):
        return model.deserialize(body).serialize(keep_readonly=True)
    return _declared(model(body))


def _declared(value: Any) -> Any:
    """The fields that a model of the newer make declares; it keeps all others too, unread."""
    fields = getattr(type(value), "_attr_to_rest_field", None)
    if fields is None:
        return [_declared(item) for item in value] if isinstance(value, list) else value
    found = {}
    for attribute, field in fields.items():
        if (name := field._rest_name) in value:
            item = getattr(value, attribute)
            # a duration or an enumeration as it was sent
            is_tree = isinstance(item, list | dict) or hasattr(type(item), "_attr_to_rest_field")
            found[name] = _declared(item) if is_tree else value[name]
    return found


def lost(sent: Any, understood: Any, path: str = "") -> Iterator[str]:
    if isinstance(sent, dict):
        for key, value in sent.items():
            place = f"{path}.{key}".lstrip(".")
            if not isinstance(understood, dict) or key not in understood:
                yield place
            else:
                yield from lost(value, understood[key], place)
    elif isinstance(sent, list):
        if not isinstance(understood, list) or len(sent) != len(understood):
            yield path
        else:
            for index, (one, other) in enumerate(zip(sent, understood, strict=True)):
                yield from lost(one, other, f"{path}[{index}]")
    elif understood != sent:
        yield f"{path}: sent {sent!r}, understood {understood!r}"


@pytest.mark.parametrize("stack", [*STACKS, ONLINE_STACK, KUBERNETES_STACK, MACHINE_STACK])
def test_microsofts_models_understand_all_of_every_body(planned: Callable[[str, str], Plan], stack: str) -> None:
    sent = [one for one in planned(stack, "up")["resources"] if one["type"].startswith("azure-native:")]
    assert len(sent) > 20

    found = {}
    for one in sent:
        token = azure_token(one["type"])
        body = mapping.body(token, one["inputs"], BY_TOKEN[token].params)
        if gone := list(lost(body, read_back(token, body))):
            found[f"{one['type']} {one['name']}"] = gone

    assert found == {}


@pytest.mark.parametrize("stack", [*STACKS, ONLINE_STACK, KUBERNETES_STACK, MACHINE_STACK])
def test_required_properties_and_enumerations_of_azure_native_are_kept(
    planned: Callable[[str, str], Plan], stack: str
) -> None:
    for one in planned(stack, "up")["resources"]:
        if one["type"].startswith("azure-native:"):
            assert mapping.check(azure_token(one["type"]), one["inputs"]) == [], one["name"]


@pytest.mark.parametrize(
    ("token", "body", "gone"),
    [
        ("storage:StorageAccount", {"properties": {"allowSharedKeys": False}}, "properties.allowSharedKeys"),
        ("keyvault:Vault", {"properties": {"enableRbac": True}}, "properties.enableRbac"),
        ("iothub:IotHubResource", {"minTlsVersion": "1.2"}, "minTlsVersion"),
        (
            "containerinstance:ContainerGroup",
            {"properties": {"containers": [{"name": "c", "properties": {"image": "i", "livenessprobe": {}}}]}},
            "properties.containers[0].properties.livenessprobe",
        ),
    ],
)
def test_a_property_that_no_model_knows_is_told(token: str, body: dict[str, Any], gone: str) -> None:
    assert list(lost(body, read_back(token, body))) == [gone]
