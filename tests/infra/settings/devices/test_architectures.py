"""No manifest brings an image to a device whose processor it is not for: drawn configurations against a plain rule."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dryrun import engine_config
from edge.layers import catalogue
from edge.manifest import Images, Layer, LayerContent, Module, Needs, merge
from infra.architectures import check_architectures
from infra.published import Unanswered
from infra.settings.checks import check
from infra.settings.layers import PlannedLayer, on_device, plan, twin
from infra.settings.load import SettingsError, load
from infra.settings.tree import Settings
from infra.settings.wording import refused
from tests.infra.settings.good import DEVICE, GOOD, LAYER, changed

DIGEST = f"@sha256:{'d' * 64}"
FOR: Mapping[str, frozenset[str]] = {
    f"cr.example/amd{DIGEST}": frozenset({"amd64"}),
    f"cr.example/arm{DIGEST}": frozenset({"arm64"}),
    f"cr.example/both{DIGEST}": frozenset({"amd64", "arm64", "arm"}),
    f"cr.example/windows{DIGEST}": frozenset(),
}
SILENT, TAG = f"cr.example/silent{DIGEST}", "cr.example/tag:1"
BUILT = "built"


def ask(image: str) -> frozenset[str]:
    if image not in FOR:
        raise Unanswered("cr.example answers 401 to who has no credentials")
    return FOR[image]


def refusals(settings: Settings, layers: Mapping[str, Layer[Any]], answers: Any = ask) -> list[str]:
    try:
        check_architectures(settings, check(settings, {**catalogue(), **layers}), answers)
    except SettingsError as refusal:
        return [str(problem) for problem in refusal.problems]
    return []


def layer_of(name: str, image: str) -> Layer[Any]:
    """One module, of an image that is built here or named by the layer's own code."""
    built = image == BUILT

    def content(images: Images, settings: object) -> LayerContent:
        return LayerContent(modules={name: Module(image=images["sensor"] if built else image)}, routes={})

    empty = catalogue()["anomaly"].settings
    return Layer(settings=empty, needs=lambda _: Needs(images=("sensor",) if built else ()), content=content)


# as often built here as not
IMAGES = st.one_of(st.just(BUILT), st.sampled_from([SILENT, TAG, *FOR]))
CONDITIONS = st.sampled_from(["*", "tags.model = 'a'", "NOT tags.model = 'a'", "deviceId = 'd0'"])
DEVICES = st.lists(st.tuples(st.sampled_from(["amd64", "arm64"]), st.sampled_from(["a", "b"])), min_size=1, max_size=3)


@given(devices=DEVICES, drawn=st.lists(st.tuples(IMAGES, CONDITIONS), min_size=1, max_size=2))
def test_what_is_let_through_brings_every_device_images_of_its_processor(
    devices: list[tuple[str, str]], drawn: list[tuple[str, str]]
) -> None:
    names = [f"layer_{index}" for index in range(len(drawn))]
    made = {name: layer_of(name, image) for name, (image, _) in zip(names, drawn, strict=True)}
    entries = [
        {"name": name, "priority": 20 + 10 * index, "targetCondition": condition}
        for index, (name, (_, condition)) in enumerate(zip(names, drawn, strict=True))
    ]
    config = {
        **GOOD,
        "edgeway:layers": entries,
        "edgeway:devices": [
            {"id": f"d{index}", "arch": arch, "tags": {"model": tag}} for index, (arch, tag) in enumerate(devices)
        ],
    }
    settings = load(engine_config(config))
    planned = plan(settings, made)
    brought = [(device.arch, sent(settings, index, planned)) for index, device in enumerate(settings.devices)]
    # a layer that amd64 devices alone get is not asked about: nothing of it is new
    mixed = {name for arch, layers in brought if arch != "amd64" for name in layers}
    wrong = [
        name for arch, layers in brought for name, image in layers.items() if name in mixed and not right(image, arch)
    ]

    assert bool(refusals(settings, made)) == bool(wrong)


def sent(settings: Settings, index: int, planned: list[PlannedLayer]) -> dict[str, str]:
    """Module -> image, as the hub merges what targets the device; it knows nothing of processors."""
    built = {"sensor": BUILT}
    configurations = [
        {
            "id": layer.deployment,
            "priority": layer.priority,
            "targetCondition": layer.target_condition,
            "createdTimeUtc": "2026-01-01T00:00:00Z",
            "content": {"modulesContent": layer.content(built)},
        }
        for layer in on_device(twin(settings, index), planned)
    ]
    device = {**twin(settings, index), "capabilities": {"iotEdge": True}}
    base = {"id": "base", "priority": 10, "targetCondition": "*", "createdTimeUtc": "2026-01-01T00:00:00Z"}
    content = {"$edgeAgent": {"properties.desired": {"modules": {}}}, "$edgeHub": {"properties.desired": {}}}
    merged = merge([{**base, "content": {"modulesContent": content}}, *configurations], device)
    return {name: str(module["settings"]["image"]) for name, module in merged.modules.items()}


def right(image: str, arch: str) -> bool:
    return arch == "amd64" if image == BUILT else arch in FOR.get(image, ())


@pytest.mark.parametrize(
    ("image", "told"),
    [
        (f"cr.example/both{DIGEST}", None),
        (f"cr.example/arm{DIGEST}", None),
        (f"cr.example/amd{DIGEST}", "an image for arm64, as edge-01 is; this one is for amd64"),
        (f"cr.example/windows{DIGEST}", "an image for arm64, as edge-01 is; this one is for none of Linux"),
        (
            SILENT,
            "an image that says which processor it is for, and cr.example answers 401 to who has no credentials; a "
            "device could not pull it either",
        ),
        (TAG, "a @sha256:... reference where a device of arm64 gets it: a tag can be anything"),
    ],
)
def test_images_built_elsewhere_go_to_a_device_that_they_are_for(image: str, told: str | None) -> None:
    named = {"sensorImage": image, "scorerImage": f"cr.example/arm{DIGEST}"}
    settings = load(changed(((*DEVICE, "arch"), "arm64"), ((*LAYER, "settings"), named)))

    said = refusals(settings, {})

    key = "edgeway:layers[0].settings.sensorImage"
    assert said == ([] if told is None else [f"{key}: {refused(key, image, told).value} is refused; allowed: {told}"])


def test_no_registry_is_asked_where_every_device_is_amd64() -> None:
    settings = load(changed(((*LAYER, "settings"), {"sensorImage": TAG})))

    def never(image: str) -> frozenset[str]:
        raise AssertionError(image)

    assert refusals(settings, {}, never) == []


def test_the_devices_of_the_local_stack_have_this_machines_processor() -> None:
    settings = load(changed(((*DEVICE, "arch"), "arm64"), (("edgeway:environment",), "local")))

    (told,) = refusals(settings, {})
    assert told.endswith("allowed: amd64 on the stack local: its devices run on this machine")
