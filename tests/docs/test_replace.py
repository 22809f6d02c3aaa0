"""docs/replace.md is what the generator makes of the program as it is now."""

from __future__ import annotations

import pytest

from clone.root import ROOT
from tools.replace_page.effects import Effect, PlannedResource, Program, compare, in_place
from tools.replace_page.page import PAGE, page

HUB, GROUP = "azure-native:iothub:IotHubResource", "azure-native:containerinstance/v20250901:ContainerGroup"


def registered(kind: str, name: str, inputs: dict[str, object], **more: object) -> Program:
    record = {"type": kind, "name": name, "inputs": inputs, "options": {}, "property_dependencies": {}, **more}
    one = PlannedResource(record)
    return {one.key: one}


def names(effect: Effect) -> dict[str, list[str]]:
    return {
        "deleted first": [one.short for one in effect.deleted_first],
        "replaced": [one.short for one in effect.replaced],
        "updated": [one.short for one in effect.updated],
    }


@pytest.mark.slow
def test_the_page_is_what_the_generator_writes() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "python -m tools.replace_page writes it anew"


def test_the_page_is_reached_from_the_readme() -> None:
    assert f"({PAGE.relative_to(ROOT)})" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_what_the_program_asks_to_replace_is_replaced_and_the_rest_is_updated() -> None:
    asked = {"options": {"replaceOnChanges": ["containers[*].resources"]}}
    before = registered(GROUP, "g", {"containers": [{"image": "a", "resources": {"cpu": 1}}]}, **asked)
    image = registered(GROUP, "g", {"containers": [{"image": "b", "resources": {"cpu": 1}}]}, **asked)
    cpu = registered(GROUP, "g", {"containers": [{"image": "a", "resources": {"cpu": 2}}]}, **asked)

    assert names(compare(before, image)) == {"deleted first": [], "replaced": [], "updated": ["ContainerGroup"]}
    assert names(compare(before, cpu)) == {"deleted first": ["ContainerGroup"], "replaced": [], "updated": []}


def test_what_cannot_stay_without_a_deleted_resource_goes_with_it() -> None:
    device = registered(
        "mledge:iothub:DeviceIdentity",
        "d",
        {"hubHost": "hub", "deviceId": "d", "tags": {}},
        property_dependencies={"hubHost": [f"{HUB} hub"]},
    )
    tagged = registered(
        "mledge:iothub:DeviceIdentity",
        "t",
        {"hubHost": "other", "deviceId": "t", "tags": {}},
        property_dependencies={"tags": [f"{HUB} hub"]},
    )
    old, new = ({**registered(HUB, "hub", {"location": place}), **device, **tagged} for place in ("a", "b"))

    assert names(compare(old, new))["deleted first"] == ["IotHubResource", "DeviceIdentity"]


def test_an_input_is_in_place_by_the_shortest_path_that_holds_nothing_fixed() -> None:
    inputs = {"tags": {"a": 1}, "containers": [{"name": "x", "image": "i"}], "sku": {"name": "S1"}, "location": "w"}

    assert in_place(inputs, ["location", "containers[*].name"]) == ["containers[*].image", "sku", "tags"]
